"""By which reaction a moderator approved what: to know which one they remove.

A redaction names the event that goes and nothing else, and by the time we hear of it that event is
empty. A row goes with its case.
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
    Column("given_by", Text, nullable=False),
)


async def keep(work: Work, reaction: Reaction, case: Case) -> None:
    """Keep that somebody approved a case by a reaction."""
    row = {
        "event_id": reaction.event_id,
        "case_number": numbered(case),
        "given_by": reaction.sender,
    }
    await insert_missing(work, ticks, [row])


async def removed(work: Work, redaction: Redaction) -> CaseNumber | None:
    """Return what somebody had approved by the reaction that they remove; None for any other."""
    row = (
        await work.execute(
            select(ticks).where(
                ticks.c.event_id == redaction.redacts, ticks.c.given_by == redaction.sender
            )
        )
    ).first()
    return None if row is None else CaseNumber(row.case_number)


async def forget(work: Work, case: Case) -> None:
    """Erase by which reactions a case was approved."""
    await work.execute(delete(ticks).where(ticks.c.case_number == case.number))
