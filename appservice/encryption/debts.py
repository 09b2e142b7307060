"""Room keys that somebody should have had and could not be given yet.

::

    a reader whose homeserver does not answer ─┐
    who has yet to join, at each message ──────┴─▶ owed, from that index ─▶ a device of theirs is
                                                                            known ─▶ shared

Who is invited may have joined by the time a message of ours lands in the room, while we had not
heard of it when we encrypted it: the homeserver shows them the message, and so they need its key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, LargeBinary, Select, Table, Text, delete, select

from appservice.database import Work, insert_missing, metadata
from appservice.encryption.outbound import (
    RunningSession,
    as_running,
    in_use,
    outbound_group_sessions,
)
from appservice.ids import RoomID, UserID
from appservice.times import milliseconds
from appservice.vault import Vault

owed_session_keys = Table(
    "owed_session_keys",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("session_key", LargeBinary, nullable=False),
    Column("owed_at", BigInteger, nullable=False),
)
"""Who should have a session from which index on and could not be reached; the key is sealed."""

EXPECTED_FOR = timedelta(minutes=10)
"""How far back keys go to who joins: what lands after their joining was
encrypted a moment before. What was said before it is not theirs (``joined`` is the history
visibility of our rooms, and the homeserver does not show it to them); nor is its key."""

_OWED = "owed session key"


async def named(
    work: Work,
    question: Select[tuple[str]],
    room: RoomID,
    among: Collection[UserID] | None = None,
) -> set[UserID]:
    """Return whom a question about a ``room`` names.

    Args:
        among: of these users alone.
    """
    if among is not None:
        question = question.where(question.selected_columns.user_id.in_(among))
    return {UserID(row.user_id) for row in await work.execute(question, {"room": room})}


async def owe(
    work: Work,
    vault: Vault,
    session: RunningSession,
    unserved: Iterable[UserID],
    served: Iterable[UserID],
    now: datetime,
) -> None:
    """Note who could not be given a session, as of its present index, and who now has it.

    Who is owed it already keeps the earlier index.
    """
    sealed = vault.seal(session.session_key.encode(), _OWED)
    await insert_missing(
        work,
        owed_session_keys,
        [
            {
                "session_id": session.session_id,
                "user_id": user,
                "session_key": sealed,
                "owed_at": milliseconds(now),
            }
            for user in sorted(set(unserved))
        ],
    )
    if have_it := set(served):
        await work.execute(
            delete(owed_session_keys).where(
                owed_session_keys.c.session_id == session.session_id,
                owed_session_keys.c.user_id.in_(have_it),
            )
        )


async def expect(
    work: Work, vault: Vault, room: RoomID, expected: Select[tuple[str]], now: datetime
) -> None:
    """Have who has yet to join owed the session in use, from the next message or a little earlier.

    Args:
        expected: the question who belongs in a ``room`` and has not joined it.
    """
    users = await named(work, expected, room)
    row = await in_use(work, room) if users else None
    if row is None:
        return
    await work.execute(
        delete(owed_session_keys).where(
            owed_session_keys.c.user_id.in_(users),
            owed_session_keys.c.owed_at < milliseconds(now - EXPECTED_FOR),
            owed_session_keys.c.session_id.in_(
                select(outbound_group_sessions.c.session_id).where(
                    outbound_group_sessions.c.room_id == room
                )
            ),
        )
    )
    await owe(work, vault, as_running(row, vault), users, (), now)


async def owed(work: Work, vault: Vault, session_id: str) -> dict[UserID, str]:
    """Return who is owed a session, with its key as of the index they should have had."""
    rows = await work.execute(
        select(owed_session_keys).where(owed_session_keys.c.session_id == session_id)
    )
    return {UserID(row.user_id): vault.open(row.session_key, _OWED).decode() for row in rows}


async def are_owed(work: Work, room: RoomID, users: Collection[UserID]) -> bool:
    """Tell whether anybody of ``users`` is owed a session of a room."""
    found = await work.execute(
        select(owed_session_keys.c.user_id)
        .join(
            outbound_group_sessions,
            outbound_group_sessions.c.session_id == owed_session_keys.c.session_id,
        )
        .where(outbound_group_sessions.c.room_id == room, owed_session_keys.c.user_id.in_(users))
        .limit(1)
    )
    return found.first() is not None


async def owed_sessions(
    work: Work,
    vault: Vault,
    room: RoomID,
    other_than: str,
    among: Collection[UserID] | None = None,
) -> list[RunningSession]:
    """Return the retired sessions of a room that somebody is still owed, ``among`` these users."""
    owing = select(owed_session_keys.c.session_id)
    if among is not None:
        owing = owing.where(owed_session_keys.c.user_id.in_(among))
    rows = await work.execute(
        select(outbound_group_sessions).where(
            outbound_group_sessions.c.room_id == room,
            outbound_group_sessions.c.session_id != other_than,
            outbound_group_sessions.c.session_id.in_(owing),
        )
    )
    return [as_running(row, vault) for row in rows]


async def debtors(work: Work) -> set[tuple[RoomID, UserID]]:
    """Return everyone who is owed a key, with the room it is for."""
    rows = await work.execute(
        select(outbound_group_sessions.c.room_id, owed_session_keys.c.user_id).join(
            owed_session_keys,
            owed_session_keys.c.session_id == outbound_group_sessions.c.session_id,
        )
    )
    return {(RoomID(row.room_id), UserID(row.user_id)) for row in rows}


async def forgive(
    work: Work,
    session_id: str,
    keep: Iterable[UserID],
    among: Collection[UserID] | None = None,
) -> None:
    """Drop what is owed of a session to anyone but ``keep``; to nobody but ``among`` these."""
    unpaid = delete(owed_session_keys).where(
        owed_session_keys.c.session_id == session_id,
        owed_session_keys.c.user_id.not_in(set(keep)),
    )
    if among is not None:
        unpaid = unpaid.where(owed_session_keys.c.user_id.in_(among))
    await work.execute(unpaid)
