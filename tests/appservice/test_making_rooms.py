"""Rooms that are made, and those that are there although their making was refused."""

from __future__ import annotations

from typing import Any, cast

from appservice.database import Database
from appservice.homeserver import Homeserver, MatrixError
from appservice.ids import RoomID, UserID
from appservice.leisure import Leisure
from appservice.rooms import records
from appservice.rooms.keeper import RoomKeeper
from appservice.rooms.plan import RoomKey, RoomPlan, created

BOT, ANNA = UserID("@goudwacht:example.org"), UserID("@anna:example.org")
KEY, ROOM = RoomKey("private"), RoomID("!room")
PLAN = RoomPlan(KEY, "gw_private", "Report", "About it", frozenset({ANNA}), direct=True)


class Making:
    """A homeserver that makes rooms, or refuses to, having made them or not."""

    url, user, device = "http://homeserver", BOT, None

    def __init__(self, refused: str = "", *, there: bool = True) -> None:
        self.asked: list[str] = []
        self._refused, self._there = refused, there

    async def call(self, method: str, *path: str, **_: object) -> dict[str, Any]:
        self.asked.append(f"{method} {path[-1] if path[1] != 'directory' else 'alias'}")
        if path[-1] == "createRoom" and self._refused:
            raise MatrixError(403, self._refused, "no", "POST createRoom")
        if path[1] == "directory" and not self._there:
            raise MatrixError(404, "M_NOT_FOUND", "no such alias", "GET directory")
        if path[-1] == "state":
            state = dict(created(PLAN, BOT).events)
            state.pop(("m.room.member", ANNA))
            return {
                "chunk": [{"type": k, "state_key": s, "content": c} for (k, s), c in state.items()]
            }
        return {"room_id": ROOM}


async def made(database: Database, homeserver: Making) -> RoomID | None:
    async with database.begin() as work:
        await records.set_plans(work, [PLAN])
    await RoomKeeper(database, cast(Homeserver, homeserver), Leisure()).hold_news()
    async with database.read() as work:
        return await records.room_of(work, KEY)


async def test_a_private_room_is_made_with_one_request(database: Database) -> None:
    homeserver = Making()

    assert await made(database, homeserver) == ROOM
    assert homeserver.asked == ["POST createRoom"]


async def test_one_that_was_made_and_not_noted_is_found(database: Database) -> None:
    homeserver = Making("M_ROOM_IN_USE")

    assert await made(database, homeserver) == ROOM
    assert homeserver.asked[:3] == ["POST createRoom", "GET alias", "GET state"]


async def test_whose_invitation_was_refused_is_invited_to_the_room_that_is_there(
    database: Database,
) -> None:
    homeserver = Making("M_FORBIDDEN")

    assert await made(database, homeserver) == ROOM
    assert homeserver.asked[-1] == f"PUT {ANNA}"


async def test_one_that_cannot_be_made_is_not_noted(database: Database) -> None:
    assert await made(database, Making("M_FORBIDDEN", there=False)) is None
