"""Writing to rooms: the bot's own Megolm session per room, and who has its key.

A session is made with the first share, lives a week or a hundred messages (specification,
"m.room.encryption"), and is retired at once when somebody who had its key should no longer read.
Its ratchet moves in the transaction that stores the ciphertext.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import vodozemac
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    Row,
    Table,
    Text,
    insert,
    select,
    update,
)

from appservice.database import Work, metadata, upsert
from appservice.encryption.account import OwnKeys
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

SESSION_LIFETIME = timedelta(days=7)
SESSION_MESSAGES = 100


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


async def running(work: Work, vault: Vault, room: RoomID, now: datetime) -> RunningSession:
    """Return the session in use for ``room``; a new one when there is none or its time is up."""
    row = await fresh(work, room, now)
    if row is not None:
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


async def in_use(work: Work, room: RoomID) -> Row[Any] | None:
    """Return the row of the session that a room uses, whether or not its time is up."""
    return (
        await work.execute(
            select(outbound_group_sessions).where(
                outbound_group_sessions.c.room_id == room,
                outbound_group_sessions.c.retired.is_(False),
            )
        )
    ).first()


async def fresh(work: Work, room: RoomID, now: datetime) -> Row[Any] | None:
    """Return the row of the session that a room may go on using."""
    row = await in_use(work, room)
    if row is None or row.messages >= SESSION_MESSAGES:
        return None
    return row if now - from_milliseconds(row.created_at) < SESSION_LIFETIME else None


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


async def shares(
    work: Work, session_id: str, among: Collection[UserID] | None = None
) -> dict[tuple[UserID, DeviceID], tuple[str, bool]]:
    """Return who was dealt with: ``(user, device)`` to ``(curve25519, withheld)``.

    Args:
        among: of these users alone.
    """
    question = select(session_shares).where(session_shares.c.session_id == session_id)
    if among is not None:
        question = question.where(session_shares.c.user_id.in_(among))
    rows = await work.execute(question)
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


async def rooms_withholding(work: Work) -> set[RoomID]:
    """Return the rooms whose session in use is withheld from some device."""
    rows = await work.execute(
        select(outbound_group_sessions.c.room_id)
        .join(session_shares, session_shares.c.session_id == outbound_group_sessions.c.session_id)
        .where(outbound_group_sessions.c.retired.is_(False), session_shares.c.withheld.is_(True))
        .distinct()
    )
    return {RoomID(room) for room in rows.scalars()}


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
    row = await in_use(work, room)
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


def as_running(row: Row[Any], vault: Vault) -> RunningSession:
    """Return a stored session as it is now."""
    session = vodozemac.GroupSession.from_pickle(row.pickle, vault.pickle_key)
    return RunningSession(row.session_id, RoomID(row.room_id), session.session_key.to_base64())
