"""The regions there are now, in memory.

Read from the database (:mod:`bridge.regions.records`) and replaced as a whole when that changes:
whoever holds a :class:`Regions` always sees the present ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rapidfuzz import process

from bridge.regions.region import Region, RegionCode
from bridge.regions.towns import region_of
from bridge.regions.unit import PoliceUnit, units_of


class Regions:
    """Every region of the network, in the order in which they were set up.

    Args:
        regions: those there are.
        closed: those there were; older reports speak of them.
        merged: police units that serve other areas than one region.
    """

    def __init__(
        self,
        regions: Iterable[Region] = (),
        closed: Iterable[Region] = (),
        merged: Iterable[PoliceUnit] = (),
    ) -> None:
        self._merged = tuple(merged)
        self.replace(regions, closed)

    def replace(self, regions: Iterable[Region], closed: Iterable[Region] = ()) -> None:
        """Let these be the regions from now on."""
        self._open = {region.code: region for region in regions}
        self._units = units_of(self._open.values(), self._merged)
        self._names = {unit.code: unit.name for unit in self._merged}
        self._names |= {region.code: region.name for region in (*closed, *self._open.values())}

    def __iter__(self) -> Iterator[Region]:
        return iter(self._open.values())

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, code: object) -> bool:
        return code in self._open

    @property
    def codes(self) -> tuple[RegionCode, ...]:
        """The code of each."""
        return tuple(self._open)

    @property
    def units(self) -> tuple[PoliceUnit, ...]:
        """Every police unit that may have a liaison room."""
        return self._units

    def unit(self, code: RegionCode) -> PoliceUnit | None:
        """Return the police unit of a code; None when there is none."""
        return next((unit for unit in self._units if unit.code == code), None)

    def get(self, code: RegionCode) -> Region | None:
        """Return the region of a code; None when there is none, or it was closed."""
        return self._open.get(code)

    def elsewhere(self, place: str, own: RegionCode) -> Region | None:
        """Return the region that a town lies in; None when it is ``own``, or nobody knows."""
        code = region_of(place, own)
        return None if code is None or code == own else self.get(code)

    def named(self, words: str) -> RegionCode | None:
        """Return the region that somebody means by its code or its name, however capitalised."""
        meant = words.strip().casefold()
        for region in self:
            if meant in (region.code, region.name.casefold()):
                return region.code
        return None

    def first_in(self, text: str) -> tuple[RegionCode | None, str]:
        """Return the region with which a text begins, and what follows; a name may have spaces."""
        words = text.split()
        for count in range(len(words), 0, -1):
            code = self.named(" ".join(words[:count]))
            if code is not None:
                return code, " ".join(words[count:])
        return None, text.strip()

    def nearest(self, word: str) -> RegionCode | None:
        """Return the region whose code is most like a mistyped one; None when none is."""
        found = process.extractOne(word.casefold(), self.codes, score_cutoff=60)
        return None if found is None else RegionCode(found[0])

    def name(self, code: RegionCode) -> str:
        """Return what people call a region, a closed one too, or a police unit.

        The code when it is unknown.
        """
        return self._names.get(code, code)
