"""The regions in the database, where the configuration puts them once and coordinators change them.

A closed region keeps its row, and its code is not given out again: its rooms stand under it.
"""

from __future__ import annotations

import json

from sqlalchemy import Boolean, Column, Integer, Table, Text, func, insert, select, update

from appservice.database import Work, metadata
from bridge.regions.region import Region, RegionCode
from bridge.regions.regions import Regions

regions = Table(
    "regions",
    metadata,
    Column("code", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("neighbours", Text, nullable=False),
    Column("police", Boolean, nullable=False),
    Column("closed", Boolean, nullable=False),
)


async def read(work: Work, into: Regions) -> None:
    """Bring ``into`` up to date."""
    opened: list[Region] = []
    closed: list[Region] = []
    for row in await work.execute(select(regions).order_by(regions.c.position)):
        region = Region(
            code=row.code,
            name=row.name,
            neighbours=tuple(json.loads(row.neighbours)),
            police=row.police,
        )
        (closed if row.closed else opened).append(region)
    into.replace(opened, closed)


async def add(work: Work, region: Region) -> bool:
    """Set up a region, as the last one; False when its code is or was in use."""
    found = await work.execute(select(regions.c.code).where(regions.c.code == region.code))
    if found.first() is not None:
        return False
    last = (await work.execute(select(func.max(regions.c.position)))).scalar_one()
    await work.execute(
        insert(regions).values(
            code=region.code, position=(last or 0) + 1, closed=False, **_values(region)
        )
    )
    return True


async def change(work: Work, region: Region) -> None:
    """Let the region of this code be as this one is."""
    await work.execute(
        update(regions).where(regions.c.code == region.code).values(**_values(region))
    )


async def close(work: Work, code: RegionCode) -> None:
    """Close a region."""
    await work.execute(update(regions).where(regions.c.code == code).values(closed=True))


def _values(region: Region) -> dict[str, object]:
    return {
        "name": region.name,
        "neighbours": json.dumps(region.neighbours),
        "police": region.police,
    }
