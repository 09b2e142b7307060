"""What people are called by others: "bijnaam de Lange", "zeggen Cheeta tegen hem".

An alias may be any word, so it is what its sentence makes of it: behind a cue, or between two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from bridge.gate.finding import Mark, Personal, certain
from bridge.gate.lexicon import pattern_of, words_for
from bridge.gate.words import Word

_ARTICLE: Final = r"(?:(?:the|de|der|die|den|le|la|el|is|als|as|naar)[ ]+)?"
_WHO: Final = r"(?:hem|haar|ie|hij|ze|zij|die|deze|men|'m|em|m|him|her|them|zich(?:zelf)?|iemand)"


@cache
def _behind() -> re.Pattern[str]:
    """Return where an alias stands behind its cue."""
    return re.compile(
        rf"(?<![^\W_]){pattern_of('aliases')}(?![^\W_])(?:[ ](?:op straat|online|hier|daar"
        rf"|allemaal|ook|altijd"
        rf"|thuis|gewoon|in de (?:buurt|wijk|straat|bak)))*[ ]*[:=,-]?[ ]*(?P<article>{_ARTICLE})"
        r"(?P<quote>[\"'])?(?P<alias>[^\W_][\w'.-]*(?: (?-i:[A-Z])[\w'.-]*){0,3})?",
        re.IGNORECASE,
    )


_BETWEEN: Final = 2
"""Words that may stand between a cue and an alias with a capital."""
_ALIAS: Final = (
    r"[\"']?(?P<alias>(?:(?:the|de|le|la|el|lil|big|kleine|dikke|lange)[ ])?"
    r"(?<![^\W_])[^\W_][\w'-]{0,30}"
    r"(?: (?-i:[A-Z])[\w'-]{0,30}){0,2})[\"']?"
)


@cache
def _between() -> tuple[re.Pattern[str], ...]:
    """Return where an alias stands in front of its cue, or between the two halves of one."""
    says = r"(?:zegg?(?:en|t)|zeiden|zei|riep(?:en)?|roep(?:t|en)|noem(?:t|en|den|de))"
    patterns = (
        rf"\b(?:word(?:t|en)|werd(?:en)?)[ ](?:\w+[ ]){{0,4}}?{_ALIAS}[ ](?:genoemd|geroepen)\b",
        rf"\b{says}[ ](?:{_WHO}[ ]|ze[ ])?{_ALIAS}[ ](?:tegen|naar)[ ](?:hem|haar|'m|em|elkaar)\b",
        rf"\b(?:zich|hem|haar|'m)[ ]{_ALIAS}[ ](?:noemt|noemen|noemde)\b",
        rf"{_ALIAS}[ ](?:noemt|noemen|noemde|noemden)[ ](?:ze|we|wij|zij|iedereen|men)\b",
        rf"(?:^|[,;(][ ]?){_ALIAS}[ ](?:genaamd|genoemd|geheten)\b",
    )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


@cache
def _no_alias() -> frozenset[str]:
    return words_for("no_alias")


def find(text: str, words: Sequence[Word], at: Mapping[int, int]) -> Iterator[Mark]:
    """Return aliases.

    Args:
        at: the index in ``words`` of the word that begins at an offset of the text.
    """
    for found in _behind().finditer(text):
        first = at.get(found.start("alias")) if found["alias"] else None
        if first is None:
            continue
        thing = words[first].masked and _OF_THINGS_TOO.match(found[0]) is not None
        of_a_thing = _of_a_thing(words, first)
        says_so = _OF_PEOPLE.match(found[0]) is not None and not of_a_thing
        if says_so and _is_any_alias(words[first]):
            yield certain(Personal.ALIAS, *found.span("alias"))
            continue
        thing = thing or (of_a_thing and words[first].masked)
        if not thing and _is_alias(words[first], found["alias"], quoted=bool(found["quote"])):
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
            if words[index].opens and words[index].common and not several:
                continue
            yield certain(Personal.ALIAS, *found.span("alias"))


_OF_THINGS_TOO: Final = re.compile(r"bekend|known|conocido|bekannt", re.IGNORECASE)
"""A watch is known as something, too."""


_OF_PEOPLE: Final = re.compile(
    r"bijna|bijge|toenaam|alias|a\.?k\.?a|roepna|schuilnaam|straatnaam|rapnaam|artiestennaam"
    r"|pseudonie?m"
    r"|spitzname|surnom|takma|przezwisko|apod|porecl|alcunha|lakab|ksyw|zwan[ya]|street|nick_?name"
    r"|goes by|go by|goes under|noem(?:t|en|de|den) (?:men |ze )?(?:hem|haar|em|m)\b|noemen ze"
    r"|they call|calls? (?:him|her)|luistert|hoort op",
    re.IGNORECASE,
)
"""Cues behind which any word is what somebody is called."""
_NO_BRANDS: Final = frozenset({"de", "wijk", "den", "het"})
"""Of places: "in de wijk noemen ze hem"."""
_BACK: Final = 12
"""Words before an alias among which a brand makes it a thing's: "Rolex met bijnaam Batman"."""


def _of_a_thing(words: Sequence[Word], index: int) -> bool:
    return any(
        (one.masked and one.brand and one.folded not in _NO_BRANDS)
        or one.folded in ("watch", "horloge", "model", "ring", "klok")
        for one in words[max(0, index - _BACK) : index]
    )


@cache
def _never() -> frozenset[str]:
    return words_for("no_alias") | words_for("articles")


def _is_any_alias(word: Word) -> bool:
    """Whether a word may be an alias at all, be it an everyday one: "bijnaam kwik"."""
    return len(word.text) > 1 and word.folded not in _never()


def _is_alias(word: Word, alias: str, *, quoted: bool) -> bool:
    """Whether a word behind a cue is what somebody is called, and not what something is."""
    if quoted:
        return True
    given = word.given and not word.common
    capitals = sum(part[:1].isupper() for part in alias.split())
    if not (alias[0].isupper() or given or not (word.common or word.ordinary)):
        return False
    return capitals > 1 or not (word.common and word.folded in _no_alias())
