"""Who stands behind what only a person has: a profession, an initial, somebody pointing at him.

::

    "ingenieur Bramhorst"               ─▶ a capital behind a profession
    "door p kuipers", "naam: k de boer" ─▶ a family's name behind an initial in small letters
    "ik herken die Dijkgraaf van …"     ─▶ a capital behind "die", where somebody is recognised

A family's name may be an everyday word, and often is: here its place says that it is a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bridge.gate.dictionary import is_written_small, resembles_a_word
from bridge.gate.finding import Mark, Personal, certain, doubtful
from bridge.gate.lexicon import is_surname, is_town, is_usual_name, pattern_of, words_for
from bridge.gate.single import LETTERS_FOR_WORDS, is_acronym
from bridge.gate.streets import OF_FAMILIES_TOO, SHOPS
from bridge.gate.words import Word

_PARTICLES: Final = (
    r"(?:(?:van der|van den|van de|van 't|van|vd|v/d|de|den|der|ter|ten|el|al|ben)[ ])"
)
_PROFESSION = re.compile(
    rf"(?<![^\W_-]){pattern_of('professions')}[ ]+(?P<name>{_PARTICLES}?(?-i:[A-Z])[a-z]\w+)"
    r"(?![^\W_])(?![ ]?&)",
    re.IGNORECASE,
)
_A_TRADE = re.compile(r"(?:[^aeiou]er|aar|ier|man|mans|graaf|smid|boer|knecht|sma|stra|ink|kamp)$")
"""What families are called after: behind another trade it is a name."""
_OFTEN_A_FIRM = re.compile(rf"(?:{pattern_of('crafts')})(?![^\W_])", re.IGNORECASE)
"""Trades that come as a firm as often: "glaszetter Midglas"."""
_BY: Final = (
    r"(?:door|aan|namens|volgens|naam|namen|tnv|t\.n\.v\.?|getekend|ondertekend|heer|mevrouw|dhr\.?"
    r"|mevr\.?|mw\.?|fam\.?|familie|collega|klant|agent|by|signed|mister|mr\.?|mrs\.?|customer"
    r"|rekeninghouder|kaarthouder|pashouder|huurder|koper|verkoper|afzender|ontvanger"
    r"|geadresseerde|contactpersoon|verdachte|eigenaar|bestuurder|met|van|is|was|from|heet|zijnde)"
)
_INITIAL = re.compile(
    rf"(?<![^\W_.])(?<!')(?:(?P<by>{_BY})(?:[ ](?:op naam van|van|is|de heer))?[ ]?[:=]?[ ])?"
    r"(?P<whole>(?P<initials>[a-z](?:[. ]{1,2}[a-z]){0,2})\.?[ ]"
    rf"(?P<particles>{_PARTICLES})?(?P<name>[a-z]{{4,20}}))(?![^\W_])"
)
_SIGNED = re.compile(
    r"(?:naam|tnv|t\.n\.v|getekend|ondertekend|heer|mevr|dhr|mw|fam|signed|mister|mrs?\b|\w+houder"
    r"|namens|afzender|ontvanger|geadresseerde|contactpersoon|huurder|koper|verkoper|door|by)"
)
"""Behind these an initial is one, whatever word the name resembles."""
_TITLED = re.compile(r"(?:heer|mevr|dhr|mw|fam|mister|mrs?\b|tnv|t\.n\.v)")
_ENGLISH: Final = frozenset({"by", "from", "signed", "customer", "is", "was"})
_AMOUNT = re.compile(r"\d[ ]?$")
_NEVER: Final = frozenset("tn")
"""For "het" and "een", before any word."""
_POINTED_AT = re.compile(
    r"\b(?:herken\w*|ken|kent|kende|kennen|zag|weer|recogni\w+|know|knew)[ ](?:\w+[ ]){0,2}?"
    r"(?:die|dat|that)[ ](?P<name>(?P<family>[A-Z][a-z]{3,20}))"
    r"[ ](?:van|uit|from)[ ](?:de|het|'?t|hier\w*|the|next)\b"
)


def find(text: str, words: Sequence[Word], at: Mapping[int, int]) -> Iterator[Mark]:
    """Return who is introduced so.

    Args:
        at: the index in ``words`` of the word that begins at an offset of the text.
    """
    if not (words and words[0].at_home):
        return

    def word_at(start: int) -> Word | None:
        return words[at[start]] if start in at else None

    for found in _PROFESSION.finditer(text):
        word = word_at(found.end() - len(found["name"].split()[-1]))
        if word is not None and _may_be_somebody(word) and not _is_a_field(word):
            known = word.family or word.given or word.rare
            firm = not known and _OFTEN_A_FIRM.match(found[0]) is not None
            level = certain if _is_sure_behind_a_trade(word) and not firm else doubtful
            yield level(Personal.NAME, *found.span("name"))
    for pattern, is_one in _PLACES:
        for found in pattern.finditer(text):
            word = word_at(found.start("family"))
            if word is not None and is_one(word):
                yield certain(Personal.NAME, *found.span("name"))
    for found in _OWNED_BY.finditer(text):
        pair = word_at(found.start("one")), word_at(found.start("other"))
        if not any(word is None or _is_no_name(word) for word in pair):
            yield certain(Personal.NAME, found.start("one"), found.end("other"))
    for found in _INITIAL.finditer(text):
        word = word_at(found.start("name"))
        if word is not None and _is_family_behind(text, found, word):
            yield certain(Personal.NAME, *found.span("whole"))


def _is_sure_behind_a_trade(word: Word) -> bool:
    """Whether a word with a capital behind a profession is a name: "ingenieur Bramhorst"."""
    sure = word.family or word.given or word.rare or not is_written_small(word.folded)
    return sure or _A_TRADE.search(word.folded) is not None


def _may_be_somebody(word: Word) -> bool:
    """Whether a word with a capital behind a profession is no firm, town or day."""
    if word.brand or word.folded in SHOPS or word.folded in _CALENDAR or is_acronym(word):
        return False
    if word.masked:
        return word.folded.endswith(OF_FAMILIES_TOO) and not is_town(word.folded)
    return word.family or word.given or not word.common


def _is_a_field(word: Word) -> bool:
    """Whether a word tells what somebody is expert in: "inspecteur Verzekeringen"."""
    field = word.folded.endswith(("en", "ing", "heid", "sign", "kt", "tie"))
    return field and is_written_small(word.folded) and not (word.family or word.given)


def _is_a_stranger(word: Word) -> bool:
    return _may_be_somebody(word) and not word.ordinary


def _is_given(word: Word) -> bool:
    return word.given and not (word.common or word.masked or word.brand or is_town(word.folded))


def _is_no_firm(word: Word) -> bool:
    return not (word.brand or is_acronym(word))


_TITLED_FAMILY = re.compile(
    r"(?<![^\W_])(?:dhr\.?|de heer|heer|mevr\.?|mevrouw|mw\.?|mvr\.?|meneer|mijnheer|fam\.?|familie"
    r"|agent|rechercheur|inspecteur)[ ]+(?P<name>[Vv]an (?:de |den |der |het |'t )?"
    r"(?P<family>(?-i:[A-Z])[a-z]{3,20}))(?![^\W_])",
    re.IGNORECASE,
)
"""A family that is called after a town: "dhr. Van Everdingen"."""
_TITLED_AS_A_STREET = re.compile(
    r"(?<![^\W_])(?:dhr\.?|de heer|heer|mevr\.?|mevrouw|mw\.?|mvr\.?|meneer|mijnheer|fam\.?|familie"
    rf"|agent|collega)[ ]+"
    rf"(?P<name>(?P<family>(?-i:[A-Z])[a-z]{{2,20}}(?:{'|'.join(OF_FAMILIES_TOO)})))(?![^\W_])",
    re.IGNORECASE,
)
"""A family whose name ends as a street does: "meneer Zoutendijk"."""
_SPOKEN_TO = re.compile(
    r"\b(?:riep\w*|roept|roepen|schreeuwde\w*|schreeuwt|zei|gilde\w*|appte|belde) naar"
    r" (?P<name>(?P<family>[A-Z][a-z]{1,15}))(?![^\W_])"
)
_BESIDE_A_ROLE = re.compile(
    rf"(?<![^\W_])(?:onze|ons|mijn|m'?n|mn|our|my|zijn|haar)[ ](?:\w+[ ])?"
    rf"(?:{pattern_of('roles')}|{pattern_of('kin')}), ?"
    r"(?P<name>(?P<family>(?-i:[A-Z])[a-z]{2,15}))(?=,| (?:is|was|heeft|had|zag|stond)\b)",
    re.IGNORECASE,
)
"""Between commas, behind who it is: "onze goudsmid, Wiebren, was er"."""
_CALLED_IN_SMALL = re.compile(
    r"\b(?:genaamd|geheten|heet(?:te)?|ene|zekere|herkend als|naam van|naam is|naam was|called"
    r"|named)[ ](?P<name>[a-z]{2,12}[ ](?:van |de |van de |van der )?"
    r"(?P<family>[a-z]{4,20}))(?![^\W_])"
)
"""A given name that is a word, too: "genaamd peer janssens"."""


def _is_plainly_a_family(word: Word) -> bool:
    """Whether a small word is a family's name that is met often, and no word."""
    named = is_surname(word.folded) and is_usual_name(word.folded)
    return named and not (word.common or word.ordinary or word.masked)


_PLACES: Final = (
    (_POINTED_AT, _may_be_somebody),
    (_TITLED_FAMILY, _is_no_firm),
    (_TITLED_AS_A_STREET, _is_no_firm),
    (_SPOKEN_TO, _is_given),
    (_BESIDE_A_ROLE, _is_a_stranger),
    (_CALLED_IN_SMALL, _is_plainly_a_family),
)
"""Where a family's name stands, and what it has to be there."""
_OWNED_BY = re.compile(
    r"\b(?:van|belong to|belongs to|belonged to|eigendom van)[ ](?P<one>[A-Z][a-z]{2,20})[ ]"
    rf"{_PARTICLES}?(?P<other>[A-Z][a-z]{{2,20}})"
    r"(?=[ ](?:te (?:zijn|wezen|heten|komen)|is|was|blijkt|bleek|geweest|gestolen)\b|[,.;]|$)"
)
"""Whose something is: "bleek van Elain Bramhorst te zijn"."""


def _is_no_name(word: Word) -> bool:
    """Whether a word with a capital is a brand, a place or a word of a dictionary."""
    return (
        word.masked
        or word.brand
        or word.common
        or (is_written_small(word.folded) and not (word.given or word.family))
    )


def _is_family_behind(text: str, found: re.Match[str], word: Word) -> bool:
    """Whether a small word behind small initials is a family's name."""
    initials = re.sub(r"[^a-z]", "", found["initials"])
    if word.brand and (word.masked or not word.family):
        return False
    if (
        initials in _SHORT_FOR
        or initials[-1] in _NEVER
        or _AMOUNT.search(text[max(0, found.start() - 2) : found.start()])
    ):
        return False
    signed = found["by"] is not None and _SIGNED.match(found["by"]) is not None
    signed = signed or (len(initials) > 1 and "." in found["initials"])
    signed = signed or (found["by"] is not None and found["particles"] is not None)
    if initials == "a" and found["by"] in _ENGLISH and "." not in found["initials"]:
        return False  # "by a slinger"
    sure = found["by"] is not None or len(initials) > 1 or found["particles"] is not None
    if len(initials) == 1 and found["particles"] is None and found["by"] in ("is", "was", "van"):
        sure = False
    listed = is_surname(word.folded)
    if listed and is_usual_name(word.folded) and not (word.common or word.ordinary):
        return sure or initials[0] not in LETTERS_FOR_WORDS
    if listed and sure:
        return not (word.common or word.ordinary) or (
            is_usual_name(word.folded) and initials[0] not in _LEFT_OUT[found["particles"] is None]
        )
    house = word.masked and not word.brand and word.folded.endswith(OF_FAMILIES_TOO)
    if word.common or (word.masked and not (house and signed)) or not sure:
        return False
    if signed:
        titled = _TITLED.match(found["by"] or "") is not None
        return titled or not is_written_small(word.folded)
    plain = word.ordinary or resembles_a_word(word.folded) or initials[0] in LETTERS_FOR_WORDS
    return not plain


_LEFT_OUT: Final = {True: LETTERS_FOR_WORDS, False: frozenset("utneoa")}
_SHORT_FOR: Final = words_for("short_for")
_CALENDAR: Final = words_for("calendar")
