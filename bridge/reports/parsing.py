"""A report as somebody typed it, read without losing any of it.

::

    text ─▶ entries (layout) ─┬─▶ "key: value": a value per field (values) ─┬─▶ ReportFields
                              └─▶ no key: free words (spoken) ──────────────┘
                      what cannot be read ─▶ Problem: the line, what was typed, the nearest words

Whatever is wrong, the fields that could be read are kept: nothing in here raises for any text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from bridge.reports.fields import FIELDS, FREE_TEXT, TYPES, FieldName
from bridge.reports.layout import Entry, entries
from bridge.reports.report import ReportFields, apply
from bridge.reports.values import ProblemKind, Setting, UnreadableValue, read_value
from bridge.typed_text import legible
from bridge.wording import Language

if TYPE_CHECKING:
    from bridge.reports.spoken import Spoken

MAX_FIELD: Final = 500
MAX_STORY: Final = 1_000
"""Characters of one field, and of the two that tell a story."""
MAX_PLACE: Final = 200
"""Characters of a town with its street; lists of reports hold many of them."""
MAX_REPORT: Final = 3_000
"""Characters of everything typed."""

_LIMITS = {
    FieldName.MO: MAX_STORY,
    FieldName.DESCRIPTION: MAX_STORY,
    FieldName.PLACE: MAX_PLACE,
    FieldName.STREET: MAX_PLACE,
}
_SHOWN: Final = 80
_SLIP: Final = 70
"""Similarity, of 100, from which a word before a colon is a slip for a field's name."""
_FEW_WORDS: Final = 3
_STORY: Final = tuple(name.value for name in FREE_TEXT)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a report that its writer should look at.

    ``line`` counts from 1 in what was parsed. ``typed`` is the text in question, cut to 80
    characters. ``nearest`` are up to three valid words like it, in the language it was typed
    in; empty when nothing is near.
    """

    line: int
    typed: str
    kind: ProblemKind
    field: FieldName | None = None
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """What could be read, and what is the matter with the rest."""

    fields: ReportFields
    problems: tuple[Problem, ...]


def parse(text: str, now: datetime, zone: ZoneInfo) -> Parsed:
    """Read the text that follows the command word: a type, then fields in any order.

    ``now`` is aware; times in the text are local to ``zone``. Never raises for any text.
    """
    reading = _Reading()
    typed = legible(text)
    if len(typed) > MAX_REPORT:
        line = typed.count("\n", 0, MAX_REPORT) + 1
        reading.problem(line, typed[MAX_REPORT:], ProblemKind.TOO_LONG)
        # Not the field that the limit cuts through: half a value is worse than none.
        typed = typed[:MAX_REPORT].rpartition("\n")[0] or typed[:MAX_REPORT]
    cut = _times_joined(entries(typed))
    setting = Setting(now, zone, _language(cut))
    for number, entry in enumerate(cut):
        if entry.key is None:
            _read_loose(reading, entry, setting, opens=number == 0)
        elif entry.field is None:
            nearest = FIELDS.nearest(entry.key, setting.language)
            if not nearest or not FIELDS.nearest(entry.key, None, at_least=_SLIP):
                # "Let op: …" is how somebody begins to speak.
                spoken = Entry(entry.line, None, None, f"{entry.key}: {entry.value}")
                _read_loose(reading, spoken, setting, opens=False)
                continue
            reading.problem(entry.line, entry.key, ProblemKind.UNKNOWN_FIELD, nearest=nearest)
        elif entry.value:
            _read_field(reading, entry.field, entry, setting)
    return Parsed(reading.fields, tuple(sorted(reading.problems, key=lambda found: found.line)))


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.fields = ReportFields()
        self.problems: list[Problem] = []
        self.seen: Counter[FieldName] = Counter()

    def problem(
        self,
        line: int,
        typed: str,
        kind: ProblemKind,
        field: FieldName | None = None,
        nearest: tuple[str, ...] = (),
    ) -> None:
        self.problems.append(Problem(line, typed.strip()[:_SHOWN], kind, field, nearest))


def _read_loose(reading: _Reading, entry: Entry, setting: Setting, *, opens: bool) -> None:
    """Text without a key: whatever it says of a report; what has a key wins over it."""
    if len(entry.value) > MAX_STORY:
        reading.problem(entry.line, entry.value, ProblemKind.TOO_LONG)
        return
    spoken = _spoken(entry.value, setting)
    understood = replace(spoken.fields, **_no_story())
    if opens and understood == ReportFields() and len(entry.value.split()) <= _FEW_WORDS:
        # Nothing but the type can be meant by so little: offer the nearest.
        _read_field(reading, FieldName.TYPE, entry, setting)
        return
    if spoken.ahead is not None:
        reading.problem(entry.line, spoken.ahead, ProblemKind.FUTURE_TIME, FieldName.TIME)
    story: dict[str, Any] = {name: _told_on(reading.fields, spoken.fields, name) for name in _STORY}
    reading.fields = replace(apply(spoken.fields, reading.fields), **story)
    if understood.type is not None:
        reading.seen[FieldName.TYPE] += 1


def _spoken(text: str, setting: Setting) -> Spoken:
    # Its patterns take a tenth of a second to make, for which no start waits.
    from bridge.reports.spoken import read_spoken

    return read_spoken(text, setting.now, setting.zone)


def _no_story() -> dict[str, Any]:
    return dict.fromkeys(_STORY)


def _told_on(before: ReportFields, more: ReportFields, name: str) -> str | None:
    told = [text for text in (getattr(before, name), getattr(more, name)) if text]
    return "\n".join(told)[:MAX_FIELD] or None


def _read_field(reading: _Reading, field: FieldName, entry: Entry, setting: Setting) -> None:
    if len(entry.value) > _LIMITS.get(field, MAX_FIELD):
        reading.problem(entry.line, entry.value, ProblemKind.TOO_LONG, field)
        return
    spoken = FIELDS.languages_of(entry.key or "")
    if len(spoken) == 1:
        setting = replace(setting, language=next(iter(spoken)))
    try:
        read = read_value(field, reading.fields, entry.value, setting)
    except UnreadableValue as wrong:
        reading.problem(entry.line, wrong.typed, wrong.kind, field, wrong.nearest)
        return
    if reading.seen[field]:
        reading.problem(entry.line, entry.value, ProblemKind.REPEATED_FIELD, field)
    if read.left_over:
        # "wapen: pistool. 14:20" goes on with something else.
        rest = replace(_spoken(read.left_over, setting).fields, **_no_story())
        if rest == ReportFields():
            reading.problem(entry.line, read.left_over, ProblemKind.LEFT_OUT, field)
        else:
            read = replace(read, fields=apply(rest, read.fields))
    reading.seen[field] += 1
    reading.fields = read.fields


def _times_joined(cut: list[Entry]) -> list[Entry]:
    """Make one time of "datum: 12-03" and "tijd: 14:05"."""
    times = [entry for entry in cut if entry.field is FieldName.TIME and entry.value]
    if len(times) < 2:
        return cut
    joined = " ".join(dict.fromkeys(entry.value for entry in times))
    times[0].value = joined
    return [entry for entry in cut if entry is times[0] or entry not in times[1:]]


def _language(cut: list[Entry]) -> Language | None:
    """Return the language in which most of the keys and the type were typed, if one is."""
    votes: Counter[Language] = Counter()
    for entry in cut:
        if entry.field is not None and entry.key is not None:
            languages = FIELDS.languages_of(entry.key)
        else:
            languages = TYPES.languages_of(entry.value)
        if len(languages) == 1:
            votes.update(languages)
    if votes[Language.NL] == votes[Language.EN]:
        return None
    return votes.most_common(1)[0][0]
