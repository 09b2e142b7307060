"""What is not as it should be with the rooms, for who asks: nothing is put right here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from appservice.database import Database
from appservice.homeserver import Homeserver, MatrixError
from appservice.ids import RoomID
from appservice.rooms import records
from appservice.rooms.directory import Published, published
from appservice.rooms.plan import Repair, RoomPlan, drift
from appservice.rooms.reading import state_of


@dataclass(frozen=True, slots=True)
class NotMade:
    """There is a plan and no room yet."""


@dataclass(frozen=True, slots=True)
class NotSeen:
    """The homeserver does not show the bot its room: the bot is not in it any more."""

    errcode: str


@dataclass(frozen=True, slots=True)
class RoomFault:
    """One thing in which a room is not as planned; a :data:`Repair` would put it right."""

    plan: RoomPlan
    what: Repair | NotMade | NotSeen | Published


async def faults(database: Database, homeserver: Homeserver) -> Sequence[RoomFault]:
    """Return what the keeper would do now, and what it could not do.

    Args:
        database: has the plans.
        homeserver: the way out as the bot.

    Raises:
        HomeserverUnreachable: the homeserver does not answer.
    """
    async with database.read() as work:
        planned = await records.plans(work)
    rooms = {plan.key: room for plan, room in planned}
    found: list[RoomFault] = []
    for plan, room in planned:
        if room is None:
            found.append(RoomFault(plan, NotMade()))
            continue
        children = [
            made
            for child, _ in planned
            if child.parent == plan.key and (made := rooms[child.key]) is not None
        ]
        found += await _faults_of(homeserver, plan, room, children)
    return found


async def _faults_of(
    homeserver: Homeserver, plan: RoomPlan, room: RoomID, children: Sequence[RoomID]
) -> Sequence[RoomFault]:
    try:
        state = await state_of(homeserver, room)
    except MatrixError as error:
        return [RoomFault(plan, NotSeen(error.errcode))]
    if homeserver.user not in state.members("join"):
        # Who has left is shown the room as it was then.
        return [RoomFault(plan, NotSeen("left"))]
    repairs = drift(plan, state, homeserver.user, children)
    found = [RoomFault(plan, repair) for repair in repairs]
    shown = await published(homeserver, plan, room)
    return found if shown is None else [*found, RoomFault(plan, shown)]
