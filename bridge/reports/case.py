"""A report on its way: from draft to decision.

::

    DRAFT ──send──▶ SUBMITTED ──approve──▶ PUBLISHED
      │                 │
      └──cancel──▶ CANCELLED   └──reject──▶ REJECTED

Everything here is a function of a case and what happened; :mod:`bridge.reports.records` keeps
cases.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from appservice.ids import UserID
from bridge.regions import RegionCode
from bridge.reports.report import ReportFields, missing
from bridge.speech import Refused

CaseNumber = NewType("CaseNumber", int)
"""The short number by which everyone speaks of a report, ``#42``; given when it is sent."""


class Status(StrEnum):
    """Where a report stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


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


def submit(case: Case, number: CaseNumber, now: datetime) -> Case:
    """Send a draft to the moderators.

    Raises:
        Refused: fields are missing without which nobody can be warned.
    """
    lacking = missing(case.fields)
    if lacking:
        raise Refused("report/incomplete", missing=lacking)
    return replace(case, status=Status.SUBMITTED, number=number, submitted_at=now)


def cancel(case: Case) -> Case:
    """Throw a draft away."""
    return replace(case, status=Status.CANCELLED, fields=ReportFields())
