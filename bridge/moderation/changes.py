"""A moderator changes a report: the difference is shown, and kept.

::

    !wijzig #n tijd: 14:05 ─▶ parse ─▶ change ─▶ the difference, in the card's thread
                                         └─▶ was it shared? every alert is edited in place
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from appservice.ids import UserID
from bridge.audit import Deed, Entry
from bridge.commands import Asked
from bridge.gate.leaving import with_reason
from bridge.moderation.afterwards import edits
from bridge.moderation.card import CARD
from bridge.moderation.decisions import Decision, not_own
from bridge.moderation.desk import Desk
from bridge.moderation.notes import Note, changes
from bridge.moderation.reach import reached
from bridge.places import LiaisonRoom, ReviewRoom, SharedRoom
from bridge.reports.case import Case, Correction, Status, Wait, message_name, numbered
from bridge.reports.layout import entries
from bridge.reports.parsing import MAX_REPORT, parse
from bridge.reports.report import ReportFields, apply, length
from bridge.reports.shown import PoliceReading
from bridge.speech import Refused, Say
from bridge.typed_text import legible

_PROBLEMS = 5


def change(
    case: Case,
    more: ReportFields,
    by: UserID,
    reach: Sequence[SharedRoom],
    merged: Sequence[Case],
    police: PoliceReading,
    now: datetime,
) -> Decision:
    """Change what a report says.

    An approval of what it said before counts no more.

    Args:
        more: the fields that say something else now.
        reach: the rooms that have its alert.
        merged: reports that go on as this one.
        police: what police officers read of it.
        now: when it is changed.

    Raises:
        Refused: it is over, is being shared, is ``by``'s own, would be too long, or stays as it is.
    """
    if case.status not in (Status.SUBMITTED, Status.PUBLISHED):
        raise Refused("review/not_now", number=numbered(case), case=case)
    not_own(case, by, merged)
    if case.pending is not None and case.pending.waits_for is Wait.GRACE:
        raise Refused("review/being_shared", number=numbered(case), by=case.pending.by)
    fields = apply(case.fields, more)
    if length(fields) > MAX_REPORT:
        raise Refused("report/too_long", maximum=MAX_REPORT)
    differences = changes(case.fields, fields)
    if not differences:
        raise Refused("review/nothing_changed", number=numbered(case))
    corrected = case.corrected
    if any(isinstance(place, LiaisonRoom) for place in reach):
        corrected = (*corrected, Correction(len(case.afterwords), now))
    changed = replace(case, fields=fields, pending=None, corrected=corrected)
    shown = Say(
        ReviewRoom(),
        "review/changed",
        {
            "number": numbered(case),
            "by": by,
            "changes": differences,
            "void": case.pending is not None,
            "shared": bool(reach),
        },
        name=message_name(case, f"changed/{case.revision}"),
        thread=message_name(case, CARD),
    )
    entry = Entry(
        Deed.EDITED,
        by,
        numbered(case),
        details={
            "fields": [str(line.name.value) for one in differences if (line := one.now or one.was)]
        },
    )
    note = Note(Deed.EDITED, before=case.fields, after=fields)
    return Decision(changed, (*edits(changed, reach, police), shown), entry, note)


class Changes:
    """Answers ``!wijzig`` in the review room.

    Args:
        desk: carries out the change.
        zone: of the times people type.
    """

    def __init__(self, desk: Desk, zone: ZoneInfo) -> None:
        self._desk = desk
        self._zone = zone

    async def change(self, asked: Asked) -> None:
        """``!wijzig #n field: value``."""
        case, text = await self._desk.subject(asked)
        text, why = with_reason(text)
        parsed = parse(text, asked.now, self._zone)
        # A reporter may tell a story; what a moderator changes has to name its field.
        named = all(entry.field is not None for entry in entries(legible(text)))
        if not named or parsed.problems or parsed.fields == ReportFields():
            raise Refused(
                "review/change_unclear",
                number=numbered(case),
                problems=parsed.problems[:_PROBLEMS],
            )
        merged = await self._desk.merged(asked.work, case)
        reach = await reached(asked.work, case)
        decision = change(
            case,
            parsed.fields,
            asked.person.user,
            reach,
            merged,
            self._desk.rules.police_reading,
            asked.now,
        )
        await self._desk.carry_out(asked.work, decision, asked.now, why)
