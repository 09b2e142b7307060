"""The one database, and the rule that everything durable goes through it.

::

    async with database.begin() as work:      # one commit
        await inbox.add(work, vault, events, now)
        ...

Tables are declared by the topic that owns them, on :data:`metadata`. Writing transactions of
this process run one after another: a ratchet that two tasks advance at once is a message nobody
can read, and SQLite has one writer anyway. Nothing may wait for the network inside one.

SQLite is the default, PostgreSQL what a network grows into; nothing here or above it works on
one only.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, Table, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from appservice.sqlite_connection import connecting

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of the service. Alembic compares a database with this."""

_AWAY = frozenset({"08", "40", "53", "55", "57", "58"})
"""Classes of SQLSTATE that pass: no connection, rolled back for another transaction, no room,
locked, shut down, failed at the system (PostgreSQL, Appendix A)."""

_FROZEN_TRANSACTION = "25P03"

_ON_SERVER = {
    # A process that is frozen, or whose machine is gone, holds its locks for seconds and no longer.
    "idle_in_transaction_session_timeout": "5s",
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
}

Work = AsyncConnection
"""One transaction: what is written through it is committed together or not at all."""

Guard = Callable[[Work], Awaitable[None]]
"""Looks at a writing transaction before anything else is done in it; raises to refuse it."""


class DatabaseError(Exception):
    """The database cannot be used; the text says what to do about it."""


class Database:
    """A SQLAlchemy engine with the service's transaction rules.

    Args:
        url: ``sqlite+aiosqlite:///file`` or ``postgresql+asyncpg://…``.

    Raises:
        DatabaseError: the folder of a SQLite file is not there and cannot be made.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self._writing = asyncio.Lock()
        self._engine = _engine(url)
        self._reader = self._engine.execution_options(reading=True)
        self._guard: Guard | None = None

    @property
    def engine(self) -> AsyncEngine:
        """The engine, for migrations and the doctor."""
        return self._engine

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        """Open a writing transaction; commit on leaving, roll back on an exception."""
        async with self._writing, self._engine.begin() as work:
            if self._guard is not None:
                await self._guard(work)
            yield work

    def guard(self, guard: Guard | None) -> None:
        """Have ``guard`` look at every writing transaction from now on; None: nobody does."""
        self._guard = guard

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Work]:
        """Open a transaction that only reads; never waits for a writer."""
        async with self._reader.connect() as work:
            yield work
            await work.rollback()

    async def check(self) -> None:
        """Raise :class:`DatabaseError` when the database does not answer."""
        try:
            async with self.read() as work:
                await work.exec_driver_sql("SELECT 1")
        except (SQLAlchemyError, OSError) as error:
            raise DatabaseError(
                f"The database {self.url.render_as_string()} does not answer "
                f"({type(error).__name__}). Check `database.url` in goudwacht.yaml, that the "
                "server runs and that this user may open it."
            ) from error

    async def scrub(self) -> None:
        """Leave nothing in the files of what was deleted; safe to repeat.

        SQLite writes its file anew and empties the WAL; PostgreSQL writes each table anew (what
        its own WAL and archives still hold is theirs). Writers wait meanwhile.
        """
        async with self._writing, self._engine.connect() as connection:
            # Outside any transaction: neither command can run in one.
            driver: Any = (await connection.get_raw_connection()).driver_connection
            if self.url.get_backend_name() != "sqlite":
                for table in metadata.sorted_tables:
                    await driver.execute(f'VACUUM FULL "{table.name}"')
                return
            for command in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                await driver.execute_aside(command)

    async def close(self) -> None:
        """Give back every connection."""
        await self._engine.dispose()


def is_outage(error: BaseException) -> bool:
    """Tell whether the database is away or busy, as against refusing one statement for good.

    What is away is waited for. A constraint that does not hold, a column that is not there, a value
    that does not fit are our own mistakes: they are the same at the next try.
    """
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    origin = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(origin, "sqlstate", None)
    if isinstance(state, str):
        return state[:2] in _AWAY or state == _FROZEN_TRANSACTION
    code = getattr(origin, "sqlite_errorcode", None)
    if code is not None:
        return isinstance(error, OperationalError) and code != sqlite3.SQLITE_ERROR
    # Internal: what asyncpg says when its server is killed in the middle of a statement.
    away = OperationalError | InterfaceError | InternalError | OSError | PoolTimeoutError
    return isinstance(error, away)


_ROWS_PER_STATEMENT = 200
"""Both databases have a limit on the values in a statement; ours have about ten a row."""


async def insert_missing(work: Work, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert ``rows`` into ``table`` and leave those alone that are there already.

    Returns:
        How many were new. "There already" is any unique constraint of the table.
    """
    insert = sqlite.insert if work.dialect.name == "sqlite" else postgresql.insert
    new = 0
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        some = [dict(row) for row in rows[start : start + _ROWS_PER_STATEMENT]]
        done = await work.execute(insert(table).values(_rows(some)).on_conflict_do_nothing())
        new += done.rowcount
    return new


async def upsert(
    work: Work, table: Table, rows: Sequence[Mapping[str, Any]], *, keep: Collection[str] = ()
) -> None:
    """Insert ``rows`` into ``table``, and bring up to date whose primary key is there already.

    Args:
        rows: all of the same columns, no primary key twice.
        keep: columns that stay as they are in a row that is there.
    """
    if not rows:
        return
    insert = sqlite.insert if work.dialect.name == "sqlite" else postgresql.insert
    key = [column.name for column in table.primary_key]
    changed = [name for name in rows[0] if name not in key and name not in keep]
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        some = [dict(row) for row in rows[start : start + _ROWS_PER_STATEMENT]]
        put = insert(table).values(_rows(some))
        await work.execute(
            put.on_conflict_do_update(
                index_elements=key, set_={name: put.excluded[name] for name in changed}
            )
        )


def _rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]] | dict[str, Any]:
    # A statement of one row is compiled once; one of several each time, which takes a millisecond.
    return rows[0] if len(rows) == 1 else rows


def _engine(url: str) -> AsyncEngine:
    parsed = make_url(url)
    # An exception of the driver must not carry what a statement stored into a log.
    options: dict[str, Any] = {"hide_parameters": True}
    if parsed.get_backend_name() != "sqlite":
        options["connect_args"] = {"server_settings": _ON_SERVER}
        return create_async_engine(parsed, pool_pre_ping=True, **options)
    if parsed.database in (None, "", ":memory:"):
        options["poolclass"] = StaticPool
        options["async_creator"] = connecting(":memory:")
    else:
        _make_folder(Path(str(parsed.database)).parent)
        options["async_creator"] = connecting(str(parsed.database))
    engine = create_async_engine(parsed, **options)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    event.listen(engine.sync_engine, "invalidate", _abandon_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"The database's folder {folder} cannot be made ({error.strerror}). Make it, for this "
            "user to write in, or set another `database.url` in goudwacht.yaml."
        ) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling starts too late for us, and is switched off; we say
    # BEGIN ourselves below.
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL: a commit that was answered for survives a power cut, not only a crash of the process.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # What is deleted is overwritten: a purged report must not be readable in free pages.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    # A writer takes the lock at once: upgrading later fails when another process wrote meanwhile.
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _abandon_sqlite(connection: Any, _record: Any, _exception: BaseException | None) -> None:
    # A task cancelled inside a statement leaves its cursor in the traceback, and SQLite keeps a
    # connection that is closed under an open cursor as a zombie, with its transaction and lock.
    connection.rollback()
