"""Slips of thumbs on a phone: "overvl" is read as "overval", before anything else is read.

Only words that matter to a report are corrected, and only when one letter is wrong, missing,
extra or exchanged with its neighbour (two in a long word). A common word that is a letter away
from one of them stands in ``_MEANT_LISTED`` and is left alone.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bridge.regions.towns import dutch_towns

_WORTH_LISTED: Final = """
    overval overvallen overvaller overvallers roofoverval straatroof beroving beroofd ramkraak
    plofkraak inbraak ingebroken inbrekers inbreker winkeldiefstal diefstal gestolen babbeltruc
    wisseltruc voorverkenning verkenning verdacht verdachte heling bedreiging bedreigd poging
    mislukt mislukte geprobeerd gewapend gewapende probeerde probeerden juwelier juweliers
jewellers jewelers jeweller jeweler
    robbery robbed robbers burglary burglar burglars shoplifting shoplifter stolen attempted
    attempt suspicious reconnaissance explosion armed threat threatened raid
    zojuist daarnet geleden kwartier minuten minuutje gisteren eergisteren gisteravond
    gistermiddag gisterochtend vanmiddag vanochtend vanmorgen vanavond vannacht vandaag maandag
    dinsdag woensdag donderdag vrijdag zaterdag zondag afgelopen yesterday today tonight morning
    afternoon evening minutes monday tuesday wednesday thursday friday saturday sunday
    mannen vrouwen daders dader jongens personen persoon offenders suspects people
    vuurwapen pistool revolver wapen messen hamer mokers moker breekijzer koevoet knuppel
    machete explosief vuurwerk firearm pistol handgun knife knives hammer sledgehammer crowbar
    scooter scooters fatbike brommer motor fiets auto busje vluchtauto gevlucht vluchtte vluchtten
    richting vlucht motorbike bicycle escaped direction towards
    horloges horloge sieraden gouden zilver kettingen ketting ringen armbanden armband
    trouwringen diamanten watches jewellery jewelry necklace bracelet wedding nothing
    vitrine vitrines etalage kluis kassa rolluik winkel voordeur
    bivakmuts bivakmutsen capuchon gemaskerd gemaskerde kleding masked clothing
    gewond politie gebeld aangifte camerabeelden police twee drie
"""

_MEANT_LISTED: Final = """
    houden armen stoelen stelen steel missen misschien mensen mens asked marked lucht vruchten
    richten zitten zetten gooien koper winkels winkelen raad rapid rained ruitje route autos
    horen boren wagen wapens vangen vanaf vanuit varken klus wissel handen monden munten minuten
    minute manen mannelijk overal overall overallen overvol daarna daarnaast daarom daarin
    vluchten vluchtende gevluchte etage winter kasten knop people's motoren motors actie twijfel
    scoort aangeven wedden dames meiden armand gewone gewoon gewend gebed geband verdachten
    gestopt stole steal stood
    threats robberies raids watched watch hammers pistols suspected suspect explosive
    inbraken overvalt driehoek driemaal tweede derde
"""

_WORTH: Final = frozenset(_WORTH_LISTED.split())
_MEANT: Final = frozenset(_MEANT_LISTED.split())

_SHORTEST: Final = 5
_LONG: Final = 8
_TOWN: Final = 3_000
"""Inhabitants of a town whose name is more likely meant than another word."""
_BY_LENGTH: Final = {
    length: [word for word in _WORTH if abs(len(word) - length) <= 2]
    for length in range(_SHORTEST - 1, 24)
}

_NO_ENDING: Final = re.compile("[bdfgkptvz]n$")
"""How no word ends: "geledn"."""
_VOWELS: Final = re.compile("[aeiouy]")
_SKELETONS: Final = {(word[0], _VOWELS.sub("", word)): word for word in sorted(_WORTH)}


@lru_cache(maxsize=4096)
def corrected(word: str) -> str:
    """Return ``word`` as it was meant, if it is a slip for a word of reports."""
    if len(word) < _SHORTEST - 1 or word in _WORTH or word in _MEANT or not word.isalpha():
        return word
    if len(word) < _SHORTEST:
        return _without_vowels(word)
    if any(town.population >= _TOWN for town in dutch_towns().exact(word)):
        return word
    slips = 2 if len(word) >= _LONG else 1
    choices = _BY_LENGTH.get(len(word), [])
    found = process.extract(word, choices, scorer=OSA.distance, score_cutoff=slips, limit=6)
    hits = [
        (distance, choice)
        for choice, distance, _ in found
        if len(choice) >= _SHORTEST
        # A slip is seldom in the first letter, and one in an ending makes another word of it.
        and (choice[0] == word[0] or sorted(choice[:2]) == sorted(word[:2]))
        and (choice.rstrip("sen") != word.rstrip("sen") or _NO_ENDING.search(word))
    ]
    return min(hits)[1] if hits else _without_vowels(word)


def _without_vowels(word: str) -> str:
    """Return what "inbrk" is short for: a word of which only the vowels are left out."""
    if len(_VOWELS.sub("", word)) < len(word) - 1:
        return word
    return _SKELETONS.get((word[0], _VOWELS.sub("", word)), word)


def is_known(word: str) -> bool:
    """Whether this is a word of reports, or a common one that looks like it: no town's name."""
    return word in _WORTH or word in _MEANT
