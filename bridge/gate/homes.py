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
    r"(?:jan(?:uari|uary|uar|vier)?|feb(?:ruari|ruary|ruar)?|fevrier|mrt|maart|mar(?:ch|s|z)?"
    r"|maerz|apr(?:il)?|avril|mei|may|mai|jun[ie]?|juin|jul[iy]?|juillet|aug(?:ustus|ust)?|aout"
    r"|sept?(?:ember|embre)?|okt(?:ober)?|oct(?:ober|obre)?|nov(?:ember|embre)?"
    r"|de[cz](?:ember|embre)?|ocak|subat|mart|nisan|mayis|haziran|temmuz|agustos|eylul|ekim|kasim"
    r"|aralik|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|wrzesnia|pazdziernika"
    r"|listopada|grudnia)\.?"
)
_DATE: Final = (
    rf"(?:\d{{1,2}}(?:e|de|ste|st|nd|rd|th)?[ ]?(?:of |van )?{_MONTHS}[ ,.]{{0,2}}(?:19|20|')?\d\d"
    rf"|{_MONTHS}[ ]\d{{1,2}}(?:st|nd|rd|th)?[ ,]{{0,2}}(?:19|20)\d\d"
    r"|\d{1,2}[ ]?[-./ ][ ]?\d{1,2}[ ]?[-./ ][ ]?(?:19|20|')?\d\d"
    r"|(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}"
    r"|(?:19|20)\d{6}|\d{8}|\d{6})"
)
_BORN: Final = (
    r"(?:geboren|geboorte\w*|gebooren|geb\.?|geb\. ?dat\w*|g\.?b\.? ?datum|gebdat\w*|geb\.?datum"
    r"|dob|d\.o\.b\.?|born|birth(?:day|date)?|date of birth|verjaardag|verjaart|is jarig|jarig"
    r"|nee? le|date de naissance|geburts\w+|dogum\w*|dogdu|urodz\w+|ur\.|nascut\w*|nacid[oa]"
    r"|nato il|data urodzenia|mawlud|bday|b-day|levensjaar)"
)
_BORN_ON = re.compile(
    rf"(?<![^\W_]){_BORN}[^\w\n]{{0,4}}(?:(?:te|in|op|on|the|de|of|is|was|datum|"
    rf"[A-Z][\w-]+)[^\w\n]{{1,3}}){{0,4}}(?P<date>{_DATE})(?!\d)",
    re.IGNORECASE,
)
_BIRTHDAY = re.compile(
    rf"(?<![^\W_])(?:verjaart|(?:is )?jarig|birthday|verjaardag"
    rf"|geburtstag)[^\w\n]{{0,3}}(?:(?:op|is|on|the|am|de)[ ])"
    rf"{{0,2}}(?P<date>\d{{1,2}}(?:e|de|ste|st|nd|rd|th)?[ ](?:of |van )?{_MONTHS}"
    rf"|\d{{1,2}}[-/]\d{{1,2}})"
    rf"(?!\w)",
    re.IGNORECASE,
)
_DAY = re.compile(rf"\d{{1,2}}(?:e|de|st|nd|rd|th)?[ ](?:of )?{_MONTHS}(?!\w)", re.IGNORECASE)
_IS_OF = re.compile(
    r"\b(?:hij|zij|ze|ie|man|vrouw|jongen|meisje|dader|verdachte|klant|he|she)[ ](?:is|was)"
    r"(?: (?:dus|denk ik|volgens \w+ id))?[ ](?:van|from)[ ]$",
    re.IGNORECASE,
)
_BORN_BEHIND = re.compile(r" (?:is |was )?(?:geboren|born)\b", re.IGNORECASE)
_BORN_IN = re.compile(
    rf"(?<![^\W_]){_BORN}[^\w\n]{{0,4}}(?:(?:in|is|was|year|jaar|jaar:|van)[^\w\n]{{1,3}}){{0,2}}"
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
    r"(?:straat|straatje|laan|weg|plein|gracht|kade|dijk|singel|steeg|pad|hof|park|plantsoen|dreef"
    r"|markt|wal|ring|baan|hoven|erf|kamp|veld|horst|oord|brink|hoek|haven|burg|street|road|lane"
    r"|avenue|drive|close|square|crescent|way|gardens|terrace|strasse|gasse|platz|caddesi|sokak"
    r"|cad\.?|sok\.?|str\.?)"
)
_NUMBER: Final = (
    r"(?:[ ](?:nummer|nr\.?|no\.?|number)?[ ]?\d{1,4}[ ]?(?:bis|hs|[a-hA-H]|[IVX]{1,3}|-\d{1,3})?)"
)
_POSTCODE: Final = r"[1-9]\d{3}[ ]?(?!SA|SD|SS)[A-Z]{2}"
_LIVES: Final = (
    r"(?:woont|wonen|woonde|wonend|woonachtig|(?:woon|thuis|huis|prive|post|bezorg|aflever|lever"
    r"|factuur|verblijf|schuil) ?adres|(?:op|volgens) (?:de |zijn |het |z'n )?(?:factuur|bon|pakbon"
    r"|id|rijbewijs|formulier|contract|legitimatie|paspoort|pas)|wohnt|wohnhaft|habite|demeurant"
    r"|mieszka|oturuyor|ikamet|locuieste|vive en|abita|bor pa|zameldowan\w*|adres (?:van )?(?:de )?"
    r"(?:dader|man|vrouw|verdachte|jongen|eigenaar|medewerk\w+|haar|hem)|(?:zijn|haar|hun) (?:huis"
    r"|adres|woning|flat|appartement)|adres is|ingeschreven|gevestigd te|verblijft|verblijfadres"
    r"|logeert|slaapt|lives?|living|resides?|residing|resident|home is|home address"
    r"|(?:his|her|their) (?:home|house|address|flat|place)|stays? at|staying at|thuis (?:op|aan|in)"
    r"|(?:delivery|billing|shipping) address|huurt|kraakt|domicili\w+)"
)
_CUE = re.compile(rf"(?<![^\W_]){_LIVES}(?![^\W_])", re.IGNORECASE)
_HOME = re.compile(
    rf"{_STREET}{_NUMBER}(?![\d:])|{_POSTCODE}(?:[ ]\d+)?|(?:nummer|number|nr\.?) \d{{1,4}}"
    r"|(?<!\d)\d{1,4}[a-z]?,? (?:[a-z][\w'-]+ ){1,3}(?:street|road|lane|avenue|drive|close|square"
    r"|crescent|way|gardens|terrace|court|house|st|rd|ave)\b"
    r"|(?<!\d)\d{1,4}(?: bis)?,? (?:rue|avenue|boulevard|allee|chemin|place)\b",
    re.IGNORECASE,
)
_HOME_NAMED = re.compile(r"(?<![^\W_])[A-Z][\w'-]{3,}[ ]\d{1,4}[a-z]?(?![\w:.])")
_HOME_STREET = re.compile(
    rf"{_STREET}(?![^\W_])|[A-Za-z-]+[ ]?(?:buurt|wijk|kwartier|flat|hofje)(?![^\W_])",
    re.IGNORECASE,
)
_HOME_VAGUE = re.compile(
    r"\b(?:boven|naast|tegenover|achter|above|next to|behind|opposite|flat|hoog|verdieping)\b",
    re.IGNORECASE,
)
_LIVES_THERE = re.compile(r"woon|wonen|liv|resid|ingeschreven|logeert|verblijft", re.IGNORECASE)
_SENTENCE_END = re.compile(
    r"[\n!?;]|(?<!\bburg)(?<!\b[A-Za-z])(?<!\bst)(?<!\bpres)(?<!\bdr)\.(?= |$)", re.IGNORECASE
)
_REACH: Final = 70
"""Characters behind "woont" in which somebody's address stands."""
_FULL_POSTCODE = re.compile(
    rf"(?<![^\W_])(?:postcode|zip ?code)[^\w\n]{{0,3}}(?:(?:is|was"
    rf"|van)[ ])?(?:\w+[ ])?{_POSTCODE}(?![^\W_])"
    rf"|(?<![^\W_]){_POSTCODE}(?:[ ,]{{1,2}}|[ ]?-[ ]?)(?:nr\.?[ ]?)?\d{{1,4}}[a-z]?"
    r"(?![\w:.,]\d)(?![^\W_])"
)


def find(reading: Reading) -> Iterator[Mark]:
    """Return dates of birth and home addresses."""
    text = reading.text
    yield from _births(text)
    if not re.search(
        r"\d|woon|wonen|live|resid|verblijf|ingesch|logeert|wohn|habite", text, re.IGNORECASE
    ):
        return
    yield from _homes(text)
    for found in _FULL_POSTCODE.finditer(text):
        yield doubtful(Personal.ADDRESS, *found.span())


def _births(text: str) -> Iterator[Mark]:
    for found in _BORN_ON.finditer(text):
        yield certain(Personal.BIRTH, *found.span("date"))
    for found in _BIRTHDAY.finditer(text):
        yield certain(Personal.BIRTH, *found.span("date"))
    for found in _BORN_IN.finditer(text):
        # "geboren in 1994, op 3 februari": the day stands behind the year.
        day = _DAY.search(text, found.end(), found.end() + 25)
        yield (certain if day else doubtful)(Personal.BIRTH, found.start(), (day or found).end())
    for found in _ANY_DATE.finditer(text):
        before = text[max(0, found.start() - 40) : found.start()]
        long_ago = _LONG_AGO.search(found[0]) and not found[0].isdecimal()
        if not long_ago or _OTHER_DATE.search(before):
            continue
        behind = _BORN_BEHIND.match(text, found.end())
        level = certain if behind or _IS_OF.search(before) else doubtful
        yield level(Personal.BIRTH, *found.span())


def _homes(text: str) -> Iterator[Mark]:
    for found in _LIVES_BEHIND.finditer(text):
        level = certain if found["house"] else doubtful
        yield level(Personal.ADDRESS, *found.span("where"))
    at = 0
    while (cue := _CUE.search(text, at)) is not None:
        begin = cue.end()
        stop = _SENTENCE_END.search(text, begin, begin + _REACH)
        at = end = stop.start() if stop else min(len(text), begin + _REACH)
        there = _HOME.search(text, begin, end) or _HOME_NAMED.search(text, begin, end)
        lives = _LIVES_THERE.match(cue[0]) is not None
        if there is not None:
            yield certain(Personal.ADDRESS, *_trimmed(text, begin, there.end()))
        elif lives and (there := _HOME_STREET.search(text, begin, end)) is not None:
            yield doubtful(Personal.ADDRESS, *_trimmed(text, begin, there.end()))
        elif lives and _HOME_VAGUE.search(text, begin, end):
            yield doubtful(Personal.ADDRESS, cue.start(), end)
        at = max(at, cue.end())


_LIVES_BEHIND = re.compile(
    r"(?<![^\W_])(?:in|op|aan)[ ](?:de[ ]|het[ ])?(?P<where>[A-Z][\w'-]*(?:[ ][A-Z][\w'-]*){0,2}"
    r"(?P<house>[ ]\d{1,4}[a-z]?)?)(?:[ ](?:in|te)[ ][A-Z][\w-]+)?[ ](?:wonen|woont|woonachtig"
    r"|woonde)\b"
)
"""Where Dutch has the verb last: "zou in de Vogelbuurt wonen"."""


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not text[start].isalnum():
        start += 1
    return start, end
