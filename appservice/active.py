"""One instance is active on a database; a second one waits until the first is gone.

::

    second instance ─▶ lock taken? ─▶ wait ─▶ the first dies, its lock too ─▶ new epoch ─▶ active
                                                                                  │
                  a write of a former one ─▶ is its epoch the newest? ─▶ no: refused, it ends

On PostgreSQL the lock is an advisory lock of a connection of its own: the server gives it up when
the process that held it is gone, however it went. A lock alone is not enough there: the
connection may break while its process lives, or sleeps. So whoever becomes active begins a new
*epoch* in the database, and every writing transaction of an instance begins by looking whether the
epoch is still its own; nothing that a former instance does after that is committed. When the server
goes away and comes back, the instance takes its lock again and goes on, if nobody else was
active meanwhile.

On SQLite, which lives on one machine, the lock is one on a file beside the database. The kernel
gives it up with the process and never before: nothing more is needed.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy import BigInteger, Column, Executable, Integer, Table, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from appservice.database import Database, Work, is_outage, metadata

log = logging.getLogger(__name__)

TRY_SECONDS = 1.0
"""Seconds between two tries for a lock on a file, and between two to reach a server again."""

HOLD_SECONDS = 2.0
"""Seconds between two looks of the active instance at whether it still holds the lock."""

_REGAIN_TRIES = 5
_QUEUE_SECONDS = 20.0
_FORMER_SECONDS = 6.0
_ADVISORY_KEY = 0x676F7564  # "goud"
_ONLY_ROW = 1

active_epoch = Table(
    "active_epoch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
)
"""One row: how often an instance became active on this database (PostgreSQL alone)."""


class NoLongerActive(Exception):
    """Another instance has become active, or might have; this one must end."""

    def __init__(self) -> None:
        super().__init__(
            "Another instance of goudwacht has become active on this database, so this one ends. "
            "Start it again, and it waits for its turn."
        )


class OtherActive(Exception):
    """Another instance is active, and the caller would not wait."""

    def __init__(self) -> None:
        super().__init__(
            "The service is running on this database. Stop it first, then type this again."
        )


class Turn:
    """The time during which this instance is the active one.

    Attributes:
        waited: whether another instance was active before, and may not have ended altogether.
    """

    def __init__(self, waited: bool = False) -> None:
        self.waited = waited

    async def begin(self) -> None:
        """Shut out whoever was active before; call it once, on a migrated database."""


@asynccontextmanager
async def active(database: Database, *, wait: bool = True) -> AsyncIterator[Turn]:
    """Wait until this is the only active instance, and be it for the length of the block.

    Nothing is written to the database before :meth:`Turn.begin`.

    Args:
        wait: False to raise instead of waiting.

    Raises:
        OtherActive: another instance is active, and ``wait`` is False.
        NoLongerActive: another one took over; the block has been cancelled.
    """
    held = _held_on_file if database.url.get_backend_name() == "sqlite" else _held_on_server
    async with held(database, wait) as turn:
        yield turn


@asynccontextmanager
async def _held_on_file(database: Database, wait: bool) -> AsyncIterator[Turn]:
    if database.url.database in (None, "", ":memory:"):
        yield Turn()
        return
    descriptor = os.open(
        Path(f"{database.url.database}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
    )
    try:
        told = False
        while not _lock_file(descriptor):
            if not told:
                _waiting(wait)
                told = True
            await asyncio.sleep(TRY_SECONDS)
        yield Turn(waited=told)
    finally:
        # The file stays: who waits has it open, and a new one of the same name is another lock.
        os.close(descriptor)


def _lock_file(descriptor: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _waiting(wait: bool) -> None:
    if not wait:
        raise OtherActive
    log.info("another instance is active on this database; waiting for it to end")


@asynccontextmanager
async def _held_on_server(database: Database, wait: bool) -> AsyncIterator[Turn]:
    lock = _ServerLock(database)
    turn = _ServerTurn(database, lock, asyncio.current_task())
    try:
        turn.waited = await lock.take(wait)
        yield turn
    except (Exception, asyncio.CancelledError):
        # However it shows in the block: as its cancelling, or as a refused write.
        if turn.is_over:
            raise NoLongerActive from None
        raise
    finally:
        await turn.close()


class _ServerLock:
    """The advisory lock, and the connection that holds it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None

    async def take(self, wait: bool) -> bool:
        """Take the lock; tell whether that had to be waited for."""
        if await self.try_once():
            return False
        _waiting(wait)
        while True:
            try:
                if await self._queue():
                    return True
            except Exception as error:
                if not is_outage(error):
                    raise
                await self.drop()
                await asyncio.sleep(TRY_SECONDS)

    async def try_once(self) -> bool:
        """Take the lock if nobody has it."""
        connection = await self._connected()
        async with asyncio.timeout(_QUEUE_SECONDS):
            found = await connection.execute(
                text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}
            )
        return bool(found.scalar_one())

    async def _queue(self) -> bool:
        """Stand in the server's queue for the lock: who is first there is the next to be active.

        In turns, since a server that vanished would be waited for in vain.
        """
        connection = await self._connected()
        await connection.execute(text(f"SET lock_timeout = '{_QUEUE_SECONDS:.0f}s'"))
        async with asyncio.timeout(2 * _QUEUE_SECONDS):
            try:
                await connection.execute(
                    text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_KEY}
                )
            except DBAPIError as error:
                if _waited_in_vain(error):
                    return False
                raise
        return True

    async def end_former(self) -> None:
        """End the connections in which a former instance began to write and did not go on."""
        await (await self._connected()).execute(_END_WRITERS)

    async def is_held(self) -> bool:
        """Tell whether the connection that holds the lock still answers."""
        try:
            async with asyncio.timeout(HOLD_SECONDS):
                await (await self._connected()).execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError, TimeoutError):
            return False
        return True

    async def drop(self) -> None:
        """Give up the connection, and the lock with it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError, OSError):
                # Not back to the pool, where it would keep the lock.
                await connection.invalidate()
            with suppress(SQLAlchemyError, OSError):
                await connection.close()

    async def _connected(self) -> AsyncConnection:
        if self._connection is None:
            plain = await self._database.engine.connect()
            # Outside any transaction: the lock belongs to the session and nothing idles in one.
            self._connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        return self._connection


def _waited_in_vain(error: DBAPIError) -> bool:
    """Whether the server gave up on a lock that somebody has: ``lock_timeout``."""
    return getattr(error.orig, "sqlstate", None) == "55P03"


class _ServerTurn(Turn):
    """Watches the lock, and looks at the epoch in every writing transaction."""

    def __init__(
        self, database: Database, lock: _ServerLock, block: asyncio.Task[object] | None
    ) -> None:
        super().__init__()
        self._database = database
        self._lock = lock
        self._block = block
        self._epoch: int | None = None
        self._watching: asyncio.Task[None] | None = None
        self.is_over = False

    async def begin(self) -> None:
        first = insert(active_epoch).values(id=_ONLY_ROW, epoch=1)
        later = first.on_conflict_do_update(
            index_elements=[active_epoch.c.id], set_={"epoch": active_epoch.c.epoch + 1}
        )
        # Waits for a write of the former instance that is under way, and shuts out the next.
        counting = later.returning(active_epoch.c.epoch)
        try:
            await self._count(counting)
        except DBAPIError as error:
            if not _waited_in_vain(error):
                raise
            # It sleeps in the middle of a statement, which the server takes for work going on.
            await self._lock.end_former()
            await self._count(counting)
        self._database.guard(self._check)
        self._watching = asyncio.create_task(self._watch())

    async def _count(self, counting: Executable) -> None:
        async with self._database.begin() as work:
            await work.execute(text(f"SET LOCAL lock_timeout = '{_FORMER_SECONDS:.0f}s'"))
            self._epoch = (await work.execute(counting)).scalar_one()

    async def close(self) -> None:
        """Stop watching and give up the lock."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        self._database.guard(None)
        await self._lock.drop()

    async def _check(self, work: Work) -> None:
        # FOR SHARE: the next instance's epoch waits for this commit, or this waits for it.
        newest = await work.execute(_EPOCH_SHARED)
        if newest.scalar_one_or_none() != self._epoch:
            self._end()
            raise NoLongerActive

    async def _watch(self) -> None:
        while not self.is_over:
            await asyncio.sleep(HOLD_SECONDS)
            if not await self._lock.is_held() and not await self._regained():
                self._end()

    async def _regained(self) -> bool:
        """Take the lock again, when the server is back; False when somebody else was active."""
        log.warning("the database connection that keeps other instances waiting broke")
        tries = _REGAIN_TRIES
        while tries:
            try:
                await self._lock.drop()
                taken = await self._lock.try_once()
                async with self._database.read() as work:
                    newest = (await work.execute(_EPOCH)).scalar_one_or_none()
                if taken or newest != self._epoch:
                    return newest == self._epoch
                # Perhaps our own former connection, of whose end the server does not know yet.
                tries -= 1
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.debug("the database is not back yet (%s)", type(error).__name__)
            await asyncio.sleep(TRY_SECONDS)
        return False

    def _end(self) -> None:
        if not self.is_over:
            self.is_over = True
            # The block's own task hears of it by the exception.
            if self._block is not None and self._block is not asyncio.current_task():
                self._block.cancel()


_EPOCH = select(active_epoch.c.epoch).where(active_epoch.c.id == _ONLY_ROW)
_EPOCH_SHARED = _EPOCH.with_for_update(read=True)
_END_WRITERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE granted AND mode = 'RowShareLock' "
    "AND relation = 'active_epoch'::regclass AND pid <> pg_backend_pid()"
)
