"""Screening: a text goes in, what must not leave comes out.

::

    text ─▶ reading ─▶ numbers · phones · plates · contacts · homes · names · traits ─▶ findings
               └─▶ the same without the spaces in "0 6 1 2 …" ─▶ …

Pure, and linear in the length of the text. A text that is too long to be judged in time, or that
takes too long, is refused: the answer is then no. The rules are read with the first text: their
patterns and lists take a quarter of a second, which a start does not wait for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from typing import Final

from bridge.gate.finding import Finding, Mark, Personal, certain
from bridge.gate.reading import Reading, read, spaced_out

MAXIMUM_CHARACTERS: Final = 16_000
"""The longest text that is screened: twice the longest message that is read."""
DEADLINE: Final = 2.0
"""Seconds for one text. A thousand times what a report takes."""

Rule = Callable[[Reading], Iterable[Mark]]


class ScreeningFailed(Exception):
    """A text could not be judged; it may not leave. Holds nothing of the text."""


def screen(text: str, clock: Callable[[], float] = time.monotonic) -> tuple[Finding, ...]:
    """Return what stands in a text that must not leave, in the order of the text.

    Where two findings lie over each other the surer and longer one stands.

    Raises:
        ScreeningFailed: the text is too long, or took too long.
    """
    if len(text) > MAXIMUM_CHARACTERS:
        raise ScreeningFailed(f"a text of more than {MAXIMUM_CHARACTERS} characters")
    rules = _rules()
    until = clock() + DEADLINE
    reading = read(text)
    found = list(_found(rules, reading, until, clock))
    closed = spaced_out(reading)
    if closed is not None:
        found += _found(rules, closed, until, clock)
        found += _names_in_spaced_letters(closed)
    return _sorted_out(text, found)


@lru_cache(maxsize=16)
def screened(text: str) -> tuple[Finding, ...]:
    """Return what :func:`screen` does; the same alert goes to many rooms, and is judged once."""
    return screen(text)


@cache
def _rules() -> tuple[Rule, ...]:
    from bridge.gate import contacts, homes, names, numbers, phones, plates, traits

    return (
        numbers.find,
        phones.find,
        plates.find,
        contacts.find,
        homes.find,
        names.find,
        traits.find,
    )


def _names_in_spaced_letters(closed: Reading) -> Iterator[tuple[Reading, Mark]]:
    from bridge.gate import names, words

    for word in words.WORD.finditer(closed.text):
        if len(word[0]) > 4 and _was_spaced(closed, word.span()) and names.joined_name(word[0]):
            yield closed, certain(Personal.NAME, word.start(), word.end())


def _found(
    rules: Iterable[Rule], reading: Reading, until: float, clock: Callable[[], float]
) -> Iterator[tuple[Reading, Mark]]:
    for rule in rules:
        for mark in rule(reading):
            yield reading, mark
        if clock() > until:
            raise ScreeningFailed("screening took too long")


def _was_spaced(reading: Reading, span: tuple[int, int]) -> bool:
    start, end = reading.typed(*span)
    return end - start > span[1] - span[0]


def _sorted_out(text: str, found: list[tuple[Reading, Mark]]) -> tuple[Finding, ...]:
    """Return findings of the typed text; one that lies within a surer or longer one is left out."""
    made = []
    for reading, mark in found:
        start, end = reading.typed(mark.start, mark.end)
        made.append(Finding(mark.kind, mark.level, start, end, text[start:end]))
    made.sort(key=lambda one: (not one.certain, one.start - one.end, one.start))
    kept: list[Finding] = []
    for finding in made:
        covered = any(
            other.start <= finding.start
            and finding.end <= other.end
            and (other.certain or not finding.certain)
            for other in kept
        )
        if not covered:
            kept.append(finding)
    return tuple(sorted(kept, key=lambda one: (one.start, one.end)))
