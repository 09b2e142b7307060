"""One instance is active on a database: the next one waits, and a former one writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
import pytest_asyncio
from sqlalchemy import Column, MetaData, Table, Text, column, func, insert, select, table, text

from appservice.active import NoLongerActive, OtherActive, Turn, active, active_epoch
from appservice.database import Database
from tests.harness.postgres import Postgres

PATIENCE = 10
"""Seconds within which another instance takes over."""

notes = Table("notes", MetaData(), Column("body", Text, nullable=False))


class Instance:
    """An instance that is active until told to stop; it writes when told to."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.active = asyncio.Event()
        self._stop = asyncio.Event()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async with active(self.database) as turn:
            await turn.begin()
            self.active.set()
            await self._stop.wait()

    async def is_active(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.active.wait()

    async def writes(self, body: str) -> None:
        async with self.database.begin() as work:
            await work.execute(insert(notes).values(body=body))

    async def ends(self) -> None:
        """Wait for its end; what ended it is raised."""
        async with asyncio.timeout(PATIENCE):
            await self.task

    async def stop(self) -> None:
        self._stop.set()
        await self.ends()

    async def close(self) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError, NoLongerActive):
            await self.task
        await self.database.close()


class Instances:
    """Instances on one database, as many as a test wants."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._stack = AsyncExitStack()

    def __call__(self) -> Instance:
        instance = Instance(self.url)
        self._stack.push_async_callback(instance.close)
        return instance

    async def close(self) -> None:
        await self._stack.aclose()


async def _with_tables(url: str) -> Instances:
    database = Database(url)
    async with database.begin() as work:
        await work.run_sync(active_epoch.create)
        await work.run_sync(notes.create)
    await database.close()
    return Instances(url)


@pytest_asyncio.fixture(loop_scope="session")
async def instance(database_url: str) -> AsyncIterator[Instances]:
    """Instances on a database of each kind."""
    made = await _with_tables(database_url)
    try:
        yield made
    finally:
        await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def on_server(postgres: Postgres) -> AsyncIterator[Instances]:
    """Instances on PostgreSQL."""
    made = await _with_tables(await postgres.fresh_database())
    try:
        yield made
    finally:
        await made.close()


WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
"""An instance stands in the queue for the lock."""
BEGINNING = "SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"
"""An instance has the lock, and waits for a write before it begins its epoch."""
HOLDING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
"""An instance has the lock."""


async def _until(instances: Instances, count: str) -> None:
    """Wait until the server counts something; it tells nobody of its locks by itself."""
    database = Database(instances.url)
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                async with database.read() as work:
                    if (await work.execute(text(count))).scalar_one():
                        return
                await asyncio.sleep(0.02)
    finally:
        await database.close()


async def _cut(instances: Instances, *, everything: bool = False) -> None:
    """Have the server end the connection that holds the lock, or every connection."""
    victims = select(func.pg_terminate_backend(column("pid"))).where(
        column("pid") != func.pg_backend_pid()
    )
    if everything:
        victims = victims.select_from(table("pg_stat_activity")).where(
            column("datname") == func.current_database()
        )
    else:
        victims = victims.select_from(table("pg_locks")).where(
            column("locktype") == "advisory", column("granted")
        )
    database = Database(instances.url)
    async with database.begin() as work:
        await work.execute(victims)
    await database.close()


async def _notes(instances: Instances) -> list[str]:
    database = Database(instances.url)
    try:
        async with database.read() as work:
            return list((await work.execute(select(notes.c.body))).scalars())
    finally:
        await database.close()


# Taking turns


async def test_a_second_instance_is_active_when_the_first_has_stopped(instance: Instances) -> None:
    first = instance()
    await first.is_active()
    second = instance()
    await first.writes("first")
    assert not second.active.is_set()
    await first.stop()
    await second.is_active()
    await second.writes("second")
    assert await _notes(instance) == ["first", "second"]


async def test_who_will_not_wait_is_told_to_stop_the_service(instance: Instances) -> None:
    await instance().is_active()
    with pytest.raises(OtherActive, match="Stop it first"):
        async with active(Database(instance.url), wait=False):
            pytest.fail("two are active")


async def test_who_will_not_wait_goes_on_when_nobody_is_active(instance: Instances) -> None:
    first = instance()
    await first.is_active()
    await first.stop()
    async with active(Database(instance.url), wait=False) as turn:
        assert isinstance(turn, Turn)


async def test_an_instance_that_waits_can_be_stopped(instance: Instances) -> None:
    first = instance()
    await first.is_active()
    second = instance()
    await second.close()
    await first.writes("still there")
    assert await _notes(instance) == ["still there"]


# A connection that breaks


async def test_an_instance_whose_lock_is_taken_by_another_ends(on_server: Instances) -> None:
    first = on_server()
    await first.is_active()
    second = on_server()
    await _until(on_server, WAITING)
    await _cut(on_server)
    await second.is_active()
    with pytest.raises(NoLongerActive, match="Start it again"):
        await first.ends()


async def test_an_instance_that_has_not_noticed_that_it_is_a_former_one_writes_nothing(
    on_server: Instances,
) -> None:
    first = on_server()
    await first.is_active()
    second = on_server()
    await _until(on_server, WAITING)
    await _cut(on_server)
    await second.is_active()
    with pytest.raises(NoLongerActive):
        await first.writes("from the past")
    assert await _notes(on_server) == []


async def test_an_instance_that_sleeps_in_the_middle_of_a_write_keeps_nobody_waiting(
    on_server: Instances,
) -> None:
    first = on_server()
    await first.is_active()
    asleep = Database(on_server.url)
    try:
        async with asleep.engine.connect() as connection:
            # To the server, who sleeps in the middle of a statement is at work.
            await connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
            await connection.execute(select(active_epoch.c.epoch).with_for_update(read=True))
            second = on_server()
            await _until(on_server, WAITING)
            await _cut(on_server)
            await second.is_active()
            await connection.invalidate()
    finally:
        await asleep.engine.dispose()


async def test_a_refused_write_ends_an_instance_whoever_swallows_the_refusal(
    on_server: Instances,
) -> None:
    first = on_server()
    await first.is_active()
    second = on_server()
    await _until(on_server, WAITING)
    await _cut(on_server)
    await second.is_active()
    with suppress(Exception):
        await first.writes("from the past")
    with pytest.raises(NoLongerActive):
        await first.ends()


async def test_a_write_under_way_is_finished_before_another_instance_is_active(
    on_server: Instances,
) -> None:
    first = on_server()
    await first.is_active()
    second = on_server()
    await _until(on_server, WAITING)
    async with first.database.begin() as work:
        await work.execute(insert(notes).values(body="in time"))
        await _cut(on_server)
        await _until(on_server, BEGINNING)
        assert not second.active.is_set()
    await second.is_active()
    assert await _notes(on_server) == ["in time"]


async def test_an_instance_that_loses_its_connections_goes_on_when_nobody_else_waits(
    on_server: Instances,
) -> None:
    first = on_server()
    await first.is_active()
    await _cut(on_server, everything=True)
    await _until(on_server, HOLDING)
    await first.writes("still the one")
    assert (await _notes(on_server), first.task.done()) == (["still the one"], False)
