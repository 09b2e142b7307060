"""Home addresses, and dates of birth (:mod:`bridge.gate.births`).

A street with a number is the place of an incident unless its text says that somebody lives there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bridge.gate import births
from bridge.gate.finding import Mark, Personal, certain, doubtful
from bridge.gate.reading import Reading

_STREET: Final = (
    r"(?:straat|straatje|laan|weg|plein|gracht|kade|dijk|singel|steeg|pad|hof|park|plantsoen|dreef"
    r"|markt|wal|ring|baan|hoven|erf|kamp|veld|horst|oord|brink|hoek|haven|burg|street|road|lane"
    r"|avenue|drive|close|square|crescent|way|gardens|terrace|strasse|gasse|platz|caddesi|sokak"
    r"|cad\.?|sok\.?|str\.?)"
)
_NUMBER: Final = (
    r"(?:[ \n](?:(?i:nummer|nr\.?|no\.?:?|number))?[ ]?\d{1,4}"
    r"(?:[ ]?-?[ ]?(?:bis|hs|huis|zw|rd|[a-hA-H]|[IVX]{1,4}|[ivx]{1,4}|\d{1,3})(?![^\W_]))?"
    r"(?:[ ]\d(?:e|de)?[ ]?(?:hoog|hg|etage))?)"
)
_POSTCODE: Final = r"[1-9]\d{3}[ ]?(?!SA|SD|SS)[A-Z]{2}"
_LIVES: Final = (
    r"(?:woont|woon|wonen|woonde|wonend|woonachtig"
    r"|(?:woon|thuis|huis|prive|post|bezorg|aflever|lever"
    r"|factuur|verblijf|schuil) ?adres|(?:op|volgens) (?:de |zijn |het |z'n )?(?:factuur|bon|pakbon"
    r"|id|rijbewijs|formulier|contract|legitimatie|paspoort|pas)|wohnt|wohnhaft|habite|demeurant"
    r"|mieszka|oturuyor|ikamet|locuieste|vive en|abita|bor pa|zameldowan\w*|adres (?:van )?(?:de )?"
    r"(?:dader|man|vrouw|verdachte|jongen|eigenaar|medewerk\w+|haar|hem)|(?:zijn|haar|hun) (?:huis"
    r"|adres|woning|flat|appartement)|adres is|ingeschreven|gevestigd te|verblijft|verblijfadres"
    r"|logeert|slaapt|lives?|living|resides?|residing|resident|home is|home address"
    r"|(?:his|her|their) (?:home|house|address|flat|place)|stays? at|staying at"
    r"|thuis (?:\w+ )?(?:op|aan|in)"
    r"|(?:bij )(?:mij|ons|hem|haar|hun|me) thuis|ta biba|zhivee|sa?ken f"
    r"|prive-?(?:woning|huis|adres)|(?:hem|haar|hun|ze) thuis|woning van (?:de |een )?\w+"
    r"|(?:naar|tot|tot aan) (?:huis|thuis)|(?:zijn|haar|hun|mijn|onze|zn|z'n|his|her|their|my)"
    r" (?:voor)?(?:deur|huis|woning|adres|oprit|front door|door|driveway|doorstep)"
    r"|bij (?:zijn|haar|zn|z'n|d'r|mn|hun) (?:moeder|vader|ouders|vriendin|vriend|oma|tante|zus"
    r"|broer)"
    r"|(?:zit|zitten|leeft|leven) (?:nu )?in een (?:flat|huis|appartement|woning|kamer)"
    r"|(?:familie|ouders|moeder|vader|gezin) (?:zit|zitten|woont|wonen)"
    r"|(?:de |een )?(?:dader|verdachte|jongen|man|vrouw|klant|chauffeur|bestuurder|collega"
    r"|\w*meisje"
    r"|medewerk\w+|getuige|eigenaar) thuis|zit(?:ten)? (?:nu |daar |ergens |met \w+ )?(?:op|aan) de"
    r"|(?:doorzoeking|huiszoeking|inval)(?: van| in)?(?: de| een)? woning|crashes? at|stayed at"
    r"|heeft een (?:huis|flat|woning|kamer)|his (?:mum|mother|parents)'?s?|evi|ev adresi|adresi"
    r"|indirizzo|direccion|adresa|zamieszka\w+|son adresse|seine adresse"
    r"|(?:delivery|billing|shipping) address|huurt|kraakt|domicili\w+)"
)
_CUE = re.compile(rf"(?<![^\W_]){_LIVES}(?![^\W_])", re.IGNORECASE)
_HOME = re.compile(
    rf"{_STREET}{_NUMBER}(?![\d:])|{_POSTCODE}(?:[ ]\d+)?|(?:nummer|number|nr\.?) \d{{1,4}}"
    r"|(?<!\d)\d{1,4}[a-z]?,? (?:[a-z][\w'-]+ ){1,3}(?:street|road|lane|avenue|drive|close|square"
    r"|crescent|way|gardens|terrace|court|house|st|rd|ave)\b"
    rf"|(?<!\d)\d{{1,4}}[a-z]?,? (?:[a-z][\w'-]+ ){{0,2}}[a-z]\w+{_STREET}(?![^\W_])"
    r"|(?<!\d)\d{1,4}(?: bis)?,? (?:rue|avenue|boulevard|allee|chemin|place)\b",
    re.IGNORECASE,
)
_HOME_NAMED = re.compile(r"(?<![^\W_])[A-Z][\w'-]{3,}[ ]\d{1,4}[a-z]?(?![\w:.])")
_HOME_SMALL = re.compile(
    r"[ :,]*(?:(?:op|aan|is|in|de|het|te|on|at|the) )*[a-z]{5,} (?:nr\.? |nummer )?\d{1,4}[a-z]?"
    r"(?![\w:.]|[ ](?:keer|jaar|min|uur|euro|meter|km|hoog|maanden|weken))"
)
"""A street without anything that says so, right behind "woont op"."""
_HOME_IN = re.compile(
    r"[ :,]*(?:thuis|home)?[ :,]*(?:[a-z'.-]+ ){1,3}(?:nr\.? |nummer )?\d{1,4}[a-z]?,?"
    r" (?:te|in|at) [a-z]",
    re.IGNORECASE,
)
"""A street without anything that says so, and its town: "tweede pijp 9b te krommenie"."""
_HOME_STREET = re.compile(
    rf"{_STREET}(?![^\W_])|[A-Za-z-]+[ ]?(?:buurt|wijk|kwartier|flat|hofje)(?![^\W_])",
    re.IGNORECASE,
)
_HOME_VAGUE = re.compile(
    r"\b(?:boven|naast|tegenover|achter|above|next to|behind|opposite|flat|hoog|verdieping)\b",
    re.IGNORECASE,
)
_LIVES_THERE = re.compile(r"woon|wonen|liv|resid|ingeschreven|logeert|verblijft", re.IGNORECASE)
_BELOW = re.compile(r"[ :]*\n?[ ]*")
"""An address may stand on the line below its cue."""
_SENTENCE_END = re.compile(
    r"\n(?!\d)|[!?;]|(?<!\bburg)(?<!\b[A-Za-z]"
    r")(?<!\bst)(?<!str)(?<!\bpres)(?<!\bdr)(?<!\bul)(?<!\bnr)(?<!\bno)\.(?= |$)",
    re.IGNORECASE,
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
    yield from births.find(text)
    if not re.search(
        r"\d|woon|wonen|live|resid|verblijf|ingesch|logeert|wohn|habite", text, re.IGNORECASE
    ):
        return
    yield from _homes(text)
    for found in _FULL_POSTCODE.finditer(text):
        yield doubtful(Personal.ADDRESS, *found.span())


def _homes(text: str) -> Iterator[Mark]:
    for found in _LIVES_BEHIND.finditer(text):
        level = certain if found["house"] else doubtful
        yield level(Personal.ADDRESS, *found.span("where"))
    for found in _DWELLING.finditer(text):
        yield certain(Personal.ADDRESS, *found.span("where"))
    for found in _WHOLE.finditer(text):
        yield doubtful(Personal.ADDRESS, *found.span())
    for found in _HOUSE.finditer(text):
        if _LIVES_AFTER.match(text, found.end()):
            yield certain(Personal.ADDRESS, *found.span())
    at = 0
    while (cue := _CUE.search(text, at)) is not None:
        begin = _BELOW.match(text, cue.end()).end()  # type: ignore[union-attr]
        stop = _SENTENCE_END.search(text, begin, begin + _REACH)
        at = end = stop.start() if stop else min(len(text), begin + _REACH)
        there = (
            _HOME.search(text, begin, end)
            or _HOME_NAMED.search(text, begin, end)
            or _HOME_SMALL.match(text, begin, end)
            or _HOME_IN.match(text, begin, end)
        )
        lives = _LIVES_THERE.match(cue[0]) is not None
        if there is not None:
            yield certain(Personal.ADDRESS, *_trimmed(text, begin, there.end()))
        elif lives and (there := _HOME_STREET.search(text, begin, end)) is not None:
            yield doubtful(Personal.ADDRESS, *_trimmed(text, begin, there.end()))
        elif lives and _HOME_VAGUE.search(text, begin, end):
            yield doubtful(Personal.ADDRESS, cue.start(), end)
        at = max(at, cue.end())


_HOUSE = re.compile(
    rf"(?<![^\W_])[A-Za-z][\w'.-]*(?:[ ](?:[A-Z][\w'-]*|van|de|der|den)){{0,3}}{_NUMBER}(?![\d:])"
    rf"(?:,? ?{_POSTCODE})?(?: (?:in |te )?[A-Z][\w-]+)?"
)
_DWELLING = re.compile(
    r"(?<![^\W_])(?:woning|appartement|woonhuis|apartment)[ ,:]{1,2}(?:(?:aan|op|in|at"
    r"|on)[ ](?:de|het|the)?[ ]?)?"
    rf"(?P<where>(?:[\w'.-]{{1,25}}[ ]){{0,3}}?[\w'-]{{0,25}}{_STREET}{_NUMBER})(?![\d:])",
    re.IGNORECASE,
)
"""A street and a number right behind a word for somebody's home."""
_WHOLE = re.compile(
    rf"(?<![\w'-])[A-Za-z][\w'-]{{0,25}}{_STREET}{_NUMBER}[ ,]*\n?[ ]?{_POSTCODE}(?![^\W_])",
    re.IGNORECASE,
)
"""A whole postal address; the scene of something is seldom told with its postcode."""
_LIVES_BEHIND = re.compile(
    r"(?<![^\W_])(?:in|op|aan)[ ](?:de[ ]|het[ ])?(?P<where>[A-Z][\w'-]*(?:[ ][A-Z][\w'-]*){0,2}"
    r"(?P<house>[ ](?:nr\.?[ ]|nummer[ ])?\d{1,4}"
    r"(?:[ /-]?(?:[a-zA-Z]|bis|hs|huis|[IVX]{1,3}|\d{1,3})(?![^\W_]))?"
    r"(?:[ ,]{1,2}(?:bus|bte|box|app\.?|appartement|\d(?:e|de)?[ ]?(?:hoog|verdieping))[ ]?"
    r"[\w/.]{0,5})?)?)(?:,?[ ](?:in|te)[ ][A-Z][\w-]+(?:[ ][A-Z][\w-]+)?"
    r"|(?<=[\dA-Za-z])(?:,[ ]?|[ ])(?:[1-9]\d{3}[ ])?[A-Z][\w-]+)?"
    r"[ ](?:zou(?:den)?[ ])?(?:wonen|woont|woonachtig|woonde|verblij\w+|logere?n?)\b"
)
"""Where Dutch has the verb last: "zou in de Vogelbuurt wonen"."""


_LIVES_AFTER = re.compile(
    r"[^\n.;!?]{0,30}?(?:\bdaar (?:woon\w*|zit(?:ten)?|slaapt|verblijft)"
    r"(?! (?:onze|de|een|ons|mijn|nu een) (?:\w+ )?(?:winkel|zaak|filiaal|juwelier|shop|pand))"
    r"|\b(?:woont|wonen) (?:hij|zij|ze|ie|die)\b"
    r"|\b(?:is|dat is|zijn|haar|hun|z'n) (?:(?:zijn|haar|hun|het) )?"
    r"(?:thuis|prive|woon|huis|flat)[ -]?"
    r"(?:adres|woning|huis)?\b|\bwaar (?:hij|zij|ze|ie|de \w+) (?:woon|verblijf|slaap)\w*"
    r"|\bwaar [^\n.;!?]{1,30}(?:staat|stond|is) ingeschreven|\b(?:staat"
    r"|stond) (?:\w+ )?ingeschreven"
    r"|\b(?:otur\w+|yasiyor\w*|ikamet\w*|wohnt|wohnhaft|mieszka\w*|locuieste)\b"
    r"|\bhis (?:home|place|house|address)\b|\bwhere (?:he|she|they) lives?\b)",
    re.IGNORECASE,
)
"""Behind a house: that it is somebody's."""


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not text[start].isalnum():
        start += 1
    return start, end
