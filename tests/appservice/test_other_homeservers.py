"""Members on another homeserver, and what everyone else sees when that one hangs.

It hangs as homeservers do: it accepts connections and never answers (SIGSTOP).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.appservice.conftest import ServiceFactory, Together
from tests.conftest import PersonFactory
from tests.harness.federation import peers
from tests.harness.leases import AppserviceLease, write_lease
from tests.harness.people import Person
from tests.harness.processes import free_port
from tests.harness.reader import Reader
from tests.harness.synapse import Synapse

ROUNDS = 5
HELD_UP = 0.1
"""Seconds that another homeserver may cost a local reader."""


@dataclass(frozen=True)
class Homeservers:
    """Ours, and one that is not."""

    ours: Synapse
    theirs: Synapse
    leases: Iterator[AppserviceLease]


@dataclass(frozen=True)
class Outage:
    """What came of notices while the other homeserver hung, and after."""

    hanging: list[float]
    """Seconds until a local reader had read each."""
    answering: list[float]
    bas: Reader
    """Lives on the other homeserver."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def homeservers(run_directory: Path) -> AsyncIterator[Homeservers]:
    directory = run_directory / "federation"
    ours, theirs = peers(directory, 2)
    port = free_port()
    leases = [
        write_lease(
            directory, number, homeserver=f"http://127.0.0.1:{port}", server_name=ours.server_name
        )
        for number in range(1, 5)
    ]
    here = Synapse(
        directory / "ours",
        port=port,
        registrations=[lease.registration_path for lease in leases],
        peer=ours,
        at_once=True,
    )
    there = Synapse(directory / "theirs", peer=theirs, at_once=True)
    try:
        await asyncio.gather(here.start(), there.start())
        yield Homeservers(here, there, iter(leases))
    finally:
        await asyncio.gather(here.stop(), there.stop())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def person(
    homeservers: Homeservers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[PersonFactory]:
    """New members on our homeserver."""
    people = PersonFactory(homeservers.ours, tmp_path_factory.mktemp("near"))
    yield people
    await people.see_off()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def far_person(
    homeservers: Homeservers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[PersonFactory]:
    """New members on the other homeserver."""
    people = PersonFactory(homeservers.theirs, tmp_path_factory.mktemp("far"))
    yield people
    await people.see_off()


@pytest.fixture(autouse=True)
def _answering(homeservers: Homeservers) -> Iterator[None]:
    """Whatever a test did, the other homeserver answers in the next."""
    yield
    homeservers.theirs.resume()


async def joined_unheard(
    service: ServiceFactory, homeservers: Homeservers, anna: Person, bas: Person
) -> Together:
    """A service that is not running, in whose room for notices Bas arrived after it stopped."""
    lease = next(homeservers.leases)
    running = await service(lease, [anna, bas])
    here = Together(running, anna)
    await here.settled()
    room = await bas.invited_to(f"Reactions {lease.bot_localpart}")
    await running.stop()
    await bas.join(room)
    return here


async def noticed(here: Together, anna: Person, words: str) -> float:
    """Seconds from Anna's asking for a notice to her reading it."""
    # In her own room: her client would wait for Bas's homeserver, as ours must not.
    began = time.monotonic()
    await anna.say(here.direct[0], f"notice {words}")
    await anna.reads(words, here.reactions)
    return time.monotonic() - began


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def outage(
    homeservers: Homeservers,
    person: PersonFactory,
    far_person: PersonFactory,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Outage]:
    """Notices in a room with somebody whose homeserver hangs, and then answers again."""
    service = ServiceFactory(tmp_path_factory.mktemp("outage"))
    anna, bas = await person("anna"), await far_person("bas", accept_invites=False)
    try:
        here = await joined_unheard(service, homeservers, anna, bas)
        homeservers.theirs.hang()
        await here.running.start()
        hanging = [await noticed(here, anna, f"stil {number}") for number in range(ROUNDS)]
        homeservers.theirs.resume()
        await bas.reads(f"stil {ROUNDS - 1}")
        answering = [await noticed(here, anna, f"weer {number}") for number in range(ROUNDS)]
        yield Outage(hanging, answering, bas)
    finally:
        await service.stop()


async def test_a_member_on_another_homeserver_speaks_and_reads(
    service: ServiceFactory,
    homeservers: Homeservers,
    person: PersonFactory,
    far_person: PersonFactory,
) -> None:
    anna, bas = await person("anna"), await far_person("bas")
    here = await service.together(next(homeservers.leases), anna, bas)

    await bas.say(here.everyone, "van ver")

    await anna.reads("echo: van ver")
    await bas.reads("echo: van ver")
    assert anna.unreadable == bas.unreadable == []


async def test_a_homeserver_that_hangs_holds_up_nobody_else(outage: Outage) -> None:
    # The shortest of each: this machine may be busy with something else in between, and whoever
    # waits for that homeserver waits ten seconds every time.
    assert min(outage.hanging) <= 2 * min(outage.answering) + HELD_UP


async def test_who_was_out_of_reach_reads_all_they_missed(outage: Outage) -> None:
    missed = [event.body for event in outage.bas.timeline() if event.body.startswith("stil")]

    assert missed == [f"stil {number}" for number in range(ROUNDS)]
    assert outage.bas.unreadable == []


async def test_a_device_added_meanwhile_reads_what_its_owner_missed(
    service: ServiceFactory,
    homeservers: Homeservers,
    person: PersonFactory,
    far_person: PersonFactory,
) -> None:
    anna, bas = await person("anna"), await far_person("bas", accept_invites=False)
    here = await joined_unheard(service, homeservers, anna, bas)
    homeservers.theirs.hang()
    await here.running.start()
    await noticed(here, anna, "gemist")
    await here.running.stop()

    homeservers.theirs.resume()
    phone = await far_person.at_another_device(bas, signed_by=bas, accept_invites=False)
    await here.running.start()

    await phone.reads("gemist")
    await bas.reads("gemist")


async def test_an_invitation_to_a_homeserver_that_hangs_keeps_nobody_waiting(
    service: ServiceFactory,
    homeservers: Homeservers,
    person: PersonFactory,
    far_person: PersonFactory,
) -> None:
    anna, bas = await person("anna"), await far_person("bas", accept_invites=False)
    running = await service(next(homeservers.leases), [anna, bas], start=False)
    here = Together(running, anna)
    homeservers.theirs.hang()

    await running.start()
    await here.settled()
    await noticed(here, anna, "zonder te wachten")
    homeservers.theirs.resume()

    await bas.invited_to(f"Reactions {running.lease.bot_localpart}")
