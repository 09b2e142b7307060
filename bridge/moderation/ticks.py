"""By which reaction a moderator approved what: to know which one they remove.

A redaction names the event that goes and nothing else, and by the time we hear of it that event is
empty. Who gave a reaction stands in the case. A row goes with its case.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text, delete, select

from appservice.database import Work, insert_missing, metadata
from appservice.events import Reaction, Redaction
from bridge.reports.case import Case, CaseNumber, numbered

ticks = Table(
    "ticks",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("case_number", Integer, nullable=False, index=True),
)


async def keep(work: Work, reaction: Reaction, case: Case) -> None:
    """Keep that somebody approved a case by a reaction."""
    row = {"event_id": reaction.event_id, "case_number": numbered(case)}
    await insert_missing(work, ticks, [row])


async def removed(work: Work, redaction: Redaction) -> CaseNumber | None:
    """Return what was approved by the reaction that is removed; None for any other."""
    found = await work.execute(
        select(ticks.c.case_number).where(ticks.c.event_id == redaction.redacts)
    )
    number = found.scalar_one_or_none()
    return None if number is None else CaseNumber(number)


async def forget(work: Work, case: Case) -> None:
    """Erase by which reactions a case was approved."""
    await work.execute(delete(ticks).where(ticks.c.case_number == case.number))
