"""Erasing a case, whole or in part: its text, its key, its messages in every room.

Everything of one case goes in one transaction, and the audit log says so in it. What is left behind
is a row with its number, so that the number is not given again, and a figure.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, update

from appservice.database import Work
from appservice.forgetting import forget_named
from appservice.times import milliseconds
from appservice.vault import Vault
from bridge.audit import Audit, Deed, Entry, Office
from bridge.dialogue.drafts import drafts
from bridge.places import READ_BY_OTHERS
from bridge.privacy import remains
from bridge.privacy.terms import Due, told_to_others
from bridge.reports import case_keys
from bridge.reports.case import NOBODY, Case, Status
from bridge.reports.records import CaseRecords, cases
from bridge.reports.shown import PoliceReading

Also = Callable[[Work, Case], Awaitable[None]]
"""Erases what another topic keeps about a case."""


class Clearing:
    """Erases cases.

    Args:
        vault: seals the key of what stays.
        records: keeps cases.
        audit: hears of it.
        zone: of the hour that remains.
        police: what the police read of a case.
        also: what other topics keep about a case.
    """

    def __init__(
        self,
        vault: Vault,
        records: CaseRecords,
        audit: Audit,
        zone: ZoneInfo,
        police: PoliceReading,
        also: Sequence[Also] = (),
    ) -> None:
        self._vault = vault
        self._records = records
        self._audit = audit
        self._zone = zone
        self._police = police
        self._also = tuple(also)

    async def clear(
        self, work: Work, case: Case, what: Due, now: datetime, *, rule: str = ""
    ) -> int:
        """Erase ``what`` of a case; return how many messages are taken back in the rooms.

        Args:
            rule: under which, when it is not the end of its term.
        """
        if what is Due.NOTHING:
            return 0
        if case.number is None:
            await case_keys.forget(work, case.id)
            await work.execute(delete(drafts).where(drafts.c.case_id == case.id))
            await work.execute(delete(cases).where(cases.c.id == case.id))
            return 0
        for erase in self._also:
            await erase(work, case)
        await self._audit.forget_reasons(work, case.number)
        prefix = f"case/{case.number}/"
        if what is Due.PRIVATE_PART:
            messages = await forget_named(work, prefix, but_in=READ_BY_OTHERS)
            # A copy of the database from before opens with the former key alone.
            await case_keys.keep(
                work, self._vault, case.id, case_keys.fresh(), case_keys.Stage.ALERT
            )
            await self._records.save(work, told_to_others(case, self._police))
        else:
            messages = await forget_named(work, prefix)
            if remains.counts(case):
                await remains.keep(work, remains.figure(case, self._zone))
            await self._empty(work, case)
            await case_keys.forget(work, case.id)
        await self._audit.record(
            work,
            Entry(
                Deed.PURGED,
                by=Office.SERVICE,
                case=case.number,
                rule=rule,
                details={"what": what.name.lower(), "messages": messages},
            ),
            now,
        )
        return messages

    async def _empty(self, work: Work, case: Case) -> None:
        month = case.opened_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        await work.execute(
            update(cases)
            .where(cases.c.id == case.id)
            .values(
                {column.name: None for column in cases.columns if column.nullable}
                | {
                    "number": case.number,
                    "reporter": NOBODY,
                    "status": Status.PURGED,
                    "fields": b"",
                    "opened_at": milliseconds(month),
                    "regions": "[]",
                    "police": False,
                }
            )
        )
