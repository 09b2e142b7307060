"""How well the gate does on sentences written apart from its rules.

::

    tests/corpus/gate/*.tsv ─▶ screen ─▶ recall of what must not leave, refusals of what may

Each list was written without a look at the rules and is counted at first sight, which its first
lines tell; then the rules learn from it, by kinds and never by sentences. What they do on a list
afterwards (``python -m tests.gate.figures``; ``-v`` with what is missed) shows that nothing slips
back; what they do on sentences nobody has seen, the first lines of the lists tell.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bridge.gate import Finding, screen

CORPUS = Path(__file__).parent.parent / "corpus" / "gate"
LISTS: Final = tuple(sorted(path.stem for path in CORPUS.glob("*.tsv")))

MILLISECONDS: Final = 5.0
"""What a sentence may take."""
MEBIBYTES: Final = 100.0
"""What a process that does nothing but screening may need."""


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
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Screening:
    """What a process that only screens did, and what it needed."""

    lists: dict[str, Figures]
    mebibytes: float


def corpus(name: str) -> list[Sentence]:
    """Return the sentences of a list."""
    lines = (CORPUS / f"{name}.tsv").read_text("utf-8").split("\n")
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


def figures(name: str) -> Figures:
    """Return how the gate does on a list."""
    sentences = corpus(name)
    screen("warm")
    started = time.process_time()
    found = [(one.level, screen(one.text)) for one in sentences]
    took = time.process_time() - started

    def share(level: str, *, refused: bool) -> float:
        those = [findings for which, findings in found if which == level]
        hits = sum(
            any(one.certain for one in findings) if refused else bool(findings)
            for findings in those
        )
        return round(hits / len(those), 4)

    return Figures(
        len(sentences),
        certain_refused=share("certain", refused=True),
        doubtful_flagged=share("doubtful", refused=False),
        clean_refused=share("clean", refused=True),
        clean_flagged=share("clean", refused=False),
        milliseconds=round(1000 * took / len(sentences), 3),
    )


def screening() -> Screening:
    """Screen every list in this process and return what that took."""
    lists = {name: figures(name) for name in LISTS}
    return Screening(lists, _most_memory())


def _most_memory() -> float:
    # Not getrusage: that counts what the process that started this one had, too.
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    """Print the figures of every list; as JSON with ``--json``."""
    told = screening()
    if "--json" in sys.argv:
        print(json.dumps(asdict(told)))
        return
    for name, one in told.lists.items():
        print(
            f"{name:8} {one.sentences} sentences: certain refused {one.certain_refused:.1%}, "
            f"doubtful flagged {one.doubtful_flagged:.1%}, clean refused {one.clean_refused:.1%}, "
            f"clean flagged {one.clean_flagged:.1%}, {one.milliseconds:.2f} ms a sentence"
        )
    print(f"{told.mebibytes:.0f} MiB")
    if "-v" in sys.argv:
        for name in LISTS:
            for sentence, found in missed(corpus(name)):
                kinds = [(str(one.kind), str(one.level), one.text) for one in found]
                print(f"{sentence.level}\t{sentence.kind}\t{sentence.text!r}\t{kinds}")


if __name__ == "__main__":
    main()
