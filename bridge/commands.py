"""Commands as data: which words, who may use them, where, and what they do.

::

    "!melding overval …" ──▶ typed ──▶ Commands.find ──▶ Command.run(Asked)

A command has a Dutch and an English word and both always work. What somebody may not do where
they are is unknown to them there, and so is not in their ``!help``; but moderators are told which
words are a coordinator's.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rapidfuzz import process

from appservice.database import Work
from appservice.events import Message
from bridge.members.roster import Person, Role
from bridge.places import AlertRoom, LiaisonRoom, NetworkSpace, Place, PrivateRoom, ReviewRoom


class Where(StrEnum):
    """The kinds of room in which something can be asked."""

    PRIVATE = "private"
    REVIEW = "review"
    POLICE = "police"


def where_of(place: Place) -> Where | None:
    """Return what kind of room a place is; None where nothing can be asked."""
    match place:
        case PrivateRoom():
            return Where.PRIVATE
        case ReviewRoom():
            return Where.REVIEW
        case LiaisonRoom():
            return Where.POLICE
        case AlertRoom() | NetworkSpace():
            return None


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked for something; everything its answer needs."""

    work: Work
    person: Person
    place: Place
    message: Message
    argument: str
    """What followed the command word."""
    now: datetime


Run = Callable[[Asked], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be asked for.

    Attributes:
        name: of its line of help, ``help/<name>``.
        dutch, english: the words that call it, the first of each being the one shown.
        who: roles that may.
        where: kind of room it is asked in.
        run: answers it; raises :class:`~bridge.speech.Refused` to say no.
        police: is there only where the network has police officers.
    """

    name: str
    dutch: tuple[str, ...]
    english: tuple[str, ...]
    who: frozenset[Role]
    where: Where
    run: Run
    police: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that calls it."""
        return self.dutch + self.english


_COMMAND = re.compile(r"\s*!\s?(?P<word>[^\W_][\w-]*)(?P<argument>.*)", re.DOTALL)


def typed(body: str) -> tuple[str, str] | None:
    """Split ``!word argument``; None when it is no command.

    A message that goes on after the command word keeps its lines.
    """
    match = _COMMAND.fullmatch(body)
    if match is None:
        return None
    return match["word"].casefold(), match["argument"].strip()


class Commands:
    """All commands.

    Args:
        commands: in the order of the help.
        police: tells whether the network has police officers.
    """

    def __init__(
        self, commands: Iterable[Command], police: Callable[[], bool] = lambda: True
    ) -> None:
        self._commands = tuple(commands)
        self._police = police

    def of(self, person: Person, where: Where) -> Sequence[Command]:
        """Return what somebody can ask for in a kind of room, in the order of the help."""
        there = self._police()
        return [
            c
            for c in self._commands
            if c.where is where and c.who & person.roles and (there or not c.police)
        ]

    def find(self, person: Person, where: Where, word: str) -> Command | None:
        """Return the command a word calls, for this person in this kind of room."""
        for command in self.of(person, where):
            if word in command.words:
                return command
        return None

    def is_known(self, where: Where, word: str) -> bool:
        """Tell whether a word is anybody's command in a kind of room."""
        there = self._police()
        return any(
            word in command.words
            for command in self._commands
            if command.where is where and (there or not command.police)
        )

    def nearest(self, person: Person, where: Where, word: str) -> str | None:
        """Return the known word most like ``word``; None when none is."""
        words = [w for command in self.of(person, where) for w in command.words]
        found = process.extractOne(word, words, score_cutoff=60)
        return None if found is None else str(found[0])
