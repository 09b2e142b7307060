"""Cases in the database; what people wrote is sealed there, each case under a key of its own.

A case whose key is gone (:mod:`bridge.reports.case_keys`) was erased: it reads as one that says
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    Table,
    Text,
    func,
    insert,
    or_,
    select,
    update,
)

from appservice import landmark
from appservice.database import Work, metadata
from appservice.ids import UserID
from appservice.times import from_milliseconds, milliseconds
from appservice.vault import DataKey, Seal, Vault
from bridge.regions import RegionCode
from bridge.reports import case_keys as keys
from bridge.reports.case import (
    NOBODY,
    Afterword,
    Approval,
    Case,
    CaseNumber,
    Correction,
    Status,
)
from bridge.reports.report import ReportFields

cases = Table(
    "cases",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("number", Integer, unique=True),
    Column("reporter", Text, nullable=False, index=True),
    Column("region", Text, nullable=False),
    Column("status", Text, nullable=False, index=True),
    Column("fields", LargeBinary, nullable=False),
    Column("reason", LargeBinary),
    Column("verified", Boolean, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("submitted_at", BigInteger),
    Column("decided_at", BigInteger),
    Column("decided_by", Text),
    Column("regions", Text, nullable=False),
    Column("police", Boolean, nullable=False),
    Column("ahead_at", BigInteger),
    Column("decided_with", Text),
    Column("pending", Text),
    Column("revision", Integer, nullable=False),
    Column("claimed_by", Text),
    Column("asked_by", Text),
    Column("called_out", Integer, nullable=False),
    Column("outcome_asked", Boolean, nullable=False),
    Column("afterwords", LargeBinary),
    Column("corrected", Text),
    Column("merged_into", Integer),
    Column("let_through", LargeBinary),
)

FIELDS_PURPOSE = "report fields"
"""What the text of a report is sealed for."""

_REASON = "rejection reason"
_AFTERWORDS = "afterwords"
_LET_THROUGH = "let through"

_STORED: Final = select(
    cases, keys.case_keys.c.key.label("sealed_key"), keys.case_keys.c.stage.label("stage")
).outerjoin(keys.case_keys, keys.case_keys.c.case_id == cases.c.id)
"""Cases with their keys: whatever is read here begins with it."""

_PENDING: Final = TypeAdapter(Approval)
_TOLD: Final = TypeAdapter(tuple[Afterword, ...])
_CORRECTED: Final = TypeAdapter(tuple[Correction, ...])


class CaseErased(Exception):
    """A case was erased, and its key with it."""


class CaseRecords:
    """Reads and writes cases.

    Args:
        vault: seals each case's key, which seals what was written about it.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def save(self, work: Work, case: Case) -> Case:
        """Store a case; return it with its id."""
        if case.id == 0:
            key = keys.fresh()
            row = self._row(case, DataKey(key))
            done = await work.execute(insert(cases).values(**row).returning(cases.c.id))
            case = replace(case, id=int(done.scalar_one()))
            await keys.keep(work, self._vault, case.id, key)
            return case
        own = await keys.of(work, self._vault, case.id)
        if own is None:
            raise CaseErased(f"case {case.number} was erased; nothing can be kept of it any more")
        row = self._row(case, own)
        await work.execute(update(cases).where(cases.c.id == case.id).values(**row))
        return case

    async def draft_of(self, work: Work, reporter: UserID) -> Case | None:
        """Return the report somebody is writing."""
        return await self._one(work, cases.c.reporter == reporter, cases.c.status == Status.DRAFT)

    async def by_number(self, work: Work, number: CaseNumber) -> Case | None:
        """Return the case of a number."""
        return await self._one(work, cases.c.number == number)

    async def sent_by(self, work: Work, reporter: UserID, limit: int) -> Sequence[Case]:
        """Return somebody's last ``limit`` reports that were sent, newest first."""
        rows = await work.execute(
            _STORED.where(cases.c.reporter == reporter, cases.c.number.is_not(None))
            .order_by(cases.c.number.desc())
            .limit(limit)
        )
        return [self._case(row) for row in rows]

    async def sent_count(self, work: Work, reporter: UserID, since: datetime) -> int:
        """Return how many reports somebody sent since then."""
        found = await work.execute(
            select(func.count()).where(
                cases.c.reporter == reporter, cases.c.submitted_at > milliseconds(since)
            )
        )
        return int(found.scalar_one())

    async def waiting(self, work: Work) -> Sequence[Case]:
        """Return the cases that wait for a decision, oldest first."""
        rows = await work.execute(
            _STORED.where(cases.c.status == Status.SUBMITTED).order_by(cases.c.number)
        )
        return [self._case(row) for row in rows]

    async def of_status(self, work: Work, *statuses: Status) -> Sequence[Case]:
        """Return the cases that stand so, in the order of their numbers."""
        rows = await work.execute(
            _STORED.where(cases.c.status.in_(statuses)).order_by(cases.c.number)
        )
        return [self._case(row) for row in rows]

    async def sent_since(self, work: Work, since: datetime) -> Sequence[Case]:
        """Return the cases that were sent since then, newest first."""
        rows = await work.execute(
            _STORED.where(cases.c.submitted_at >= milliseconds(since)).order_by(
                cases.c.number.desc()
            )
        )
        return [self._case(row) for row in rows]

    async def merged_into(self, work: Work, number: CaseNumber) -> Sequence[Case]:
        """Return the cases that go on as this one."""
        rows = await work.execute(
            _STORED.where(cases.c.merged_into == number).order_by(cases.c.number)
        )
        return [self._case(row) for row in rows]

    async def with_question(self, work: Work, reporter: UserID) -> Case | None:
        """Return somebody's last case about which a moderator waits for their answer."""
        rows = await work.execute(
            _STORED.where(cases.c.reporter == reporter, cases.c.asked_by.is_not(None))
            .order_by(cases.c.number.desc())
            .limit(1)
        )
        row = rows.first()
        return None if row is None else self._case(row)

    async def kept(
        self, work: Work, before: datetime, shared_before: datetime
    ) -> Sequence[tuple[Case, keys.Stage]]:
        """Return the cases whose time may be over, oldest first, with how much of each is left.

        Args:
            before: those begun since have not had any time yet.
            shared_before: those shared since, of which nothing more can go, neither.
        """
        only_alert = or_(
            cases.c.status == Status.PUBLISHED, keys.case_keys.c.stage == keys.Stage.ALERT
        )
        rows = await work.execute(
            _STORED.where(
                cases.c.status != Status.PURGED,
                or_(cases.c.status == Status.CANCELLED, cases.c.opened_at <= milliseconds(before)),
                or_(only_alert.is_not(True), cases.c.decided_at <= milliseconds(shared_before)),
            ).order_by(cases.c.id)
        )
        return [(self._case(row), keys.Stage(row.stage or keys.Stage.WHOLE)) for row in rows]

    async def of_reporter(self, work: Work, reporter: UserID) -> Sequence[tuple[Case, keys.Stage]]:
        """Return everything somebody wrote, sent or not, oldest first."""
        rows = await work.execute(_STORED.where(cases.c.reporter == reporter).order_by(cases.c.id))
        return [(self._case(row), keys.Stage(row.stage or keys.Stage.WHOLE)) for row in rows]

    async def next_number(self, work: Work) -> CaseNumber:
        """Return the number for the next report that is sent.

        None is given twice, not even when the database is a back-up that was put back.
        """
        last = (await work.execute(select(func.max(cases.c.number)))).scalar_one()
        return CaseNumber(await landmark.next_number(work, last or 0))

    async def _one(self, work: Work, *where: Any) -> Case | None:
        row = (await work.execute(_STORED.where(*where).limit(1))).first()
        return None if row is None else self._case(row)

    def _row(self, case: Case, own: Seal) -> dict[str, Any]:
        return {
            "number": case.number,
            "reporter": case.reporter,
            "region": case.region,
            "status": case.status,
            "fields": own.seal_json(case.fields.to_json(), FIELDS_PURPOSE),
            "reason": None if case.reason is None else own.seal(case.reason.encode(), _REASON),
            "verified": case.verified,
            "opened_at": milliseconds(case.opened_at),
            "submitted_at": None if case.submitted_at is None else milliseconds(case.submitted_at),
            "decided_at": None if case.decided_at is None else milliseconds(case.decided_at),
            "decided_by": case.decided_by,
            "regions": json.dumps(case.regions),
            "police": case.police,
            "ahead_at": None if case.ahead_at is None else milliseconds(case.ahead_at),
            "decided_with": case.decided_with,
            "pending": None if case.pending is None else _PENDING.dump_json(case.pending).decode(),
            "revision": case.revision,
            "claimed_by": case.claimed_by,
            "asked_by": case.asked_by,
            "called_out": case.called_out,
            "outcome_asked": case.outcome_asked,
            "afterwords": own.seal(_TOLD.dump_json(case.afterwords), _AFTERWORDS)
            if case.afterwords
            else None,
            "corrected": _CORRECTED.dump_json(case.corrected).decode() if case.corrected else None,
            "merged_into": case.merged_into,
            "let_through": own.seal_json(list(case.let_through), _LET_THROUGH)
            if case.let_through
            else None,
        }

    def _case(self, row: Any) -> Case:
        if row.sealed_key is None:
            return _erased(row)
        own = keys.opened(self._vault, row.id, row.sealed_key)
        return Case(
            id=row.id,
            number=None if row.number is None else CaseNumber(row.number),
            reporter=UserID(row.reporter),
            region=RegionCode(row.region),
            status=Status(row.status),
            fields=ReportFields.from_json(own.open_json(row.fields, FIELDS_PURPOSE)),
            opened_at=from_milliseconds(row.opened_at),
            verified=row.verified,
            submitted_at=None if row.submitted_at is None else from_milliseconds(row.submitted_at),
            decided_at=None if row.decided_at is None else from_milliseconds(row.decided_at),
            decided_by=None if row.decided_by is None else UserID(row.decided_by),
            reason=None if row.reason is None else own.open(row.reason, _REASON).decode(),
            regions=tuple(RegionCode(code) for code in json.loads(row.regions)),
            police=row.police,
            ahead_at=None if row.ahead_at is None else from_milliseconds(row.ahead_at),
            decided_with=None if row.decided_with is None else UserID(row.decided_with),
            pending=None if row.pending is None else _PENDING.validate_json(row.pending),
            revision=row.revision,
            claimed_by=None if row.claimed_by is None else UserID(row.claimed_by),
            asked_by=None if row.asked_by is None else UserID(row.asked_by),
            called_out=row.called_out,
            outcome_asked=row.outcome_asked,
            afterwords=()
            if row.afterwords is None
            else _TOLD.validate_json(own.open(row.afterwords, _AFTERWORDS)),
            corrected=() if row.corrected is None else _CORRECTED.validate_json(row.corrected),
            merged_into=None if row.merged_into is None else CaseNumber(row.merged_into),
            let_through=()
            if row.let_through is None
            else tuple(own.open_json(row.let_through, _LET_THROUGH)),
        )


def _erased(row: Any) -> Case:
    return Case(
        id=row.id,
        number=None if row.number is None else CaseNumber(row.number),
        reporter=NOBODY,
        region=RegionCode(row.region),
        status=Status.PURGED,
        fields=ReportFields(),
        opened_at=from_milliseconds(row.opened_at),
    )
