"""What Synapse forgets when it dies, since it had not yet sent it to us, is read from the rooms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from appservice import catching_up
from appservice.catching_up import (
    AGAIN_SECONDS,
    MARGIN_SECONDS,
    CatchingUp,
    room_position,
)
from appservice.database import Database, metadata
from appservice.events import Membership, MembershipChange
from appservice.homeserver import Homeserver
from appservice.ids import UserID
from appservice.vault import Vault
from tests.appservice.conftest import OtherHomeserver, ServiceFactory
from tests.appservice.running import SECRET
from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease

BOT = UserID("@bot:example.org")
VAULT = Vault(SECRET)


@asynccontextmanager
async def silence(port: int) -> AsyncIterator[asyncio.Event]:
    """Somebody in the service's place who takes every call and never answers; set at the first."""
    called, over = asyncio.Event(), asyncio.Event()

    async def listen(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        await over.wait()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", port)
    try:
        yield called
    finally:
        over.set()
        server.close()
        await server.wait_closed()


async def test_what_the_homeserver_forgot_when_it_died_is_handled_in_its_order(
    service: ServiceFactory,
    other_homeserver: OtherHomeserver,
    other_person: PersonFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catching_up, "EVENTS_PER_REQUEST", 2)
    lease, synapse = next(other_homeserver.leases), other_homeserver.synapse
    anna = await other_person("anna")
    here = await service.together(lease, anna)
    await here.running.stop()

    async with silence(lease.port) as called:
        # The first is in a transaction when it dies; the others wait in its memory.
        for body in ("een", "twee", "drie", "vier"):
            await anna.say(here.everyone, body)
        await called.wait()
        await synapse.kill()
    await synapse.start()
    await here.running.start()

    await anna.reads("echo: vier")
    echoes = [event.body for event in anna.timeline() if event.body.startswith("echo:")]
    assert echoes == ["echo: een", "echo: twee", "echo: drie", "echo: vier"]


async def test_an_invitation_that_the_homeserver_forgot_when_it_died_is_answered(
    service: ServiceFactory, other_homeserver: OtherHomeserver, other_person: PersonFactory
) -> None:
    lease, synapse = next(other_homeserver.leases), other_homeserver.synapse
    anna, bas = await other_person("anna"), await other_person("bas")
    here = await service.together(lease, anna)
    await here.running.stop()

    async with silence(lease.port) as called:
        room = await bas.create_dm(here.bot)
        await called.wait()
        await synapse.kill()
    await synapse.start()
    await here.running.start()

    invited = await here.network.sees(
        MembershipChange, lambda change: (change.room_id, change.user) == (room, here.bot)
    )
    assert (invited.sender, invited.membership) == (bas.user_id, Membership.INVITE)


async def test_rooms_are_read_again_soon_after_a_break(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna, clock, found = await person("anna"), Clock(), asyncio.Event()
    here = await service.together(lease, anna)
    await here.running.stop()
    database = Database(here.running.database_url)
    homeserver = Homeserver(lease.homeserver, lease.as_token, lease.bot)
    caught_up = CatchingUp(database, VAULT, homeserver, found.set, clock)
    try:
        await caught_up.once("")
        # Nobody is at the door: as if it were a transaction that the homeserver forgot.
        await anna.say(here.everyone, "vergeten")
        await caught_up.once("")
        assert not found.is_set()

        clock.now += AGAIN_SECONDS[0]
        await caught_up.once("")

        assert found.is_set()
        assert caught_up.patience() == AGAIN_SECONDS[1] - AGAIN_SECONDS[0]
    finally:
        await homeserver.close()
        await database.close()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Position:
    """Where a catching-up would begin, as positions of the key sync pass by."""

    def __init__(self, database: Database) -> None:
        self.clock = Clock()
        self._database = database
        homeserver = Homeserver("http://localhost", "token", BOT)
        self.catching_up = CatchingUp(database, VAULT, homeserver, lambda: None, self.clock)

    async def passes(self, position: str, *, seconds: float = 0.0) -> str | None:
        self.clock.now += seconds
        await self.catching_up.passed(position)
        async with self._database.read() as work:
            found: str | None = (await work.execute(select(room_position.c.since))).scalar()
        return found


@pytest.fixture
async def position(tmp_path: Path) -> AsyncIterator[Position]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'here.db'}")
    async with database.begin() as work:
        await work.run_sync(metadata.create_all)
    yield Position(database)
    await database.close()


async def test_the_first_start_begins_where_the_key_sync_is(position: Position) -> None:
    await position.catching_up.once("first")
    assert await position.passes("second") == "first"


async def test_a_position_counts_only_when_nothing_was_broken_for_a_while_after_it(
    position: Position,
) -> None:
    await position.catching_up.once("first")
    await position.passes("second")
    assert await position.passes("third", seconds=MARGIN_SECONDS - 1) == "first"
    assert await position.passes("fourth", seconds=1) == "second"


async def test_no_position_counts_between_a_break_and_its_catching_up(position: Position) -> None:
    await position.catching_up.once("first")
    await position.passes("second")
    position.catching_up.broken()
    assert await position.passes("third", seconds=MARGIN_SECONDS) == "first"
    assert await position.passes("fourth", seconds=MARGIN_SECONDS) == "first"
