"""Fixtures: a homeserver and a database server a run, and people as many as a test wants.

Each is made when the first test asks for it: tests of pure decisions start nothing.
"""

from __future__ import annotations

import gc
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.databases import DATABASES, Kind, kinds
from tests.harness.homes import Home, Homes
from tests.harness.leases import AppserviceLease
from tests.harness.logs import Watch, watching
from tests.harness.people import Person
from tests.harness.postgres import Postgres
from tests.harness.scratch import use_memory
from tests.harness.strict_client import StrictClient, missing
from tests.harness.synapse import Synapse
from tests.scheduling import longest_first, pytest_xdist_make_scheduler

__all__ = ["pytest_xdist_make_scheduler"]  # pytest finds it here

# Before pytest makes its own directory for temporary files.
use_memory()

# A run keeps most of what it makes, clients and networks foremost: to look through all of it for
# what nobody needs any more, as often as Python does by itself, takes a fifth of its time.
gc.set_threshold(100_000, 50, 100)

LEASES_OF_A_MODULE = 3
"""How many services the tests of a module may share, beside those that a test has alone."""

_PASSWORD = "every member's password"

_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs strict clients; begin with the files that keep one worker longest."""
    for item in items:
        if "strict_client" in getattr(item, "fixturenames", ()):
            item.add_marker("strict_client")
    items[:] = longest_first(items)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a whole run be on one kind of database."""
    parser.addoption(
        "--database",
        choices=[kind.value for kind in Kind],
        help="have every test on this kind of database; else each on its own, or on both",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have tests that say so run once on each kind of database."""
    if metafunc.definition.get_closest_marker("both_kinds"):
        metafunc.parametrize(
            "_kind_of_module", kinds(metafunc.config), ids=str, indirect=True, scope="module"
        )


@pytest.fixture(scope="session", autouse=True)
def _kind_of_run(request: pytest.FixtureRequest) -> None:
    _choose(request, request.config.getoption("--database"))


@pytest.fixture(scope="module", autouse=True)
def _kind_of_module(_kind_of_run: None, request: pytest.FixtureRequest) -> Iterator[None]:
    before = DATABASES.chosen
    _choose(request, getattr(request, "param", before))
    yield
    DATABASES.chosen = before


def _choose(request: pytest.FixtureRequest, kind: str | None) -> None:
    DATABASES.chosen = None if kind is None else Kind(kind)
    if DATABASES.chosen is Kind.POSTGRESQL:
        # Here: a server cannot be started from within a test that runs.
        request.getfixturevalue("postgres")


@pytest.fixture(scope="session")
def over_all() -> Iterator[Watch]:
    """The watch over the logs of this run."""
    with pytest.MonkeyPatch.context() as patch:
        yield watching(patch.setattr)


@pytest.fixture(autouse=True)
def logs_tell_nothing(over_all: Watch) -> Iterator[None]:
    """No log of any test holds a token, a secret, what somebody typed, or a member's id."""
    over_all.begin()
    yield
    assert over_all.end() == []


@pytest.fixture
def sqlite_only() -> None:
    """For a test of SQLite's own files."""
    if DATABASES.chosen is Kind.POSTGRESQL:
        pytest.skip("of the files of SQLite")


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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def homes(run_directory: Path) -> AsyncIterator[Homes]:
    """The homeservers of this run."""
    started = Homes(run_directory)
    try:
        yield started
    finally:
        await started.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(homes: Homes, request: pytest.FixtureRequest) -> Home:
    """The homeserver of a module, with a lease for each of its tests that wants one."""
    wanted = sum(
        "lease" in getattr(item, "fixturenames", ())
        for item in request.session.items
        if item.path == request.path
    )
    return await homes.with_leases(wanted + LEASES_OF_A_MODULE)


@pytest.fixture(scope="module")
def synapse(home: Home) -> Synapse:
    """A homeserver, which runs."""
    return home.synapse


@pytest.fixture
def lease(home: Home) -> AppserviceLease:
    """A registration that no test had before; the homeserver knows it."""
    return home.lease()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres(run_directory: Path) -> AsyncIterator[Postgres]:
    """The database server of this run."""
    server = Postgres(run_directory / "postgres")
    await server.start()
    DATABASES.server = server
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
    """Makes people on strict clients, and sees them off in the end."""

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
