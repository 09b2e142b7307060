"""Weapons, loot, vehicles, and what is answered with yes or no."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bridge.reports.fields import FieldName, Loot, ReportType, Weapon
from bridge.reports.spoken.words import TAKEN, Kind, Words, phrase

_T = ReportType

_VIOLENT: Final = frozenset({_T.ROBBERY, _T.STREET_ROBBERY, _T.THREAT, None})
_TAKES: Final = frozenset(
    {
        *(_T.ROBBERY, _T.STREET_ROBBERY, _T.RAM_RAID, _T.EXPLOSIVE_ATTACK, _T.BURGLARY),
        *(_T.SHOPLIFTING, _T.TRICK, _T.CHANGE_TRICK),
    }
)
"""Types in which something can be taken."""

_WEAPONS: Final = tuple(
    (weapon, phrase(pattern))
    for weapon, pattern in (
        (
            Weapon.NONE,
            (
                r"(?:geen|zonder|no) (?:\S+ )?(?:wapens?|weapons?|vuurwapens?|guns?)(?: gezien|"
                r" seen)?|"
                r"ongewapend\S*|unarmed|geen (?:mes|pistool)|wapenloos|not armed|niet gewapend"
            ),
        ),
        (
            Weapon.THREATENED,
            (
                r"(?:dreig\S*|zei\S*|zegt|zeggen|deed alsof|deden alsof|suggereerde\S*|threatened|"
                r"said|says|claim\S*|pretend\S*)(?: \S+){0,5} (?:wapen|weapon)(?: \S+){0,2}|"
                r"(?:hand|vinger)(?: \S+){0,2} (?:jas ?zak|zak|pocket|jacket|coat)(?: alsof \S+)?|"
                r"wapen niet gezien|weapon not seen|mee gedreigd|"
                r"(?:dreig\S*|threat\S*) (?:te|to) (?:schieten|steken|shoot|stab)"
            ),
        ),
        (
            Weapon.FIREARM,
            (
                r"\S*(?:vuurwapen|pistool|pistolen|revolver|geweer|geweren)\S*|guns?|handguns?|"
                r"pistols?|"
                r"firearms?|rifles?|shotguns?|blaffer|uzi|kala?s[hj]\S*nikov|"
                r"ak ?-? ?47|(?:at )?gun ?-?point|"
                r"glock|"
                r"onder schot|geschoten|schoten gelost|schoot|shots? fired|gunmen|gunman|"
                r"automatisch wapen"
            ),
        ),
        (
            Weapon.STABBING,
            (
                r"\S*mes|messen|steekwapens?|keukenmes\S*|knife|knives|(?:at )?knife ?-?point|"
                r"machetes?|"
                r"kapmes\S*|schroevendraaiers?|screwdrivers?|blades?|dolk|zwaard|sword|stanleymes|"
                r"stiletto|gestoken|stabbed|daggers?"
            ),
        ),
    )
)
_TOOLS: Final = phrase(
    r"\S*(?:hamers?|mokers?)|hammers?|sledge ?-?hammers?|bijlen|bijl|axes?|honkbalknuppels?|"
    r"knuppels?|bats?|baseball bats?|breekijzers?|koevoet\S*|crowbars?|slagwapens?|ploertendoder|"
    r"boksbeugel|ijzeren (?:staaf|staven|buis|pijp)|iron bar|staaf|pipe|hakbijl"
)
_EXPLOSIVES: Final = phrase(
    r"explosie[fv]\S*|explosives?|explosion|cobra(?:'s|s)?|vuurwerkbom\S*|zwaar vuurwerk|bom|bomb|"
    r"handgranaat|grenade|ontploff\S+|ontplof\S+|fireworks?"
)
_ARMED: Final = phrase(r"(?:zwaar )?gewapende?|armed|met (?:een )?wapens?|with (?:a )?weapons?")
_KINDLESS: Final = phrase(r"met (?:een )?wapens?|with (?:a )?weapons?|gewapend|gewapende|armed")

_NOTHING: Final = phrase(
    r"(?:niks|niets|nothing|geen buit|no loot|nix|niet[s]?)(?: \S+){0,2}? "
    r"(?:mee|weg|buit|buitgemaakt|gestolen|meegenomen|taken|stolen|missing|gepakt|gejat|got)|"
    r"(?:zonder|without|geen|no) (?:buit|loot|iets mee te nemen)|(?:met )?lege handen|"
    r"empty ?-?handed|(?:took|stole|taken|got|stolen) nothing|buit (?:nihil|geen|niets|niks)|"
    r"(?:niks|niets|nothing)(?= (?:$|[.,;!§]))|niets buit|"
    r"(?:nam|namen) (?:niets|niks) mee|(?:didn'?t|did not) (?:take|get) anything|"
    r"niet(?:s)? (?:aan de haal|meegenomen)"
)
_BRANDS = (
    r"rolex\S*|rolexen|omega'?s?|cartier\S*|breitling\S*|patek\S*|audemars\S*|ap's|iwc|tag heuer|"
    r"hublot\S*|panerai\S*|tudor\S*|chopard\S*|richard mille|vacheron\S*|zenith|jaeger\S*"
)
_LOOT: Final = tuple(
    (loot, phrase(pattern))
    for loot, pattern in (
        (
            Loot.LUXURY_WATCHES,
            (
                rf"(?:{_BRANDS})(?: (?:horloges?|watch(?:es)?))?|(?:luxe|dure|exclusieve|luxury|"
                rf"expensive|high end|designer|duur|"
                rf"peperdure) "
                r"(?:horloges?|watch\S*|klokken)|luxehorloges?"
            ),
        ),
        (Loot.WEDDING_RINGS, r"trouwringe?n?|wedding (?:rings?|bands?)|verlovingsring\S*"),
        (
            Loot.SILVER,
            (
                r"zilver\S*(?: (?:sieraden|ringe?n?|ketting\S*|armband\S*|oorbel\S*|hanger\S*|"
                r"lepel\S*))?|silver\S*(?: jewel\S*)?"
            ),
        ),
        (
            Loot.COINS,
            (
                r"munten|muntjes|goudbaar\S*|goudbaren|baren|baartjes|goudstukken|coins|"
                r"(?:gold )?bars|bullion|krugerrands?|gouden (?:munten|baren|tientjes)"
            ),
        ),
        (
            Loot.GEMS,
            (
                r"\S*diamant\S*|briljant\S*|edelste\S+|diamonds?|gems?|gemstones?|saffier\S*|"
                r"robijn\S*|"
                r"smaragd\S*|engagement rings?|solitair\S*"
            ),
        ),
        (
            Loot.GOLD,
            (
                r"goud|gouden(?: (?:sieraden|ringe?n?|ketting\S*|armband\S*|oorbel\S*|hanger\S*))?|"
                r"(?:\d+ ?(?:kt|karaat|k|carat) )?(?:gold|golden)(?: (?:jewel\S*|rings?|chains?|"
                r"necklaces?|bracelets?))?|(?:set |plateau |tray |blad |bord |rol )?"
                r"(?:sieraden|sieraad|juwelen|ringen|ring|kettingen|ketting|kettinkjes|armbanden|"
                r"armband|"
                r"oorbellen|oorbel|colliers?|hangers?|schakelarmband\S*|jewell?er?y(?! (?:store|"
                r"shop))|rings?|chains?|"
                r"necklaces?|bracelets?|earrings?|bangles?|pendants?|zegelring)"
            ),
        ),
        (Loot.OTHER_WATCHES, r"\S*horloges?|watch(?:es)?|smartwatch\S*|klokken"),
        (
            Loot.CASH,
            (
                r"(?:contant |cash )?geld|contanten|cash(?: geld)?|money|kas ?-?geld|kassalade|"
                r"(?:inhoud (?:van )?(?:de )?)?kassa|kassa leeg\S*|till|register|cash register|"
                r"dagopbrengst|"
                r"\d+ ?euro|euro'?s|wisselgeld"
            ),
        ),
        (
            Loot.UNKNOWN,
            (
                r"buit (?:nog )?(?:onbekend|unknown)|onbekende? buit|loot (?:not known|unknown)|"
                r"(?:weet|weten) (?:nog )?niet wat (?:\S+ ){0,3}(?:weg|mee|meegenomen|"
                r"gestolen)(?: is)?"
            ),
        ),
    )
)
_TAKEN_HINT: Final = phrase(
    r"mee|meegenomen|weg|buit|buitgemaakt|gestolen|gejat|gepikt|gegrist|griste\S*|graaid\S*|"
    r"pakte\S*|"
    r"leeg\S*|gepakt|meegegrist|stal\S*|steelt|stole\S*|taken|took|takes|grabbed|snatched|missing|"
    r"loot|verdwenen|vandoor|away|off|kwijt|stealing|nam|namen|roofde\S*|eiste\S*|demanded|vermist|"
    r"vitrine\S*|ingepakt|afgepakt|geroofd|gewisseld|ripped|got|cleared|emptied|with"
)

_NOT = r"(?:geen|niet|niemand|no|not|nobody|no ?-?one|none|nog niet|nog geen|zonder|without)"
_ANSWERS: Final = tuple(
    (field, phrase(no), phrase(yes))
    for field, no, yes in (
        (
            FieldName.INJURY,
            (
                rf"{_NOT}(?: \S+){{0,2}}? (?:gewond\S*|letsel|gewonden|injur\S*|hurt|slachtoffers)|"
                r"(?:iedereen|allemaal|everyone|everybody|we zijn|personeel|all)(?: \S+){0,3}? "
                r"(?:ongedeerd|oke|oké|ok|okay|in orde|fine|safe|unharmed|veilig)|ongedeerd|"
                r"unharmed|"
                r"alleen schrik|met de schrik vrij|letsel (?:nee|geen)"
            ),
            (
                r"gewond\S*|letsel|injur\S*|hurt|gestoken|stabbed|neergeschoten|bloed\S*|bleeding|"
                r"ambulance(?: \S+)?|hoofdwond|klap(?:pen)? (?:gekregen|gehad|op)|ziekenhuis|"
                r"hospital|"
                r"mishandeld|neergeslagen|knocked down|punched|beaten"
            ),
        ),
        (
            FieldName.CALLED_112,
            (
                r"(?:nog |noch )?(?:112|politie|police|cops) (?:nog |yet )?(?:niet|not)(?: \S+)? "
                r"(?:gebeld|gewaarschuwd|called)|niet gebeld|nog niet gebeld|(?:not|haven'?t|"
                r"nog niet)"
                r"(?: \S+)? (?:called|gebeld)(?: \S+)? (?:112|police|politie)|"
                r"geen (?:112|politie) gebeld"
            ),
            (
                r"(?:112|een een twee|politie|police|cops)(?: \S+){0,3}? (?:gebeld|gewaarschuwd|"
                r"ingelicht|called|is er|zijn er|onderweg|ter plaatse|komt|was er|aanwezig|bellen|"
                r"on site|"
                r"on (?:the|their) way|informed|here|coming|notified|arrived|present|on scene)|"
                r"(?:gebeld|belde\S*|called|phoned|rang|calling|bel)(?: \S+){0,2}? (?:112|police|"
                r"politie|"
                r"cops)"
            ),
        ),
        (
            FieldName.DECLARATION,
            (
                r"(?:nog )?geen aangifte(?: gedaan)?|aangifte (?:nog )?(?:niet|volgt|moet nog|"
                r"later)"
                r"(?: \S+)?|moet nog aangifte(?: doen)?|no (?:police )?report (?:yet|filed|made)|"
                r"not (?:yet )?reported(?: to (?:the )?police)?"
            ),
            (
                r"aangifte(?: \S+)? (?:gedaan|is gedaan|gemaakt)|aangifte(?: ja)?|"
                r"reported(?: it)? to (?:the )?police|(?:police )?report (?:filed|made)|"
                r"filed a report"
            ),
        ),
        (
            FieldName.FOOTAGE,
            (
                r"(?:geen|no|zonder) (?:camera\S*|beeld\S*|footage|cctv|video)(?: beelden|"
                r" footage)?|"
                r"camera'?s? (?:deed|deden|werkte|werkten|was|waren) (?:het )?(?:niet|uit|kapot|"
                r"stuk)|"
                r"niet op (?:beeld|camera)"
            ),
            (
                r"(?:camera ?-?)?beelden(?: \S+)? (?:beschikbaar|aanwezig|veilig\S*)?|"
                r"camera ?-?beeld\S*|"
                r"beeldmateriaal|footage(?: available)?|cctv(?: footage)?|(?:op|on) (?:camera|"
                r"beeld|"
                r"video|tape|film)|(?:we )?hebben beeld|video(?: beelden)?|"
                r"staat (?:alles )?op camera"
            ),
        ),
    )
)

_VEHICLE_WORD = (
    r"(?:motor ?-?scooters?|scooters?|fat ?-?bikes?|e-?bikes?|brommers?|bromfiets\S*|motor(?:en|"
    r"fiets"
    r"\S*)?|motor ?-?bikes?|motorcycles?|mopeds?|fiets(?:en)?|bicycles?|bikes?|steps?|\S*auto'?s?|"
    r"cars?|wagens?|bus(?:je)?|bestelbus\S*|vans?|golf|polo|audi\S*|bmw\S*|mercedes|seat|peugeot|"
    r"renault|opel|volkswagen|vw|toyota|ford|fiat|clio|vespa|suv|stationwagen|truck|vluchtauto)"
)
_LOOK = (
    r"(?:(?:zwart|wit|rod|blauw|grijz|donker|licht|groen|zilver|gel|klein|grot|snell|oud)e?|grijs|"
    r"rood|geel|donkerblauwe?|donkergrijze?|zilverkleurige?|black|white|red|blue|grey|gray|dark|"
    r"silver|green|small|big|old|een|1|a|one|2|two|twee|de|hun|their|zilvergrijze?|type|model|merk)"
)
_RIDE: Final = phrase(
    rf"(?:(?:op|in|met|per|on|by) )?(?:{_LOOK} ){{0,4}}{_VEHICLE_WORD}(?: [rs]\d?)?"
)
_FOOT: Final = phrase(
    r"te voet|on foot|lopend|rennend|weggerend|rende\S*(?: (?:weg|hard|naar|richting))*|ran (?:off|"
    r"away|out|towards|toward)|running|by foot|te been"
)
_NOT_A_RIDE: Final = phrase(
    rf"(?:{_LOOK} ){{0,3}}(?:\S*auto|car|busje|bus|van|wagen|truck|"
    rf"bestelbus)(?: \S+){{0,3}} (?:pui|"
    r"gevel|etalage|ruit|voordeur|winkelpui|window|shopfront|storefront|front|shop|store|rolluik|"
    r"binnen ?gereden)"
)


_NO_RIDES: Final = frozenset({"van", "de van", "in van", "met van", "step", "bus", "seat", "ford"})
"""Words that are a vehicle only beside a colour or the like."""
_WITHOUT_ARTICLE: Final = re.compile(
    r"^(?:op|in|met|per|on|by|een|1|a|one|de)\s+(?:(?:een|a|1|de)\s+)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Ride:
    """How somebody came or fled, as it was typed, and at which words that stands."""

    text: str
    first: int
    last: int


def read_weapon(words: Words, kind: ReportType | None) -> Weapon | None:
    """Take the words for a weapon. A tool is one where people were threatened with it."""
    for weapon, pattern in _WEAPONS:
        found = list(words.find(pattern))
        if found:
            for span in found:
                words.take(span.first, span.last, Kind.TRAIT)
            return weapon
    explosives = list(words.find(_EXPLOSIVES))
    if explosives and kind in (*_VIOLENT, _T.EXPLOSIVE_ATTACK):
        return Weapon.EXPLOSIVE
    if kind in _VIOLENT and words.first(_TOOLS):
        return Weapon.BLUNT
    armed = words.first(_ARMED, also=TAKEN)
    if armed is not None and words.first(_KINDLESS, also=TAKEN):
        words.take(armed.first, armed.last, Kind.TRAIT)
        return Weapon.UNKNOWN
    return None


def read_loot(words: Words, kind: ReportType | None) -> tuple[Loot, ...]:
    """Take the words for what was taken; nothing where the type takes nothing."""
    if kind not in _TAKES:
        return ()
    nothing = words.first(_NOTHING)
    if nothing is not None:
        words.take(nothing.first, nothing.last, Kind.TRAIT)
        return (Loot.NOTHING,)
    told = words.first(_TAKEN_HINT, also=TAKEN) is not None
    found: dict[Loot, None] = {}
    for loot, pattern in _LOOT:
        for span in list(words.find(pattern)):
            found[loot] = None
            words.take(span.first, span.last, Kind.TRAIT)
    return tuple(found) if told or len(words) <= 25 else ()


def read_answers(words: Words) -> dict[FieldName, bool]:
    """Take the words that answer a question of yes or no."""
    said: dict[FieldName, bool] = {}
    for field, no, yes in _ANSWERS:
        for pattern, answer in ((no, False), (yes, True)):
            span = words.first(pattern)
            if span is not None and field not in said:
                words.take(span.first, span.last, Kind.TRAIT)
                said[field] = answer
    return said


def ride(words: Words, kind: ReportType | None) -> Ride | None:
    """Take the words for how somebody came or fled; None when none are there."""
    if kind is _T.RAM_RAID:
        for span in list(words.find(_NOT_A_RIDE)):
            words.take(span.first, span.last, Kind.TRAIT)
    spans = [span for span in words.find(_RIDE) if span.found[0] not in _NO_RIDES]
    spans = spans or list(words.find(_FOOT))
    if not spans:
        return None
    for span in spans:
        words.take(span.first, span.last, Kind.TRAIT)
    # The last that is named is the one they left on.
    last = spans[-1]
    text = _WITHOUT_ARTICLE.sub("", words.raw(last.first, last.last))
    return Ride(text, last.first, last.last)
