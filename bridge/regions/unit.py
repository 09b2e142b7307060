"""Police units: whose liaison room hears of which regions.

::

    regions with police: true ─┐
    police.units ──────────────┴─▶ units_of ──▶ one unit a region, the merged ones, the national one

A region with police is a unit of its own, unless the configuration says which unit serves it. The
national unit serves every region. A unit has a liaison room once it has a liaison.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bridge.regions.region import NATIONWIDE, Code, Region, RegionCode


class PoliceUnit(BaseModel):
    """A part of the police with a liaison room of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    """Unique among the units; that of its region, where it is the unit of one."""

    name: Annotated[str, StringConstraints(max_length=80, strip_whitespace=True)]
    """As people read it; empty for the national unit, which templates have a word for."""

    regions: Annotated[tuple[Code, ...], Field(min_length=1)]
    """Whose alerts it gets unless it subscribes to others."""

    @property
    def national(self) -> bool:
        """Whether it serves every region."""
        return self.code == NATIONWIDE


def units_of(
    regions: Iterable[Region], merged: Iterable[PoliceUnit] = ()
) -> tuple[PoliceUnit, ...]:
    """Return every unit there could be a liaison room for, the national one last.

    Args:
        regions: those there are.
        merged: units that serve other areas than one region. What they say of a region that is
            not there counts for nothing.
    """
    there = {region.code: region for region in regions}
    found: list[PoliceUnit] = []
    served: set[RegionCode] = set()
    for unit in merged:
        own = tuple(code for code in unit.regions if code in there)
        served |= set(own)
        if own:
            found.append(unit.model_copy(update={"regions": own}))
    found += [
        PoliceUnit(code=region.code, name=region.name, regions=(region.code,))
        for region in there.values()
        if region.police and region.code not in served
    ]
    if there:
        found.append(PoliceUnit(code=NATIONWIDE, name="", regions=tuple(there)))
    return tuple(found)
