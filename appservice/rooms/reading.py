"""The state of a room, as the homeserver shows it to the bot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from appservice.homeserver import Homeserver
from appservice.ids import RoomID
from appservice.rooms.plan import RoomState


async def state_of(homeserver: Homeserver, room: RoomID) -> RoomState:
    """Return the content of each state event of a room.

    Raises:
        HomeserverUnreachable: try again later.
        MatrixError: the bot is not, and never was, in it.
    """
    answer = await homeserver.call("GET", "v3", "rooms", room, "state")
    events: dict[tuple[str, str], Mapping[str, Any]] = {}
    for event in answer.get("chunk", []):
        events[event["type"], event.get("state_key", "")] = event.get("content", {})
    return RoomState(events)
