"""How people's devices stand: who gets no keys, and why.

Nothing here decides on sharing; :mod:`appservice.encryption.devices` does. This is for those who
look after people, and for accepting an identity that changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select, update

from appservice.database import Work
from appservice.encryption.devices import devices, tracked_users
from appservice.ids import UserID


class Standing(StrEnum):
    """How somebody's devices stand."""

    GOOD = "good"
    """At least one device is signed by its owner."""
    CHANGED = "changed"
    """Their cross-signing identity is not the one that was pinned: no device gets keys."""
    UNVERIFIED = "unverified"
    """They have devices, and signed none of them."""
    UNKNOWN = "unknown"
    """We know of no device: none was looked up, or there is none."""


@dataclass(frozen=True, slots=True)
class Changed:
    """An identity that is not the pinned one.

    Attributes:
        master: the new master key; None when the old one is gone and there is no other.
    """

    master: str | None


async def standings(work: Work, users: Iterable[UserID]) -> dict[UserID, Standing]:
    """Return how the devices of each of ``users`` stand."""
    wanted = set(users)
    found = dict.fromkeys(wanted, Standing.UNKNOWN)
    rows = await work.execute(
        select(tracked_users.c.user_id, tracked_users.c.identity_changed, devices.c.signed)
        .join(devices, devices.c.user_id == tracked_users.c.user_id, isouter=True)
        .order_by(tracked_users.c.user_id)
    )
    for row in rows:
        user = UserID(row.user_id)
        if user not in wanted:
            continue
        if row.identity_changed:
            found[user] = Standing.CHANGED
        elif row.signed:
            found[user] = Standing.GOOD
        elif row.signed is not None and found[user] is Standing.UNKNOWN:
            found[user] = Standing.UNVERIFIED
    return found


async def changed(work: Work, user: UserID) -> Changed | None:
    """Return the identity that stands in the way of somebody's keys; None when none does."""
    row = (
        await work.execute(
            select(tracked_users.c.identity_changed, tracked_users.c.offered_key).where(
                tracked_users.c.user_id == user
            )
        )
    ).first()
    return Changed(row.offered_key) if row is not None and row.identity_changed else None


async def all_changed(work: Work) -> dict[UserID, Changed]:
    """Return everyone whose identity is not the pinned one."""
    rows = await work.execute(
        select(tracked_users.c.user_id, tracked_users.c.offered_key)
        .where(tracked_users.c.identity_changed.is_(True))
        .order_by(tracked_users.c.user_id)
    )
    return {UserID(row.user_id): Changed(row.offered_key) for row in rows}


async def accept(work: Work, user: UserID) -> bool:
    """Pin the identity that somebody has now; False when it did not change.

    Their devices are looked up again before anything is shared with them.
    """
    done = await work.execute(
        update(tracked_users)
        .where(tracked_users.c.user_id == user, tracked_users.c.identity_changed.is_(True))
        .values(
            master_key=tracked_users.c.offered_key,
            identity_changed=False,
            changes=tracked_users.c.changes + 1,
        )
    )
    return bool(done.rowcount)
