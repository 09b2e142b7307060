"""Words a person may type, in two languages, and the thing each stands for.

A :class:`Vocabulary` maps the words of one topic (the types, the weapons, the field names) to
the members of an enum. Reading is forgiving about case, accents, hyphens and full-width
letters; a word that is not known gets its nearest known neighbours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final, Generic, TypeVar

from rapidfuzz import fuzz, process

from bridge.wording import Language

E = TypeVar("E", bound=Enum)

_JOINERS = re.compile(r"[\s_\-‐‑]+")  # noqa: RUF001
_EDGES: Final = " \t*`'\"“”‘’„«».,;!()[]"  # noqa: RUF001

# What may stand around a word without saying anything more than the word.
_FILLERS = {
    *("een", "de", "het", "met", "en", "of", "van", "bij", "op", "door", "vermoedelijk"),
    *("a", "an", "the", "with", "and", "or", "by", "in", "probably"),
}

_NEAR: Final = 60
"""Similarity, of 100, from which a word is offered as what was perhaps meant."""


def folded(text: str) -> str:
    """Return ``text`` as it is compared: NFKC, no accents, no case, one space between words."""
    compatible = unicodedata.normalize("NFKC", text).casefold()
    bare = "".join(
        sign
        for sign in unicodedata.normalize("NFKD", compatible)
        if not unicodedata.combining(sign)
    )
    return _JOINERS.sub(" ", bare).strip(_EDGES)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one member per language; the first of each is the one to show."""

    nl: tuple[str, ...]
    en: tuple[str, ...]

    def of(self, language: Language) -> tuple[str, ...]:
        """Return the words in ``language``."""
        return self.nl if language is Language.NL else self.en


def words(nl: str, en: str) -> Words:
    """Return the words of two lists with commas: ``words("plaats, stad", "place, town")``."""
    return Words(*(tuple(word.strip() for word in listed.split(",")) for listed in (nl, en)))


@dataclass(frozen=True, slots=True)
class Found(Generic[E]):
    """What was recognised in a text, in the order of the text, and what was left of it."""

    members: tuple[E, ...]
    left_over: str


@dataclass(frozen=True, eq=False)
class Vocabulary(Generic[E]):
    """The words of one topic."""

    entries: Mapping[E, Words]

    def exact(self, typed: str) -> E | None:
        """Return what ``typed`` stands for as a whole, or None."""
        return self._members.get(folded(typed))

    def find(self, typed: str) -> Found[E]:
        """Return every known word in ``typed``, each once, and the rest without fillers.

        Longer words win: "street robbery" is no robbery.
        """
        text = folded(typed)
        members = dict.fromkeys(self._members[hit[0]] for hit in self._pattern.finditer(text))
        rest = self._pattern.sub(" ", text).split()
        left_over = " ".join(word for word in rest if word.strip(_EDGES + ":/+&") not in _FILLERS)
        return Found(tuple(members), left_over.strip(_EDGES + ":/+&"))

    def nearest(
        self, typed: str, language: Language | None, at_least: float = _NEAR
    ) -> tuple[str, ...]:
        """Return up to three known words like ``typed``, the likest first, one per member.

        In ``language``; None means: in that of the likest word.
        """
        target = folded(typed)[:80]
        languages = tuple(Language) if language is None else (language,)
        hits = [
            (score, choice, candidate)
            for candidate in languages
            for choice, score, _ in process.extract(
                target, self._choices[candidate], scorer=fuzz.ratio, score_cutoff=at_least, limit=9
            )
        ]
        hits.sort(key=lambda hit: -hit[0])
        chosen: dict[E, str] = {}
        for _, choice, candidate in hits:
            if candidate is hits[0][2]:
                chosen.setdefault(self._members[choice], self._choices[candidate][choice])
        return tuple(chosen.values())[:3]

    def languages_of(self, typed: str) -> frozenset[Language]:
        """Return the languages in which ``typed`` is a word of this vocabulary."""
        target = folded(typed)
        return frozenset(language for language in Language if target in self._choices[language])

    @cached_property
    def _members(self) -> dict[str, E]:
        return {
            folded(word): member
            for member, entry in self.entries.items()
            for word in entry.nl + entry.en
        }

    @cached_property
    def _choices(self) -> dict[Language, dict[str, str]]:
        return {
            language: {
                folded(word): word for entry in self.entries.values() for word in entry.of(language)
            }
            for language in Language
        }

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self._members, key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
