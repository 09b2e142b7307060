"""Words in a row that may be a name: where one begins and ends, and how sure it is.

::

    words ─▶ row: given name, particles, family ─▶ lists, shape, capital ─▶ certain, doubtful, none

A listed given name or family's name with a capital is certain, and so are two words with capitals
that no list and no dictionary has. One such word is doubtful. Behind "in", "de" or a brand it is a
place's or a model's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bridge.gate.dictionary import is_abroad, resembles_a_word
from bridge.gate.finding import Level, Mark, Personal
from bridge.gate.lexicon import fold, is_town, words_for
from bridge.gate.words import SHOPS, Word

_ARTICLES: Final = words_for("articles")
"""Particles that are everyday words, and count only inside a longer row."""
_CALENDAR: Final = words_for("calendar")


def rows_of(text: str, words: list[Word]) -> Iterator[Mark]:
    """Return the names that stand in a text by themselves, without a word that says so."""
    index = 0
    while index < len(words):
        row = row_from(text, words, index)
        if row:
            yield from _judge_row(text, words, index, row)
        index += max(len(row), 1)


def adjoin(text: str, one: Word, other: Word) -> bool:
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


def row_from(
    text: str, words: list[Word], index: int, *, cued: bool = False, naming: bool = False
) -> list[Word]:
    """Return the words of a name that begins here, particles included; empty when none does.

    Args:
        cued: something before it says that somebody follows: a word of a dictionary may be a name.
        naming: it says that a name follows: that needs no capital.
    """
    row: list[Word] = []
    for at, word in enumerate(words[index : index + 7], index):
        if row and not adjoin(text, row[-1], word):
            break
        if word.masked and not (
            _initialled(text, row, word)
            or _after_a_town(row, word)
            or (cued and _after_particles(row, word))
        ):
            break
        if word.particle and (not word.capital or row or _leads(words, at)):
            row.append(word)
            continue
        listed = word.given or word.family
        lenient = cued or any(one.given and one.capital and not one.common for one in row)
        spelt = word.capital or word.usual or not word.ordinary
        named = word.initial or ((listed or _shaped(word.folded)) and not word.common and spelt)
        named = named or (naming and is_nobodys_word(word))
        capital = word.capital and (
            listed or not (word.common if lenient else word.common or word.ordinary)
        )
        if word.opens and word.common and not (word.given and _leads(words, at)):
            capital = False
        after_particle = len(row) > 1 and row[-1].particle and (word.family or word.capital)
        after_particle = after_particle or _ends_a_name(row, word) or _initialled(text, row, word)
        if not (named or capital or after_particle):
            break
        row.append(word)
    while row and row[-1].particle:
        row.pop()
    if not cued and row and row[0].particle and row[0].folded in _ARTICLES:
        return []
    return row


def _after_particles(row: list[Word], word: Word) -> bool:
    """Whether a brand is a family's name here: "getuige van den Bosch"."""
    return (
        bool(row)
        and all(one.particle for one in row)
        and (word.particle or (row[-1].folded in _INNER and (word.family or word.capital)))
    )


_INNER: Final = frozenset({"den", "der", "ter", "ten"})
"""Particles that are no words: behind "van" somebody's name follows."""


def _ends_a_name(row: list[Word], word: Word) -> bool:
    """Whether a word no dictionary has ends a name: "mohamed el ouazzani"."""
    return (
        bool(row)
        and row[0].given
        and not (row[0].common or row[0].ordinary)
        and (row[-1].particle or row[-1] is row[0])
        and len(word.text) > 3
        and word.folded not in _BEHIND_NAMES
        and is_nobodys_word(word)
        and (row[-1].particle or (row[0].usual and not resembles_a_word(word.folded)))
    )


def is_nobodys_word(word: Word) -> bool:
    """Whether a word behind "heet" is in no dictionary."""
    return (
        len(word.text) > 2
        and word.text.isalpha()
        and not (word.common or word.ordinary or word.masked or word.particle)
    )


def _initialled(text: str, row: list[Word], word: Word) -> bool:
    """Whether a word follows initials with their dots: "S. van 't Hof", whatever a hof is."""
    return (
        bool(row)
        and row[0].initial
        and text[row[0].end : row[0].end + 1] == "."
        and word.capital
        and len(word.text) > 2
        and all(one.initial or one.particle for one in row)
    )


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


def _judge_row(text: str, words: list[Word], index: int, row: list[Word]) -> Iterator[Mark]:
    """Say how sure it is that a row of words is somebody."""
    before = words[index - 1] if index and adjoin(text, words[index - 1], row[0]) else None
    behind = index + len(row)
    after = words[behind] if behind < len(words) and adjoin(text, row[-1], words[behind]) else None
    shop = before is not None and before.folded in SHOPS
    if shop and index > 1 and words[index - 2].folded in _OURS:
        shop = False  # "onze goudsmid Tsegay"
    names = [word for word in row if not word.particle and len(word.text) > 1]
    if len(names) > 1:
        level = _level_of_several(row, names, before)
    elif names and not shop and (row[0].initial or not _NO_NAME_BEHIND.match(text, row[-1].end)):
        level = _level_of_one(text, row, names[0], before, after)
    else:
        level = None
    trade = before is not None and before.folded in _TRADES
    shop = shop or (_is_brand(before) and len(names) > 1)  # "Junghans Max Bill"
    if before is not None and before.folded in _STREETS_ABROAD:
        return  # "rue Victor Hugo"
    if level is not None:
        # "bakker Hendrik Postma" is somebody, "juwelier Jan Jansen" a shop.
        level = Level.DOUBTFUL if shop and not (trade and len(names) > 1) else level
        yield Mark(Personal.NAME, level, row[0].start, row[-1].end)


def _level_of_several(row: list[Word], names: list[Word], before: Word | None) -> Level | None:
    first, last = names[0], names[-1]
    if not any(word.capital or word.text[0].isupper() for word in names) and not (
        any(word.usual and not (word.common or word.ordinary) for word in names)
        or _ends_a_name([first, *row[row.index(first) + 1 : -1]], last)
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
    if first is not last and _ends_a_name([first, *row[row.index(first) + 1 : -1]], last):
        return Level.CERTAIN
    if given or family:
        return Level.DOUBTFUL
    if any(is_acronym(word) for word in names) or _a_place_follows(before):
        return None
    if all(word.opens for word in names) and not first.at_home:
        # Where every noun has a capital: "Fluchtrichtung Hofgarten".
        return Level.CERTAIN if any(word.rare for word in names) else None
    # Two words with capitals that no dictionary, no list of brands and no map has.
    if sum(word.strange for word in names) > 1:
        named = before is not None and before.folded in _THING_WORDS
        return Level.DOUBTFUL if named else Level.CERTAIN
    return Level.DOUBTFUL if capitals > 1 and not first.opens else None


def _a_place_follows(before: Word | None) -> bool:
    """Whether a name nobody knows is a place's or a model's: "in Wuustwezel"."""
    return before is not None and (before.folded in _PLACE_WORDS or _is_brand(before))


def _a_thing_follows(before: Word | None) -> bool:
    """Whether one word nobody knows is a place's, a thing's or a model's: "de Multistrada"."""
    return before is not None and (before.folded in _THING_WORDS or _a_place_follows(before))


def _is_brand(word: Word | None) -> bool:
    return word is not None and word.masked and word.brand


def _level_of_one(
    text: str, row: list[Word], word: Word, before: Word | None, after: Word | None
) -> Level | None:
    """Judge a row that has one name in it, and perhaps initials and particles."""
    given = word.given and not word.common
    family = (word.family or _shaped(word.folded)) and not word.common
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
    if after is not None and not after.capital and after.folded in _KEEPSAKES:
        return None  # "een Victoria sovereign"
    if row[0].folded in _ARTICLES_OF_THINGS and word.brand:
        return None  # "de Santos"
    if row[0].capital and row[0].folded in _BEGINS_A_FAMILY and _may_be_a_family(word):
        return Level.CERTAIN
    if given and (_is_brand(before) or (before is not None and before.folded in _ONE_OF)):
        return None  # "Alfa Giulia", "een Zoe"
    if word.strange and (word.possessive or text[word.end - 1 : word.end + 2] == "s' "):
        return Level.CERTAIN if text[word.start - 1 : word.start] != "'" else Level.DOUBTFUL
    if word.strange and len(row) == 1:
        return None if _a_thing_follows(before) else _level_of_a_stranger(word, before, after)
    return _level_of_a_listed(text, row, word, before, after)


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
    family = (word.family or _shaped(word.folded)) and not word.common
    spelt = word.usual and not word.ordinary and len(word.folded) > 3
    acts = after is not None and (after.folded in DEEDS or after.folded in OWNED)
    acts = acts or AND_ME.match(text, word.end) is not None
    meant = acts or (before is not None and before.folded in WITH)
    if given and meant and (spelt or (not word.ordinary and len(word.folded) > 4)):
        return Level.CERTAIN
    if not (word.capital or word.at_home or meant):
        return None  # "entraron a las diez"
    several = fold(word.text) != word.folded and word.text.endswith("s")
    if several and word.family and before is not None and before.folded in ("the", "de", "les"):
        return Level.CERTAIN  # "for the Raghoenaths"
    doubted = _a_thing_follows(before) or (before is not None and before.folded in _AT)
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
    if len(row) > 1 and word.family and (word.capital or (family and word.usual)):
        return Level.DOUBTFUL
    a_name = word.given and word.capital and not word.opens and not word.text.isupper()
    if word.given and word.usual and after is not None and after.folded in _HAS:
        return Level.CERTAIN  # "fleur haar tas"
    return Level.DOUBTFUL if a_name and (acts or not word.brand) else None


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
    if before is not None and before.folded not in BEFORE_ANYBODY and not acts:
        # "servies Xyzan", and "hebben Selamawit geduwd": one in fifty is a thing.
        return Level.DOUBTFUL if word.at_home else None
    return Level.DOUBTFUL


def _stands(before: Word | None, *, acts: bool) -> bool:
    """Whether a surname that is met seldom stands where somebody does."""
    return acts or before is None or before.folded in BEFORE_ANYBODY or before.folded in TOWARDS


_PLACE_WORDS: Final = words_for("place_words")
_THING_WORDS: Final = words_for("thing_words")
_STREETS_ABROAD: Final = words_for("streets_abroad")
_OURS: Final = words_for("ours")
_TRADES: Final = words_for("trades")
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
_BEHIND_NAMES: Final = DEEDS | OWNED | words_for("before_anybody")
AGAIN: Final = words_for("again")
"""Behind somebody at the beginning of a sentence."""
TOWARDS: Final = words_for("towards")
WITH: Final = words_for("with")
BEFORE_ANYBODY: Final = words_for("before_anybody") | WITH | DEEDS
_ONE_OF: Final = frozenset({"een", "a", "an", "ein", "eine", "un", "une", "twee", "two"})
_AT: Final = frozenset({"bij", "at", "by", "chez", "bei"})
"""Before somebody's shop as often as before somebody."""


def _dotted(text: str, row: list[Word]) -> bool:
    initial = next(one for one in row if one.initial)
    return text[initial.end : initial.end + 1] == "."


def is_acronym(word: Word) -> bool:
    """Whether this may be the letters of an organisation: "ANWB"."""
    return word.text.isupper() and len(word.text) <= 5
