"""Number plates of other countries, and what only a vehicle beside it makes a plate.

A foreign plate is known by its shape after a word for it; with a dash in it nearly anywhere; and
typed loosely or in small letters where the sentence has a vehicle and the letters are no words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bridge.gate.dictionary import is_in_dictionary
from bridge.gate.finding import Mark, Personal, certain, doubtful
from bridge.gate.lexicon import is_no_person, is_word, pattern_of, words_for
from bridge.gate.numbers import REFERENCE

MODELS: Final = re.compile(
    r"(?:rs|s|sq|a|q|e|c|x|z|m|i|v|t|r|gt|mx|cx|cr|ml|gl|gla|glb|glc|gle|gls|cla|clk|cls|slk|amg"
    r"|xc|ds|ix|ex|ev|id|mt|yzf|cbr|gsx|ktm|xmax|nmax|tmax|gts|lx|sh|rx|is|nx|ct|gr|up|rav|hr|hrv"
    r"|crv|cb|xr|n|ka|tt|ttrs|rcz|focus|golf|polo|clio)[- ]?\d{1,3}[a-z]{0,3}|\d{3}[a-z]{1,2}",
    re.IGNORECASE,
)
"""Models of cars and motorcycles: "RS6", "320d", "CLA 180"."""

_FOREIGN_SIGNED = re.compile(
    r"(?<![^\W_])(?<![.,/\-])(?:"
    r"[1-9]-[A-Z]{3}-\d{3}|[1-9]-[a-z]{3}-\d{3}"  # Belgium
    r"|[A-Z]{2}-\d{3}-[A-Z]{2}|[a-z]{2}-\d{3}-[a-z]{2}"  # France, Italy
    r"|[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}[ -]\d{1,4}[EH]?"  # Germany
    r"|(?:B|[A-Z]{2})-\d{2,3}-[A-Z]{3}"  # Romania
    r"|[A-Z]{2} ?\d{4} ?[A-Z]{2}"  # Bulgaria, Ukraine
    r")(?![^\W_])"
)
_SHAPES = re.compile(
    r"(?<![^\W_])(?<![.,/\-€$])(?:"
    r"\d[ -]?L{3}[ -]?\d{3}"  # Belgium
    r"|L{1,3}[ -]L{1,2}[ -]?\d{1,4}[EH]?"  # Germany
    r"|L{1,2}[ -]?\d{2,5}[ ]?L{1,3}"  # Austria, Romania, Bulgaria, Ukraine, Great Britain, Slovakia
    r"|LL[ -]?\d{3}[ -]?LL"  # France, Italy, Albania
    r"|L{2,3}[ ]?(?=[0-9A-Z]*\d[0-9A-Z]*\d)[0-9A-Z]{4,5}"  # Poland
    r"|\d{4}[ -]?LLL"  # Spain
    r"|L{3,4}[ -]?\d{3}|LLL[ -]?\d\dL|LL[ ]LL[ -]?\d{3}"  # Lithuania, Hungary, Sweden
    r"|L{1,2}[ -]\d{2,3}[ -]LLL"  # Romania
    r"|\dL[0-9A-Z][ ]?\d{4}"  # Czechia
    r"|\d\d[ ]?L{1,3}[ ]?\d{2,4}"  # Turkey
    r"|LL[ -]?\d{4,6}|LL[ ]\d\d[ ]\d{3}"  # Luxembourg, Switzerland, Denmark
    r"|\d\d-?L{4}|LLLL-?\d\d"  # the Netherlands, without its dashes
    r")(?![^\W_])(?!-\d)(?![.,]\d)".replace("L", "[A-Z]"),
    re.IGNORECASE,
)
_POSTCODE_OR_YEAR = re.compile(r"[1-9]\d{3} ?[A-Z]{2}|[A-Z]+[ -]?(?:19|20)\d\d", re.IGNORECASE)
_VEHICLE = re.compile(rf"\b{pattern_of('vehicles')}\b", re.IGNORECASE)
_ABROAD = re.compile(
    r"\b(?:duits\w*|belg\w*|frans\w*|pool?s\w*|polen|roemeen\w*|roemeni\w*|bulgaar\w*|bulgarije"
    r"|litou\w+|lets\w*|ests\w*|engelse?|engeland|brits\w*|spaans\w*|spanje|itali\w+|tsjechi\w+"
    r"|slowa\w+|hongaar\w*|hongarije|zweeds\w*|deens\w*|noors\w*|turks\w*|turkije|oostenrijk\w*"
    r"|luxemburg\w*|zwitsers\w*|portuge\w+|servi\w+|kroat\w+|oekra\w+|german\w*|deutsch\w*"
    r"|french|france|polish|poland|pols\w+|romania\w*|lithuania\w*|british|uk|english|spanish"
    r"|italian|czech|hungarian|swedish|danish|turkish|buitenland\w*|foreign)\b",
    re.IGNORECASE,
)
"""Where a plate may come from; beside these its shape is enough."""
NAMED_BEHIND = re.compile(
    r"[ ,'\")]{0,3}(?:(?:is|was|als|as|stond op|de|the|het|zijn|z'n|its|op|on)[ ]){0,3}"
    r"(?:\w{3,12}(?:s|se|isch|ische|er|es)[ ])?(?:kent\b|kenteken|plaka\w*|tablic\w*|nummerplaat"
    r"|plaat\b|platen|plates?\b|number ?plate|licen[cs]e ?plate"
    r"|reg\b)",
    re.IGNORECASE,
)


_UNITS: Final = words_for("units")
ABOUT: Final = words_for("about")
"""Before an age, a size, an amount or a time, in letters as short as a plate's."""
_LETTERS = re.compile(r"[A-Za-z]+")
_MEASURED = re.compile(
    r"(?<![\w.,/-])(?:\d{1,3}(?:[.,:]\d{1,3})?[ ]?(?:-|/|tot|t/m|tm|a|to|of|or)[ ]?"
    r"\d{1,3}(?:[.,:]\d{1,3})?[ ]?(?:j|jr|jaar|jarige|y|yo|yr|yrs|y/o|years?|ish|u|uur|h|hrs?|min"
    r"|sec|k|mille|euro|eur|kt|karaat|ct|crt|gr?|gram|kg|mm|cm|dm|m|mtr|meter|km|st|stuks|x|keer|pers|man"
    r"|a|o)|\d{1,3}[ ](?:a|of|or|to|tot)[ ]\d{1,3}|\d{1,2}[.:]\d\d[ ]?(?:u|uur|h|hrs?|am|pm)"
    r"|\d{1,2}[ ]?kt[ ]\d{1,4}[ ]?gr?)(?![\w-])",
    re.IGNORECASE,
)
"""Numbers and their unit, from one to another: "25 a 30 jr", "14-16 kt", "17.30 u"."""
_SHORTEST: Final = 6
"""Letters and digits that a plate has at least: "18 a 20" is an age. One fewer in capitals."""
_BESIDE: Final = 12
"""Characters around one in which a country makes a shape a plate."""
_REACH: Final = 45
"""Characters on either side in which a vehicle makes a shape a plate."""


def seen_with_a_vehicle(text: str, start: int, end: int) -> bool:
    """Whether the words around a stretch speak of a vehicle."""
    return (
        _VEHICLE.search(text, max(0, start - _REACH), start) is not None
        or _VEHICLE.search(text, end, end + _REACH) is not None
    )


def is_about(text: str, start: int, end: int) -> bool:
    """Whether what looks like a plate tells an age, a size, an amount or a time: "ca. 25-30"."""
    for group in _LETTERS.finditer(text, start, end):
        word, behind = group[0].lower(), text[group.end() : group.end() + 2]
        if group.end() == end:
            continue
        small = not group[0].isupper() or word == "ca"
        if behind == ". " and (word in ABOUT or (len(word) == 1 and small)):
            return True
        if small and word in ABOUT and behind[:1] in tuple(".: "):
            return True
    return any(
        one.start() < end and start < one.end()
        for one in _MEASURED.finditer(text, max(0, start - _BESIDE), end + _BESIDE)
    )


def find(text: str) -> Iterator[Mark]:
    """Return the foreign plates of a text, and those that stand beside a vehicle."""
    for one in _FOREIGN_SIGNED.finditer(text):
        if not REFERENCE.search(text[max(0, one.start() - 60) : one.start()]):
            yield certain(Personal.PLATE, *one.span())
    found: re.Match[str] | None
    at = 0
    while (found := _SHAPES.search(text, at)) is not None:
        if not _may_be_a_plate(text, found) and " " in found[0]:
            # "VB 15828 op de plaat": without its last word it may be one.
            cut = found.start() + found[0].rindex(" ")
            found = _SHAPES.match(text, found.start(), cut) or found
        if not _may_be_a_plate(text, found):
            at = found.start() + 1  # "in 3266 BVL": one may begin within what is none
            continue
        at = found.end()
        if NAMED_BEHIND.match(text, found.end()):
            yield certain(Personal.PLATE, *found.span())
        elif seen_with_a_vehicle(text, *found.span()) or _ABROAD.search(
            text, max(0, found.start() - _BESIDE), found.end() + _BESIDE
        ):
            sure = len(re.sub(r"[ -]", "", found[0])) > 5 or _ABROAD.search(text)
            yield (certain if sure else doubtful)(Personal.PLATE, *found.span())


def _may_be_a_plate(text: str, found: re.Match[str]) -> bool:
    """Whether a shape is no model, year, postcode, measure or word with a number."""
    plate = found[0]
    if is_about(text, *found.span()):
        return False
    signs = sum(map(str.isalnum, plate))
    if not (plate.isupper() or plate.islower()) or signs < _SHORTEST - plate.isupper():
        return False
    if (len(plate) < 6 and MODELS.fullmatch(plate)) or _POSTCODE_OR_YEAR.fullmatch(plate):
        return False
    for group in re.findall(r"[A-Za-z]+", plate):
        word = group.lower()
        measure = len(word) > 1 and word in _UNITS and (plate.islower() or " " in plate)
        if measure or word in _NO_PLATE:
            return False
        reads = is_word(word) or is_no_person(word) or is_in_dictionary(word)
        if reads and len(word) > 1 and (plate.islower() or len(word) > 2):
            return False
    if plate[-1].isdigit() and _MEASURE_BEHIND.match(text, found.end()):
        return False  # "dheb 18 karat"
    return not REFERENCE.search(text[max(0, found.start() - 60) : found.start()])


_MEASURE_BEHIND = re.compile(
    r" ?(?:kara+ts?|carats?|k(?:r)?t|ct|gr?|gram\w*|grams|euro?s?|jaar|jr|cm|mm|keer|x|stuks"
    r"|ayar|uur|min"
    r"|years?|lat)\b",
    re.IGNORECASE,
)
_NO_PLATE: Final = words_for("no_plate")
