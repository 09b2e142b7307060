"""Fixtures: a network with people in it, which all tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest_asyncio

from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease
from tests.harness.synapse import Synapse
from tests.network.guild import Cast, Guild
from tests.network.network import Network


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def guild(
    synapse: Synapse,
    _unused_leases: Iterator[AppserviceLease],
    run_directory: Path,
) -> AsyncIterator[Guild]:
    """A network in which everyone is in their rooms.

    Who changes its configuration changes it back; who leaves a draft throws it away.
    """
    lease = next(_unused_leases)
    directory = run_directory / f"network {lease.id}"
    directory.mkdir()
    people, network = PersonFactory(synapse, directory), Network(synapse, lease, directory)
    try:
        made = Guild(network, await Cast.arrive(people))
        await made.gather()
        yield made
    finally:
        await people.see_off()
        await network.stop()
