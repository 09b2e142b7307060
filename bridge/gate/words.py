"""The words of a text, and what each of them may be: a name, an everyday word, a brand, a street.

::

    text ─▶ words ─▶ without brands, shops, streets, towns, languages ─▶ names
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bridge.gate.dictionary import is_abroad, is_name_abroad, is_written_small
from bridge.gate.lexicon import (
    fold,
    is_given,
    is_no_person,
    is_ordinary,
    is_ordinary_at_home,
    is_surname,
    is_town,
    is_usual_name,
    is_word,
    may_be_ordinary,
    phrase_at,
    words_for,
)
from bridge.gate.streets import PARTICLES, masked_by_streets
from bridge.gate.traits import is_language, is_people

WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")

_PLACED = re.compile(
    r"(?:(?<![^\W_])(?i:in|te|uit|nabij|omgeving|near|kaart van|map of|plaats:|place:) "
    r"|(?:(?m:^)|: )(?:#\d+ )?[^\W\d_a-z][^\W\d_a-z ()/'-]{2,}, )\Z"
)
"""In front of a town: "in Horst", and as the heading of an alert, "INBRAAK, Horst"."""
_GERMAN: Final = words_for("german")
"""Of these two make a text German, where every noun has a capital."""
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
    """First of a sentence, or one of a German one: its capital says nothing."""
    usual: bool = False
    """A name that is met often here."""
    brand: bool = False
    """Part of a brand or a shop, and neither a street's nor a town's name."""
    ordinary: bool = False
    """A dictionary has it in small letters, whoever is called so."""
    rare: bool = False
    """A name that is met somewhere, and here seldom: no list of our own has it."""
    at_home: bool = True
    """Stands in a text whose words are Dutch or English: a word of neither says something."""

    @property
    def initial(self) -> bool:
        """Whether it is a single capital: "J"."""
        return len(self.text) == 1 and self.text.isupper()

    @property
    def strange(self) -> bool:
        """Whether it has a capital, and no list and no dictionary has it."""
        return (
            self.capital
            and not (self.given or self.family or self.common or self.ordinary or self.masked)
            and len(self.folded) > 2
            and self.folded.isalpha()
            and self.text[1:].islower()
        )

    @property
    def possessive(self) -> bool:
        """Whether something is somebody's: "Ruslan's"."""
        return self.text.endswith(("'s", "'"))

    @property
    def particle(self) -> bool:
        """Whether it may stand between a given name and a family's: "van"."""
        return self.folded in PARTICLES and not self.initial


def _next(text: str, tokens: list[re.Match[str]], index: int) -> bool:
    """Whether a word stands directly behind another: the town of a street."""
    return text[tokens[index - 1].end() : tokens[index].start()] in (" ", ", ")


def _is_ordinary(word: str, named: bool, *, at_home: bool, small: bool) -> bool:
    """Whether a word of a text is one in some language: of those at home, in a text at home."""
    if at_home and (named or _is_rare(word)):
        # "Wiersinga" is no "wier" with something behind it.
        return is_written_small(word)
    if is_ordinary_at_home(word) or (small and may_be_ordinary(word)):
        return True
    return is_ordinary(word) or (not at_home and is_abroad(word))


def _is_rare(word: str) -> bool:
    """Whether a word is a name that is seldom met here, or two joined: "smit-bakker"."""
    parts = word.split("-")
    return all(is_name_abroad(part) or (len(parts) > 1 and is_surname(part)) for part in parts)


def _bare(word: str, *, capital: bool) -> str:
    """Return a name without what makes it a possessive: "kevin's", "ahmeds"."""
    if word.endswith(("'s", "'")):
        return word.rstrip("s").rstrip("'")
    owned = (
        len(word) > 4
        and word.endswith("s")
        and not (is_given(word) or is_surname(word) or is_town(word))
    )
    one = word[:-1]
    # "Ahmeds auto", "twee Tudors", "the Gogoladzes"
    named = is_given(one) or (is_surname(one) and capital) or is_no_person(one)
    return one if owned and named and not is_ordinary(word) else word


def _both_given(folded: list[str], index: int, text: str, token: re.Match[str]) -> bool:
    """Whether "&" stands between two given names: "Kevin & Ahmed"."""
    before = _AND_BEFORE.search(text[max(0, token.start() - 3) : token.start()]) is not None
    beside = index - 1 if before else index + 1
    return 0 <= beside < len(folded) and is_given(folded[index]) and is_given(folded[beside])


def _with_sons(text: str, token: re.Match[str]) -> bool:
    return _SONS.match(text, token.end()) is not None


def _in_a_firm(text: str, token: re.Match[str]) -> bool:
    """Whether a word stands beside "&", as in a firm's name: "Jansen & Zn"."""
    return (
        token[0][0].isupper()
        and _AND_BEFORE.search(text[max(0, token.start() - 3) : token.start()]) is not None
    ) or _AND_BEHIND.match(text, token.end()) is not None


_SONS = re.compile(
    r",? ?(?:&|en|and|et) (?:zn\b|zonen|zoon|sons?|dochters?|fils|co\b)", re.IGNORECASE
)
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
    branded = _branded(folded)
    masked = masked_by_streets(text, tokens, folded, branded)
    german = len(_GERMAN.intersection(folded)) > 1
    abroad = german or len(_SAYS_SO.intersection(folded)) >= _ENOUGH
    at_home = not abroad and _at_home(tokens, folded, masked)
    words = []
    for index, token in enumerate(tokens):
        word = folded[index]
        raw = token[0]
        if any(sign.isdigit() for sign in raw):
            plain = word.translate(_LEET)
            mixed = raw[0].isalpha() and is_given(plain) and not is_word(plain)
            word = plain if mixed else word
        word = _bare(word, capital=raw[0].isupper())
        before = text[: token.start()].rstrip(" \"'(")
        opens = not before or before[-1] in ".!?\n:;"
        if before.endswith(".") and index and len(tokens[index - 1][0]) <= 2:
            opens = False
        single_brand = is_no_person(word)
        given, family = is_given(word), is_surname(word)
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
                or (
                    index > 0 and masked[index - 1] and is_town(word) and _next(text, tokens, index)
                )
                or is_language(text, token.start(), token.end())
                or (is_people(word) and not given)
                or (not given and sum(sign.isdigit() for sign in raw) > 1)
                or (_in_a_firm(text, token) and not _both_given(folded, index, text, token))
                or (family and _with_sons(text, token)),
                opens=opens or german,
                usual=all(is_usual_name(part) for part in word.split("-")),
                brand=branded[index] or (single_brand and not is_town(word)),
                ordinary=_is_ordinary(
                    word, given or family, at_home=at_home, small=raw.islower() or opens
                ),
                rare=_is_rare(word),
                at_home=at_home,
            )
        )
    return words


_SAYS_SO: Final = words_for("says_so")
_ENOUGH: Final = 2
_STRANGERS: Final = 2
"""Words of neither language that a text at home may have, whatever its length."""
_KNOWN: Final = 0.6
"""The share of Dutch and English words that makes a text one of those."""


def _at_home(tokens: list[re.Match[str]], folded: list[str], masked: list[bool]) -> bool:
    """Whether the small words of a text are Dutch or English, but for a few."""
    small = [
        is_ordinary_at_home(word) or is_word(word) or is_given(word) or is_surname(word)
        for token, word, brand in zip(tokens, folded, masked, strict=True)
        if token[0].islower() and token[0].isalpha() and len(word) > 1 and not brand
    ]
    strange = small.count(False)
    return strange <= _STRANGERS or strange < (1 - _KNOWN) * len(small)


def _branded(folded: list[str]) -> list[bool]:
    """Return which words are part of a brand, a shop or a place of several words."""
    masked = [False] * len(folded)
    flat = [part for word in folded for part in re.split(r"['-]", word)]
    owner = [index for index, word in enumerate(folded) for _ in re.split(r"['-]", word)]
    at = 0
    while at < len(flat):
        count = phrase_at(flat, at)
        for index in range(at, at + count):
            masked[owner[index]] = True
        at += max(count, 1)
    return masked
