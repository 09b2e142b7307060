"""What coordinators decide about people, for its tests: who, and how it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import insert, select

from appservice import outbox
from appservice.database import Work
from appservice.encryption.devices import devices, tracked_users
from appservice.ids import RoomID, UserID
from appservice.outbox import Status
from appservice.rooms import records
from bridge.members.roster import Person
from bridge.places import AlertRoom, PrivateRoom, ReviewRoom, key_of
from tests.unit.example import (
    ANNA,
    CORA,
    ELSEWHERE,
    HERE,
    MAX,
    MIA,
)
from tests.unit.stage import Said, Stage

REVIEW = ReviewRoom()

NEW = UserID("@nel:example.org")

CARL = UserID("@carl:example.org")
"""A second coordinator, where there is one."""


def templates(said: list[Said]) -> list[str]:
    """What was said to people; the names of rooms aside."""
    return [one.template for one in said if not one.template.startswith("room/")]


def person(stage: Stage, user: UserID) -> Person | None:
    return stage.network.roster.person(user)


async def in_the_database(stage: Stage, look: Callable[[Work], Any]) -> Any:
    async with stage.database.read() as work:
        return await look(work)


async def belongs(stage: Stage, user: UserID) -> set[str]:
    """The keys of the rooms that somebody belongs in."""
    plans = await in_the_database(stage, records.plans)
    return {plan.key for plan, _ in plans if user in plan.members}


async def invited(stage: Stage, typed: str) -> list[Said]:
    """Have Cora invite somebody who exists."""
    said = await stage.says(CORA, REVIEW, f"!uitnodigen {typed}")
    return said + await stage.is_found(UserID(typed.split()[0]))


async def has_devices(work: Work, user: UserID, *, signed: bool, changed: bool) -> None:
    """Let somebody have one device, and an identity."""
    row = {"changes": 1, "seen": 1, "master_key": "old", "offered_key": "new" if changed else None}
    await work.execute(insert(tracked_users).values(user_id=user, identity_changed=changed, **row))
    await work.execute(
        insert(devices).values(
            user_id=user, device_id="PHONE", curve25519="c", ed25519="e", signed=signed
        )
    )


async def reported_and_shared(stage: Stage) -> None:
    """A report of Anna's that goes to both regions."""
    await stage.says(ANNA, PrivateRoom(ANNA), "!melding inbraak\nplaats: Utrecht\ntijd: 12:00")
    await stage.says(ANNA, PrivateRoom(ANNA), "!verstuur")
    for moderator in (MIA, MAX):
        await stage.says(moderator, REVIEW, f"!ok #1 {HERE} {ELSEWHERE}")


async def waiting_for(stage: Stage, target: str) -> list[int]:
    rows = await in_the_database(
        stage,
        lambda work: work.execute(
            select(outbox.outbox.c.seq).where(
                outbox.outbox.c.target == target, outbox.outbox.c.status == Status.WAITING
            )
        ),
    )
    return list(rows.scalars())


async def names_of(stage: Stage, beginning: str) -> set[str]:
    rows = await in_the_database(
        stage,
        lambda work: work.execute(
            select(outbox.outbox.c.name).where(outbox.outbox.c.name.startswith(beginning))
        ),
    )
    return set(rows.scalars())


async def is_in(work: Work, user: UserID, place: AlertRoom) -> None:
    await records.set_membership(work, RoomID(f"!{key_of(place)}"), user, "join")


async def is_out(work: Work, user: UserID, place: AlertRoom) -> None:
    await records.set_membership(work, RoomID(f"!{key_of(place)}"), user, "leave")
