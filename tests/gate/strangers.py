"""How well the gate does on names that no list has.

::

    tests/corpus/gate/strangers.txt × sentences around them ─▶ screen ─▶ refused, flagged

The lists hold some fifty thousand names, and the next one stands on none of them. Whoever makes a
list anew leaves these two hundred out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bridge.gate import screen
from tests.gate.figures import CORPUS

FRAMES: Final = {
    "whole, with capitals": (
        "Op de beelden is {given} {family} goed te zien",
        "{given} {family} stond gisteren weer voor de vitrine",
        "betaald met de pas van {given} {family}",
        "One of them was {given} {family}, no doubt",
        "mail kwam van {given} {family} uit Breda",
        "Getuige {given} {family} zag alles",
    ),
    "one word, with a capital": (
        "Ik zag {given} weglopen",
        "{given} stond op de uitkijk",
        "vraag maar aan {given}, die weet het",
        "iemand riep {given} rennen",
        "and then {given} grabbed the tray",
    ),
    "small, behind a word that says so": (
        "hij heet {given}",
        "een zekere {given} {family} belde",
        "she is called {given}",
        "meneer {family} was er weer",
        "die gozer noemt zich {given}",
    ),
    "whole, small": (
        "volgens de buren was het {given} {family} uit de flat",
        "{given} {family} heeft eerder bij ons gewerkt",
        "pakket was voor {given} {family} van hiernaast",
    ),
}
"""Sentences around a name; "small" ones are put in small letters."""


@dataclass(frozen=True, slots=True)
class Met:
    """Shares between 0 and 1 of sentences of one kind."""

    refused: float
    flagged: float


def names() -> list[tuple[str, str]]:
    """Return given names and surnames."""
    lines = (CORPUS / "strangers.txt").read_text("utf-8").splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return [(given, family) for given, family in pairs]


def sentences(kind: str) -> Iterator[str]:
    """Return the sentences of a kind, a name in each of them in turn."""
    frames = FRAMES[kind]
    for number, (given, family) in enumerate(names()):
        told = frames[number % len(frames)].format(given=given, family=family)
        yield told.lower() if "small" in kind else told


def met(kind: str) -> Met:
    """Return how the gate meets the sentences of a kind."""
    found = [screen(text) for text in sentences(kind)]
    refused = sum(any(one.certain for one in findings) for findings in found)
    return Met(refused / len(found), sum(map(bool, found)) / len(found))


def main() -> None:
    """Print the figures of every kind."""
    for kind in FRAMES:
        one = met(kind)
        print(f"{kind}: refused {one.refused:.1%}, flagged {one.flagged:.1%}")


if __name__ == "__main__":
    main()
