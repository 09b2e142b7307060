"""What a police unit wants to read: which regions, and of each which types.

::

    "midden-nederland overval,plofkraak" ─▶ read ─▶ Wish ─▶ subscribed, unsubscribed ─▶ Wanted
    a case that the moderators relay ───────────────────────────────────▶ wants ─▶ yes or no

A subscription picks out of what is relayed; it never makes a moderator's choice. A unit that never
said anything gets everything of its own regions. Pure; :mod:`~bridge.police.records` keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import process

from bridge.regions import NATIONWIDE, PoliceUnit, RegionCode, Regions
from bridge.reports.fields import TYPES, ReportType
from bridge.speech import Refused

Types = frozenset[ReportType] | None
"""None stands for every type, those of later releases too."""

Wanted = Mapping[RegionCode, Types]
"""By region; ``landelijk`` stands for every region, later ones too."""

EVERYTHING = frozenset({"alles", "alle", "all", "everything", NATIONWIDE, "nationwide"})

_SEPARATORS = re.compile(r"[\s,;:]+")

_BETWEEN = frozenset({"en", "and", "in", "voor", "for", "regio", "region"})
"""What people write between the names, and means nothing."""

_LONGEST = 5
"""Words of the name of a region or a type."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Regions and types somebody named."""

    regions: tuple[RegionCode, ...] = ()
    types: Types = None


def usual(unit: PoliceUnit) -> Wanted:
    """Return what a unit gets until it says otherwise."""
    return {NATIONWIDE: None} if unit.national else dict.fromkeys(unit.regions)


def read(typed: str, regions: Regions) -> Wish:
    """Read regions and types, by code or name, in any order, between spaces or commas.

    Raises:
        Refused: a word is neither.
    """
    found: dict[RegionCode, None] = {}
    types: list[ReportType] = []
    words = [word for word in _SEPARATORS.split(typed.casefold()) if word]
    while words:
        name, words = _first_name(words, regions)
        kind = TYPES.exact(name)
        if name in EVERYTHING:
            found[NATIONWIDE] = None
        elif (code := _region(name, regions)) is not None:
            found[code] = None
        elif kind is not None:
            types.append(kind)
        elif name not in _BETWEEN:
            known = [*regions.codes, *(str(kind.value) for kind in ReportType)]
            near = process.extractOne(name, known, score_cutoff=60)
            nearest = None if near is None else near[0]
            raise Refused("police/unknown_word", typed=name[:40], nearest=nearest)
    return Wish(tuple(found), frozenset(types) or None)


def _first_name(words: list[str], regions: Regions) -> tuple[str, list[str]]:
    """Return the longest name that words begin with, else the first of them; and what follows."""
    for count in range(min(_LONGEST, len(words)), 1, -1):
        name = " ".join(words[:count])
        if _region(name, regions) is not None or TYPES.exact(name) is not None:
            return name, words[count:]
    return words[0], words[1:]


def _region(name: str, regions: Regions) -> RegionCode | None:
    return regions.named(name) or regions.named(name.replace(" ", "-"))


def subscribed(wanted: Wanted, wish: Wish, unit: PoliceUnit) -> Wanted:
    """Return what is wanted after a wish: the last word about a region holds.

    A wish without a region is about the unit's own.
    """
    regions = wish.regions or tuple(usual(unit))
    if NATIONWIDE in regions:
        return {NATIONWIDE: wish.types}
    return {**wanted, **dict.fromkeys(regions, wish.types)}


def unsubscribed(wanted: Wanted, wish: Wish, known: Iterable[RegionCode]) -> Wanted:
    """Return what is wanted after a wish to hear no more: of regions, of types, of both.

    A wish for nothing in particular is for nothing at all.

    Args:
        known: every region: who had everything keeps the others.
    """
    if not wish.types and (not wish.regions or NATIONWIDE in wish.regions):
        return {}
    left = dict(wanted)
    if NATIONWIDE in left and wish.regions and NATIONWIDE not in wish.regions:
        types = left.pop(NATIONWIDE)
        left = {**dict.fromkeys(known, types), **left}
    about = set(left) if not wish.regions or NATIONWIDE in wish.regions else set(wish.regions)
    for code in about & set(left):
        rest = _without(left[code], wish.types)
        if rest is None or rest:
            left[code] = rest
        else:
            del left[code]
    return left


def wants(wanted: Wanted, regions: Iterable[RegionCode], kind: ReportType | None) -> bool:
    """Tell whether a case of this type that concerns these regions is wanted."""
    for code in (NATIONWIDE, *regions):
        if code in wanted:
            types = wanted[code]
            if types is None or kind in types:
                return True
    return False


def _without(types: Types, less: Types) -> Types:
    if less is None:
        return frozenset()
    return (frozenset(ReportType) if types is None else types) - less
