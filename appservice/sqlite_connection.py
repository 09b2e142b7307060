# ruff: noqa: D102 - names and meanings are those of sqlite3
"""SQLite in the event loop's own thread: what SQLAlchemy's aiosqlite dialect takes for a driver.

aiosqlite hands every step of every statement to a thread of its own and waits for it to come back:
five hand-overs a statement, each several times as long as the statement takes on a file of this
size (measured: 1,500 hand-overs for one report and its alert, three fifths of the processor time
of it all). Here a statement runs where it is asked for. What may really wait goes to a thread
still: the lock of another process, and a commit, for which the disk takes its time.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

_T = TypeVar("_T")

LOCK_SECONDS = 30.0
"""How long a writer waits for another process to give back the lock."""

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class Cursor:
    """A cursor whose methods can be awaited, and have then been carried out."""

    def __init__(self, connection: Connection, cursor: sqlite3.Cursor) -> None:
        self._connection = connection
        self._cursor = cursor

    async def __aenter__(self) -> Cursor:
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    @property
    def arraysize(self) -> int:
        return self._cursor.arraysize

    @arraysize.setter
    def arraysize(self, value: int) -> None:
        self._cursor.arraysize = value

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Cursor:
        if statement == "BEGIN IMMEDIATE":
            await self._connection.lock(self._cursor)
        else:
            self._cursor.execute(statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> Cursor:
        self._cursor.executemany(statement, parameters)
        return self

    async def fetchone(self) -> Any:
        return self._cursor.fetchone()

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        return self._cursor.fetchmany(self._cursor.arraysize if size is None else size)

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()


class Connection:
    """A connection that is used from one task at a time.

    Args:
        database: a file, or ``:memory:``.
    """

    def __init__(self, database: str) -> None:
        self._in_memory = database == ":memory:"
        # The dialect looks at these two names; None would mean that it is closed.
        self._connection: sqlite3.Connection | None = sqlite3.connect(
            database, isolation_level=None, check_same_thread=False
        )
        self._conn = self._connection
        self._patience(LOCK_SECONDS)

    def cursor(self) -> Cursor:
        return Cursor(self, self._conn.cursor())

    async def execute_aside(self, statement: str) -> None:
        """Carry out a statement that takes long, outside any transaction, in a thread."""
        await _aside(lambda: self._conn.execute(statement).fetchall())

    async def lock(self, cursor: sqlite3.Cursor) -> None:
        """Begin to write: at once where nobody else does, else as soon as they are done."""
        self._patience(0.0)
        try:
            cursor.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) not in _BUSY:
                raise
        else:
            return
        finally:
            self._patience(LOCK_SECONDS)
        await _aside(lambda: cursor.execute("BEGIN IMMEDIATE"))

    async def commit(self) -> None:
        if self._in_memory or not self._conn.in_transaction:
            self._conn.commit()
        else:
            await _aside(self._conn.commit)

    async def rollback(self) -> None:
        self._conn.rollback()

    async def create_function(self, *arguments: Any, **more: Any) -> None:
        self._conn.create_function(*arguments, **more)

    async def close(self) -> None:
        self.stop()

    def stop(self) -> None:
        """Close it, from anywhere."""
        if self._connection is not None:
            self._connection = None
            self._conn.close()

    def _patience(self, seconds: float) -> None:
        self._conn.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}").close()


def connecting(database: str) -> Callable[[], Coroutine[Any, Any, Connection]]:
    """Return what SQLAlchemy calls for a new connection to ``database``."""

    async def connect() -> Connection:
        return Connection(database)

    return connect


async def _aside(work: Callable[[], _T]) -> _T:
    """Do what may take its time in a thread; it is over when this is, also when cancelled."""
    doing = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        while not doing.done():
            try:
                await asyncio.wait({doing})
            except asyncio.CancelledError:
                continue
        raise
