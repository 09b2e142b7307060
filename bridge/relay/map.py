"""A link to a map of the town: the town's centre and never the street's.

The position comes from the table of towns and not from anything that was reported, so that it
cannot tell more than the town's name does.
"""

from __future__ import annotations

from typing import Final

from bridge.regions import RegionCode
from bridge.regions.towns import dutch_towns
from bridge.wording import Markdown

_ADDRESS: Final = "https://www.openstreetmap.org/#map=12"
"""At this zoom one sees a town with its surroundings."""


def map_of(place: str | None, own: RegionCode) -> Markdown | None:
    """Return the address of a map of a town; None when it is not known which town is meant.

    ``own``: of several towns with that name, the one in this region is meant.
    """
    known = dutch_towns().exact(place or "")
    if len(known) > 1:
        known = tuple(town for town in known if town.region == own)
    if len(known) != 1:
        return None
    return Markdown(f"{_ADDRESS}/{known[0].latitude:.2f}/{known[0].longitude:.2f}")
