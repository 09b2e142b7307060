"""One instance is active on a database; a second one waits until the first is gone.

::

    second instance ─▶ lock taken? ─▶ wait, try again ─▶ the first dies, its lock with it ─▶ active

On PostgreSQL the lock is an advisory lock held by a connection of its own: the server gives it up
when the process that held it is gone, however it went. On SQLite, which lives on one machine, it is
a lock on a file beside the database, which the kernel gives up. Should the connection break
while the process lives, the instance stops being active and ends: two that believe they are
active must not be.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from appservice.database import Database

log = logging.getLogger(__name__)

TRY_SECONDS = 1.0
"""Seconds between two tries of a waiting instance."""

HOLD_SECONDS = 2.0
"""Seconds between two looks of the active instance at whether it still holds the lock."""

_ADVISORY_KEY = 0x676F7564  # "goud"


class NoLongerActive(Exception):
    """The connection that held the lock broke; start again to wait for one's turn."""


@asynccontextmanager
async def active(database: Database) -> AsyncIterator[None]:
    """Wait until this is the only active instance, and be it for the length of the block.

    Raises:
        NoLongerActive: the lock was lost; the block has been cancelled.
    """
    held = _held_on_file if database.url.get_backend_name() == "sqlite" else _held_on_server
    async with held(database):
        yield


@asynccontextmanager
async def _held_on_file(database: Database) -> AsyncIterator[None]:
    if database.url.database in (None, "", ":memory:"):
        yield
        return
    descriptor = os.open(
        Path(f"{database.url.database}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
    )
    try:
        await _until(lambda: _lock_file(descriptor))
        yield
    finally:
        # The file stays: who waits has it open, and a new one of the same name is another lock.
        os.close(descriptor)


async def _lock_file(descriptor: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


@asynccontextmanager
async def _held_on_server(database: Database) -> AsyncIterator[None]:
    async with database.engine.connect() as plain:
        # Outside any transaction: the lock belongs to the session and nothing idles in one.
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await _until(lambda: _lock_server(connection))
        block = asyncio.current_task()
        lost = asyncio.Event()

        async def watch() -> None:
            try:
                while True:
                    await asyncio.sleep(HOLD_SECONDS)
                    async with asyncio.timeout(HOLD_SECONDS):
                        await connection.execute(text("SELECT 1"))
            except (SQLAlchemyError, OSError, TimeoutError):
                lost.set()
                if block is not None:
                    block.cancel()

        watching = asyncio.create_task(watch())
        try:
            yield
        except asyncio.CancelledError:
            if lost.is_set():
                raise NoLongerActive(
                    "The connection to the database that kept other instances waiting broke. "
                    "This instance ends; start it again and it waits for its turn."
                ) from None
            raise
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            with suppress(SQLAlchemyError, OSError):
                await connection.execute(
                    text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_KEY}
                )


async def _lock_server(connection: AsyncConnection) -> bool:
    found = await connection.execute(
        text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}
    )
    return bool(found.scalar_one())


async def _until(locked: Callable[[], Awaitable[bool]]) -> None:
    told = False
    while not await locked():
        if not told:
            log.info("another instance is active on this database; waiting for it to end")
            told = True
        await asyncio.sleep(TRY_SECONDS)
