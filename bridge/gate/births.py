"""Dates of birth.

A date is one of birth when its text says so; a full date of decades ago is doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bridge.gate.finding import Mark, Personal, certain, doubtful

_MONTHS: Final = (
    r"(?:jan(?:uari|uary|uar|vier)?|feb(?:ruari|ruary|ruar)?|fevrier|mrt|maart|mar(?:ch|s|z)?"
    r"|maerz|apr(?:il)?|avril|mei|may|mai|jun[ie]?|juin|jul[iy]?|juillet|aug(?:ustus|ust)?|aout"
    r"|sept?(?:ember|embre)?|okt(?:ober)?|oct(?:ober|obre)?|nov(?:ember|embre)?"
    r"|de[cz](?:ember|embre)?|ocak|subat|mart|nisan|mayis|haziran|temmuz|agustos|eylul|ekim|kasim"
    r"|aralik|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|wrzesnia|pazdziernika"
    r"|listopada|grudnia|enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre"
    r"|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|janeiro"
    r"|fevereiro|marco|maio|junho|julho|setembro|outubro|novembro|dezembro|ianuarie|februarie"
    r"|martie"
    r"|aprilie|iunie|iulie|septembrie|octombrie|noiembrie|decembrie|yanuari|aprel|yuni|yuli"
    r"|ougustus)\.?"
)
_DATE: Final = (
    rf"(?:\d{{1,2}}(?:e|de|ste|st|nd|rd|th|[.])?[ ]?(?:of |van |de |di )?{_MONTHS}"
    r"(?:[ ,.]{0,2}|[ ](?:de|di|del)[ ])(?:19|20|')?\d\d"
    rf"|{_MONTHS}[ ]\d{{1,2}}(?:st|nd|rd|th)?[ ,]{{0,2}}(?:19|20)\d\d"
    rf"|\d{{1,2}}[ ]?[-./][ ]?{_MONTHS}[ ]?[-./][ ]?(?:19|20|')?\d\d"
    r"|\d{1,2}[ ]?[-./ ][ ]?\d{1,2}[ ]?[-./ ][ ]?(?:19|20|')?\d\d"
    r"|(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}"
    r"|(?:19|20)\d{6}|\d{8}|\d{6})"
)
# Words by which a text says that a date is one of birth, the surest first.
_DATE_OF_BIRTH: Final = (
    r"(?:geboorteda\w+|geb\.? ?dat\w*|date of birth|dob|geburtsdatum|data urodzenia|dogum tarihi"
    r"|date de naissance|fecha de nacimiento|data nasterii|data di nascita|data de nascimento)"
)
"""They mean nothing else, so that much may stand between them and the date."""
_WAS_BORN: Final = rf"(?:{_DATE_OF_BIRTH}|geboren|geb\.?|born)"
"""They mean other things too: what stands between them and the date has no digits."""
_BORN: Final = (
    rf"(?:{_WAS_BORN}|geboorte\w*|gebooren|g\.?b\.? ?datum|gebdat\w*"
    r"|d\.o\.b\.?|birth(?:day|date)?|verjaardag|verjaart|is jarig|jarig"
    r"|nee? le|ne\(e\) le|geburts?tag\w*|leeftijd|age|fecha de nac\w+|data (?:de )?na\w+"
    r"|nato a|nata (?:il|a)|dogumlu|uro?dz\w*|rodzon\w*|geboortejaar|gb"
    r"|geburts\w+|dogum\w*|dogdu|urodz\w+|ur\.|nascut\w*|nacid[oa]"
    r"|nato il|mawlud|nascid[oa]|nasa|roden[ai]?|mzyoud\w*|mzad"
    r"|l\w*izdiyad|bday|b-day|levensjaar|°)"
)
"""Right before a date they make it one of birth; of themselves they tell of an age, or a place."""
_BORN_ON = re.compile(
    rf"(?<![^\W_]){_BORN}[^\w\n]{{0,4}}(?:(?:te|in|op|on|the|de|of|is|was|datum|am|le|il|w|dnia"
    rf"|dus|tarihi|van|zijn|haar|date|"
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
_BORN_BEHIND = re.compile(
    r" (?:is |was )?(?:geboren|born)\b"
    r"|[^\w\n]{1,3}(?:(?:als|as|is|was|zijn|z'n|zn|haar|his|her|de|the|opgegeven|als de)[ ]){0,3}"
    r"(?:geboorte\w*|geb\.? ?dat\w*|date of birth|dob\b|birth ?da(?:te|y)|geburtsdatum)",
    re.IGNORECASE,
)
_TOLD_OF = re.compile(
    rf"(?<![^\W_]){_DATE_OF_BIRTH}(?![^\W_])[^\n.;]{{0,60}}?(?<!\d)(?P<date>{_DATE})(?!\d)",
    re.IGNORECASE,
)
"""With words between: "geboortedatum van die man die de ring bracht is ..."."""
_IDENTITY = re.compile(
    r"\b(?:rijbewijs|paspoort|passport|id[ -]?(?:kaart|card|bewijs)|identiteits\w+|legitimatie"
    r"|driving licen[cs]e|verblijfs\w+|ausweis|kimlik)\b[^\n.;]{0,45}$",
    re.IGNORECASE,
)
_OF_ITS_ISSUE = re.compile(
    r"verl(?:oopt|open|iep)|geldig|afgegeven|afgifte|expir|valid|issued|vals sinds", re.IGNORECASE
)
_TWO_DIGITS = re.compile(r"\d{1,2}[ ./-]\d{1,2}[ ./-](?:[3-9]\d|0\d)")
"""A day with a year of two digits, long enough ago to be somebody's."""
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

_TENS_SAID: Final = (
    r"(?:twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig|negentig|twenty|thirty|forty|fifty"
    r"|sixty|seventy|eighty|ninety|zwanzig|dreissig|vierzig|funfzig|sechzig|siebzig|achtzig"
    r"|neunzig)"
)
_SAID = re.compile(
    rf"(?<![^\W_]){_BORN}[^\n.;]{{0,60}}?(?P<date>(?:\w+[ ]){{0,3}}{_MONTHS}[ ](?:in[ ])?"
    rf"(?:19[3-9]\d|20[01]\d"
    rf"|(?:negentien|tweeduizend|nineteen|two thousand|neunzehn|zweitausend|\w*{_TENS_SAID})\w*)"
    rf"(?:[ -](?:honderd|en|and|\w*{_TENS_SAID}|\w+teen|een|twee|drie|vier|vijf|zes|zeven|acht"
    r"|negen|one|two|three|four|five|six|seven|eight|nine))*)(?!\w)",
    re.IGNORECASE,
)
"""A date of birth in words: "geboren op zeven mei negentienhonderdzesentachtig"."""

_SPACED = re.compile(
    rf"(?<![^\W_]){_WAS_BORN}(?![^\W_])[^\d;.]{{0,60}}?"
    r"(?P<date>\d(?:[ ]{0,2}[./-]?[ ]{0,2}\d){5,7})(?![\d/-])",
    re.IGNORECASE,
)
"""Digit by digit, or on the next line."""
_BORN_NEAR = re.compile(
    r"\b(?:geboren|born|geboorte\w*|nacid[oa]|urodz\w+|dogumlu)\b", re.IGNORECASE
)
_OF_AN_AGE = re.compile(r"\b(?:is|was|zou|komt|from|ist) (?:\w+ )?(?:van|uit|from|zijn van|vom) $")
_SOMEBODY = re.compile(
    r"\b(?:gast|verkoper|verkoopster|man|vrouw|klant|jongen|jongeman|meisje|dader|verdachte|koerier"
    r"|chauffeur|bestuurder|eigenaar|kerel|vent|hij|zij|ze|ie|die|knul|type|guy|suspect|seller|he"
    r"|she|customer|driver|woman|girl|boy|lad|collega|stagiaire?|buurman|aangehouden\w*)\b",
    re.IGNORECASE,
)


def _of_somebody(text: str, start: int, end: int) -> bool:
    """Whether a date of long ago is told of somebody: "die gast is van 23 nov 2004"."""
    if _BORN_NEAR.search(text, max(0, start - 60), end + 60):
        return True
    before = text[max(0, start - 60) : start]
    if _OF_AN_AGE.search(before) is None:
        return False
    return _SOMEBODY.search(before) is not None or _SOMEBODY.search(text, end, end + 20) is not None


def find(text: str) -> Iterator[Mark]:
    """Return dates of birth."""
    for found in _BORN_ON.finditer(text):
        yield certain(Personal.BIRTH, *found.span("date"))
    said = (
        *_SPACED.finditer(text),
        *_BIRTHDAY.finditer(text),
        *_SAID.finditer(text),
        *_TOLD_OF.finditer(text),
    )
    for found in said:
        yield certain(Personal.BIRTH, *found.span("date"))
    for found in _BORN_IN.finditer(text):
        # "geboren in 1994, op 3 februari": the day stands behind the year.
        day = _DAY.search(text, found.end(), found.end() + 25)
        yield (certain if day else doubtful)(Personal.BIRTH, found.start(), (day or found).end())
    for found in _ANY_DATE.finditer(text):
        before = text[max(0, found.start() - 60) : found.start()]
        behind = _BORN_BEHIND.match(text, found.end())
        long_ago = _LONG_AGO.search(found[0]) and not found[0].isdecimal()
        identity = _IDENTITY.search(before)
        shown = identity is not None and not _OF_ITS_ISSUE.search(before[identity.start() :])
        if shown and (long_ago or _TWO_DIGITS.fullmatch(found[0])):
            yield certain(Personal.BIRTH, *found.span())
            continue
        if not behind and (not long_ago or _OTHER_DATE.search(before[-40:])):
            continue
        sure = behind or _IS_OF.search(before) or _of_somebody(text, *found.span())
        level = certain if sure else doubtful
        yield level(Personal.BIRTH, *found.span())
