"""The lists the gate knows: given names, surnames, everyday words, brands, places, and peoples.

They lie beside this file in ``lists/``, are data and no code, and are read once.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import yaml

from bridge.gate.dictionary import (
    is_abroad,
    is_given_abroad,
    is_in_dictionary,
    may_be_a_word,
    slips,
)
from bridge.regions.towns import dutch_towns

# Not appservice's: `goudwacht screen` does without all that comes with it.
_LOADER: Final[type[yaml.SafeLoader]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LISTS: Final = Path(__file__).parent / "lists"


def fold(text: str) -> str:
    """Return a text without capitals and accents."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _lines(name: str) -> list[str]:
    text = (_LISTS / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _set(name: str) -> frozenset[str]:
    return frozenset(word for line in _lines(name) for word in line.split())


@cache
def _phrases() -> tuple[frozenset[str], dict[str, list[tuple[str, ...]]]]:
    """Return the single words that are no persons, and the longer phrases by their first word."""
    single: set[str] = set()
    longer: dict[str, list[tuple[str, ...]]] = {}
    for line in _lines("not_persons.txt") + _lines("towns.txt") + _reported_towns():
        for phrase in line.split(","):
            words = tuple(re.findall(r"[^\W_]+", phrase.strip()))
            if len(words) == 1:
                single.add(words[0])
            elif words:
                longer.setdefault(words[0], []).append(words)
    single |= {name for name in _towns() if name.isalpha()}
    for found in longer.values():
        found.sort(key=len, reverse=True)
    return frozenset(single), longer


def _reported_towns() -> list[str]:
    """Return the towns that a report can be of: an alert names one in its heading."""
    return [fold(name) for name in dutch_towns().names]


@cache
def _towns() -> frozenset[str]:
    lines = _lines("towns.txt") + _reported_towns()
    names = {name.strip() for line in lines for name in line.split(",")}
    # "Capelle aan den IJssel" is Capelle to who lives there.
    short = {re.split(r" (?:aan|op|bij|a/d|am|an) ", name)[0] for name in names}
    return frozenset(names | {name for name in short if len(name) > 4})


@cache
def _uses() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in ("uses.yaml", "uses_abroad.yaml"):
        written = yaml.load((_LISTS / name).read_text("utf-8"), _LOADER)  # noqa: S506
        for use, pieces in written.items():
            found[use] = found.get(use, ()) + tuple(pieces.split())
    return found


@cache
def words_for(use: str) -> frozenset[str]:
    """Return the words of one use: ``units``, ``particles``."""
    return frozenset(_uses()[use])


def pattern_of(*uses: str) -> str:
    """Return a pattern of the words of some uses; what is around it is the caller's."""
    by_letter: dict[str, list[str]] = {}
    for piece in (piece for use in uses for piece in _uses()[use]):
        plain = piece[0].isalnum() and piece[1:2] not in ("?", "*", "{") and "|" not in _bare(piece)
        # An ending has an end: else a text of one long word would take a second.
        bounded = piece.replace("\\w*", "\\w{0,30}").replace("\\w+", "\\w{1,30}")
        by_letter.setdefault(piece[0] if plain else "", []).append(bounded.replace("_", " "))
    # By first letters: where a word begins with another one, none of those are tried.
    grouped = [
        f"{letter}(?:{'|'.join(piece[1:] for piece in pieces)})" if letter else "|".join(pieces)
        for letter, pieces in by_letter.items()
    ]
    return f"(?:{'|'.join(grouped)})"


def _bare(piece: str) -> str:
    """Return a piece of a pattern without what stands in its parentheses."""
    return re.sub(r"\([^()]*\)", "", re.sub(r"\([^()]*\)", "", piece))


def is_given_name(folded: str) -> bool:
    """Whether this is somebody's given name."""
    return (
        folded in _set("given_names.txt")
        or folded in _set("more_given_names.txt")
        or is_given_abroad(folded)
    )


def is_given(folded: str) -> bool:
    """Whether a word is somebody's given name, or several joined: "gerrit-jan"."""
    parts = folded.split("-")
    return is_given_name(folded) or (len(parts) > 1 and all(map(is_given_name, parts)))


def is_surname(folded: str) -> bool:
    """Whether this is a family's name, without its particles."""
    return folded in _set("surnames.txt") or folded in _set("more_surnames.txt")


def is_usual_name(folded: str) -> bool:
    """Whether this is a name that is met often here: one that is known without its capital."""
    return folded in _set("given_names.txt") or folded in _set("surnames.txt")


def is_word(text: str) -> bool:
    """Whether this is an everyday word in Dutch or English, whatever else it may be."""
    folded = fold(text)
    return folded in _set("words.txt") or _ending(folded) in _set("words.txt")


def is_ordinary(folded: str) -> bool:
    """Whether a dictionary has this, in small letters: all of its parts, for "zij-ingang"."""
    return all(
        is_in_dictionary(part)
        or (is_abroad(part) and not is_given_name(part) and not is_surname(part))
        for part in re.split(r"['-]", folded)
        if len(part) > 1
    )


def is_ordinary_at_home(folded: str) -> bool:
    """Whether Dutch or English has this in small letters: all of its parts."""
    return all(is_in_dictionary(part) for part in re.split(r"['-]", folded) if len(part) > 1)


def may_be_ordinary(folded: str) -> bool:
    """Whether this reads as Dutch or English where it has no capital that says something."""
    return all(may_be_a_word(part) for part in re.split(r"['-]", folded) if len(part) > 1)


def is_no_person(folded: str) -> bool:
    """Whether this single word is a brand, a shop or a place."""
    return folded in _phrases()[0]


@lru_cache(maxsize=1024)
def resembles_a_brand(folded: str) -> bool:
    """Whether this is a brand, a shop or a place with a slip of the pen: "brietling"."""
    return len(folded) > 4 and any(is_no_person(one) for one in slips(folded))


def is_town(folded: str) -> bool:
    """Whether a place is called so, whoever else may be."""
    return folded in _towns()


def phrase_at(words: list[str], index: int) -> int:
    """Return how many words from ``index`` on are a known brand, shop or place; 0 for none."""
    for phrase in _phrases()[1].get(words[index], ()):
        if tuple(words[index : index + len(phrase)]) == phrase:
            return len(phrase)
    return 0


def _ending(folded: str) -> str:
    """Return the word a plural or an inflected form comes from, roughly."""
    for ending in ("en", "s", "e"):
        if folded.endswith(ending) and len(folded) > len(ending) + 3:
            return folded[: -len(ending)]
    return folded
