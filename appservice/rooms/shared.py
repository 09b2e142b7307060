"""Which rooms of ours somebody is in, for whoever looks after their keys or their homeserver."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import select

from appservice.database import Work
from appservice.ids import RoomID, UserID
from appservice.rooms.records import belonging, membership, rooms


async def encrypted(work: Work, among: Collection[RoomID]) -> set[RoomID]:
    """Return those rooms of ours, of some, in which messages are encrypted."""
    found = await work.execute(
        select(rooms.c.room_id, rooms.c.plan).where(rooms.c.room_id.in_(among))
    )
    return {RoomID(row.room_id) for row in found if _is_encrypted(row)}


async def rooms_shared_with(work: Work, users: Iterable[UserID]) -> set[RoomID]:
    """Return our encrypted rooms that any of ``users`` has joined."""
    found = await work.execute(
        select(rooms.c.room_id, rooms.c.plan)
        .join(membership, rooms.c.room_id == membership.c.room_id)
        .where(membership.c.user_id.in_(set(users)), membership.c.membership == "join")
        .distinct()
    )
    return {RoomID(row.room_id) for row in found if _is_encrypted(row)}


async def readers_elsewhere(
    work: Work, own: str, among: Collection[RoomID] | None = None
) -> set[UserID]:
    """Return who reads a room of ours and is on another homeserver than ``own``.

    Args:
        among: these rooms alone.
    """
    question = select(belonging.c.user_id).distinct()
    question = (
        question.join(rooms, rooms.c.key == belonging.c.key)
        .join(
            membership,
            (membership.c.room_id == rooms.c.room_id)
            & (membership.c.user_id == belonging.c.user_id),
        )
        .where(
            membership.c.membership == "join",
            ~belonging.c.user_id.endswith(f":{own}", autoescape=True),
        )
    )
    if among is not None:
        question = question.where(rooms.c.room_id.in_(among))
    return {UserID(user) for user in (await work.execute(question)).scalars()}


def _is_encrypted(row: Any) -> bool:
    # All but spaces are (:attr:`appservice.rooms.plan.RoomPlan.encrypted`).
    return not json.loads(row.plan)["space"]
