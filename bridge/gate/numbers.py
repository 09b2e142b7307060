"""Numbers that stand for one person: BSN, IBAN, bank card, identity document.

The check digits tell them from references, amounts and serials; they come from python-stdnum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from stdnum import iban, luhn
from stdnum.nl import bsn

from bridge.gate.finding import Mark, Personal, certain, doubtful
from bridge.gate.reading import Reading

REFERENCE: Final = re.compile(
    r"(?:\bref(?:erentie|erence)?s?\b|(?<!\d )(?<!\d-)\bserie\w*"
    r"|\bserial\w*|\bmodel\b|\bartikel\w*|\barticle"
    r"|\border\w*|\bbon(?:netje|nummer|nr)?\b|\bfactuur\w*|\binvoice|\bzaak(?:nummer|nr)?\b|\bcase"
    r"|\baangifte\w*|kenmerk|\bbestel(?:ling|nummer|nr|code)\b|\bcertifica\w+|\bdossier\w*"
    r"|\bkassa(?:bon)?\b|\btrack\w*|\bbarcode|\bpl\d*)[^\w\n]*(?:n(?:umme)?r|no"
    r"|number)?[^\w\n]*(?:is|was)?\W*$",
    re.IGNORECASE,
)
"""Ends in front of a number that is a thing's and not a person's."""

_RUN = re.compile(r"(?<![^\W_])\d(?:[ .\-\n/_·*]{0,2}\d){7,}(?![^\W_])")
_CITIZEN: Final = (
    r"\b(?:bsn\w*|b\.s\.n|burger[ -]?service\w*|citizen service|citizen (?:no|number|id)|sofi\w*"
    r"|social (?:security|insurance)|tax (?:id|number)|burgernummer|ssn|pesel|nin|cnp"
    r"|rijksregister\w*|kimlik)\b"
)
_BSN_WORD = re.compile(_CITIZEN + r"[^\d\n]{0,30}\n?[^\d\n]{0,12}$", re.IGNORECASE)
_BSN_WORD_FAR = re.compile(_CITIZEN + r"[^\d\n]{30,90}$", re.IGNORECASE)
_BSN_WORD_BEHIND = re.compile(
    r"[^\w\n]{0,3}(?:(?:is|was|als|as|dat|zijn|zn|z'n|haar|his|her|het|the|een)[ ]){0,3}"
    r"(?:bsn|burgerservice\w*|sofi\w*|citizen service|burgernummer)\b",
    re.IGNORECASE,
)
_BSN_SHAPES: Final = {
    (9,), (3, 3, 3), (4, 2, 3), (4, 3, 2), (2, 3, 4), (3, 2, 4), (4, 5), (5, 4), (3, 6), (6, 3),
    (2, 2, 2, 3), (3, 2, 2, 2), (2, 2, 2, 2, 1), (8, 1), (1, 8), (2, 7), (7, 2),
    (1,) * 9,
}  # fmt: skip

_JOINS: Final = ("-", ".", "/", "_", "·", "*")

_IBAN_START = re.compile(r"(?<![^\W_])([A-Za-z]{2})[ .\-]?\d[ .\-]?\d")
_IBAN_LENGTHS: Final = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BY": 28,
    "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27,
    "GB": 22, "GE": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IT": 27, "LT": 20,
    "LU": 20, "LV": 21, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15, "PL": 28,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "TN": 24, "TR": 26, "UA": 29, "XK": 20,
}  # fmt: skip
"""ISO 13616, as published in the SWIFT IBAN registry."""
_DUTCH_IBAN = re.compile(r"NL\d\d[A-Z]{4}\d{10}")
_ACCOUNT_WORD = re.compile(
    r"\b(?:iban|bankrekening|rekening(?:nummer|nr)?|rek\.?|bank account|account number)\W*"
    r"(?:nummer|nr|is|was|:|number|no)?\W*$",
    re.IGNORECASE,
)

_DOCUMENT = re.compile(
    r"\b(?:paspoort|passport|id[ -]?(?:kaart|card|bewijs)|identiteits(?:kaart|bewijs)|rijbewijs"
    r"|driving licen[cs]e|driver'?s licen[cs]e|verblijfs\w+|residence permit|document(?:nummer)?"
    r"|pasnummer|v-nummer)(?:nummer|nr| number| no)?[^\w\n]{0,3}(?:nummer|nr|number|no|is|was|met)?"
    r"[^\w\n]{0,3}(?:nummer|nr|number)?[^\w\n]{0,3}"
    r"(?P<number>(?=[A-Za-z0-9]*\d[A-Za-z]*\d[A-Za-z]*\d)[A-Za-z0-9]{8,12})\b",
    re.IGNORECASE,
)


def find(reading: Reading) -> Iterator[Mark]:
    """Return the numbers that stand for a person."""
    text = reading.text
    for found in _RUN.finditer(text):
        yield from _bsn(text, found)
        yield from _card(text, found)
    yield from _ibans(text)
    yield from _said(text)
    for found in _DOCUMENT.finditer(text):
        yield certain(Personal.DOCUMENT, *found.span("number"))


_SAID = re.compile(
    r"(?<![^\W_])(?:bsn\w*|burger[ -]?service[ -]?n(?:umme)?r\w*|sofi\w*"
    r"|citizen service number)[^\w\n]{0,3}(?:(?:is|was|nummer)[ ])?"
    r"(?:[\w']+[: ]{1,2}){0,8}?(?P<number>(?:(?:nul|een|twee|drie|vier|vijf|zes|zeven|acht|negen"
    r"|dubbel"
    r"|zero|oh"
    r"|one|two|three|four|five|six|seven|eight|nine|double|\d+)[ ,-]{1,2}){5,}"
    r"\w+)",
    re.IGNORECASE,
)


def _said(text: str) -> Iterator[Mark]:
    """Return a number of a citizen that is written out: "bsn vier drie negen …"."""
    for found in _SAID.finditer(text):
        yield certain(Personal.BSN, *found.span("number"))


def groups_of(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where the groups of digits in a stretch of text stand."""
    return [found.span() for found in re.compile(r"\d+").finditer(text, start, end)]


def _bsn(text: str, run: re.Match[str]) -> Iterator[Mark]:
    before = text[max(0, run.start() - 110) : run.start()]
    groups = groups_of(text, *run.span())
    nine = sum(end - start for start, end in groups) == 9
    named = _BSN_WORD.search(before) is not None or (
        nine
        and not REFERENCE.search(before[-60:])
        and (
            _BSN_WORD_FAR.search(before) is not None
            or _BSN_WORD_BEHIND.match(text, run.end()) is not None
        )
    )
    if named:
        digits = 0
        for start, end in groups:
            digits += end - start
            if digits in (8, 9) or (digits > 9 and start == groups[0][0]):
                yield certain(Personal.BSN, groups[0][0], end)
                return
        return
    lengths = tuple(end - start for start, end in groups)
    whole = lengths in _BSN_SHAPES
    for start, end in [run.span()] if whole else groups:
        number = re.sub(r"\D", "", text[start:end])
        # A group joined to others by a sign is part of their longer number.
        joined = not whole and (text[start - 1 : start] in _JOINS or text[end : end + 1] in _JOINS)
        if len(number) != 9 or joined or not bsn.is_valid(number):
            continue
        if re.search(r"(?:€|\beur(?:o)?|\$) ?$", before, re.IGNORECASE):
            continue
        if REFERENCE.search(before[-60:]):
            yield doubtful(Personal.BSN, start, end)
        else:
            yield certain(Personal.BSN, start, end)


def _card(text: str, run: re.Match[str]) -> Iterator[Mark]:
    groups = groups_of(text, *run.span())
    for first in range(len(groups)):
        digits = ""
        for start, end in groups[first:]:
            digits += text[start:end]
            if len(digits) == 16 and digits[0] in "3456" and luhn.is_valid(digits):
                if not REFERENCE.search(text[max(0, groups[first][0] - 40) : groups[first][0]]):
                    yield certain(Personal.CARD, groups[first][0], end)
                break
            if len(digits) >= 16:
                break


def _ibans(text: str) -> Iterator[Mark]:
    for start in _IBAN_START.finditer(text):
        wanted = _IBAN_LENGTHS.get(start[1].upper())
        if wanted is None:
            continue
        end = start.start()
        made = ""
        while end < len(text) and len(made) < wanted:
            sign = text[end]
            if sign.isalnum():
                made += sign.upper()
            elif sign not in " .-\n" or (text[end - 1] in " .-\n" and text[end - 1] != " "):
                break
            end += 1
        if len(made) != wanted:
            continue
        before = text[max(0, start.start() - 30) : start.start()]
        if (
            iban.is_valid(made, check_country=False)
            or _DUTCH_IBAN.fullmatch(made)
            or _ACCOUNT_WORD.search(before)
        ):
            yield certain(Personal.IBAN, start.start(), end)
