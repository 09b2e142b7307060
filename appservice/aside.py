"""What was set aside, for the operator: to look at, to try again, to let go.

::

    SET ASIDE ──retry──▶ WAITING, its tries forgotten   (a running service looks every few seconds)
        └──────drop───▶ closed, its content gone

The same for events of the inbox and messages of the outbox. Nothing here shows what somebody wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from appservice.database import Work
from appservice.faults import Direction
from appservice.inbox import Status as InboxStatus
from appservice.inbox import inbox
from appservice.outbox import Status as OutboxStatus
from appservice.outbox import outbox
from appservice.times import from_milliseconds


@dataclass(frozen=True, slots=True)
class Listed:
    """One thing that was set aside.

    Attributes:
        seq: its number.
        when: when it came in, or was to be said; UTC.
        event_id: of an event; None for a message, which never became one.
        type: of the event.
        tries: how often it was tried.
        fault: where our code raised, or what the homeserver answered.
    """

    seq: int
    when: datetime
    event_id: str | None
    type: str
    tries: int
    fault: str


async def listed(work: Work, direction: Direction) -> Sequence[Listed]:
    """Return everything that was set aside on its way in or out, oldest first."""
    table, when = (
        (inbox, inbox.c.received_at) if direction is Direction.IN else (outbox, outbox.c.created_at)
    )
    columns = table.c.seq, when.label("at"), table.c.event_id, table.c.type
    rows = await work.execute(
        select(*columns, table.c.tries, table.c.fault)
        .where(_aside(direction))
        .order_by(table.c.seq)
    )
    return [
        Listed(
            row.seq, from_milliseconds(row.at), row.event_id, row.type, row.tries, row.fault or ""
        )
        for row in rows
    ]


async def retry(work: Work, direction: Direction, seq: int) -> bool:
    """Have something tried again as if for the first time; False when it was not set aside."""
    table = inbox if direction is Direction.IN else outbox
    waiting = InboxStatus.WAITING if direction is Direction.IN else OutboxStatus.WAITING
    changed = await work.execute(
        update(table)
        .where(_aside(direction), table.c.seq == seq)
        .values(status=waiting, tries=0, fault=None)
    )
    return changed.rowcount == 1


async def drop(work: Work, direction: Direction, seq: int) -> bool:
    """Let go of something and forget what it said; False when it was not set aside."""
    if direction is Direction.IN:
        # The id stays: the homeserver may send the event a second time.
        change = update(inbox).values(status=InboxStatus.DONE, content=None)
        here = inbox.c.seq == seq
    else:
        change = update(outbox).values(
            status=OutboxStatus.REFUSED, content=None, late=None, sealed=None
        )
        here = outbox.c.seq == seq
    return (await work.execute(change.where(_aside(direction), here))).rowcount == 1


def _aside(direction: Direction) -> ColumnElement[bool]:
    if direction is Direction.IN:
        return inbox.c.status == InboxStatus.DEAD
    return outbox.c.status == OutboxStatus.SET_ASIDE
