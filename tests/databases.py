"""Databases of tests: of the kind that the test, the run, or nobody chose.

::

    pytest --database KIND ──▶ everything on KIND
    else: a module that is BOTH_KINDS ──▶ each of its tests twice
          any other ──▶ what its fixture or the Stage takes when nobody chose

A database with tables is a copy of one that has them: on PostgreSQL, where one server serves a run,
that takes about ten milliseconds. In memory it is a tenth of one. What another test had before is
given on, emptied: a new engine would have every statement to compile again.
"""

from __future__ import annotations

import shutil
import sqlite3
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, make_url

from appservice.database import Database, metadata
from tests.harness.postgres import Postgres

_MEMORY = "sqlite+aiosqlite://"


class Kind(StrEnum):
    """What a database is; the value is what `--database` takes."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


BOTH_KINDS = pytest.mark.both_kinds
"""For `pytestmark` in a module whose tests are to run once on each kind."""


class Databases:
    """Makes them."""

    def __init__(self) -> None:
        self.server: Postgres | None = None
        """Runs, where PostgreSQL may be asked for."""
        self.chosen: Kind | None = None
        """What the run, or the module whose tests run now, insists on."""
        self._template: str | None = None
        self._template_in_memory: sqlite3.Connection | None = None
        self._spare: list[Database] = []
        self._spare_on_server: list[Database] = []

    async def with_tables(
        self, otherwise: Kind = Kind.SQLITE, directory: Path | None = None
    ) -> Database:
        """A database with every table and nothing in them; give it to :meth:`gone` in the end.

        Args:
            otherwise: the kind, where nobody chose one.
            directory: for its file, where it is to be one; else SQLite is in memory, and its
                readers wait for its writers.
        """
        if (self.chosen or otherwise) is Kind.SQLITE:
            if directory is None:
                return await self._in_memory()
            database = Database(f"sqlite+aiosqlite:///{directory / 'goudwacht.db'}")
            await _make_tables(database)
            return database
        if self._template is None:
            self._template = await self._running().fresh_database()
            database = Database(self._template)
            await _make_tables(database)
            await database.close()
        if not self._spare_on_server:
            return _patient(Database(await self._running().copy_of(self._template)))
        database = self._spare_on_server.pop()
        await _empty(database)
        return database

    async def empty(self, directory: Path, otherwise: Kind = Kind.SQLITE) -> str:
        """The address of a database without a table.

        Args:
            directory: for its file, where it is one.
            otherwise: the kind, where nobody chose one.
        """
        if (self.chosen or otherwise) is Kind.SQLITE:
            return f"sqlite+aiosqlite:///{directory / 'goudwacht.db'}"
        return await self._running().fresh_database()

    async def copy_of(self, url: str, directory: Path) -> str:
        """The address of a copy of a database that nobody is connected to.

        Args:
            url: of the database.
            directory: for the copy, where it is a file.
        """
        original = make_url(url)
        if original.get_backend_name() == Kind.POSTGRESQL:
            return await self._running().copy_of(url)
        copied = shutil.copy(str(original.database), directory / "goudwacht.db")
        return f"sqlite+aiosqlite:///{copied}"

    async def gone(self, database: Database) -> None:
        """Close a database that is needed no longer; what is in it is gone when the next one is."""
        if _is_in_memory(database):
            self._spare.append(database)
            return
        on_server = database.url.get_backend_name() == Kind.POSTGRESQL
        pool: Any = database.engine.sync_engine.pool
        if on_server and not pool.checkedout():
            database.guard(None)
            self._spare_on_server.append(database)
            return
        await database.close()
        if on_server:
            await self._running().drop(str(database.url.database))

    async def _in_memory(self) -> Database:
        if self._template_in_memory is None:
            first = Database(_MEMORY)
            await _make_tables(first)
            self._template_in_memory = await _connection_of(first)
        database = self._spare.pop() if self._spare else Database(_MEMORY)
        self._template_in_memory.backup(await _connection_of(database))
        return database

    def _running(self) -> Postgres:
        assert self.server is not None, "take the fixture `postgres` first"
        return self.server


DATABASES = Databases()
"""Those of this run; `tests/conftest.py` tells them what was chosen."""


def kinds(config: pytest.Config) -> list[Kind]:
    """The kinds that tests of a run which go over both are to go over."""
    chosen: str | None = config.getoption("--database")
    return list(Kind) if chosen is None else [Kind(chosen)]


async def _make_tables(database: Database) -> None:
    async with database.engine.begin() as work:
        await work.run_sync(metadata.create_all)


def _is_in_memory(database: Database) -> bool:
    return database.url.render_as_string() == _MEMORY


async def _empty(database: Database) -> None:
    """Leave nothing in a database on the server, which begins to count anew."""
    tables = reversed(metadata.sorted_tables)
    emptied = [f'DELETE FROM "{table.name}"' for table in tables]  # noqa: S608 - our own names
    async with database.engine.connect() as work:
        driver: Any = (await work.get_raw_connection()).driver_connection
        counters = await driver.fetch("SELECT sequencename FROM pg_sequences")
        anew = [f'ALTER SEQUENCE "{counter[0]}" RESTART' for counter in counters]
        await driver.execute(";".join([*emptied, *anew]))


def _patient(database: Database) -> Database:
    """Have the server wait for us however long, where the machine is busy with something else.

    It is told to end who begins a transaction and sleeps in it for seconds: that is for processes
    that are stopped. Tests of those have their databases from elsewhere.
    """

    def wait(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("SET SESSION idle_in_transaction_session_timeout = 0")
        cursor.close()

    event.listen(database.engine.sync_engine, "connect", wait)
    return database


async def _connection_of(database: Database) -> sqlite3.Connection:
    """The one connection that a database in memory has."""
    async with database.engine.connect() as work:
        driver: Any = (await work.get_raw_connection()).driver_connection
    connection: sqlite3.Connection = driver._conn
    return connection
