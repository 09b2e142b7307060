"""What the gate finds: which kind of personal data, how sure, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bridge.gate.lexicon import fold


class Level(StrEnum):
    """How a finding is met."""

    CERTAIN = "certain"
    """Nobody may approve it: the text has to change."""
    DOUBTFUL = "doubtful"
    """A moderator may let it pass in so many words, with a reason."""


class Personal(StrEnum):
    """A kind of personal data that is not published (source: the jewellers' warning app, AVG 9)."""

    BSN = "bsn"
    """A Dutch citizen's number."""
    IBAN = "iban"
    CARD = "card"
    """A bank or credit card."""
    DOCUMENT = "document"
    """The number of a passport, an identity card or a driving licence."""
    PLATE = "plate"
    PHONE = "phone"
    EMAIL = "email"
    HANDLE = "handle"
    """A name on a social network."""
    LINK = "link"
    BIRTH = "birth"
    ADDRESS = "address"
    """Where a person lives; the place of an incident is none."""
    NAME = "name"
    ALIAS = "alias"
    ETHNICITY = "ethnicity"
    """Descent, skin colour or nationality."""
    RELIGION = "religion"
    HEALTH = "health"
    ORIENTATION = "orientation"
    RECORD = "record"
    """A past with the police and the courts (AVG 10)."""
    POLITICS = "politics"
    UNREADABLE = "unreadable"
    """Words in a script that the gate cannot judge."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in a text.

    Attributes:
        start: offset of its first character in the text as it was typed.
        end: offset behind its last.
        text: what stands there. Never for a log.
    """

    kind: Personal
    level: Level
    start: int
    end: int
    text: str

    @property
    def certain(self) -> bool:
        """Whether nobody may approve it."""
        return self.level is Level.CERTAIN

    @property
    def mark(self) -> str:
        """How a case remembers that a moderator let it pass: its kind and its text."""
        return f"{self.kind}:{fold(self.text)}"


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding in a text as the gate reads it (:class:`bridge.gate.reading.Reading`)."""

    kind: Personal
    level: Level
    start: int
    end: int


def certain(kind: Personal, start: int, end: int) -> Mark:
    """Return a mark that nobody may approve."""
    return Mark(kind, Level.CERTAIN, start, end)


def doubtful(kind: Personal, start: int, end: int) -> Mark:
    """Return a mark that a moderator may approve with a reason."""
    return Mark(kind, Level.DOUBTFUL, start, end)
