"""Drafts in the database, sealed under the key of their case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    LargeBinary,
    Table,
    delete,
    insert,
    select,
    update,
)

from appservice.database import Work, metadata
from appservice.ids import UserID
from appservice.times import milliseconds
from appservice.vault import Vault
from bridge.dialogue.draft import Draft
from bridge.reports import case_keys as keys
from bridge.reports.case import Case, Status, cancel
from bridge.reports.records import CaseRecords, cases

drafts = Table(
    "drafts",
    metadata,
    Column("case_id", BigInteger, primary_key=True, autoincrement=False),
    Column("state", LargeBinary, nullable=False),
    Column("touched_at", BigInteger, nullable=False, index=True),
    Column("reminded", Boolean, nullable=False),
)

_STATE = "draft"
_AT_ONCE = 50


class Drafts:
    """Reads and writes drafts, each together with its case.

    Args:
        vault: opens the keys of cases.
        records: keeps cases.
    """

    def __init__(self, vault: Vault, records: CaseRecords) -> None:
        self._vault = vault
        self._records = records

    async def of(self, work: Work, reporter: UserID) -> tuple[Case, Draft] | None:
        """Return the report somebody is making; None when they make none."""
        case = await self._records.draft_of(work, reporter)
        return None if case is None else await self._with_draft(work, case)

    async def save(self, work: Work, case: Case, draft: Draft, now: datetime) -> None:
        """Store a draft and its case; ``now`` is when its reporter last said something."""
        case = await self._records.save(work, case)
        key = await keys.of(work, self._vault, case.id)
        if key is None:
            raise LookupError("a case that was just stored has no key")
        row = {
            "state": key.seal_json(draft.to_json(), _STATE),
            "touched_at": milliseconds(now),
        }
        done = await work.execute(update(drafts).where(drafts.c.case_id == case.id).values(**row))
        if done.rowcount == 0:
            await work.execute(insert(drafts).values(case_id=case.id, reminded=False, **row))

    async def forget(self, work: Work, case: Case) -> None:
        """Forget what was said for a case that is no draft any more."""
        await work.execute(delete(drafts).where(drafts.c.case_id == case.id))

    async def throw_away(self, work: Work, reporter: UserID) -> None:
        """Throw away the report somebody is making, if they make one."""
        case = await self._records.draft_of(work, reporter)
        if case is not None:
            await self._records.save(work, cancel(case))
            await self.forget(work, case)

    async def idle(
        self, work: Work, since: datetime, *, reminded: bool | None = None
    ) -> Sequence[tuple[Case, Draft]]:
        """Return some of the drafts to which nothing was added since then.

        Args:
            reminded: only those whose reporter was reminded, or was not.
        """
        query = (
            select(cases.c.reporter)
            .join(drafts, drafts.c.case_id == cases.c.id)
            .where(cases.c.status == Status.DRAFT, drafts.c.touched_at <= milliseconds(since))
            .order_by(drafts.c.touched_at)
            .limit(_AT_ONCE)
        )
        if reminded is not None:
            query = query.where(drafts.c.reminded == reminded)
        reporters = (await work.execute(query)).scalars().all()
        found = [await self.of(work, UserID(reporter)) for reporter in reporters]
        return [one for one in found if one is not None]

    async def note_reminder(self, work: Work, case: Case) -> None:
        """Record that the reporter of a draft was reminded of it."""
        await work.execute(update(drafts).where(drafts.c.case_id == case.id).values(reminded=True))

    async def _with_draft(self, work: Work, case: Case) -> tuple[Case, Draft] | None:
        key = await keys.of(work, self._vault, case.id)
        found = await work.execute(select(drafts.c.state).where(drafts.c.case_id == case.id))
        state = found.scalar_one_or_none()
        if key is None or state is None:
            return None
        return case, Draft.from_json(key.open_json(state, _STATE))
