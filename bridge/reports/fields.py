"""The fields of a report and the words for them: the contract with who types one.

Each enum's value is the canonical name that is stored and that words.yaml labels; the
vocabulary beside it lists what people may type for it in Dutch and in English. A new synonym
is one word here and nothing else.

Sources: the definitions of the police in the report of the Taskforce Overvallen, footnotes 35
(overval), 40 (straatroof) and 45 (ramkraak, plofkraak).
"""

from __future__ import annotations

from enum import StrEnum

from bridge.reports.vocabulary import Vocabulary, words


class FieldName(StrEnum):
    """A field of a report; the value names the attribute of ``ReportFields``."""

    TYPE = "type"
    ATTEMPT = "attempt"
    PLACE = "place"
    STREET = "street"
    PUBLISH_STREET = "publish_street"
    TIME = "time"
    ONGOING = "ongoing"
    """It was still going on when it was reported."""
    OFFENDERS = "offenders"
    DESCRIPTION = "description"
    MO = "mo"
    MO_TAGS = "mo_tags"
    WEAPON = "weapon"
    INJURY = "injury"
    LOOT = "loot"
    ESCAPE = "escape"
    PREVENTION = "prevention"
    FOOTAGE = "footage"
    CALLED_112 = "called_112"
    DECLARATION = "declaration"
    DECLARATION_REFERENCE = "declaration_reference"
    SERIALS = "serials"
    """Numbers by which what was taken can be known again (seed: Stop Heling)."""


class ReportType(StrEnum):
    """What happened."""

    ROBBERY = "overval"
    """Violence or the threat of it inside a building (footnote 35)."""
    STREET_ROBBERY = "straatroof"
    """The same on the public road (footnote 40)."""
    RAM_RAID = "ramkraak"
    """Entry by means of a vehicle (footnote 45)."""
    EXPLOSIVE_ATTACK = "plofkraak"
    BURGLARY = "inbraak"
    SHOPLIFTING = "winkeldiefstal"
    """Grab-and-run included."""
    TRICK = "babbeltruc"
    CHANGE_TRICK = "wisseltruc"
    RECONNAISSANCE = "voorverkenning"
    SUSPICIOUS = "verdacht"
    GOODS_OFFERED = "heling"
    THREAT = "bedreiging"


class Weapon(StrEnum):
    """What the offenders were armed with."""

    NONE = "geen"
    STABBING = "steek"
    FIREARM = "vuur"
    BLUNT = "slag"
    EXPLOSIVE = "explosief"
    THREATENED = "gedreigd"
    """A weapon was spoken of and not seen."""
    UNKNOWN = "onbekend"


class Loot(StrEnum):
    """A category of what was taken."""

    LUXURY_WATCHES = "luxe horloges"
    OTHER_WATCHES = "overige horloges"
    GOLD = "gouden sieraden"
    GEMS = "diamant/edelsteen"
    WEDDING_RINGS = "trouwringen"
    SILVER = "zilver"
    COINS = "munten/baren"
    CASH = "contant"
    NOTHING = "niets"
    UNKNOWN = "onbekend"


class Answer(StrEnum):
    """What may be said to a yes/no question."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


FREE_TEXT = frozenset({FieldName.DESCRIPTION, FieldName.MO, FieldName.ESCAPE, FieldName.PREVENTION})
"""Fields whose value is a person's own sentences."""

LISTS = frozenset({FieldName.PLACE, FieldName.LOOT, FieldName.MO_TAGS})
"""Fields whose value has parts between commas."""


FIELDS = Vocabulary(
    {
        FieldName.TYPE: words("soort, soort melding, wat, type", "type, kind, what, incident type"),
        FieldName.ATTEMPT: words("poging", "attempt, attempted"),
        FieldName.PLACE: words(
            "plaats, stad, dorp, woonplaats, locatie, waar",
            "place, town, city, village, location, where",
        ),
        FieldName.STREET: words("straat, adres", "street, address"),
        FieldName.PUBLISH_STREET: words(
            "straat delen, deel straat, straat publiceren, straat tonen",
            "publish street, share street, show street",
        ),
        FieldName.TIME: words("tijd, tijdstip, wanneer, datum", "time, when, date"),
        FieldName.ONGOING: words(
            "bezig, nog bezig, nu bezig, nog aan de gang", "ongoing, still going on, in progress"
        ),
        FieldName.OFFENDERS: words(
            "daders, dader, aantal daders, aantal, verdachten, verdachte",
            "offenders, offender, number of offenders, number, suspects, suspect, robbers",
        ),
        FieldName.DESCRIPTION: words(
            "kenmerken, omschrijving, beschrijving, signalement, uiterlijk",
            "description, features, appearance",
        ),
        FieldName.MO: words(
            "mo, modus operandi, werkwijze, handelwijze, methode",
            "mo, modus operandi, method, how",
        ),
        FieldName.MO_TAGS: words("tags, mo tags, trefwoorden", "tags, mo tags, keywords"),
        FieldName.WEAPON: words("wapen, wapens", "weapon, weapons"),
        FieldName.INJURY: words(
            "letsel, gewond, gewonde, gewonden", "injury, injuries, injured, hurt"
        ),
        FieldName.LOOT: words("buit, gestolen, meegenomen", "loot, stolen, taken"),
        FieldName.ESCAPE: words(
            "vlucht, vluchtroute, vluchtwijze, gevlucht, ontsnapping",
            "escape, fled, getaway, flight",
        ),
        FieldName.PREVENTION: words(
            "preventie, maatregelen, beveiliging", "prevention, measures, security"
        ),
        FieldName.FOOTAGE: words(
            "beeld, beelden, camerabeeld, camerabeelden, camera", "footage, cctv, video, camera"
        ),
        FieldName.CALLED_112: words("112, 112 gebeld, gebeld", "112, 112 called, called 112"),
        FieldName.DECLARATION: words(
            "aangifte, aangifte gedaan", "declaration, police report, reported to police"
        ),
        FieldName.DECLARATION_REFERENCE: words(
            "aangiftenummer, nummer aangifte, kenmerk aangifte",
            "declaration reference, declaration number, police reference",
        ),
        FieldName.SERIALS: words(
            "serienummers, serienummer, serienr, serienrs",
            "serials, serial, serial numbers, serial number",
        ),
    }
)

TYPES = Vocabulary(
    {
        ReportType.ROBBERY: words(
            "overval, overvallen, roofoverval, gewapende overval",
            "robbery, armed robbery, hold up, holdup",
        ),
        ReportType.STREET_ROBBERY: words("straatroof, beroving", "street robbery, mugging"),
        ReportType.RAM_RAID: words("ramkraak", "ram raid, ramraid"),
        ReportType.EXPLOSIVE_ATTACK: words("plofkraak", "explosive attack, explosive raid"),
        ReportType.BURGLARY: words("inbraak, insluiping", "burglary, break in"),
        ReportType.SHOPLIFTING: words(
            "winkeldiefstal, diefstal, grissen", "shoplifting, theft, grab and run, snatch"
        ),
        ReportType.TRICK: words("babbeltruc, afleidingstruc", "trick, distraction theft, con"),
        ReportType.CHANGE_TRICK: words("wisseltruc", "change trick, switch trick"),
        ReportType.RECONNAISSANCE: words(
            "voorverkenning, verkenning", "reconnaissance, recon, scouting"
        ),
        ReportType.SUSPICIOUS: words(
            "verdacht, verdachte situatie, verdacht gedrag, verdacht persoon",
            "suspicious, suspicious situation, suspicious behaviour, suspicious person",
        ),
        ReportType.GOODS_OFFERED: words(
            "heling, goederen aangeboden", "fencing, goods offered, stolen goods offered"
        ),
        ReportType.THREAT: words("bedreiging, dreiging", "threat, threats"),
    }
)

WEAPONS = Vocabulary(
    {
        Weapon.NONE: words(
            "geen, geen wapen, nee, niets, zonder, zonder wapen",
            "none, no weapon, no, nothing, unarmed, without",
        ),
        Weapon.STABBING: words(
            "steek, steekwapen, mes, keukenmes, schroevendraaier, machete",
            "stabbing, stabbing weapon, knife, blade, screwdriver, machete",
        ),
        Weapon.FIREARM: words(
            "vuur, vuurwapen, vuurwapens, pistool, revolver, geweer",
            "firearm, firearms, gun, guns, handgun, pistol, revolver, rifle, shotgun",
        ),
        Weapon.BLUNT: words(
            "slag, slagwapen, hamer, moker, knuppel, bijl, breekijzer, koevoet",
            "blunt, blunt weapon, hammer, sledgehammer, bat, axe, crowbar",
        ),
        Weapon.EXPLOSIVE: words(
            "explosief, explosieven, cobra, vuurwerk, vuurwerkbom",
            "explosive, explosives, firework, fireworks",
        ),
        Weapon.THREATENED: words(
            "gedreigd, mee gedreigd, niet gezien", "threatened, threatened only, not seen"
        ),
        Weapon.UNKNOWN: words("onbekend, weet niet", "unknown, do not know"),
    }
)

LOOT = Vocabulary(
    {
        Loot.LUXURY_WATCHES: words(
            "luxe horloges, luxe horloge, dure horloges", "luxury watches, luxury watch"
        ),
        Loot.OTHER_WATCHES: words(
            "overige horloges, horloges, horloge", "other watches, watches, watch"
        ),
        Loot.GOLD: words(
            "gouden sieraden, goud, gouden ringen, gouden kettingen, sieraden",
            "gold jewellery, gold, gold jewelry, gold rings, gold chains, jewellery, jewelry",
        ),
        Loot.GEMS: words(
            "diamant/edelsteen, diamant, diamanten, edelsteen, edelstenen, briljant",
            "diamonds/gems, diamond, diamonds, gem, gems, gemstones",
        ),
        Loot.WEDDING_RINGS: words("trouwringen, trouwring", "wedding rings, wedding ring"),
        Loot.SILVER: words("zilver, zilveren sieraden", "silver, silver jewellery"),
        Loot.COINS: words(
            "munten/baren, munten, munt, baren, goudbaren", "coins/bars, coins, bars, bullion"
        ),
        Loot.CASH: words("contant, contant geld, geld, kassageld", "cash, money"),
        Loot.NOTHING: words("niets, geen, niks, geen buit", "nothing, none, no loot"),
        Loot.UNKNOWN: words("onbekend, weet niet", "unknown, do not know"),
    }
)

ANSWERS = Vocabulary(
    {
        Answer.YES: words("ja, j, jawel, wel, waar", "yes, y, true, yep"),
        Answer.NO: words("nee, n, neen, niet, geen, nog niet", "no, none, not, not yet, false"),
        Answer.UNKNOWN: words("onbekend, weet niet, ?", "unknown, do not know, ?"),
    }
)

ATTEMPTED = ("poging tot", "poging", "attempted", "attempt")
"""Words that make an attempt of the type they stand beside; the longest first."""
