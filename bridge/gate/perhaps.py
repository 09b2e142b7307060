"""A word that its own sentence calls perhaps a name: "op zijn pet stond NOA, merk of naam".

::

    what the text doubts   "merk of naam"                 ─▶ the word that was read or heard
    what somebody read     "gegraveerd: Lotte"            ─▶ a name, be it a word or a brand, too
    what somebody heard    "iemand riep roos, toen ..."   ─▶ the same

Nobody's name may be published, and here not even who saw it knows whether it is one: doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from bridge.gate.finding import Mark, Personal, doubtful
from bridge.gate.lexicon import fold, is_ordinary, is_usual_name, pattern_of, words_for
from bridge.gate.words import Word

_NAME: Final = r"(?:naam|voornaam|bijnaam|name|meisjesnaam|jongensnaam)"
_SAYS_SO = re.compile(
    rf"\b(?:of (?:dat |het |is het )?(?:echt )?(?:z'?n|zijn|haar|d'?r|een|'?n|hun|iemands) {_NAME}"
    rf"|(?:merk|woord|codewoord|sein|commando|kleur|bloem|collectie|steen|model|plaats|stad"
    rf"|roepnaam) of"
    rf" (?:een |'?n )?(?:{_NAME}|meisje|jongen|vrouw|man|iemand|persoon|kind)"
    rf"|{_NAME} of (?:een |gewoon |'?n )?"
    rf"(?:gewoon|engel|sein|woord|code\w*|commando|merk|kreet|plaats)"
    rf"|(?:kan|zou|mogelijk|misschien|wellicht) (?:ook )?(?:een |'?n |zijn |haar )?{_NAME}\b"
    r"|of (?:dat )?(?:een )?(?:iemand|persoon) is|hoe (?:hij|zij|ze|ie|die) heet\w*"
    r"|of (?:een )?(?:meisje|jongen|iemand|persoon)\b|what (?:he|she) is called|his name or"
    r"|(?:bedrijf\w*|merk|winkel) of (?:een )?persoon|persoon of (?:een |'?n )?\w+"
    r"|(?:person|somebody|someone) or (?:a |an |the )?\w+|persoon, of"
    r"|(?:could|may|might) (?:also )?be (?:a |some |the )?(?:girl|boy|person|somebody|someone)"
    r"|kan (?:ook )?(?:een )?(?:meisje|jongen|persoon|iemand|vrouw|man) zijn"
    rf"|(?:could|may|might) (?:also )?be (?:a |his |her |the )?(?:{_NAME}|brand|him\b|her\b)"
    r"|could have been [\"']|name or (?:a |an |just )?(?:brand|code\w*|order|command|word"
    r"|make)\b|kan ook (?:de |een |iets )?(?:collectie|steen|merk|anders)"
    r"|vielleicht (?:ein|sein|ihr) name|(?:peut-etre|marque ou) (?:un |son )?(?:nom|prenom))\b",
    re.IGNORECASE,
)
_ALIKE = re.compile(
    r"\b(?:stift|pen|geschreven|gegraveerd|geborduurd|klonk|hoorde\w*|verstond\w*|letters"
    r"|lees\w*|las|riep\w*|roepen"
    r"|stond|staat|tatoeage|tattoo|sounded|heard|shouted)\b[^.\n]{0,30}?"
    r"\b(?P<name>(?P<first>[a-z])\w{1,9})[\"']?"
    r" (?:of|or|dan wel) [\"']?(?P<other>(?P=first)\w{1,9})\b",
    re.IGNORECASE,
)
"""One of two words that sound the same: "met stift sam of som"."""
_OR_SO = re.compile(
    r"\b(?:klonk|hoorde\w*|verstond\w*|roepen|riep\w*|roept|geroepen|sounded|heard|shouted|yelled"
    r"|zoiets als|iets als|iets van)\b[^.\n]{0,30}?\b(?P<name>[a-z]\w{1,9})[\"']? (?:of|or)"
    r" [\"']?(?P<other>[a-z]\w{1,9})\b[\"']?"
    r"(?:,? (?:ofzo|of zo|oid|o\.i\.d|or so|zoiets)\b|[.,]|$)",
    re.IGNORECASE,
)
"""One of two words of which one is somebody's name: "iets van sem of zem ofzo"."""
_WORN = re.compile(
    r"\b(?:something like|klonk als|iets (?:van|als)|in letters|letters|stond|staat|geborduurd"
    r"|tatoeage"
    r"|riep\w*|geroepen|said|says|reads)\b[^\w\n]{0,3}(?:(?:alleen|er|met|in|stift|erop"
    r"|mogelijk)[ ]){0,2}"
    r"[\"']?(?P<name>[^\W\d_]{3,12})",
    re.IGNORECASE,
)
"""What was read or heard, when the text doubts it."""
_READ = re.compile(rf"(?<![^\W_]){pattern_of('read')}(?![^\W_])", re.IGNORECASE)
_HEARD = re.compile(
    rf"(?<![^\W_]){pattern_of('heard')}(?![^\W_])[ ]*:?[ ]*(?:{pattern_of('heard_as')}[ ]+){{0,4}}"
    r"(?:(?:een|an?|ene)[ ]+(?=[\"'(]|(?-i:[A-Z])))?"
    r"(?P<quote>[\"'])?(?P<name>[^\W\d_]{2,14})(?:[!?.]{0,3}(?P=quote))?",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"[\"']?(?:[ ]*(?:[,.;!?)]|\n|$)|[ ](?:of|or|oder|ou|maar|but|before|when|while"
    r"|voor(?:dat)?|terwijl|waarna|toen|tegen|naar|door|en toen"
    r"|en de|misschien|denk|denk ik|ofzo|oid|op (?:het|de|een)|in)\b)"
)
"""Behind a word by itself: not "riep mark de vitrine af"."""
_POINTED = re.compile(
    r"(?:[\"':]|\b(?:alleen|only|just|met|stond|staat|says|reads|saying|opschrift|naam|tekst|woord|voor|for|aan|to|only|enkel|spell"
    r"|steht|stand|ecrit|escrito|scritto|napis|scris))[ ]*[\"']?$",
    re.IGNORECASE,
)
"""In front of a name in small letters on something that was read."""
_GOES_ON = re.compile(r" (?:& )?[A-Z]")
_WRITTEN = re.compile(r"[\"']?[ ](?:was|is|stond|staat)[ ]\w+")
_CALLED_OUT = re.compile(
    r"[\"'](?:(?:kom|ren\w*|snel\w*|hey|he|yo|pak|stop|weg|kijk|hup|ga|nu|wacht|go|run|come on"
    r"|hurry|wait|look|nou|mee|op)\W+){1,3}(?P<name>[^\W\d_]{2,12})\W{0,2}[\"']",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:gemeld|gezien|gebeld|getekend|gehoord|verteld|gebracht|opgehaald|gelaten|geopend|gesloten"
    r"|bevestigd|ontdekt|signed|seen|reported) (?:door|by) (?P<name>[a-z]{2,12})(?=[ ]*(?:[,.;]|$))"
    r"|\b(?:volgens|namens|according to) (?P<named>[a-z]{2,12})"
    r" (?=(?:was|is|had|heeft|stond|zat|kwam|ging|wilde|moet)\b)"
    r"|\b(?:bleek|zegt|zei|denk|dacht|hoorde) dat (?P<told>[a-z]{2,12})"
    r" (?=(?:de|het|een|zijn|haar|zn|er|al|toen|daar) )",
    re.IGNORECASE,
)
"""Where somebody stands, be it a flower or a bear."""
_REACH: Final = 60
"""Characters on either side of "gegraveerd" in which a name stands."""
_WORD_NAMES: Final = words_for("word_names")
_STONES: Final = words_for("stones")
_CALENDAR: Final = words_for("calendar")
_DATED = re.compile(r"[.,]? ?\d")


def find(text: str, words: Sequence[Word]) -> Iterator[Mark]:
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
    for found in _OR_SO.finditer(text):
        one, other = fold(found["name"]), fold(found["other"])
        if is_usual_name(one) or is_usual_name(other) or one in _WORD_NAMES:
            yield doubtful(Personal.NAME, *found.span("name"))
    yield from _read(text, words)
    yield from _heard(text, words)
    for found in (*_CALLED_OUT.finditer(text), *_REPORTED.finditer(text)):
        group = found.lastgroup or "name"
        if fold(found[group]) in _WORD_NAMES:
            yield doubtful(Personal.NAME, *found.span(group))
    doubt = _SAYS_SO.search(text)
    if doubt is None:
        return
    read = next((one for one in _WORN.finditer(text) if one.start() < doubt.start()), None)
    yield doubtful(Personal.NAME, *(read.span("name") if read else doubt.span()))


def _read(text: str, words: Sequence[Word]) -> Iterator[Mark]:
    """Return a name on something, be it a word, a flower or a queen, too: "gegraveerd: Roos"."""
    cues = [found.span() for found in _READ.finditer(text)]
    if not cues:
        return
    for one, word in zip((None, *words), words, strict=False):
        beside = one is not None and one.masked and text[one.end : word.start] == " "
        if word.masked and (beside or not word.given or _GOES_ON.match(text, word.end)):
            continue  # "Tommy Hilfiger", "Anne Frankplein"
        if not (word.given or word.folded in _WORD_NAMES) or word.folded in _STONES:
            continue
        if word.folded in _CALENDAR and _DATED.match(text, word.end):
            continue  # "Thu, 12 Mar"
        near = any(start - _REACH < word.start < end + _REACH for start, end in cues)
        if not near or any(start <= word.start < end for start, end in cues):
            continue
        written = _WRITTEN.match(text, word.end) is not None
        named = word.capital and (not word.opens or written)
        if named or _POINTED.search(text[max(0, word.start - 14) : word.start]):
            yield doubtful(Personal.NAME, word.start, word.end)


def _heard(text: str, words: Sequence[Word]) -> Iterator[Mark]:
    at = {word.start: word for word in words}
    for found in _HEARD.finditer(text):
        word = at.get(found.start("name"))
        if word is None or word.folded in _STONES:
            continue
        alone = _ENDS.match(text, found.end("name")) is not None
        named = word.given or word.folded in _WORD_NAMES
        named = named or (word.capital and not (word.common or word.ordinary or word.masked))
        if named and (alone or found["quote"]):
            yield doubtful(Personal.NAME, word.start, word.end)
