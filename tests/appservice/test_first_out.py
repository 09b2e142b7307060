"""Of what one event causes, what was put in first leaves first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
import pytest_asyncio

from appservice import sending
from appservice.ids import RoomID
from tests.appservice.conftest import ServiceFactory, Together
from tests.appservice.wire import Passed, Wire
from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease


@pytest_asyncio.fixture(loop_scope="session")
async def here(
    service: ServiceFactory, lease: AppserviceLease, wire: Wire, person: PersonFactory
) -> AsyncIterator[Together]:
    """A service with one member, behind a line that can be watched and cut."""
    yield await service.together(lease, await person("anna"), wire=wire)


def to(room: RoomID) -> str:
    """The pattern of a message to a room."""
    return f"/rooms/({room}|{quote(room, safe='')})/send/m.room.encrypted/"


async def sent(wire: Wire, room: RoomID) -> Passed:
    return await wire.saw("PUT", to(room))


async def test_the_others_follow_when_the_homeserver_has_the_first(
    here: Together, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "HEAD_START_SECONDS", 60.0)
    await here.members[0].say(here.direct[0], "spread nieuws")
    first = await sent(wire, here.reactions)
    others = [await sent(wire, room) for room in (here.everyone, here.direct[0])]

    assert all(other.asked_at >= first.answered_at for other in others)


async def test_a_first_one_that_cannot_leave_holds_up_no_other_room(
    here: Together, wire: Wire
) -> None:
    anna = here.members[0]
    with wire.cut("PUT", to(here.reactions)) as cut:
        await anna.say(here.direct[0], "spread nieuws")
        await cut.reached.wait()

        await anna.reads("nieuws", here.everyone)
        await anna.reads("nieuws", here.direct[0])
