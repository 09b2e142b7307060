"""What was typed for a field, turned into its value.

Each reader takes the fields so far and the typed text, and returns the fields with the value in
them and whatever of the text it could not use. A text that gives no value is an
:class:`UnreadableValue`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from bridge.reports.event_time import TimeInFuture, TimeNotUnderstood, read_time
from bridge.reports.fields import (
    ANSWERS,
    ATTEMPTED,
    LOOT,
    TYPES,
    WEAPONS,
    Answer,
    FieldName,
    Loot,
)
from bridge.reports.mo_tags import MO_TAGS
from bridge.reports.report import Count, ReportFields
from bridge.reports.vocabulary import Vocabulary, folded
from bridge.wording import Language

E = TypeVar("E", bound=Enum)


class ProblemKind(StrEnum):
    """What is the matter with something typed; a template has the words for each."""

    UNKNOWN_FIELD = "unknown_field"
    """No field has this name."""
    UNKNOWN_VALUE = "unknown_value"
    """The field does not know this value."""
    AMBIGUOUS_VALUE = "ambiguous_value"
    """The value names several things where one can be."""
    NOT_A_TOWN = "not_a_town"
    """A house number or postcode where a town is published: write "town, street"."""
    UNKNOWN_TIME = "unknown_time"
    FUTURE_TIME = "future_time"
    TOO_LONG = "too_long"
    """Over the limit of the field, or of the whole report when no field is named."""
    REPEATED_FIELD = "repeated_field"
    """The field stands there twice; the last one counts."""
    LEFT_OUT = "left_out"
    """The value was read; this much of what was typed is not kept."""
    LOOSE_TEXT = "loose_text"
    """Text that belongs to no field."""


class UnreadableValue(ValueError):
    """What was typed is no value of its field; ``nearest`` are valid words like it."""

    def __init__(self, kind: ProblemKind, typed: str, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(f"{kind}: {typed!r}")
        self.kind, self.typed, self.nearest = kind, typed, nearest


@dataclass(frozen=True, slots=True)
class Setting:
    """By what a value is read: the moment and zone it was typed in, and its language if clear."""

    now: datetime
    zone: ZoneInfo
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """The fields with a value read into them, and what of the text was not used."""

    fields: ReportFields
    left_over: str = ""


Reader = Callable[[ReportFields, str, Setting], Read]

_SURE: Final = 80
"""Similarity, of 100, from which a word that is not known must be a slip of the pen."""


def read_value(field: FieldName, fields: ReportFields, typed: str, setting: Setting) -> Read:
    """Read ``typed`` into ``field``. Raises :class:`UnreadableValue`."""
    return _READERS[field](fields, typed, setting)


def _one_of(vocabulary: Vocabulary[E], typed: str, setting: Setting) -> tuple[E, str]:
    """Return the one member that ``typed`` names, and what else stands there."""
    exact = vocabulary.exact(typed)
    if exact is not None:
        return exact, ""
    found = vocabulary.find(typed)
    if len(found.members) == 1:
        return found.members[0], found.left_over
    kind = ProblemKind.AMBIGUOUS_VALUE if found.members else ProblemKind.UNKNOWN_VALUE
    raise UnreadableValue(kind, typed, vocabulary.nearest(typed, setting.language))


def _type(fields: ReportFields, typed: str, setting: Setting) -> Read:
    text = folded(typed)
    bare = re.sub(rf"\b(?:{'|'.join(ATTEMPTED)})\b", " ", text)
    if not bare.strip(" ()"):
        bare = text
    try:
        kind, left_over = _one_of(TYPES, bare, setting)
    except UnreadableValue as unreadable:
        raise UnreadableValue(unreadable.kind, typed, unreadable.nearest) from None
    attempt = True if bare != text else fields.attempt
    return Read(replace(fields, type=kind, attempt=attempt), left_over)


def _answer(typed: str, setting: Setting) -> tuple[bool | None, str]:
    """Return yes, no or (unknown) None, from the first words; the rest is left over."""
    said = {Answer.YES: True, Answer.NO: False, Answer.UNKNOWN: None}
    exact = ANSWERS.exact(typed)
    if exact is not None:
        return said[exact], ""
    words = typed.split()
    for count in (2, 1):
        first = ANSWERS.exact(" ".join(words[:count]))
        if first is not None:
            return said[first], " ".join(words[count:])
    nearest = ANSWERS.nearest(typed, setting.language)
    raise UnreadableValue(ProblemKind.UNKNOWN_VALUE, typed, nearest or _yes_no(setting))


def _yes_no(setting: Setting) -> tuple[str, ...]:
    languages = tuple(Language) if setting.language is None else (setting.language,)
    return tuple(
        ANSWERS.entries[answer].of(language)[0]
        for language in languages
        for answer in (Answer.YES, Answer.NO)
    )


def _yes_no_to(field: FieldName) -> Reader:
    def read(fields: ReportFields, typed: str, setting: Setting) -> Read:
        answer, left_over = _answer(typed, setting)
        return Read(replace(fields, **_one(field, answer)), left_over)

    return read


def _text_to(field: FieldName) -> Reader:
    def read(fields: ReportFields, typed: str, _: Setting) -> Read:
        return Read(replace(fields, **_one(field, typed)))

    return read


def _one(field: FieldName, value: object) -> dict[str, Any]:
    return {field.value: value}


def _declaration(fields: ReportFields, typed: str, setting: Setting) -> Read:
    """Read "ja", "nee", "ja, PL0900-2026" or a reference alone, which implies yes."""
    try:
        answer, reference = _answer(typed, setting)
    except UnreadableValue:
        if not re.search(r"\d", typed):
            raise
        answer, reference = True, typed
    reference = reference.strip(" ,:;()")
    if answer and reference:
        return Read(replace(fields, declaration=True, declaration_reference=reference))
    return Read(replace(fields, declaration=answer), reference)


def _declaration_reference(fields: ReportFields, typed: str, _: Setting) -> Read:
    return Read(replace(fields, declaration=True, declaration_reference=typed))


def _place(fields: ReportFields, typed: str, _: Setting) -> Read:
    """Read "town" or "town, street". A number is never part of a town's name here.

    The town is published and the street is not, so a text that may be a street never becomes a
    town: the part with the house number is the street, whichever comes first.
    """
    town, _comma, street = (
        part.strip(" ,()") for part in re.split(r"([,(\n])", typed + ",", maxsplit=1)
    )
    if _has_digit(town) and street and not _has_digit(street):
        town, street = street, town
    if _has_digit(town) or not town:
        raise UnreadableValue(ProblemKind.NOT_A_TOWN, typed)
    return Read(replace(fields, place=town, street=street or fields.street))


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _time(fields: ReportFields, typed: str, setting: Setting) -> Read:
    try:
        return Read(replace(fields, time=read_time(typed, setting.now, setting.zone)))
    except TimeInFuture:
        raise UnreadableValue(ProblemKind.FUTURE_TIME, typed) from None
    except TimeNotUnderstood:
        raise UnreadableValue(ProblemKind.UNKNOWN_TIME, typed) from None


_NUMBER_WORDS: Final[Mapping[str, int]] = {
    word: number
    for number, words in enumerate(
        (
            *(("een", "one"), ("twee", "two"), ("drie", "three"), ("vier", "four")),
            *(("vijf", "five"), ("zes", "six"), ("zeven", "seven"), ("acht", "eight")),
            *(("negen", "nine"), ("tien", "ten"), ("elf", "eleven"), ("twaalf", "twelve")),
        ),
        start=1,
    )
    for word in words
}
_NUMBER: Final = rf"(?:\d{{1,2}}|{'|'.join(_NUMBER_WORDS)})"
_COUNT = re.compile(
    r"(?:(?P<about>ongeveer|circa|ca\.?|rond de|about|around)\s+)?"
    r"(?P<least>(?:minstens|minimaal|ten minste|tenminste|zeker|at least|>=?|≥)\s*)?"
    rf"(?P<low>{_NUMBER})"
    rf"(?:\s*(?:-|–|/|a|of|tot|or|to|\s)\s*(?P<high>{_NUMBER}))?"  # noqa: RUF001
    r"(?P<more>\s*(?:\+|of meer|or more))?"
    r"(?:\s+(?:daders?|man|mannen|vrouw|vrouwen|personen|persoon|verdachten?|jongens"
    r"|offenders?|men|women|woman|people|persons?|suspects?|robbers?))?"
)
_SEVERAL = {"meerdere": 2, "enkele": 2, "meer dan een": 2, "several": 2, "multiple": 2}


def _offenders(fields: ReportFields, typed: str, _: Setting) -> Read:
    """Read "2", "2-3", "2 of 3", "twee", "minstens 3", "3+", "several"; unknown is no count."""
    text = folded(typed)
    if ANSWERS.exact(text) is Answer.UNKNOWN:
        return Read(replace(fields, offenders=None))
    if text in _SEVERAL:
        return Read(replace(fields, offenders=Count(_SEVERAL[text], None)))
    found = _COUNT.fullmatch(text)
    if found is None:
        raise UnreadableValue(ProblemKind.UNKNOWN_VALUE, typed)
    numbers = sorted(_number(found[side]) for side in ("low", "high") if found[side])
    if numbers[0] < 1:
        raise UnreadableValue(ProblemKind.UNKNOWN_VALUE, typed)
    high = None if found["least"] or found["more"] else numbers[-1]
    return Read(replace(fields, offenders=Count(numbers[0], high)))


def _number(word: str) -> int:
    return _NUMBER_WORDS[word] if word in _NUMBER_WORDS else int(word)


def _mo_tags(fields: ReportFields, typed: str, setting: Setting) -> Read:
    tags = []
    for part in _parts(typed):
        tag = MO_TAGS.exact(part.lstrip("#"))
        if tag is None:
            nearest = MO_TAGS.nearest(part, setting.language)
            raise UnreadableValue(ProblemKind.UNKNOWN_VALUE, part, nearest)
        tags.append(tag)
    return Read(replace(fields, mo_tags=tuple(dict.fromkeys(tags))))


def _weapon(fields: ReportFields, typed: str, setting: Setting) -> Read:
    weapon, left_over = _one_of(WEAPONS, typed, setting)
    return Read(replace(fields, weapon=weapon), left_over)


def _loot(fields: ReportFields, typed: str, setting: Setting) -> Read:
    """Read categories; whatever is no category becomes the note.

    A part much like a category is refused rather than noted: a slip in "niets" would turn an
    attempt into a completed robbery.
    """
    loot: list[Loot] = []
    notes = []
    for part in _parts(typed):
        exact = LOOT.exact(part)
        if exact is not None:
            loot.append(exact)
            continue
        found = LOOT.find(part)
        slips = LOOT.nearest(part, setting.language, at_least=_SURE)
        if not found.members and slips:
            raise UnreadableValue(ProblemKind.UNKNOWN_VALUE, part, slips)
        loot.extend(found.members)
        if found.left_over or not found.members:
            notes.append(part)
    note = ", ".join(notes) or None
    return Read(replace(fields, loot=tuple(dict.fromkeys(loot)), loot_note=note))


def _parts(typed: str) -> list[str]:
    parts = re.split(r"[,;\n+]|\s(?:en|and|&)\s", typed)
    return [part.strip() for part in parts if part.strip(" .")]


_READERS: Final[Mapping[FieldName, Reader]] = {
    FieldName.TYPE: _type,
    FieldName.ATTEMPT: _yes_no_to(FieldName.ATTEMPT),
    FieldName.PLACE: _place,
    FieldName.STREET: _text_to(FieldName.STREET),
    FieldName.PUBLISH_STREET: _yes_no_to(FieldName.PUBLISH_STREET),
    FieldName.TIME: _time,
    FieldName.ONGOING: _yes_no_to(FieldName.ONGOING),
    FieldName.OFFENDERS: _offenders,
    FieldName.DESCRIPTION: _text_to(FieldName.DESCRIPTION),
    FieldName.MO: _text_to(FieldName.MO),
    FieldName.MO_TAGS: _mo_tags,
    FieldName.WEAPON: _weapon,
    FieldName.INJURY: _yes_no_to(FieldName.INJURY),
    FieldName.LOOT: _loot,
    FieldName.ESCAPE: _text_to(FieldName.ESCAPE),
    FieldName.PREVENTION: _text_to(FieldName.PREVENTION),
    FieldName.FOOTAGE: _yes_no_to(FieldName.FOOTAGE),
    FieldName.CALLED_112: _yes_no_to(FieldName.CALLED_112),
    FieldName.DECLARATION: _declaration,
    FieldName.DECLARATION_REFERENCE: _declaration_reference,
    FieldName.SERIALS: _text_to(FieldName.SERIALS),
}
