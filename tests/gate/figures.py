"""How well the gate does on sentences written apart from its rules.

::

    tests/corpus/gate/*.tsv ─▶ screen ─▶ recall of what must not leave, refusals of what may

``python -m tests.gate.figures`` prints it; ``-v`` what was missed in the half that rules are tuned
on. The other half, ``heldout.tsv``, is only counted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.gate import Finding, screen

CORPUS = Path(__file__).parent.parent / "corpus" / "gate"
TUNING, HELD_OUT = "tuning", "heldout"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and what it holds."""

    level: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares between 0 and 1, and milliseconds a text."""

    sentences: int
    certain_refused: float
    doubtful_flagged: float
    clean_refused: float
    clean_flagged: float
    milliseconds: float


def corpus(half: str) -> list[Sentence]:
    """Return one half of the corpus."""
    lines = (CORPUS / f"{half}.tsv").read_text("utf-8").split("\n")
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [Sentence(level, kind, text.replace("\\n", "\n")) for level, kind, text in rows]


def missed(sentences: list[Sentence]) -> Iterator[tuple[Sentence, tuple[Finding, ...]]]:
    """Return the sentences that were not met as they should be."""
    for sentence in sentences:
        found = screen(sentence.text)
        refused = any(one.certain for one in found)
        if sentence.level == "certain":
            good = refused
        elif sentence.level == "doubtful":
            good = bool(found)
        else:
            good = not found
        if not good:
            yield sentence, found


def figures(half: str) -> Figures:
    """Return how the gate does on one half of the corpus."""
    sentences = corpus(half)
    screen("warm")
    started = time.perf_counter()
    found = [(one.level, screen(one.text)) for one in sentences]
    took = time.perf_counter() - started

    def share(level: str, *, refused: bool) -> float:
        those = [findings for which, findings in found if which == level]
        hits = sum(
            any(one.certain for one in findings) if refused else bool(findings)
            for findings in those
        )
        return hits / len(those)

    return Figures(
        len(sentences),
        certain_refused=share("certain", refused=True),
        doubtful_flagged=share("doubtful", refused=False),
        clean_refused=share("clean", refused=True),
        clean_flagged=share("clean", refused=False),
        milliseconds=1000 * took / len(sentences),
    )


def main() -> None:
    """Print the figures of both halves."""
    for half in (TUNING, HELD_OUT):
        one = figures(half)
        print(
            f"{half:8} {one.sentences} sentences: certain refused {one.certain_refused:.1%}, "
            f"doubtful flagged {one.doubtful_flagged:.1%}, clean refused {one.clean_refused:.1%}, "
            f"clean flagged {one.clean_flagged:.1%}, {one.milliseconds:.2f} ms a sentence"
        )
    if "-v" in sys.argv:
        for sentence, found in missed(corpus(TUNING)):
            kinds = [(str(one.kind), str(one.level), one.text) for one in found]
            print(f"{sentence.level}\t{sentence.kind}\t{sentence.text!r}\t{kinds}")


if __name__ == "__main__":
    main()
