"""How long a report is kept, and what goes when: functions of a case and the time.

::

    draft ──drafts_days──▶ gone
    rejected ──rejected_days──▶ a figure
    shared ──outcome──reports_days──▶ what others were told ──alerts_days (of sharing)──▶ a figure

Source of the terms: the federation's own assessment (DPIA); they are settings. The personal part of
a report, who sent it included, goes first; the alert that all members had stays for a year, so that
who reads back can see it; the figure that remains points at nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bridge.configuration.settings import RetentionSettings
from bridge.reports.case import NOBODY, AfterwordKind, Case, Status
from bridge.reports.case_keys import Stage
from bridge.reports.fields import FieldName
from bridge.reports.report import ReportFields
from bridge.reports.shown import Audience, PoliceReading, lines


@dataclass(frozen=True, slots=True)
class Terms:
    """How long each kind of thing is kept.

    Attributes:
        drafts: what was never sent, from its beginning.
        rejected: a rejected report, from the rejection.
        reports: the whole report, from its end: outcome, withdrawal, or nobody's decision.
        alerts: what others were told, from the sharing.
        conversations: what was said in private rooms, the review room and liaison rooms.
        set_aside: messages the service could not send.
        room_keys: keys of what others wrote.
        audit: who decided what.
    """

    drafts: timedelta
    rejected: timedelta
    reports: timedelta
    alerts: timedelta
    conversations: timedelta
    set_aside: timedelta
    room_keys: timedelta
    audit: timedelta

    @classmethod
    def of(cls, settings: RetentionSettings) -> Terms:
        """Return the terms that the configuration sets."""
        return cls(
            drafts=timedelta(days=settings.drafts_days),
            rejected=timedelta(days=settings.rejected_days),
            reports=timedelta(days=settings.reports_days),
            alerts=timedelta(days=settings.alerts_days),
            conversations=timedelta(days=settings.conversations_days),
            set_aside=timedelta(days=settings.set_aside_days),
            room_keys=timedelta(days=settings.room_keys_days),
            audit=timedelta(days=settings.audit_days),
        )


class Due(StrEnum):
    """What of a case has to go now."""

    NOTHING = "nothing"
    PRIVATE_PART = "private part"
    """Everything that others were not told."""
    TEXT = "text"
    """Everything but a number and a figure."""
    ROW = "row"
    """Everything: it was never sent."""


def due(case: Case, stage: Stage, terms: Terms, now: datetime) -> Due:
    """Return what of a case has to go now.

    Args:
        stage: how much of it is still there.
    """
    if case.number is None:
        over = case.status is Status.CANCELLED or _is_over(case.opened_at, terms.drafts, now)
        return Due.ROW if over else Due.NOTHING
    sent = case.submitted_at or case.opened_at
    decided = case.decided_at or sent
    match case.status:
        case Status.PUBLISHED | Status.CLOSED if _is_over(decided, terms.alerts, now):
            return Due.TEXT
        case Status.CLOSED if stage is Stage.WHOLE and _is_over(ended(case), terms.reports, now):
            return Due.PRIVATE_PART
        case Status.PUBLISHED | Status.CLOSED:
            return Due.NOTHING
        case Status.REJECTED:
            over = _is_over(decided, terms.rejected, now)
        case Status.WITHDRAWN:
            over = _is_over(ended(case), terms.reports, now)
        case Status.SUBMITTED | Status.MERGED:
            over = _is_over(decided, terms.reports, now)
        case Status.PURGED:
            # Its key is gone, as after putting back a copy without keys. They may yet follow.
            over = _is_over(case.opened_at, terms.reports, now)
        case Status.DRAFT | Status.CANCELLED:
            over = True
    return Due.TEXT if over else Due.NOTHING


def ended(case: Case) -> datetime:
    """Return when a case ended: at the last outcome or withdrawal that was told."""
    told = [
        word.at
        for word in case.afterwords
        if word.kind in (AfterwordKind.OUTCOME, AfterwordKind.WITHDRAWAL)
    ]
    return max(told, default=case.decided_at or case.submitted_at or case.opened_at)


def told_to_others(case: Case, police: PoliceReading) -> Case:
    """Return what is left of a case when its private part is gone: what others were told.

    Who reported it, who decided on it and what only moderators read is not among that.
    """
    shown = {line.name for line in police.lines(case.fields)}
    shown |= {line.name for line in lines(case.fields, Audience.MEMBERS)}
    shown |= {FieldName.TYPE, FieldName.ATTEMPT, FieldName.PLACE}
    if case.fields.publish_street:
        shown |= {FieldName.STREET, FieldName.PUBLISH_STREET}
    kept = {name.value: getattr(case.fields, name.value) for name in shown}
    if FieldName.LOOT in shown:
        kept["loot_note"] = case.fields.loot_note
    return replace(
        case,
        reporter=NOBODY,
        fields=ReportFields(**kept),
        reason=None,
        decided_by=None,
        decided_with=None,
        pending=None,
        claimed_by=None,
        asked_by=None,
        afterwords=tuple(replace(word, by=NOBODY) for word in case.afterwords),
    )


def _is_over(since: datetime, term: timedelta, now: datetime) -> bool:
    return since + term <= now
