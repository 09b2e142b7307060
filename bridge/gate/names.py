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

from bridge.gate.finding import Level, Mark, Personal, certain
from bridge.gate.lexicon import (
    fold,
    is_given_name,
    is_surname,
    is_town,
    is_word,
    pattern_of,
    words_for,
)
from bridge.gate.reading import Reading
from bridge.gate.traits import is_people
from bridge.gate.words import SHOPS, Word, words_of

_ARTICLES: Final = words_for("articles")
"""Particles that are everyday words, and count only inside a longer row."""
_CALENDAR: Final = words_for("calendar")

_TITLE: Final = pattern_of("titles")
_KIN: Final = pattern_of("kin")
_ROLE: Final = pattern_of("roles")
_CALLED: Final = pattern_of("called")
_FILLER: Final = (
    r"(?:[ ]*[:=,-]?[ ]*(?:is|was|waren|zou|kan|iets|als|denk ik|ik denk|volgens mij|dus|van|like"
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

_ALIAS = re.compile(
    rf"(?<![^\W_]){pattern_of('aliases')}(?![^\W_])[ ]*[:=,-]?[ ]*(?:(?:the|de|der|die|den|le|la"
    rf"|el|is|als)[ ]+)?"
    r"(?P<quote>[\"'])?(?P<alias>[^\W_][\w'.-]*(?: [A-Z][\w'.-]*){0,3})?",
    re.IGNORECASE,
)
_TITLE_ONLY = re.compile(_TITLE, re.IGNORECASE)


def find(reading: Reading) -> Iterator[Mark]:
    """Return names and aliases."""
    text = reading.text
    words = words_of(text)
    if not words:
        return
    at = {word.start: index for index, word in enumerate(words)}
    yield from _aliases(text, words, at)
    yield from _after_cues(text, words, at)
    yield from _rows(text, words)
    yield from _family_first(text, words)


def joined_name(word: str) -> bool:
    """Whether letters that were typed one by one are a name: "KevindeVries"."""
    folded = fold(word)
    if is_given_name(folded) and not is_word(folded):
        return True
    for cut in range(4, len(folded) - 2):
        if is_given_name(folded[:cut]) and not is_word(folded):
            rest = folded[cut:]
            for particle in ("vanden", "vander", "vande", "van", "de", "el", "den", ""):
                if rest.startswith(particle) and is_surname(rest[len(particle) :]):
                    return True
    return False


_FAMILY_FIRST = re.compile(r", ?")


def _family_first(text: str, words: list[Word]) -> Iterator[Mark]:
    """Return names as a list has them: "Bakker, Jeroen"."""
    for one, other in pairwise(words):
        if not _FAMILY_FIRST.fullmatch(text[one.end : other.start]):
            continue
        family = one.family or (not one.common and "-" in one.text)
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


def _gap(text: str, one: Word, other: Word) -> bool:
    """Whether two words stand directly beside each other."""
    between = text[one.end : other.start]
    if between in (". ", "."):
        return len(one.text) <= 2
    return between in (" ", "  ", " \n", "\n") or between.strip(" ") == "-"


def _shaped(word: str) -> bool:
    """Whether a word has the ending or the beginning of a family's name somewhere."""
    return len(word) > 4 and (
        _SHAPE_END.search(word) is not None or _SHAPE_BEGIN.match(word) is not None
    )


_SHAPE_END = re.compile(
    r"(?:ovic|evic|avic|ovski|evski|owski|ewski|inski|ynski|wska|ska|ski|wicz|czyk|czak|escu|eanu"
    r"|oiu|ov|ova|eva|yev|ovna|enko|chuk|czuk|oglu|idze|adze|shvili|yan|sson|ssen|sdottir|stra|sma"
    r"|inga|ema|mans|sing|singh|poulos|akis|idis|oulou|dinho|ues|quez|guez|ini|elli|etti|otti|ucci"
    r"|aoui|oui|ouch|ouli|zadeh|zai|nejad|pour|jee|wala|kar|swamy|moglu|olu|unle|iwe|okwu)$"
)
_SHAPE_BEGIN = re.compile(r"(?:mac|mc|o'|abdel|abdul|boul|bouch|boud|ouam|el-|al-|ben-|ait-)")


_NO_NAME_BEHIND = re.compile(
    r" [A-Z]{0,3}\d{3,}|"
    r" \d{1,4}[a-z]?(?![\w:.,]\d)(?![ -]*(?:jaar|jr|years?|yo|keer|x|uur|min|euro)|[^\W_])"
)
"""Behind a street without "-straat" in it, "Dam 1", and a brand, "Tudor M79030N"."""


def _aliases(text: str, words: list[Word], at: dict[int, int]) -> Iterator[Mark]:
    for found in _ALIAS.finditer(text):
        alias = found["alias"]
        if not alias:
            continue
        start, end = found.span("alias")
        index = at.get(start)
        word = words[index] if index is not None else None
        if word is None:
            continue
        first = alias[0].isupper()
        given = word.given and not word.common
        if word.masked and not found["quote"] and not is_people(word.folded):
            continue
        named = found["quote"] or first or given or not word.common
        if named and not (word.common and word.folded in _NO_ALIAS):
            yield certain(Personal.ALIAS, start, end)


_NO_ALIAS: Final = words_for("no_alias")


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
        row = [] if index is None else _row_from(text, words, index, cued=True)
        names = [word for word in row if not word.particle]
        if len(names) == 1 and names[0].initial and text[names[0].end : names[0].end + 1] != ".":
            continue  # "maat L"
        if not names:
            if index is not None and _short_name(words[index]) and _STRONG.fullmatch(found["cue"]):
                yield Mark(Personal.NAME, Level.DOUBTFUL, words[index].start, words[index].end)
            continue
        cue = found["cue"]
        known = any((word.given or word.family) and not word.common for word in names)
        capital = any(word.capital and not word.common for word in names)
        listed = any(word.capital and (word.given or word.family) for word in names)
        strong = _STRONG.fullmatch(cue) is not None and (known or capital or listed)
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
        if strong or title or (known and len(names) > 1) or surname:
            level = Level.CERTAIN
        elif (known and capital) or (capital and not names[0].opens and cue.lower() != "one"):
            level = Level.DOUBTFUL
        if level is not None:
            yield Mark(Personal.NAME, level, row[0].start, row[-1].end)


def _short_name(word: Word) -> bool:
    """Whether a word behind "heet" is a name that is an everyday word too: "Mo", "Bo"."""
    return word.capital and not word.masked and len(word.text) <= 4 and not _acronym(word)


def _row_from(text: str, words: list[Word], index: int, *, cued: bool = False) -> list[Word]:
    """Return the words of a name that begins here, particles included; empty when none does."""
    row: list[Word] = []
    for at, word in enumerate(words[index : index + 7], index):
        if row and not _gap(text, row[-1], word):
            break
        if word.masked and not _after_a_town(row, word):
            break
        if word.particle and (not word.capital or row or _leads(words, at)):
            row.append(word)
            continue
        listed = word.given or word.family
        named = word.initial or ((listed or _shaped(word.folded)) and not word.common)
        capital = word.capital and (listed or not word.common)
        if word.opens and word.common and not (word.given and _leads(words, at)):
            capital = False
        after_particle = len(row) > 1 and row[-1].particle and (word.family or word.capital)
        if not (named or capital or after_particle):
            break
        row.append(word)
    while row and row[-1].particle:
        row.pop()
    if not cued and row and row[0].particle and row[0].folded in _ARTICLES:
        return []
    return row


def _leads(words: list[Word], index: int) -> bool:
    """Whether a family's name follows a word that alone is none: "Van Vliet", "Jan de Graaf"."""
    for place, one in enumerate(words[index + 1 : index + 5]):
        if not one.particle:
            known = one.family or not one.common or place > 0
            return one.capital and known and (not one.masked or (place > 0 and is_town(one.folded)))
    return False


def _after_a_town(row: list[Word], word: Word) -> bool:
    """Whether a town is somebody's name here: "Roy van Wijngaarden"."""
    return (
        len(row) > 1
        and row[-1].folded == "van"
        and word.capital
        and any(one.given and one.capital for one in row)
        and is_town(word.folded)
    )


def _rows(text: str, words: list[Word]) -> Iterator[Mark]:
    index = 0
    while index < len(words):
        row = _row_from(text, words, index)
        if row:
            yield from _judge_row(text, words, index, row)
        index += max(len(row), 1)


def _judge_row(text: str, words: list[Word], index: int, row: list[Word]) -> Iterator[Mark]:
    """Say how sure it is that a row of words is somebody."""
    before = words[index - 1] if index and _gap(text, words[index - 1], row[0]) else None
    shop = before is not None and before.folded in SHOPS
    names = [word for word in row if not word.particle and len(word.text) > 1]
    if len(names) > 1:
        level = _level_of_several(row, names)
    elif names and not shop and not _NO_NAME_BEHIND.match(text, row[-1].end):
        level = _level_of_one(text, row, names[0])
    else:
        level = None
    if level is not None:
        level = Level.DOUBTFUL if shop else level
        yield Mark(Personal.NAME, level, row[0].start, row[-1].end)


def _level_of_several(row: list[Word], names: list[Word]) -> Level | None:
    first, last = names[0], names[-1]
    if not any(word.capital or word.text[0].isupper() for word in names) and not (
        any(word.usual and not word.common for word in names)
        or all((word.given or word.family) and not word.common for word in names)
    ):
        return None
    given = any(word.given and not word.common for word in names)
    family = any((word.family or _shaped(word.folded)) and not word.common for word in names)
    listed = sum(word.given or word.family or _shaped(word.folded) for word in names)
    capitals = sum(word.capital and not (word.opens and word.common) for word in names)
    if (given or family) and (listed > 1 or capitals > 1):
        return Level.CERTAIN
    if first.given and first.capital and last.capital and (last.family or len(row) > len(names)):
        return Level.CERTAIN
    if given or family:
        return Level.DOUBTFUL
    acronyms = any(_acronym(word) for word in names)
    return Level.DOUBTFUL if capitals > 1 and not first.opens and not acronyms else None


def _level_of_one(text: str, row: list[Word], word: Word) -> Level | None:
    given = word.given and not word.common
    family = (word.family or _shaped(word.folded)) and not word.common
    if word.folded in _CALENDAR or (_acronym(word) and not given):
        return None
    whole = [one for one in row if not one.particle]
    if whole[0].initial and (family or (word.capital and (word.family or not word.common))):
        sure = family or _dotted(text, row) or row[0].particle
        return Level.CERTAIN if sure else Level.DOUBTFUL
    if row[0] is word and row[-1].initial and word.given and (given or word.capital):
        return Level.CERTAIN
    if len(row) > 1 and (family or (word.family and word.capital)):
        return Level.DOUBTFUL
    if given and (word.capital or (word.usual and len(word.folded) > 3)):
        return Level.DOUBTFUL
    if family and word.capital:
        return Level.DOUBTFUL
    a_name = word.given and word.capital and not word.opens and not word.text.isupper()
    return Level.DOUBTFUL if a_name else None


def _dotted(text: str, row: list[Word]) -> bool:
    initial = next(one for one in row if one.initial)
    return text[initial.end : initial.end + 1] == "."


def _acronym(word: Word) -> bool:
    return word.text.isupper() and len(word.text) <= 5
