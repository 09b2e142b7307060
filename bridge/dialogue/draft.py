"""A report that is being asked for: what was said so far, and what was asked last.

Everything here is kept sealed: the inputs are what a person typed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from appservice.ids import EventID
from bridge.dialogue.questions import FIRST, Question
from bridge.reports.report import JsonValue

MAX_INPUTS: Final = 100
"""Messages of which one report is made; a report needs five."""

_MAX_ASKED: Final = 250

MESSAGES: Final = "draft/"
"""Begins the outbox name of every question."""


@dataclass(frozen=True, slots=True)
class Input:
    """Something a person said for a report.

    Attributes:
        event: the message or reaction it was said with.
        question: what it answered.
        text: what was typed, without a command word; of a reaction what stands for it.
        at: when it was typed, UTC: "just now" is then, however often it is understood anew.
    """

    event: EventID
    question: Question
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """The state of a dialogue.

    Attributes:
        key: names its messages; the event that opened it.
        inputs: what was said, in order.
        asking: what the next answer is to.
        turn: how many questions were put, the one that waits included.
        asked: the last of those.
        usual_place: the town of its reporter's last report, offered for this one.
    """

    key: str
    inputs: tuple[Input, ...] = ()
    asking: Question = FIRST
    turn: int = 0
    asked: tuple[Question, ...] = ()
    usual_place: str | None = None

    @property
    def message(self) -> str:
        """The outbox name of the question that waits for an answer."""
        return f"{MESSAGES}{self.key}/{self.turn}"

    def asks(self, question: Question) -> Draft:
        """Return the draft with a question put."""
        asked = (*self.asked, question)[-_MAX_ASKED:]
        return replace(self, asking=question, turn=self.turn + 1, asked=asked)

    def question_of(self, message: str | None) -> tuple[Question, bool] | None:
        """Return what a message of ours asked, and whether that waits still; None for others."""
        own = f"{MESSAGES}{self.key}/"
        if message is None or not message.startswith(own):
            return None
        number = message.removeprefix(own)
        behind = self.turn - int(number) if number.isdecimal() else -1
        if not 0 <= behind < len(self.asked):
            return None
        return self.asked[-1 - behind], behind == 0

    def has(self, event: EventID) -> bool:
        """Tell whether an event is one of the inputs."""
        return any(said.event == event for said in self.inputs)

    def to_json(self) -> JsonValue:
        """Return it as JSON."""
        stored: JsonValue = _STORED.dump_python(self, mode="json")
        return stored

    @staticmethod
    def from_json(stored: JsonValue) -> Draft:
        """Return the draft that :meth:`to_json` stored."""
        return _STORED.validate_python(stored)


_STORED: Final = TypeAdapter(Draft)
