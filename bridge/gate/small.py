"""Names in small letters: "chidinma nwosu betaalde", "volgens ouahbi", "l. okonkwo".

::

    a small word ─▶ in no dictionary, no brand, no street, no slip of the pen ─▶ most likely a name
                                        known as one, where somebody stands ─▶ certain

It is so in a text whose other words are Dutch or English; in another language every second word is
in no dictionary, and only two names side by side say something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from bridge.gate.dictionary import resembles_a_word
from bridge.gate.finding import Level, Mark, Personal
from bridge.gate.lexicon import is_surname, pattern_of, resembles_a_brand, words_for
from bridge.gate.rows import adjoin, is_nobodys_word
from bridge.gate.single import (
    AGAIN,
    AND_ME,
    BEFORE_ANYBODY,
    DEEDS,
    FEATS,
    LETTERS_FOR_WORDS,
    NAMELY,
    OWNED,
    TOWARDS,
    WITH,
    a_thing_follows,
)
from bridge.gate.words import Word

_SHORTEST: Final = 4
"""Letters of a name that only its being no word tells."""
_SOMEBODY: Final = frozenset(
    word for word in words_for("roles") | words_for("kin") if word.isalpha()
)
_TOWARDS: Final = TOWARDS | WITH | _SOMEBODY
_VEHICLES: Final = words_for("vehicles")
_OURS: Final = frozenset({"onze", "our", "collega", "stagiair", "stagiaire", "meneer", "mevrouw"})
_HAVE: Final = words_for("have")
_PARTICIPLE = re.compile(r"(?:ge|ver|be|ont|her|[a-z]{2,6}ge)[a-z]{2,}(?:d|t|en)")


def find(text: str, words: list[Word]) -> Iterator[Mark]:
    """Return the names of a text that have no capital."""
    small = [_is_stranger(word) for word in words]
    yield from _of_ours(text, words)
    yield from _initials(text, words)
    yield from _families(text, words)
    if not any(small):
        return
    yield from _pairs(text, words, small)
    if words[0].at_home:
        yield from _alone(text, words, small)


def _of_ours(text: str, words: list[Word]) -> Iterator[Mark]:
    """Return given names that are words, too, beside a word for somebody: "onze wouter"."""
    for one, other in pairwise(words):
        named = other.given and other.usual and not (other.common or other.masked)
        if one.folded in _OURS and named and len(other.text) > 3 and adjoin(text, one, other):
            yield Mark(Personal.NAME, Level.CERTAIN, other.start, other.end)


def _is_stranger(word: Word) -> bool:
    return (
        word.text.islower()
        and _LETTERS.fullmatch(word.text) is not None
        and len(word.folded) >= _SHORTEST
        and not (word.common or word.ordinary or word.masked or word.particle)
        # "burton-wachter" is a make, "smit-bakker" is two families.
        and ("-" not in word.text or word.rare or word.family or word.given)
    )


_LETTERS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*(?:'s?)?")


def _known(word: Word) -> bool:
    return word.given or word.family or word.rare


def _alone(text: str, words: list[Word], small: list[bool]) -> Iterator[Mark]:
    """Return the words that can hardly be anything but a name."""
    for index, word in enumerate(words):
        if not small[index] or _NUMBERED.match(text, word.end):
            continue
        if index and words[index - 1].brand and words[index - 1].masked:
            continue  # "alfa giulia"
        if word.folded in _VEHICLES:
            continue  # "witte vito"
        known = word.given or word.family
        known = known or (word.rare and not resembles_a_word(word.folded))
        if not known and _THING_END.fullmatch(word.folded):
            continue  # "pufferjas"
        if not known and (resembles_a_word(word.folded) or resembles_a_brand(word.folded)):
            continue
        linked = known and _beside_another(text, words, small, index)
        sure = linked or _stands(text, words, index, sure_of_it=not known)
        sure = sure or _is_usual(text, words, index)
        yield Mark(Personal.NAME, Level.CERTAIN if sure else Level.DOUBTFUL, word.start, word.end)


_THING_END = re.compile(rf".{{3,}}{pattern_of('thing_ends')}")


def _is_usual(text: str, words: list[Word], index: int) -> bool:
    """Whether a word is a given name that is met often, and no model's or place's."""
    word = words[index]
    if not (word.given and word.usual) or word.brand:
        return False
    before = words[index - 1] if index and adjoin(text, words[index - 1], word) else None
    after = words[index + 1] if index + 1 < len(words) else None
    if after is not None and after.masked and adjoin(text, word, after):
        return False
    return before is None or not (a_thing_follows(before) or before.folded in ("bij", "at", "by"))


_NUMBERED = re.compile(r" ?[:.]? ?\d|[./@_=(]\w")
"""Behind an abbreviation or a part of something: "artikelnr 38"."""


def _beside_another(text: str, words: list[Word], small: list[bool], index: int) -> bool:
    """Whether a name stands in a row of them: "nurettin, gaitri en wim"."""
    word = words[index]
    return any(
        0 <= other < len(words)
        and (small[other] or words[other].usual)
        and _known(words[other])
        and not words[other].common
        and _LINK.fullmatch(
            text[words[other].end : word.start]
            if other < index
            else text[word.end : words[other].start]
        )
        for other in (index - 2, index - 1, index + 1, index + 2)
    )


_LINK = re.compile(r" ?[,/&+] ?|,? (?:en|and|und|et|y|e|ve|i) ", re.IGNORECASE)


def _stands(text: str, words: list[Word], index: int, *, sure_of_it: bool) -> bool:
    """Whether a word stands where somebody does; with ``sure_of_it``, where hardly a thing does."""
    word = words[index]
    before = words[index - 1] if index and adjoin(text, words[index - 1], word) else None
    after = words[index + 1] if index + 1 < len(words) else None
    if after is not None and not adjoin(text, word, after):
        after = None
    said = after.folded if after is not None else ""
    if word.possessive and not sure_of_it:
        return True
    if word.given and word.usual and not sure_of_it and _OF_THERE.match(text, word.end):
        return True
    if said in FEATS or said in OWNED or AND_ME.match(text, word.end):
        return True
    if sure_of_it:
        two = words[index - 2].folded if index > 1 else ""
        return before is not None and (
            before.folded in NAMELY or (before.folded == "van" and two in OWNED)
        )
    if before is None:
        return said in DEEDS or said in AGAIN
    if before.folded in _TOWARDS or (before.folded == "die" and _again(words, index)):
        return True
    if before.folded in _HAVE and _PARTICIPLE.fullmatch(said):
        return True  # "ze hebben radjesh geduwd"
    if len(before.text) == 1 and before.text.isalpha() and before.text not in LETTERS_FOR_WORDS:
        return True  # "de bon staat op r cijntje"
    return before.folded in BEFORE_ANYBODY and (said in DEEDS or said in AGAIN)


_OF_THERE = re.compile(
    r" (?:van|uit|from) (?:de|het|den|t|'t|hier\w*|boven|beneden|daar|the|next|upstairs) ?"
)
"""Behind somebody: "mohammed van de avondploeg"."""


def _again(words: list[Word], index: int) -> bool:
    """Whether somebody was there before: "weer die stojka", "die stojka weer"."""
    beside = words[max(0, index - 2) : index] + words[index + 1 : index + 2]
    return any(one.folded == "weer" for one in beside)


def _initials(text: str, words: list[Word]) -> Iterator[Mark]:
    """Return a family's name beside an initial, all in small letters: "l. okonkwo", "krol a."."""
    for found in _MANY_INITIALS.finditer(text):
        if re.sub(r"[. ]", "", found["initials"]) not in _SHORT_FOR and is_surname(found["name"]):
            yield Mark(Personal.NAME, Level.CERTAIN, *found.span())
    for found in _INITIAL_AND_PARTICLES.finditer(text):
        if is_surname(found["name"]):
            yield Mark(Personal.NAME, Level.CERTAIN, *found.span())
    for one, other in pairwise(words):
        if not (one.text.islower() and other.text.islower()):
            continue
        between = text[one.end : other.start]
        before = text[max(0, one.start - 1) : one.start]
        if len(one.text) == 1 and between in (". ", ".") and before in ("", " ", "(", ".", "\n"):
            if _is_family(other):
                yield Mark(Personal.NAME, Level.CERTAIN, one.start, other.end)
        elif (
            len(other.text) == 1
            and between in (" ", ", ")
            and text[other.end : other.end + 1] == "."
            and len(one.text) >= _SHORTEST
            and _is_family(one)
        ):
            yield Mark(Personal.NAME, Level.CERTAIN, one.start, other.end + 1)


def _families(text: str, words: list[Word]) -> Iterator[Mark]:
    """Return a family's name behind the particles that no thing has: "bij van den berghe"."""
    for one, inner, last in zip(words, words[1:], words[2:], strict=False):
        if one.folded not in ("van", "von") or inner.folded not in _INNER:
            continue
        row = last.text.islower() and adjoin(text, one, inner) and adjoin(text, inner, last)
        named = last.family or last.rare or is_nobodys_word(last)
        if row and named and not (last.common or last.ordinary or last.masked):
            yield Mark(Personal.NAME, Level.CERTAIN, one.start, last.end)


_INNER: Final = frozenset({"den", "der", "ter", "ten"})
_MANY_INITIALS = re.compile(
    r"(?<![^\W_.])(?P<initials>(?:[a-z]\.[ ]?){2,4})(?P<name>[a-z]{4,20})\b"
)
_INITIAL_AND_PARTICLES = re.compile(
    r"(?<![^\W_.])[a-z]\.[ ]?(?:van der|van den|van de|v/d|vd|van|de|den|der|ter|ten|el|al)[ ]"
    r"(?P<name>[a-z]{3,20})(?![^\W_])"
)
_SHORT_FOR: Final = words_for("short_for")
"""Letters with dots that are no initials: "i.v.m.", "o.a."."""


def _is_family(word: Word) -> bool:
    """Whether a word is a surname, or nobody's word: what stands behind an initial."""
    if word.masked or word.common or word.ordinary:
        return False
    return word.family or word.rare or (is_nobodys_word(word) and not resembles_a_word(word.folded))


def _pairs(text: str, words: list[Word], small: list[bool]) -> Iterator[Mark]:
    """Return two words side by side that no dictionary has: "chidinma nwosu betaalde"."""
    if sum(small) > _STRANGERS_OF * len(words) and not words[0].at_home:
        return
    for index in range(len(words) - 1):
        one, other = words[index], words[index + 1]
        if not (small[index] and small[index + 1] and adjoin(text, one, other)):
            continue
        listed = one.given or other.family
        acts = index + 2 < len(words) and words[index + 2].folded in FEATS
        if not (acts and listed) and any(
            not _known(word) and resembles_a_word(word.folded) for word in (one, other)
        ):
            continue
        if not words[0].at_home and not (acts or _usual_pair(one, other)):
            continue
        sure = (
            listed
            or (one.rare or other.rare)
            or (index + 2 < len(words) and words[index + 2].folded in DEEDS)
        )
        yield Mark(Personal.NAME, Level.CERTAIN if sure else Level.DOUBTFUL, one.start, other.end)


def _usual_pair(one: Word, other: Word) -> bool:
    """Whether two words are somebody's in any language: "hamza benali", and not "uzun uzun"."""
    return (
        one.given
        and other.family
        and (one.usual or other.usual)
        and one.folded != other.folded
        and not (one.folded in _SAYS_SO or other.folded in _SAYS_SO)
    )


_SAYS_SO: Final = words_for("says_so")
_STRANGERS_OF: Final = 0.34
"""The share of a text's words that may be strange."""
