"""Taking back an alert that should not have gone out.

::

    !intrekken #n reason ─▶ every alert is edited to say so ─▶ later: redacted in every room
                                                                 └─▶ each confirmed on the card

What somebody read, or their client keeps, nobody can take back: the edit says so to everyone first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from appservice.database import Work
from appservice.handling import Handled
from appservice.ids import EventID, UserID
from bridge.audit import Deed, Entry
from bridge.commands import Asked
from bridge.moderation import takebacks
from bridge.moderation.afterwards import Followers, nobody, told_later
from bridge.moderation.decisions import MAXIMUM_REASON, Decision
from bridge.moderation.desk import Desk
from bridge.moderation.reach import reached
from bridge.places import Place
from bridge.reports.case import Afterword, AfterwordKind, Case, Status, numbered
from bridge.speech import Refused


def withdraw(
    case: Case,
    by: UserID,
    reason: str,
    now: datetime,
    reach: Sequence[Place],
    merged: Sequence[Case] = (),
    followers: Sequence[UserID] = (),
) -> Decision:
    """Take back a shared report; everyone who has it reads why.

    Raises:
        Refused: it was not shared or was withdrawn before, or the reason is too long.
    """
    if len(reason) > MAXIMUM_REASON:
        raise Refused("review/reason_too_long", maximum=MAXIMUM_REASON)
    if not case.with_others:
        raise Refused("review/not_shared", number=numbered(case), case=case)
    word = Afterword(AfterwordKind.WITHDRAWAL, reason, now, by)
    withdrawn = replace(case, status=Status.WITHDRAWN, pending=None)
    case, says = told_later(withdrawn, word, reach, merged, followers)
    return Decision(case, says, Entry(Deed.WITHDRAWN, by, numbered(case), reason=reason))


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
            raise Refused("review/text_missing", number=numbered(case))
        decision = withdraw(
            case,
            asked.person.user,
            reason,
            asked.now,
            await reached(asked.work, case),
            await self._desk.merged(asked.work, case),
            await self._followers(asked.work, case),
        )
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
