"""What remains of a report when its time is over: a figure, of choices and numbers alone.

Coarse on purpose: the month and not the day, the hour and not the minute, the region and not the
town; nothing that anybody typed, no number of a case, nobody's name.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, Text, insert, select

from appservice.database import Work, metadata
from bridge.reports.case import Case, Status
from bridge.reports.report import derived_attempt

figures = Table(
    "figures",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("type", Text),
    Column("attempt", Boolean),
    Column("status", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("regions", Text, nullable=False),
    Column("police", Boolean, nullable=False),
    Column("month", Text, nullable=False),
    Column("weekday", Integer),
    Column("hour", Integer),
    Column("offenders", Integer),
    Column("weapon", Text),
    Column("loot", Text, nullable=False),
    Column("mo_tags", Text, nullable=False),
    Column("minutes_to_decision", Integer),
)

_LISTS = ("regions", "loot", "mo_tags")


@dataclass(frozen=True, slots=True)
class Figure:
    """One report, as it counts for ever.

    Attributes:
        type, weapon, loot, mo_tags: choices of the report form.
        status: how it stood when its time was over.
        region: of the shop.
        regions: where it was shared; police: whether with the police too.
        month: ``2026-03``, of the event or, if that was not said, of the report.
        weekday: 0 is Monday; None when the report was not about a known time.
        hour: local.
        offenders: the least number that was reported.
        minutes_to_decision: how long it waited for a moderator, in steps of five.
    """

    type: str | None
    attempt: bool | None
    status: str
    region: str
    regions: tuple[str, ...]
    police: bool
    month: str
    weekday: int | None
    hour: int | None
    offenders: int | None
    weapon: str | None
    loot: tuple[str, ...]
    mo_tags: tuple[str, ...]
    minutes_to_decision: int | None


def figure(case: Case, zone: ZoneInfo) -> Figure:
    """Return what remains of a case."""
    report, waited = case.fields, case.time_to_decision
    happened = None if report.time is None else report.time.start.astimezone(zone)
    when = happened or (case.submitted_at or case.opened_at).astimezone(zone)
    return Figure(
        type=None if report.type is None else report.type.value,
        attempt=derived_attempt(report),
        status=case.status.value,
        region=case.region,
        regions=tuple(case.regions),
        police=case.police,
        month=f"{when:%Y-%m}",
        weekday=None if happened is None else happened.weekday(),
        hour=None if happened is None else happened.hour,
        offenders=None if report.offenders is None else report.offenders.low,
        weapon=None if report.weapon is None else report.weapon.value,
        loot=tuple(kind.value for kind in report.loot),
        mo_tags=tuple(tag.value for tag in report.tags),
        minutes_to_decision=None if waited is None else round(waited.total_seconds() / 300) * 5,
    )


async def keep(work: Work, remains: Figure) -> None:
    """Store what remains of a case."""
    row = asdict(remains)
    await work.execute(
        insert(figures).values(**row | {name: json.dumps(row[name]) for name in _LISTS})
    )


async def kept(work: Work) -> list[Figure]:
    """Return every figure, in the order in which the reports' time was over."""
    rows = await work.execute(select(figures).order_by(figures.c.id))
    return [_figure(row._asdict()) for row in rows]


def counts(case: Case) -> bool:
    """Tell whether a case is one to count: one that went on as another is counted there."""
    return case.status not in (Status.MERGED, Status.PURGED) and case.number is not None


def _figure(row: dict[str, Any]) -> Figure:
    lists = {name: tuple(json.loads(row[name])) for name in _LISTS}
    return Figure(**{name: row[name] for name in Figure.__slots__} | lists)
