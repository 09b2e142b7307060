"""What an answer means, given what was asked and what is known already.

::

    "2" ─▶ the second choice ─┐
    "weet niet" ──────────────┼─▶ Standing: fields, what is not known, which town is doubted
    "net, utrecht" ─▶ parse ──┘

An answer may say more than was asked, and all of it is taken. A town that nobody knows is asked
for once more and then taken as it stands. Nothing in here raises for any text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from bridge.dialogue.draft import Input
from bridge.dialogue.questions import Question, Step, WhenChoice, choices
from bridge.dialogue.words import Word, field_to_clear, number, says_clear, steering, when_ready
from bridge.reports.event_time import EventTime, Precision
from bridge.reports.fields import FIELDS, TYPES, Answer, FieldName, ReportType
from bridge.reports.layout import entries
from bridge.reports.parsing import MAX_STORY, Parsed, Problem, parse
from bridge.reports.report import ReportFields, apply
from bridge.reports.values import ProblemKind
from bridge.reports.vocabulary import Vocabulary, words
from bridge.typed_text import legible
from bridge.wording import Language


class Remark(StrEnum):
    """Something to say before the next question; a template has the words."""

    NOT_UNDERSTOOD = "not_understood"
    CALL_112 = "call_112"
    TYPE_UNKNOWN = "type_unknown"
    UNKNOWN_TOWN = "unknown_town"
    PLACE_NEEDED = "place_needed"
    PLACE_IS_REGION = "place_is_region"
    ADDED = "added"
    CLEARED = "cleared"
    FIRST = "first"
    """There is nothing to go back to."""
    RESUMED = "resumed"
    INCOMPLETE = "incomplete"
    """It was to be sent, and cannot yet."""
    CHANGED_SINCE = "changed_since"
    """A reaction came to an older preview."""
    EDITED = "edited"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """By what answers are understood.

    Attributes:
        zone: of the times people type.
        language: of the words they are likely to use.
        region: the name of their region: where it happened, when nobody knows it better.
        is_town: whether a town of that name exists.
        town_like: the name of the town that was probably meant.
        elsewhere: the name of the region a town lies in, when that is not the reporter's own.
    """

    zone: ZoneInfo
    language: Language
    region: str
    is_town: Callable[[str], bool]
    town_like: Callable[[str], str | None]
    elsewhere: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known.

    Attributes:
        unknown: fields of which the reporter said that they do not know.
        doubted: a town nobody knows, which was asked for once more.
    """

    fields: ReportFields = field(default_factory=ReportFields)
    unknown: frozenset[FieldName] = frozenset()
    doubted: str | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What became of one answer; ``took`` is false when nothing in it could be used."""

    standing: Standing
    took: bool
    remarks: tuple[Remark, ...] = ()
    problems: tuple[Problem, ...] = ()


_GOING_ON: Final = Vocabulary(
    {
        Answer.YES: words(
            "ja, nu, nu bezig, bezig, nog bezig, aan de gang, nog aan de gang, nu aan de gang, "
            "is bezig, het is bezig, ze zijn er nog, ja nog bezig, nog steeds",
            "yes, now, right now, ongoing, still going on, going on, in progress, "
            "happening now, they are still here, still",
        ),
        Answer.NO: words(
            "nee, niet meer, voorbij, nee voorbij, nee niet meer, over",
            "no, not any more, not anymore, over, no longer, it is over",
        ),
    }
)

_SHORT: Final = 3
"""Words from which a text that fits nowhere is part of the story and no slip."""

_IN_STORIES: Final = (FieldName.MO, FieldName.DESCRIPTION)


def offered_places(standing: Standing, usual: str | None, around: Surroundings) -> tuple[str, ...]:
    """Return the towns to choose from: the usual one, or what may have been meant."""
    if standing.doubted is None:
        return () if usual is None else (usual,)
    like = around.town_like(standing.doubted)
    return (standing.doubted,) if like is None else (like, standing.doubted)


def understand(
    said: Input, before: Standing, usual_place: str | None, around: Surroundings
) -> Understood:
    """Understand one answer."""
    text = legible(said.text).strip()
    offered = choices(said.question, offered_places(before, usual_place, around))
    if steering(text) is Word.UNKNOWN:
        return _unknown(said.question, before, around)
    chosen = _chosen(text, offered, several=said.question.field is FieldName.LOOT)
    reader = _Reader(said, before, around)
    match said.question.step:
        case Step.TYPE:
            result = reader.type(text, chosen)
        case Step.WHEN:
            result = reader.when(text, chosen)
        case Step.PLACE:
            result = reader.place(text, chosen)
        case Step.SEEN:
            result = reader.seen(text)
        case Step.FIELD if said.question.field is not None:
            result = reader.field(said.question.field, text, chosen)
        case _:
            result = reader.anything(text)
    if result.standing.fields.ongoing and not before.fields.ongoing:
        result = replace(result, remarks=(Remark.CALL_112, *result.remarks))
    return _with_town_known(result, before, around)


def _chosen(text: str, offered: tuple[Enum | str, ...], *, several: bool) -> tuple[Enum | str, ...]:
    """Return what numbers in an answer choose; empty when it is no choice by number."""
    parts = text.replace(",", " ").split() if several else [text]
    chosen: list[Enum | str] = []
    for part in parts:
        found = number(part)
        if found is None or found[1] or not 1 <= found[0] <= len(offered):
            return ()
        chosen.append(offered[found[0] - 1])
    return tuple(chosen)


def _unknown(question: Question, before: Standing, around: Surroundings) -> Understood:
    fields, unknown = before.fields, before.unknown
    asked = FieldName.MO if question.step is Step.SEEN else question.about
    match asked:
        case None:
            return Understood(before, False, (Remark.NOT_UNDERSTOOD,))
        case FieldName.TYPE:
            suspicious = replace(fields, type=ReportType.SUSPICIOUS)
            return Understood(replace(before, fields=suspicious), True, (Remark.TYPE_UNKNOWN,))
        case FieldName.PLACE if asked in unknown or before.doubted is not None:
            region = replace(fields, place=around.region)
            standing = replace(before, fields=region, doubted=None)
            return Understood(standing, True, (Remark.PLACE_IS_REGION,))
    remarks = (Remark.PLACE_NEEDED,) if asked is FieldName.PLACE else ()
    return Understood(replace(before, unknown=unknown | {asked}), True, remarks)


def _with_town_known(result: Understood, before: Standing, around: Surroundings) -> Understood:
    """Ask once more for a town that nobody knows, and take it when it is said again."""
    standing = result.standing
    place = standing.fields.place
    if place is None or place == before.fields.place:
        return result
    if around.is_town(place) or place == around.region or before.doubted is not None:
        return replace(result, standing=replace(standing, doubted=None))
    doubted = replace(standing, fields=replace(standing.fields, place=None), doubted=place)
    return replace(result, standing=doubted, remarks=(*result.remarks, Remark.UNKNOWN_TOWN))


class _Reader:
    """Reads one answer."""

    def __init__(self, said: Input, before: Standing, around: Surroundings) -> None:
        self._at, self._before, self._around = said.at, before, around

    def type(self, text: str, chosen: tuple[Enum | str, ...]) -> Understood:
        if chosen and isinstance(chosen[0], ReportType):
            return self._took(replace(self._before.fields, type=chosen[0]))
        parsed = self._parse(text)
        fields = apply(self._before.fields, parsed.fields)
        if parsed.fields.type is None:
            like = TYPES.nearest(text, None, at_least=_LIKE)
            kind = TYPES.exact(like[0]) if like else None
            if kind is not None:
                return self._took(replace(fields, type=kind))
        return self._result(_as_seen(fields), parsed)

    def when(self, text: str, chosen: tuple[Enum | str, ...]) -> Understood:
        going_on = _GOING_ON.exact(text)
        if chosen == (WhenChoice.NOW,) or going_on is Answer.YES:
            now = EventTime(self._at, self._at, Precision.MINUTE)
            fields = replace(self._before.fields, time=now, ongoing=True)
            return self._took(fields)
        if chosen == (WhenChoice.JUST,):
            now = EventTime(self._at, self._at, Precision.MINUTE)
            return self._took(replace(self._before.fields, time=now, ongoing=False))
        if going_on is Answer.NO:
            return self._took(replace(self._before.fields, ongoing=False))
        return self._value_or_more(FieldName.TIME, text)

    def place(self, text: str, chosen: tuple[Enum | str, ...]) -> Understood:
        if chosen:
            return self._took(replace(self._before.fields, place=str(chosen[0])))
        if self._before.doubted is not None and when_ready(text) is Word.SEND:
            return self._took(replace(self._before.fields, place=self._before.doubted))
        if self._around.is_town(text):
            return self._value(FieldName.PLACE, text)
        parsed = self._parse(text)
        if parsed.fields.place is not None:
            return self._result(self._added(parsed), parsed)
        return self._value_or_more(FieldName.PLACE, text)

    def seen(self, text: str) -> Understood:
        """Read "Utrecht, net, man fotografeert de sluis": where, when, and what is left of it."""
        parsed = self._parse(text)
        parts = [part.strip() for part in text.split(",") if part.strip()]
        told = [part for part in parts if not self._is_heading(part)]
        fields = replace(self._added(parsed), type=self._before.fields.type)
        if len(told) < len(parts) and len(story := ", ".join(told)) <= MAX_STORY:
            fields = replace(fields, mo=story or None, description=None, prevention=None)
        return self._result(_as_seen(fields), parsed)

    def _is_heading(self, part: str) -> bool:
        """Tell whether a part of an answer is a town or a time, and nothing else."""
        return (
            self._around.is_town(part) or self._keyed(FieldName.TIME, part).fields.time is not None
        )

    def field(self, name: FieldName, text: str, chosen: tuple[Enum | str, ...]) -> Understood:
        if says_clear(text):
            return self._clear(name)
        if name is FieldName.TYPE:
            return self.type(text, chosen)
        if name is FieldName.PLACE:
            return self.place(text, chosen)
        if chosen:
            text = ", ".join(_word(choice) for choice in chosen)
        result = self._value(name, text)
        if result.took:
            return result
        other = self.anything(text)
        return other if other.took and Remark.ADDED not in other.remarks else result

    def anything(self, text: str) -> Understood:
        """Read what somebody adds by themselves: "daders: 3", "daders 3", "wis daders", a story."""
        cleared = field_to_clear(text)
        name = None if cleared is None else FIELDS.exact(cleared)
        if name is not None:
            return self._clear(name)
        written = entries(text)
        if len(written) == 1 and written[0].field is not None and says_clear(written[0].value):
            return self._clear(written[0].field)
        if any(entry.field is not None for entry in written):
            parsed = self._parse(text)
            return self._result(apply(self._before.fields, parsed.fields), parsed)
        named = _field_in_front(text)
        if named is not None:
            result = self._value(*named)
            if result.took:
                return result
        parsed = self._parse(text)
        if parsed.fields != ReportFields():
            return self._result(self._added(parsed), parsed)
        if len(text.split()) < _SHORT:
            return Understood(self._before, False, (Remark.NOT_UNDERSTOOD,))
        story = self._added(Parsed(ReportFields(mo=text), ()))
        return self._took(story, Remark.ADDED)

    def _value_or_more(self, name: FieldName, text: str) -> Understood:
        """Read the value of a field, or, where it is none, whatever else the answer says."""
        result = self._value(name, text)
        if result.took:
            return result
        parsed = self._parse(text)
        added = self._added(parsed)
        return result if added == self._before.fields else self._result(added, parsed)

    def _value(self, name: FieldName, text: str) -> Understood:
        parsed = self._keyed(name, text)
        # "onbekend" is a value that leaves a field empty.
        return self._result(apply(self._before.fields, parsed.fields), parsed, name=name)

    def _keyed(self, name: FieldName, text: str) -> Parsed:
        return self._parse(f"{FIELDS.entries[name].of(self._around.language)[0]}: {text}")

    def _parse(self, text: str) -> Parsed:
        return parse(text, self._at, self._around.zone)

    def _added(self, parsed: Parsed) -> ReportFields:
        """Return the fields with what an answer adds: a story goes on, all else is replaced."""
        more: dict[str, Any] = {}
        for name in _IN_STORIES:
            before = getattr(self._before.fields, name.value)
            new = getattr(parsed.fields, name.value)
            if before and new and new not in before:
                more[name.value] = f"{before}\n{new}"
        fields = replace(apply(self._before.fields, parsed.fields), **more)
        too_long = any(len(text) > MAX_STORY for text in more.values())
        return self._before.fields if too_long else fields

    def _clear(self, name: FieldName) -> Understood:
        empty = {name.value: getattr(ReportFields(), name.value)}
        if name is FieldName.LOOT:
            empty["loot_note"] = None
        return self._took(replace(self._before.fields, **empty), Remark.CLEARED)

    def _took(self, fields: ReportFields, *remarks: Remark) -> Understood:
        return Understood(replace(self._before, fields=fields), True, remarks)

    def _result(
        self, fields: ReportFields, parsed: Parsed, name: FieldName | None = None
    ) -> Understood:
        blocked = name is not None and any(
            problem.field is name and problem.kind is not ProblemKind.LEFT_OUT
            for problem in parsed.problems
        )
        took = parsed.fields != ReportFields() or (name is not None and not parsed.problems)
        took = took and not blocked
        remarks = () if took or parsed.problems else (Remark.NOT_UNDERSTOOD,)
        standing = replace(self._before, fields=fields) if took else self._before
        return Understood(standing, took, remarks, parsed.problems)


_LIKE: Final = 75
"""Likeness, of 100, from which a word that is no type is a slip for one."""


def _word(choice: Enum | str) -> str:
    """Return what somebody would have typed for a choice."""
    if choice in (Answer.YES, Answer.NO):
        return "ja" if choice is Answer.YES else "nee"
    return str(choice.value) if isinstance(choice, Enum) else choice


def _as_seen(fields: ReportFields) -> ReportFields:
    """Return a reconnaissance with what was seen of somebody's measures as what was seen."""
    told = fields.mo or fields.description
    if fields.type is not ReportType.RECONNAISSANCE or told or not fields.prevention:
        return fields
    return replace(fields, mo=fields.prevention, prevention=None)


def _field_in_front(text: str) -> tuple[FieldName, str] | None:
    """Return the field and the value in "aantal daders 3"."""
    typed = text.split(maxsplit=3)
    for count in range(min(3, len(typed) - 1), 0, -1):
        name = FIELDS.exact(" ".join(typed[:count]))
        if name is not None:
            return name, " ".join(typed[count:])
    return None


def story(inputs: Iterable[Input], usual_place: str | None, around: Surroundings) -> Standing:
    """Return what is known after everything that was said, in its order."""
    standing = Standing()
    for said in inputs:
        standing = understand(said, standing, usual_place, around).standing
    return standing
