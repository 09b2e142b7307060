"""What is a word in some language, and what is nobody's word: the evidence for names on no list.

::

    lists/words_*.txt.gz ─▶ "aa" ─▶ " ai ibaar ien " ─▶ is "aaien" a word?

A capital in the middle of a Dutch or English sentence stands before a name: of somebody, of a brand
or of a place. Brands and places have lists; what no list and no dictionary has is most likely
somebody. The lists are packed by their first letters: hundreds of thousands of words as a few
thousand strings, read when the first text is screened. ``tests/gate/gather.py`` makes them, and
says where they come from.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from string import ascii_lowercase
from typing import Final

_LISTS: Final = Path(__file__).parent / "lists"
PREFIX: Final = 3
"""Letters by which words are packed."""
_SHORTEST_PART: Final = 4
"""Letters that the end of a compound has at least, and one more than its beginning: "pot|krik"."""
_LONGEST: Final = 40
"""Letters of the longest word that is looked into."""
_SHORT_TAILS: Final = frozenset({
    "bon", "bag", "kit", "bak", "kap", "rol", "rek", "set", "nr", "nrs", "tas", "pet", "bus", "weg",
    "dag", "ruit", "slot", "pui", "kar", "auto",
})  # fmt: skip
"""Shorter ends: of most three letters behind a word there is somebody who is called so."""


@cache
def _packed(name: str) -> dict[str, str]:
    """Return the ends of a list's words by their beginnings, with a space around each."""
    text = gzip.decompress((_LISTS / f"{name}.txt.gz").read_bytes()).decode("ascii")
    pairs = (line.partition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {head: f" {tails} " for head, _, tails in pairs}


def _has(name: str, word: str) -> bool:
    tails = _packed(name).get(word[:PREFIX])
    return tails is not None and f" {word[PREFIX:] or '.'} " in tails


@lru_cache(maxsize=4096)
def is_in_dictionary(folded: str) -> bool:
    """Whether Dutch or English has this word in small letters, or puts it together of two."""
    return _has("words_at_home", folded) or _compound(folded, _SHORTEST_PART)


@lru_cache(maxsize=4096)
def may_be_a_word(folded: str) -> bool:
    """Whether this reads as a word of those, too: of shorter parts, or with an ending."""
    return is_in_dictionary(folded) or _compound(folded, _SHORTEST_PART - 1) or _inflected(folded)


@lru_cache(maxsize=4096)
def is_written_small(folded: str) -> bool:
    """Whether Dutch or English has this very word in small letters."""
    return _has("words_at_home", folded)


@lru_cache(maxsize=4096)
def is_abroad(folded: str) -> bool:
    """Whether it is a usual word in a language that is spoken around, such as Turkish."""
    return _has("words_abroad", folded)


@lru_cache(maxsize=4096)
def is_given_abroad(folded: str) -> bool:
    """Whether it is a given name that is met in a country where people of all others came."""
    return _has("given_abroad", folded)


@lru_cache(maxsize=4096)
def is_name_abroad(folded: str) -> bool:
    """Whether somebody is called so somewhere: mostly surnames that a census counted."""
    return _has("names_abroad", folded)


@lru_cache(maxsize=1024)
def resembles_a_word(folded: str) -> bool:
    """Whether this is a word with one letter too many, too few, wrong, or two swapped."""
    return any(_has("words_at_home", word) for word in slips(folded))


def slips(folded: str) -> Iterator[str]:
    """Return what somebody may have meant who typed a word with one slip of the pen."""
    if len(folded) > _LONGEST:
        return
    for head, tail in ((folded[:at], folded[at:]) for at in range(len(folded) + 1)):
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in ascii_lowercase:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]


def _inflected(folded: str) -> bool:
    """Whether this is a word with the ending of a plural or a small one: "bollards"."""
    return any(
        folded.endswith(ending)
        and len(folded) - len(ending) >= _SHORTEST_PART
        and _has("words_at_home", folded[: -len(ending)])
        for ending in ("s", "es", "je", "jes", "tje", "tjes")
    )


def _compound(folded: str, shortest: int) -> bool:
    if len(folded) > _LONGEST:
        return False
    for cut in range(shortest, len(folded) - 1):
        head, tail = folded[:cut], folded[cut:]
        short = len(tail) < _SHORTEST_PART
        if short and (tail not in _SHORT_TAILS or len(head) < _SHORTEST_PART):
            continue
        if short and _has("words_at_home", head):
            return True
        if _has("words_at_home", tail) and (
            _has("words_at_home", head) or (head.endswith("s") and _has("words_at_home", head[:-1]))
        ):
            return True
    return False
