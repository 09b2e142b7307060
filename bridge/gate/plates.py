"""Number plates: every Dutch series in the ways people type them, and foreign ones.

A Dutch plate has six signs in three groups, each of letters or of digits (source: RDW, sidecodes 1
to 14). Typed with dashes or in one piece it is one wherever it stands; typed loosely ("9 tkk 12")
where no group reads as a word; and after the word "kenteken" anything with letters and digits is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bridge.gate.finding import Mark, Personal, certain, doubtful
from bridge.gate.lexicon import is_word, words_for
from bridge.gate.numbers import REFERENCE
from bridge.gate.phones import said_digits
from bridge.gate.reading import Reading

_SHAPES: Final = (
    "LL-99-99", "99-99-LL", "99-LL-99", "LL-99-LL", "LL-LL-99", "99-LL-LL", "99-LLL-9", "9-LLL-99",
    "LL-999-L", "L-999-LL", "LLL-99-L", "L-99-LLL", "9-LL-999", "999-LL-9",
)  # fmt: skip
"""Sidecodes 1 to 14."""


def _pattern(between: str) -> str:
    shapes = []
    for shape in _SHAPES:
        groups = [
            f"{'[A-Za-z]' if group[0] == 'L' else '[0-9]'}{{{len(group)}}}"
            for group in shape.split("-")
        ]
        shapes.append(between.join(groups))
    return rf"(?<![^\W_])(?<![€.,/\-]\b)(?:{'|'.join(shapes)})(?![^\W_])(?![.,]\d)"


# A dash with a space behind it at the beginning of a line is a list's.
_BROKEN = r"[-.·/_]?[ ]?\n[ ]?(?:[-.·/_](?! ))?"
_SIGNED = re.compile(_pattern(r"(?:[ ]?[-.·/_*=|][ ]?|[-.·/_]\n|\n[-.·/_](?! ))"))
_LOOSE = re.compile(_pattern(rf"(?:[ ]{{1,2}}|[ ]?[-.·/_][ ]?|{_BROKEN})"))
_JOINED = re.compile(_pattern(""))
_SPLIT = re.compile(_pattern(rf"(?:[ ]{{1,2}}|[ ]?[-.·/_][ ]?|{_BROKEN}|)"))

_CUE = re.compile(
    r"\b(?:kenteken\w*|kent\.?|nummer ?(?:plaat|plaatje|bord)\w*"
    r"|(?:\w{1,12}-)?plaat(?:je|jes)?"
    r"|platen|(?<!strike )(?<!face )(?<!back )plates?|number ?plates?"
    r"|licen[cs]e ?plates?|licen[cs]e|licence|registration"
    r"|reg\.?|vrm|nummerplaten|tablic\w*|rejestrac\w*|plaques?|plaka\w*|immatricul\w*|targa"
    r"|kennzeichen|nummernschild|inmatricular\w*|numere|matricula)(?![^\W_])",
    re.IGNORECASE,
)
_WINDOW = re.compile(r"(?:(?!\n\n).){0,45}[^\W_]*", re.DOTALL)
"""Behind the cue, to the end of a word and of the paragraph."""
_PARTIAL = re.compile(
    r"\b(?:begin\w{0,5}|eind(?:e|igt|igend|igde)?|start\w{0,3}|end(?:s|ed|ing)?|eerste|laatste|first"
    r"|last|iets met|gedeeltelijk\w*|partial\w*|nog|bevat\w*|contain\w*)\b",
    re.IGNORECASE,
)
_PART = re.compile(r"[A-Za-z0-9]+")
_UNITS: Final = words_for("units")
_MONTHS: Final = frozenset(
    ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
)
_CARS: Final = re.compile(
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
_FOREIGN_LOOSE = re.compile(
    r"(?<![^\W_])(?<![.,/\-])(?:"
    r"[A-Z]{2}\d{2} [A-Z]{3}"  # Great Britain
    r"|[1-9] [A-Z]{3} \d{3}"
    r"|[A-Z]{2,3} \d{4,5}"  # Poland
    r"|[A-Z]{3} \d{3}"  # Lithuania, Hungary, Sweden
    r"|B \d{2,3} [A-Z]{3}"
    r"|\d{4} [B-DF-HJ-NP-TV-Z]{3}"  # Spain
    r"|[A-Z]{1,3} [A-Z]{1,2} ?\d{2,4}[EH]?"
    r"|[A-Z]{1,2} \d{2,3} [A-Z]{3}"  # Romania
    r"|[A-Z]{2,3} \d[A-Z0-9]{3,4}|[A-Z]{3} \d{2}[A-Z]"  # Poland, Sweden
    r"|\d{2} [A-Z]{1,3} \d{2,4}"  # Turkey
    r"|\d[A-Z]{2} \d{4}"  # Czechia
    r")(?![^\W_])"
)
_VEHICLE = re.compile(
    r"\b(?:auto|wagen|busje|bus|bestelbus\w*|scooter|brommer|motor\w*|car|van|truck|moped|vehicle"
    r"|audi|bmw|golf|polo|mercedes|opel|ford|renault|peugeot|citroen|fiat|seat|skoda|volvo|toyota"
    r"|kia|vw|volkswagen|transporter|sprinter|voertuig|vluchtauto|passat|clio|corsa|astra|leon"
    r"|ibiza"
    r"|octavia|fiesta|focus|twingo|megane|caddy|crafter|vito|tesla|porsche|lexus|mazda|nissan|dacia"
    r"|hyundai|suzuki|honda|mini|vespa|piaggio|snorfiets|aanhanger|vrachtwagen|combi|taxi|fahrzeug"
    r"|voiture|samoch\w+|araba|masina)\b",
    re.IGNORECASE,
)
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
_NAMED_BEHIND = re.compile(
    r"[ ,'\")]{0,3}(?:(?:is|was|als|as|stond op|de|the|het|zijn|z'n|its|op|on)[ ]){0,3}"
    r"(?:kent\b|kenteken|nummerplaat|plaat\b|platen|plates?\b|number ?plate|licen[cs]e ?plate"
    r"|reg\b)",
    re.IGNORECASE,
)


def find(reading: Reading) -> Iterator[Mark]:
    """Return the number plates."""
    text = reading.text
    for found in _SIGNED.finditer(text):
        if _plausible(text, found, strict=False):
            yield certain(Personal.PLATE, *found.span())
    for found in _JOINED.finditer(text):
        yield from _joined(text, found)
    for found in _LOOSE.finditer(text):
        named = _NAMED_BEHIND.match(text, found.end()) and not _is_reference(text, found)
        if named or _plausible(text, found, strict=True):
            yield certain(Personal.PLATE, *found.span())
    for found in _FOREIGN_SIGNED.finditer(text):
        if not _is_reference(text, found):
            yield certain(Personal.PLATE, *found.span())
    yield from _foreign_loose(text)
    yield from _after_cue(text)


def _joined(text: str, found: re.Match[str]) -> Iterator[Mark]:
    if _is_reference(text, found) or _CARS.fullmatch(found[0]):
        return
    groups = re.findall(r"[A-Za-z]+|\d+", found[0])
    if len(groups) == 3:
        # "10cm25" is a measure, and "k481td" is none.
        measures = [group for group in groups if _reads_as_word(group)]
        if not measures or found[0].isupper() or (groups[0].isalpha() and len(measures[0]) == 1):
            yield certain(Personal.PLATE, *found.span())
    elif _NAMED_BEHIND.match(text, found.end()):
        yield certain(Personal.PLATE, *found.span())
    elif _VEHICLE.search(_around(text, found)):
        # Two groups, "AB1234": a plate of before 1978, a postcode or an article; doubtful.
        yield doubtful(Personal.PLATE, *found.span())


def _around(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - 60) : found.end() + 60]


def _foreign_loose(text: str) -> Iterator[Mark]:
    for found in _FOREIGN_LOOSE.finditer(text):
        words = re.findall(r"[A-Za-z]+", found[0])
        reads = [word for word in words if _reads_as_word(word)]
        if _is_reference(text, found) or (reads and (len(words) < 2 or len(reads[0]) > 2)):
            continue
        near = _around(text, found)
        if _CARS.fullmatch(found[0]):
            continue
        seen = _VEHICLE.search(near) is not None
        if (seen and _ABROAD.search(near)) or _NAMED_BEHIND.match(text, found.end()):
            yield certain(Personal.PLATE, *found.span())
        elif seen and not reads:
            yield doubtful(Personal.PLATE, *found.span())


def _plausible(text: str, found: re.Match[str], *, strict: bool) -> bool:
    """Whether three groups are a plate, and not a time, a date, an amount or words."""
    if _is_reference(text, found):
        return False
    letters = re.findall(r"[A-Za-z]+", found[0])
    if any(group.lower() in _MONTHS for group in letters):
        return False
    if any(group.lower() in _UNITS for group in letters) and (strict or not found[0].isupper()):
        return False
    if not strict:
        return not any(len(group) == 3 and _reads_as_word(group) for group in letters if
                       not group.isupper())  # fmt: skip
    if any(_reads_as_word(group) for group in letters):
        return False
    if any(len(group) == 1 and group.lower() in "aeiouxk" for group in letters):
        return False
    return found[0].upper() == found[0] or not re.search(r"[aeiou]", "".join(letters).lower())


def _after_cue(text: str) -> Iterator[Mark]:
    """Return what follows the word "kenteken", when it has letters and digits in it."""
    for cue in _CUE.finditer(text):
        begin, end = cue.end(), _WINDOW.match(text, cue.end()).end()  # type: ignore[union-attr]
        whole = _SPLIT.search(text, begin, end)
        if whole is not None:
            yield certain(Personal.PLATE, *whole.span())
        elif (spoken := _spoken(text, begin)) is not None:
            yield certain(Personal.PLATE, *spoken)
        row: list[re.Match[str]] = []
        for part in _PART.finditer(text, begin, end):
            fits = _could_be_part(part[0])
            if row and (not fits or part.start() - row[-1].end() > 3):
                break
            if fits:
                row.append(part)
        row = row[:4]
        while row and row[-1][0].lower() in _UNITS:
            row.pop()
        made = "".join(part[0] for part in row)
        mixed = not made.isalpha() and not made.isdigit() and not _CARS.fullmatch(made)
        partial = _PARTIAL.search(text[begin : end + 15]) is not None
        if (4 <= len(made) <= 9 and mixed) or (2 <= len(made) <= 6 and partial):
            yield certain(Personal.PLATE, row[0].start(), row[-1].end())


def _spoken(text: str, begin: int) -> tuple[int, int] | None:
    """Return where a plate is written out as it is said: "zes tkb vier acht", "tango victor 3"."""
    signs, first, last, said = "", begin, begin, False
    for part in _PART.finditer(text, begin, begin + 90):
        word = part[0].lower()
        sign = said_digits(word) or _SAID_LETTERS.get(word)
        if sign is not None and word.isalpha() and len(word) > 1:
            said = True
        elif part[0].isdigit() or (
            part[0].isalpha() and len(word) <= 3 and (len(word) == 1 or not _reads_as_word(word))
        ):
            sign = word
        elif signs or word not in _BEFORE_SPOKEN:
            break
        else:
            continue
        first = part.start() if not signs else first
        signs, last = signs + sign, part.end()
    mixed = not signs.isalpha() and not signs.isdigit()
    return (first, last) if said and mixed and 5 <= len(signs) <= 8 else None


_SAID_LETTERS: Final = {
    word: word[0]
    for word in [
        "alfa",
        "alpha",
        "bravo",
        "charlie",
        "delta",
        "echo",
        "foxtrot",
        "golf",
        "hotel",
        "india",
        "juliett",
        "kilo",
        "lima",
        "mike",
        "november",
        "oscar",
        "papa",
        "quebec",
        "romeo",
        "sierra",
        "tango",
        "uniform",
        "victor",
        "whiskey",
        "xray",
        "yankee",
        "zulu",
    ]
}
_BEFORE_SPOKEN: Final = frozenset(
    ["is", "was", "als", "iets", "met", "dus", "nummer", "number", "reads", "read", "as", "with"]
)


def _could_be_part(part: str) -> bool:
    if part.isdigit():
        return len(part) <= 5
    if part.isalpha():
        return len(part) <= 3 and not (_reads_as_word(part) and not part.isupper())
    return len(part) <= 9


def _reads_as_word(group: str) -> bool:
    return group.lower() in _UNITS or (len(group) > 1 and is_word(group))


def _is_reference(text: str, found: re.Match[str]) -> bool:
    return REFERENCE.search(text[max(0, found.start() - 60) : found.start()]) is not None
