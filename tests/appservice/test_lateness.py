"""A message that could not go out in time says so when it does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio

from tests.appservice.conftest import ServiceFactory, Together
from tests.appservice.wire import Wire
from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease

SEND = r"/send/m\.room\.encrypted/"
AN_HOUR = timedelta(hours=1)


@pytest_asyncio.fixture(loop_scope="session")
async def here(
    service: ServiceFactory,
    lease: AppserviceLease,
    wire: Wire,
    person: PersonFactory,
    database_url: str,
) -> AsyncIterator[Together]:
    """A service with one member, behind a line that can be cut."""
    yield await service.together(lease, await person("anna"), wire=wire, url=database_url)


async def an_hour_passes(here: Together) -> None:
    """The service was stopped, and is started an hour later."""
    await here.running.stop()
    here.running.ahead += AN_HOUR
    await here.running.start()


def said(here: Together) -> list[str]:
    """What the member has read in the room for notices."""
    return [e.body for e in here.members[0].timeline(here.reactions) if e.type == "m.room.message"]


async def test_what_waited_too_long_says_so_in_its_order_and_the_network_hears_of_it(
    here: Together, wire: Wire
) -> None:
    anna = here.members[0]
    with wire.cut("PUT", SEND) as cut:
        # The first is sealed and on its way by then, the second is neither.
        await anna.say(here.direct[0], "notice eerst")
        await cut.reached.wait()
        await anna.say(here.direct[0], "notice daarna")
        # When the next one is heard, the former is committed.
        await anna.say(here.direct[0], "klaar")
        await here.network.hears("klaar")
        await here.running.stop()
    await an_hour_passes(here)
    await anna.say(here.direct[0], "notice op tijd")
    await anna.reads("op tijd", here.reactions)

    assert said(here) == ["late: eerst", "late: daarna", "op tijd"]
    assert here.network.late == ["notice/eerst", "notice/daarna"]
    assert anna.unreadable == []


async def test_what_was_taken_in_time_is_not_said_again(here: Together, wire: Wire) -> None:
    anna = here.members[0]
    with wire.lose_answers("PUT", SEND) as cut:
        await anna.say(here.direct[0], "notice eenmaal")
        await cut.reached.wait()
        await here.running.stop()
    await an_hour_passes(here)
    await anna.say(here.direct[0], "notice daarna")
    await anna.reads("daarna", here.reactions)

    assert said(here) == ["eenmaal", "daarna"]


async def test_a_network_that_cannot_tell_of_it_costs_no_message(
    here: Together, wire: Wire
) -> None:
    anna = here.members[0]
    with wire.cut("PUT", SEND) as cut:
        await anna.say(here.direct[0], "notice toch")
        await cut.reached.wait()
        await here.running.stop()
    here.network.cannot_tell = True
    await an_hour_passes(here)

    await anna.reads("late: toch", here.reactions)
    assert here.network.late == []
