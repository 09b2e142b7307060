"""Fixtures: a network with people in it, which all tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.conftest import PersonFactory
from tests.databases import DATABASES, Kind
from tests.harness.homes import Home, Homes
from tests.harness.postgres import Postgres
from tests.network.guild import Cast, Guild
from tests.network.network import Network

LEASES = 3
"""For the shared network, and for what some modules have beside it."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def home(homes: Homes, request: pytest.FixtureRequest) -> Home:
    """The homeserver of all tests here, as the people are; with a lease for each that asks."""
    alone = sum(
        "lease" in getattr(item, "fixturenames", ())
        for item in request.session.items
        if item.path.parent == Path(__file__).parent
    )
    return await homes.to_keep(LEASES + alone)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def guild(home: Home, run_directory: Path, postgres: Postgres) -> AsyncIterator[Guild]:
    """A network in which everyone is in their rooms, on PostgreSQL.

    Who changes its configuration changes it back; who leaves a draft throws it away.
    """
    lease, synapse = home.lease(), home.synapse
    directory = run_directory / f"network {lease.id}"
    directory.mkdir()
    url = await DATABASES.empty(directory, Kind.POSTGRESQL)
    people, network = PersonFactory(synapse, directory), Network(synapse, lease, directory, url)
    try:
        made = Guild(network, await Cast.arrive(people))
        await made.gather()
        yield made
    finally:
        await people.see_off()
        await network.stop()
