"""What is told beyond the plain facts: kept as it was typed, in the field it belongs to.

::

    … 2 man | sloegen vitrine in met moker | en weg op zwarte scooter | beiden bivakmuts
              mo                             vlucht                     kenmerken

Nothing that somebody typed is lost: what fits nowhere else is how it was done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bridge.reports.fields import FieldName
from bridge.reports.spoken.things import Ride
from bridge.reports.spoken.words import Kind, Words

_FLEEING: Final = re.compile(
    r"(?<!\S)(?:gevlucht\S*|vlucht\S*|er ?vandoor|vandoor|weggereden|weggerend|wegger\S+|"
    r"vertrokken|"
    r"richting|fled|flee|left|escaped|ran (?:off|away|towards|to)|drove|getaway|rode|towards|"
    r"direction|reden|rende|renden|heading|headed|scheurde\S*|sprong\S*|"
    r"(?:is|zijn|snel|meteen|direct|daders?|ze|hij|they|rende\S*|reed|ging|gingen) "
    r"(?:\S+ )?(?:weg|gone|off|away)|weg (?:op|in|met|te|naar)|(?:en|and) (?:snel |"
    r"meteen )?(?:weg|gone|off))(?!\S)"
)
_STARTS_LISTED: Final = """
    gevlucht vluchtte vluchtten vluchten fled left escaped weggereden weggerend ervandoor vandoor
    vertrokken drove rode ran sprong sprongen scheurde scheurden
"""
"""Words that begin the account of a flight."""
_AWAY: Final = frozenset(
    {"weg", "away", "off", "ervandoor", "gevlucht", "vandoor", "gone", "richting"}
)
_LOOKS: Final = re.compile(
    r"(?<!\S)(?:\S*kleding|gekleed|geklede|jas|jassen|jack|hoodie\S*|trui|vest|capuchon\S*|"
    r"bivakmuts\S*|balaclava\S*|muts|masker\S*|mondkapje\S*|helm|helmen|pet|petten|broek|"
    r"joggingpak\S*|trainingspak\S*|handschoenen|baard|snor|lang|lange|slank\S*|gezet|dik|dun|"
    r"mager|"
    r"blond\S*|bril|jaar|jarige|accent|sprak\S*|spreekt|nederlands\S*|engels\S*|getint\S*|blank\S*|"
    r"gemaskerd\S*|zwartgekleed|schoenen|sneakers|rugzak\S*|tas|tassen|postuur|jong|jonge|"
    r"jacket\S*|coat\S*|hooded|hoodies?|masks?|masked|helmets?|caps?|tracksuit\S*|gloves|beard|"
    r"tall|"
    r"slim|years?|old|accent|spoke|speaking|wearing|dressed|clothes|clothing|trousers|jeans|"
    r"backpack\S*|bag|scarf|sjaal|young|build|glasses|sunglasses|zonnebril)(?!\S)"
)
_PREVENTED: Final = re.compile(
    r"(?<!\S)(?:mist\S*|rookgenerator|rook|sluis|deursluis|grondslot|vloerslot|fog|smoke|airlock|"
    r"lege vitrine\S*|mistgenerator|paniekknop|noodknop|panic|alarm(?! camera))(?!\S)"
)
_FILLERS_LISTED: Final = """
    de het een er is was waren zijn werd wordt worden heeft hebben had hadden bij van op in te door
    met en of aan om uit dat die deze dit ons onze mijn mij me we wij ik hier daar nu net ook al
    gebeurd gebeurt geweest gepleegd juwelier juweliers juwelierszaak winkel zaak bij ons let help
    hulp hallo hoi goedemiddag goedemorgen goedenavond beste allen collega collega's
melding attentie
    graag aub ajb svp please pas even toch weer zojuist vandaag mensen jullie opgelet pop up spoed
    the a an there was were is are been has have had at in on of by with to it its it's my our us we
    i here has just got being jeweller jewellers jeweler jewelers jewelry jewellery store shop hi
    hello guys heads up alert warning watch out urgent attention reported report incident dader
    daders offenders suspects stad centrum stadscentrum city centre center binnenstad winkelstraat
    dorp regio ze zij hij they he she straat uur geleden om rond en and as for from omgeving vermeld
    gemeld iemand someone somebody wil willen melden wil ik wou kwam kwamen came man plaats
    mislukt mislukte gepleegd
"""
_JOINS: Final = frozenset({"en", "and", "then", "toen", "daarna", ",", "maar", "but"})
_STARTS: Final = frozenset(_STARTS_LISTED.split())
_FILLERS: Final = frozenset(_FILLERS_LISTED.split())
_ARTICLES: Final = frozenset({"de", "het", "een", "the", "a", "met", "with", "er", "is", "bij"})
_LONGEST: Final = 800


def read_story(words: Words, ride: Ride | None) -> dict[FieldName, str]:
    """Return what is left, by the field it belongs to; ``ride`` is how they came or fled."""
    told: dict[FieldName, list[str]] = {}
    fled = -1
    if ride is not None and any(
        words.plain(one) in _AWAY for one in (*range(ride.last, ride.last + 3), ride.first - 1)
    ):
        fled = ride.first - 1 if words.plain(ride.first - 1) in _AWAY else ride.first
    for first, last in _parts(words, fled):
        if not any(_unread(words, number) for number in range(first, last)):
            continue
        plain = " ".join(words.plain(number) for number in range(first, last))
        field = FieldName.ESCAPE if first <= fled < last else _field(plain)
        raw = words.raw(first, last).strip(" ,;:-")
        told.setdefault(field, []).append(raw)
    return {field: ", ".join(parts)[:_LONGEST] for field, parts in told.items()}


def _field(plain: str) -> FieldName:
    if _PREVENTED.search(plain):
        return FieldName.PREVENTION
    if _FLEEING.search(plain):
        return FieldName.ESCAPE
    if _LOOKS.search(plain):
        return FieldName.DESCRIPTION
    return FieldName.MO


def _unread(words: Words, number: int) -> bool:
    plain = words.plain(number)
    return words.free(number) and not words.words[number].is_sign and plain not in _FILLERS


def _parts(words: Words, fled: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches between what was understood as heading, and between sentences."""
    start: int | None = None
    for number in range(len(words) + 1):
        cut = (
            number == len(words)
            or words.taken[number] in (Kind.HEADING, Kind.TYPE)
            or words.plain(number) in (".", ",", ";", "\n", "!", "?", "(", ")", "/")
            or (words.free(number) and words.plain(number) in _JOINS and _flees(words, number))
        )
        flees = number == fled or (words.free(number) and words.plain(number) in _STARTS)
        if flees and start is not None and not cut:
            yield from _trimmed(words, start, number)
            start = number
        if cut and start is not None:
            yield from _trimmed(words, start, number)
            start = None
        elif not cut and start is None:
            start = number


def _trimmed(words: Words, first: int, last: int) -> Iterator[tuple[int, int]]:
    while first < last and _edge(words, first):
        first += 1
    # Not what only looks like filling: "sloegen de vitrine in".
    while last > first and (
        words.words[last - 1].is_sign or words.plain(last - 1) in _JOINS | _ARTICLES
    ):
        last -= 1
    if last > first:
        yield first, last


def _flees(words: Words, number: int) -> bool:
    """Whether "en" begins another thing: how they left, or what they looked like."""
    after = " ".join(words.plain(one) for one in range(number + 1, number + 4))
    return bool(_FLEEING.search(after))


def _edge(words: Words, number: int) -> bool:
    """Whether a word says nothing at the edge of a stretch."""
    return words.words[number].is_sign or (
        words.free(number) and words.plain(number) in _FILLERS and words.plain(number) != "op"
    )
