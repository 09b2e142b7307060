"""What is done because time passes: reminders, deadlines, clearing away.

::

    every few seconds ─▶ each chore of the domain ─▶ one commit ─▶ outbox, records

A chore looks in the database for what is due, does it, and records that it was done: after a
crash it is simply due still. A chore that raises is named in the log and tried again at the next
round; the others go on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from appservice.active import NoLongerActive
from appservice.database import Database, Work, is_outage
from appservice.faults import fault_of
from appservice.handling import Handled

log = logging.getLogger(__name__)

ROUND_SECONDS = 5.0
"""Seconds between two rounds: nothing that waits for time is in more of a hurry."""

Look = Callable[[Work, datetime], Awaitable[Handled]]
"""Does what is due now (UTC), in one transaction. Safe to repeat; does little at a time."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to look after, again and again.

    Attributes:
        name: for the log.
        run: looks for what is due, and does it.
    """

    name: str
    run: Look


class Chores:
    """Runs chores in turn.

    Args:
        database: a commit for each.
        chores: what there is to do.
        handled: called after each commit.
        clock: tells the time, UTC.
    """

    def __init__(
        self,
        database: Database,
        chores: Sequence[Chore],
        handled: Callable[[Handled], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._chores = tuple(chores)
        self._handled = handled
        self._clock = clock

    async def run(self) -> None:
        """Go round for ever; cancel to stop."""
        while True:
            await self.round()
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> None:
        """Run every chore once.

        Raises:
            NoLongerActive: another instance took over.
            SQLAlchemyError, OSError: the database is away.
        """
        for chore in self._chores:
            try:
                async with self._database.begin() as work:
                    handled = await chore.run(work, self._clock())
            except Exception as error:
                if is_outage(error) or isinstance(error, NoLongerActive):
                    raise
                log.error("%s failed (%s); tried again later", chore.name, fault_of(error))
                continue
            self._handled(handled)
