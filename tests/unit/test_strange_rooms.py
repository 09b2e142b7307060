"""Who opens rooms with the bot beside their own is shown the way home, and no more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from sqlalchemy import delete, select

from appservice.events import Membership, MembershipChange
from appservice.ids import EventID, RoomID, UserID
from appservice.rooms.errands import errands
from bridge.places import ReviewRoom
from tests.unit.example import ANNA, CONFIGURATION, CORA, MIA, STRANGER
from tests.unit.stage import CLEAR, Said, Stage

BOT = CONFIGURATION.bot_user
ONE, TWO, THREE = (RoomID(f"!room{number}") for number in (1, 2, 3))


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage(CONFIGURATION)
    await made.set()
    yield made
    await made.close()


def templates(said: list[Said]) -> list[str]:
    return [one.template for one in said]


async def moves(
    stage: Stage, room: RoomID, sender: UserID, user: UserID, membership: Membership
) -> list[Said]:
    event = EventID(f"${room}/{sender}/{user}/{membership}")
    return await stage.happens(MembershipChange(room, event, sender, user, membership))


async def invites(stage: Stage, who: UserID, room: RoomID) -> list[Said]:
    return await moves(stage, room, who, BOT, Membership.INVITE)


async def done(stage: Stage) -> list[tuple[str, str]]:
    """What the bot goes to do in which room since this was last asked."""
    async with stage.database.begin() as work:
        rows = (await work.execute(select(errands).order_by(errands.c.seq))).all()
        await work.execute(delete(errands))
    return [(row.kind, row.room_id) for row in rows]


class TestAMember:
    async def test_may_have_two_rooms_beside_their_own(self, stage: Stage) -> None:
        said = [one for room in (ONE, TWO) for one in await invites(stage, ANNA, room)]

        assert await done(stage) == [("join", ONE), ("join", TWO)]
        assert said == []

    async def test_with_two_is_told_why_the_bot_does_not_join_a_third(self, stage: Stage) -> None:
        for room in (ONE, TWO):
            await invites(stage, ANNA, room)
        await done(stage)
        said = await invites(stage, ANNA, THREE)

        assert await done(stage) == [("leave", THREE)]
        assert templates(said) == ["refusal/one_room"]

    async def test_who_invites_it_everywhere_is_told_once_a_day(self, stage: Stage) -> None:
        for number in range(50):
            await invites(stage, ANNA, RoomID(f"!spam{number}"))
        names = {name for name in await stage.delivered() if name.startswith("strange rooms/")}
        joined = [room for kind, room in await done(stage) if kind == "join"]

        assert len(joined) == 2
        assert len(names) == 1

    async def test_who_was_invited_twice_to_one_room_has_one(self, stage: Stage) -> None:
        for room in (ONE, ONE, TWO):
            await invites(stage, ANNA, room)

        assert await done(stage) == [("join", ONE), ("join", ONE), ("join", TWO)]

    async def test_who_leaves_one_may_open_another_and_the_bot_leaves_too(
        self, stage: Stage
    ) -> None:
        for room in (ONE, TWO):
            await invites(stage, ANNA, room)
        await done(stage)
        await moves(stage, ONE, ANNA, ANNA, Membership.LEAVE)
        await invites(stage, ANNA, THREE)

        assert await done(stage) == [("leave", ONE), ("join", THREE)]

    async def test_who_puts_the_bot_out_may_open_another(self, stage: Stage) -> None:
        for room in (ONE, TWO):
            await invites(stage, ANNA, room)
        await done(stage)
        await moves(stage, ONE, ANNA, BOT, Membership.LEAVE)
        await invites(stage, ANNA, THREE)

        assert await done(stage) == [("join", THREE)]

    async def test_who_writes_on_and_on_is_pointed_home_once_an_hour(self, stage: Stage) -> None:
        await invites(stage, ANNA, ONE)
        said = [
            one for _ in range(20) for one in await stage.says(ANNA, ONE, "hulp", secrecy=CLEAR)
        ]
        await stage.time_passes(timedelta(hours=1))
        later = await stage.says(ANNA, ONE, "hulp", secrecy=CLEAR)

        assert templates(said) == ["refusal/not_here"]
        assert templates(later) == ["refusal/not_here"]

    async def test_who_is_removed_is_left_alone_there_too(self, stage: Stage) -> None:
        await invites(stage, ANNA, ONE)
        await done(stage)
        await stage.says(CORA, ReviewRoom(), f"!verwijder {ANNA}")

        assert ("leave", ONE) in await done(stage)


async def test_a_moderator_who_opens_many_is_not_written_to(stage: Stage) -> None:
    said = [one for room in (ONE, TWO, THREE) for one in await invites(stage, MIA, room)]

    assert await done(stage) == [("join", ONE), ("join", TWO), ("leave", THREE)]
    assert said == []


async def test_a_stranger_is_declined_and_not_answered(stage: Stage) -> None:
    said = await invites(stage, STRANGER, ONE) + await stage.says(STRANGER, ONE, "hallo")

    assert await done(stage) == [("leave", ONE)]
    assert said == []
