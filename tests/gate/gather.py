r"""Make the packed word lists of the gate from what others gathered.

::

    OpenTaal, SCOWL ────▶ words_at_home.txt.gz   Dutch and English, as their dictionaries write them
    wordfreq ───────────▶ words_abroad.txt.gz    the usual words of languages spoken around
    US Social Security ─▶ given_abroad.txt.gz    given names of every origin
    US Census, Mimesis ─▶ names_abroad.txt.gz    names of every origin, most of them surnames

Run by hand, when a list is to be made anew; nothing of it is needed to run or test Goudwacht::

    python -m tests.gate.gather /usr/share/dict/dutch /usr/share/dict/british-english \
        WORDFREQ/data SOCIAL_SECURITY.tsv CENSUS.csv MIMESIS/datasets

Debian's packages wdutch and wbritish have the dictionaries, PyPI's wordfreq the frequencies. The
names are lines of ``name<TAB>births``; those of families are the two files of surnames that the
Census published in 2000 and 2010, one behind the other, as lines of ``NAME,rank,count,...``, and
those that PyPI's mimesis has for its languages.
Dictionaries tell names from words by their capitals; the frequencies do not, so known names are
taken out of those. The names of tests/corpus/gate/strangers.txt are left out of every list.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgpack  # type: ignore[import-untyped]

from bridge.gate.dictionary import PREFIX
from bridge.gate.lexicon import (
    fold,
    is_given_name,
    is_no_person,
    is_surname,
    is_town,
    is_usual_name,
)
from bridge.gate.reading import read
from tests.gate import strangers

LISTS: Final = Path(__file__).parents[2] / "bridge" / "gate" / "lists"
ABROAD: Final = {"de": 30_000, "fr": 25_000, "es": 25_000, "tr": 25_000, "pl": 25_000, "ro": 20_000,
                 "it": 20_000, "pt": 20_000, "bg": 8_000}  # fmt: skip
"""How many of the most frequent words of a language."""
SURE: Final = 1_500
"""How many of those are words, whoever is called so."""
BIRTHS: Final = 2_000
"""How often a name was given at least."""
BEARERS: Final = 1_000
"""How many people with a surname make it none of the words that are sometimes one."""
SHORTEST: Final = 4
"""Letters of a surname that only the Census has: shorter ones are words somewhere."""


def packed(words: Iterable[str], says: str) -> bytes:
    """Return words as the gate reads them: a line for each beginning, with its ends."""
    by_head: dict[str, set[str]] = defaultdict(set)
    for word in words:
        by_head[word[:PREFIX]].add(word[PREFIX:] or ".")
    lines = [
        f"# {says}",
        *(f"{head} {' '.join(sorted(by_head[head]))}" for head in sorted(by_head)),
    ]
    return gzip.compress("\n".join([*lines, ""]).encode("ascii"), 9, mtime=0)


def _plain(word: str) -> bool:
    return word.isascii() and word.isalpha() and len(word) > 1


def at_home(*dictionaries: Path) -> set[str]:
    """Return the words that dictionaries write small."""
    lines = (line for path in dictionaries for line in path.read_text("utf-8").splitlines())
    return {fold(line) for line in lines if line.islower() and _plain(fold(line))}


def abroad(frequencies: Path, bearers: dict[str, int]) -> set[str]:
    """Return the usual words of other languages."""
    found = set()
    left_out = _left_out()
    for language, count in ABROAD.items():
        raw = gzip.decompress((frequencies / f"small_{language}.msgpack.gz").read_bytes())
        # Bulgarian is typed in Latin letters here.
        ranked = (fold(read(word).text) for level in msgpack.unpackb(raw)[1:] for word in level)
        found |= {
            word
            for word, rank in zip(ranked, range(count), strict=False)
            if _plain(word)
            and (
                rank < SURE
                or not (is_given_name(word) or is_surname(word) or bearers.get(word, 0) >= BEARERS)
            )
            and not is_usual_name(word)
            and word not in left_out
        }
    return found


def given(names: Path, words: set[str]) -> set[str]:
    """Return given names that are no words."""
    rows = (line.split("\t") for line in names.read_text("utf-8").splitlines())
    often = (fold(name) for name, births in rows if int(births) >= BIRTHS)
    return {
        name
        for name in often
        if _plain(name) and name not in words and not is_no_person(name) and not is_town(name)
    }


def _left_out() -> set[str]:
    return {fold(part) for pair in strangers.names() for part in pair}


def surnames(census: Path) -> dict[str, int]:
    """Return how many people have a surname; 0 where a year told its share only."""
    found: dict[str, int] = {}
    for line in census.read_text("utf-8").splitlines():
        name, _, count, *_ = line.split(",")
        known = int(count) if count.isdigit() else 0
        found[fold(name)] = max(found.get(fold(name), 0), known)
    return found


def invented(datasets: Path) -> set[str]:
    """Return the names from which Mimesis makes up people."""
    found: set[str] = set()

    def gather(value: object) -> None:
        if isinstance(value, str):
            found.add(fold(value))
        elif isinstance(value, (list, dict)):
            for one in value.values() if isinstance(value, dict) else value:
                gather(one)

    for path in datasets.glob("*/person.json"):
        read_of = json.loads(path.read_text("utf-8"))
        gather([read_of.get("names"), read_of.get("surnames")])
    return found


def seldom(names: set[str], words: set[str]) -> set[str]:
    """Return the names that no other list has, and that are no words at home."""
    left_out = _left_out()
    return {
        name
        for name in names
        if _plain(name)
        and len(name) >= SHORTEST
        and name not in words
        and name not in left_out
        and not (is_given_name(name) or is_surname(name) or is_no_person(name) or is_town(name))
    }


def main() -> None:
    """Write the lists."""
    dutch, english, frequencies, names, census, mimesis = map(Path, sys.argv[1:])
    home = at_home(dutch, english)
    bearers = surnames(census)
    _write("words_at_home", home, "OpenTaal (BSD or CC BY 3.0) and SCOWL: LICENSE.dictionaries.txt")
    # What is a name decides what is none abroad: in this order.
    _write("given_abroad", given(names, home), "US Social Security Administration, public domain")
    rare = seldom(set(bearers) | invented(mimesis), home)
    _write("names_abroad", rare, "US Census Bureau, public domain; Mimesis, MIT licence")
    far = abroad(frequencies, bearers) - home
    _write("words_abroad", far, "wordfreq 3.1.1, CC BY-SA 4.0: LICENSE.dictionaries.txt")


def _write(name: str, words: set[str], says: str) -> None:
    (LISTS / f"{name}.txt.gz").write_bytes(packed(words, says))
    print(f"{name}: {len(words)} words")


if __name__ == "__main__":
    main()
