"""Ethnicity, religion, health, orientation, politics, a past with the law: what is kept apart.

The law gives these more protection than other personal data (source: AVG 9 and 10).

Height, build, age, clothing and the language somebody spoke pass. A word for a people passes where
it belongs to a thing ("Zwitserse horloges", "Belgisch kenteken") or to a language ("sprak Pools").
All of it is doubtful: a moderator may need it, and has to say why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bridge.gate.finding import Mark, Personal, doubtful
from bridge.gate.lexicon import fold, pattern_of, words_for
from bridge.gate.reading import Reading

_PERSON: Final = pattern_of("persons")
_COLOURED = re.compile(
    r"(?<![^\W_])(?:donkere?|zwarte?|blanke?|witt?e?|bruine?|gekleurde?|bleek|bleke|black|white"
    r"|brown|dark|light|pale|colou?red|asian|mixed|tanned|olive|lichte?|gele|yellow|swarthy)[ -]"
    r"(?:(?:oude|jonge|grote|kleine|lange|slanke|dikke|young|tall|old|slim)[ ])?"
    rf"{_PERSON}(?![^\W_])",
    re.IGNORECASE,
)
_SKIN = re.compile(rf"(?<![^\W_]){pattern_of('skin')}(?![^\W_])", re.IGNORECASE)
_TINTED = re.compile(
    r" (?:achter|zij|voor|auto|zonne)?-?(?:ruit\w*|ramen|raam|glas|glazen|zonnebril\w*|bril\w*"
    r"|vizier"
    r"|windows?|glass\w*|visor|sunglasses|vitrine\w*|achterklep|lippen|wenkbrauw\w*|haar|haren)\b",
    re.IGNORECASE,
)
_TINTED_BEFORE = re.compile(
    r"\b(?:\w*ruit\w*|ramen|raam|glas|windows?|glass|vizier)[ ](?:(?:zijn|was|were|is)[ ])?"
    r"(?:donker )?$",
    re.IGNORECASE,
)
_COLOUR_ENDS = re.compile(
    r"(?:(?:is|was|waren|zijn|leek|were)[ ](?:een |allebei |beide |both )?(?:donker|zwart|blank"
    r"|black|white|bruin|brown)(?=[ ]*(?:[,.;!?]|$|\n|van huid)))"
    r"|(?:one|een|eentje|ander|andere|other|both|allebei)[ ](?:was[ ]|is[ ])?(?:white|black|wit"
    r"|zwart"
    r"|blank|donker|getint)(?=[ ]*(?:[,.;]|$))"
    r"|\b(?:(?:dader|verdachte|persoon|man|vrouw|jongen|meid|kerel|nr\.?|nummer|no\.?|eerste"
    r"|tweede|derde|suspect|offender)(?:[ ]?\d)?|\d)[ ]?[:=-]?[ ](?:is[ ]|was[ ])?"
    r"(?:blank|getint|licht ?getint)(?=[ ]*(?:[,.;/+]|$|\n|en\b|met\b|van\b|ca\b|\d))"
    r"|\bblanke?(?=,? (?:en )?(?:ca\.? |ongeveer |circa )?1[.,]\d\d\b)"
    r"|(?:^|[,;.])[ ]*(?:blank|blanke|getint)[ ]*(?:[,.;]|$)"
    r"|\b(?:fe)?males?,[ ](?:white|black|asian|brown)\b|\b(?:man|vrouw|dader(?:[ ]\d)?|mannen),[ ]"
    r"(?:blank|getint|zwart|donker getint)(?=[ ]*[,.;])",
    re.IGNORECASE | re.MULTILINE,
)
_THINGS: Final = re.compile(rf"[ -]{pattern_of('things')}(?![^\W_])", re.IGNORECASE)
_LANGUAGE_BEFORE = re.compile(
    r"(?:\b(?:sprak\w*|spreek\w*|spraken|praat\w*|gepraat|gesproken|sprekend\w*|riep\w*|schreeuw\w*"
    r"|taal|talen|vloeiend|gebroken|goed|slecht|vloekt\w*|antwoord\w*|telefoneer\w*|belde|zei iets"
    r"|speak\w*|spoke|spoken|speaks|talk\w*|shout\w*|language|fluent|broken|said something|yelled"
    r"|screamed|swore|perfect|accentloos|onderling|geen|no|soort|waarschijnlijk)\b[^.;\n]{0,40}"
    r"|\bin (?:het |'?t |gebroken |goed |perfect |broken |fluent )?"
    r"|[A-Za-z]+ (?:en|and|of|or|/) ?"
    r"(?:a little |a bit of |some |wat |een beetje |gebroken |broken )?)$",
    re.IGNORECASE,
)
_SPEECH_VERB = re.compile(
    r"\b(?:sprak\w*|spraken|spreken|spreek\w*|praat\w*|praten|gesproken|klap\w*|kout\w*|riep\w*|schreeuw\w*"
    r"|speak\w*"
    r"|spoke\w*|talk\w*|shout\w*|yell\w*|taal|talen|language|accent|tongval|dialect|verstond\w*"
    r"|versta\w*|understood|sprach\w*|sprech\w*|parl\w+|mowi\w*|konus\w*|vertaal\w*|translat\w*)\b",
    re.IGNORECASE,
)
_LANGUAGE_AFTER = re.compile(
    r"[ -]?(?:accent|tongval|dialect|spraak|sprekend\w*|sprak\w*|speaking|spoken|talig\w*"
    r"|gesproken|pratend\w*|spraken|spreekt)",
    re.IGNORECASE,
)
_COMES_FROM: Final = (
    r"(?:(?:kwam|kwamen|komt|komen|afkomstig|kom|came|comes|come|originally|man|men|mannen|vrouw"
    r"|vrouwen|lui|mensen|people|guys|jongens|bende|gang|geboren|oorspronkelijk|born) (?:uit|from"
    r"|in))"
)

_SET_APART: Final = tuple(
    (kind, re.compile(rf"(?<![^\W_]){pattern_of(use)}(?![^\W_])", re.IGNORECASE))
    for kind, use in (
        (Personal.ORIENTATION, "orientation"),
        (Personal.RECORD, "record"),
        (Personal.POLITICS, "politics"),
    )
)
_RELIGION = re.compile(rf"(?<![^\W_]){pattern_of('religion')}(?![^\W_])", re.IGNORECASE)
_RELIGIOUS_PLACE = re.compile(pattern_of("religious_places"), re.IGNORECASE)
_HEALTH = re.compile(rf"(?<![^\W_]){pattern_of('health')}(?![^\W_])", re.IGNORECASE)
_NO_HEALTH = re.compile(pattern_of("not_health"), re.IGNORECASE)
_PEOPLE = re.compile(rf"(?<![^\W_]){pattern_of('peoples')}(?![^\W_])", re.IGNORECASE)
_GROUP = re.compile(rf"(?<![^\W_]){pattern_of('groups')}(?![^\W_])", re.IGNORECASE)
_COUNTRY = re.compile(rf"\b{_COMES_FROM} {pattern_of('countries')}(?![^\W_])", re.IGNORECASE)
_A_PEOPLE = re.compile(pattern_of("peoples", "groups"))
_LANGUAGES: Final = words_for("languages")
_THINGS_TOO: Final = frozenset({"pool", "pole", "pools", "dane", "polish"})
"""A people only with a capital."""


def is_language(text: str, start: int, end: int) -> bool:
    """Whether a word is the language somebody spoke, and not a name ("spraken Frans")."""
    if fold(text[start:end]) not in _LANGUAGES:
        return False
    clause = re.split(r"[.;\n]", text[max(0, start - 60) : start])[-1]
    return (
        _SPEECH_VERB.search(clause) is not None
        or _LANGUAGE_AFTER.match(text[end : end + 40]) is not None
        or _THINGS.match(text, end) is not None
    )


def is_people(folded: str) -> bool:
    """Whether a word stands for a people: "marokkaanse"."""
    return _A_PEOPLE.fullmatch(folded) is not None


def find(reading: Reading) -> Iterator[Mark]:
    """Return ethnicity, religion and health; and words of other scripts, which nobody judged."""
    text = reading.text
    for pattern in (_COLOURED, _SKIN, _COLOUR_ENDS):
        for found in pattern.finditer(text):
            if _TINTED.match(text, found.end()) or _TINTED_BEFORE.search(
                text[max(0, found.start() - 40) : found.start()]
            ):
                continue
            yield doubtful(Personal.ETHNICITY, *found.span())
    yield from _peoples(text)
    places = [found.span() for found in _RELIGIOUS_PLACE.finditer(text)]
    for kind, pattern in _SET_APART:
        for found in pattern.finditer(text):
            yield doubtful(kind, *found.span())
    for found in _RELIGION.finditer(text):
        branded = found[0] == "Christian" and re.match(r"[ ][A-Z]", text[found.end() :])
        if not branded and not any(start <= found.start() < end for start, end in places):
            yield doubtful(Personal.RELIGION, *found.span())
    others = [found.span() for found in _NO_HEALTH.finditer(text)]
    for found in _HEALTH.finditer(text):
        if not any(start < found.end() and found.start() < end for start, end in others):
            yield doubtful(Personal.HEALTH, *found.span())
    for start, end in reading.foreign:
        yield doubtful(Personal.UNREADABLE, start, end)


def _peoples(text: str) -> Iterator[Mark]:
    for found in _GROUP.finditer(text):
        if found[0] not in _THINGS_TOO:
            yield doubtful(Personal.ETHNICITY, *found.span())
    for found in _COUNTRY.finditer(text):
        yield doubtful(Personal.ETHNICITY, *found.span())
    for found in _PEOPLE.finditer(text):
        if found[0] not in _THINGS_TOO and not _is_thing_or_language(text, found):
            yield doubtful(Personal.ETHNICITY, *found.span())


def _is_thing_or_language(text: str, found: re.Match[str]) -> bool:
    """Whether a word for a people says nothing of anybody's descent here."""
    after = text[found.end() : found.end() + 40]
    before = text[max(0, found.start() - 60) : found.start()]
    if re.match(rf"[ -](?:(?:\w+e|looking|ogende?) )?{_PERSON}(?![^\W_])", after, re.IGNORECASE):
        language = _LANGUAGE_AFTER.match(after)
        return language is not None
    if _THINGS.match(after) or _LANGUAGE_AFTER.match(after):
        return True
    if re.match(
        r"[ -]?(?:\w{2,14} )(?:goud|gouden|zilveren|horloge\w*|ketting\w*|kenteken)", after
    ):
        return True
    clause = re.split(r"[.;\n]", before)[-1]
    if _SPEECH_VERB.search(clause):
        return True
    if re.match(r"[ ,]{0,2}(?:en|and|of|or|,) ?\w+[ -]?(?:sprekend|speaking|sprak)", after):
        return True
    follows_speech = _SPEECH_VERB.search(re.split(r"[.;,\n]", after)[0]) is not None
    return bool(_LANGUAGE_BEFORE.search(clause) and fold(found[0]) in _LANGUAGES) or (
        follows_speech and fold(found[0]) in _LANGUAGES
    )
