"""What is asked, in which order, and what is offered to choose from.

A question offers numbered choices where there are few, a reaction for each of the first ten, and
takes free words always. Which question comes next follows from what is known:
:func:`next_question`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from appservice.events import bare_emoji
from bridge.reports.fields import Answer, FieldName, Loot, ReportType, Weapon
from bridge.reports.report import ReportFields


class Step(StrEnum):
    """The kinds of question."""

    TYPE = "type"
    WHEN = "when"
    """Still going on, or at what time: one question, for time is what it costs."""
    PLACE = "place"
    SEEN = "seen"
    """Of a reconnaissance, everything at once: where, when, and what was seen."""
    READY = "ready"
    """Send it, or add to it."""
    MORE = "more"
    """Which field to change."""
    FIELD = "field"
    """One field, by its name."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked; ``field`` is set for :attr:`Step.FIELD` alone."""

    step: Step
    field: FieldName | None = None

    @property
    def about(self) -> FieldName | None:
        """The field that an answer gives first; None where it may be any."""
        return self.field or _ABOUT.get(self.step)


_ABOUT: Final[Mapping[Step, FieldName]] = {
    Step.TYPE: FieldName.TYPE,
    Step.WHEN: FieldName.TIME,
    Step.PLACE: FieldName.PLACE,
}

FIRST: Final = Question(Step.TYPE)
READY: Final = Question(Step.READY)


def about(field: FieldName) -> Question:
    """Return the question for one field."""
    return Question(Step.FIELD, field)


class WhenChoice(StrEnum):
    """What can be chosen for when; a time is typed."""

    NOW = "now"
    JUST = "just"


class ReadyChoice(StrEnum):
    """What can be done with a report that has what it needs."""

    SEND = "send"
    MORE = "more"
    STOP = "stop"


TYPES_OFFERED: Final = (
    ReportType.ROBBERY,
    ReportType.BURGLARY,
    ReportType.RAM_RAID,
    ReportType.EXPLOSIVE_ATTACK,
    ReportType.STREET_ROBBERY,
    ReportType.SHOPLIFTING,
    ReportType.TRICK,
    ReportType.CHANGE_TRICK,
    ReportType.RECONNAISSANCE,
    ReportType.SUSPICIOUS,
    ReportType.GOODS_OFFERED,
    ReportType.THREAT,
)

_YES_NO: Final = (Answer.YES, Answer.NO)

_FIELD_CHOICES: Final[Mapping[FieldName, tuple[Enum, ...]]] = {
    FieldName.TYPE: TYPES_OFFERED,
    FieldName.WEAPON: tuple(weapon for weapon in Weapon if weapon is not Weapon.UNKNOWN),
    FieldName.LOOT: tuple(loot for loot in Loot if loot is not Loot.UNKNOWN),
    **dict.fromkeys(
        (
            FieldName.ATTEMPT,
            FieldName.PUBLISH_STREET,
            FieldName.ONGOING,
            FieldName.INJURY,
            FieldName.FOOTAGE,
            FieldName.CALLED_112,
            FieldName.DECLARATION,
        ),
        _YES_NO,
    ),
}

CHANGEABLE: Final = tuple(FieldName)
"""The fields in the order in which they are numbered for changing; always the same."""

KEYCAPS: Final = (*(f"{digit}\ufe0f\u20e3" for digit in "123456789"), "\U0001f51f")
"""The reactions for the first ten choices."""

UNKNOWN_KEY: Final = "❓"
BACK_KEY: Final = "↩️"
READY_KEYS: Final = ("✅", "✏️", "❌")
"""Of :class:`ReadyChoice`, in its order."""


def choices(question: Question, places: tuple[str, ...] = ()) -> tuple[Enum | str, ...]:
    """Return what a question offers, in the order of the numbers.

    Args:
        places: the towns that are offered.
    """
    match question.step:
        case Step.TYPE:
            return TYPES_OFFERED
        case Step.WHEN:
            return tuple(WhenChoice)
        case Step.PLACE:
            return places
        case Step.READY:
            return tuple(ReadyChoice)
        case Step.MORE:
            return CHANGEABLE
        case Step.FIELD if question.field is FieldName.PLACE:
            return places
        case Step.FIELD if question.field is not None:
            return _FIELD_CHOICES.get(question.field, ())
    return ()


def reactions(question: Question, places: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the reactions that the bot puts under a question, to be tapped."""
    match question.step:
        case Step.READY:
            return READY_KEYS
        case Step.SEEN | Step.MORE:
            return ()
    offered = len(choices(question, places))
    if question.field is FieldName.OFFENDERS:
        offered = 4
    return (*KEYCAPS[:offered], UNKNOWN_KEY)


def typed_for(key: str, question: Question) -> str | None:
    """Return what somebody would have typed in place of a reaction; None when it says nothing."""
    key = bare_emoji(key)
    for place, known in enumerate(READY_KEYS if question.step is Step.READY else KEYCAPS, start=1):
        if key == bare_emoji(known):
            return str(place)
    if key == UNKNOWN_KEY:
        return "?"
    return "terug" if key == bare_emoji(BACK_KEY) else None


def next_question(fields: ReportFields, unknown: frozenset[FieldName]) -> Question:
    """Return what to ask next: the fewest things without which nobody can be warned.

    Args:
        unknown: what its reporter said they do not know; it is not asked again.
    """
    if fields.type is None:
        return Question(Step.TYPE)
    if fields.type is ReportType.RECONNAISSANCE:
        return _next_of_reconnaissance(fields, unknown)
    if fields.time is None and FieldName.TIME not in unknown:
        return Question(Step.WHEN)
    return Question(Step.PLACE) if fields.place is None else READY


def _next_of_reconnaissance(fields: ReportFields, unknown: frozenset[FieldName]) -> Question:
    untold = fields.mo is None and fields.description is None and FieldName.MO not in unknown
    timeless = fields.time is None and FieldName.TIME not in unknown
    if untold and timeless and fields.place is None:
        return Question(Step.SEEN)
    if fields.place is None:
        return Question(Step.PLACE)
    if timeless:
        return Question(Step.WHEN)
    return about(FieldName.MO) if untold else READY
