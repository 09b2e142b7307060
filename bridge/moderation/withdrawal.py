"""Taking back an alert that should not have gone out.

::

    !intrekken #n reason ─▶ every alert is edited to say so ─▶ later: redacted in every room
                                                                 └─▶ each confirmed on the card

What somebody read, or their client keeps, nobody can take back: the edit says so to everyone first.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from appservice.database import Work
from appservice.handling import Handled
from appservice.ids import EventID
from bridge.commands import Asked
from bridge.moderation import takebacks
from bridge.moderation.afterwards import WITHDRAWAL, Followers, nobody, readers_of, tell
from bridge.moderation.desk import Desk
from bridge.reports.case import numbered
from bridge.speech import Refused


class Withdrawal:
    """Answers ``!intrekken`` and sees it through.

    Args:
        desk: carries out what is decided.
        after: how long an alert says that it was withdrawn before it is redacted.
        followers: knows who else wants to hear of a case.
    """

    def __init__(self, desk: Desk, after: timedelta, followers: Followers = nobody) -> None:
        self._desk = desk
        self._after = after
        self._followers = followers

    async def withdraw(self, asked: Asked) -> None:
        """``!intrekken #n reason``."""
        case, reason = await self._desk.subject(asked)
        if not reason:
            raise Refused("review/text_missing", number=numbered(case), kind=WITHDRAWAL.kind)
        readers = await readers_of(self._desk, asked.work, case, self._followers)
        decision = tell(case, WITHDRAWAL, asked.person.user, reason, asked.now, readers)
        await takebacks.schedule(asked.work, numbered(case), asked.now + self._after)
        await self._desk.carry_out(asked.work, decision, asked.now)

    async def take_back(self, work: Work, now: datetime) -> Handled:
        """Ask for the redaction of what is due."""
        await takebacks.ask(work, now)
        return Handled()

    async def redacted(self, work: Work, event: EventID, now: datetime, *, taken: bool) -> None:
        """Show on the card that a room is done with."""
        number = await takebacks.answered(work, event, taken=taken)
        if number is not None:
            await self._desk.renew(work, await self._desk.case(work, number), now)
