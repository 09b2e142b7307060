"""Dates of birth and home addresses.

A date is one of birth when its text says so; a full date of decades ago is doubtful. A street with
a number is the place of an incident unless its text says that somebody lives there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bridge.gate.finding import Mark, Personal, certain, doubtful
from bridge.gate.reading import Reading

_MONTHS: Final = (
    r"(?:jan(?:uari|uary)?|feb(?:ruari|ruary)?|mrt|maart|mar(?:ch)?|apr(?:il)?|mei|may|jun[ie]?"
    r"|jul[iy]?|aug(?:ustus|ust)?|sept?(?:ember)?|okt(?:ober)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)\.?"
)
_DATE: Final = (
    rf"(?:\d{{1,2}}(?:e|de|ste|st|nd|rd|th)?[ ]?(?:of |van )?{_MONTHS}[ ,.]{{0,2}}(?:19|20)?\d\d"
    rf"|{_MONTHS}[ ]\d{{1,2}}(?:st|nd|rd|th)?[ ,]{{0,2}}(?:19|20)\d\d"
    r"|\d{1,2}[ ]?[-./ ][ ]?\d{1,2}[ ]?[-./ ][ ]?(?:19|20)?\d\d"
    r"|(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}"
    r"|(?:19|20)\d{6}|\d{8}|\d{6})"
)
_BORN: Final = (
    r"(?:geboren|geboorte\w*|gebooren|geb\.?|geb\. ?dat\w*|g\.?b\.? ?datum|gebdat\w*|geb\.?datum"
    r"|dob|d\.o\.b\.?|born|birth(?:day|date)?|date of birth|verjaardag|verjaart|is jarig|jarig)"
)
_BORN_ON = re.compile(
    rf"(?<![^\W_]){_BORN}[^\w\n]{{0,4}}(?:(?:te|in|op|on|the|de|of|is|was|datum|"
    rf"[A-Z][\w-]+)[^\w\n]{{1,3}}){{0,4}}(?P<date>{_DATE})(?!\d)",
    re.IGNORECASE,
)
_BORN_IN = re.compile(
    rf"(?<![^\W_]){_BORN}[^\w\n]{{0,4}}(?:(?:in|is|was|year|jaar|jaar:)[^\w\n]{{1,3}}){{0,2}}"
    r"(?P<date>(?:19[3-9]|20[01])\d|'\d\d)(?!\d)|bouwjaar van (?:de )?(?:dader|man|vrouw|jongen)"
    r"\w*[^\d\n]{0,8}\d{2,4}|\bvan (?:het )?jaargang \d{2,4}",
    re.IGNORECASE,
)
_ANY_DATE = re.compile(rf"(?<![\w./-]){_DATE}(?![\w/-])", re.IGNORECASE)
_LONG_AGO = re.compile(r"(?<!\d)(?:19[3-9]\d|200\d|201[0-4])(?!\d)")
_OTHER_DATE = re.compile(
    r"\b(?:opgericht|sinds|since|gekocht|bought|bouwjaar|jaargang|model|gemaakt|gedateerd|verkocht"
    r"|sold|made|dated|gravure|inscriptie|graver\w*|engrav\w*|trouw\w*|wedding|aankoop\w*|keur\w*"
    r"|certifica\w+|factuur\w*|periode|collectie)\b",
    re.IGNORECASE,
)

_STREET: Final = (
    r"(?:[A-Z0-9'][\w'.-]*[ ](?:(?:van|de|der|den|het|ter|ten|op|aan|in|la|le|St\.?)[ ])*){0,4}"
    r"[A-Za-z'-]*(?:straat|straatje|laan|weg|plein|gracht|kade|dijk|singel|steeg|pad|hof|park"
    r"|plantsoen|dreef|markt|wal|ring|baan|hoven|erf|kamp|veld|horst|oord|brink|hoek|haven|burg"
    r"|street|road|lane|avenue|drive|close|square|crescent|way|gardens|terrace|strasse|rue|str\.?)"
)
_NUMBER: Final = (
    r"(?:[ ](?:nummer|nr\.?|no\.?|number)?[ ]?\d{1,4}[ ]?(?:bis|hs|[a-hA-H]|[IVX]{1,3}|-\d{1,3})?)"
)
_POSTCODE: Final = r"[1-9]\d{3}[ ]?(?!SA|SD|SS)[A-Z]{2}"
_LIVES: Final = (
    r"(?:woont|wonen|woonde|wonend|woonachtig|woon ?adres|thuis ?adres|huisadres|adres van (?:de )?"
    r"(?:dader|man|vrouw|verdachte|jongen|eigenaar|medewerk\w+|haar|hem)|(?:zijn|haar|hun) (?:huis"
    r"|adres|woning|flat|appartement)|adres is|ingeschreven|gevestigd te|verblijft|verblijfadres"
    r"|logeert|slaapt|lives?|living|resides?|residing|resident|home is|home address"
    r"|(?:his|her|their) (?:home|house|address|flat|place)|stays? at|thuis (?:op|aan|in))"
)
_HOME = re.compile(
    rf"(?<![^\W_]){_LIVES}(?P<home>[^\n.!?;]{{0,60}}?(?:{_STREET}{_NUMBER}|{_POSTCODE}(?:[ ]\d+)?"
    rf"|\d{{1,4}}[a-z]?,? (?:[A-Z][\w'-]+ ){{1,3}}(?:Street|Road|Lane|Avenue|Drive|Close|Square"
    rf"|Crescent|Way|Gardens|Terrace)|[A-Z][\w'-]{{3,}}[ ]\d{{1,4}}[a-z]?(?![\w:.])"
    r"|(?:nummer|number|nr\.?) \d{1,4}))",
    re.IGNORECASE,
)
_HOME_STREET = re.compile(
    rf"(?<![^\W_])(?:woont|wonen|woonde|woonachtig|woon ?adres|lives?|living|resides?|ingeschreven"
    rf"|logeert|verblijft)\b(?P<home>[^\n.!?;]{{0,40}}?(?:{_STREET}(?![^\W_])|[A-Z][\w-]+(?:buurt"
    r"|wijk|kwartier)))",
)
_HOME_VAGUE = re.compile(
    r"\b(?:woont|woonachtig|lives)\b[^\n.!?;]{0,30}?\b(?:boven|naast|tegenover|achter|above|next to"
    r"|behind|opposite|flat|hoog|verdieping)\b[^\n.!?;]{0,20}",
    re.IGNORECASE,
)
_FULL_POSTCODE = re.compile(
    rf"(?<![^\W_]){_POSTCODE}(?:[ ,]{{1,2}}|[ ]?-[ ]?)(?:nr\.?[ ]?)?\d{{1,4}}[a-z]?"
    r"(?![\w:.,]\d)(?![^\W_])"
)


def find(reading: Reading) -> Iterator[Mark]:
    """Return dates of birth and home addresses."""
    text = reading.text
    yield from _births(text)
    if not re.search(r"\d|woon|wonen|live|resid|verblijf|ingesch|logeert", text, re.IGNORECASE):
        return
    for found in _HOME.finditer(text):
        yield certain(Personal.ADDRESS, *_trimmed(text, *found.span("home")))
    for found in _HOME_STREET.finditer(text):
        yield doubtful(Personal.ADDRESS, *_trimmed(text, *found.span("home")))
    for found in _HOME_VAGUE.finditer(text):
        yield doubtful(Personal.ADDRESS, *found.span())
    for found in _FULL_POSTCODE.finditer(text):
        yield doubtful(Personal.ADDRESS, *found.span())


def _births(text: str) -> Iterator[Mark]:
    for found in _BORN_ON.finditer(text):
        yield certain(Personal.BIRTH, *found.span("date"))
    for found in _BORN_IN.finditer(text):
        yield doubtful(Personal.BIRTH, *found.span())
    for found in _ANY_DATE.finditer(text):
        before = text[max(0, found.start() - 40) : found.start()]
        long_ago = _LONG_AGO.search(found[0]) and not found[0].isdecimal()
        if long_ago and not _OTHER_DATE.search(before):
            yield doubtful(Personal.BIRTH, *found.span())


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not text[start].isalnum():
        start += 1
    return start, end
