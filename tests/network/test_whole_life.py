"""The whole life of a report over a real homeserver: what is left when everything had its time.

::

    clients type ─▶ report, question, answer, alert, tip, update, officer, outcome, draft, refusal
        (over restarts: once)         │ the clock goes past every term, `goudwacht purge`
                                      ▼
    homeserver: every message is empty, for who asks it anew    files: no key, nothing it opened

What stands in a client that has read it is out of reach (PRIVACY.md, "What cannot be undone"). That
every word is gone where nothing is sealed at all is shown without a homeserver
(tests/unit/test_whole_life.py).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio

from appservice.database import Database
from appservice.ids import RoomID
from appservice.vault import Vault, VaultError, purpose_of
from bridge.command_line.purge import purged
from tests.conftest import PersonFactory
from tests.harness.device import quoted
from tests.harness.homes import Home
from tests.harness.people import Person
from tests.network.guild import SHOP, number_in, people, report, word
from tests.network.network import HERE, SECRET, Network

TERM = timedelta(days=1_000)
"""Longer than anything is kept."""

_SAID = frozenset({"m.room.encrypted", "m.room.message", "m.sticker"})


@dataclass
class Life:
    """A network of four, on SQLite, and what was said in it."""

    people: PersonFactory
    network: Network
    anna: Person
    bas: Person
    mia: Person
    piet: Person
    words: list[str] = field(default_factory=list, init=False)

    @property
    def everyone(self) -> tuple[Person, ...]:
        return (self.anna, self.bas, self.mia, self.piet)

    def word(self) -> str:
        """A word that is typed nowhere else; nothing may be left of it."""
        self.words.append(word())
        return self.words[-1]

    async def begin(self) -> None:
        network = self.network
        members = [(self.anna, HERE, {"shop": SHOP}), (self.bas, HERE, {})]
        regions = [{"code": HERE, "name": "Midden-Nederland", "police": True}]
        everyone = people(members=members, moderators=[self.mia], liaisons=[self.piet])
        await network.start(**everyone, regions=regions)
        self.at_anna = await network.private(self.anna)
        self.at_bas = await network.private(self.bas)
        self.review = await network.review(self.mia)
        self.alerts = await network.alerts(self.anna)
        await network.alerts(self.bas)
        self.police = await network.police(self.piet)
        self.rooms: Mapping[RoomID, Person] = {
            self.at_anna: self.anna,
            self.at_bas: self.bas,
            self.review: self.mia,
            self.alerts: self.bas,
            self.police: self.piet,
        }

    async def is_lived(self) -> None:
        """Everything that can be said of a report, and of another that is refused."""
        anna, bas, mia, piet = self.everyone
        number, own = await self._sent(edited=True)
        asked, answer, tip, news = self.word(), self.word(), self.word(), self.word()
        question, outcome, why, draft = self.word(), self.word(), self.word(), self.word()

        await mia.say(self.review, f"!vraag #{number} zag je een {asked}?")
        await anna.reads(asked, self.at_anna)
        await anna.say(self.at_anna, f"ja, een {answer}")
        await self.network.restart()
        await mia.reads(answer, self.review)
        await mia.say(self.review, f"!ok #{number} +politie")
        await self.network.restart()
        await bas.reads(own, self.alerts)
        await piet.reads(own, self.police)
        await bas.say(self.at_bas, f"!tip #{number} ik zag een {tip}")
        await mia.reads(tip, self.review)
        await mia.say(self.review, f"!update #{number} er is een {news}")
        await bas.reads(news, self.alerts)
        await piet.say(self.police, f"!vraag #{number} was er een {question}?")
        await mia.reads(question, self.review)
        await mia.say(self.review, f"!afloop #{number} gevonden: een {outcome}")
        await self.network.restart()
        await bas.reads(outcome, self.at_bas)
        other, _ = await self._sent(edited=False)
        await mia.say(self.review, f"!nee #{other} {why}")
        await anna.reads(why, self.at_anna)
        await anna.say(self.at_anna, report(draft))
        await anna.reads(
            lambda seen: seen.sender != anna.user_id and draft in seen.body, self.at_anna
        )
        await self.network.idle()
        self.times_said = [
            self._times(who, room, own)
            for who, room, own in (
                (anna, self.at_anna, asked),
                (mia, self.review, own),
                (mia, self.review, answer),
                (bas, self.alerts, own),
                (piet, self.police, own),
                (bas, self.at_bas, outcome),
            )
        ]

    def _times(self, who: Person, room: RoomID, own: str) -> int:
        """How many messages of the bot with a word in them somebody read; no edits."""
        return sum(
            own in seen.body and seen.sender == self.network.bot and seen.edits is None
            for seen in who.timeline(room)
        )

    async def _sent(self, *, edited: bool) -> tuple[int, str]:
        """A report of Anna's with the moderators: its number, and a word in it."""
        own, bot = self.word(), self.network.bot
        said = await self.anna.say(self.at_anna, report(own))
        await self.anna.reads(lambda seen: seen.sender == bot and own in seen.body)
        if edited:
            more = self.word()
            await self.anna.edit(self.at_anna, said, report(f"{own} {more}"))
            await self.anna.reads(lambda seen: seen.sender == bot and more in seen.body)
        await self.anna.say(self.at_anna, "!verstuur")
        card = await self.mia.reads(own, self.review)
        await self.anna.reads(f"#{number_in(card)} is bij", self.at_anna)
        return number_in(card), own

    async def is_over(self) -> None:
        """Let every term pass, and wait until the rooms are empty for who was there."""
        await self.network.idle()
        said = {who: self._read_by(who) for who in self.everyone}
        self.events = {(seen.room_id, seen.event_id) for each in said.values() for seen in each}
        self.before, self.files_before = await self.sealed(), self.files()
        self.ended_at = time.time() * 1000
        configuration = self.network.configuration
        database = Database(configuration.database.url)
        await purged(configuration, database, datetime.now(UTC) + TERM)
        await database.close()
        # Whatever is handled makes the service look for what it has to redact.
        await self.mia.say(self.review, "!open")
        for who, each in said.items():
            await who.until(
                lambda who=who, each=each: (
                    all(who.text_of(one.event_id) is None for one in each)  # type: ignore[misc]
                    or None
                ),
                "to see everything redacted",
                timeout=60,
            )

    def _read_by(self, who: Person) -> Sequence[Any]:
        return [
            seen for seen in who.timeline() if seen.room_id in self.rooms and seen.type in _SAID
        ]

    async def sealed(self) -> Mapping[bytes, str]:
        """Every sealed value, and what the secret opens of it."""
        vault, found = Vault(SECRET), {}
        for value in await self.network.values():
            if isinstance(value, bytes):
                try:
                    found[value] = vault.open(value, purpose_of(value)).decode(errors="replace")
                except VaultError:
                    found[value] = ""
        return found

    def words_in(self, text: str) -> list[str]:
        """Which of the words stand in a text."""
        return [one for one in self.words if one in text]

    def files(self) -> bytes:
        """The database's files, whatever stands in them."""
        return b"".join(path.read_bytes() for path in self.network.directory.glob("goudwacht.db*"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def life(home: Home, run_directory: Path) -> AsyncIterator[Life]:
    """A life that is over."""
    lease = home.lease()
    directory = run_directory / f"network {lease.id}"
    directory.mkdir()
    factory = PersonFactory(home.synapse, directory)
    # On SQLite, whatever the others are on: its files are searched.
    network = Network(home.synapse, lease, directory)
    try:
        arrived = (factory(name) for name in ("anna", "bas", "mia", "piet"))
        made = Life(factory, network, *(await asyncio.gather(*arrived)))
        await made.begin()
        await made.is_lived()
        await made.is_over()
        yield made
    finally:
        await factory.see_off()
        await network.stop()


async def test_over_restarts_everything_is_said_once(life: Life) -> None:
    assert life.times_said == [1, 1, 1, 1, 1, 1]


async def test_no_key_and_nothing_sealed_of_it_is_left_in_table_or_file(life: Life) -> None:
    after = await life.sealed()

    # Keys of reports, what they opened, and what the secret itself opened.
    gone = {value for value in life.before if value not in after}
    assert life.words_in("\n".join(life.before.values())) != []
    assert life.words_in("\n".join(after.values())) == []
    assert [value for value in life.before if value not in life.files_before] == []
    assert [value for value in gone if value in life.files()] == []
    assert life.words_in("\n".join(await life.network.stored())) == []


async def test_the_homeserver_has_nothing_of_it_for_who_asks(life: Life) -> None:
    for room, who in life.rooms.items():
        for event in (await who.call("GET", f"/rooms/{quoted(room)}/messages?dir=b&limit=1000"))[
            "chunk"
        ]:
            said = event["type"] in _SAID and event["origin_server_ts"] < life.ended_at
            assert not said or event["content"] == {}
    for room, event in life.events:
        path = f"/rooms/{quoted(room)}/context/{quoted(event)}"
        assert "ciphertext" not in json.dumps((await life.rooms[room].call("GET", path))["event"])


async def test_who_logs_in_anew_finds_nothing_of_it(life: Life) -> None:
    anew = await life.people.at_another_device(life.mia, signed_by=life.mia)
    await anew.sees_in(life.review, life.mia.user_id)
    seen = [seen for seen in anew.timeline() if (seen.room_id, seen.event_id) in life.events]

    assert seen != []
    assert [one for one in seen if one.content] == []
