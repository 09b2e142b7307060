"""Fixtures: a network with people in it, which all tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.conftest import PersonFactory
from tests.databases import DATABASES, Kind
from tests.harness.homes import Home, Homes
from tests.harness.postgres import Postgres
from tests.network.guild import Cast, Guild
from tests.network.network import Network

LEASES = 5
"""For the shared network, and for what some tests have beside it."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def home(homes: Homes) -> Home:
    """The homeserver of all tests here, as the people on it are."""
    return await homes.to_keep(LEASES)


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
