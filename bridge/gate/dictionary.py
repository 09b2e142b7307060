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
from functools import cache, lru_cache
from pathlib import Path
from string import ascii_lowercase
from typing import Final

_LISTS: Final = Path(__file__).parent / "lists"
PREFIX: Final = 3
"""Letters by which words are packed."""
_SHORTEST_PART: Final = 4
"""Letters that a part of a compound has at least: "horloge|koerier"."""


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
    return _has("words_at_home", folded) or _compound(folded)


@lru_cache(maxsize=4096)
def is_abroad(folded: str) -> bool:
    """Whether it is a usual word in a language that is spoken around, such as Turkish."""
    return _has("words_abroad", folded)


@lru_cache(maxsize=4096)
def is_given_abroad(folded: str) -> bool:
    """Whether it is a given name that is met in a country where people of all others came."""
    return _has("given_abroad", folded)


@lru_cache(maxsize=1024)
def resembles_a_word(folded: str) -> bool:
    """Whether this is a word with one letter too many, too few, wrong, or two swapped."""
    cuts = [(folded[:at], folded[at:]) for at in range(len(folded) + 1)]
    for head, tail in cuts:
        if tail and _has("words_at_home", head + tail[1:]):
            return True
        if len(tail) > 1 and _has("words_at_home", head + tail[1] + tail[0] + tail[2:]):
            return True
        for letter in ascii_lowercase:
            if _has("words_at_home", head + letter + tail) or (
                tail and _has("words_at_home", head + letter + tail[1:])
            ):
                return True
    return False


def _compound(folded: str) -> bool:
    for cut in range(_SHORTEST_PART, len(folded) - _SHORTEST_PART + 1):
        head, tail = folded[:cut], folded[cut:]
        if _has("words_at_home", tail) and (
            _has("words_at_home", head) or (head.endswith("s") and _has("words_at_home", head[:-1]))
        ):
            return True
    return False
