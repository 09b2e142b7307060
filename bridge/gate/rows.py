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

from bridge.gate.dictionary import resembles_a_word
from bridge.gate.finding import Level, Mark, Personal
from bridge.gate.lexicon import is_town, words_for
from bridge.gate.single import (
    BEHIND_NAMES,
    OURS,
    OWNED,
    STREETS_ABROAD,
    THING_WORDS,
    TRADES,
    a_place_follows,
    a_thing_follows,
    is_acronym,
    is_brand,
    level_of_one,
    shaped,
)
from bridge.gate.streets import SHOPS
from bridge.gate.words import Word

_ARTICLES: Final = words_for("articles")
"""Particles that are everyday words, and count only inside a longer row."""


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
        return len(one.text) == 1 or (len(one.text) == 2 and not (one.common or one.particle))
    return between in (" ", "  ", " \n", "\n") or between.strip(" ") == "-"


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
        named = word.initial or ((listed or shaped(word.folded)) and not word.common and spelt)
        named = named or (naming and is_nobodys_word(word))
        capital = word.capital and (
            listed or not (word.common if lenient else word.common or word.ordinary)
        )
        if word.opens and word.common and not (word.given and _leads(words, at)):
            capital = False
        after_particle = (
            len(row) > (not naming) and row[-1].particle and (word.family or word.capital)
        )
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
        and word.folded not in BEHIND_NAMES
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
    if before is not None and before.text in _VERBS_TOO:
        before = None  # a chain of shops is called so; "bleek van Abdirahman Warsame"
    behind = index + len(row)
    after = words[behind] if behind < len(words) and adjoin(text, row[-1], words[behind]) else None
    shop = before is not None and before.folded in SHOPS
    son = index > 2 and words[index - 2].folded == "van" and words[index - 3].folded in OWNED
    if shop and index > 1 and (son or words[index - 2].folded in OURS):
        shop = False  # "onze goudsmid Tsegay"
    names = [word for word in row if not word.particle and len(word.text) > 1]
    if len(names) > 1:
        level = _level_of_several(row, names, before)
    elif names and not shop and (row[0].initial or not _NO_NAME_BEHIND.match(text, row[-1].end)):
        level = level_of_one(text, row, names[0], before, after)
    else:
        level = None
    trade = before is not None and before.folded in TRADES
    shop = shop or (is_brand(before) and len(names) > 1)  # "Junghans Max Bill"
    if before is not None and before.folded in STREETS_ABROAD:
        return  # "rue Victor Hugo"
    if len(names) == 1 and before is not None and before.folded in _SAINTS and before.capital:
        return  # "hanger St. Christoffel"
    if len(names) > 1 and _OF_A_MAKE.search(text[max(0, row[0].start - 20) : row[0].start]):
        return  # "merk Christian Bauer"
    if level is not None:
        # "bakker Hendrik Postma" is somebody, "juwelier Jan Jansen" a shop.
        level = Level.DOUBTFUL if shop and not (trade and len(names) > 1) else level
        yield Mark(Personal.NAME, level, row[0].start, row[-1].end)


_SAINTS: Final = frozenset({"st", "sint", "saint", "heilige"})
_OF_A_MAKE = re.compile(
    r"\b(?:\w{0,12}merk(?:en)?|brand|make|marque|marke|marca|parfum|eau de toilette)(?: van)?:? $",
    re.IGNORECASE,
)
_VERBS_TOO: Final = frozenset({"bleek", "only", "next"})
_SAYS_SO: Final = words_for("says_so")


def _a_usual_family(word: Word) -> bool:
    """Whether a word is a family's name that is met often here, and no colour or metal too."""
    named = word.family and word.usual and word.capital and not (word.masked or word.brand)
    return named and word.folded not in _OF_MODELS


_OF_MODELS: Final = frozenset(
    [
        "black",
        "white",
        "gold",
        "brown",
        "green",
        "king",
        "young",
        "rose",
        "silver",
        "stone",
        "diamond",
        "pearl",
        "gray",
        "grey",
        "blue",
        "sport",
        "classic",
        "grand",
        "sterling",
    ]
)


def _words_abroad(names: list[Word]) -> bool:
    """Whether names without a capital are more likely words of the language they stand in."""
    folded = {word.folded for word in names}
    return (
        len(folded) < len(names)
        or not folded.isdisjoint(_SAYS_SO)
        or not any(word.usual for word in names)
    )


def _level_of_several(row: list[Word], names: list[Word], before: Word | None) -> Level | None:
    first, last = names[0], names[-1]
    if not any(word.capital or word.text[0].isupper() for word in names) and not (
        any(word.usual and not (word.common or word.ordinary) for word in names)
        or _ends_a_name([first, *row[row.index(first) + 1 : -1]], last)
        or all((word.given or word.family) and not word.common for word in names)
    ):
        return None
    if not (first.at_home or any(word.capital for word in names)) and _words_abroad(names):
        return None  # "uzun uzun", "hui riba"
    given = any(word.given and not word.common for word in names)
    family = any((word.family or shaped(word.folded)) and not word.common for word in names)
    listed = sum(word.given or word.family or shaped(word.folded) for word in names)
    capitals = sum(word.capital and not (word.opens and word.common) for word in names)
    if first.opens and not first.given and all(word.ordinary for word in names):
        return None  # "Kaapse Bossen"
    if (given or family) and (listed > 1 or capitals > 1):
        return Level.CERTAIN
    if first.given and first.capital and last.capital and (last.family or len(row) > len(names)):
        return Level.CERTAIN
    if first is not last and _ends_a_name([first, *row[row.index(first) + 1 : -1]], last):
        return Level.CERTAIN
    if first.strange and not first.opens and _a_usual_family(last):
        # "Makayli Veldhuizen", though a town is called so, and "Janijah Timmer".
        return Level.DOUBTFUL if a_thing_follows(before) else Level.CERTAIN
    if given or family:
        return Level.DOUBTFUL
    if any(is_acronym(word) for word in names) or a_place_follows(before):
        return None
    if all(word.opens for word in names) and not first.at_home:
        # Where every noun has a capital: "Fluchtrichtung Hofgarten".
        return Level.CERTAIN if any(word.rare for word in names) else None
    # Two words with capitals that no dictionary, no list of brands and no map has.
    if sum(word.strange for word in names) > 1:
        named = before is not None and before.folded in THING_WORDS
        return Level.DOUBTFUL if named else Level.CERTAIN
    return Level.DOUBTFUL if capitals > 1 and not first.opens else None
