"""Writing to rooms: the bot's own Megolm session per room, and who has its key.

A session is made with the first share, lives a week or a hundred messages (specification,
"m.room.encryption"), and is retired at once when somebody who had its key should no longer read.
Its ratchet moves in the transaction that stores the ciphertext.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import vodozemac
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    CompoundSelect,
    Integer,
    LargeBinary,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
    update,
)

from appservice.database import Work, insert_missing, metadata, upsert
from appservice.encryption.account import OwnKeys
from appservice.encryption.devices import devices, tracked_users
from appservice.encryption.inbound import MEGOLM
from appservice.encryption.trust import DeviceKeys
from appservice.ids import DeviceID, RoomID, UserID
from appservice.times import from_milliseconds, milliseconds
from appservice.vault import Vault

outbound_group_sessions = Table(
    "outbound_group_sessions",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("room_id", Text, nullable=False, index=True),
    Column("pickle", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("messages", Integer, nullable=False),
    Column("retired", Boolean, nullable=False),
)

session_shares = Table(
    "session_shares",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("device_id", Text, primary_key=True),
    Column("curve25519", Text, nullable=False),
    Column("withheld", Boolean, nullable=False),
)

owed_session_keys = Table(
    "owed_session_keys",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("session_key", LargeBinary, nullable=False),
)
"""Who should have a session from which index on and could not be reached; the key is sealed."""

SESSION_LIFETIME = timedelta(days=7)
SESSION_MESSAGES = 100

_OWED = "owed session key"


@dataclass(frozen=True, slots=True)
class RunningSession:
    """The session in use for a room."""

    session_id: str
    room_id: RoomID
    session_key: str
    """As a device gets it now: it reads from the present index on."""


@dataclass(frozen=True, slots=True)
class Share:
    """A device that has a session's key, or was told that it does not get it."""

    device: DeviceKeys
    withheld: bool


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


async def running(work: Work, vault: Vault, room: RoomID, now: datetime) -> RunningSession:
    """Return the session in use for ``room``; a new one when there is none or its time is up."""
    row = (await work.execute(_in_use(room))).first()
    if row is not None and _is_fresh(row, now):
        session = vodozemac.GroupSession.from_pickle(row.pickle, vault.pickle_key)
    else:
        await retire(work, room)
        session = vodozemac.GroupSession()
        await work.execute(
            insert(outbound_group_sessions).values(
                session_id=session.session_id,
                room_id=room,
                pickle=session.pickle(vault.pickle_key),
                created_at=milliseconds(now),
                messages=0,
                retired=False,
            )
        )
    return RunningSession(session.session_id, room, session.session_key.to_base64())


async def retire(work: Work, room: RoomID) -> None:
    """Stop using the room's session; the next message starts a new one."""
    await work.execute(
        update(outbound_group_sessions)
        .where(
            outbound_group_sessions.c.room_id == room,
            outbound_group_sessions.c.retired.is_(False),
        )
        .values(retired=True)
    )


async def shares(work: Work, session_id: str) -> dict[tuple[UserID, DeviceID], tuple[str, bool]]:
    """Return who was dealt with: ``(user, device)`` to ``(curve25519, withheld)``."""
    rows = await work.execute(
        select(session_shares).where(session_shares.c.session_id == session_id)
    )
    return {
        (UserID(row.user_id), DeviceID(row.device_id)): (row.curve25519, bool(row.withheld))
        for row in rows
    }


async def note_shares(work: Work, session_id: str, made: Sequence[Share]) -> None:
    """Record to which devices the key went, or that they were told it does not."""
    await upsert(
        work,
        session_shares,
        [
            {
                "session_id": session_id,
                "user_id": share.device.user,
                "device_id": share.device.device,
                "curve25519": share.device.curve25519,
                "withheld": share.withheld,
            }
            for share in made
        ],
    )


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
    row = (await work.execute(_in_use(room))).first()
    if row is None or not _is_fresh(row, now):
        return None
    asked = {"room": room, "session": row.session_id}
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


@lru_cache
def _lagging(readers: Select[tuple[str]], all_devices: bool) -> CompoundSelect[Any]:
    """Return the question behind :func:`behind`, made once: that takes longer than asking it."""
    who = readers.cte("readers")
    signed = devices.c.signed & ~tracked_users.c.identity_changed
    entitled = or_(signed, literal(all_devices))
    theirs = (
        who.join(devices, devices.c.user_id == who.c.user_id)
        .join(tracked_users, tracked_users.c.user_id == devices.c.user_id)
        .outerjoin(
            session_shares,
            (session_shares.c.session_id == bindparam("session"))
            & (session_shares.c.user_id == devices.c.user_id)
            & (session_shares.c.device_id == devices.c.device_id),
        )
    )
    given = session_shares.c.withheld.is_(False) & (
        session_shares.c.curve25519 == devices.c.curve25519
    )
    lacking = select(devices.c.user_id, devices.c.curve25519).select_from(theirs)
    # "Not given" has to hold too for a device that no row of shares names.
    lacking = lacking.where(entitled, func.coalesce(given, false()).is_(False))
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


async def owe(
    work: Work,
    vault: Vault,
    session: RunningSession,
    unserved: Iterable[UserID],
    served: Iterable[UserID],
) -> None:
    """Note who could not be given a session, as of its present index, and who now has it.

    Who is owed it already keeps the earlier index.
    """
    sealed = vault.seal(session.session_key.encode(), _OWED)
    await insert_missing(
        work,
        owed_session_keys,
        [
            {"session_id": session.session_id, "user_id": user, "session_key": sealed}
            for user in sorted(set(unserved))
        ],
    )
    await work.execute(
        delete(owed_session_keys).where(
            owed_session_keys.c.session_id == session.session_id,
            owed_session_keys.c.user_id.in_(set(served)),
        )
    )


async def owed(work: Work, vault: Vault, session_id: str) -> dict[UserID, str]:
    """Return who is owed a session, with its key as of the index they should have had."""
    rows = await work.execute(
        select(owed_session_keys).where(owed_session_keys.c.session_id == session_id)
    )
    return {UserID(row.user_id): vault.open(row.session_key, _OWED).decode() for row in rows}


async def owed_sessions(
    work: Work, vault: Vault, room: RoomID, other_than: str
) -> list[RunningSession]:
    """Return the retired sessions of a room that somebody is still owed."""
    rows = await work.execute(
        select(outbound_group_sessions).where(
            outbound_group_sessions.c.room_id == room,
            outbound_group_sessions.c.session_id != other_than,
            outbound_group_sessions.c.session_id.in_(select(owed_session_keys.c.session_id)),
        )
    )
    return [_running(row, vault) for row in rows]


async def debtors(work: Work) -> set[tuple[RoomID, UserID]]:
    """Return everyone who is owed a key, with the room it is for."""
    rows = await work.execute(
        select(outbound_group_sessions.c.room_id, owed_session_keys.c.user_id).join(
            owed_session_keys,
            owed_session_keys.c.session_id == outbound_group_sessions.c.session_id,
        )
    )
    return {(RoomID(row.room_id), UserID(row.user_id)) for row in rows}


async def rooms_withholding(work: Work) -> set[RoomID]:
    """Return the rooms whose session in use is withheld from some device."""
    rows = await work.execute(
        select(outbound_group_sessions.c.room_id)
        .join(session_shares, session_shares.c.session_id == outbound_group_sessions.c.session_id)
        .where(outbound_group_sessions.c.retired.is_(False), session_shares.c.withheld.is_(True))
        .distinct()
    )
    return {RoomID(room) for room in rows.scalars()}


async def forgive(work: Work, session_id: str, keep: Iterable[UserID]) -> None:
    """Drop what is owed of a session to anyone but ``keep``."""
    await work.execute(
        delete(owed_session_keys).where(
            owed_session_keys.c.session_id == session_id,
            owed_session_keys.c.user_id.not_in(set(keep)),
        )
    )


async def encrypt(
    work: Work,
    vault: Vault,
    own: OwnKeys,
    room: RoomID,
    event_type: str,
    content: Mapping[str, Any],
) -> dict[str, Any]:
    """Encrypt an event for ``room`` and store the ratchet.

    ``m.relates_to`` stays outside the ciphertext, where the homeserver needs it.

    Raises:
        LookupError: the room has no running session; :func:`running` makes one.
    """
    row = (await work.execute(_in_use(room))).first()
    if row is None:
        raise LookupError(f"room {room} has no running Megolm session; share one first")
    session = vodozemac.GroupSession.from_pickle(row.pickle, vault.pickle_key)
    inner = {name: value for name, value in content.items() if name != "m.relates_to"}
    payload = {"type": event_type, "room_id": room, "content": inner}
    # Half a surrogate pair has no UTF-8: a question mark then, and not a message stuck for ever.
    text = json.dumps(payload, ensure_ascii=False).encode(errors="replace")
    message = session.encrypt(text)
    await work.execute(
        update(outbound_group_sessions)
        .where(outbound_group_sessions.c.session_id == row.session_id)
        .values(pickle=session.pickle(vault.pickle_key), messages=row.messages + 1)
    )
    sealed = {
        "algorithm": MEGOLM,
        "sender_key": own.curve25519,
        "device_id": own.device,
        "session_id": session.session_id,
        "ciphertext": message.to_base64(),
    }
    relation = content.get("m.relates_to")
    return sealed if relation is None else {**sealed, "m.relates_to": relation}


def _is_fresh(row: Any, now: datetime) -> bool:
    age = now - from_milliseconds(row.created_at)
    return bool(row.messages < SESSION_MESSAGES and age < SESSION_LIFETIME)


def _running(row: Any, vault: Vault) -> RunningSession:
    session = vodozemac.GroupSession.from_pickle(row.pickle, vault.pickle_key)
    return RunningSession(row.session_id, RoomID(row.room_id), session.session_key.to_base64())


def _in_use(room: RoomID) -> Any:
    return select(outbound_group_sessions).where(
        outbound_group_sessions.c.room_id == room,
        outbound_group_sessions.c.retired.is_(False),
    )
