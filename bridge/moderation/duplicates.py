"""Reports of the same event, and others like it.

::

    a report ─▶ alike(report, the others) ─▶ on its card
    !samen #a #b ─▶ merge ─▶ #b goes on as #a: one alert, two reporters informed
                            both were shared ─▶ bridge.moderation.merging

Two reports tell of the same event when place and type are the same and the times are near. That is
pointed out and never decided: a person merges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from appservice.ids import UserID
from bridge.audit import Deed, Entry
from bridge.moderation.card import CARD, Alike
from bridge.moderation.decisions import Decision, not_own
from bridge.places import PrivateRoom, ReviewRoom
from bridge.reports.case import Case, Status, message_name, numbered
from bridge.reports.event_time import EventTime
from bridge.speech import Refused, Say

NEAR = timedelta(hours=2)
"""Between the times that two people give of one event."""
RECENT = timedelta(days=14)
"""For so long others are pointed out."""
_MOST = 3


def alike(case: Case, others: Iterable[Case]) -> tuple[Alike, ...]:
    """Return the recent cases most like one, what may be the same event first.

    Those alone of the same place: what happened elsewhere helps nobody decide on this.
    """
    found = [
        Alike(other, _same(case, other))
        for other in others
        if other.number != case.number
        and other.status not in (Status.DRAFT, Status.CANCELLED, Status.MERGED)
        and _town(other) == _town(case)
    ]
    found.sort(key=lambda one: (not one.same, -numbered(one.case)))
    return tuple(found[:_MOST])


def merge(
    case: Case, other: Case, by: UserID, already: Sequence[Case]
) -> tuple[Decision, Decision, tuple[Case, ...]]:
    """Let ``other`` go on as ``case``.

    Args:
        already: cases that go on as ``other``; from now on they go on as ``case`` too.

    Returns:
        What follows for ``case`` and for ``other``, and ``already`` as they are then.

    Raises:
        Refused: they are one case, one of them is over, only ``other`` was shared, or one is
            ``by``'s own.
    """
    if case.number == other.number:
        raise Refused("review/merge_itself", number=numbered(case))
    for one in (case, other):
        not_own(one, by, already)
    if case.status not in (Status.SUBMITTED, Status.PUBLISHED):
        raise Refused("review/not_now", number=numbered(case), case=case)
    shared = case.status is Status.PUBLISHED
    both = shared and other.status is Status.PUBLISHED
    if other.status is Status.PUBLISHED and not shared:
        raise Refused("review/merge_other_way", number=numbered(case), other=numbered(other))
    if other.status is not Status.SUBMITTED and not both:
        raise Refused("review/not_now", number=numbered(other), case=other)
    told = tuple(
        Say(
            PrivateRoom(one.reporter),
            "report/merged",
            {"number": numbered(one), "into": numbered(case), "shared": shared, "both": both},
            name=message_name(one, f"merged/{numbered(case)}"),
        )
        for one in (other, *already)
    )
    pointed = Say(
        ReviewRoom(),
        "review/merged",
        {"number": numbered(case), "other": numbered(other), "by": by},
        name=message_name(other, f"merged/{numbered(case)}/card"),
        thread=message_name(case, CARD),
    )
    kept = Decision(
        # Who approved before approved of fewer reports than it tells of now.
        replace(case, pending=None),
        (pointed,),
        Entry(Deed.MERGED, by, numbered(case), details={"other": numbered(other)}),
    )
    gone = Decision(
        replace(
            other,
            status=Status.MERGED,
            merged_into=case.number,
            pending=None,
            asked_by=None,
        ),
        told,
        Entry(Deed.MERGED, by, numbered(other), details={"into": numbered(case)}),
    )
    return kept, gone, tuple(replace(one, merged_into=case.number) for one in already)


def _same(one: Case, other: Case) -> bool:
    if one.fields.type is not other.fields.type:
        return False
    first, second = _when(one), _when(other)
    return first[0] - NEAR <= second[1] and second[0] - NEAR <= first[1]


def _town(case: Case) -> str:
    return (case.fields.place or "").casefold()


def _when(case: Case) -> tuple[datetime, datetime]:
    time: EventTime | None = case.fields.time
    if time is None:
        at = case.submitted_at or case.opened_at
        return at, at
    return time.start, time.end
