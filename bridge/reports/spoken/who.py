"""How many offenders there were: "2 man", "drie gemaskerde mannen", "a couple of guys"."""

from __future__ import annotations

import re
from typing import Final

from bridge.reports.report import Count
from bridge.reports.spoken.words import Kind, Span, Words, phrase

_NUMBERS: Final = {
    word: number
    for number, listed in enumerate(
        (
            ["een", "one", "a", "an", "1", "ene", "enkele"],
            ["twee", "two", "2", "tweetal"],
            ["drie", "three", "3", "drietal"],
            ["vier", "four", "4", "viertal"],
            ["vijf", "five", "5"],
            ["zes", "six", "6"],
            ["zeven", "seven", "7"],
            ["acht", "eight", "8"],
            ["negen", "nine", "9"],
            ["tien", "ten", "10"],
        ),
        start=1,
    )
    for word in listed
}
_MOST: Final = 20
"""More offenders than this are a house number or a price."""

_MANY_LISTED: Final = """
man mannen mensen vrouwen daders jongens jongeren gasten kerels knapen lui figuren types
personen overvallers inbrekers dieven rovers verdachten gozers pers tieners meiden meisjes
dames heren knullen mannetjes jochies criminelen jongemannen verkenners agenten straatrovers
men women people guys males females offenders suspects robbers thieves lads boys persons kids
teens teenagers blokes youths burglars perps individuals dudes girls attackers gunmen m v d p
pax koppen leden nepagenten oplichters bezorgers monteurs klanten customers ladies gents chaps
gemaskerden gewapenden onbekenden volwassenen broers zussen jongedames jongelui
"""
MANY: Final = _MANY_LISTED.split()
"""Words behind a number of people."""
_SINGLE_LISTED: Final = """
man vrouw dader jongen gast kerel knul gozer persoon overvaller inbreker dief rover meisje
dame heer tiener verdachte figuur type jongeman individu pers pl nepagent oplichter verkenner
men guy woman male female offender suspect robber thief boy person girl bloke lad kid m
teenager burglar perp individual dude gunman attacker klant customer lady gent chap jongedame
"""
_SINGLE: Final = _SINGLE_LISTED.split()
_NOT_OURS: Final = frozenset({"mijn", "onze", "m'n", "my", "our", "zijn", "haar", "mn"})
_THERE_ARE: Final = {("zijn", "er"), ("zijn", "het"), ("zijn", "daar")}

_LOOKS = (
    r"(?:(?!§)[a-z]{3,}(?:e|ed|de|te|sche)|zwart|donker|licht|wit|blank|jong|lang|gewapend|"
    r"gemaskerd|young|tall|short|black|white|dark|thin|fat|hooded|onbekend|unknown|male|female|"
    r"geheel|in het zwart|in zwart|met helm|zware|big|small|older|foreign|helmeted)"
)
_DIGITS = r"\d{1,2}"
_NUMBER = rf"(?:{_DIGITS}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_RANGE = (
    rf"(?:(?P<least>minstens|minimaal|zeker|at least|tenminste|meer dan|more than) )?"
    rf"(?:(?:ongeveer|circa|ca|zo'n|about|around|maybe|misschien|wel) )?"
    rf"(?:(?P<pair>\d{{1,2}}[-/]\d{{1,2}})|(?P<low>{_NUMBER})"
    rf"(?: (?:-|/|a|of|tot|or|to|à) (?P<high>{_NUMBER}))?)"
    rf"(?P<more> \+| of meer| or more)?(?: x)?"
)
_COUNTED: Final = phrase(rf"{_RANGE}(?: {_LOOKS}){{0,3}} (?P<noun>{'|'.join([*MANY, *_SINGLE])})")
_AFTER: Final = phrase(
    rf"(?:aantal )?(?:daders?|offenders?|suspects?|verdachten?|robbers|personen)"
    rf"(?: (?::|=|waren met|were|zijn))? {_RANGE}(?! (?:uur|min\w*|km|jaar|years?|§))"
)
_TOGETHER: Final = phrase(
    r"(?:met |waren )?(?:z'n|zn|hun|z)(?: z'n)? (?P<low>\d{1,2}|tw[e]+|drie|vier|vijf|"
    r"zes)(?: ?en)?|"
    r"(?:met |waren met |with |they were (?:with )?|there were |er waren er |ze waren met )"
    rf"(?P<low2>{_NUMBER})(?: (?:of|or) (?P<high2>{_NUMBER}))?(?= (?:,|\.|;|op|on|en|and|§|-|!)|$)|"
    rf"(?P<low3>{_NUMBER}) (?:op|on) (?:(?:een|1|één|a|one|2|two|twee|de|zwarte|black|rode|witte) )"
    r"{0,2}(?:scooters?|fatbikes?|fiets\w*|brommers?|motor\w*|mopeds?|bikes?|bicycles?)|"
    r"(?P<low4>\d) (?:of|or) (?P<high4>\d)(?= (?:,|\.|gemaskerd|masked|op|on)|$)"
)
_TENS = {"tweeen": 2, "tweeën": 2, "twee": 2, "drieen": 3, "drieën": 3, "vieren": 4, "vijven": 5}
_TOGETHER_EN: Final = phrase(
    r"(?:met )?(?:z'n|zn|hun|z) (?P<word>tweeen|tweeën|drieen|drieën|vieren|vijven)"
)
_FIXED: Final = tuple(
    (phrase(pattern), count)
    for pattern, count in (
        (r"duo|stel|stelletje|koppel|tweetal|pair|couple(?! of)|the two of them", Count(2, 2)),
        (r"trio|drietal", Count(3, 3)),
        (r"viertal", Count(4, 4)),
        (
            (
                r"(?:een |a )?(?:paar|couple of|few|aantal|groep\S*|group(?: of)?|bende|gang|stel|"
                rf"meerdere|several|multiple|verschillende|enkele)(?: {_LOOKS}){{0,2}} "
                rf"(?:{'|'.join(word for word in MANY if len(word) > 2)})"
            ),
            Count(2, None),
        ),
        (r"groepje|groep|bende|(?<!aan de )gang(?! of)|group", Count(3, None)),
    )
)
_PLURAL: Final = phrase(
    rf"(?:(?:de|the|door|by|gemaskerde|masked|jonge|young) )*(?:{_LOOKS} )?"
    r"(?P<noun>mannen|jongens|men|guys|overvallers|robbers|gasten|kerels|boys|lads|vrouwen|women|"
    r"nepagenten|gunmen)"
)
_ONE: Final = phrase(
    rf"(?:(?:een|1|a|one|de|the|door|by) )?(?:{_LOOKS} ){{0,2}}(?P<noun>man|vrouw|dader|jongen|"
    rf"gast|"
    r"kerel|gozer|overvaller|inbreker|dief|guy|woman|male|robber|thief|bloke|jongeman|nepagent|"
    r"offender|suspect|shoplifter|winkeldief|klant|gunman|dame|vent|knul|burglar|someone|iemand)"
    r"(?! of)"
)


def read_offenders(words: Words) -> Count | None:
    """Take the words that count the offenders."""
    counted = [
        span
        for span in words.find(_COUNTED, also={Kind.TYPE})
        if not _somebody_else(words, span) and _sensible(span.found)
    ]
    if counted:
        return _sum(words, counted)
    for pattern in (_AFTER, _TOGETHER_EN, _TOGETHER):
        span = words.first(pattern)
        if span is not None:
            count = _count(span.found)
            if count is not None:
                _take(words, span)
                return count
    for fixed, number in _FIXED:
        span = words.first(fixed)
        if span is not None:
            _take(words, span)
            return number
    for span in words.find(_PLURAL, also={Kind.TYPE}):
        _take(words, span)
        return Count(2, None)
    ones = [span for span in words.find(_ONE, also={Kind.TYPE}) if not _somebody_else(words, span)]
    if len(ones) > 1 and _joined(words, ones[0], ones[1]):
        _take(words, Span(ones[0].first, ones[1].last, ones[0].found))
        return Count(2, 2)
    if ones and ones[0].found["noun"] not in ("klant", "iemand", "someone"):
        _take(words, ones[0])
        return Count(1, 1)
    return None


def _somebody_else(words: Words, span: Span) -> bool:
    """Whether these are our own people, or customers who only stood by."""
    noun = span.found["noun"]
    if noun.startswith(("klant", "customer")):
        return words.plain(span.first - 1) not in ("als", "as", "nep", "door", "by")
    before = words.plain(span.first - 1)
    return before in _NOT_OURS and (before, words.plain(span.first - 2)) not in _THERE_ARE


def _sensible(found: re.Match[str]) -> bool:
    low = _low(found)
    if found["noun"] in ("m", "v", "d", "p") and not (low and low > 1):
        return False
    return low is not None and 1 <= low <= _MOST


def _low(found: re.Match[str]) -> int | None:
    if found["pair"]:
        return int(re.split("[-/]", found["pair"])[0])
    return _number(found["low"])


def _sum(words: Words, counted: list[Span]) -> Count | None:
    """Add up "2 mannen en 1 vrouw"; other numbers further on tell of the same people."""
    total = _count(counted[0].found)
    end = counted[0]
    _take(words, end)
    for span in counted[1:]:
        more = _count(span.found)
        if total is None or more is None or not _joined(words, end, span):
            break
        total = Count(
            total.low + more.low,
            None if total.high is None or more.high is None else total.high + more.high,
        )
        _take(words, span)
        end = span
    single = next((span for span in words.find(_ONE) if _joined(words, end, span)), None)
    if single is not None and total is not None:
        total = Count(total.low + 1, None if total.high is None else total.high + 1)
        _take(words, single)
    return total


def _joined(words: Words, one: Span, other: Span) -> bool:
    return other.first - one.last == 1 and words.plain(one.last) in ("en", "and", "+", "&", ",")


def _take(words: Words, span: Span) -> None:
    words.take(span.first, span.last, Kind.TRAIT)


def _count(found: re.Match[str]) -> Count | None:
    groups = found.groupdict()
    if groups.get("word"):
        return Count(_TENS[groups["word"]], _TENS[groups["word"]])
    low = high = None
    if groups.get("pair"):
        low, high = sorted(int(one) for one in re.split("[-/]", groups["pair"]))
    else:
        for suffix in ("", "2", "3", "4"):
            if groups.get(f"low{suffix}"):
                low, high = _number(groups[f"low{suffix}"]), None
                if groups.get(f"high{suffix}"):
                    high = _number(groups[f"high{suffix}"])
                break
    if low is None or not 1 <= low <= _MOST:
        return None
    if groups.get("least") or groups.get("more"):
        return Count(low, None)
    return Count(low, high if high is not None and low <= high <= _MOST else low)


def _number(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    return _NUMBERS.get(word) or _TENS.get(word)
