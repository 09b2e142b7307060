"""What waits too long is called out: once to the moderators, then to the coordinators.

::

    SUBMITTED, and nobody decided ─▶ 1st call: who claimed it, or everyone ─▶ 2nd: coordinators
    PUBLISHED, and no outcome ─────▶ asked once, of who shared it

How often a case was called out is kept with it: a restart calls nobody again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from appservice.database import Work
from appservice.handling import Handled
from appservice.ids import UserID
from bridge.members.roster import Roster
from bridge.moderation.card import CARD
from bridge.moderation.decisions import Decision
from bridge.moderation.desk import Desk
from bridge.places import ReviewRoom
from bridge.reports.case import Case, Status, message_name, numbered
from bridge.speech import Say


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may wait.

    Attributes:
        call: a report for a decision, until the moderators are called.
        call_coordinators: until the coordinators are.
        ask_outcome: a shared report for its outcome.
    """

    call: timedelta
    call_coordinators: timedelta
    ask_outcome: timedelta


def call(
    case: Case, patience: Patience, coordinators: Collection[UserID], now: datetime
) -> Decision | None:
    """Call out a report that waits too long; None when it does not, or was called out before."""
    if case.status is not Status.SUBMITTED or case.submitted_at is None:
        return None
    waited = now - case.submitted_at
    if waited >= patience.call_coordinators and case.called_out < 2:
        people, round_ = frozenset(coordinators) - {case.reporter}, 2
    elif waited >= patience.call and case.called_out < 1:
        people, round_ = _only(case.claimed_by), 1
    else:
        return None
    said = Say(
        ReviewRoom(),
        "review/waits",
        {
            "number": numbered(case),
            "minutes": int(waited.total_seconds() // 60),
            "claimed_by": case.claimed_by,
            "people": sorted(people),
            "last": round_ == 2,
        },
        name=message_name(case, f"waits/{round_}"),
        thread=message_name(case, CARD),
        mentions=people,
        alerts_room=not people,
    )
    return Decision(replace(case, called_out=round_, claimed_by=None), (said,))


def ask_outcome(case: Case, patience: Patience, now: datetime) -> Decision | None:
    """Ask how a shared case ended; None when it is too early, or was asked before."""
    if case.status is not Status.PUBLISHED or case.outcome_asked or case.decided_at is None:
        return None
    last = max([case.decided_at, *(word.at for word in case.afterwords)])
    if now - last < patience.ask_outcome:
        return None
    said = Say(
        ReviewRoom(),
        "review/ask_outcome",
        {"number": numbered(case), "by": case.decided_by, "since": case.decided_at},
        name=message_name(case, "ask outcome"),
        thread=message_name(case, CARD),
        mentions=_only(case.decided_by),
    )
    return Decision(replace(case, outcome_asked=True), (said,))


def _only(user: UserID | None) -> frozenset[UserID]:
    return frozenset() if user is None else frozenset({user})


class Deadlines:
    """Looks for what waits too long.

    Args:
        desk: carries out what is decided.
        roster: knows the coordinators.
        patience: how long things may wait.
    """

    def __init__(self, desk: Desk, roster: Roster, patience: Patience) -> None:
        self._desk = desk
        self._roster = roster
        self._patience = patience

    async def look(self, work: Work, now: datetime) -> Handled:
        """Call out what waits too long by now."""
        coordinators = self._roster.coordinators
        waiting = (Status.SUBMITTED, Status.PUBLISHED)
        for case in await self._desk.records.of_status(work, *waiting):
            decision = call(case, self._patience, coordinators, now)
            decision = decision or ask_outcome(case, self._patience, now)
            if decision is not None:
                await self._desk.carry_out(work, decision, now)
        return Handled()
