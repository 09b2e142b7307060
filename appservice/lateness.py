"""When a message goes out late, and says so.

A warning that was held up for hours is no longer a reason to startle a whole region. What it says
then was put beside it in the outbox (:attr:`appservice.outbox.Outgoing.late`). It has waited since
somebody said the word that it follows from, also when that word itself waited: for a service that
was down, or for its key. A homeserver whose clock is behind makes messages late in this way, which
is told each time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import func, select, update

from appservice.database import Work
from appservice.outbox import Row, outbox
from appservice.times import milliseconds

_AT_ONCE = timedelta(minutes=1)
"""What is younger is as good as new."""

_LONGEST = timedelta(days=7)
"""No message counts as older than that when it is put out: what is very old is erased."""

_T = TypeVar("_T")

GoneLate = Callable[[Work, str | None, timedelta], Awaitable[None]]
"""Told, in the transaction that seals it so, of a message that goes out late: name and age."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """Tells which messages are late.

    Attributes:
        after: how long a message may have waited.
        tell: hears of each late one, once.
        clock: tells the time, UTC.
    """

    after: timedelta
    tell: GoneLate
    clock: Callable[[], datetime]

    def of(self, row: Row) -> timedelta | None:
        """Return how long a message has waited if it is late, and is not sealed so yet."""
        waited = self.clock() - row.created_at
        return waited if row.late is not None and waited >= self.after else None

    async def since(self, work: Work, said_at: datetime, handle: Callable[[], Awaitable[_T]]) -> _T:
        """Handle what somebody said; the messages that it causes have waited since then."""
        return await waiting_since(work, said_at, self.clock(), handle)


async def waiting_since(
    work: Work, due_at: datetime, now: datetime, handle: Callable[[], Awaitable[_T]]
) -> _T:
    """Do what was due at a time, in ``work``; the messages that it causes have waited since then.

    For what a network does later than it was to be done, such as a chore of a service that was
    down; what is done late with an event is seen without it.
    """
    if now - due_at <= _AT_ONCE:
        return await handle()
    newest = (await work.execute(select(func.max(outbox.c.seq)))).scalar_one() or 0
    handled = await handle()
    await work.execute(
        update(outbox)
        .where(outbox.c.seq > newest, outbox.c.late.is_not(None))
        .values(created_at=milliseconds(max(due_at, now - _LONGEST)))
    )
    return handled
