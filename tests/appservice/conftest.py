"""Fixtures: databases of both kinds, and services to run on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from appservice.database import Database, metadata
from appservice.events import Membership
from appservice.ids import RoomID
from appservice.service import Service  # noqa: F401 - declares every table
from tests.appservice.network import EVERYONE, REACTIONS, TITLES, direct
from tests.appservice.running import Options, Running
from tests.appservice.wire import Wire
from tests.conftest import PersonFactory
from tests.databases import DATABASES, Kind, kinds
from tests.harness.homes import Home
from tests.harness.leases import AppserviceLease, write_lease
from tests.harness.people import Person
from tests.harness.processes import free_port
from tests.harness.synapse import Synapse


class Together:
    """A service, its members in their rooms, and the ids of those."""

    def __init__(self, running: Running, *members: Person) -> None:
        self.running, self.network, self.members = running, running.network, members
        self.bot = running.bot

    async def settled(self) -> None:
        """Wait until every member is in every room of theirs."""
        for member in self.members:
            await self._settled(member)
        self.everyone = await self.running.room(EVERYONE)
        self.reactions = await self.running.room(REACTIONS)
        self.direct = [await self.own_room(member) for member in self.members]

    async def own_room(self, member: Person) -> RoomID:
        """The room that a member has with the bot."""
        return await self.running.room(direct(member.user_id))

    async def welcome(self, member: Person) -> None:
        """Let the first member invite another; wait until they are in every room of theirs."""
        await self.members[0].say(self.direct[0], f"invite {member.user_id}")
        await self._settled(member)

    async def dismiss(self, member: Person) -> None:
        """Let the first member remove another; wait until they are out of the room of all."""
        await self.members[0].say(self.direct[0], f"remove {member.user_id}")
        await member.removed_from(self.everyone)
        await self.network.joins_or_leaves(self.everyone, member.user_id, Membership.LEAVE)

    async def _settled(self, member: Person) -> None:
        everywhere = {f"{title} {self.running.lease.bot_localpart}" for title in TITLES}
        await member.until(
            lambda: (
                True
                if everywhere <= {member.rooms.name(room) for room in member.rooms.joined}
                else None
            ),
            "to be in every room",
        )
        for key in (EVERYONE, REACTIONS, direct(member.user_id)):
            room = await self.running.room(key)
            await self.network.joins_or_leaves(room, member.user_id, Membership.JOIN)


class ServiceFactory:
    """Starts services, and stops in the end what still runs.

    Args:
        directory: for their databases.
    """

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
        synapse: Synapse | None = None,
        start: bool = True,
    ) -> Running:
        """A service for these members on SQLite, or on the database at ``url``."""
        if url is None:
            own = self._directory / lease.id
            own.mkdir()
            url = await DATABASES.empty(own)
        running = Running(
            lease,
            [member.user_id for member in members],
            url,
            homeserver=None if wire is None else wire.url,
            options=options,
            synapse=synapse,
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


@asynccontextmanager
async def shared(home: Home, directory: Path, *names: str, **more: Any) -> AsyncIterator[Together]:
    """A service that several tests share, and its first members: others come and go.

    Args:
        home: its homeserver.
        directory: of its own.
        names: of the members.
        more: as for :meth:`ServiceFactory.together`.
    """
    people, services = PersonFactory(home.synapse, directory), ServiceFactory(directory)
    try:
        members = [await people(name) for name in names]
        yield await services.together(home.lease(), *members, synapse=home.synapse, **more)
    finally:
        await services.stop()
        await people.see_off()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(home: Home, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Together]:
    """A service that the tests of a module share."""
    async with shared(home, tmp_path_factory.mktemp("here"), "anna") as together:
        yield together


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def there(
    home: Home, database_kind: Kind, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Together]:
    """Such a service with one member, once on SQLite and once on PostgreSQL."""
    directory = tmp_path_factory.mktemp("there")
    url = await DATABASES.empty(directory, database_kind)
    async with shared(home, directory, "anna", url=url) as together:
        yield together


@pytest.fixture
def anna(here: Together) -> Person:
    """The first member of the shared service."""
    return here.members[0]


@dataclass(frozen=True)
class OtherHomeserver:
    """A homeserver that tests may kill, with a registration that knows nothing of MSC4190."""

    synapse: Synapse
    leases: Iterator[AppserviceLease]
    lease_without_msc4190: AppserviceLease
    rate_limited_lease: AppserviceLease


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def other_homeserver(run_directory: Path) -> AsyncIterator[OtherHomeserver]:
    """A second homeserver, for what the one of the run cannot be used for."""
    port, server_name, registrations = free_port(), "other.test", run_directory / "others"
    registrations.mkdir()
    leases = [
        write_lease(
            registrations,
            number,
            homeserver=f"http://127.0.0.1:{port}",
            server_name=server_name,
            msc4190=number != 1,
            rate_limited=number == 2,
        )
        for number in range(1, 9)
    ]
    synapse = Synapse(
        run_directory / "other",
        server_name=server_name,
        port=port,
        registrations=[lease.registration_path for lease in leases],
        at_once=True,
    )
    await synapse.start()
    try:
        yield OtherHomeserver(synapse, iter(leases[2:]), leases[0], leases[1])
    finally:
        await synapse.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def other_person(
    other_homeserver: OtherHomeserver, tmp_path: Path
) -> AsyncIterator[PersonFactory]:
    """New members on the second homeserver."""
    people = PersonFactory(other_homeserver.synapse, tmp_path / "others")
    try:
        yield people
    finally:
        await people.see_off()


@pytest_asyncio.fixture(loop_scope="session")
async def wire(synapse: Synapse) -> AsyncIterator[Wire]:
    """A line to the homeserver that can be listened to and cut."""
    async with _line_to(synapse) as line:
        yield line


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def line(home: Home) -> AsyncIterator[Wire]:
    """Such a line for a service that the tests of a module share."""
    async with _line_to(home.synapse) as line:
        yield line


@asynccontextmanager
async def _line_to(synapse: Synapse) -> AsyncIterator[Wire]:
    line = Wire(synapse.url)
    await line.open()
    try:
        yield line
    finally:
        await line.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have what touches the database directly run once on each kind."""
    if "database_kind" in metafunc.fixturenames:
        metafunc.parametrize(
            "database_kind", kinds(metafunc.config), ids=str, indirect=True, scope="session"
        )


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> Kind:
    kind = Kind(request.param)
    if kind is Kind.POSTGRESQL:
        # SQLite needs no server, and a run with it alone starts none.
        request.getfixturevalue("postgres")
    return kind


@pytest_asyncio.fixture(loop_scope="session")
async def database_url(database_kind: Kind, tmp_path: Path) -> str:
    """The address of an empty database, once on SQLite and once on PostgreSQL."""
    return await DATABASES.empty(tmp_path, database_kind)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _shared_database(
    database_kind: Kind, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Database]:
    opened = await DATABASES.with_tables(database_kind, tmp_path_factory.mktemp("shared"))
    try:
        yield opened
    finally:
        await DATABASES.gone(opened)


@pytest_asyncio.fixture(loop_scope="session")
async def database(_shared_database: Database) -> Database:
    """A database with every table and nothing in them, once on SQLite and once on PostgreSQL."""
    async with _shared_database.begin() as work:
        for table in reversed(metadata.sorted_tables):
            await work.execute(table.delete())
    return _shared_database
