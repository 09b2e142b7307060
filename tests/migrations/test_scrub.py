"""What was deleted leaves the database's files, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest_asyncio
from sqlalchemy import text

from appservice.database import Database
from bridge import migrations
from tests.harness.postgres import Postgres

WORD = "zilvermeeuw"


@pytest_asyncio.fixture(loop_scope="session")
async def database(database: Database) -> Database:
    """A database with the word in a table."""
    await migrations.upgrade(database)
    async with database.begin() as work:
        await work.execute(text("INSERT INTO case_keys VALUES (1, :word, 'whole')"), _word())
    return database


def _word() -> dict[str, bytes]:
    return {"word": WORD.encode()}


async def _files(database: Database, server: Postgres | None, tmp_path: Path) -> bytes:
    """Everything that a search of the disk finds of the table's pages."""
    if server is None:
        return b"".join(path.read_bytes() for path in tmp_path.iterdir())
    async with database.engine.connect() as connection:
        await connection.execute(text("CHECKPOINT"))
        where = "SELECT current_setting('data_directory') || '/' || pg_relation_filepath(:name)"
        path = (await connection.execute(text(where), {"name": "case_keys"})).scalar_one()
    return Path(path).read_bytes()


async def test_a_deleted_key_is_in_no_page_any_more(
    database: Database, server: Postgres | None, tmp_path: Path
) -> None:
    assert WORD.encode() in await _files(database, server, tmp_path)
    async with database.begin() as work:
        await work.execute(text("DELETE FROM case_keys"))
    await database.scrub()

    assert WORD.encode() not in await _files(database, server, tmp_path)


async def test_scrubbing_may_be_repeated_and_keeps_the_rest(database: Database) -> None:
    await database.scrub()
    await database.scrub()

    async with database.read() as work:
        kept = (await work.execute(text("SELECT count(*) FROM case_keys"))).scalar_one()
    assert kept == 1
