"""Who gave a tip about which case; never what they said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from appservice.database import Work, metadata
from appservice.ids import UserID
from appservice.times import from_milliseconds, milliseconds
from bridge.reports.case import Case, CaseNumber
from bridge.tips.tip import Tip

tips = Table(
    "tips",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("case_number", Integer, nullable=False, index=True),
    Column("tipster", Text, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("tapped", Boolean, nullable=False),
    Column("told", Boolean, nullable=False),
)


async def add(work: Work, case: CaseNumber, tipster: UserID, now: datetime, *, told: bool) -> Tip:
    """Keep that somebody gave a tip: in words if ``told``, by a tap if not."""
    row = {
        "case_number": case,
        "tipster": tipster,
        "at": milliseconds(now),
        "tapped": not told,
        "told": told,
    }
    done = await work.execute(insert(tips).values(**row).returning(tips.c.id))
    return Tip(int(done.scalar_one()), case, tipster, now, not told, told)


async def note_told(work: Work, tip: Tip) -> None:
    """Keep that a tap was followed by words."""
    await work.execute(update(tips).where(tips.c.id == tip.id).values(told=True))


async def of_case(work: Work, case: CaseNumber, tipster: UserID) -> Sequence[Tip]:
    """Return somebody's tips about a case, oldest first."""
    rows = await work.execute(
        select(tips)
        .where(tips.c.case_number == case, tips.c.tipster == tipster)
        .order_by(tips.c.id)
    )
    return [_tip(row) for row in rows]


async def untold(work: Work, tipster: UserID, since: datetime) -> Tip | None:
    """Return somebody's last tap since then that no words followed."""
    rows = await work.execute(
        select(tips)
        .where(
            tips.c.tipster == tipster,
            tips.c.told.is_(False),
            tips.c.at >= milliseconds(since),
        )
        .order_by(tips.c.id.desc())
        .limit(1)
    )
    row = rows.first()
    return None if row is None else _tip(row)


async def how_many(work: Work, tipster: UserID, since: datetime) -> int:
    """Return how many tips somebody gave since then."""
    counted = await work.execute(
        select(func.count())
        .select_from(tips)
        .where(tips.c.tipster == tipster, tips.c.at >= milliseconds(since))
    )
    return int(counted.scalar_one())


async def take_back(work: Work, case: CaseNumber, tipster: UserID) -> None:
    """Forget that somebody gave tips about a case."""
    await work.execute(delete(tips).where(tips.c.case_number == case, tips.c.tipster == tipster))


async def tipsters(work: Work, case: CaseNumber) -> Sequence[UserID]:
    """Return who gave a tip about a case in words, in the order in which they did."""
    rows = await work.execute(
        select(tips.c.tipster)
        .where(tips.c.case_number == case, tips.c.told.is_(True))
        .order_by(tips.c.id)
    )
    return list(dict.fromkeys(UserID(row.tipster) for row in rows))


async def by(work: Work, tipster: UserID) -> Sequence[Tip]:
    """Return every tip of somebody, oldest first."""
    rows = await work.execute(select(tips).where(tips.c.tipster == tipster).order_by(tips.c.id))
    return [_tip(row) for row in rows]


async def forget(work: Work, case: Case) -> None:
    """Erase who gave tips about a case."""
    await work.execute(delete(tips).where(tips.c.case_number == case.number))


def _tip(row: Any) -> Tip:
    return Tip(
        row.id,
        CaseNumber(row.case_number),
        UserID(row.tipster),
        from_milliseconds(row.at),
        row.tapped,
        row.told,
    )
