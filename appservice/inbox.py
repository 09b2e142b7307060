"""Room events between the door and their handling.

An event is acknowledged to the homeserver once it is here, and leaves in the transaction that
writes what it causes. The event id is the key: a transaction delivered twice adds nothing. What an
event says is sealed: what somebody typed in clear, by mistake, stands in no file here.

::

    WAITING ──▶ DONE          handled; the content is dropped, the id stays to recognise a repeat
       │ ▲
       ▼ │ its key arrives
     HELD                     cannot be decrypted yet; blocks nothing behind it
       │
       ▼
     DEAD                     our own code raised on it again and again; for the operator
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text, func, select, update

from appservice.database import Work, insert_missing, metadata
from appservice.events import RoomEvent
from appservice.ids import EventID, RoomID, UserID
from appservice.times import from_milliseconds, milliseconds
from appservice.vault import Vault, VaultError

_Sequence = BigInteger().with_variant(Integer, "sqlite")

inbox = Table(
    "inbox",
    metadata,
    Column("seq", _Sequence, primary_key=True, autoincrement=True),
    Column("event_id", Text, nullable=False, unique=True),
    Column("room_id", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("state_key", Text),
    Column("content", LargeBinary),
    Column("sent_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("status", Text, nullable=False, index=True),
    Column("waits_for", Text, index=True),
    Column("tries", Integer, nullable=False, default=0),
    Column("fault", Text),
)


_PURPOSE = "event"


class Status(StrEnum):
    """Where an event stands."""

    WAITING = "waiting"
    HELD = "held"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the inbox."""

    seq: int
    event: RoomEvent
    received_at: datetime
    tries: int


async def add(work: Work, vault: Vault, events: Sequence[RoomEvent], now: datetime) -> int:
    """Store ``events`` in their order, sealed; return how many were new."""
    return await insert_missing(
        work,
        inbox,
        [
            {
                "event_id": event.event_id,
                "room_id": event.room_id,
                "sender": event.sender,
                "type": event.type,
                "state_key": event.state_key,
                "content": vault.seal_json(event.content, _PURPOSE),
                "sent_at": milliseconds(event.sent_at),
                "received_at": milliseconds(now),
                "status": Status.WAITING,
                "tries": 0,
            }
            for event in events
        ],
    )


async def next_waiting(work: Work, vault: Vault) -> Entry | None:
    """Return the oldest event that can be handled, or None."""
    row = (
        (
            await work.execute(
                select(inbox).where(inbox.c.status == Status.WAITING).order_by(inbox.c.seq).limit(1)
            )
        )
        .mappings()
        .first()
    )
    return None if row is None else _entry(vault, row)


async def done(work: Work, seq: int) -> None:
    """Mark an event as handled and drop what it said."""
    await work.execute(
        update(inbox)
        .where(inbox.c.seq == seq)
        .values(status=Status.DONE, content=None, waits_for=None, fault=None)
    )


async def hold(work: Work, seq: int, waits_for: str) -> None:
    """Set an event aside until :func:`release` names what it waits for."""
    await work.execute(
        update(inbox).where(inbox.c.seq == seq).values(status=Status.HELD, waits_for=waits_for)
    )


async def release(work: Work, arrived: Iterable[str]) -> int:
    """Let events go on that wait for one of ``arrived``; return how many."""
    names = list(arrived)
    if not names:
        return 0
    changed = await work.execute(
        update(inbox)
        .where(inbox.c.status == Status.HELD, inbox.c.waits_for.in_(names))
        .values(status=Status.WAITING, waits_for=None)
    )
    return changed.rowcount


async def release_beginning(work: Work, prefix: str) -> int:
    """Let events go on that wait for anything whose name begins with ``prefix``."""
    changed = await work.execute(
        update(inbox)
        .where(inbox.c.status == Status.HELD, inbox.c.waits_for.startswith(prefix, autoescape=True))
        .values(status=Status.WAITING, waits_for=None)
    )
    return changed.rowcount


async def is_held(work: Work, seq: int) -> bool:
    """Tell whether an event still waits for something."""
    found = await work.execute(select(inbox.c.status).where(inbox.c.seq == seq))
    return found.scalar_one_or_none() == Status.HELD


async def held_longer_than(
    work: Work, vault: Vault, age: timedelta, now: datetime, waits_for: str = ""
) -> Sequence[Entry]:
    """Return the held events that came in more than ``age`` ago, oldest first.

    Args:
        waits_for: how the name of what they wait for begins.
    """
    rows = await work.execute(
        select(inbox)
        .where(
            inbox.c.status == Status.HELD,
            inbox.c.received_at < milliseconds(now - age),
            inbox.c.waits_for.startswith(waits_for, autoescape=True),
        )
        .order_by(inbox.c.seq)
    )
    return [_entry(vault, row) for row in rows.mappings()]


async def failed(work: Work, seq: int, fault: str, *, give_up: bool) -> None:
    """Record that handling raised; ``give_up`` sets the event aside for the operator.

    Args:
        fault: where it happened, without what the event said.
    """
    await work.execute(
        update(inbox)
        .where(inbox.c.seq == seq)
        .values(
            tries=inbox.c.tries + 1,
            fault=fault,
            status=Status.DEAD if give_up else Status.WAITING,
        )
    )


async def count(work: Work, status: Status) -> int:
    """Return how many events stand at ``status``."""
    return int(
        (
            await work.execute(
                select(func.count()).select_from(inbox).where(inbox.c.status == status)
            )
        ).scalar_one()
    )


def _entry(vault: Vault, row: Mapping[Any, Any]) -> Entry:
    content: dict[str, Any] = {}
    # What was damaged says nothing: who sent it is told that it could not be read.
    with suppress(VaultError):
        content = vault.open_json(row["content"] or b"", _PURPOSE)
    return Entry(
        seq=row["seq"],
        event=RoomEvent(
            event_id=EventID(row["event_id"]),
            room_id=RoomID(row["room_id"]),
            sender=UserID(row["sender"]),
            type=row["type"],
            content=content,
            sent_at=from_milliseconds(row["sent_at"]),
            state_key=row["state_key"],
        ),
        received_at=from_milliseconds(row["received_at"]),
        tries=row["tries"],
    )
