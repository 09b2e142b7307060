"""Fixtures: databases of both kinds, and services to run on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from appservice.database import Database, metadata
from appservice.events import Membership, MembershipChange
from appservice.service import Service  # noqa: F401 - declares every table
from tests.appservice.network import EVERYONE, REACTIONS, direct
from tests.appservice.running import Options, Running
from tests.appservice.wire import Wire
from tests.harness.leases import AppserviceLease
from tests.harness.people import Person
from tests.harness.postgres import Postgres


class Together:
    """A service, its members in their rooms, and the ids of those."""

    def __init__(self, running: Running, *members: Person) -> None:
        self.running, self.network, self.members = running, running.network, members
        self.bot = running.bot

    async def settled(self) -> None:
        """Wait until every member is in every room of theirs."""
        for member in self.members:
            own = direct(member.user_id)
            rooms = [await self.running.room(key) for key in (EVERYONE, REACTIONS, own)]
            await member.until(
                lambda member=member, rooms=rooms: (  # type: ignore[misc]
                    True if member.rooms.joined.issuperset(rooms) else None
                ),
                "to be in every room",
            )
            for room in rooms:
                await self.network.sees(
                    MembershipChange,
                    lambda change, room=room, member=member: (  # type: ignore[misc]
                        (change.room_id, change.user, change.membership)
                        == (room, member.user_id, Membership.JOIN)
                    ),
                )
        self.everyone = await self.running.room(EVERYONE)
        self.reactions = await self.running.room(REACTIONS)
        self.direct = [await self.running.room(direct(m.user_id)) for m in self.members]


class ServiceFactory:
    """Starts services, and stops in the end what still runs."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._started: list[Running] = []

    async def __call__(
        self,
        lease: AppserviceLease,
        members: Iterable[Person],
        *,
        wire: Wire | None = None,
        url: str | None = None,
        options: Options | None = None,
        start: bool = True,
    ) -> Running:
        """A service for these members on SQLite, or on the database at ``url``."""
        file = self._directory / f"{lease.id}.db"
        running = Running(
            lease,
            [member.user_id for member in members],
            url or f"sqlite+aiosqlite:///{file}",
            homeserver=None if wire is None else wire.url,
            options=options,
        )
        self._started.append(running)
        if start:
            await running.start()
        return running

    async def together(self, lease: AppserviceLease, *members: Person, **more: Any) -> Together:
        """A running service whose members are in their rooms; ``more`` as for a call."""
        together = Together(await self(lease, members, **more), *members)
        await together.settled()
        return together

    async def stop(self) -> None:
        for running in self._started:
            await running.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def service(tmp_path: Path) -> AsyncIterator[ServiceFactory]:
    """Services, one at each call; stopped after the test."""
    factory = ServiceFactory(tmp_path)
    try:
        yield factory
    finally:
        await factory.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def wire(lease: AppserviceLease) -> AsyncIterator[Wire]:
    """A line to the homeserver that can be listened to and cut."""
    line = Wire(lease.homeserver)
    await line.open()
    try:
        yield line
    finally:
        await line.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def _server(database_kind: str, request: pytest.FixtureRequest) -> Postgres | None:
    # SQLite needs no server, and a run with it alone starts none.
    server: Postgres | None = (
        None if database_kind == "sqlite" else request.getfixturevalue("postgres")
    )
    return server


@pytest_asyncio.fixture(loop_scope="session")
async def database_url(_server: Postgres | None, tmp_path: Path) -> str:
    """The address of an empty database, once on SQLite and once on PostgreSQL."""
    if _server is None:
        return f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    return await _server.fresh_database()


@pytest_asyncio.fixture(loop_scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with every table, once on SQLite and once on PostgreSQL."""
    opened = Database(database_url)
    async with opened.engine.begin() as work:
        await work.run_sync(metadata.create_all)
    try:
        yield opened
    finally:
        await opened.close()
