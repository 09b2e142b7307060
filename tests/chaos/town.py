"""Who takes part: members of three regions, moderators, a police officer; and what they stand on.

::

    directory ─▶ PostgreSQL, Synapse ─▶ people arrive ─▶ goudwacht.yaml ─▶ goudwacht run
                                                                              │
                                     everyone is in their rooms ◀─────────────┘
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import yaml

from appservice.database import Database
from appservice.ids import RoomID, UserID
from bridge import migrations
from bridge.command_line.init import CONFIGURATION_FILE, REGISTRATION_FILE, Answers, write
from tests.chaos.account import Places, View
from tests.chaos.victims import KeptService
from tests.harness.logs import amiss, lines_of
from tests.harness.people import Person
from tests.harness.postgres import Postgres
from tests.harness.processes import free_port
from tests.harness.synapse import Synapse

SERVER_NAME = "goudwacht.test"
BOT = "goudwacht"

HERE = "midden-nederland"
"""The region with police."""

REGIONS = {HERE: "Midden-Nederland", "amsterdam": "Amsterdam", "limburg": "Limburg"}
MEMBERS_PER_REGION = 2
MODERATORS = 2

_PASSWORD = "every member's password"
_GATHERING_SECONDS = 90


class Town:
    """Everything a run needs, in one directory.

    Args:
        ends: closes whatever is begun.
        directory: empty; short enough for a Unix socket in it.
    """

    def __init__(self, ends: AsyncExitStack, directory: Path) -> None:
        self._ends = ends
        self._directory = directory
        self.bot = UserID(f"@{BOT}:{SERVER_NAME}")
        self.database = Postgres(directory / "postgres")
        self.homeserver = Synapse(
            directory / "synapse",
            server_name=SERVER_NAME,
            registrations=[directory / REGISTRATION_FILE],
            at_once=True,
        )
        self.service = KeptService(directory / CONFIGURATION_FILE, directory / "service.log")
        self.database_url = ""
        self._regions = [region for region in REGIONS for _ in range(MEMBERS_PER_REGION)]
        self.members: list[Person] = []
        self.moderators: list[Person] = []
        self.officers: list[Person] = []

    @property
    def with_police(self) -> list[bool]:
        """For each member, whether the police of their region take part."""
        return [region == HERE for region in self._regions]

    @property
    def everyone(self) -> list[Person]:
        return [*self.members, *self.moderators, *self.officers]

    async def gather(self) -> None:
        """Start everything; return when everyone is in their rooms."""
        self._write_files()
        await asyncio.gather(self._start_database(), self._start_homeserver())
        async with asyncio.TaskGroup() as arriving:
            made = [
                [arriving.create_task(self._arrive(f"{kind}{n}")) for n in range(count)]
                for kind, count in (
                    ("member", len(self._regions)),
                    ("moderator", MODERATORS),
                    ("officer", 1),
                )
            ]
        self.members, self.moderators, self.officers = (
            [task.result() for task in tasks] for tasks in made
        )
        self._ends.push_async_callback(self.service.end)
        self.service.start()
        self.places = await self._places()

    def views(self) -> list[View]:
        """What everyone's client has seen so far."""
        return [
            View(
                user=one.user_id,
                rooms=frozenset(one.rooms.joined),
                seen=tuple(one.timeline()),
                text_of=one.text_of,
            )
            for one in self.everyone
        ]

    def told_in_log(self, words: Iterable[str]) -> list[str]:
        """Lines of the service's log with one of these words, a secret, or a user's id."""
        secret = yaml.safe_load((self._directory / CONFIGURATION_FILE).read_text())["database"]
        tokens = yaml.safe_load((self._directory / REGISTRATION_FILE).read_text())
        kept = {secret["secret"], tokens["as_token"], tokens["hs_token"]}
        log = lines_of(self.service.log.read_text(errors="replace"))
        return amiss(log, kept | set(words), {self.bot})

    def region_of(self, member: int) -> str:
        """The code of a member's region."""
        return self._regions[member]

    async def _start_database(self) -> None:
        self._ends.push_async_callback(self.database.stop)
        await self.database.start()
        self.database_url = await self.database.fresh_database()
        database = Database(self.database_url)
        await migrations.upgrade(database)
        await database.close()
        self._configure(database={"url": self.database_url})

    async def _start_homeserver(self) -> None:
        self._ends.push_async_callback(self.homeserver.kill)
        await self.homeserver.start()

    async def _arrive(self, localpart: str) -> Person:
        person = await Person.arrive(
            self.homeserver, localpart, _PASSWORD, self._directory / localpart
        )
        self._ends.push_async_callback(person.leave)
        return person

    async def _places(self) -> Places:
        async with asyncio.timeout(_GATHERING_SECONDS):
            private = {one.user_id: await self._in(one, "melden") for one in self.members}
            review = [await self._in(one, "beoordeling") for one in self.moderators]
            alerts = [
                (region, await self._in(one, f"waarschuwingen {REGIONS[region]}"))
                for one, region in zip(self.members, self._regions, strict=True)
            ]
            police = [await self._in(one, f"politie {REGIONS[HERE]}") for one in self.officers]
            for member in self.members:
                await member.reads(re.compile("Welkom bij"), timeout=_GATHERING_SECONDS)
        return Places(
            bot=self.bot,
            review=review[0],
            alerts=dict(alerts),
            police={HERE: police[0]},
            private=private,
        )

    async def _in(self, who: Person, name: str) -> RoomID:
        return await who.room_named(f"Goudwacht: {name}", _GATHERING_SECONDS)

    def _write_files(self) -> None:
        port = free_port()
        write(
            Answers(
                homeserver_url=self.homeserver.url,
                server_name=SERVER_NAME,
                door_address=f"http://127.0.0.1:{port}",
                door_port=port,
                bot=BOT,
            ),
            self._directory,
        )
        self._configure(
            regions=[
                {"code": code, "name": name, "police": code == HERE}
                for code, name in REGIONS.items()
            ],
            moderators=[_user(f"moderator{n}") for n in range(MODERATORS)],
            members=[
                {"user": _user(f"member{n}"), "region": region, "shop": f"Juwelier {n}"}
                for n, region in enumerate(self._regions)
            ],
            liaisons=[{"user": _user("officer0"), "region": HERE}],
            moderation={"two_moderators": []},
            reports={"most_a_minute": 1_000},
        )

    def _configure(self, **sections: Any) -> None:
        path = self._directory / CONFIGURATION_FILE
        configuration = yaml.safe_load(path.read_text())
        for name, section in sections.items():
            if isinstance(section, dict):
                section = {**configuration.get(name, {}), **section}
            configuration[name] = section
        path.write_text(yaml.safe_dump(configuration, allow_unicode=True, sort_keys=False))


def _user(localpart: str) -> UserID:
    return UserID(f"@{localpart}:{SERVER_NAME}")
