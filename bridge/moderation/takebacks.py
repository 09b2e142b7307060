"""Messages that are taken back out of rooms after their alert was withdrawn.

::

    withdrawn ─▶ due later ─▶ for each message, once it was sent: a redaction ─▶ taken or refused
                                                                                  └▶ on the card

What was not sent yet is waited for: a message in the queue would otherwise come out after all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, Text, delete, select, update

from appservice import outbox
from appservice.database import Work, insert_missing, metadata
from appservice.ids import EventID
from appservice.outbox import Status
from appservice.rooms import errands
from appservice.rooms.errands import Errand
from appservice.rooms.plan import RoomKey
from appservice.times import milliseconds
from bridge.moderation.card import Removal
from bridge.places import AlertRoom, LiaisonRoom, place_of
from bridge.regions import Regions
from bridge.reports.case import Case, CaseNumber

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("case_number", Integer, primary_key=True, autoincrement=False),
    Column("due_at", BigInteger, nullable=False),
    Column("asked", Boolean, nullable=False),
)
takebacks = Table(
    "takebacks",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("case_number", Integer, nullable=False, index=True),
    Column("target", Text, nullable=False),
    Column("taken", Boolean),
)

KINDS = ("alert", "police")
"""Beginnings of the names of what others than moderators and reporter were sent of a case."""


async def schedule(work: Work, number: CaseNumber, due: datetime) -> None:
    """Have everything of a case that others were sent taken back at a time."""
    row = {"case_number": number, "due_at": milliseconds(due), "asked": False}
    await insert_missing(work, withdrawals, [row])


async def ask(work: Work, now: datetime) -> None:
    """Ask for the redaction of everything that is due and was sent."""
    due = await work.execute(
        select(withdrawals.c.case_number).where(
            withdrawals.c.asked.is_(False), withdrawals.c.due_at <= milliseconds(now)
        )
    )
    for number in due.scalars().all():
        if await _ask_for(work, CaseNumber(number)):
            await work.execute(
                update(withdrawals).where(withdrawals.c.case_number == number).values(asked=True)
            )


async def answered(work: Work, event: EventID, *, taken: bool) -> CaseNumber | None:
    """Note what became of a redaction; return the case when a room is done with by it."""
    row = (await work.execute(select(takebacks).where(takebacks.c.event_id == event))).first()
    if row is None or row.taken is not None:
        return None
    await work.execute(update(takebacks).where(takebacks.c.event_id == event).values(taken=taken))
    left = await work.execute(
        select(takebacks.c.event_id)
        .where(
            takebacks.c.case_number == row.case_number,
            takebacks.c.target == row.target,
            takebacks.c.taken.is_(None),
        )
        .limit(1)
    )
    return CaseNumber(row.case_number) if left.first() is None else None


async def forget(work: Work, case: Case) -> None:
    """Erase what was taken back of a case, and when."""
    for table in (withdrawals, takebacks):
        await work.execute(delete(table).where(table.c.case_number == case.number))


async def removals(work: Work, number: CaseNumber, regions: Regions) -> tuple[Removal, ...]:
    """Return each room out of which a case is taken, and how far that is."""
    rows = await work.execute(
        select(takebacks).where(takebacks.c.case_number == number).order_by(takebacks.c.target)
    )
    found: dict[str, list[bool | None]] = {}
    for row in rows:
        found.setdefault(row.target, []).append(row.taken)
    return tuple(_removal(target, states, regions) for target, states in found.items())


def _removal(target: str, states: Sequence[bool | None], regions: Regions) -> Removal:
    match place_of(RoomKey(target)):
        case AlertRoom(region):
            room, police = regions.name(region), False
        case LiaisonRoom(region):
            room, police = regions.name(region), True
        case _:
            room, police = target, False
    return Removal(room, police, None not in states, False in states)


async def _ask_for(work: Work, number: CaseNumber) -> bool:
    """Ask for the redaction of what was sent; False while something is on its way."""
    complete = True
    for kind in KINDS:
        for sent in await outbox.deliveries(work, f"case/{number}/{kind}/"):
            if sent.status is Status.WAITING:
                complete = False
            if sent.event_id is None or sent.room is None:
                continue
            row = {"event_id": sent.event_id, "case_number": number, "target": sent.target}
            if await insert_missing(work, takebacks, [{**row, "taken": None}]):
                await errands.put(work, Errand.REDACT, sent.room, sent.event_id)
    return complete
