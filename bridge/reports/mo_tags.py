"""Tags of a modus operandi: the words by which cases are compared and advice is found.

A tag is found in what a person wrote about how it was done and how the offenders fled. Tags
of flight count only in the field on flight: a shop may be entered "as a customer, by car".
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from bridge.reports.vocabulary import Vocabulary, words


class MoTag(StrEnum):
    """One trait of how it was done."""

    # getting in
    AS_CUSTOMER = "als klant"
    AIRLOCK_ABUSED = "sluis misbruikt"
    DOOR_FORCED = "deur geforceerd"
    SHUTTER_JACKED = "rolluik opgekrikt"
    WINDOW_SMASHED = "ruit ingeslagen"
    VEHICLE = "voertuig"
    EXPLOSIVE = "explosief"
    NEIGHBOURING_BUILDING = "via buurpand"
    ROOF = "dak"
    FALSE_CAPACITY = "valse hoedanigheid"
    AMBUSHED_AT_CLOSING = "na sluiting opgewacht"
    # means
    SLEDGEHAMMER = "moker"
    CROWBAR = "breekijzer"
    ANGLE_GRINDER = "slijptol"
    HEAVY_FIREWORKS = "zwaar vuurwerk"
    GAS = "gas"
    JAMMER = "jammer"
    FAKE_JEWELLERY = "namaaksieraad"
    # what was done
    SHOWCASE_SMASHED = "vitrine ingeslagen"
    SAFE = "kluis"
    SNATCHING = "grissen"
    DISTRACTION = "afleiden"
    SWAPPING = "wisselen"
    HOSTAGE = "gijzelen"
    FOLLOWING = "volgen"
    # looking around beforehand
    PHOTOGRAPHING = "fotograferen"
    ASKS_CLOSING_TIME = "vraagt naar sluitingstijd"
    ASKS_SECURITY = "vraagt naar beveiliging"
    REPEATED_VISIT = "herhaald bezoek"
    DRONE = "drone"
    TRACKER = "tracker"
    # flight
    SCOOTER = "scooter"
    CAR = "auto"
    ON_FOOT = "te voet"
    BICYCLE = "fiets"
    BURNT_VEHICLE = "voertuig in brand"


_FLIGHT = {
    MoTag.SCOOTER: words("scooter, brommer, motor, motorfiets", "scooter, moped, motorbike"),
    MoTag.CAR: words("auto, personenauto, busje", "car, van"),
    MoTag.ON_FOOT: words("te voet, rennend, lopend", "on foot, running"),
    MoTag.BICYCLE: words("fiets, fietsen, fatbike", "bicycle, bike, fatbike"),
    MoTag.BURNT_VEHICLE: words(
        "voertuig in brand, auto in brand, auto uitgebrand", "burnt vehicle, car on fire, burnt car"
    ),
}

_DEED = {
    MoTag.AS_CUSTOMER: words("als klant, als klanten", "as customer, as customers, as a customer"),
    MoTag.AIRLOCK_ABUSED: words("sluis misbruikt, door de sluis", "airlock abused"),
    MoTag.DOOR_FORCED: words("deur geforceerd, deur opengebroken", "door forced, forced door"),
    MoTag.SHUTTER_JACKED: words(
        "rolluik opgekrikt, rolluik omhoog gekrikt, rolluik opgetild", "shutter jacked up"
    ),
    MoTag.WINDOW_SMASHED: words(
        "ruit ingeslagen, raam ingeslagen, etalageruit ingeslagen", "window smashed"
    ),
    MoTag.VEHICLE: words("voertuig, met een auto, met auto", "vehicle, with a car"),
    MoTag.EXPLOSIVE: words("explosief, explosieven", "explosive, explosives"),
    MoTag.NEIGHBOURING_BUILDING: words(
        "via buurpand, via het buurpand, buurpand", "neighbouring building, via next door"
    ),
    MoTag.ROOF: words("dak, via het dak", "roof, through the roof"),
    MoTag.FALSE_CAPACITY: words(
        "valse hoedanigheid, nepagent, nepagenten, als bezorger",
        "false capacity, fake police, as courier",
    ),
    MoTag.AMBUSHED_AT_CLOSING: words(
        "na sluiting opgewacht, opgewacht", "ambushed at closing, ambushed"
    ),
    MoTag.SLEDGEHAMMER: words("moker, mokers, voorhamer", "sledgehammer, sledgehammers"),
    MoTag.CROWBAR: words("breekijzer, koevoet", "crowbar"),
    MoTag.ANGLE_GRINDER: words("slijptol, haakse slijper", "angle grinder"),
    MoTag.HEAVY_FIREWORKS: words("zwaar vuurwerk, cobra", "heavy fireworks"),
    MoTag.GAS: words("gas", "gas"),
    MoTag.JAMMER: words("jammer, stoorzender", "jammer"),
    MoTag.FAKE_JEWELLERY: words("namaaksieraad, namaaksieraden, nepgoud", "fake jewellery"),
    MoTag.SHOWCASE_SMASHED: words(
        "vitrine ingeslagen, vitrines ingeslagen, vitrine kapotgeslagen",
        "showcase smashed, showcases smashed, display case smashed",
    ),
    MoTag.SAFE: words("kluis", "safe"),
    MoTag.SNATCHING: words("grissen, gegrist", "snatching, snatched"),
    MoTag.DISTRACTION: words("afleiden, afgeleid, afleiding", "distraction, distracted"),
    MoTag.SWAPPING: words("wisselen, gewisseld, omgewisseld", "swapping, swapped"),
    MoTag.HOSTAGE: words("gijzelen, gegijzeld, gijzeling", "hostage, hostages"),
    MoTag.FOLLOWING: words("volgen, gevolgd", "following, followed"),
    MoTag.PHOTOGRAPHING: words(
        "fotograferen, gefotografeerd, foto's gemaakt", "photographing, took photos"
    ),
    MoTag.ASKS_CLOSING_TIME: words(
        "vraagt naar sluitingstijd, vroeg naar sluitingstijd", "asks closing time"
    ),
    MoTag.ASKS_SECURITY: words(
        "vraagt naar beveiliging, vroeg naar beveiliging", "asks about security"
    ),
    MoTag.REPEATED_VISIT: words("herhaald bezoek, meermaals geweest", "repeated visit"),
    MoTag.DRONE: words("drone", "drone"),
    MoTag.TRACKER: words("tracker, baken", "tracker"),
}

MO_TAGS = Vocabulary(_DEED | _FLIGHT)
"""Every tag, for the field in which somebody lists them."""

_LONGEST: Final = 2_000
_DEEDS = Vocabulary(_DEED)
_FLIGHTS = Vocabulary(_FLIGHT)


_SHOWCASE = r"(?:vitrine\w*|showcases?|display\w*|cabinets?)"
_WINDOW = r"(?:ruit\w*|raam|ramen|etalage\w*|windows?)"
_BROKE = r"(?:sloeg\w*|slaan|slaat|smash\w*|broke|hakten|tikten|gooiden)"
_BROKEN = r"(?:inge\w+|kapot\w*|stuk\w*|smashed|broken|vernield)"
_DOOR = r"(?:deur\w*|achterdeur|voordeur|slot|doors?|lock)"
_FEW = r"(?:\W+\w+){0,4}?\W+"
_TOLD: Final = {
    MoTag.SHOWCASE_SMASHED: rf"{_BROKE}{_FEW}{_SHOWCASE}|{_SHOWCASE}{_FEW}{_BROKEN}",
    MoTag.WINDOW_SMASHED: rf"{_BROKE}{_FEW}{_WINDOW}|{_WINDOW}{_FEW}{_BROKEN}",
    MoTag.DOOR_FORCED: rf"{_DOOR}{_FEW}(?:geforceerd|openge\w+|forced|pried|ingetrapt)",
    MoTag.SHUTTER_JACKED: r"(?:rolluik|shutter)" + _FEW + r"(?:opgekrikt|gekrikt|jacked|opgetild)",
    MoTag.SNATCHING: r"grist\w*|weggegrist|graaid\w*|grabbed|snatched",
    MoTag.DISTRACTION: r"leid\w*" + _FEW + r"af\b|afgeleid|distracted",
    MoTag.PHOTOGRAPHING: r"foto\w*|gefilmd|film(?:t|en|de|den)|photos?|pictures",
    MoTag.ASKS_CLOSING_TIME: r"(?:vr(?:aagt|oeg|oegen)|ask\w*)" + _FEW + r"(?:sluit\w*|clos\w*)",
    MoTag.ASKS_SECURITY: r"(?:vr(?:aagt|oeg|oegen)|ask\w*)"
    + _FEW
    + r"(?:beveilig\w*|camera\w*|alarm\w*|security|cctv)",
    MoTag.FALSE_CAPACITY: r"nepagent\w*|zogenaamd\w*|fake police|posing as",
    MoTag.AS_CUSTOMER: r"als klant\w*|deed alsof hij klant|as customers?",
}
"""Ways to tell of a deed, besides the words for it."""

_TELLING: Final = {
    tag: re.compile(rf"\b(?:{pattern})", re.IGNORECASE) for tag, pattern in _TOLD.items()
}


def tags_in(mo: str | None, escape: str | None) -> tuple[MoTag, ...]:
    """Return the tags named in a modus operandi and in an account of the flight, each once."""
    text = (mo or "")[:_LONGEST]
    told = [tag for tag, pattern in _TELLING.items() if pattern.search(text)]
    deeds = dict.fromkeys([*_DEEDS.find(mo or "").members, *told])
    return (*deeds, *_FLIGHTS.find(escape or "").members)
