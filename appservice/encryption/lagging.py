"""Who among a room's readers lacks its key: one question, asked in the commit that encrypts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    bindparam,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from appservice.database import Work
from appservice.encryption.debts import owed_session_keys
from appservice.encryption.devices import devices, tracked_users
from appservice.encryption.outbound import fresh, session_shares
from appservice.ids import RoomID, UserID


@dataclass(frozen=True, slots=True)
class Lag:
    """A reader who does not have a room's session.

    Attributes:
        curve25519: of the device that lacks it; None when their devices are to be looked up.
        owed: it is noted that they are to get it.
    """

    user: UserID
    curve25519: str | None
    owed: bool


async def behind(
    work: Work,
    room: RoomID,
    readers: Select[tuple[str]],
    now: datetime,
    *,
    all_devices: bool,
) -> list[Lag] | None:
    """Return who among a room's readers does not have its session in use.

    Args:
        readers: the question who may read the ``room``; always the same one.
        all_devices: devices that their owner has not signed may have keys too.

    Returns:
        None when there is more to do than that: there is no session, its time is up, somebody has
        it who should not, or was not told that they do not get it.
    """
    row = await fresh(work, room, now)
    if row is None:
        return None
    asked = {"room": room, "session": row.session_id}
    counted = (await work.execute(_counts(readers, all_devices), asked)).one()
    if not counted.lagging and counted.given == counted.shared:
        return []
    found = (await work.execute(_lagging(readers, all_devices), asked)).all()
    if any(user == "" for user, _ in found):
        return None
    if not found:
        return []
    rows = await work.execute(
        select(owed_session_keys.c.user_id).where(owed_session_keys.c.session_id == row.session_id)
    )
    owing = set(rows.scalars())
    return [Lag(UserID(user), curve25519, user in owing) for user, curve25519 in found]


_GIVEN = session_shares.c.withheld.is_(False) & (
    session_shares.c.curve25519 == devices.c.curve25519
)
"""A device has the key."""
_DEALT = (
    (session_shares.c.session_id == bindparam("session"))
    & (session_shares.c.user_id == devices.c.user_id)
    & (session_shares.c.device_id == devices.c.device_id)
)
"""How a device was dealt with."""


def _entitled(all_devices: bool) -> ColumnElement[bool]:
    return or_(devices.c.signed & ~tracked_users.c.identity_changed, literal(all_devices))


@lru_cache
def _counts(readers: Select[tuple[str]], all_devices: bool) -> Select[Any]:
    """Return how many lack something, have what they should, and have the key at all.

    For the answer that nobody lags, which is mostly the one: each reader is looked at once. Whoever
    has the key and should not is one more that has it than should.
    """
    who = readers.cte("readers")
    entitled = _entitled(all_devices)
    everyone = (
        who.outerjoin(tracked_users, tracked_users.c.user_id == who.c.user_id)
        .outerjoin(devices, devices.c.user_id == tracked_users.c.user_id)
        .outerjoin(session_shares, _DEALT)
    )
    lags = case(
        (tracked_users.c.user_id.is_(None), 1),
        (tracked_users.c.seen < tracked_users.c.changes, 1),
        (devices.c.user_id.is_(None), 0),
        (entitled & _GIVEN, 0),
        (~entitled & session_shares.c.user_id.is_not(None), 0),
        else_=1,
    )
    shared = select(func.count()).where(
        session_shares.c.session_id == bindparam("session"), session_shares.c.withheld.is_(False)
    )
    return select(
        func.coalesce(func.sum(lags), 0).label("lagging"),
        func.coalesce(func.sum(case((entitled & _GIVEN, 1), else_=0)), 0).label("given"),
        shared.scalar_subquery().label("shared"),
    ).select_from(everyone)


@lru_cache
def _lagging(readers: Select[tuple[str]], all_devices: bool) -> CompoundSelect[Any]:
    """Return the question behind :func:`behind`, made once: that takes longer than asking it."""
    who = readers.cte("readers")
    entitled = _entitled(all_devices)
    theirs = (
        who.join(devices, devices.c.user_id == who.c.user_id)
        .join(tracked_users, tracked_users.c.user_id == devices.c.user_id)
        .outerjoin(session_shares, _DEALT)
    )
    lacking = select(devices.c.user_id, devices.c.curve25519).select_from(theirs)
    # "Not given" has to hold too for a device that no row of shares names.
    lacking = lacking.where(entitled, func.coalesce(_GIVEN, false()).is_(False))
    unknown = (
        select(who.c.user_id, null())
        .select_from(who.outerjoin(tracked_users, tracked_users.c.user_id == who.c.user_id))
        .where(func.coalesce(tracked_users.c.seen < tracked_users.c.changes, true()))
    )
    untold = (
        select(literal(""), null())
        .select_from(theirs)
        .where(~entitled, session_shares.c.user_id.is_(None))
    )
    may = select(devices.c.device_id).select_from(
        who.join(devices, devices.c.user_id == who.c.user_id).join(
            tracked_users, tracked_users.c.user_id == devices.c.user_id
        )
    )
    excess = select(literal(""), null()).where(
        session_shares.c.session_id == bindparam("session"),
        session_shares.c.withheld.is_(False),
        ~may.where(
            entitled,
            devices.c.user_id == session_shares.c.user_id,
            devices.c.device_id == session_shares.c.device_id,
            devices.c.curve25519 == session_shares.c.curve25519,
        )
        .correlate(session_shares)
        .exists(),
    )
    return union_all(lacking, unknown, untold, excess)
