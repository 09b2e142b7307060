"""When a message goes out late, and says so.

A warning that was held up for hours is no longer a reason to startle a whole region. What it says
then was put beside it in the outbox (:attr:`appservice.outbox.Outgoing.late`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from appservice.database import Work
from appservice.outbox import Row

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
