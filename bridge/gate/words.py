"""The words of a text, and what each of them may be: a name, an everyday word, a brand, a street.

::

    text ─▶ words ─▶ without brands, shops, streets, towns, languages ─▶ names
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bridge.gate.lexicon import (
    fold,
    is_given_name,
    is_no_person,
    is_surname,
    is_town,
    is_usual_name,
    is_word,
    phrase_at,
    words_for,
)
from bridge.gate.traits import is_language, is_people

WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")

PARTICLES: Final = words_for("particles")

_STREET_END = re.compile(
    r".*(?:straat|straatje|laan|weg|plein|gracht|kade|dijk|singel|steeg|pad|hof|plantsoen|dreef"
    r"|park|markt|brug|boulevard|allee|passage|poort|kerk|museum|school|college|lyceum|station"
    r"|haven|tunnel|toren|huis|ziekenhuis|theater|stadion|centrum|galerij|buurt|wijk|kwartier|hal)"
)
_STREET_WORD: Final = words_for("street_words")
_COMMON_STEMS: Final = words_for("street_stems")
SHOPS: Final = words_for("shops")
"""In front of a name that is a shop's, a street's or a thing's."""

_PLACED = re.compile(
    r"(?:(?<![^\W_])(?i:in|te|uit|nabij|omgeving|near|kaart van|map of|plaats:|place:) "
    r"|(?:(?m:^)|: )(?:#\d+ )?[^\W\d_a-z][^\W\d_a-z ()/'-]{2,}, )\Z"
)
"""In front of a town: "in Horst", and as the heading of an alert, "INBRAAK, Horst"."""
_LEET: Final = str.maketrans("013457@$", "oieastas")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, its place there, and what it may be."""

    start: int
    end: int
    text: str
    folded: str
    capital: bool
    """Stands there with a capital that says something: not in a text of capitals alone."""
    given: bool
    family: bool
    common: bool
    masked: bool = False
    opens: bool = False
    """First of a sentence: its capital says nothing."""
    usual: bool = False
    """A name that is met often here."""

    @property
    def initial(self) -> bool:
        """Whether it is a single capital: "J"."""
        return len(self.text) == 1 and self.text.isupper()

    @property
    def particle(self) -> bool:
        """Whether it may stand between a given name and a family's: "van"."""
        return self.folded in PARTICLES and not self.initial


def _given(word: str) -> bool:
    """Whether a word is somebody's given name, or several joined: "gerrit-jan"."""
    parts = word.split("-")
    return is_given_name(word) or (len(parts) > 1 and all(map(is_given_name, parts)))


def _in_a_firm(text: str, token: re.Match[str]) -> bool:
    """Whether a word stands beside "&", as in a firm's name: "Jansen & Zn"."""
    return (
        token[0][0].isupper()
        and _AND_BEFORE.search(text[max(0, token.start() - 3) : token.start()]) is not None
    ) or _AND_BEHIND.match(text, token.end()) is not None


_AND_BEFORE = re.compile(r"& ?$")
_AND_BEHIND = re.compile(
    r" ?& ?[A-Z]|,? (?:en|and) (?:zn|zonen|zoon|sons?|dochters?)\b", re.IGNORECASE
)


def words_of(text: str) -> list[Word]:
    """Return the words of a text, in its order."""
    tokens = list(WORD.finditer(text))
    letters = sum(sign.isalpha() for sign in text)
    shouting = letters > 12 and sum(sign.isupper() for sign in text) > 0.7 * letters
    folded = [fold(token[0]) for token in tokens]
    masked = _masked(text, tokens, folded)
    words = []
    for index, token in enumerate(tokens):
        word = folded[index]
        raw = token[0]
        if any(sign.isdigit() for sign in raw):
            plain = word.translate(_LEET)
            mixed = raw[0].isalpha() and is_given_name(plain) and not is_word(plain)
            word = plain if mixed else word
        before = text[: token.start()].rstrip(" \"'(")
        opens = not before or before[-1] in ".!?\n:;"
        if before.endswith(".") and index and len(tokens[index - 1][0]) <= 2:
            opens = False
        single_brand = is_no_person(word)
        given, family = _given(word), is_surname(word)
        words.append(
            Word(
                token.start(),
                token.end(),
                raw,
                word,
                raw[0].isupper() and not shouting,
                given,
                family,
                is_word(word) or (single_brand and (given or family)),
                masked[index]
                or (single_brand and not (given or family))
                or (
                    is_town(word)
                    and _PLACED.search(text, max(0, token.start() - 60), token.start()) is not None
                )
                or is_language(text, token.start(), token.end())
                or (is_people(word) and not given)
                or (not given and sum(sign.isdigit() for sign in raw) > 1)
                or (not given and _in_a_firm(text, token)),
                opens,
                is_usual_name(word),
            )
        )
    return words


def _masked(text: str, tokens: list[re.Match[str]], folded: list[str]) -> list[bool]:
    """Return which words are part of a brand, a shop, a street or a place."""
    masked = [False] * len(tokens)
    flat = [part for word in folded for part in re.split(r"['-]", word)]
    owner = [index for index, word in enumerate(folded) for _ in re.split(r"['-]", word)]
    at = 0
    while at < len(flat):
        count = phrase_at(flat, at)
        for index in range(at, at + count):
            masked[owner[index]] = True
        at += max(count, 1)
    for index, word in enumerate(folded):
        street = word in _STREET_WORD or (
            len(word) > 6 and word not in _STREET_WORD and _STREET_END.fullmatch(word) is not None
        )
        if not street or (is_surname(word) and not word.endswith(("straat", "laan", "weg"))):
            continue
        bare = word in _STREET_WORD and index and folded[index - 1] in PARTICLES
        if bare and is_surname(word) and folded[index - 1] in ("van", "der", "den"):
            continue  # "mevrouw van der Laan"
        masked[index] = True
        stem = re.sub(
            r"(?:straat|straatje|laan|weg|plein|gracht|kade|dijk|singel|steeg|pad|hof|markt|park)$",
            "",
            word,
        )
        if stem in _COMMON_STEMS:
            continue
        back = index - 1
        while back >= 0 and index - back <= 5:
            gap = text[tokens[back].end() : tokens[back + 1].start()]
            if gap not in (" ", ". ", ".", "  "):
                break
            if not (tokens[back][0][0].isupper() or folded[back] in PARTICLES):
                break
            word = folded[back]
            called_after = (
                is_given_name(word) or is_surname(word) or len(word) <= 2 or word in SHOPS
            )
            if tokens[back][0][0].isupper() and is_word(word) and not called_after:
                break
            masked[back] = True
            back -= 1
    return masked
