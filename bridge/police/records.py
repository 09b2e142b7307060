"""The subscriptions of police units in the database. Nothing of a report is in them."""

from __future__ import annotations

import json

from sqlalchemy import Column, Table, Text, select

from appservice.database import Work, metadata, upsert
from bridge.police.subscriptions import Wanted, usual
from bridge.regions import PoliceUnit, RegionCode
from bridge.reports.fields import ReportType

subscriptions = Table(
    "police_subscriptions",
    metadata,
    Column("unit", Text, primary_key=True),
    Column("wanted", Text, nullable=False),
)
"""One row a unit that ever said what it wants."""


async def wanted_by(work: Work, unit: PoliceUnit) -> Wanted:
    """Return what a unit wants to read."""
    kept = (
        await work.execute(select(subscriptions.c.wanted).where(subscriptions.c.unit == unit.code))
    ).scalar_one_or_none()
    if kept is None:
        return usual(unit)
    return {
        RegionCode(code): None if types is None else frozenset(map(ReportType, types))
        for code, types in json.loads(kept).items()
    }


async def want(work: Work, unit: PoliceUnit, wanted: Wanted) -> None:
    """Keep what a unit wants to read."""
    kept = json.dumps(
        {code: None if types is None else sorted(types) for code, types in wanted.items()}
    )
    await upsert(work, subscriptions, [{"unit": unit.code, "wanted": kept}])
