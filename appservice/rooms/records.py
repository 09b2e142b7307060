"""The records of rooms: which there are, who belongs in them, and who is in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from sqlalchemy import Boolean, Column, Table, Text, bindparam, delete, select, update

from appservice.database import Work, insert_missing, metadata, upsert
from appservice.ids import RoomID, UserID
from appservice.rooms.plan import RoomKey, RoomPlan, Speech

rooms = Table(
    "rooms",
    metadata,
    Column("key", Text, primary_key=True),
    Column("room_id", Text, unique=True),
    Column("plan", Text, nullable=False),
    Column("closed", Boolean, nullable=False),
)
"""One row a room of ours. ``closed``: no longer planned; its people are removed and it stays."""

belonging = Table(
    "belonging",
    metadata,
    Column("key", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
)
"""Who belongs in which room by our records."""

membership = Table(
    "membership",
    metadata,
    Column("room_id", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("membership", Text, nullable=False),
)
"""Who is in which room by the homeserver's word; only joined and invited people stand here."""

INSIDE = frozenset({"join", "invite"})
"""The memberships that are recorded."""


async def set_plans(work: Work, plans: Iterable[RoomPlan]) -> None:
    """Make ``plans`` the whole truth about our rooms; a room not among them is closed.

    Written is only what differs: at a start that is mostly nothing, however many rooms there are.
    """
    wanted = {plan.key: plan for plan in plans}
    stored = {row.key: row for row in (await work.execute(select(rooms))).all()}
    belong = await _belonging(work)
    gone = [key for key, row in stored.items() if key not in wanted and not row.closed]
    for key in gone:
        await work.execute(update(rooms).where(rooms.c.key == key).values(closed=True))
        await work.execute(delete(belonging).where(belonging.c.key == key))
    for plan in wanted.values():
        row = stored.get(plan.key)
        same = row is not None and not row.closed and row.plan == json.dumps(_written(plan))
        if not same or belong.get(plan.key, frozenset()) != plan.members:
            await set_plan(work, plan)


async def set_plan(work: Work, plan: RoomPlan) -> None:
    """Record one plan and who belongs in its room."""
    values = {"plan": json.dumps(_written(plan)), "closed": False}
    await upsert(work, rooms, [{"key": plan.key, "room_id": None, **values}], keep=("room_id",))
    await work.execute(delete(belonging).where(belonging.c.key == plan.key))
    await insert_missing(
        work,
        belonging,
        [{"key": plan.key, "user_id": user} for user in sorted(plan.members)],
    )


async def plans(work: Work) -> list[tuple[RoomPlan, RoomID | None]]:
    """Return every plan with the room made for it, spaces first.

    A closed room comes back as :func:`_over` says.
    """
    found = []
    belong = await _belonging(work)
    for row in (await work.execute(select(rooms).order_by(rooms.c.key))).all():
        members = frozenset() if row.closed else belong.get(row.key, frozenset())
        room = None if row.room_id is None else RoomID(row.room_id)
        plan = _read(json.loads(row.plan), members)
        if row.closed:
            plan = _over(plan)
        if room is not None or not row.closed:
            found.append((plan, room))
    return sorted(found, key=lambda pair: not pair[0].space)


async def planned(work: Work, key: RoomKey) -> tuple[RoomPlan, RoomID | None] | None:
    """Return one plan with its room, as :func:`plans` does."""
    row = (await work.execute(select(rooms).where(rooms.c.key == key))).first()
    if row is None or (row.closed and row.room_id is None):
        return None
    plan = _read(json.loads(row.plan), frozenset() if row.closed else await _members(work, key))
    room = None if row.room_id is None else RoomID(row.room_id)
    return (_over(plan) if row.closed else plan), room


async def children(work: Work, space: RoomKey) -> list[RoomID]:
    """Return the rooms that stand in a space."""
    rows = await work.execute(
        select(rooms.c.room_id, rooms.c.plan).where(
            rooms.c.closed.is_(False), rooms.c.room_id.is_not(None), rooms.c.plan.contains(space)
        )
    )
    return [RoomID(row.room_id) for row in rows if json.loads(row.plan)["parent"] == space]


async def closed(work: Work) -> set[RoomKey]:
    """Return the keys of the rooms that are closed."""
    found = await work.execute(select(rooms.c.key).where(rooms.c.closed.is_(True)))
    return {RoomKey(key) for key in found.scalars()}


async def absent(work: Work) -> dict[UserID, set[RoomKey]]:
    """Return who belongs in a room that is not closed and has not joined it, with those rooms."""
    found = await work.execute(
        select(belonging.c.user_id, belonging.c.key)
        .join(rooms, rooms.c.key == belonging.c.key)
        .join(
            membership,
            (membership.c.room_id == rooms.c.room_id)
            & (membership.c.user_id == belonging.c.user_id)
            & (membership.c.membership == "join"),
            isouter=True,
        )
        .where(rooms.c.closed.is_(False), membership.c.user_id.is_(None))
    )
    missing: dict[UserID, set[RoomKey]] = {}
    for row in found:
        missing.setdefault(UserID(row.user_id), set()).add(RoomKey(row.key))
    return missing


async def still_in(work: Work, user: UserID) -> set[RoomKey]:
    """Return our rooms, closed ones too, that somebody is in or is invited to."""
    found = await work.execute(
        select(rooms.c.key)
        .join(membership, rooms.c.room_id == membership.c.room_id)
        .where(membership.c.user_id == user)
    )
    return {RoomKey(key) for key in found.scalars()}


async def note_room(work: Work, key: RoomKey, room: RoomID) -> None:
    """Record which room was made for a plan."""
    await work.execute(update(rooms).where(rooms.c.key == key).values(room_id=room))


async def move(work: Work, key: RoomKey, old: RoomID, new: RoomID) -> None:
    """Record that a plan's room was replaced by another; who is in that one the keeper finds."""
    await work.execute(
        update(rooms).where(rooms.c.key == key, rooms.c.room_id == old).values(room_id=new)
    )
    await work.execute(delete(membership).where(membership.c.room_id == old))


async def destination(work: Work, key: RoomKey) -> tuple[RoomID | None, bool] | None:
    """Return the room of a plan that is not closed, and whether it is for one person alone."""
    row = (
        await work.execute(
            select(rooms.c.room_id, rooms.c.plan).where(
                rooms.c.key == key, rooms.c.closed.is_(False)
            )
        )
    ).first()
    if row is None:
        return None
    room = None if row.room_id is None else RoomID(row.room_id)
    return room, bool(json.loads(row.plan)["direct"])


async def is_known(work: Work, room: RoomID) -> bool:
    """Tell whether a room is, or was until it was closed, one of ours."""
    found = await work.execute(select(rooms.c.key).where(rooms.c.room_id == room))
    return found.first() is not None


async def room_of(work: Work, key: RoomKey) -> RoomID | None:
    """Return the room of a plan, if it has been made."""
    found = (
        await work.execute(select(rooms.c.room_id).where(rooms.c.key == key))
    ).scalar_one_or_none()
    return None if found is None else RoomID(found)


async def plan_of(work: Work, key: RoomKey) -> RoomPlan | None:
    """Return the plan of a room that is not closed."""
    row = (
        await work.execute(select(rooms).where(rooms.c.key == key, rooms.c.closed.is_(False)))
    ).first()
    return None if row is None else _read(json.loads(row.plan), await _members(work, key))


async def belongs(work: Work, key: RoomKey, user: UserID) -> bool:
    """Tell whether somebody belongs in the room of a plan; in one that is closed nobody does."""
    found = await work.execute(
        select(belonging.c.user_id).where(belonging.c.key == key, belonging.c.user_id == user)
    )
    return found.first() is not None


async def key_of(work: Work, room: RoomID) -> RoomKey | None:
    """Return our name for a room; None when it is not (or no longer) one of ours."""
    found = (
        await work.execute(
            select(rooms.c.key).where(rooms.c.room_id == room, rooms.c.closed.is_(False))
        )
    ).scalar_one_or_none()
    return None if found is None else RoomKey(found)


async def set_membership(work: Work, room: RoomID, user: UserID, value: str) -> None:
    """Record what the homeserver says of somebody in a room."""
    if value not in INSIDE:
        await work.execute(
            delete(membership).where(membership.c.room_id == room, membership.c.user_id == user)
        )
        return
    await upsert(work, membership, [{"room_id": room, "user_id": user, "membership": value}])


async def is_anywhere(work: Work, user: UserID) -> bool:
    """Tell whether somebody has joined any room of ours, as far as we know."""
    found = await work.execute(
        select(membership.c.user_id)
        .where(membership.c.user_id == user, membership.c.membership == "join")
        .limit(1)
    )
    return found.first() is not None


async def memberships(work: Work, room: RoomID) -> dict[UserID, str]:
    """Return who is in a room or invited, belonging there or not."""
    rows = await work.execute(select(membership).where(membership.c.room_id == room))
    return {UserID(row.user_id): row.membership for row in rows}


async def all_memberships(work: Work) -> dict[RoomID, set[UserID]]:
    """Return who is in, or invited to, each room."""
    found: dict[RoomID, set[UserID]] = {}
    for row in await work.execute(select(membership.c.room_id, membership.c.user_id)):
        found.setdefault(RoomID(row.room_id), set()).add(UserID(row.user_id))
    return found


async def correct_memberships(
    work: Work, room: RoomID, before: Mapping[UserID, str], values: Mapping[UserID, str]
) -> None:
    """Correct what we know of who is in a room by a state that was asked for.

    Args:
        before: what we knew when we asked; of whom we learned something since then, that is newer.
        values: the memberships in the answer.
    """
    now = await memberships(work, room)
    for user in sorted(now.keys() | values.keys()):
        if now.get(user) == before.get(user):
            await set_membership(work, room, user, values.get(user, "leave"))


READING: Final = (
    select(membership.c.user_id)
    .join(rooms, rooms.c.room_id == membership.c.room_id)
    .join(
        belonging,
        (belonging.c.key == rooms.c.key) & (belonging.c.user_id == membership.c.user_id),
    )
    .where(membership.c.room_id == bindparam("room"), membership.c.membership == "join")
)
"""The question who is in a ``room`` of ours *and* belongs there: who may have its keys."""

_ANYBODY: Final = READING.limit(1)


EXPECTED: Final = (
    select(belonging.c.user_id)
    .join(rooms, rooms.c.key == belonging.c.key)
    .where(
        rooms.c.room_id == bindparam("room"),
        belonging.c.user_id.not_in(
            select(membership.c.user_id).where(
                membership.c.room_id == bindparam("room"), membership.c.membership == "join"
            )
        ),
    )
)
"""The question who belongs in a ``room`` of ours and, as far as we know, is not in it."""


async def readers(work: Work, room: RoomID) -> set[UserID]:
    """Return the answer to :data:`READING`."""
    return {UserID(row.user_id) for row in await work.execute(READING, {"room": room})}


async def has_reader(work: Work, room: RoomID) -> bool:
    """Tell whether anybody is in a room who belongs there."""
    return (await work.execute(_ANYBODY, {"room": room})).first() is not None


def _over(plan: RoomPlan) -> RoomPlan:
    """Return the plan of a room that is closed: nobody's, in no space, for no other homeserver."""
    servers = None if plan.servers is None else plan.servers[:1]
    return replace(plan, members=frozenset(), parent=None, servers=servers)


async def _belonging(work: Work) -> dict[str, frozenset[UserID]]:
    """Return who belongs where, by the key of the room: one question for all rooms."""
    found: dict[str, set[UserID]] = {}
    for row in await work.execute(select(belonging)):
        found.setdefault(row.key, set()).add(UserID(row.user_id))
    return {key: frozenset(users) for key, users in found.items()}


async def _members(work: Work, key: str) -> frozenset[UserID]:
    found = await work.execute(select(belonging.c.user_id).where(belonging.c.key == key))
    return frozenset(UserID(user) for user in found.scalars())


def _written(plan: RoomPlan) -> dict[str, Any]:
    # Not ``asdict``, which copies all that is in it: a start writes a thousand to compare them.
    written = {one.name: getattr(plan, one.name) for one in fields(plan)}
    del written["members"]
    return written


def _read(written: Mapping[str, Any], members: frozenset[UserID]) -> RoomPlan:
    return RoomPlan(
        key=RoomKey(written["key"]),
        alias=written["alias"],
        name=written["name"],
        topic=written["topic"],
        members=members,
        speech=Speech(written["speech"]),
        space=written["space"],
        direct=written["direct"],
        parent=None if written["parent"] is None else RoomKey(written["parent"]),
        servers=None if written["servers"] is None else tuple(written["servers"]),
    )
