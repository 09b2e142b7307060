"""What a coordinator may do with regions, as functions of those there are.

Being neighbours is mutual, and nobody is stranded: a region that has members is closed only into
another one.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from bridge.gate.leaving import certain_in, shown
from bridge.regions import NATIONWIDE, Region, RegionCode, Regions
from bridge.speech import Refused

_RESERVED = frozenset({NATIONWIDE, "nationwide", "all", "aan", "uit", "on", "off", "naar", "to"})


def new_region(regions: Regions, code: str, name: str) -> Region:
    """Return a region to be set up.

    Raises:
        Refused: the code is no code, means something else, or a region is called so already; or
            its name holds personal data: it stands in every alert.
    """
    _nobodys(name)
    try:
        region = Region(code=RegionCode(code.casefold()), name=name)
    except ValidationError:
        raise Refused("regions/bad_code", typed=code[:40]) from None
    taken = regions.named(code) or regions.named(name)
    if region.code in _RESERVED or taken is not None:
        raise Refused("regions/taken", typed=code[:40])
    return region


def renamed(regions: Regions, region: Region, name: str) -> Region:
    """Return a region under another name.

    Raises:
        Refused: there is no name, it is too long, another region's, or holds personal data.
    """
    _nobodys(name)
    other = regions.named(name)
    if other not in (None, region.code):
        raise Refused("regions/taken", typed=name[:40])
    try:
        return Region(**{**region.model_dump(), "name": name})
    except ValidationError:
        raise Refused("regions/bad_name") from None


def _nobodys(name: str) -> None:
    if certain := certain_in([name]):
        raise Refused("gate/certain", **shown(certain))


def with_neighbours(
    regions: Regions, region: Region, neighbours: Sequence[RegionCode]
) -> list[Region]:
    """Return every region that is other than before, once these are the neighbours of one."""
    wanted = tuple(dict.fromkeys(code for code in neighbours if code != region.code))
    changed = [region.model_copy(update={"neighbours": wanted})]
    for other in regions:
        if other.code == region.code:
            continue
        has, should = region.code in other.neighbours, other.code in wanted
        if should and not has:
            more = (*other.neighbours, region.code)
            changed.append(other.model_copy(update={"neighbours": more}))
        elif has and not should:
            left = tuple(code for code in other.neighbours if code != region.code)
            changed.append(other.model_copy(update={"neighbours": left}))
    return changed
