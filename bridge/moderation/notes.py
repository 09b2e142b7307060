"""What the audit log has no room for: the words that were said of a case, and what was changed.

::

    a decision ─▶ Entry ─▶ the audit log ──┬─▶ !dossier #n
         └──────▶ Note ──▶ sealed, beside ─┘

The words are a report's own as much as its fields are: they are sealed like them, and go with
them. What was done, by whom and when stays in the audit log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text, delete, insert, select

from appservice.database import Work, metadata
from appservice.times import from_milliseconds, milliseconds
from appservice.vault import DataKey, Vault
from bridge.audit import Deed
from bridge.reports import case_keys
from bridge.reports.case import Case
from bridge.reports.report import ReportFields
from bridge.reports.shown import Audience, Line, lines, texts

notes = Table(
    "desk_notes",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("case_id", BigInteger, nullable=False, index=True),
    Column("deed", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

_PURPOSE = "desk note"


@dataclass(frozen=True, slots=True)
class Note:
    """The words, or the fields, that belong to a deed in the audit log.

    Attributes:
        text: what was said.
        before, after: the fields of a report that was changed.
    """

    deed: Deed
    text: str | None = None
    before: ReportFields | None = None
    after: ReportFields | None = None

    @property
    def changes(self) -> tuple[Change, ...]:
        """The fields that were changed."""
        if self.before is None or self.after is None:
            return ()
        return changes(self.before, self.after)

    @property
    def typed(self) -> tuple[str, ...]:
        """What somebody typed anew into the fields of a report."""
        if self.before is None or self.after is None:
            return ()
        was = texts(self.before)
        return tuple(text for text in texts(self.after) if text not in was)


@dataclass(frozen=True, slots=True)
class Change:
    """A field that says something else now; None where it said nothing."""

    was: Line | None
    now: Line | None


def changes(before: ReportFields, after: ReportFields) -> tuple[Change, ...]:
    """Return the fields that differ, in reading order."""
    was = {line.name: line for line in lines(before, Audience.MODERATORS)}
    now = {line.name: line for line in lines(after, Audience.MODERATORS)}
    names = dict.fromkeys([*was, *now])
    return tuple(
        Change(was.get(name), now.get(name)) for name in names if was.get(name) != now.get(name)
    )


class Notes:
    """Keeps notes, each sealed under the key of its case.

    Args:
        vault: opens that key.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, work: Work, case: Case, note: Note, now: datetime) -> None:
        """Keep a note of a case; none when the case was erased."""
        key = await case_keys.of(work, self._vault, case.id)
        if key is None:
            return
        content: dict[str, Any] = {}
        if note.text is not None:
            content["text"] = note.text
        if note.before is not None and note.after is not None:
            content |= {"before": note.before.to_json(), "after": note.after.to_json()}
        await work.execute(
            insert(notes).values(
                case_id=case.id,
                deed=note.deed,
                at=milliseconds(now),
                content=key.seal_json(content, _PURPOSE),
            )
        )

    async def of(self, work: Work, case: Case) -> Mapping[tuple[Deed, datetime], Note]:
        """Return the notes of a case, by what they belong to."""
        key = await case_keys.of(work, self._vault, case.id)
        if key is None:
            return {}
        rows = await work.execute(
            select(notes).where(notes.c.case_id == case.id).order_by(notes.c.id)
        )
        return {(Deed(row.deed), from_milliseconds(row.at)): _note(row, key) for row in rows}

    async def forget(self, work: Work, case: Case) -> None:
        """Erase the notes of a case."""
        await work.execute(delete(notes).where(notes.c.case_id == case.id))


def _note(row: Any, key: DataKey) -> Note:
    content = key.open_json(row.content, _PURPOSE)
    return Note(
        Deed(row.deed),
        content.get("text"),
        ReportFields.from_json(content["before"]) if "before" in content else None,
        ReportFields.from_json(content["after"]) if "after" in content else None,
    )
