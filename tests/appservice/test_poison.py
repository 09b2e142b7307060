"""What our own code raises on is set aside; everything behind it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text, update

from appservice.database import Work
from appservice.faults import TRIES, Direction
from appservice.inbox import Status as Inbox
from appservice.inbox import inbox
from appservice.outbox import Outgoing, outbox
from appservice.outbox import Status as Outbox
from appservice.rooms.plan import RoomKey
from tests.appservice.conftest import ServiceFactory, Together
from tests.appservice.network import EVERYONE, REACTIONS
from tests.appservice.wire import Wire
from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease
from tests.harness.messages import text as message
from tests.harness.people import Person


async def broken_statement(work: Work) -> None:
    await work.execute(text("SELECT no_such_column FROM inbox"))


async def broken_constraint(work: Work) -> None:
    await work.execute(text("INSERT INTO rooms (key) VALUES (NULL)"))


async def put(here: Together, key: RoomKey, body: object, name: str) -> None:
    async with here.running.database.begin() as work:
        await here.running.outbox.put(
            work, Outgoing(key, {"msgtype": "m.text", "body": body}, name=name), datetime.now(UTC)
        )


class TestAnEventOnWhichOurCodeRaises:
    @pytest.mark.parametrize(
        "how", [None, broken_statement, broken_constraint], ids=["code", "statement", "constraint"]
    )
    async def test_is_set_aside_and_what_is_behind_it_goes_on(
        self, there: Together, how: Callable[[Work], Awaitable[None]] | None
    ) -> None:
        (anna,), network = there.members, there.network
        behind = f"erachter, {how}"
        network.fails_on, network.fails_by = "struikelblok", how
        network.aside.clear()

        await anna.say(there.everyone, "een struikelblok")
        await anna.say(there.everyone, behind)

        await network.hears(behind)
        what = await there.network.sets_aside(Direction.IN)
        async with there.running.database.read() as work:
            row = (await work.execute(select(inbox).where(inbox.c.seq == what.seq))).one()
        assert (row.status, row.tries) == (Inbox.DEAD, TRIES)
        assert "tests.appservice.network.handle:" in row.fault
        assert "struikelblok" not in row.fault

    async def test_is_set_aside_even_if_nobody_can_be_told(
        self, service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
    ) -> None:
        anna = await person("anna")
        there = await service.together(lease, anna)
        there.network.fails_on, there.network.cannot_tell = "struikelblok", True

        await anna.say(there.everyone, "een struikelblok")
        await anna.say(there.everyone, "erachter")

        await there.network.hears("erachter")
        # An event that came before its key is behind one that came after it.
        async with asyncio.timeout(20):
            # Another task's database tells no news.
            while len(await _dead(there)) != 1:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


async def _dead(there: Together) -> list[int]:
    """The events that were set aside."""
    async with there.running.database.read() as work:
        found = await work.execute(select(inbox.c.seq).where(inbox.c.status == Inbox.DEAD))
    return list(found.scalars())


class TestAMessageThatCanNeverGoOut:
    async def test_is_set_aside_when_its_content_does_not_open(
        self, here: Together, anna: Person
    ) -> None:
        database = here.running.database
        async with database.begin() as work:
            await here.running.outbox.put(
                work, Outgoing(REACTIONS, message("weg"), name="damaged"), datetime.now(UTC)
            )
            await work.execute(
                update(outbox).where(outbox.c.name == "damaged").values(content=b"x" * 40)
            )

        await anna.say(here.direct[0], "notice erachter")

        await anna.reads("erachter", here.reactions)
        assert (await here.network.sets_aside(Direction.OUT)).name == "damaged"

    async def test_is_set_aside_when_it_is_too_large_for_an_event(
        self, service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
    ) -> None:
        anna = await person("anna")
        there = await service.together(lease, anna)
        await put(there, EVERYONE, "x" * 70_000, "too large")

        await anna.say(there.everyone, "erachter")

        await anna.reads("echo: erachter", there.everyone)
        what = await there.network.sets_aside(Direction.OUT)
        async with there.running.database.read() as work:
            row = (await work.execute(select(outbox).where(outbox.c.seq == what.seq))).one()
        assert (row.status, row.fault) == (Outbox.SET_ASIDE, "M_TOO_LARGE")


async def test_a_message_refused_for_a_reason_that_may_pass_is_kept_and_sent_later(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory, wire: Wire
) -> None:
    anna = await person("anna")
    there = await service.together(lease, anna, wire=wire)

    with wire.without_token("PUT", "/send/") as cut:
        await anna.say(there.everyone, "alarm")
        await cut.reached.wait()

    await anna.reads("echo: alarm", there.everyone)


async def test_a_room_key_refused_for_a_reason_that_may_pass_is_kept_and_sent_later(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory, wire: Wire
) -> None:
    anna = await person("anna")
    there = await service.together(lease, anna, wire=wire)

    with wire.without_token("PUT", "/sendToDevice/") as cut:
        async with there.running.database.begin() as work:
            await work.execute(text("UPDATE outbound_group_sessions SET retired = true"))
        await anna.say(there.everyone, "alarm")
        await cut.reached.wait()

    await anna.reads("echo: alarm", there.everyone)
