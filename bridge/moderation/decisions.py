"""What a moderator decides, and everything that follows from it.

Functions of the case, who decided, and when; the messages they return are the whole effect. The
order of the messages is the order in which they matter: the alert first, the card last.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from appservice.ids import UserID
from bridge.audit import Deed, Entry
from bridge.moderation.card import Cards
from bridge.places import PrivateRoom
from bridge.police.relay import relayed
from bridge.regions import Region, RegionCode
from bridge.relay.alert import alerts
from bridge.reports.case import Case, Status, message_name, numbered
from bridge.speech import Refused, Say

MAXIMUM_REASON = 500
"""Characters of a reason: it is read on a phone."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A case after a decision, what is said about it, and what the audit log keeps of it."""

    case: Case
    says: tuple[Say, ...]
    entry: Entry


def approve(
    case: Case,
    by: UserID,
    regions: Sequence[RegionCode],
    police: Collection[RegionCode],
    known: Collection[Region],
    cards: Cards,
    now: datetime,
) -> Decision:
    """Publish a report.

    Args:
        regions: where the alert goes.
        police: regions whose liaison room gets it too; a subset of ``regions``.
        known: every region, for their names.

    Raises:
        Refused: it was decided already, or it is ``by``'s own report.
    """
    _may_decide(case, by)
    decided = replace(
        case,
        status=Status.PUBLISHED,
        decided_by=by,
        decided_at=now,
        regions=tuple(regions),
        police=bool(police),
    )
    names = {region.code: region.name for region in known}
    told = Say(
        PrivateRoom(case.reporter),
        "report/published",
        {
            "number": numbered(case),
            "regions": [names[code] for code in regions],
            "police": bool(police),
        },
        name=message_name(case, "published"),
    )
    asked_police = [code for code in regions if code in police]
    details = {"regions": list(regions), "police": asked_police}
    return Decision(
        decided,
        (*alerts(decided, regions), *relayed(decided, asked_police), told, cards.update(decided)),
        Entry(Deed.APPROVED, by=by, case=case.number, details=details),
    )


def reject(case: Case, by: UserID, reason: str | None, cards: Cards, now: datetime) -> Decision:
    """Turn a report down; its reporter is told why, and nobody else hears of it.

    A report that was rejected by a reaction has no reason yet: the same moderator may give one
    afterwards, and the reporter hears that too.

    Raises:
        Refused: it was decided already, it is ``by``'s own report, or the reason is too long.
    """
    if reason is not None and len(reason) > MAXIMUM_REASON:
        raise Refused("review/reason_too_long", maximum=MAXIMUM_REASON)
    adds_reason = (
        case.status is Status.REJECTED
        and case.decided_by == by
        and case.reason is None
        and reason is not None
    )
    if not adds_reason:
        _may_decide(case, by)
    decided = replace(case, status=Status.REJECTED, decided_by=by, decided_at=now, reason=reason)
    told = Say(
        PrivateRoom(case.reporter),
        "report/rejected_because" if adds_reason else "report/rejected",
        {"number": numbered(case), "reason": reason},
        name=message_name(case, "rejected/why" if adds_reason else "rejected"),
    )
    deed = Deed.REASON_GIVEN if adds_reason else Deed.REJECTED
    entry = Entry(deed, by=by, case=case.number, reason=reason)
    return Decision(decided, (told, cards.update(decided)), entry)


def _may_decide(case: Case, by: UserID) -> None:
    if case.status is not Status.SUBMITTED:
        raise Refused("review/already_decided", number=numbered(case), case=case)
    if case.reporter == by:
        raise Refused("review/own_report", number=numbered(case))
