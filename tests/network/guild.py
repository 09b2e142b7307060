"""A guild of jewellers on a network of its own: the service as an operator runs it, and people.

::

    lease + people ──▶ goudwacht.yaml ──▶ bridge.command_line.run.service ──▶ homeserver
                                                                                  ▲
    anna, bas (one region) · cas (another) · mia, max · olga · piet ── clients ───┘

A test says what one of them types, and waits for what others read. Several tests share one
guild: each speaks of its own report, told from others by a :func:`word` that stands in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import re
import sqlite3
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from appservice.database import Database, metadata
from appservice.homeserver import Homeserver
from appservice.ids import RoomID, UserID
from appservice.service import Service
from bridge.command_line.run import service
from bridge.configuration import Configuration, load
from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease
from tests.harness.people import Person
from tests.harness.reader import Reader
from tests.harness.synapse import Synapse
from tests.harness.timeline import Seen

HERE, ELSEWHERE = "midden-nederland", "amsterdam"
"""The region of most people here, with police; and another, without."""

SHOP = "Juwelier Zilverberg"
"""Anna's: nobody but the moderators may ever read it."""

SECRET = "a secret for the tests, long enough to seal with"

_REGIONS = [
    {"code": HERE, "name": "Midden-Nederland", "neighbours": [ELSEWHERE], "police": True},
    {"code": ELSEWHERE, "name": "Amsterdam", "neighbours": [HERE], "police": False},
]

_words = itertools.count(1)


def word() -> str:
    """A word that stands in no other message."""
    return f"zilverling{next(_words)}q"


@dataclass(frozen=True)
class Sent:
    """A report that waits for a moderator."""

    number: int
    word: str
    card: Seen


@dataclass(frozen=True)
class Cast:
    """Who takes part; the names are the same in every test."""

    anna: Person
    """A jeweller; most reports are hers."""
    bas: Person
    """A jeweller in the same region, who reads English."""
    cas: Person
    """A jeweller in another region."""
    mia: Person
    """A moderator."""
    max: Person
    """A moderator."""
    olga: Person
    """A jeweller who is a moderator too."""
    piet: Person
    """A police officer."""

    @classmethod
    async def arrive(cls, person: PersonFactory) -> Cast:
        names = ("anna", "bas", "cas", "mia", "max", "olga", "piet")
        return cls(*await asyncio.gather(*(person(name) for name in names)))

    @property
    def everyone(self) -> tuple[Person, ...]:
        return (self.anna, self.bas, self.cas, self.mia, self.max, self.olga, self.piet)


def people(
    *,
    members: Iterable[tuple[Reader, str, dict[str, str]]],
    moderators: Iterable[Reader],
    liaisons: Iterable[Reader] = (),
) -> dict[str, Any]:
    """The part of goudwacht.yaml that says who takes part."""
    return {
        "moderators": [str(one.user_id) for one in moderators],
        "members": [
            {"user": str(one.user_id), "region": region, **more} for one, region, more in members
        ],
        "liaisons": [{"user": str(one.user_id), "region": HERE} for one in liaisons],
    }


def everyone(cast: Cast) -> dict[str, Any]:
    """What goudwacht.yaml says of a cast."""
    return people(
        members=[
            (cast.anna, HERE, {"shop": SHOP}),
            (cast.bas, HERE, {"language": "en"}),
            (cast.cas, ELSEWHERE, {}),
            (cast.olga, HERE, {"shop": "Juwelier Olga"}),
        ],
        moderators=[cast.mia, cast.max, cast.olga],
        liaisons=[cast.piet],
    )


class Log(logging.Handler):
    """What the service has logged at level info and above, over all its starts."""

    _NAMES = ("appservice", "bridge", "aiohttp", "asyncio")

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def listen(self) -> None:
        for name in self._NAMES:
            logging.getLogger(name).addHandler(self)
            logging.getLogger(name).setLevel(logging.INFO)

    def leave(self) -> None:
        for name in self._NAMES:
            logging.getLogger(name).removeHandler(self)
            logging.getLogger(name).setLevel(logging.NOTSET)


class Network:
    """The service, over all its starts, and the names of its rooms.

    Args:
        synapse: its homeserver.
        lease: the registration it runs on.
        directory: for its configuration, and for its database where that is SQLite.
        database_url: of an empty database; a file in ``directory`` when not given.
    """

    def __init__(
        self,
        synapse: Synapse,
        lease: AppserviceLease,
        directory: Path,
        database_url: str | None = None,
    ) -> None:
        self.synapse = synapse
        self.lease = lease
        self.bot: UserID = lease.bot
        self.name = f"Goudwacht {lease.id}"
        self.directory = directory
        self._database_url = database_url or "sqlite+aiosqlite:///goudwacht.db"
        self.log = Log()
        self._settings: dict[str, Any] = {}
        self._database: Database | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, **settings: Any) -> None:
        """Start with these sections of goudwacht.yaml changed for good; return when ready."""
        self._settings |= settings
        self.log.listen()
        configuration = self._configuration()
        self._database = Database(configuration.database.url)
        # The tables as they are declared; that migrations make the same is shown elsewhere.
        async with self._database.begin() as work:
            await work.run_sync(metadata.create_all)
        running = service(configuration, self._database)
        self._task = asyncio.create_task(running.run())
        await self._until_ready(running, self._task)
        await self._until_recovered()

    async def stop(self) -> None:
        """Stop at whatever point it has come to; what ended it before is raised here."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._database is not None:
            await self._database.close()
            self._database = None
        self.log.leave()

    async def restart(self, **settings: Any) -> None:
        """Stop and start, with sections of goudwacht.yaml changed if given."""
        await self.stop()
        await self.start(**settings)

    async def ask(self, method: str, *path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask the homeserver something as the bot; ``path`` begins behind ``v3``."""
        homeserver = Homeserver(self.lease.homeserver, self.lease.as_token, self.bot)
        try:
            return await homeserver.call(method, "v3", *path, body=body)
        finally:
            await homeserver.close()

    async def delivered(
        self, sender: UserID, room: RoomID, kind: str, content: Mapping[str, Any]
    ) -> None:
        """Have the homeserver's part send an event that a homeserver of good faith would not.

        Goes in at the door with the homeserver's own token, as what other homeservers make up
        does: ours passes it on.
        """
        event = {
            "event_id": f"${uuid.uuid4().hex}",
            "room_id": room,
            "sender": sender,
            "type": kind,
            "content": content,
            "origin_server_ts": int(time.time() * 1000),
        }
        url = f"{self.lease.address}/_matrix/app/v1/transactions/{uuid.uuid4().hex}"
        headers = {"Authorization": f"Bearer {self.lease.hs_token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.put(url, json={"events": [event]}) as answer,
        ):
            assert answer.status == 200, await answer.text()

    async def identity(self) -> object:
        """The bot's device and cross-signing keys, by the word of the homeserver."""
        known = await self.ask("POST", "keys", "query", body={"device_keys": {self.bot: []}})
        devices = {name: keys["keys"] for name, keys in known["device_keys"][self.bot].items()}
        return devices, known["master_keys"][self.bot]["keys"]

    async def private(self, who: Reader, language: str = "nl") -> RoomID:
        """Somebody's room with the bot, once they are in it."""
        name = {"nl": "melden", "en": "report"}[language]
        return await who.room_named(f"{self.name}: {name}")

    async def review(self, who: Reader) -> RoomID:
        return await who.room_named(f"{self.name}: beoordeling")

    async def alerts(self, who: Reader, region: str = "Midden-Nederland") -> RoomID:
        return await who.room_named(f"{self.name}: waarschuwingen {region}")

    async def police(self, who: Reader, region: str = "Midden-Nederland") -> RoomID:
        return await who.room_named(f"{self.name}: politie {region}")

    async def space(self, who: Reader) -> RoomID:
        return await who.room_named(self.name, space=True)

    def _configuration(self) -> Configuration:
        path = self.directory / "goudwacht.yaml"
        written = {
            "homeserver": {"url": self.lease.homeserver, "name": self.lease.server_name},
            "door": {"port": self.lease.port, "address": self.lease.address},
            "bot": {"localpart": self.lease.bot_localpart},
            "registration": str(self.lease.registration_path),
            "database": {"url": self._database_url, "secret": SECRET},
            "network": {"name": self.name},
            "regions": _REGIONS,
            **self._settings,
        }
        path.write_text(yaml.safe_dump(written, allow_unicode=True))
        return load(path)

    async def _until_ready(self, running: Service, task: asyncio.Task[None]) -> None:
        ready = asyncio.create_task(running.ready.wait())
        try:
            async with asyncio.timeout(60):
                await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if task.done():
            await task

    async def _until_recovered(self) -> None:
        """Wait until the homeserver has sent what it kept.

        Synapse 1.163.2 may keep a transaction that it makes in the last moment of a recovery
        until the next one (appservice/scheduler.py: state is read before it is stored).
        """
        database = sqlite3.connect(f"file:{self.synapse.database}?mode=ro", uri=True, timeout=30)
        with contextlib.closing(database), contextlib.closing(database.cursor()) as cursor:
            async with asyncio.timeout(60):
                # Another program's database tells no news.
                while cursor.execute(_RECOVERING, {"service": self.lease.id}).fetchone():  # noqa: ASYNC110
                    await asyncio.sleep(0.02)


_RECOVERING = """
SELECT 1 FROM application_services_txns WHERE as_id = :service
UNION SELECT 1 FROM application_services_state WHERE as_id = :service AND state = 'down'
"""


class Guild:
    """A running network with its whole cast in their rooms."""

    def __init__(self, network: Network, cast: Cast) -> None:
        self.network = network
        self.cast = cast

    async def gather(self) -> None:
        """Start the service, and wait until everyone is where they belong."""
        cast, network = self.cast, self.network
        await network.start(**everyone(cast))
        self.anna_private = await network.private(cast.anna)
        self.bas_private = await network.private(cast.bas, "en")
        self.cas_private = await network.private(cast.cas)
        self.olga_private = await network.private(cast.olga)
        self.review = await network.review(cast.mia)
        self.alerts = await network.alerts(cast.anna)
        self.alerts_elsewhere = await network.alerts(cast.cas, "Amsterdam")
        self.police = await network.police(cast.piet)
        for moderator in (cast.max, cast.olga):
            await network.review(moderator)
        for member in (cast.bas, cast.olga):
            await network.alerts(member)
        for member in (cast.anna, cast.bas, cast.cas, cast.olga):
            await member.reads(re.compile("Welkom bij|Welcome to"))

    async def submitted(self, *lines: str) -> Sent:
        """A report of Anna's, sent; ``lines`` are added to it."""
        own = word()
        await self.cast.anna.say(self.anna_private, report(own, *lines))
        await self.cast.anna.reads(own, self.anna_private)
        return await self.send(self.cast.anna, self.anna_private, own)

    async def send(self, who: Reader, room: RoomID, own: str) -> Sent:
        """Send the draft in somebody's room; ``own`` is a word in it."""
        assert isinstance(who, Person)
        await who.say(room, "!verstuur")
        card = await self.cast.mia.reads(own, self.review)
        return Sent(number_in(card), own, card)

    async def published(self, *lines: str) -> Sent:
        """A report that everyone has read: members of both regions, and the police."""
        sent = await self.submitted(*lines)
        await self.cast.mia.say(self.review, f"!ok #{sent.number} landelijk +politie")
        for who, room in (
            (self.cast.anna, self.alerts),
            (self.cast.bas, self.alerts),
            (self.cast.olga, self.alerts),
            (self.cast.cas, self.alerts_elsewhere),
            (self.cast.piet, self.police),
        ):
            await who.reads(sent.word, room)
        return sent

    async def quiet(self) -> None:
        """Wait until everything that was on its way to anyone, in any room, has been read.

        Each room's messages go out in order: who reads a later one has read the earlier ones.
        """
        later = await self.published()
        cast = self.cast
        for member, room in (
            (cast.bas, self.bas_private),
            (cast.cas, self.cas_private),
            (cast.olga, self.olga_private),
        ):
            own = word()
            await member.say(room, f"!{own}")
            await member.reads(answer_to(self.network.bot, own), room)
        await cast.anna.reads(f"#{later.number}", self.anna_private)
        await cast.mia.reads(edit_of(later.card), self.review)

    def heard(self, own: str, *, but_in: Sequence[RoomID] = ()) -> list[Seen]:
        """Every event with a word of a report in it, whoever read it, but in these rooms."""
        return [
            seen
            for who in self.cast.everyone
            for seen in who.timeline()
            if seen.room_id not in but_in and own in str(seen.content)
        ]

    def shared(self) -> list[Seen]:
        """Everything the bot said in the alert rooms and the liaison room, by all who read it."""
        rooms = (self.alerts, self.alerts_elsewhere, self.police)
        return [
            seen
            for who in self.cast.everyone
            for seen in who.timeline()
            if seen.room_id in rooms
            and seen.sender == self.network.bot
            and seen.type == "m.room.message"
        ]

    def said_in(self, who: Reader, room: RoomID, own: str) -> list[Seen]:
        """The bot's messages in one room with a word in them, as one person read them; no edits."""
        return [
            seen
            for seen in who.timeline(room)
            if seen.sender == self.network.bot and own in seen.body and seen.edits is None
        ]


def report(own: str, *lines: str) -> str:
    """A report as a member types it, with all that it needs."""
    needed = ["!melding inbraak", "plaats: Utrecht", "tijd: zojuist", f"mo: deur open, {own}"]
    return "\n".join([*needed, *lines])


def number_in(seen: Seen) -> int:
    """The first number of a report in a message."""
    found = re.search(r"#(\d+)", seen.body)
    assert found is not None, seen.body
    return int(found[1])


def edit_of(original: Seen) -> Any:
    """Asks of an event whether it edits another."""
    return lambda seen: seen.edits == original.event_id


def answer_to(bot: UserID, own: str) -> Any:
    """Asks of an event whether the bot said this word in it."""
    return lambda seen: seen.sender == bot and own in seen.body


def reply_to(event_id: str) -> Any:
    """Asks of an event whether it answers another."""

    def answers(seen: Seen) -> bool:
        relation = seen.content.get("m.relates_to")
        relation = relation if isinstance(relation, dict) else {}
        return (relation.get("m.in_reply_to") or {}).get("event_id") == event_id

    return answers
