"""Fixtures: a homeserver and a database server a run, and people as many as a test wants.

Each is made when the first test asks for it: tests of pure decisions start nothing.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.harness.leases import AppserviceLease, write_lease
from tests.harness.people import Person
from tests.harness.postgres import Postgres
from tests.harness.processes import free_port
from tests.harness.strict_client import StrictClient, missing
from tests.harness.synapse import Synapse

SERVER_NAME = "goudwacht.test"
LEASES = 160
"""How many tests of a run can have a service of their own; a few kilobytes each."""

_PASSWORD = "every member's password"

_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs strict clients, so that ``-m "not strict_client"`` leaves it out."""
    for item in items:
        if "strict_client" in getattr(item, "fixturenames", ()):
            item.add_marker("strict_client")


class PersonFactory:
    """Makes people whose user ids no other test has, and sees them off in the end."""

    def __init__(self, synapse: Synapse, directory: Path) -> None:
        self._synapse = synapse
        self._directory = directory
        self._people: list[Person] = []

    async def __call__(self, name: str, **options: Any) -> Person:
        """A new member; ``options`` are those of :meth:`Person.arrive`."""
        number = next(_numbers)
        localpart = options.pop("localpart", f"{name}_{number}")
        store = self._directory / f"{name}_{number}"
        someone = await Person.arrive(self._synapse, localpart, _PASSWORD, store, **options)
        self._people.append(someone)
        return someone

    async def at_another_device(self, someone: Person, **options: Any) -> Person:
        """The same member with one more device; ``signed_by=someone`` makes it a signed one."""
        localpart = someone.user_id[1:].partition(":")[0]
        options.setdefault("cross_signed", False)
        return await self("device", localpart=localpart, **options)

    async def returned(self, someone: Person, **options: Any) -> Person:
        """Close a member's client and open it anew from its store."""
        await someone.leave()
        again = await Person.return_(self._synapse, someone.store, **options)
        self._people.append(again)
        return again

    async def see_off(self) -> None:
        for someone in self._people:
            await someone.leave()


@pytest.fixture(scope="session")
def run_directory() -> Iterator[Path]:
    """A directory for the run's servers: short, since Unix sockets have short names."""
    directory = Path(tempfile.mkdtemp(prefix="goudwacht-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def homeserver_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def leases(run_directory: Path, homeserver_port: int) -> list[AppserviceLease]:
    directory = run_directory / "registrations"
    directory.mkdir()
    return [
        write_lease(
            directory,
            number,
            homeserver=f"http://127.0.0.1:{homeserver_port}",
            server_name=SERVER_NAME,
        )
        for number in range(1, LEASES + 1)
    ]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def synapse(
    run_directory: Path, homeserver_port: int, leases: list[AppserviceLease]
) -> AsyncIterator[Synapse]:
    """The homeserver of this run, which knows every lease."""
    homeserver = Synapse(
        run_directory / "synapse",
        server_name=SERVER_NAME,
        port=homeserver_port,
        registrations=[lease.registration_path for lease in leases],
    )
    await homeserver.start()
    try:
        yield homeserver
    finally:
        await homeserver.stop()


@pytest.fixture(scope="session")
def _unused_leases(leases: list[AppserviceLease]) -> Iterator[AppserviceLease]:
    return iter(leases)


@pytest.fixture
def lease(_unused_leases: Iterator[AppserviceLease], synapse: Synapse) -> AppserviceLease:
    """A registration that no test had before; the homeserver is running and knows it."""
    unused = next(_unused_leases, None)
    assert unused is not None, f"all {LEASES} leases are taken: raise LEASES in {__file__}"
    return unused


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres(run_directory: Path) -> AsyncIterator[Postgres]:
    """The database server of this run."""
    server = Postgres(run_directory / "postgres")
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def person(synapse: Synapse, tmp_path: Path) -> AsyncIterator[PersonFactory]:
    """New members, one at each call; their clients are closed after the test."""
    people = PersonFactory(synapse, tmp_path)
    try:
        yield people
    finally:
        await people.see_off()


class StrictClientFactory:
    """Makes people on a strict client (matrix-js-sdk), and sees them off in the end."""

    def __init__(self, synapse: Synapse, directory: Path) -> None:
        self._synapse = synapse
        self._directory = directory
        self._people: list[StrictClient] = []

    async def __call__(self, name: str, **options: Any) -> StrictClient:
        """A new member; ``options`` are those of :meth:`StrictClient.arrive`."""
        localpart = f"{name}_{next(_numbers)}"
        log = self._directory / f"{localpart}.log"
        someone = await StrictClient.arrive(self._synapse, localpart, _PASSWORD, log, **options)
        self._people.append(someone)
        return someone

    async def see_off(self) -> None:
        for someone in self._people:
            await someone.leave()


@pytest.fixture(scope="session")
def _able_to_be_strict() -> None:
    hindrance = missing()
    if hindrance is not None:
        pytest.skip(hindrance)


@pytest_asyncio.fixture(loop_scope="session")
async def strict_client(
    _able_to_be_strict: None, synapse: Synapse, tmp_path: Path
) -> AsyncIterator[StrictClientFactory]:
    """New members on a strict client, one at each call; skips where those cannot run."""
    people = StrictClientFactory(synapse, tmp_path)
    try:
        yield people
    finally:
        await people.see_off()
