"""What people are called by others: "bijnaam de Lange", "zeggen Cheeta tegen hem".

::

    "noemen ze hem op het plein" ─▶ the words behind ─▶ any word, when somebody is called so
    "… genoemd", "… derler"      ─▶ the words before ─▶ a capital, several, or nobody's word

An alias may be any word, so it is what its sentence makes of it. What is called so may be a watch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from bridge.gate.finding import Mark, Personal, certain
from bridge.gate.lexicon import pattern_of, words_for
from bridge.gate.words import Word

_ARTICLE: Final = r"(?:(?:the|de|den|d'n|'n|der|die|das|le|la|el|il|o|is|als|as|naar)[ ]+)?"
_WHO: Final = r"(?:hem|haar|ie|hij|ze|zij|die|deze|men|'m|em|m|him|her|them|zich(?:zelf)?|iemand)"
_OF_WHOM: Final = (
    r"(?:van|v/d|vd|of)[ ](?:(?:de|die|dat|deze|een|the|that)[ ])?[\w-]{2,20}"
    r"|(?:schijnt|zou|blijkt|lijkt|seems to be|apparently)"
)
_CALLED_SO: Final = (
    rf"(?:(?:calls?|noem(?:t|en|den|de)|roep(?:t|en))[ ]"
    rf"(?:(?:ze|we|they|iedereen|men)[ ])?(?:the|that|this|one|de|die|deze)[ ]"
    rf"(?:\w+e[ ])?(?!bende|groep|gang)"
    rf"(?:\w{{2,8}}[ ]one\b|{pattern_of('persons')}|{pattern_of('roles')}"
    r"|leider|leader|aanvoerder|baas|rijder|driver|lookout|leidster"
    r"|other(?:[ ]one)?|lange|kleine|dikke))"
)
"""Before what a person is called, who is told by what he does: "they call the driver Ghost"."""
"""Between "bijnaam" and it: "bijnaam v/d chauffeur schijnt Kleine Turbo te zijn"."""


_WHO_IS_CALLED = re.compile(_CALLED_SO, re.IGNORECASE)


@cache
def _behind() -> re.Pattern[str]:
    """Return where an alias stands behind its cue."""
    return re.compile(
        rf"(?<![^\W_])(?P<cue>{pattern_of('aliases')}|{_CALLED_SO})(?![^\W_])"
        rf"(?:[ ](?:{pattern_of('alias_fillers')}|{_OF_WHOM})(?![^\W_])){{0,6}}"
        rf"[ ]*[:=,-]?[ ]*(?P<article>{_ARTICLE})"
        r"(?P<quote>[\"'])?(?P<alias>[^\W_][\w'.-]{0,30}(?: (?-i:[A-Z])[\w'.-]{0,30}){0,3})?",
        re.IGNORECASE,
    )


_BETWEEN: Final = 2
"""Words that may stand between a cue and an alias with a capital."""
_ALIAS: Final = (
    r"[\"']?(?P<alias>(?<![^\W_])(?:(?:the|de|den|le|la|el|lil|big|kleine|dikke|lange|ome)[ ])?"
    r"(?<![^\W_])[^\W_][\w'-]{0,30}(?: (?-i:[A-Z])[\w'-]{0,30}){0,2})[\"']?"
)


@cache
def _between() -> tuple[re.Pattern[str], ...]:
    """Return where an alias stands in front of its cue, or between the two halves of one."""
    says = r"(?:zegg?(?:en|t)|zeiden|zei|riep(?:en)?|roep(?:t|en)|noem(?:t|en|den|de))"
    calls = r"(?:noem(?:t|en|den|de)|roepen|riepen|heten)"
    them = r"(?:ze|we|wij|zij|iedereen|men|mensen|anderen|allemaal|hij|zij)"
    name = r"(?:bijnaam|roepnaam|straatnaam|rapnaam|alias|schuilnaam|nick\w*|street name|moniker)"
    called = r"(?:genoemd|geroepen|genannt|gerufen)"
    patterns = (
        rf"\b(?:word(?:t|en)|werd(?:en)?|wird|wurde)[ ](?:\w+[ ]){{0,4}}?{_ALIAS}[ ]{called}\b",
        rf"\b{says}[ ](?:{_WHO}[ ]|ze[ ])?{_ALIAS}[ ](?:tegen|naar)[ ](?:hem|haar|'m|em|elkaar)\b",
        rf"(?:^|[,;(][ ]?){_ALIAS}[ ](?:genaamd|genoemd|geheten|bijgenaamd|genannt)\b",
        rf"\b(?:zich|hem|haar|'m|em)[ ]{_ALIAS}[ ]{calls}\b",
        rf"\bdie[ ]{them}[ ](?:hier[ ]|allemaal[ ])?{_ALIAS}[ ]{calls}\b",
        rf"{_ALIAS}[ ]{calls}[ ]{them}\b",
        rf"{_ALIAS},?[ ](?:dat[ ])?is[ ](?:zijn|haar|hun|z'n|zn|his|her|their)[ ]{name}\b",
        rf"{_ALIAS}[ ](?:diye (?:bilin\w*|cagir\w*|tanin\w*)|derler\w*|diyorlar\w*|lakapli\w*)\b",
    )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def find(text: str, words: Sequence[Word], at: Mapping[int, int]) -> Iterator[Mark]:
    """Return aliases.

    Args:
        at: the index in ``words`` of the word that begins at an offset of the text.
    """
    for found in _behind().finditer(text):
        first = at.get(found.start("alias")) if found["alias"] else None
        if first is None:
            continue
        if _is_meant(found, words, first):
            yield certain(Personal.ALIAS, *found.span("alias"))
            continue
        # "noemt zich online Kapitein Goud": a word or two between.
        for index in range(first + 1, min(first + 1 + _BETWEEN, len(words))):
            if text[words[index - 1].end : words[index].start] not in (" ", ' "', " '"):
                break
            if words[index].capital and not words[index].masked:
                yield certain(Personal.ALIAS, words[index].start, words[index].end)
                break
    for found in (one for pattern in _between() for one in pattern.finditer(text)):
        index = at.get(found.start("alias"), -1)
        several = " " in found["alias"]
        if index >= 0 and (words[index].capital or several or not words[index].ordinary):
            plain = words[index].opens or words[index].folded in _never()
            if plain and words[index].common and not several:
                continue
            yield certain(Personal.ALIAS, *found.span("alias"))


def _is_meant(found: re.Match[str], words: Sequence[Word], first: int) -> bool:
    """Whether what stands behind a cue is what somebody is called, and not what a thing is."""
    word = words[first]
    if _WHO_IS_CALLED.fullmatch(found["cue"]):
        told = found["quote"] or (word.capital and not word.opens)
        return bool(told) and word.folded not in words_for("calendar")
    of_people = _OF_PEOPLE.search(found["cue"]) is not None
    thing = _of_a_thing(words, first) or _OF_THINGS_TOO.search(found["cue"]) is not None
    if thing and (word.masked or (of_people and _of_a_thing(words, first))):
        return not word.masked and _is_alias(word, found["alias"], quoted=bool(found["quote"]))
    if of_people and _is_any_alias(word):
        return True
    return _is_alias(word, found["alias"], quoted=bool(found["quote"]))


_OF_THINGS_TOO: Final = re.compile(r"bekend|known|conocido|bekannt", re.IGNORECASE)
"""A watch is known as something, too."""


_OF_PEOPLE: Final = re.compile(
    r"bijna|bijge|toenaam|alias|a\.?k\.?a|roepna|schuilnaam|straatnaam|rapnaam|artiestennaam"
    r"|pseudonie?m"
    r"|spitzname|surnom|takma|przezwisko|apod|porecl|alcunha|lakab|ksyw|zwan[ya]|street|nick"
    r"|goes by|go by|goes under|luistert|hoort op|aangesproken|soprannom|mote\b|moniker|prakor"
    r"|\b(?:hem|haar|em|m|him|her|zich\w*|himself|herself|ihn|sich|hij|ie|niego|lih|mu|appelle)\b"
    r"|they call|dicen|llama|chiama|chamam|vulgo|vikat|msemmi|yam",
    re.IGNORECASE,
)
"""Cues behind which any word is what somebody is called."""
_NO_BRANDS: Final = frozenset({"de", "wijk", "den", "het"})
"""Of places: "in de wijk noemen ze hem"."""
_BACK: Final = 12
"""Words before an alias among which a brand makes it a thing's: "Rolex met bijnaam Batman"."""
_THINGS: Final = frozenset({"watch", "horloge", "model", "ring", "klok", "uhr", "montre", "reloj"})


def _of_a_thing(words: Sequence[Word], index: int) -> bool:
    return any(
        (one.masked and one.brand and one.folded not in _NO_BRANDS) or one.folded in _THINGS
        for one in words[max(0, index - _BACK) : index]
    )


_BEGINS: Final = frozenset({"de", "den", "der", "le", "la", "el", "lil", "big", "ome", "kleine"})
"""With a capital they begin an alias: "bekend als De Rus"."""


@cache
def _never() -> frozenset[str]:
    return words_for("no_alias") | words_for("articles")


def _is_any_alias(word: Word) -> bool:
    """Whether a word may be an alias at all, be it an everyday one: "bijnaam kwik"."""
    return len(word.text) > 1 and word.folded not in _never()


def _is_alias(word: Word, alias: str, *, quoted: bool) -> bool:
    """Whether a word behind a cue is what somebody is called, and not what something is."""
    if quoted or (alias[0].isupper() and word.folded in _BEGINS):
        return True
    given = word.given and not word.common
    capitals = sum(part[:1].isupper() for part in alias.split())
    if not (alias[0].isupper() or given or not (word.common or word.ordinary)):
        return False
    return capitals > 1 or not (word.common and word.folded in words_for("no_alias"))
