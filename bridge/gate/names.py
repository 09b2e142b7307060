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
from dataclasses import dataclass
from typing import Final

from bridge.gate.finding import Level, Mark, Personal, certain
from bridge.gate.lexicon import (
    fold,
    is_given_name,
    is_no_person,
    is_surname,
    is_town,
    is_word,
    pattern_of,
    phrase_at,
    words_for,
)
from bridge.gate.reading import Reading

WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")

PARTICLES: Final = words_for("particles")
_ARTICLES: Final = words_for("articles")
"""Particles that are everyday words, and count only inside a longer row."""

_STREET_END = re.compile(
    r".*(?:straat|straatje|laan|weg|plein|gracht|kade|dijk|singel|steeg|pad|hof|plantsoen|dreef"
    r"|park|markt|brug|boulevard|allee|passage|poort|kerk|museum|school|college|lyceum|station"
    r"|haven|tunnel|toren|huis|ziekenhuis|theater|stadion|centrum|galerij|buurt|wijk|kwartier|hal)"
)
_STREET_WORD: Final = words_for("street_words")
_COMMON_STEMS: Final = words_for("street_stems")
_CALENDAR: Final = words_for("calendar")
_SHOPS: Final = words_for("shops")
"""In front of a name that is a shop's, a street's or a thing's."""

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
    rf"(?<![^\W_]){pattern_of('aliases')}(?![^\W_])[ ]*[:=,-]?[ ]*(?:the|de)?[ ]*"
    r"(?P<quote>[\"'])?(?P<alias>[^\W_][\w'.-]*(?: [A-Z][\w'.-]*){0,3})?",
    re.IGNORECASE,
)
_TITLE_ONLY = re.compile(_TITLE, re.IGNORECASE)
_LEET: Final = str.maketrans("013457@$", "oieastas")


_PLACED = re.compile(
    r"(?:(?<![^\W_])(?i:in|te|uit|nabij|omgeving|near|kaart van|map of|plaats:|place:) "
    r"|(?:(?m:^)|: )(?:#\d+ )?[^\W\d_a-z][^\W\d_a-z ()/'-]{2,}, )\Z"
)
"""In front of a town: "in Horst", and as the heading of an alert, "INBRAAK, Horst"."""


@dataclass(frozen=True, slots=True)
class _Word:
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

    @property
    def initial(self) -> bool:
        """Whether it is a single capital: "J"."""
        return len(self.text) == 1 and self.text.isupper()

    @property
    def particle(self) -> bool:
        return self.folded in PARTICLES


def find(reading: Reading) -> Iterator[Mark]:
    """Return names and aliases."""
    text = reading.text
    words = _words(text)
    if not words:
        return
    at = {word.start: index for index, word in enumerate(words)}
    yield from _aliases(text, words, at)
    yield from _after_cues(text, words, at)
    yield from _rows(text, words)


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


def _words(text: str) -> list[_Word]:
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
        given, family = is_given_name(word), is_surname(word)
        words.append(
            _Word(
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
                ),
                opens,
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
            if (
                tokens[back][0][0].isupper()
                and is_word(folded[back])
                and (not is_given_name(folded[back]) and len(folded[back]) > 2)
            ):
                break
            masked[back] = True
            back -= 1
    return masked


def _gap(text: str, one: _Word, other: _Word) -> bool:
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


_HOUSE = re.compile(
    r" \d{1,4}[a-z]?(?![\w:.,]\d)(?![ -]*(?:jaar|jr|years?|yo|keer|x|uur|min|euro)|[^\W_])"
)
"""Behind a street without "-straat" in it: "Dam 1"."""


def _aliases(text: str, words: list[_Word], at: dict[int, int]) -> Iterator[Mark]:
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
        if word.masked and not found["quote"]:
            continue
        named = found["quote"] or first or given or not word.common
        if named and not (word.common and word.folded in _NO_ALIAS):
            yield certain(Personal.ALIAS, start, end)


_NO_ALIAS: Final = words_for("no_alias")


def _after_cues(text: str, words: list[_Word], at: dict[int, int]) -> Iterator[Mark]:
    for found in _CUE.finditer(text):
        start = found.end()
        while start < len(text) and text[start] in " \"'(":
            start += 1
        index = at.get(start)
        row = [] if index is None else _row_from(text, words, index, cued=True)
        names = [word for word in row if not word.particle]
        if not names:
            continue
        cue = found["cue"]
        known = any((word.given or word.family) and not word.common for word in names)
        capital = any(word.capital and not word.common for word in names)
        listed = any(word.capital and (word.given or word.family) for word in names)
        strong = _STRONG.fullmatch(cue) is not None and (known or capital or listed)
        title = _TITLE_ONLY.fullmatch(cue) is not None and any(
            word.family or word.capital for word in names
        )
        level = None
        if strong or title or (known and len(names) > 1):
            level = Level.CERTAIN
        elif (known and capital) or (capital and not names[0].opens and cue.lower() != "one"):
            level = Level.DOUBTFUL
        if level is not None:
            yield Mark(Personal.NAME, level, row[0].start, row[-1].end)


def _row_from(text: str, words: list[_Word], index: int, *, cued: bool = False) -> list[_Word]:
    """Return the words of a name that begins here, particles included; empty when none does."""
    row: list[_Word] = []
    for word in words[index : index + 7]:
        if word.masked or (row and not _gap(text, row[-1], word)):
            break
        if word.particle and (not word.capital or row):
            row.append(word)
            continue
        listed = word.given or word.family
        named = word.initial or ((listed or _shaped(word.folded)) and not word.common)
        capital = word.capital and (listed or not word.common) and not (word.opens and word.common)
        after_particle = len(row) > 1 and row[-1].particle and word.family
        if not (named or capital or after_particle):
            break
        row.append(word)
    while row and row[-1].particle:
        row.pop()
    if not cued and row and row[0].folded in _ARTICLES:
        return []
    return row


def _rows(text: str, words: list[_Word]) -> Iterator[Mark]:
    index = 0
    while index < len(words):
        row = _row_from(text, words, index)
        if row:
            yield from _judge_row(text, words, index, row)
        index += max(len(row), 1)


def _judge_row(text: str, words: list[_Word], index: int, row: list[_Word]) -> Iterator[Mark]:
    """Say how sure it is that a row of words is somebody."""
    before = words[index - 1] if index and _gap(text, words[index - 1], row[0]) else None
    shop = before is not None and before.folded in _SHOPS
    names = [word for word in row if not word.particle and len(word.text) > 1]
    if len(names) > 1:
        level = _level_of_several(row, names)
    elif names and not shop and not _HOUSE.match(text, row[-1].end):
        level = _level_of_one(text, row, names[0])
    else:
        level = None
    if level is not None:
        level = Level.DOUBTFUL if shop else level
        yield Mark(Personal.NAME, level, row[0].start, row[-1].end)


def _level_of_several(row: list[_Word], names: list[_Word]) -> Level | None:
    first, last = names[0], names[-1]
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


def _level_of_one(text: str, row: list[_Word], word: _Word) -> Level | None:
    given = word.given and not word.common
    family = (word.family or _shaped(word.folded)) and not word.common
    if word.folded in _CALENDAR or (_acronym(word) and not given):
        return None
    if row[0].initial and (family or (word.capital and (word.family or not word.common))):
        return Level.CERTAIN if family or _dotted(text, row) else Level.DOUBTFUL
    if row[0] is word and row[-1].initial and word.given and (given or word.capital):
        return Level.CERTAIN
    if len(row) > 1 and (family or (word.family and word.capital)):
        return Level.DOUBTFUL
    if given and (word.capital or len(word.folded) > 3):
        return Level.DOUBTFUL
    if family and word.capital:
        return Level.DOUBTFUL
    a_name = word.given and word.capital and not word.opens and not word.text.isupper()
    return Level.DOUBTFUL if a_name else None


def _dotted(text: str, row: list[_Word]) -> bool:
    return text[row[0].end : row[0].end + 1] == "."


def _acronym(word: _Word) -> bool:
    return word.text.isupper() and len(word.text) <= 5
