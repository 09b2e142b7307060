"""A word that its own sentence calls perhaps a name: "op zijn pet stond NOA, merk of naam".

Nobody's name may be published, and here not even who saw it knows whether it is one: doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bridge.gate.finding import Mark, Personal, doubtful
from bridge.gate.lexicon import fold, is_ordinary, is_usual_name

_NAME: Final = r"(?:naam|voornaam|bijnaam|name|meisjesnaam|jongensnaam)"
_SAYS_SO = re.compile(
    rf"\b(?:of (?:dat |het |is het )?(?:echt )?(?:z'?n|zijn|haar|d'?r|een|'?n|hun|iemands) {_NAME}"
    rf"|(?:merk|woord|codewoord|sein|commando|kleur|bloem|collectie|steen|model|plaats|stad"
    rf"|roepnaam) of"
    rf" (?:een |'?n )?(?:{_NAME}|meisje|jongen|vrouw|man|iemand|persoon)|{_NAME} of (?:een "
    rf"|gewoon |'?n )?(?:gewoon|engel|sein|woord|code\w*|commando|merk|kreet)"
    rf"|(?:kan|zou|mogelijk|misschien|wellicht) (?:ook )?(?:een |'?n |zijn |haar )?{_NAME}\b"
    r"|of (?:dat )?(?:een )?(?:iemand|persoon) is|of hoe (?:hij|zij|ze|ie|die) heet\w*"
    rf"|(?:could|may|might) (?:also )?be (?:a |his |her |the )?(?:{_NAME}|brand|him\b|her\b)"
    r"|could have been [\"']|name or (?:a |an |just )?(?:brand|code\w*|order|command|word"
    r"|make)\b|kan ook (?:de |een )?(?:collectie|steen|merk)"
    r"|vielleicht (?:ein|sein|ihr) name|peut-etre (?:un|son) (?:nom|prenom))\b",
    re.IGNORECASE,
)
_ALIKE = re.compile(
    r"\b(?:stift|pen|geschreven|gegraveerd|geborduurd|klonk|hoorde\w*|verstond\w*|letters"
    r"|lees\w*|las"
    r"|stond|staat|tatoeage|tattoo|sounded|heard|shouted)\b[^.\n]{0,30}?"
    r"(?P<name>(?P<first>[a-z])\w{1,9})[\"']?"
    r" (?:of|or|dan wel) [\"']?(?P<other>(?P=first)\w{1,9})\b",
    re.IGNORECASE,
)
"""One of two words that sound the same: "met stift sam of som"."""
_WORN = re.compile(
    r"\b(?:something like|klonk als|iets (?:van|als)|in letters|letters|stond|staat|geborduurd"
    r"|tatoeage"
    r"|riep\w*|geroepen|said|says|reads)\b[^\w\n]{0,3}(?:(?:alleen|er|met|in|stift|erop"
    r"|mogelijk)[ ]){0,2}"
    r"[\"']?(?P<name>[^\W\d_]{3,12})",
    re.IGNORECASE,
)
"""What was read or heard, when the text doubts it."""


def find(text: str) -> Iterator[Mark]:
    """Return what a text itself is not sure of."""
    for found in _ALIKE.finditer(text):
        one, other = fold(found["name"]), fold(found["other"])
        if (
            is_ordinary(one)
            and is_ordinary(other)
            and not (is_usual_name(one) or is_usual_name(other))
        ):
            continue  # "goud of geel"
        yield doubtful(Personal.NAME, *found.span("name"))
    doubt = _SAYS_SO.search(text)
    if doubt is None:
        return
    read = next((one for one in _WORN.finditer(text) if one.start() < doubt.start()), None)
    yield doubtful(Personal.NAME, *(read.span("name") if read else doubt.span()))
