"""The ten regional units of the Dutch police, the regions of a network that names none.

The units are those of the Politiewet 2012 and the municipal boundaries of 2024. Two units are
neighbours here when someone can drive from one into the other without crossing a third:
that includes the Afsluitdijk (Noord-Holland, Noord-Nederland) and the Houtribdijk
(Noord-Holland, Midden-Nederland). Flevoland and the Gooi belong to Midden-Nederland,
Haarlemmermeer to Noord-Holland, Gorinchem to Rotterdam, Altena to Zeeland-West-Brabant.
"""

from __future__ import annotations

from typing import Final

from bridge.regions.region import Region, RegionCode

# Each border once, from north to south.
_BORDERS: Final = (
    ("noord-nederland", "noord-holland"),
    ("noord-nederland", "midden-nederland"),
    ("noord-nederland", "oost-nederland"),
    ("noord-holland", "midden-nederland"),
    ("noord-holland", "amsterdam"),
    ("noord-holland", "den-haag"),
    ("amsterdam", "midden-nederland"),
    ("amsterdam", "den-haag"),
    ("oost-nederland", "midden-nederland"),
    ("oost-nederland", "rotterdam"),
    ("oost-nederland", "zeeland-west-brabant"),
    ("oost-nederland", "oost-brabant"),
    ("oost-nederland", "limburg"),
    ("midden-nederland", "den-haag"),
    ("midden-nederland", "rotterdam"),
    ("den-haag", "rotterdam"),
    ("rotterdam", "zeeland-west-brabant"),
    ("zeeland-west-brabant", "oost-brabant"),
    ("oost-brabant", "limburg"),
)


def _unit(name: str) -> Region:
    code = name.lower().replace(" ", "-")
    neighbours = sorted(
        other for border in _BORDERS if code in border for other in border if other != code
    )
    return Region(
        code=RegionCode(code),
        name=name,
        neighbours=tuple(RegionCode(neighbour) for neighbour in neighbours),
        police=True,
    )


DEFAULT_REGIONS: Final[tuple[Region, ...]] = tuple(
    _unit(name)
    for name in (
        "Noord-Nederland",
        "Oost-Nederland",
        "Midden-Nederland",
        "Noord-Holland",
        "Amsterdam",
        "Den Haag",
        "Rotterdam",
        "Zeeland-West-Brabant",
        "Oost-Brabant",
        "Limburg",
    )
)
