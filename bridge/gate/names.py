"""Names of people, whatever their origin, and what people are called.

::

    words ─▶ without brands, shops, streets, towns ─▶ after a cue: "heet …", "meneer …"
                                                   └▶ in a row: given name, particles, family

A name after a cue, or a given name with a family's, is certain. A single name is doubtful: it may
be somebody's, or a shop's. Lists alone would miss names and find brands; shape alone would find
towns: a row needs a list on one side and the shape of a name on the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from bridge.gate import aliases, introduced, perhaps, small
from bridge.gate.dictionary import is_name_abroad, resembles_a_word
from bridge.gate.finding import Level, Mark, Personal, certain
from bridge.gate.lexicon import (
    fold,
    is_given_name,
    is_ordinary,
    is_surname,
    is_word,
    pattern_of,
)
from bridge.gate.reading import Reading
from bridge.gate.rows import is_nobodys_word, row_from, rows_of
from bridge.gate.single import is_acronym
from bridge.gate.streets import SHOPS
from bridge.gate.words import Word, words_of

_TITLE: Final = pattern_of("titles")
_KIN: Final = pattern_of("kin")
_ROLE: Final = pattern_of("roles")
_CALLED: Final = pattern_of("called")
_FILLER: Final = (
    r"(?:[ ]?[1-9](?=[ ]?[=:]))?(?:[ ]*[:=,-]?[ ]*(?:is|was|waren|zou|kan|iets|als|denk ik"
    r"|ik denk|volgens mij|dus|van|like|allebei|beiden?|ook"
    r"|gewoon|eigenlijk|echt|trouwens|both"
    r"|waarschijnlijk|something like|de heer|de|hij|zij|ze|meneer|mevrouw|dhr\.?|mevr\.?|zijn|to"
    r"|naar de naam)(?![^\W_]))?[ ]*[:=,-]?[ ]*(?:iets van )?[\"'(]?"
)
_CUE = re.compile(
    rf"(?<![^\W_])(?P<cue>{_CALLED}|{_TITLE}|{_KIN} van|{_KIN} of|{_KIN}|{_ROLE}|herkend als"
    r"|recogni[sz]ed (?:him |her |them )?as|identified as|kennen (?:hem|haar|ze) als|know him as)"
    rf"(?![^\W_]){_FILLER}",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"(?:heet|hete|heette|heten|genaamd|geheten|voornaam|achternaam|familienaam|called|named"
    rf"|{_TITLE}|(?:op )?naam(?: van)?|.*name.*|ene|.*zekere|a certain|tnv|t\.n\.v\.|herkend als"
    r"|recogni.*|identified as|kennen.*|know .*|luistert naar|.* (?:van|of))",
    re.IGNORECASE,
)

_SHORT_TITLE = re.compile(r"(?:dhr|mevr|mvr|mw|fam|mr|mrs|ms|gebr)\b", re.IGNORECASE)
"""Behind these nothing but a name follows, however much it looks like a word."""
_TITLE_ONLY = re.compile(_TITLE, re.IGNORECASE)


def find(reading: Reading) -> Iterator[Mark]:
    """Return names and aliases."""
    text = reading.text
    words = words_of(text)
    if not words:
        return
    at = {word.start: index for index, word in enumerate(words)}
    yield from aliases.find(text, words, at)
    yield from perhaps.find(text, words)
    yield from introduced.find(text, words, at)
    yield from _after_cues(text, words, at)
    yield from rows_of(text, words)
    yield from small.find(text, words)
    yield from _family_first(text, words)
    for found in _WHO_IS.finditer(text):
        index = at.get(found.start("name"), -1)
        word = words[index] if index >= 0 else None
        if word is None or word.masked or not (word.given or word.family or word.rare):
            continue
        if word.capital or not (word.common or word.ordinary):
            yield certain(Personal.NAME, word.start, word.end)
    for found in _CALLED_LAST.finditer(text):
        word = words[at[found.start("name")]] if found.start("name") in at else None
        if word is not None and (word.given or word.capital or is_nobodys_word(word)):
            yield certain(Personal.NAME, word.start, word.end)


_WHO_IS = re.compile(
    rf"(?<![^\W_])(?P<name>[^\W\d_][\w'-]{{1,20}}), ?"
    rf"(?:onze|ons|mijn|m'?n|our|my|zijn|haar|hun|his|her)"
    rf"[ ](?:\w+[ ])?(?:{_ROLE}|{_KIN})(?![^\W_])",
    re.IGNORECASE,
)
"""Before who it is: "Sem, mijn zoon", "Bakker, onze beveiliger"."""
_CALLED_LAST = re.compile(
    r"\b(?:hij|ie|zij|ze|die|deze|jongen|meisje|man|vrouw)[ ](?P<name>[^\W\d_]{2,20})[ ]"
    r"heet(?:te|ten)?\b",
    re.IGNORECASE,
)
"""Where Dutch has the verb last: "zegt dat ie mo heet"."""


def joined_name(word: str) -> bool:
    """Whether letters that were typed one by one are a name: "KevindeVries"."""
    folded = fold(word)
    named = is_given_name(folded) or is_surname(folded) or is_name_abroad(folded)
    if is_word(folded) or is_ordinary(folded):
        return False
    if named or (folded.isalpha() and len(set(folded)) > 2 and not resembles_a_word(folded)):
        return True  # who spells a word of no dictionary spells a name; not "x x x x"
    for cut in range(4, len(folded) - 2):
        if is_given_name(folded[:cut]) and not is_word(folded):
            rest = folded[cut:]
            for particle in ("vanden", "vander", "vande", "van", "de", "el", "den", ""):
                if rest.startswith(particle) and is_surname(rest[len(particle) :]):
                    return True
            if len(rest) > 4 and not (is_ordinary(rest) or is_ordinary(folded)):
                return True
    return False


_FAMILY_FIRST = re.compile(r", ?")
_INNER: Final = frozenset({"den", "der", "ter", "ten"})
"""Behind "van" these make what follows a name: "getuige van den bosch"."""


def _family_first(text: str, words: list[Word]) -> Iterator[Mark]:
    """Return names as a list has them: "Bakker, Jeroen"."""
    for one, other in pairwise(words):
        if not _FAMILY_FIRST.fullmatch(text[one.end : other.start]):
            continue
        family = one.family or (not one.common and "-" in one.text)
        dotted = other.initial and text[other.end : other.end + 1] == "."
        if dotted and one.capital and not one.masked and (one.family or one.strange):
            yield certain(Personal.NAME, one.start, other.end)
            continue
        if (
            family
            and one.capital
            and not one.masked
            and other.capital
            and other.given
            and not other.common
            and not other.masked
            and not is_given_name(one.folded)
        ):
            yield certain(Personal.NAME, one.start, other.end)


def _after_cues(text: str, words: list[Word], at: dict[int, int]) -> Iterator[Mark]:
    for found in _CUE.finditer(text):
        start = found.end()
        while start < len(text) and text[start] in " \"'(":
            start += 1
        index = at.get(start)
        titled = _TITLE_ONLY.fullmatch(found["cue"]) is not None
        if index and words[index - 1].start >= found.end("cue") and words[index - 1].particle:
            # "agent Van Vliet" and "mevrouw van der Laan", but not "klant van Vliet".
            index -= titled or words[index - 1].capital
        # "dader 1 = ..." says as much as "heet".
        strong = _STRONG.fullmatch(found["cue"]) is not None or "=" in found[0]
        row = []
        if index is not None:
            row = row_from(text, words, index, cued=True, naming=strong)
        names = [word for word in row if not word.particle]
        if len(names) == 1 and names[0].initial and text[names[0].end : names[0].end + 1] != ".":
            continue  # "maat L"
        if not names and index and strong and words[index - 1].particle and words[index].family:
            # "een zekere de vries"
            yield certain(Personal.NAME, words[index - 1].start, words[index].end)
            continue
        if not names:
            if index is not None and _short_name(words[index]) and strong:
                yield Mark(Personal.NAME, Level.DOUBTFUL, words[index].start, words[index].end)
            continue
        cue = found["cue"]
        known = any((word.given or word.family) and not word.common for word in names)
        capital = any(word.capital and not word.common for word in names)
        listed = any(word.capital and (word.given or word.family) for word in names)
        unknown = [word for word in names if strong and is_nobodys_word(word)]
        # "heet kewin", and not "naam onbekand": one letter away from a word it is doubtful.
        clear = titled and _SHORT_TITLE.match(found["cue"]) is not None
        clear = (clear and bool(unknown)) or any(
            len(word.text) < 5 or not resembles_a_word(word.folded) for word in unknown
        )
        strong = strong and (known or capital or listed or clear)
        title = titled and any(word.family or word.capital for word in names)
        # A family's name after "agent" or "klant" is somebody's; a given name may be anybody's.
        last = names[-1]
        # "juwelier Van Dam" is a shop.
        surname = (
            last.capital
            and fold(cue) not in SHOPS
            and (
                (last.family and not last.given and not last.common)
                or (len(row) > 1 and row[0].particle)
            )
        )
        level = None
        if (
            strong
            or title
            or (known and len(names) > 1)
            or surname
            or (names[0].strange and not names[0].opens and _somebodys(cue))
            or (len(row) > 2 and row[1].folded in _INNER and row[0].particle)
            or (fold(cue) not in SHOPS and (listed or any(map(_known_without_a_capital, names))))
        ):
            level = Level.CERTAIN
        elif (
            (unknown and cue.lower() != "one")
            or (known and capital)
            or (capital and not names[0].opens and cue.lower() != "one")
        ):
            level = Level.DOUBTFUL
        if level is not None:
            yield Mark(Personal.NAME, level, row[0].start, row[-1].end)


def _somebodys(cue: str) -> bool:
    """Whether a word with a capital behind this is a person's: "my colleague Priyanka"."""
    return fold(cue) not in SHOPS and fold(cue) not in ("one", "ons", "onze", "klant", "customer")


def _known_without_a_capital(word: Word) -> bool:
    """Whether this is a name and no word: "collega anouk"."""
    return word.usual and not word.common and not word.ordinary and len(word.folded) > 3


def _short_name(word: Word) -> bool:
    """Whether a word behind "heet" is a name that is an everyday word too: "Mo", "Bo"."""
    return word.capital and not word.masked and len(word.text) <= 4 and not is_acronym(word)
