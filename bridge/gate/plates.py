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
    r"|reg\.?|vrm|nummerplaten|tablica|plaque)(?![^\W_])",
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
    r"|[A-Z]{1,3} [A-Z]{1,2} \d{2,4}"
    r")(?![^\W_])"
)
_VEHICLE = re.compile(
    r"\b(?:auto|wagen|busje|bus|bestelbus\w*|scooter|brommer|motor\w*|car|van|truck|moped|vehicle"
    r"|audi|bmw|golf|polo|mercedes|opel|ford|renault|peugeot|citroen|fiat|seat|skoda|volvo|toyota"
    r"|kia|vw|volkswagen|transporter|sprinter|voertuig|vluchtauto)\b",
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
        if _plausible(text, found, strict=True):
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
        if not any(_reads_as_word(group) for group in groups) or found[0].isupper():
            yield certain(Personal.PLATE, *found.span())
    elif _VEHICLE.search(text[max(0, found.start() - 60) : found.start()]):
        # Two groups, "AB1234": a plate of before 1978, a postcode or an article; doubtful.
        yield doubtful(Personal.PLATE, *found.span())


def _foreign_loose(text: str) -> Iterator[Mark]:
    for found in _FOREIGN_LOOSE.finditer(text):
        words = re.findall(r"[A-Za-z]+", found[0])
        if _is_reference(text, found) or any(_reads_as_word(word) for word in words):
            continue
        near = text[max(0, found.start() - 60) : found.end() + 60]
        if _VEHICLE.search(near) and not _CARS.fullmatch(found[0]):
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
