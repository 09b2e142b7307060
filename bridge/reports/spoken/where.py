"""Where it happened: a town among other words, and the street if one is named.

A name that is also an ordinary word ("best", "horst") is a town only where something says so:
"in" before it, a capital in the midst of a sentence, or its place right behind the type. A town
behind "richting" is where somebody fled to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bridge.regions.towns import Town, Towns
from bridge.reports.spoken.slips import is_known
from bridge.reports.spoken.who import MANY
from bridge.reports.spoken.words import Kind, Words

_IN: Final = frozenset(
    {"in", "te", "nabij", "near", "omgeving", "centrum", "bij", "plaats", "stad"}
)
_TOWARDS: Final = frozenset(
    {
        "richting",
        "naar",
        "towards",
        "toward",
        "to",
        "direction",
        "via",
        "vanuit",
        "from",
        "ri",
        "rtg",
    }
)
_ARTICLES: Final = frozenset({"de", "het", "the", "een", "a", "mijn", "my", "onze", "our", "den"})

_WORDS_TOO_LISTED: Final = """
aalst america appel balk ballast bank bant beek beers berg bergen best born borne bos brand
buren dalen dieren doorn dorst echt een  ee eerde enter  ens  goes  graaf
gracht graft grave groet haar handel haps halle hank haren heel heer heide hem helden hoek
hoeven  horn horst houten huizen   klimmen krakeel laar  leek leest
leiden lemmer lent leuken leunen loo loon loven maar made malta marken mill monster mussel nes
neer noord oost over  putten raam reek rips  ruinen rugge rutten sluis schijf sleen
sloten son spijk stein stoof ter tinga tuk uden velden ven veen vilt vries waarde warder
well west wedde wijk winkel zand zegge zeeland zetten zuid sion tivoli   de_haven
de_wijk de_noord de_engel de_heeg de_hoven de_steeg den_hout de_horst het_loo de_klomp bong
donk  panningen dreumel   anna lieren wouw ommel
"""
_WORDS_TOO: Final = frozenset(_WORDS_TOO_LISTED.split())
"""Towns whose names say something else, too."""

_LITTLE_WORDS_LISTED: Final = """
winkel een ee over haar maar heel hem neer echt ter ens son ven tuk best goes made grave groet
"""
_LITTLE_WORDS: Final = frozenset(_LITTLE_WORDS_LISTED.split())
"""Of those, words so common that "in" before them says nothing."""

_NOT_SLIPS_LISTED: Final = """
woorden hallo samen waren achter daarna andere binnen buiten groter kapper winkel deuren ramen
bakker slager meteen steeds eerder straks aardig almost leaving around inside outside helmet
people street little longer bigger staff their there where which after under other vandaan
verder volgens wilden werden konden hadden moesten gingen kwamen liepen rende vielen mogelijk
mannelijke vermoedelijk ongeveer ongeveer zwarte donkere lichte blauwe groene klanten klant
collega medewerker eigenaar verkoper verkoopster winkelier goudsmid etalages spullen ongezien
meteren handen kleren schoenen petten haren baard capuchons helmen jassen broeken hoodie
hoodies jacket jackets trousers glasses beard blond slank slim short large small gebeurde
gebeuren gezien hebben geworden geweest worden willen kunnen moeten komen lopen staan zitten
liggen rijden gereden gelopen gekomen gegaan gebracht gehaald gehoord
"""
_NOT_SLIPS: Final = frozenset(_NOT_SLIPS_LISTED.split())

_STREET: Final = re.compile(
    r"[^\W\d_]{2,}(?:straat|laan|gracht|kade|singel|steeg|plein|dreef|boulevard|passage|allee|"
    r"weg|markt|dijk|hof|pad|baan|wal)"
)
_NO_STREET: Final = re.compile(
    r"(?:vlucht|snel|onder|uit|lucht|spoor|fiets|auto|halver|voet|wande?l|weder|terug|achter)\S*"
    r"(?:weg|pad|baan|straat)|winkelstraat|hoofdstraat|geslacht|jaarmarkt|supermarkt|superplein|"
    r"parkeer\S+|loop\S*baan|bouwmarkt|woonerf|ren\S*baan|opsl\S+|kerkhof|bankoverval\S*|sowieso"
)
_HOUSE: Final = re.compile(r"\d{1,4}")


@dataclass(frozen=True, slots=True)
class Where:
    """A town and a street, as far as they were found."""

    town: Town | None = None
    street: str | None = None


@dataclass(frozen=True, slots=True)
class _Hit:
    score: int
    first: int
    last: int
    town: Town


def read_where(words: Words, towns: Towns) -> Where:
    """Take the words that name the town and the street."""
    hits = list(_exact(words, towns))
    best = max(hits, key=lambda hit: (hit.score, hit.last - hit.first, -hit.first), default=None)
    if best is None or best.score < 2:
        slip = _slip(words, towns)
        best = slip if slip is not None else best if best and best.score > 0 else None
    if best is not None:
        first = best.first
        if words.plain(first - 1) in ("in", "te", "nabij", "near"):
            first -= 1
        words.take(first, best.last, Kind.HEADING)
    return Where(None if best is None else best.town, _street(words, towns))


def _exact(words: Words, towns: Towns) -> Iterator[_Hit]:
    covered = 0
    for first in range(len(words)):
        if first < covered:
            continue
        for length in range(min(towns.longest, 6), 0, -1):
            last = first + length
            inside = range(first, last)
            if last > len(words) or not all(
                words.free(one) and not words.words[one].is_sign for one in inside
            ):
                continue
            known = towns.exact(" ".join(words.plain(one) for one in range(first, last)))
            if not known and length == 1 and "-" in words.plain(first):
                known = towns.exact(words.plain(first).split("-")[0])
            if known:
                covered = last
                yield _Hit(_score(words, first, last, known[0]), first, last, known[0])
                break


def _score(words: Words, first: int, last: int, town: Town) -> int:
    """Return how surely these words are the town of the report; below 1 they are not."""
    before = words.plain(first - 1)
    if before in _TOWARDS and not _is_start(words, first):
        return -1
    key = "_".join(words.plain(one) for one in range(first, last)).replace("-", "_")
    capital = words.raw(first, last)[:1].isupper() and words.raw(first, last)[1:2].islower()
    if key in _LITTLE_WORDS:
        behind_type = first > 0 and words.taken[first - 1] in (Kind.HEADING, Kind.TYPE)
        if not (before in _IN or behind_type):
            return 0
        return 3 if capital else 2 if _ends_there(words, last) else 0
    large = 1 if town.population >= 40_000 else 0
    if key in _WORDS_TOO:
        if before in _IN or (capital and not _opens_sentence(words, first)):
            return 3
        return 1 if _is_start(words, first) or _stands_alone(words, first, last) else 0
    if before in _ARTICLES and town.population < 40_000:
        return 1
    if before in _IN:
        return 5 + large
    return 3 + large if len(key) > 3 or town.population >= 40_000 else 2


def _opens_sentence(words: Words, number: int) -> bool:
    return number == 0 or words.plain(number - 1) in (".", "!", "?", "\n", ":")


def _is_start(words: Words, first: int) -> bool:
    """Whether everything before was the heading: "overval best 2 man"."""
    before = range(max(first - 4, 0), first)
    return first > 0 and all(
        words.taken[one] in (Kind.HEADING, Kind.TYPE) or words.words[one].is_sign for one in before
    )


def _ends_there(words: Words, last: int) -> bool:
    """Whether nothing goes on behind a word that may be a town: "in goes, 2 man", "best 14u"."""
    return last == len(words) or words.words[last].is_sign or words.taken[last] is Kind.HEADING


def _stands_alone(words: Words, first: int, last: int) -> bool:
    before = first == 0 or words.words[first - 1].is_sign
    after = last == len(words) or words.words[last].is_sign
    return before and after


def _slip(words: Words, towns: Towns) -> _Hit | None:
    """Return the town that a word which says nothing else is a slip for."""
    hits: list[_Hit] = []
    for number in range(len(words)):
        plain, before = words.plain(number), words.plain(number - 1)
        if not words.free(number) or len(plain) < 5 or before in _TOWARDS:
            continue
        if (
            towns.exact(plain)
            or is_known(plain)
            or plain in _NOT_SLIPS
            or not plain.replace("-", "").isalpha()
        ):
            continue
        surely = before in ("in", "te", "nabij", "near") or _is_start(words, number)
        town = towns.near(plain, surely_a_town=surely)
        if town is not None:
            hits.append(_Hit(2 if surely else 1, number, number + 1, town))
        if len(hits) > 20:
            break
    return max(hits, key=lambda hit: (hit.score, -hit.first), default=None)


def _street(words: Words, towns: Towns) -> str | None:
    for number in range(len(words)):
        if not words.free(number):
            continue
        plain = words.plain(number)
        if words.plain(number - 1) in _TOWARDS:
            continue
        first, last = number, number + 1
        if plain in ("straat", "street", "road", "laan", "plein") and words.free(number - 1):
            if not words.raw(number - 1, number)[:1].isupper():
                continue
            first = number - 1
        elif (
            not _STREET.fullmatch(plain)
            or _NO_STREET.fullmatch(plain)
            or towns.exact(plain)
            or is_known(plain)
        ):
            continue
        counts = words.plain(last + 1) in MANY
        if words.free(last) and _HOUSE.fullmatch(words.plain(last)) and not counts:
            last += 1
            if words.free(last) and re.fullmatch("[a-h]", words.plain(last)):
                last += 1
        words.take(first, last, Kind.HEADING)
        return words.raw(first, last)
    return None
