"""``!dossier #n``: everything that was decided on a case, by whom, when and why.

::

    audit log (who, what, when, reason) ──┬─▶ moments ─▶ review/dossier
    notes (words said, fields changed) ───┘
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from appservice.ids import UserID
from appservice.times import milliseconds
from bridge.audit import Audit, Deed, Recorded
from bridge.commands import Asked
from bridge.moderation.desk import Desk
from bridge.moderation.notes import Change, Note
from bridge.reports.case import Afterword, AfterwordKind, Case, numbered
from bridge.speech import Say

_SHOWN_AT_ONCE = 25
"""Of what happened to a case: an event has 65,536 bytes."""

_TOLD = {
    AfterwordKind.UPDATE: Deed.UPDATED,
    AfterwordKind.OUTCOME: Deed.CLOSED,
    AfterwordKind.WITHDRAWAL: Deed.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a dossier."""

    at: datetime
    deed: Deed
    by: UserID | None
    """None for the service, and for somebody who was erased."""
    text: str | None
    changes: tuple[Change, ...]
    regions: tuple[str, ...] = ()


def moments(
    recorded: Iterable[Recorded],
    notes: Mapping[tuple[Deed, datetime], Note],
    told: Iterable[Afterword],
    reason: str | None,
) -> Sequence[Moment]:
    """Return what happened to a case, oldest first.

    Args:
        recorded: its entries in the audit log.
        notes: what was said and changed.
        told: what the readers of its alert were told later.
        reason: why it was rejected.
    """
    words = {(_TOLD[word.kind], milliseconds(word.at)): word.text for word in told}
    found = []
    for entry in recorded:
        deed = Deed(entry.deed)
        note = notes.get((deed, entry.at))
        text = entry.reason or words.get((deed, milliseconds(entry.at)))
        if text is None and note is not None:
            text = note.text
        if text is None and deed is Deed.REJECTED:
            text = reason
        by = UserID(entry.by) if entry.by.startswith("@") else None
        regions = entry.details.get("regions", ())
        found.append(
            Moment(
                entry.at,
                deed,
                by,
                text,
                () if note is None else note.changes,
                tuple(regions) if isinstance(regions, list | tuple) else (),
            )
        )
    return found


class Dossiers:
    """Answers ``!dossier``.

    Args:
        desk: finds the case.
        audit: has what was decided.
    """

    def __init__(self, desk: Desk, audit: Audit) -> None:
        self._desk = desk
        self._audit = audit

    async def show(self, asked: Asked) -> None:
        """``!dossier #n``."""
        case, _ = await self._desk.subject(asked)
        found = await self._moments(asked, case)
        values = {
            "number": numbered(case),
            "case": case,
            "moments": found[-_SHOWN_AT_ONCE:],
            "more": max(0, len(found) - _SHOWN_AT_ONCE),
        }
        say = Say(asked.place, "review/dossier", values, reply_to=asked.message.event_id)
        await self._desk.say(asked.work, [say], asked.now)

    async def _moments(self, asked: Asked, case: Case) -> Sequence[Moment]:
        recorded = [entry async for entry in self._audit.entries(asked.work, case=numbered(case))]
        notes = await self._desk.notes.of(asked.work, case)
        return moments(recorded, notes, case.afterwords, case.reason)
