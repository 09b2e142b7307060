"""What is done because time passes, and goes on over what fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from appservice.chores import Chore, Chores
from appservice.database import Database, Work
from appservice.handling import Handled
from tests.databases import DATABASES

NOW = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)


@pytest_asyncio.fixture(loop_scope="session")
async def database() -> AsyncIterator[Database]:
    database = await DATABASES.with_tables()
    async with database.begin() as work:
        await work.execute(text("CREATE TABLE done (what TEXT)"))
    yield database
    async with database.begin() as work:
        await work.execute(text("DROP TABLE done"))
    await DATABASES.gone(database)


async def done(database: Database) -> list[str]:
    async with database.read() as work:
        return list((await work.execute(text("SELECT what FROM done"))).scalars())


async def note(work: Work, what: str) -> None:
    await work.execute(text("INSERT INTO done VALUES (:what)"), {"what": what})


def chores(database: Database, *several: Chore) -> tuple[Chores, list[Handled]]:
    told: list[Handled] = []
    return Chores(database, several, told.append, lambda: NOW), told


async def notes_the_time(work: Work, now: datetime) -> Handled:
    await note(work, now.isoformat())
    return Handled(rooms_changed=True)


async def fails_halfway(work: Work, now: datetime) -> Handled:
    await note(work, "half")
    raise ValueError("a mistake in a chore")


async def finds_no_database(work: Work, now: datetime) -> Handled:
    raise OperationalError("SELECT", {}, ConnectionRefusedError())


async def test_a_chore_is_told_the_time_and_its_result_is_passed_on(database: Database) -> None:
    some, told = chores(database, Chore("noting", notes_the_time))

    await some.round()

    assert (await done(database), told) == ([NOW.isoformat()], [Handled(rooms_changed=True)])


async def test_a_chore_that_fails_leaves_nothing_behind_and_the_next_is_run(
    database: Database,
) -> None:
    some, _ = chores(database, Chore("failing", fails_halfway), Chore("noting", notes_the_time))

    await some.round()

    assert await done(database) == [NOW.isoformat()]


async def test_a_database_that_is_away_is_left_to_who_waits_for_it(database: Database) -> None:
    some, _ = chores(database, Chore("waiting", finds_no_database))

    with pytest.raises(OperationalError):
        await some.round()
