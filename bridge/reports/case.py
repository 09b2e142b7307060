"""A report on its way: from draft to decision.

::

    DRAFT ──send──▶ SUBMITTED ──approve──▶ PUBLISHED ──outcome──▶ CLOSED
      │               │    │                   └───────withdraw──────┴──▶ WITHDRAWN
      └─cancel─▶ CANCELLED │
                      │    └──merge──▶ MERGED (goes on as another)
                      └──reject──▶ REJECTED

Everything here is a function of a case and what happened; :mod:`bridge.reports.records` keeps
cases.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from appservice.ids import EventID, UserID
from bridge.regions import RegionCode
from bridge.reports.fields import FieldName
from bridge.reports.report import ReportFields, missing

CaseNumber = NewType("CaseNumber", int)
"""The short number by which everyone speaks of a report, ``#42``; given when it is sent."""


class Status(StrEnum):
    """Where a report stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    """It was shared, and everyone heard how it ended."""
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    """It tells of the same event as another, and goes on as that one."""
    PURGED = "purged"
    """Its time was over: nothing is left of it but its number and a figure."""


NOBODY = UserID("")
"""The reporter of a case when who that was is no longer kept."""


SHARED = frozenset({Status.PUBLISHED, Status.CLOSED})
"""Where others have the alert, and it still stands."""


class Wait(StrEnum):
    """What an approval that was given still waits for."""

    SECOND = "second"
    """The word of a second moderator."""
    GRACE = "grace"
    """The end of the time in which it can be taken back."""


@dataclass(frozen=True, slots=True)
class Approval:
    """A moderator's approval that has not taken effect yet.

    Attributes:
        by: who gave it.
        regions: where the alert is to go.
        police: whether to the police of those regions too.
        at: when it was given, which may be long before it was read.
        waits_for: what is lacking.
        reaction: the ✅ by which it was given; None when it was typed.
        due: when the time of grace ends.
        first: the moderator who approved before, where two are needed.
    """

    by: UserID
    regions: tuple[RegionCode, ...]
    police: bool
    at: datetime
    waits_for: Wait
    reaction: EventID | None = None
    due: datetime | None = None
    first: UserID | None = None


class AfterwordKind(StrEnum):
    """What was said to the readers of an alert after it."""

    UPDATE = "update"
    OUTCOME = "outcome"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Afterword:
    """Something the readers of an alert were told later."""

    kind: AfterwordKind
    text: str
    at: datetime
    by: UserID


@dataclass(frozen=True, slots=True)
class Correction:
    """Fields that say something else since the police have a case.

    Attributes:
        behind: how many afterwords there were.
    """

    behind: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One report and what became of it.

    Attributes:
        id: of the row; 0 before there is one.
        number: given when the report is sent.
        reporter: told of every step, named to nobody but the moderators.
        region: the reporter's.
        verified: the report came from a device its owner had verified.
        decided_by: the moderator who approved or rejected.
        reason: why it was rejected; None when no reason was given.
        regions: where the alert went.
        police: whether it went to the police liaisons of those regions.
        ahead_at: when the police got it before the members' share was decided on, if they did.
        decided_with: the moderator who approved first, where two were needed.
        pending: an approval that has not taken effect yet.
        revision: how often its card was edited.
        claimed_by: the moderator who is at it.
        asked_by: the moderator whose question the reporter has not answered yet.
        called_out: how often the moderators were called because it waited too long.
        outcome_asked: they were asked how it ended.
        afterwords: what the readers of the alert were told later, in order; what was told of a
            case that goes on as this one, behind it.
        corrected: when what the police have of it was changed, in order.
        merged_into: the case as which it goes on.
        let_through: what of it a moderator let pass the gate (:mod:`bridge.gate.leaving`).
    """

    id: int
    number: CaseNumber | None
    reporter: UserID
    region: RegionCode
    status: Status
    fields: ReportFields
    opened_at: datetime
    verified: bool = True
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: UserID | None = None
    reason: str | None = None
    regions: tuple[RegionCode, ...] = ()
    police: bool = False
    ahead_at: datetime | None = None
    decided_with: UserID | None = None
    pending: Approval | None = None
    revision: int = 0
    claimed_by: UserID | None = None
    asked_by: UserID | None = None
    called_out: int = 0
    outcome_asked: bool = False
    afterwords: tuple[Afterword, ...] = ()
    corrected: tuple[Correction, ...] = ()
    merged_into: CaseNumber | None = None
    let_through: tuple[str, ...] = ()

    @property
    def with_others(self) -> bool:
        """Whether others than the moderators and its reporter have it, and it still stands."""
        ahead = self.status is Status.SUBMITTED and self.ahead_at is not None
        return ahead or self.status in SHARED

    @property
    def time_to_decision(self) -> timedelta | None:
        """How long its reporter waited for a moderator's word; None while they wait."""
        if self.submitted_at is None or self.decided_at is None:
            return None
        return self.decided_at - self.submitted_at


def numbered(case: Case) -> CaseNumber:
    """Return the number of a case that was sent.

    Raises:
        ValueError: it was not.
    """
    if case.number is None:
        raise ValueError("a draft has no number")
    return case.number


def message_name(case: Case, what: str) -> str:
    """Return the outbox name of a message about a case; the same message always has the same."""
    return f"case/{numbered(case)}/{what}"


def submit(
    case: Case, number: CaseNumber, now: datetime, unknown: frozenset[FieldName] = frozenset()
) -> Case:
    """Send a draft to the moderators.

    Args:
        unknown: fields of which its reporter said that they do not know.

    Raises:
        ValueError: fields are missing without which nobody can be warned.
    """
    lacking = [name for name in missing(case.fields) if name not in unknown]
    if lacking:
        raise ValueError(f"a report cannot be sent without {', '.join(lacking)}: ask for it first")
    return replace(case, status=Status.SUBMITTED, number=number, submitted_at=now)


def cancel(case: Case) -> Case:
    """Throw a draft away."""
    return replace(case, status=Status.CANCELLED, fields=ReportFields())
