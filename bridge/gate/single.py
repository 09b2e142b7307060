"""How sure it is that one word, with its initials and particles, is somebody.

::

    a word of a list  ─▶ its capital, its neighbours ─▶ certain, doubtful, none
    a word of no list ─▶ its capital, what it does   ─▶ the same

A name with a capital is certain, unless it stands behind "in", "de" or a brand; a word with a
capital that nobody knows is doubtful, and certain where it does what only people do.
"""

from __future__ import annotations

import re
from typing import Final

from bridge.gate.dictionary import is_abroad, resembles_a_word
from bridge.gate.finding import Level
from bridge.gate.lexicon import fold, words_for
from bridge.gate.words import Word

_CALENDAR: Final = words_for("calendar")
PLACE_WORDS: Final = words_for("place_words")
THING_WORDS: Final = words_for("thing_words")
STREETS_ABROAD: Final = words_for("streets_abroad")
OURS: Final = words_for("ours")
TRADES: Final = words_for("trades")
_KEEPSAKES: Final = words_for("keepsakes")
FEATS: Final = words_for("feats")
"""What only people do: the car of a security firm comes and stands, too."""
DEEDS: Final = words_for("deeds") | FEATS
_HAS: Final = frozenset({"haar", "zijn", "zn", "z'n", "d'r"})
OWNED: Final = words_for("owned")
AND_ME = re.compile(
    r" (?:en|and|und|et|ve|i) (?:ik|wij|i|me|mij|ich|moi|ben|ja|(?:zijn|haar|z'?n|his|her) \w+)\b",
    re.IGNORECASE,
)
"""Behind somebody: "hakan en ik"."""
BEHIND_NAMES: Final = DEEDS | OWNED | words_for("before_anybody")
NAMELY: Final = words_for("namely")
AGAIN: Final = words_for("again")
"""Behind somebody at the beginning of a sentence."""
TOWARDS: Final = words_for("towards")
WITH: Final = words_for("with")
BEFORE_ANYBODY: Final = words_for("before_anybody") | WITH | DEEDS
LETTERS_FOR_WORDS: Final = frozenset("utnkeoad")
"""Single letters that people write for words: "k" for "ik", "d" for "de"."""
_ONE_OF: Final = frozenset({"een", "a", "an", "ein", "eine", "un", "une", "twee", "two"})
_AT: Final = frozenset({"bij", "at", "by", "chez", "bei"})
"""Before somebody's shop as often as before somebody."""


def a_place_follows(before: Word | None) -> bool:
    """Whether a name nobody knows is a place's or a model's: "in Wuustwezel"."""
    return before is not None and (before.folded in PLACE_WORDS or is_brand(before))


def a_thing_follows(before: Word | None) -> bool:
    """Whether one word nobody knows is a place's, a thing's or a model's: "de Multistrada"."""
    return before is not None and (before.folded in THING_WORDS or a_place_follows(before))


def is_brand(word: Word | None) -> bool:
    """Whether this is part of a brand or a shop."""
    return word is not None and word.masked and word.brand


def level_of_one(
    text: str, row: list[Word], word: Word, before: Word | None, after: Word | None
) -> Level | None:
    """Judge a row that has one name in it, and perhaps initials and particles."""
    given = word.given and not word.common
    family = (word.family or shaped(word.folded)) and not word.common
    if word.folded in _CALENDAR or (is_acronym(word) and not given):
        return None
    whole = [one for one in row if not one.particle]
    if whole[0].initial and _dotted(text, row) and word.capital and not word.brand:
        return Level.CERTAIN
    if whole[0].initial and (family or (word.capital and (word.family or not word.common))):
        sure = family or word.strange or _dotted(text, row) or row[0].particle
        return Level.CERTAIN if sure else Level.DOUBTFUL
    if row[0] is word and row[-1].initial and word.given and (given or word.capital):
        return Level.CERTAIN
    if word.possessive and word.capital and (given or family) and not word.brand:
        return Level.CERTAIN
    if after is not None and not after.capital and after.folded in _KEEPSAKES:
        return None  # "een Victoria sovereign"
    if row[0].folded in _ARTICLES_OF_THINGS and word.brand:
        return None  # "de Santos"
    if row[0].capital and row[0].folded in _BEGINS_A_FAMILY and _may_be_a_family(word):
        return Level.CERTAIN
    if given and (is_brand(before) or (before is not None and before.folded in _ONE_OF)):
        return None  # "Alfa Giulia", "een Zoe"
    if word.strange and (word.possessive or text[word.end - 1 : word.end + 2] == "s' "):
        return Level.CERTAIN if text[word.start - 1 : word.start] != "'" else Level.DOUBTFUL
    if word.strange and len(row) == 1:
        return None if a_thing_follows(before) else _level_of_a_stranger(word, before, after)
    return _level_of_a_listed(text, row, word, before, after)


_OF_A_BRAND = re.compile(r" van (?:Alfa|Renault|Seat|Pandora|Cartier|Rolex|Omega|Bulgari)\b")
_ARTICLES_OF_THINGS: Final = frozenset({"de", "het", "la", "le", "the"})
_BEGINS_A_FAMILY: Final = frozenset(
    {"van", "von", "ter", "ten", "el", "al", "ben", "oulad", "ait", "di", "della", "dos", "da"}
)
"""With a capital they begin a family's name: "Van Lynden-Okkerse"."""


def _may_be_a_family(word: Word) -> bool:
    return word.capital and not word.brand and (word.family or word.rare or not word.ordinary)


def _level_of_a_listed(
    text: str, row: list[Word], word: Word, before: Word | None, after: Word | None
) -> Level | None:
    """Judge one word that a list has as a name."""
    given = word.given and not word.common
    family = (word.family or shaped(word.folded)) and not word.common
    spelt = word.usual and not word.ordinary and len(word.folded) > 3
    acts = after is not None and (after.folded in DEEDS or after.folded in OWNED)
    acts = acts or AND_ME.match(text, word.end) is not None
    meant = acts or (before is not None and before.folded in WITH)
    if given and meant and (spelt or (not word.ordinary and len(word.folded) > 4)):
        return Level.CERTAIN
    if _is_a_thing(text, word, meant=meant):
        return None
    several = fold(word.text) != word.folded and word.text.endswith("s")
    if several and word.family and before is not None and before.folded in ("the", "de", "les"):
        return Level.CERTAIN  # "for the Raghoenaths"
    doubted = a_thing_follows(before) or (before is not None and before.folded in _AT)
    if word.capital and not doubted:
        if given and not (word.opens and word.ordinary):
            return Level.CERTAIN
        if family and (not word.ordinary or (word.at_home and not word.opens)):
            return Level.CERTAIN
    if given and (word.capital or spelt or (not word.ordinary and len(word.folded) > 4)):
        return Level.DOUBTFUL
    if family and word.capital:
        return Level.DOUBTFUL
    if family and meant and spelt:
        return Level.DOUBTFUL
    small = family and word.usual and not word.ordinary
    if len(row) > 1 and word.family and (word.capital or small):
        return Level.DOUBTFUL
    a_name = word.given and word.capital and not word.opens and not word.text.isupper()
    if word.given and word.usual and after is not None and after.folded in _HAS:
        return Level.CERTAIN  # "fleur haar tas"
    return Level.DOUBTFUL if a_name and (acts or not word.brand) else None


def _is_a_thing(text: str, word: Word, *, meant: bool) -> bool:
    """Whether a name is a word of the language it stands in, or a model."""
    if _OF_A_BRAND.match(text, word.end):
        return True  # "Giulia van Alfa Romeo"
    if word.at_home or meant:
        return False
    # "entraron a las diez"; and "Messing", where every noun has a capital
    return not word.capital or (word.opens and (word.ordinary or is_abroad(word.folded)))


def _level_of_a_stranger(word: Word, before: Word | None, after: Word | None) -> Level | None:
    """Judge one word that only its capital makes a name: its neighbours say whether somebody's."""
    acts = after is not None and after.folded in DEEDS
    feat = after is not None and (after.folded in FEATS or after.folded in OWNED)
    if word.opens and is_abroad(word.folded) and not feat:
        return None  # "Bitte": the first word of a sentence in another language
    if word.opens:
        again = after is not None and after.folded in AGAIN
        if word.rare and word.at_home:
            return Level.CERTAIN if acts or feat or again else Level.DOUBTFUL
        if not (acts or feat) or resembles_a_word(word.folded):
            return None
        return Level.CERTAIN if feat else Level.DOUBTFUL
    if feat or (word.rare and _stands(before, acts=acts)):
        return Level.CERTAIN
    if before is not None and before.folded in NAMELY and not resembles_a_word(word.folded):
        return Level.CERTAIN
    if before is not None and before.folded not in BEFORE_ANYBODY and not acts:
        # "servies Xyzan", and "hebben Selamawit geduwd": one in fifty is a thing.
        return Level.DOUBTFUL if word.at_home else None
    return Level.DOUBTFUL


def _stands(before: Word | None, *, acts: bool) -> bool:
    """Whether a surname that is met seldom stands where somebody does."""
    return acts or before is None or before.folded in BEFORE_ANYBODY or before.folded in TOWARDS


def _dotted(text: str, row: list[Word]) -> bool:
    initial = next(one for one in row if one.initial)
    return text[initial.end : initial.end + 1] == "."


def is_acronym(word: Word) -> bool:
    """Whether this may be the letters of an organisation: "ANWB"."""
    return word.text.isupper() and len(word.text) <= 5


def shaped(word: str) -> bool:
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
