"""What follows from what somebody says: the next question, sending, or throwing away.

::

    take ─────── "overval", 1️⃣, "terug", "stop", "verstuur" ──▶ Turn: draft, standing, outcome
    reword ───── a message was edited ─────────────────────────▶  〃
    take_back ── a message was deleted, a reaction removed ────▶  〃

Pure: a draft and what was said in, the draft after it and what there is to say out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from appservice.ids import EventID
from bridge.dialogue.draft import MAX_INPUTS, Draft, Input
from bridge.dialogue.questions import (
    CHANGEABLE,
    FIRST,
    READY,
    Question,
    ReadyChoice,
    Step,
    about,
    next_question,
)
from bridge.dialogue.understanding import Remark, Standing, Surroundings, story, understand
from bridge.dialogue.words import Word, number, steering, when_ready
from bridge.reports.fields import FIELDS, FREE_TEXT, FieldName
from bridge.reports.parsing import Problem
from bridge.speech import Refused


class Outcome(StrEnum):
    """What a turn ends in."""

    ASK = "ask"
    SEND = "send"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Turn:
    """What follows from something that was said.

    Attributes:
        draft: after it; what it asks is what is to be asked.
        standing: what is known now.
    """

    draft: Draft
    standing: Standing
    outcome: Outcome = Outcome.ASK
    remarks: tuple[Remark, ...] = ()
    problems: tuple[Problem, ...] = ()


_ON_THE_WAY: Final = frozenset({Step.TYPE, Step.WHEN, Step.PLACE, Step.SEEN})
"""Questions to which "back" goes back."""

_OPEN: Final = frozenset({Step.READY, Step.MORE})
"""Questions to which the name of a field is an answer: that is what is to be changed."""

_SENTENCES: Final = FREE_TEXT | {
    FieldName.STREET,
    FieldName.DECLARATION_REFERENCE,
    FieldName.SERIALS,
}


def take(
    draft: Draft,
    said: Input,
    around: Surroundings,
) -> Turn:
    """Take something somebody said in answer to ``said.question``.

    Raises:
        Refused: the report is made of too many messages.
    """
    standing = story(draft.inputs, draft.usual_place, around)
    word = steering(said.text)
    if word is Word.STOP:
        return Turn(draft, standing, Outcome.STOP)
    if word is Word.BACK:
        return back(draft, standing)
    if said.question.step is Step.READY:
        ready = _when_ready(draft, said.text, standing)
        if ready is not None:
            return ready
    kept = said.question.about in (FieldName.TYPE, FieldName.PLACE) and said.question.field is None
    if kept and when_ready(said.text) is Word.SEND and _is_known(said.question, standing):
        return Turn(draft.asks(next_question(standing.fields, standing.unknown)), standing)
    if said.question.step in _OPEN or said.question.field not in _SENTENCES | {None}:
        said, field = _chosen_field(said)
        if field is not None:
            return Turn(draft.asks(about(field)), standing)
    if len(draft.inputs) >= MAX_INPUTS:
        raise Refused("dialogue/too_many", maximum=MAX_INPUTS)
    understood = understand(said, standing, draft.usual_place, around)
    draft = replace(draft, inputs=(*draft.inputs, said))
    asking = said.question
    if understood.took or understood.standing != standing:
        asking = next_question(understood.standing.fields, understood.standing.unknown)
    return Turn(
        draft.asks(asking),
        understood.standing,
        remarks=understood.remarks,
        problems=understood.problems,
    )


def send(draft: Draft, around: Surroundings) -> Turn:
    """Send a draft, or ask for what it lacks."""
    standing = story(draft.inputs, draft.usual_place, around)
    lacking = next_question(standing.fields, standing.unknown)
    if lacking == READY or lacking.step is Step.FIELD:
        return Turn(draft, standing, Outcome.SEND)
    return Turn(draft.asks(lacking), standing, remarks=(Remark.INCOMPLETE,))


def ask_again(draft: Draft, around: Surroundings, *remarks: Remark) -> Turn:
    """Put the question once more that waits for an answer."""
    standing = story(draft.inputs, draft.usual_place, around)
    return Turn(draft.asks(draft.asking), standing, remarks=remarks)


def ask_which_field(draft: Draft, around: Surroundings) -> Turn:
    """Ask what is to be changed."""
    standing = story(draft.inputs, draft.usual_place, around)
    return Turn(draft.asks(Question(Step.MORE)), standing)


def back(draft: Draft, standing: Standing) -> Turn:
    """Put the question before this one again; what was answered stands until it is replaced."""
    forward = next_question(standing.fields, standing.unknown)
    if draft.asking.step in (Step.MORE, Step.FIELD) and draft.asking != forward:
        return Turn(draft.asks(forward), standing)
    way = _way(draft)
    before = way[: way.index(draft.asking)] if draft.asking in way else way
    if not before:
        return Turn(draft.asks(draft.asking), standing, remarks=(Remark.FIRST,))
    return Turn(draft.asks(before[-1]), standing)


def reword(draft: Draft, event: EventID, text: str, at: datetime, around: Surroundings) -> Turn:
    """Understand a message anew that was edited; it was said when it was first said.

    Args:
        at: when it was edited; for a message that had said nothing of the report.
    """
    inputs = tuple(
        replace(said, text=text) if said.event == event else said for said in draft.inputs
    )
    if not draft.has(event):
        # It opened the draft, and said nothing more until now.
        inputs = (Input(event, FIRST, text, at), *inputs)
    standing = Standing()
    remarks: tuple[Remark, ...] = ()
    problems: tuple[Problem, ...] = ()
    for said in inputs:
        understood = understand(said, standing, draft.usual_place, around)
        standing = understood.standing
        if said.event == event:
            remarks, problems = understood.remarks, understood.problems
    return _anew(replace(draft, inputs=inputs), standing, (Remark.EDITED, *remarks), problems)


def take_back(draft: Draft, event: EventID, around: Surroundings) -> Turn:
    """Leave out what was said with an event; without what opened it there is no report."""
    if draft.key == event:
        return Turn(draft, Standing(), Outcome.STOP)
    draft = replace(draft, inputs=tuple(said for said in draft.inputs if said.event != event))
    standing = story(draft.inputs, draft.usual_place, around)
    return _anew(draft, standing, (Remark.TAKEN_BACK,))


def _anew(
    draft: Draft,
    standing: Standing,
    remarks: tuple[Remark, ...],
    problems: tuple[Problem, ...] = (),
) -> Turn:
    asking = next_question(standing.fields, standing.unknown)
    return Turn(draft.asks(asking), standing, remarks=remarks, problems=problems)


def _way(draft: Draft) -> tuple[Question, ...]:
    """Return the questions that were answered, each once, in the order of their last answers."""
    answered = [said.question for said in draft.inputs if said.question.step in _ON_THE_WAY]
    return tuple(dict.fromkeys(answered))


def _is_known(question: Question, standing: Standing) -> bool:
    return question.about is not None and getattr(standing.fields, question.about) is not None


def _when_ready(draft: Draft, text: str, standing: Standing) -> Turn | None:
    """Return what follows from an answer to "send it?"; None when it is something else."""
    chosen = number(text)
    choice: ReadyChoice | None = None
    if chosen is not None and not chosen[1] and 1 <= chosen[0] <= len(ReadyChoice):
        choice = tuple(ReadyChoice)[chosen[0] - 1]
    match when_ready(text):
        case Word.SEND:
            choice = ReadyChoice.SEND
        case Word.MORE:
            choice = ReadyChoice.MORE
    match choice:
        case ReadyChoice.SEND:
            return Turn(draft, standing, Outcome.SEND)
        case ReadyChoice.STOP:
            return Turn(draft, standing, Outcome.STOP)
        case ReadyChoice.MORE:
            return Turn(draft.asks(Question(Step.MORE)), standing)
    return None


def _chosen_field(said: Input) -> tuple[Input, FieldName | None]:
    """Return the field that an answer names alone; or the answer with its number as a name."""
    name = FIELDS.exact(said.text)
    chosen = number(said.text)
    if said.question.step is Step.MORE and chosen is not None:
        place, value = chosen
        if 1 <= place <= len(CHANGEABLE):
            name = CHANGEABLE[place - 1]
            if value:
                return replace(said, question=about(name), text=value), None
    return said, name
