"""When it happened, found among other words: "… utrecht gisteravond rond 9 2 man …".

::

    runs of words that can stand in a time ─▶ the longest part of each that is one ─▶ EventTime

:mod:`bridge.reports.event_time` knows what a time is; this finds where one stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bridge.reports.event_time import (
    FOUR_DIGITS,
    EventTime,
    TimeInFuture,
    TimeNotUnderstood,
    read_time,
)
from bridge.reports.spoken.words import Kind, Words, phrase

_ONGOING: Final = phrase(
    r"(?:nog|nu|still|right now|momenteel|op dit moment)(?: \S+){0,2} "
    r"(?:bezig|gaande|aan de gang|binnen|hier|in progress|going on|happening|inside|here)|"
    r"(?:ze|daders|they) (?:zijn|are) (?:nog |nu |still )?(?:binnen|inside|bezig)|"
    r"(?:is|zijn) (?:nog |nu )?(?:bezig|gaande)|aan de gang|in progress|ongoing|"
    r"happening (?:right )?now"
)
_GOING_ALONE: Final = phrase(
    r"(?:(?:is|zijn|are) )?(?:(?:nog|nu|still) )?(?:aan de gang|gaande|in progress|ongoing)"
)
"""Says nothing else: a story has nothing of it."""
_OVER: Final = phrase(
    r"gevlucht|weg|ervandoor|vertrokken|gone|fled|left|escaped|ran (?:off|away)|weggereden|"
    r"weggerend|voorbij"
)
_NOW: Final = phrase(
    r"net (?:nu|gebeurd|binnen|geweest)|zo ?-?(?:juist|net|even)|zojuist|zonet|zoeven|daarnet|"
    r"just (?:now|happened)|right now|now|nu|op dit moment|momenteel|direct nu|"
    r"(?:a )?(?:moment|minute|min|sec|second|seconds) ago|"
    r"(?:een )?(?:moment|minuut|minuutje|seconde|momentje|tel) (?:geleden|terug)|moments ago|"
    r"net|nog geen minuut geleden"
)
_NOT_NOW_AFTER: Final = frozenset(
    {"voor", "na", "als", "alsof", "over", "buiten", "om", "zo", "naast", "before", "after", "toe"}
)
_JUST: Final = phrase(
    r"just(?= (?:been|got|had|happened|robbed|left|ran|drove|seen|saw|broke|broken|took|walked|"
    r"burgled|attempted|entered|stole|tried|came|now|§))"
)
_SINCE: Final = phrase(
    r"(?:al|for) (?:(?:een|ruim|zeker|bijna|about|an|a|the last|paar|anderhalf|half|\d{1,2}|twee|"
    r"drie|vier|vijf|tien|two|three|four|five|ten|few|couple of|heel|hele) ){1,3}"
    r"(?:uur|uren|kwartier|min|minuten|minutes?|mins?|hours?|tijd|tijdje|dag|while|middag|ochtend)|"
    r"al (?:heel )?(?:lang|uur|uren|een tijdje|de hele \S+)|for a while"
)
_FEW: Final = phrase(
    r"(?:(?:een )?paar|enkele|a few|few|a couple of|couple of) "
    r"(?:min|mins|minuten|minuutjes|minutes) (?:geleden|terug|ago|back)"
)
_FEW_HOURS: Final = phrase(
    r"(?:(?:een )?paar|enkele|a few|few|a couple of|couple of) "
    r"(?:uur|uren|uurtjes|hours) (?:geleden|terug|ago|back)"
)

_UNITS_LISTED: Final = """
uurtje: uur; uurtjes: uur; minuutjes: minuten; minuutje: minuut; kwartiertje: kwartier;
halfuur: half uur; halfuurtje: half uur; terug: geleden; back: ago; mins: min; mintues:
minutes; hr: hour; hrs: hours; h: uur; yest: yesterday; overnight: last night; smiddags: s
middags; savonds: s avonds; snachts: s nachts; sochtends: s ochtends; smorgens: s morgens;
gisterenavond: gisteravond; gisterenmiddag: gistermiddag; gisterenochtend: gisterochtend;
gisterenmorgen: gisterochtend; gisternacht: gisternacht; gister: gisteren; vnacht: vannacht;
vanmid: vanmiddag; vorige: afgelopen
"""
_UNITS: Final = {
    known.strip(): meant.strip()
    for known, _, meant in (pair.partition(":") for pair in _UNITS_LISTED.split(";"))
}
"""Words people use for words that are known."""

_PARTS = "ochtend|morgen|middag|avond|nacht"
_DAYS = "maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag"
_DAY_PART = re.compile(rf"({_DAYS})({_PARTS})")
_AGO_NUMBERS = {
    "een": "1",
    "twee": "2",
    "drie": "3",
    "vier": "4",
    "vijf": "5",
    "zes": "6",
    "zeven": "7",
    "acht": "8",
    "negen": "9",
    "tien": "10",
    "vijftien": "15",
    "twintig": "20",
    "dertig": "30",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "ten": "10",
    "fifteen": "15",
    "twenty": "20",
    "thirty": "30",
    "an": "1",
    "a": "1",
}

_ANCHORS: Final = frozenset(
    f"""
    uur u am pm a.m p.m o'clock geleden ago half kwart quarter past noon middernacht midnight
    gisteren eergisteren vandaag yesterday today tonight gisterochtend gistermorgen gistermiddag
    gisteravond gisternacht vannacht vanochtend vanmorgen vanmiddag vanavond
    nachts ochtends morgens middags avonds nacht ochtend morgen middag avond
    morning afternoon evening night kwartier
    {_DAYS.replace("|", " ")} monday tuesday wednesday thursday friday saturday sunday
    januari februari maart april mei juni juli augustus september oktober november december
    january february march may june july august october
    """.split()
)
_FILLS_LISTED: Final = """
om rond omstreeks ongeveer circa ca tegen at around about approximately roughly this
last the day before afgelopen s in de het van tot tussen between from until to en and
over voor min minuten minuut minute minutes hour hours uren week weken weeks dag dagen
days een an a nog geen twee drie vier vijf zes zeven acht negen tien elf twaalf one two
three four five six seven eight nine ten eleven twelve vijftien twintig dertig fifteen
twenty thirty anderhalf vroeg laat begin eind op on of vanaf na sinds - jl
"""
_FILLS: Final = frozenset(_FILLS_LISTED.split())
_SILENT: Final = frozenset({"vroeg", "laat", "begin", "eind", "sinds", "jl", "tegen"})
_CLOCK = re.compile(
    r"\d{1,2}[:.]\d{2}|(?=\S*\d\d)\d{1,2}[-/]\d{1,2}(?:[-/]\d{2,4})?|\d{4}-\d\d-\d\d"
)
_AT: Final = frozenset(
    {"om", "rond", "omstreeks", "tegen", "at", "around", "about", "tijd", "time"}
)
_NOT_BEFORE_CLOCK_LISTED: Final = """
€ $ nr nummer no ref referentie model type artikel zaak case buit waarde eur euro
ongeveer ca circa bijna ruim rolex omega cartier breitling patek tudor seiko longines
tissot heuer iwc zenith gucci submariner datejust
"""
_NOT_BEFORE_CLOCK: Final = frozenset(_NOT_BEFORE_CLOCK_LISTED.split())
_NOT_BEHIND_CLOCK_LISTED: Final = """
euro eur € gram gr kilo kg stuks st x karaat ct meter m km jaar ringen horloges watches
rings pieces items sieraden wedding trouwringen - /
"""
_NOT_BEHIND_CLOCK: Final = frozenset(_NOT_BEHIND_CLOCK_LISTED.split())
_LONGEST: Final = 10
"""Words of a time."""
_MOST_RUNS: Final = 12


@dataclass(frozen=True, slots=True)
class When:
    """The time that was found, and whether it is going on; ``ahead`` is a time still to come."""

    time: EventTime | None = None
    ongoing: bool | None = None
    ahead: str | None = None


def read_when(words: Words, now: datetime, zone: ZoneInfo) -> When:
    """Take the words that say when it was."""
    since = words.first(_SINCE)
    if since is not None:
        words.take(since.first, since.last, Kind.HEADING)
    going, over = since or words.first(_ONGOING), words.first(_OVER)
    ongoing = None if bool(going) == bool(over) else bool(going)
    for span in list(words.find(_GOING_ALONE)):
        words.take(span.first, span.last, Kind.HEADING)
    found: list[tuple[int, int, str, EventTime]] = []
    ahead: str | None = None
    for first, last in _runs(words):
        try:
            hit = _longest(words, first, last, now, zone)
        except TimeInFuture:
            ahead = words.raw(first, last)
            words.take(first, last, Kind.HEADING)
            continue
        if hit is not None:
            found.append(hit)
    if found:
        for first, last, _, _ in found:
            words.take(first, last, Kind.HEADING)
        return When(_together(found, now, zone), ongoing)
    spoken = _loosely(words) or _clock_without_a_sign(words)
    if spoken is None and ongoing and ahead is None:
        spoken = "nu"
    if spoken is not None:
        try:
            return When(read_time(spoken, now, zone), ongoing)
        except TimeInFuture:
            ahead = spoken
    return When(None, ongoing, ahead)


def _together(
    found: list[tuple[int, int, str, EventTime]], now: datetime, zone: ZoneInfo
) -> EventTime:
    """Make one time of "gisteren … rond 15.00": of the first two, if they make one."""
    if len(found) > 1:
        for order in ((0, 1), (1, 0)):
            try:
                return read_time(f"{found[order[0]][2]} {found[order[1]][2]}", now, zone)
            except (TimeNotUnderstood, TimeInFuture):
                continue
    return found[0][3]


def _loosely(words: Words) -> str | None:
    """Take words for just now and the like; return them as a time is written."""
    for pattern, meaning in ((_FEW, "3 min geleden"), (_FEW_HOURS, "3 uur geleden")):
        span = words.first(pattern)
        if span is not None:
            words.take(span.first, span.last, Kind.HEADING)
            return meaning
    for pattern in (_NOW, _JUST):
        for span in words.find(pattern):
            after = words.plain(span.last)
            if span.found[0] == "net" and after in _NOT_NOW_AFTER:
                continue
            words.take(span.first, span.last, Kind.HEADING)
            return "zojuist"
    return None


def _clock_without_a_sign(words: Words) -> str | None:
    """Take the first "1645" that is no year, amount or article; return it."""
    for number in range(len(words)):
        four = FOUR_DIGITS.fullmatch(words.plain(number)) is not None
        if four and words.free(number) and _may_be_clock(words, number):
            words.take(number, number + 1, Kind.HEADING)
            return words.plain(number)
    return None


def _may_be_clock(words: Words, number: int) -> bool:
    before, after = words.plain(number - 1), words.plain(number + 1)
    if before in _AT:
        return True
    year = words.plain(number)[:2] in ("19", "20")
    return not (year or before in _NOT_BEFORE_CLOCK or after in _NOT_BEHIND_CLOCK)


def _runs(words: Words) -> Iterator[tuple[int, int]]:
    """Yield stretches of words that can stand in a time and hold one that can only be that."""
    start: int | None = None
    yielded = 0
    for number in range(len(words) + 1):
        plain = words.plain(number)
        fits = words.free(number) and (_anchors(plain) or plain in _FILLS or plain[:1].isdigit())
        if fits and start is None:
            start = number
        elif not fits and start is not None:
            if yielded < _MOST_RUNS and any(
                _anchors(words.plain(inside)) or _bare_hour(words, inside)
                for inside in range(start, number)
            ):
                yielded += 1
                yield start, number
            start = None


def _anchors(plain: str) -> bool:
    return (
        plain in _ANCHORS
        or plain in _UNITS
        or bool(_CLOCK.fullmatch(plain))
        or bool(_DAY_PART.fullmatch(plain))
    )


def _bare_hour(words: Words, number: int) -> bool:
    """Whether this is the 9 of "rond 9", which no word for people follows."""
    return (
        words.plain(number).isdigit()
        and words.plain(number - 1) in ("om", "rond", "omstreeks", "tegen", "at", "around")
        and 0 <= int(words.plain(number)[:3]) <= 24
    )


def _longest(
    words: Words, first: int, last: int, now: datetime, zone: ZoneInfo
) -> tuple[int, int, str, EventTime] | None:
    """Return the longest part of a stretch that is a time, the first of equals."""
    last = min(last, first + 4 * _LONGEST)
    for length in range(min(_LONGEST, last - first), 0, -1):
        for start in range(first, last - length + 1):
            end = start + length
            if not _may_be(words, start, end):
                continue
            for text in _readings(words, start, end):
                try:
                    return start, end, text, read_time(text, now, zone)
                except TimeNotUnderstood:
                    continue
    return None


def _may_be(words: Words, start: int, end: int) -> bool:
    """Whether a part can be a time: not cut out of a number of people, and with more than fill."""
    if words.plain(end - 1) in ("en", "and", "van", "de", "het", "een", "over", "voor", "in", "s"):
        return False
    if words.plain(start) in ("en", "and", "to", "until", "geleden", "ago", "uur"):
        return False
    inside = range(start, end)
    if any(FOUR_DIGITS.fullmatch(words.plain(n)) and not _may_be_clock(words, n) for n in inside):
        return False
    return any(_anchors(words.plain(one)) or _bare_hour(words, one) for one in inside)


def _readings(words: Words, start: int, end: int) -> Iterator[str]:
    """Yield the ways to write a part such that a time can be read from it."""
    plain: list[str] = []
    for number in range(start, end):
        word = words.plain(number)
        parted = _DAY_PART.fullmatch(word)
        plain += [parted[1], parted[2]] if parted else _UNITS.get(word, word).split()
    spoken = [word for word in plain if word not in _SILENT]
    if "geleden" in spoken or "ago" in spoken:
        kept = [word for word in spoken if word not in ("om", "rond", "een", "a", "an")]
        yield " ".join(_AGO_NUMBERS.get(word, word) for word in kept)
        yield " ".join(kept)
        yield " ".join(["een", *kept])
        return
    text = " ".join(spoken)
    # "3 uur" on a phone is what a clock on the wall shows: of the two, the one that has been.
    in_words = re.sub(r"(?<![\d:.])(\d{1,2}) ?(?:uur|u)(?! ?\d)", _in_words, text)
    yield in_words
    if text != in_words:
        yield text
    yield re.sub(r"(?:om|rond|omstreeks|at|around|tegen) (\d{1,2})$", _about_in_words, text)
    yield re.sub(r"(\d{1,2})(\d{2}) uur$", r"\1:\2", text)
    if "tussen" in spoken or "between" in spoken:
        yield f"{text} uur"


_HOURS: Final = (
    "een twee drie vier vijf zes zeven acht negen tien elf twaalf".split()  # noqa: SIM905
)


def _in_words(found: re.Match[str]) -> str:
    hour = int(found[1])
    return f"{_HOURS[hour - 1]} uur" if 1 <= hour <= 12 else found[0]


def _about_in_words(found: re.Match[str]) -> str:
    hour = int(found[1])
    return f"rond {_HOURS[hour - 1]} uur" if 1 <= hour <= 12 else f"rond {hour}:00"
