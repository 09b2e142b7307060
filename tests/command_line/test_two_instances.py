"""Two `goudwacht run` on one database: one works, the other takes over when it is gone."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import make_url

from tests.command_line.site import Process, Site
from tests.conftest import PersonFactory
from tests.databases import Kind, kinds
from tests.harness.leases import AppserviceLease
from tests.harness.people import Person
from tests.harness.postgres import Postgres
from tests.harness.processes import free_port

READY = "ready: "
WAITING = "waiting for it to end"
TAKES_OVER_WITHIN = 10.0
"""Seconds from the death of the first."""
PRIVATE_ROOM = "Goudwacht: melden"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have a test of both kinds run on the one that the run insists on, or on each."""
    if "server" in metafunc.fixturenames:
        metafunc.parametrize("server", kinds(metafunc.config), ids=str, indirect=True)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Postgres | None:
    """The database server; None for SQLite, which needs none."""
    found: Postgres | None = None
    if request.param is Kind.POSTGRESQL:
        found = request.getfixturevalue("postgres")
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def both(server: Postgres | None, lease: AppserviceLease, tmp_path: Path) -> Site:
    """An installation on a database of each kind."""
    return Site(tmp_path, lease, None if server is None else await server.fresh_database())


@pytest_asyncio.fixture(loop_scope="session")
async def on_server(postgres: Postgres, lease: AppserviceLease, tmp_path: Path) -> Site:
    """An installation on PostgreSQL."""
    return Site(tmp_path, lease, await postgres.fresh_database())


@asynccontextmanager
async def _first_and_second(
    site: Site, other: Site | None = None
) -> AsyncIterator[tuple[Process, Process]]:
    """One that is ready, and one that waits."""
    async with site.process("run") as first:
        await first.prints(READY)
        async with (other or site).process("run") as second:
            await second.prints(WAITING)
            yield first, second


async def _cut_the_lock(site: Site) -> None:
    """Have the server end the connection that holds the lock on this database."""
    url = make_url(site.settings["database"]["url"])
    connection = await asyncpg.connect(
        host=url.query["host"], user=url.username, database=url.database
    )
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON oid = database "
            "WHERE locktype = 'advisory' AND granted AND datname = current_database()"
        )
    finally:
        await connection.close()


async def _answered_once(site: Site, anna: Person, room: str, *numbers: int) -> None:
    """Look whether each question was answered once, and nothing came that could not be read."""
    answers = [seen.body for seen in anna.timeline(room) if seen.sender == site.lease.bot]
    told = {n: sum(f"#{n}" in (body or "") for body in answers) for n in numbers}
    assert (told, anna.unreadable) == (dict.fromkeys(numbers, 1), [])


async def test_the_second_takes_over_when_the_first_is_killed(
    both: Site, person: PersonFactory
) -> None:
    anna = await person("anna")
    both.has_member(anna.user_id)
    async with _first_and_second(both) as (first, second):
        room = await anna.room_named(PRIVATE_ROOM)
        await anna.say(room, "!status 9001")
        await anna.reads("#9001", room)
        await asyncio.gather(*(anna.say(room, f"!status {n}") for n in (9002, 9003, 9004)))
        first.signal(signal.SIGKILL)
        await first.status()
        await second.prints(READY, timeout=TAKES_OVER_WITHIN)
        for number in (9002, 9003, 9004):
            await anna.reads(f"#{number}", room)
        await anna.say(room, "!status 9005")
        await anna.reads("#9005", room)
    await _answered_once(both, anna, room, 9001, 9002, 9003, 9004, 9005)


async def test_one_that_waits_can_be_stopped(new_site: Site) -> None:
    async with _first_and_second(new_site) as (_, second):
        second.signal(signal.SIGTERM)
        assert await second.status() == 0, second.printed


async def test_one_whose_lock_was_taken_ends_with_status_1_and_the_other_goes_on(
    on_server: Site, person: PersonFactory
) -> None:
    anna = await person("anna")
    on_server.has_member(anna.user_id)
    async with _first_and_second(on_server) as (first, second):
        room = await anna.room_named(PRIVATE_ROOM)
        await anna.say(room, "!status 9001")
        await anna.reads("#9001", room)
        await _cut_the_lock(on_server)
        assert await first.status() == 1, first.printed
        assert "Another instance of goudwacht has become active" in first.printed
        assert "Traceback" not in first.printed
        await anna.say(room, "!status 9002")
        await second.prints(READY)
        await anna.reads("#9002", room)
    await _answered_once(on_server, anna, room, 9001, 9002)


async def test_one_that_slept_through_its_end_takes_nothing_in_and_ends(
    on_server: Site, person: PersonFactory, tmp_path: Path
) -> None:
    anna = await person("anna")
    on_server.has_member(anna.user_id)
    # The homeserver knows the second's door; a process that sleeps would hold on to it.
    files = tmp_path / "first"
    files.mkdir()
    sleeper = on_server.with_files_in(files)
    sleeper.configure("door", port=free_port())
    async with sleeper.process("run") as first:
        await first.prints(READY)
        async with on_server.process("run") as second:
            await second.prints(WAITING)
            first.signal(signal.SIGSTOP)
            await _cut_the_lock(on_server)
            await second.prints(READY)
            sending = asyncio.create_task(_delivered(sleeper))
            first.signal(signal.SIGCONT)
            assert await sending != 200
            assert await first.status() == 1, first.printed
            room = await anna.room_named(PRIVATE_ROOM)
            await anna.say(room, "!status 9001")
            await anna.reads("#9001", room)
    await _answered_once(on_server, anna, room, 9001)


async def _delivered(site: Site) -> int:
    """Deliver an event at an instance's own door; return the status, 0 when it hung up."""
    port = site.settings["door"]["port"]
    event = {
        "event_id": "$from_the_past",
        "room_id": "!room",
        "sender": f"@somebody:{site.lease.server_name}",
        "type": "m.room.message",
        "content": {"msgtype": "m.text", "body": "!help"},
        "origin_server_ts": 1,
    }
    url = f"http://127.0.0.1:{port}/_matrix/app/v1/transactions/1"
    headers = {"Authorization": f"Bearer {site.lease.hs_token}"}
    try:
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.put(url, json={"events": [event]}) as answer,
        ):
            return answer.status
    except aiohttp.ClientError:
        return 0
