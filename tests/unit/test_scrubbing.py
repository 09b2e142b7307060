"""What was erased leaves the database's files, whoever dies in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from appservice import scrubbing
from appservice.database import Database
from tests.databases import BOTH_KINDS, DATABASES
from tests.unit.example import NOW
from tests.unit.test_whole_life import ALL, DAY, Life, in_clear

__all__ = ["in_clear"]

pytestmark = BOTH_KINDS


@pytest_asyncio.fixture(loop_scope="session")
async def database() -> AsyncIterator[Database]:
    opened = await DATABASES.with_tables()
    yield opened
    await DATABASES.gone(opened)


async def test_is_wanted_until_it_is_done(database: Database) -> None:
    async with database.begin() as work:
        await scrubbing.want(work)

    assert [await scrubbing.scrub(database) for _ in range(2)] == [True, False]


async def test_is_not_wanted_when_what_was_erased_was_not(database: Database) -> None:
    async with database.begin() as work:
        await scrubbing.want(work)
        await work.rollback()

    assert not await scrubbing.scrub(database)


async def test_is_wanted_still_for_what_was_erased_meanwhile(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.begin() as work:
        await scrubbing.want(work)

    async def erased_meanwhile(self: Database) -> None:
        async with self.begin() as work:
            await scrubbing.want(work)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "scrub", erased_meanwhile)
        await scrubbing.scrub(database)

    assert await scrubbing.scrub(database)


async def test_is_wanted_still_when_it_failed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.begin() as work:
        await scrubbing.want(work)

    async def fails(_: Database) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "scrub", fails)
        with pytest.raises(OSError, match="no room"):
            await scrubbing.scrub(database)

    assert await scrubbing.scrub(database)


@pytest.mark.usefixtures("in_clear", "sqlite_only")
async def test_no_word_is_left_when_the_service_died_after_its_sweep(tmp_path: Path) -> None:
    life = Life(tmp_path)
    await life.begin()
    await life.is_sent()
    await life.stage.network.privacy.sweep.whole(life.stage.database, NOW + 1_000 * DAY)
    # A search after a kill: the journal is where it was, and pages that are free are there.
    before = life.traces(*ALL)
    await scrubbing.scrub(life.stage.database)

    assert (before != set(), life.traces(*ALL)) == (True, set())
    await life.stage.close()
