"""Words with their places in a text, and which of them have been understood.

::

    "Overval, utrecht 2man" ─▶ overval | , | utrecht | 2 | man ─▶ found and taken, one after another

A pattern sees the words with one space between them; what was taken stands there as ``§``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from bridge.reports.spoken.slips import corrected
from bridge.reports.spoken_time import normal

_WORD = re.compile(
    r"\d+(?:[.:,/-]\d+)*"  # 2, 14:05, 12-03, 2/3
    r"|['’][st]-[^\W\d_]+(?:[-'’][^\W\d_]+)*"  # 's-Hertogenbosch  # noqa: RUF001
    r"|['’][stn](?![^\W_])"  # 's avonds  # noqa: RUF001
    r"|[^\W\d_]+(?:[-'’][^\W\d_]+)*"  # noqa: RUF001
    r"|\n|[^\s\w]|_"
)
_TAKEN: Final = "§"
_SIGNS: Final = frozenset('.,;:!?()[]{}\n/"“”&+=*|<>–—-•_')  # noqa: RUF001


class Kind(Enum):
    """For what a word was taken."""

    HEADING = auto()
    """Town, time …: said elsewhere in the report, and never part of a story."""
    TYPE = auto()
    """Likewise; the word may tell of people as well ("2 inbrekers")."""
    TRAIT = auto()
    """People, weapons, vehicles, loot: understood, and part of a story that goes on around it."""


TAKEN: Final = frozenset(Kind)
"""For whatever a word was taken."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word or sign; ``start`` and ``end`` in the text, ``plain`` as patterns see it."""

    plain: str
    start: int
    end: int

    @property
    def is_sign(self) -> bool:
        """Whether it is punctuation."""
        return self.plain in _SIGNS


@dataclass(frozen=True, slots=True)
class Span:
    """Words from ``first`` up to ``last``, which is not among them; ``found`` is how."""

    first: int
    last: int
    found: re.Match[str]


class Words:
    """The words of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = [
            Word(_plain(found[0]), found.start(), found.end()) for found in _WORD.finditer(text)
        ]
        self.taken: list[Kind | None] = [None] * len(self.words)

    def __len__(self) -> int:
        return len(self.words)

    def plain(self, number: int) -> str:
        """Return a word as patterns see it, empty beyond the ends."""
        return self.words[number].plain if 0 <= number < len(self.words) else ""

    def raw(self, first: int, last: int) -> str:
        """Return the text from one word up to another, as it was typed."""
        return self.text[self.words[first].start : self.words[last - 1].end]

    def free(self, number: int) -> bool:
        """Whether there is such a word and nobody took it."""
        return 0 <= number < len(self.words) and self.taken[number] is None

    def take(self, first: int, last: int, kind: Kind) -> None:
        """Note that words were understood."""
        for number in range(first, last):
            if self.taken[number] not in (Kind.HEADING, Kind.TYPE):
                self.taken[number] = kind

    def find(
        self, pattern: re.Pattern[str], *, also: Collection[Kind] = frozenset()
    ) -> Iterator[Span]:
        """Yield where ``pattern`` matches whole words; those taken for ``also`` count, too."""
        starts, shown, at = {}, [], 0
        ends = {}
        for number, word in enumerate(self.words):
            kind = self.taken[number]
            hidden = kind is not None and kind not in also
            plain = _TAKEN if hidden else word.plain
            starts[at] = number
            ends[at + len(plain)] = number + 1
            shown.append(plain)
            at += len(plain) + 1
        for found in pattern.finditer(" ".join(shown)):
            if found.start() in starts and found.end() in ends:
                yield Span(starts[found.start()], ends[found.end()], found)

    def first(
        self, pattern: re.Pattern[str], *, also: Collection[Kind] = frozenset()
    ) -> Span | None:
        """Return the first of :meth:`find`."""
        return next(self.find(pattern, also=also), None)


def _plain(raw: str) -> str:
    if raw == "\n":
        return raw
    return corrected(normal(raw)) or raw


def phrase(listed: str) -> re.Pattern[str]:
    """Return a pattern for whole words: ``phrase("te voet|on foot")``."""
    return re.compile(rf"(?<!\S)(?:{listed})(?!\S)")
