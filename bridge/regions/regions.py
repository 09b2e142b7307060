"""The regions there are now, in memory.

Read from the database (:mod:`bridge.regions.records`) and replaced as a whole when that changes:
whoever holds a :class:`Regions` always sees the present ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridge.regions.region import Region, RegionCode


class Regions:
    """Every region of the network, in the order in which they were set up.

    Args:
        regions: those there are.
        closed: those there were; older reports speak of them.
    """

    def __init__(self, regions: Iterable[Region] = (), closed: Iterable[Region] = ()) -> None:
        self.replace(regions, closed)

    def replace(self, regions: Iterable[Region], closed: Iterable[Region] = ()) -> None:
        """Let these be the regions from now on."""
        self._open = {region.code: region for region in regions}
        self._names = {region.code: region.name for region in (*closed, *self._open.values())}

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

    def get(self, code: RegionCode) -> Region | None:
        """Return the region of a code; None when there is none, or it was closed."""
        return self._open.get(code)

    def name(self, code: RegionCode) -> str:
        """Return what people call a region, a closed one too; the code when it is unknown."""
        return self._names.get(code, code)
