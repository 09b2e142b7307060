"""Every night: what has had its time is erased, a little in each transaction, until nothing is due.

::

    day ─▶ cases ─▶ our messages ─▶ others' messages ─▶ set aside ─▶ room keys ─▶ audit ─▶ report

Where it was is in the database: after a crash it goes on there, and what was erased already is not
due again. The desk hears what went, in numbers, and so does the audit log.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Integer, Table, Text, select, update

from appservice import forgetting, scrubbing
from appservice.database import Database, Work, insert_missing, metadata
from appservice.ids import UserID
from bridge.audit import Audit, Deed, Entry, Office
from bridge.moderation import bulletins
from bridge.places import CONVERSATIONS, READ_BY_OTHERS, ReviewRoom
from bridge.privacy.clearing import Clearing
from bridge.privacy.terms import Due, Terms, due
from bridge.reports.records import CaseRecords
from bridge.speech import Say, Speaker

sweeps = Table(
    "sweeps",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("day", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("erased", Text, nullable=False),
)
"""One row: the day of the last sweep, how far it came, and what went so far."""

KINDS = ("reports", "messages", "set_aside", "room_keys", "audit")
"""What the figures of a sweep are of."""

AT_A_TIME = 50
"""Cases or messages erased in one transaction: nothing else is written meanwhile."""

_STARTS_AT = timedelta(hours=3)
"""After midnight, local time: few report then."""

_Erased = Mapping[str, int]

_ONLY = 1
_CASES = "case/"


@dataclass(frozen=True, slots=True)
class Swept:
    """What a step did.

    Attributes:
        over: nothing is due any more today.
        erased: how many of each kind, since the sweep began.
    """

    over: bool
    erased: Mapping[str, int]


class Sweep:
    """Erases what has had its time.

    Args:
        records: the cases.
        clearing: erases one.
        audit: hears of it, and is cut off itself.
        speaker: tells the desk.
        terms: how long each kind is kept.
        bot: the bot's user id.
        zone: in which days begin.
    """

    def __init__(
        self,
        records: CaseRecords,
        clearing: Clearing,
        audit: Audit,
        speaker: Speaker,
        terms: Terms,
        bot: UserID,
        zone: ZoneInfo,
    ) -> None:
        self._records = records
        self._clearing = clearing
        self._audit = audit
        self._speaker = speaker
        self._terms = terms
        self._bot = bot
        self._zone = zone
        self._steps: tuple[Callable[[Work, datetime], Awaitable[_Erased]], ...] = (
            self._cases,
            self._said,
            self._alerted,
            self._heard,
            self._bulletins,
            self._set_aside,
            self._room_keys,
            self._audit_log,
        )

    async def look(self, work: Work, now: datetime) -> Swept | None:
        """Do the next bit of today's sweep; None when it is over already, or not yet time."""
        day = (now.astimezone(self._zone) - _STARTS_AT).date().isoformat()
        row = await self._where(work)
        step, erased = row.step, json.loads(row.erased)
        if step >= len(self._steps):
            if row.day == day:
                return None
            step, erased = 0, {}
        return await self._step(work, now, day, step, erased)

    async def begin(self, work: Work) -> None:
        """Have the next look start a sweep, whatever was done today."""
        await self._where(work)
        await work.execute(update(sweeps).values(day="", step=0, erased="{}"))

    async def _where(self, work: Work) -> Any:
        row = (await work.execute(select(sweeps))).first()
        if row is None:
            fresh = {"id": _ONLY, "day": "", "step": 0, "erased": "{}"}
            await insert_missing(work, sweeps, [fresh])
            row = (await work.execute(select(sweeps))).one()
        return row

    async def whole(self, database: Database, now: datetime) -> Mapping[str, int]:
        """Sweep from beginning to end, as an operator asks; return what went."""
        async with database.begin() as work:
            await self.begin(work)
        while True:
            async with database.begin() as work:
                swept = await self.look(work, now)
            if swept is None or swept.over:
                return {} if swept is None else swept.erased

    async def _step(
        self, work: Work, now: datetime, day: str, step: int, erased: dict[str, int]
    ) -> Swept:
        done = await self._steps[step](work, now)
        if any(done.values()):
            erased = {kind: erased.get(kind, 0) + done.get(kind, 0) for kind in KINDS}
        else:
            step += 1
        over = step >= len(self._steps)
        await work.execute(update(sweeps).values(day=day, step=step, erased=json.dumps(erased)))
        if over and erased:
            await scrubbing.want(work)
            details = dict(sorted(erased.items()))
            await self._audit.record(work, Entry(Deed.PURGED, Office.SERVICE, details=details), now)
            await self._speaker.say(
                work, [Say(ReviewRoom(), "review/purged", erased, quiet=True)], now
            )
        return Swept(over, erased)

    async def _cases(self, work: Work, now: datetime) -> _Erased:
        reports = messages = 0
        terms = self._terms
        shortest = min(terms.drafts, terms.rejected, terms.reports, terms.alerts)
        found = await self._records.kept(work, now - shortest, now - terms.alerts)
        for case, stage in found:
            what = due(case, stage, self._terms, now)
            if what is not Due.NOTHING:
                messages += await self._clearing.clear(work, case, what, now)
                reports += 1
            if reports == AT_A_TIME:
                break
        return {"reports": reports, "messages": messages}

    async def _said(self, work: Work, now: datetime) -> _Erased:
        before = now - self._terms.conversations
        done = await forgetting.forget_sent(
            work, CONVERSATIONS, before, AT_A_TIME, but_named=_CASES
        )
        return {"messages": done}

    async def _alerted(self, work: Work, now: datetime) -> _Erased:
        before = now - self._terms.alerts
        done = await forgetting.forget_sent(
            work, READ_BY_OTHERS, before, AT_A_TIME, but_named=_CASES
        )
        return {"messages": done}

    async def _heard(self, work: Work, now: datetime) -> _Erased:
        before = now - self._terms.conversations
        done = await forgetting.forget_heard(work, before, AT_A_TIME, bot=self._bot)
        return {"messages": done}

    async def _bulletins(self, work: Work, now: datetime) -> _Erased:
        before = now - self._terms.conversations
        return {"messages": await bulletins.forget_before(work, before)}

    async def _set_aside(self, work: Work, now: datetime) -> _Erased:
        done = await forgetting.forget_set_aside(work, now - self._terms.set_aside)
        return {"set_aside": done}

    async def _room_keys(self, work: Work, now: datetime) -> _Erased:
        done = await forgetting.forget_room_keys(work, now - self._terms.room_keys)
        return {"room_keys": done}

    async def _audit_log(self, work: Work, now: datetime) -> _Erased:
        if await self._audit.forget_other_reasons(work, now - self._terms.alerts):
            await scrubbing.want(work)
        done = await self._audit.forget_before(work, now - self._terms.audit)
        return {"audit": done}
