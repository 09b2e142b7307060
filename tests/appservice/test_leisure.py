"""A look at all rooms makes way for whoever reports."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest

from appservice import leisure
from appservice.database import Database
from appservice.homeserver import Homeserver
from appservice.ids import RoomID, UserID
from appservice.leisure import Leisure, Unhurried
from appservice.rooms import records
from appservice.rooms.keeper import DIRECT_PARTS, RoomKeeper
from appservice.rooms.plan import RoomKey, RoomPlan, created

BOT, ANNA = UserID("@goudwacht:example.org"), UserID("@anna:example.org")
KEYS = [RoomKey(f"room{number}") for number in range(4)]


def plan(key: RoomKey) -> RoomPlan:
    return RoomPlan(key, f"gw_{key}", "A room", "About it", frozenset({ANNA}))


class Asked:
    """A homeserver whose rooms are as planned; counts what it is asked."""

    url, user, device = "http://homeserver", BOT, None

    def __init__(self) -> None:
        self.questions = 0
        self.asked = asyncio.Event()
        self.answer = asyncio.Event()
        self.answer.set()

    async def call(self, method: str, *path: str, **_: object) -> dict[str, Any]:
        self.questions += 1
        self.asked.set()
        await self.answer.wait()
        key = RoomKey(path[2].removeprefix("!")) if path[1] == "rooms" else KEYS[0]
        state = {
            **created(plan(key), BOT).events,
            ("m.room.member", ANNA): {"membership": "join"},
        }
        if path[-1] != "state":
            return {"visibility": "private", "aliases": []}
        return {
            "chunk": [
                {"type": kind, "state_key": who, "content": content}
                for (kind, who), content in state.items()
            ]
        }


@pytest.fixture(autouse=True)
def short_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leisure, "QUIET_SECONDS", 0.01)


async def set_rooms(database: Database) -> None:
    async with database.begin() as work:
        await records.set_plans(work, [plan(key) for key in KEYS])
        for key in KEYS:
            await records.note_room(work, key, RoomID(f"!{key}"))
            for user in (BOT, ANNA):
                await records.set_membership(work, RoomID(f"!{key}"), user, "join")


async def looked(homeserver: Asked, pressing: Leisure, database: Database) -> RoomKeeper:
    await set_rooms(database)
    return RoomKeeper(database, cast(Homeserver, homeserver), pressing)


async def test_every_room_is_looked_at_once(database: Database) -> None:
    homeserver = Asked()

    await (await looked(homeserver, Leisure(), database)).hold()

    assert homeserver.questions == len(KEYS)


async def test_the_room_of_one_person_has_its_turn_in_one_of_the_looks(database: Database) -> None:
    homeserver = Asked()
    keeper = await looked(homeserver, Leisure(), database)
    async with database.begin() as work:
        await records.set_plans(work, [replace(plan(key), direct=True) for key in KEYS])

    for part in range(DIRECT_PARTS):
        await keeper.hold(part)

    assert homeserver.questions == len(KEYS)


async def test_a_room_for_many_is_looked_at_each_time(database: Database) -> None:
    homeserver = Asked()
    keeper = await looked(homeserver, Leisure(), database)

    for part in range(DIRECT_PARTS):
        await keeper.hold(part)

    assert homeserver.questions == len(KEYS) * DIRECT_PARTS


async def test_nothing_is_asked_while_an_event_is_handled(database: Database) -> None:
    homeserver, pressing = Asked(), Leisure()
    keeper = await looked(homeserver, pressing, database)
    homeserver.answer.clear()
    looking = asyncio.create_task(keeper.hold())
    await homeserver.asked.wait()

    with pressing.pressing():
        # What is on its way is answered; nothing follows.
        homeserver.answer.set()
        await asyncio.sleep(0.1)

        assert homeserver.questions == 1
    await looking
    assert homeserver.questions == len(KEYS)


async def test_nor_where_rooms_are_listed(database: Database) -> None:
    homeserver, pressing = Asked(), Leisure()
    keeper = await looked(homeserver, pressing, database)

    with pressing.pressing():
        looking = asyncio.create_task(keeper.hide())
        await asyncio.sleep(0.1)

        assert homeserver.questions == 0
    await looking
    assert homeserver.questions == 2 * len(KEYS)


async def test_a_room_of_which_there_is_news_is_not_kept_waiting(database: Database) -> None:
    homeserver, pressing = Asked(), Leisure()
    keeper = await looked(homeserver, pressing, database)
    keeper.call(KEYS[1])

    with pressing.pressing():
        await asyncio.wait_for(keeper.hold_news(), 5)

    assert homeserver.questions == 1


async def test_nor_by_a_look_that_makes_way(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leisure, "FEW_SECONDS", 3_600)
    homeserver, pressing = Asked(), Leisure()
    keeper = await looked(homeserver, pressing, database)

    with pressing.pressing():
        looking = asyncio.create_task(keeper.hold())
        await asyncio.sleep(0.05)
        assert not homeserver.asked.is_set()
        keeper.call(KEYS[1])
        await asyncio.wait_for(homeserver.asked.wait(), 5)
    await asyncio.wait_for(looking, 5)

    assert homeserver.questions == len(KEYS)


async def test_a_network_that_never_rests_is_looked_at_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leisure, "FEW_SECONDS", 0.01)
    homeserver, pressing = Asked(), Leisure()
    keeper = await looked(homeserver, pressing, database)

    with pressing.pressing():
        await asyncio.wait_for(keeper.hold(), 5)

    assert homeserver.questions == len(KEYS)


async def test_a_look_at_many_rooms_leaves_the_homeserver_most_of_its_time() -> None:
    loop = asyncio.get_running_loop()

    class Slow(Asked):
        async def call(self, method: str, *path: str, **_: object) -> dict[str, Any]:
            await asyncio.sleep(0.05)
            return {}

    way = Unhurried(cast(Homeserver, Slow()), Leisure(), asyncio.Event())
    way.gently = True
    began = loop.time()
    await way.call("GET", "v3", "sync")

    assert loop.time() - began >= 0.05 / leisure.SHARE * 0.9
