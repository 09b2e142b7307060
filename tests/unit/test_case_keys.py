"""A report's own key: with it everything opens, without it nothing does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from appservice.database import Work
from appservice.vault import Vault, VaultError
from bridge.reports import case_keys
from bridge.reports.case import Afterword, AfterwordKind, Case, Status
from bridge.reports.case_keys import case_keys as table
from bridge.reports.records import CaseErased, CaseRecords, cases
from tests.databases import BOTH_KINDS, DATABASES
from tests.unit.example import MIA, NOW, submitted

pytestmark = BOTH_KINDS

VAULT = Vault("a secret that is long enough for the tests")
RECORDS = CaseRecords(VAULT)
AFTERWORD = Afterword(AfterwordKind.OUTCOME, "aangehouden", NOW, MIA)


@pytest_asyncio.fixture(loop_scope="session")
async def work() -> AsyncIterator[Work]:
    database = await DATABASES.with_tables()
    async with database.begin() as work:
        yield work
    await DATABASES.gone(database)


async def stored(work: Work) -> Case:
    written = replace(submitted(), id=0, reason="te vaag", afterwords=(AFTERWORD,))
    return await RECORDS.save(work, written)


async def rows(work: Work) -> Any:
    return (await work.execute(select(cases))).one()


async def test_a_report_reads_as_it_was_written(work: Work) -> None:
    case = await stored(work)

    assert await RECORDS.by_number(work, case.number) == case  # type: ignore[arg-type]


async def test_nothing_that_was_written_opens_with_the_secret_alone(work: Work) -> None:
    await stored(work)
    row = await rows(work)

    for value, purpose in (
        (row.fields, "report fields"),
        (row.reason, "rejection reason"),
        (row.afterwords, "afterwords"),
    ):
        with pytest.raises(VaultError):
            VAULT.open(value, purpose)


async def test_a_report_whose_key_is_gone_says_nothing(work: Work) -> None:
    case = await stored(work)
    await case_keys.forget(work, case.id)

    (read,) = await RECORDS.sent_since(work, NOW)
    assert (read.number, read.status) == (case.number, Status.PURGED)
    assert (read.fields.to_json(), read.reason, read.afterwords, read.reporter) == (
        {},
        None,
        (),
        "",
    )


async def test_a_report_whose_key_is_gone_cannot_be_written_again(work: Work) -> None:
    case = await stored(work)
    await case_keys.forget(work, case.id)

    with pytest.raises(CaseErased):
        await RECORDS.save(work, case)


async def test_the_number_of_an_erased_report_is_not_given_again(work: Work) -> None:
    case = await stored(work)
    await case_keys.forget(work, case.id)

    assert await RECORDS.next_number(work) == (case.number or 0) + 1


async def test_a_back_up_without_the_key_stays_shut_when_the_secret_is_known(work: Work) -> None:
    case = await stored(work)
    kept = (await rows(work)).fields
    await case_keys.forget(work, case.id)
    await case_keys.keep(work, VAULT, case.id, case_keys.fresh())

    key = await case_keys.of(work, VAULT, case.id)
    assert key is not None
    with pytest.raises(VaultError):
        key.open(kept, "report fields")


async def test_the_key_of_another_report_does_not_open_it(work: Work) -> None:
    one = await stored(work)
    other = await RECORDS.save(work, replace(one, id=0, number=None))
    sealed = select(table.c.key).where(table.c.case_id == other.id)
    theirs = (await work.execute(sealed)).scalar_one()
    await work.execute(update(table).where(table.c.case_id == one.id).values(key=theirs))

    with pytest.raises(VaultError):
        await RECORDS.by_number(work, one.number)  # type: ignore[arg-type]
