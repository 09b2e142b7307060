"""What happened: the type somebody names, or the one that what they tell amounts to.

A type that is named wins over one that is told ("overval, ze sloegen de vitrine in"). Of what
is told the gravest counts: a car in a shop front is a ram raid, whatever else is stolen.
"""

from __future__ import annotations

import re
from typing import Final

from bridge.reports.fields import ReportType
from bridge.reports.spoken.words import TAKEN, Kind, Span, Words, phrase

_T = ReportType

_NAMED: Final = (
    (_T.EXPLOSIVE_ATTACK, r"\S*plof ?-?kra\S+|explosive (?:attack|raid)|bomb(?:ing)? attack"),
    (_T.RAM_RAID, r"\S*ram ?-?kra\S+|ram ?-?raid\S*|ramraid\S*|ramming|snelkraak"),
    (
        _T.STREET_ROBBERY,
        (
            r"straat ?-?ro[ov]\S*|street robbery|mugging|mugged|"
            r"(?:overval|beroving|beroofd|overvallen|robbed|robbery)(?: \S+)? (?:op straat|"
            r"op weg naar"
            r" (?:huis|de bank)|on (?:the|my) (?:street|way home)|in the street)|"
            r"op straat (?:\S+ )?(?:beroofd|overvallen)|buiten (?:\S+ )?beroofd"
        ),
    ),
    (
        _T.ROBBERY,
        (
            r"\S*overval|\S*overvalpoging|overvallen|overvallers?|overvalletje|roof|"
            r"gewapende? roof|"
            r"robber(?:y|ies)|armed robbery|robbing|robbers?|heist|hold ?-?up|held up|stick ?-?up|"
            r"smash (?:and|&|n) grab"
        ),
    ),
    (_T.CHANGE_TRICK, r"wissel ?truc\S*|(?:change|switch|swap) (?:trick|scam)|geldwisseltruc"),
    (
        _T.TRICK,
        (
            r"babbel ?truc\S*|afleidings?truc\S*|distraction (?:theft|trick)|con ?trick|scam|"
            r"oplichting|oplichters?|con (?:man|men|artists?)|nep ?-?agent\S*|fake police\S*|"
            r"valse agent\S*"
        ),
    ),
    (
        _T.SHOPLIFTING,
        (
            r"winkeldiefs?\S*|winkel diefstal|\S*diefstal(?:len)?|shoplift\S*|grab (?:and|&|n) run|"
            r"snatch(?: theft)?|theft|grisdiefstal|proletarisch"
        ),
    ),
    (
        _T.BURGLARY,
        r"\S*inbraak(?:je|poging)?|inbraken|burglar\S*|break ?-?in|insluip\S*|inbrekers?|kraak",
    ),
    (
        _T.RECONNAISSANCE,
        r"voor ?-?verkenn\S*|verkenn\S+|reconn?ais\S*|recon|scouting|casing|cased|verkend",
    ),
    (_T.GOODS_OFFERED, r"heling|heler|fencing|stolen goods offered|goederen aangeboden"),
    (_T.THREAT, r"bedreig(?:ing\S*)|dreiging|threats?|chantage|afpersing|extortion|intimidatie"),
)
_CALLED: Final = tuple((kind, phrase(pattern)) for kind, pattern in _NAMED)

_CAR = r"(?:auto|wagen|bus|busje|bestelbus|truck|car|van|vrachtwagen|suv|voertuig|vehicle)"
_FRONT = (
    r"(?:pui|gevel|etalage|winkel|ruit|deur|voordeur|zaak|raam|rolluik|window|shop|front|store|"
    r"shopfront|storefront|shutter|entrance)"
)
_TOLD: Final = tuple(
    (kind, phrase(pattern))
    for kind, pattern in (
        (
            # Under somebody's car, to learn where they live.
            _T.RECONNAISSANCE,
            (
                rf"(?:tracker|baken|airtag)(?: \S+){{0,4}} {_CAR}|"
                rf"{_CAR}(?: \S+){{0,6}} (?:tracker|baken|airtag)"
            ),
        ),
        (
            _T.EXPLOSIVE_ATTACK,
            (
                r"\S*explosie[fv]?\S*|explosion|ontplof\S+|opgeblazen|plof\S*|bom|bomb|cobra\S*|"
                r"(?:blew|blown) up|zwaar vuurwerk|explosives?"
            ),
        ),
        (
            _T.RAM_RAID,
            (
                rf"(?:geramd|rammed|ramde|ramden|rammen)|{_CAR}(?: \S+){{0,4}} {_FRONT}"
                r"(?: (?:in|binnen|binnengereden|ingereden|gereden|geramd))|"
                rf"{_CAR} (?:in|door|tegen|into|through) (?:de |het |the |mijn |onze |my |"
                rf"our )?{_FRONT}"
                rf"|(?:drove|crashed|reversed)(?: \S+){{0,3}} (?:into|"
                rf"through)(?: \S+){{0,2}} {_FRONT}"
                rf"|(?:reed|reden)(?: \S+){{0,4}} {_FRONT} (?:in|binnen)|(?:pui|gevel|etalage) "
                r"(?:in|uit)gereden|ingereden op (?:de )?(?:pui|gevel|winkel)"
            ),
        ),
        (
            _T.STREET_ROBBERY,
            (
                r"(?:op straat|on the street|in the street|thuis)(?: \S+){0,6} "
                r"(?:beroofd|afgepakt|robbed|gerukt|stolen from me)|(?:beroofd|"
                r"robbed)(?: \S+){0,5} "
                r"(?:op straat|on the street|in the street|outside|parkeergarage|parkeerplaats)|"
                r"van (?:mijn|haar|zijn|de) (?:pols|nek|hals|arm) (?:gerukt|getrokken)"
            ),
        ),
        (
            _T.ROBBERY,
            (
                r"beroofd|beroving|overvalle\S*|robb?ed|rob|geld of (?:je |uw )?leven|"
                r"(?:onder schot|at (?:gun|knife) ?point|gunpoint|knifepoint)|gegijzeld|"
                r"vastgebonden|opgewacht|ambushed|"
                r"(?:gedwongen|dwong\S*|forced)(?: \S+){0,5} (?:kluis|safe|openen|open|afgeven)|"
                r"tied up|(?:gewapend|armed)(?: \S+){0,4} (?:binnen|naar binnen|inside|"
                r"in de winkel|"
                r"in the (?:shop|store))|(?:binnen|in (?:de|my|mijn|the|onze) (?:winkel|zaak|shop|"
                r"store)"
                r")(?: \S+){0,5} (?:met|with) (?:een |a )?(?:pistool|mes|wapen|gun|knife|vuurwapen|"
                r"machete|hamer\S*|hammers?|mokers?)|(?:dreig\S*|threat\S*)(?: \S+){0,3} (?:met|"
                r"with) "
                r"(?:een |a )?(?:pistool|mes|wapen|gun|knife|vuurwapen|machete|revolver)"
                r"(?: \S+){0,8} (?:horloge\S*|sieraden|goud|geld|rolex\S*|meegenomen|kassa|"
                r"jewel\S*|"
                r"cash|money|watch\S*|took|buit)"
            ),
        ),
        (
            _T.CHANGE_TRICK,
            (
                r"(?:briefje|biljet|geld)(?: \S+){0,3} (?:wisselen|gewisseld|wisselde\S*)|"
                r"(?:wissel(?:en|t|de|den)(?: \S+){0,4} om|gewisseld|omgewisseld|verwisseld|"
                r"omgeruild|swapped|switched|swopped)|"
                r"(?:ring|ketting|armband|horloge|watch|necklace)(?: \S+){0,4} "
                r"(?:voor|met|for|with) (?:een |a )?(?:nep\S*|namaak\S*|fake|vals\S*)"
            ),
        ),
        (
            _T.SHOPLIFTING,
            (
                r"griste\S*|gegrist|graaide\S*|gegraaid|grabbed|grabs|snatched|weggegrist|"
                r"(?:uit|van)(?: \S+){0,3} hand(?:en)?(?: \S+){0,3} (?:getrokken|gerukt)|"
                r"(?:klant|customer)(?: \S+){0,6} (?:weggerend|rende weg|ran off|ran away|ran out)|"
                r"zonder (?:te )?betalen|without paying"
            ),
        ),
        (
            _T.TRICK,
            (
                r"babbelde\S*|afgeleid|afleid\S+|leidde\S* (?:\S+ ){0,3}af|distract\S*|"
                r"(?:deed|deden|geeft|gaf|gaven) (?:zich|hem|haar) (?:\S+ ){0,2}(?:uit|voor)|"
                r"zogenaamd\S*|pretend\S*|posing as|zei van de (?:politie|bank|gemeente)|"
                r"(?:meter|water|gas)(?:stand|leiding)? (?:opnemen|controleren)|opgelicht|scammed|"
                r"conned"
            ),
        ),
        (
            _T.BURGLARY,
            (
                r"ingebroken|ingebr\S*|inbrak\S*|(?:broke|broken|breaking|break) in(?:to)?|burgled|"
                r"(?:deur|achterdeur|voordeur|slot|rolluik|dak|raam|muur)(?: \S+){0,3} "
                r"(?:geforceerd|opengebroken|open ?gebroken|opgebroken|geflipperd|opgekrikt|"
                r"ingeslagen|"
                r"ingetrapt|kapot)|(?:door|via) (?:het |de )?(?:dak|buurpand|muur|achterdeur)|"
                r"in te breken|(?:ruit|raam|etalage|pui|etalageruit)(?: \S+){0,3} (?:ingetikt|"
                r"ingegooid|eruit|vernield)|"
                r"(?:pry|pried|force|forced|forcing|kick\S*)(?: \S+){0,4} (?:doors?|"
                r"windows?|shutters?|lock)|"
                r"(?:deur|achterdeur|voordeur|slot|rolluik|raam)(?: \S+){0,2} (?:open te breken|"
                r"te forceren)|through the (?:roof|wall|back door)|"
                r"(?:door|lock|window|shutter)(?: \S+){0,2} "
                r"(?:forced|broken|smashed|pried)|'?s nachts leeggehaald|leeggeroofd|kluis gekraakt"
            ),
        ),
        (
            _T.RECONNAISSANCE,
            (
                r"(?:(?:maak|maken|maakt|maakte|maakten|nam|nemen|neemt|aan het|zit te|stond te|"
                r"staat te|took|taking|takes|take)(?: \S+){0,3} )?(?:foto ?'?s|foto'?tjes|"
                r"filmpjes?|"
                r"photo\S*|pictures|pics|gefotografeerd|fotografe\S*|filmen|filmt|filmde\S*|"
                r"gefilmd|"
                r"filming)|"
                r"(?:vraagt|vragen|vroeg|vroegen|gevraagd|asks?|asked|asking)(?: \S+){0,6} "
                r"(?:sluitingstijd\S*|sluiten|dicht ?gaan|gaan sluiten|beveilig\S*|camera\S*|"
                r"alarm\S*|"
                r"kluis|safe|closing|close|closed|security|cctv|personeel|alleen|alone|staff)|"
                r"hoe laat (?:\S+ ){0,3}(?:sluit\S*|dicht)|what time (?:\S+ ){0,2}clos\S*|"
                r"(?:rond ?jes|circling|driving (?:around|past)|rijdt? (?:\S+ ){0,3}(?:langs|"
                r"voorbij|"
                r"rond)|"
                r"(?:loop|lopen|loopt|liep|liepen) (?:\S+ ){0,3}(?:heen en weer|langs|rond))|"
                r"(?:staat|staan|stond|stonden|zit|zitten|hangt|hangen)(?: \S+){0,9} (?:te )?"
                r"(?:kijken|loeren|spieden|posten|observeren|gluren|wachten)|"
                r"(?:houdt?|houden|hield\S*)(?: \S+){0,3} in de gaten|drone\S*|gps ?tracker|baken|"
                r"(?:looking|staring|watching|hanging) (?:at|in|around|into)|checking (?:out|the)|"
                r"kijkt (?:\S+ ){0,3}(?:rond|camera\S*|beveilig\S*)|kijken (?:\S+ ){0,3}"
                r"(?:camera\S*|beveilig\S*|rond|naar binnen)|verkennen|observe\S*|"
                r"in the area (?:again)"
            ),
        ),
        (
            _T.GOODS_OFFERED,
            (
                r"(?:wil|wilde|wilden|willen|probeert|probeerde|komt|kwam|kwamen|wants?|wanted|"
                r"tried|"
                r"tries|trying|te|to)(?: \S+){0,8} (?:verkopen|inruilen|belenen|inleveren|sell|"
                r"pawn|"
                r"trade in)|te koop (?:aan)?(?:geboden|aan)|aangeboden|aanbieden|"
                r"biedt?(?: \S+){0,5} aan|"
                r"bood(?: \S+){0,5} aan|offered(?: \S+)? for sale|offer\S* (?:\S+ ){0,4}(?:gold|"
                r"watch\S*|"
                r"jewel\S*|rings?|rolex\S*)|selling|verkoopt?|offered me|for sale"
            ),
        ),
        (_T.THREAT, r"bedreig\S*|dreig\S*|gedreigd|threaten\S*|dreigbrief|dreigtelefoontje"),
        (
            _T.SHOPLIFTING,
            (
                r"gestolen|gejat|gepikt|steelt|stelen|stal|stalen|jatten|jatte|stole|stolen|"
                r"steal\S*|"
                r"zakkenroll\S*|pickpocket\S*|meegenomen|meegegrist|dieven|dief|thief|thieves|"
                r"vermist"
            ),
        ),
        (
            _T.SUSPICIOUS,
            (
                r"verdacht\S*|suspicious\S*|onguur|ongure|vreemde?|rare|raar|gek gevoel|niet pluis|"
                r"vertrouw\S*|strange|weird|dodgy|shady|sketchy|odd|onrustig|zenuwachtig\S*|nervous"
            ),
        ),
    )
)

_ATTEMPT: Final = phrase(
    r"poging(?: tot)?|pogingen|attempt(?:ed|s)?(?: to| at)?|geprobeerd|probeer\S*|trie[ds](?: to)?|"
    r"trying to|try to|mislukt\S*|failed|unsuccessful|niet gelukt|lukte niet|niet binnen ?gekomen|"
    r"kwamen niet binnen|niet binnen|(?:kwam|kwamen|zijn|is) niet binnen\S*|"
    r"(?:didn'?t|did not|couldn'?t|could not) (?:get|make it) in(?:side)?|foiled|verijdeld|"
    r"afgebroken|"
    r"\S+poging|gave up|opgegeven|gaven op|bleef bij (?:een )?poging"
)
_SMASHED: Final = phrase(
    r"(?:slaan|slaat|sloeg\S*|smash\S*|broke|breaking|hakten|slaand)(?: \S+){0,6} "
    r"(?:vitrine\S*|showcase\S*|display\S*|toonbank\S*|counters?|cabinets?)|"
    r"(?:vitrine\S*|showcase\S*|display\S*|cabinets?)(?: \S+){0,3} "
    r"(?:ingeslagen|kapot\S*|stuk\S*|smashed|broken|leeg\S*|in|emptied)"
)
_AT_NIGHT: Final = phrase(r"vannacht|gisternacht|nacht|nachts|zaterdagnacht|night|overnight")
_CAME_IN: Final = phrase(
    r"binnen ?-?(?:geweest|gelopen|gevallen|gekomen|gedrongen|gestormd|vallen)|(?:zijn|is|kwam|"
    r"kwamen|stormd\S*|"
    r"viel|vielen) (?:\S+ )?(?:naar )?binnen|(?:came|walked|stormed|burst|barged) in(?:side|to)?|"
    r"entered|are inside|inside (?:the|our|my) (?:shop|store)"
)
_WITH_A_WEAPON: Final = phrase(
    r"(?:met|with) (?:een |a |twee |2 )?(?:pistool|pistolen|vuurwapens?|mes|messen|machetes?|guns?|"
    r"knife|knives|revolver|handguns?)"
)
_ARMS: Final = phrase(
    r"\S*(?:pistool|pistolen|wapens?|mes|messen|bijl|bijlen|hamers?|mokers?|machetes?)|guns?|"
    r"kni(?:fe|ves)|hammers?|axes?|pistols?|bats?|knuppels?|armed|gewapend\S*"
)
_STEALS: Final = frozenset(
    {
        *(_T.ROBBERY, _T.STREET_ROBBERY, _T.RAM_RAID, _T.EXPLOSIVE_ATTACK, _T.BURGLARY),
        *(_T.SHOPLIFTING, _T.TRICK, _T.CHANGE_TRICK),
    }
)
"""Types that can stay an attempt."""

_SAYS_NOTHING_HAPPENED: Final = phrase(
    r"(?:geen|no|not an?|niet een) (?:overval|inbraak|ramkraak|robbery|burglary|"
    r"\S*diefstal(?:len)?|poging)"
)


def read_type(words: Words) -> ReportType | None:
    """Take the words that name the type; words that only tell of it are left for the story."""
    for denied in list(words.find(_SAYS_NOTHING_HAPPENED)):
        words.take(denied.first, denied.last, Kind.TRAIT)
    named: list[tuple[int, int, ReportType, Span]] = []
    for rank, (kind, pattern) in enumerate(_CALLED):
        named += [(span.first, rank, kind, span) for span in words.find(pattern)]
    told = next((kind for kind, pattern in _TOLD if words.first(pattern)), None)
    if told in (None, _T.SHOPLIFTING, _T.SUSPICIOUS) and words.first(_SMASHED):
        # By day there are people inside: violence. At night it is a burglary.
        told = _T.BURGLARY if words.first(_AT_NIGHT, also=TAKEN) else _T.ROBBERY
    if told in (None, _T.SUSPICIOUS, _T.SHOPLIFTING) and words.first(_CAME_IN):
        told = _T.ROBBERY if words.first(_ARMS) else told
    if told is None and words.first(_WITH_A_WEAPON):
        told = _T.ROBBERY
    if not named:
        return told
    for _, _, _, span in named:
        words.take(span.first, span.last, Kind.TYPE)
    graver = (_T.EXPLOSIVE_ATTACK, _T.RAM_RAID, _T.STREET_ROBBERY)
    for kind in graver:
        if any(found[2] is kind for found in named):
            return kind
    return min(named)[2]


def read_attempt(words: Words, kind: ReportType | None) -> bool | None:
    """Return true if somebody says that it stayed an attempt."""
    if kind is not None and kind not in _STEALS:
        return None
    found = list(words.find(_ATTEMPT, also=TAKEN))
    for span in found:
        single = span.last - span.first <= 2
        if single and re.match(r"poging|attempt|\S+poging", span.found[0]):
            words.take(span.first, span.last, Kind.HEADING)
    return True if found else None
