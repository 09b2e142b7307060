"""Telephone numbers, in digits or spoken out; those of the police and of help lines pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from phonenumbers import NumberParseException, is_possible_number, is_valid_number, parse

from bridge.gate.finding import Mark, Personal, certain
from bridge.gate.numbers import REFERENCE
from bridge.gate.reading import Reading

_RUN = re.compile(
    r"(?<![^\W_])(?:\+[ ]?)?\(?[\doO](?:[ .\-/()_,*|\n]{0,3}[\doOIl]){6,22}(?![^\W_])"
)
_LOOKS: Final = str.maketrans("oOIl", "0011")
_GROUP = re.compile(r"[\doOIl]+")
_NAMED = re.compile(
    r"\b(?:ge)?(?:bel(?:len|de|t)?|tel(?:efoon\w*)?|mobiel\w*|gsm|app(?:te|en)?|whats ?app|phone"
    r"|call(?:ed|ing)?|mobile|cell|sms|bereikbaar|bereiken|text(?:ed)?|06-?nummer|belnummer|handy"
    r"|sunat\w*|suna\b|dzwoni\w*|zadzwo\w*|dzwon|aradi|aray\w*|numara\w*|numarul\w*|numeru"
    r"|llam\w{1,4}|anruf\w*"
    r"|angerufen|appele\w*|appelez|chiam\w*|terugbel\w*|belle[nr]"
    r"|rufnummer|telefoonnummer|telefon\w*|portable|phoned|rang|viber)\b[^\d\n]{0,25}$",
    re.IGNORECASE,
)
_NUMBER_WORD = re.compile(
    r"\b(?:nr|nummer|number|numer\w*|numara\w*|contact\w*)\b[^\d\n]{0,25}$", re.IGNORECASE
)
_NAMED_BEHIND = re.compile(
    r"[^\w\n]{0,3}(?:(?:is|was|het|een|his|the|an?|zijn|z'n|als|as)[ ]){0,3}(?:\w+[ ])?(?:tel\w*"
    r"|nummer|nr"
    r"|number|gsm|mobiel|mobile|phone|whats ?app|app|belde|aradi)\b",
    re.IGNORECASE,
)
_LOCAL = re.compile(r"07\d{3}[ ]\d{3} ?\d{3}|04\d{2}(?:[ ]\d{2}){3}|01[567]\d[ ]\d{7,8}")
"""Mobile numbers of Great Britain, Belgium and Germany as they are written at home."""
_DATE = re.compile(r"\d{1,2}[ .\-/]\d{1,2}[ .\-/](?:\d{4}|\d\d)(?!\d)")
_NEIGHBOURS: Final = ("BE", "DE", "GB", "FR", "PL", "RO", "ES", "IT", "US", "TR", "BG", "MA")
_SERVICE = re.compile(r"0(?:800|900|906|909|14)|14\d")
"""Numbers of organisations, paid or free: 0900-8844, 0800-7000."""


def find(reading: Reading) -> Iterator[Mark]:
    """Return the telephone numbers."""
    text = reading.text
    for run in _RUN.finditer(text):
        yield from _in_run(text, run)
    yield from _spoken(text)


def _in_run(text: str, run: re.Match[str]) -> Iterator[Mark]:
    groups = [found.span() for found in _GROUP.finditer(text, *run.span())]
    before = text[max(0, run.start() - 60) : run.start()]
    if REFERENCE.search(before):
        return
    index = 0
    while index < len(groups):
        end = _number_from(text, groups, index, before)
        if end is None:
            index += 1
            continue
        start = groups[index][0]
        while start > run.start() and text[start - 1] in "+( ":
            start -= 1
        yield certain(Personal.PHONE, start, groups[end][1])
        index = end + 1


def _number_from(text: str, groups: list[tuple[int, int]], first: int, before: str) -> int | None:
    """Return the last group of the number that begins with this one; None when none does."""
    plus = text[max(0, groups[first][0] - 2) : groups[first][0]].strip(" (")[-1:] == "+"
    digits = ""
    found = None
    named = first == 0 and _NAMED.search(before) is not None
    for last in range(first, len(groups)):
        digits += text[slice(*groups[last])].translate(_LOOKS)
        if len(digits) > 15:
            break
        lengths = [end - start for start, end in groups[first : last + 1]]
        stretch = text[groups[first][0] : groups[last][1]]
        said = named or (
            first == 0
            and (_NUMBER_WORD.search(before) or _NAMED_BEHIND.match(text, groups[last][1]))
        )
        whole = last == len(groups) - 1
        if _LOCAL.fullmatch(stretch) or (whole and _meant(digits, named=named, said=bool(said))):
            found = last
        elif _is_number(text[groups[first][0] :], digits, lengths, plus=plus, named=named):
            found = last
            if not plus and digits.startswith("0") and len(digits) == 10:
                break
    return found


def _meant(digits: str, *, named: bool, said: bool) -> bool:
    """Whether digits are the number that a word beside them speaks of, in whatever country."""
    if _SERVICE.match(digits) or not 8 <= len(digits) <= 12:
        return False
    return named or (said and digits[0] == "0" and digits[1] != "0" and len(digits) > 8)


def _is_number(text: str, digits: str, lengths: list[int], *, plus: bool, named: bool) -> bool:
    if len(digits) < 8 or _SERVICE.match(digits):
        return False
    if plus:
        return _valid(f"+{digits}", None) or (named and len(digits) >= 9)
    if digits.startswith("00"):
        return digits[2] != "0" and _valid(f"+{digits[2:]}", None)
    if digits.startswith("06") or re.match(r"316\d{8}$", digits):
        return len(digits) in (10, 11) and (len(digits) == 10) == digits.startswith("06")
    if digits.startswith("0"):
        if digits[1] == "0" or len(digits) != 10:
            return False
        if _DATE.match(text):
            return False
        area = lengths[0] in (3, 4, 10) or set(lengths) == {1}
        return (area or named) and _valid(digits, "NL")
    return named and len(digits) >= 9 and _abroad(digits)


def _abroad(digits: str) -> bool:
    return any(_valid(digits, one) for one in _NEIGHBOURS)


def _valid(number: str, region: str | None) -> bool:
    try:
        parsed = parse(number, region)
    except NumberParseException:
        return False
    if region is None:
        return is_possible_number(parsed) and len(number) >= 9
    return is_valid_number(parsed)


_UNITS: Final = {
    "nul": 0, "een": 1, "twee": 2, "drie": 3, "vier": 4, "vijf": 5, "zes": 6, "zeven": 7,
    "acht": 8, "negen": 9,
}  # fmt: skip
_TEENS: Final = {
    "tien": 10, "elf": 11, "twaalf": 12, "dertien": 13, "veertien": 14, "vijftien": 15,
    "zestien": 16, "zeventien": 17, "achttien": 18, "negentien": 19,
}  # fmt: skip
_TENS: Final = {
    "twintig": 20, "dertig": 30, "veertig": 40, "vijftig": 50, "zestig": 60, "zeventig": 70,
    "tachtig": 80, "negentig": 90,
}  # fmt: skip
_ENGLISH: Final = {
    "zero": 0, "oh": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SPOKEN: Final = {
    **{word: str(value) for word, value in (_UNITS | _TEENS | _TENS | _ENGLISH).items()},
    **{
        f"{unit}en{ten}": str(tens + value)
        for unit, value in _UNITS.items()
        for ten, tens in _TENS.items()
        if value
    },
    "nulzes": "06",
    "nulze": "06",
}
_GERMAN: Final = {
    "null": 0, "eins": 1, "zwei": 2, "drei": 3, "funf": 5, "fuenf": 5, "sechs": 6, "sieben": 7,
    "neun": 9,
}  # fmt: skip
_SPOKEN.update({word: str(value) for word, value in _GERMAN.items()})
_ABROAD_SAID: Final = (
    "zero un deux trois quatre cinq six sept huit neuf",
    "sifir bir iki uc dort bes alti yedi sekiz dokuz",
    "zero jeden dwa trzy cztery piec szesc siedem osiem dziewiec",
    "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "zero unu doi trei patru cinci sase sapte opt noua",
    "sifr wahid ithnan thalatha arbaa khamsa sitta sabaa thamania tisaa",
)
"""From nought to nine in French, Turkish, Polish, Spanish, Romanian and Arabic."""
for _row in _ABROAD_SAID:
    for _value, _word in enumerate(_row.split()):
        _SPOKEN.setdefault(_word, str(_value))
_TOKEN = re.compile(
    rf"(?<![A-Za-z])(?:dubbele?|double) (?:{'|'.join(_UNITS)}|\d)(?![A-Za-z\d])"
    rf"|(?<![A-Za-z])(?:{'|'.join(_UNITS)})[ ]en[ ](?:{'|'.join(_TENS)})(?![A-Za-z])|[A-Za-z]+|\d+",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"(?:\b(?:een|twee|drie|vier|vijf|zes|zeven|acht|negen|one|two|three|four|five|six|seven"
    r"|eight|nine)"
    r"\b[ ,.-]{1,3}){8}|nul|zero|null|\boh\b|\b0|sifi?r|cero|(?:\bzes"
    r"|\bsix)[ ,.-]{1,3}(?:\w+[ ,.-]{1,3}){6}",
    re.IGNORECASE,
)


def _spoken(text: str) -> Iterator[Mark]:
    """Return numbers that are written out in words, wholly or in part, from "nul" on."""
    if not _BEGINS.search(text):
        return
    tokens = list(_TOKEN.finditer(text))
    row: list[re.Match[str]] = []
    for token, following in [*pairwise(tokens), *((one, None) for one in tokens[-1:])]:
        row = [*row, token] if _digits(token[0]) is not None else []
        near = following is not None and len(text[token.end() : following.start()].strip()) <= 1
        goes_on = near and following is not None and _digits(following[0]) is not None
        if row and not goes_on:
            yield from _spoken_row(row)
            row = []


def _spoken_row(row: list[re.Match[str]]) -> Iterator[Mark]:
    first = 0
    while first < len(row):
        digits, last = "", first
        while last < len(row) and len(digits) < 10:
            digits += _digits(row[last][0]) or ""
            last += 1
        spoken = [token for token in row[first:last] if token[0][0].isalpha()]
        # Eight digits said one by one are nothing else, wherever "nul zes" stands.
        mobile = digits.startswith("6") and len(digits) == 9 and len(row) - first == last - first
        begins = digits.startswith("0") or len(spoken) >= 8 or mobile
        if spoken and begins and 8 <= len(digits) <= 14:
            if not _SERVICE.match(digits):
                yield certain(Personal.PHONE, row[first].start(), row[last - 1].end())
            first = last
        else:
            first += 1


def _digits(token: str) -> str | None:
    twice, _, one = token.rpartition(" ")
    if twice.lower() in ("dubbel", "dubbele", "double"):
        return 2 * (_digits(one) or "")
    return token if token.isdecimal() else said_digits(token)


def said_digits(word: str) -> str | None:
    """Return the digits of a number that is said in words; None for any other word."""
    return _SPOKEN.get(word.lower().replace(" ", ""))
