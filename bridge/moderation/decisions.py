"""What a moderator decides, and everything that follows from it.

::

    SUBMITTED ─approve─▶ two needed? ─▶ waits for the SECOND ─approve by another─┐
                            │ no                                                 ▼
                            └──────────────▶ ✅ and a time of grace? ─▶ GRACE ─▶ PUBLISHED

Functions of the case, who decided, and when; the messages they return are the whole effect, but
for the card, which :mod:`~bridge.moderation.desk` edits after each. The order of the messages is
the order in which they matter: the alert first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from appservice.ids import EventID, UserID
from bridge.audit import Deed, Detail, Entry
from bridge.moderation.card import CARD
from bridge.moderation.choice import Choice, Rules, needs_two, usual
from bridge.moderation.notes import Note
from bridge.places import PrivateRoom, ReviewRoom
from bridge.reasons import fits
from bridge.relay.alert import alerts
from bridge.reports.case import Approval, Case, Status, Wait, message_name, numbered
from bridge.speech import Refused, Say


@dataclass(frozen=True, slots=True)
class Decision:
    """A case after a decision, what is said about it, and what is recorded and kept of it."""

    case: Case
    says: tuple[Say, ...] = ()
    entry: Entry | None = None
    note: Note | None = None


def approve(
    case: Case,
    by: UserID,
    choice: Choice | None,
    rules: Rules,
    now: datetime,
    *,
    moderates: Callable[[UserID], bool],
    merged: Sequence[Case] = (),
    reaction: EventID | None = None,
    said_at: datetime | None = None,
) -> Decision:
    """Publish a report, or as much of that as one moderator may.

    Args:
        choice: where the alert goes; None for where the first of two wanted it, or the usual.
        moderates: tells who still is a moderator: nobody else's approval counts.
        merged: reports of the same event, whose reporters are told too.
        reaction: the ✅ by which it is approved; None when it was typed.
        said_at: when ``by`` approved, where that is read later; ``now`` when not given.

    Raises:
        Refused: it was decided already, it is ``by``'s own report, or ``by`` approved before.
    """
    may_decide(case, by, merged)
    before = _first(case, moderates)
    if choice is None:
        choice = usual(case, rules) if before is None else Choice(before.regions, before.police)
    agreed = before is not None and Choice(before.regions, before.police) == choice
    if before is not None and agreed and before.by == by:
        raise Refused("review/second_needed", number=numbered(case))
    first = before.by if before is not None and agreed else None
    at = now if said_at is None else min(said_at, now)
    approval = Approval(by, choice.regions, choice.police, at, Wait.SECOND, reaction, first=first)
    if first is None and needs_two(case.fields.type, choice, rules):
        return _waiting_for_second(case, approval, rules)
    if reaction is not None and rules.grace:
        return Decision(
            replace(case, pending=replace(approval, waits_for=Wait.GRACE, due=now + rules.grace))
        )
    return publish(case, approval, rules, now, merged)


def publish(
    case: Case, approval: Approval, rules: Rules, now: datetime, merged: Sequence[Case] = ()
) -> Decision:
    """Share a report as an approval that waits for nothing any more has it.

    With the police, whoever chose otherwise, where its type always goes there.
    """
    approval = replace(approval, police=approval.police or rules.goes_along(case, approval.regions))
    choice = Choice(approval.regions, approval.police)
    decided = replace(
        case,
        status=Status.PUBLISHED,
        decided_by=approval.by,
        decided_with=approval.first,
        decided_at=now,
        regions=choice.regions,
        police=choice.police,
        pending=None,
        asked_by=None,
    )
    told = [
        Say(
            PrivateRoom(one.reporter),
            "report/published",
            {
                "number": numbered(one),
                "regions": rules.names(choice.regions),
                "police": choice.police or case.ahead_at is not None,
            },
            name=message_name(one, "published"),
        )
        for one in (case, *merged)
    ]
    return Decision(
        decided,
        (
            *alerts(decided, choice.regions),
            *told,
        ),
        Entry(Deed.APPROVED, approval.by, numbered(case), details=_where(approval)),
    )


def take_back(case: Case, reaction: EventID, by: UserID) -> Decision | None:
    """Undo an approval whose ✅ its giver removed; None when it has taken effect, or is no such."""
    pending = case.pending
    if pending is None or pending.reaction != reaction or pending.by != by:
        return None
    before = None
    if pending.first is not None:
        before = replace(
            pending, by=pending.first, waits_for=Wait.SECOND, reaction=None, due=None, first=None
        )
    entry = Entry(Deed.UNDONE, by, numbered(case))
    return Decision(replace(case, pending=before), (), entry)


def reject(
    case: Case, by: UserID, reason: str | None, now: datetime, merged: Sequence[Case] = ()
) -> Decision:
    """Turn a report down; its reporter is told why, and nobody else hears of it.

    A report that was rejected by a reaction has no reason yet: the same moderator may give one
    afterwards, and the reporter hears that too.

    Raises:
        Refused: it was decided already, it is ``by``'s own report, or the reason is too long.
    """
    fits(reason)
    adds_reason = (
        case.status is Status.REJECTED
        and case.decided_by == by
        and case.reason is None
        and reason is not None
    )
    if not adds_reason:
        may_decide(case, by, merged)
    decided = replace(
        case,
        status=Status.REJECTED,
        decided_by=by,
        decided_at=case.decided_at if adds_reason else now,
        reason=reason,
        pending=None,
        asked_by=None,
    )
    told = tuple(
        Say(
            PrivateRoom(one.reporter),
            "report/rejected_because" if adds_reason else "report/rejected",
            {"number": numbered(one), "reason": reason},
            name=message_name(one, "rejected/why" if adds_reason else "rejected"),
        )
        for one in (case, *merged)
    )
    deed = Deed.REASON_GIVEN if adds_reason else Deed.REJECTED
    return Decision(decided, told, Entry(deed, by, numbered(case), reason=reason))


def may_decide(case: Case, by: UserID, merged: Sequence[Case] = ()) -> None:
    """Check that somebody may decide on a report.

    Raises:
        Refused: it was decided, it is being shared, or it is their own.
    """
    if case.status is not Status.SUBMITTED:
        raise Refused("review/already_decided", number=numbered(case), case=case)
    not_own(case, by, merged)
    if case.pending is not None and case.pending.waits_for is Wait.GRACE:
        raise Refused("review/being_shared", number=numbered(case), by=case.pending.by)


def not_own(case: Case, by: UserID, merged: Sequence[Case] = ()) -> None:
    """Check that a report is nobody's who decides on it.

    Raises:
        Refused: it is.
    """
    if by in {case.reporter, *(one.reporter for one in merged)}:
        raise Refused("review/own_report", number=numbered(case))


def _first(case: Case, moderates: Callable[[UserID], bool]) -> Approval | None:
    pending = case.pending
    if pending is None or pending.waits_for is not Wait.SECOND or not moderates(pending.by):
        return None
    return pending


def _waiting_for_second(case: Case, approval: Approval, rules: Rules) -> Decision:
    wanted = Say(
        ReviewRoom(),
        "review/second_wanted",
        {
            "number": numbered(case),
            "by": approval.by,
            "regions": rules.names(approval.regions),
            "police": approval.police,
        },
        name=message_name(case, f"second/{case.revision}"),
        thread=message_name(case, CARD),
        alerts_room=True,
    )
    entry = Entry(Deed.SECONDED, approval.by, numbered(case), details=_where(approval))
    return Decision(replace(case, pending=approval), (wanted,), entry)


def _where(approval: Approval) -> dict[str, Detail]:
    return {"regions": approval.regions, "police": approval.police}
