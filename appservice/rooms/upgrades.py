"""A room of ours that was replaced by another: followed, or reported.

::

    m.room.tombstone ─▶ errand ─▶ both rooms' state ─▶ fault (pure) ─▶ none: join, the room of that
                                                            │                plan is the new one
                                                            └─▶ not followed; the domain is told
                                                                   │
                            the room is closed all the same ───────┴─▶ upgraded by the bot itself,
                                                                       whose tombstone is followed

(Client-server API, "Room upgrades".) The room behind a key is what members read alerts in: whoever
could swap it would decide where reports go. So the tombstone must come from the bot, or from
somebody whom the old room gave the power to send it; the new room must name the old one; and the
bot must be its only creator: creators stand above every power level, and in a room with another one
the policy would be at that one's pleasure. An upgrade that the bot's account makes, by whatever
tool, is all that. Any other is reported.

A room that was closed by who has the power to is closed, wherever its tombstone points: clients
show it as such. The bot then makes a room in its place, which has the policy and the members.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from appservice.database import Database, Work
from appservice.homeserver import Homeserver, MatrixError
from appservice.ids import RoomID, UserID, server_of
from appservice.outside_text import storable
from appservice.rooms import records
from appservice.rooms.plan import RoomKey, RoomState

log = logging.getLogger(__name__)


class UpgradeFault(StrEnum):
    """Why a replacement is not followed."""

    NO_POWER = "no power"
    """Who sent the tombstone had no power to."""
    NO_REPLACEMENT = "no replacement"
    """It names no room."""
    NOT_ITS_SUCCESSOR = "not its successor"
    """The new room does not name the old one as the one before it."""
    NOT_OURS = "not ours"
    """The bot is not in it, or is not its only creator."""
    TAKEN = "taken"
    """It is the room of another plan."""


@dataclass(frozen=True, slots=True)
class UpgradeRefused:
    """A room of ours was closed and its replacement is not followed.

    Attributes:
        key: our name for it.
        sender: who closed it.
    """

    key: RoomKey
    sender: UserID
    fault: UpgradeFault
    replaced: bool = False
    """The bot made another room in its place."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A tombstone as it came in."""

    room: RoomID
    sender: UserID
    replacement: RoomID | None


@dataclass(frozen=True, slots=True)
class _Found:
    """A room as it stands at the homeserver."""

    state: RoomState
    creator: UserID
    closed_by: UserID | None

    @property
    def replacement(self) -> RoomID | None:
        return replacement_of(self.state.events.get(("m.room.tombstone", ""), {}))


Refused = Callable[[Work, UpgradeRefused], Awaitable[None]]
"""Told, in a transaction, of a replacement that is not followed."""


class Follower:
    """Follows rooms to their replacements.

    Args:
        database: has the records of rooms.
        homeserver: the way out as the bot.
        refused: hears of a replacement that is not followed.
        followed: called after each commit: the keeper has work, or a message waits.
    """

    def __init__(
        self,
        database: Database,
        homeserver: Homeserver,
        refused: Refused,
        followed: Callable[[], None],
    ) -> None:
        self._database = database
        self._homeserver = homeserver
        self._refused = refused
        self._followed = followed

    async def follow(self, closed: Closed) -> None:
        """Take the replacement for our room, or report it; safe to repeat.

        Raises:
            HomeserverUnreachable: try again later.
        """
        async with self._database.read() as work:
            key = await records.key_of(work, closed.room)
        if key is None:
            return
        fault, replaced = await self._fault(closed), False
        if fault not in (None, UpgradeFault.NO_POWER):
            replaced = await self._replace(closed)
        async with self._database.begin() as work:
            if fault is None and closed.replacement is not None:
                await records.move(work, key, closed.room, closed.replacement)
                log.info("room %s was replaced by another; followed", key.partition("/")[0])
            elif fault is not None:
                log.error(
                    "a room (%s) was closed, and its replacement is not followed (%s). Look at who "
                    "closed it; `goudwacht doctor` tells how our rooms are",
                    key.partition("/")[0],
                    fault,
                )
                await self._refused(work, UpgradeRefused(key, closed.sender, fault, replaced))
        self._followed()

    async def _fault(self, closed: Closed) -> UpgradeFault | None:
        bot, new = self._homeserver.user, closed.replacement
        if closed.sender != bot:
            old = await self._state(closed.room)
            # What stands in the room was let in by its rules, whatever they are by now.
            stands = old.closed_by == closed.sender
            if not stands and not may_close(old.state, closed.sender, old.creator):
                return UpgradeFault.NO_POWER
        if new is None:
            return UpgradeFault.NO_REPLACEMENT
        async with self._database.read() as work:
            if await records.is_known(work, new):
                return UpgradeFault.TAKEN
        try:
            await self._homeserver.call(
                "POST", "v3", "join", new, query={"server_name": server_of(closed.sender)}, body={}
            )
            there = await self._state(new)
        except MatrixError:
            return UpgradeFault.NOT_OURS
        fault = None
        if creators(there.state, there.creator) != {bot}:
            fault = UpgradeFault.NOT_OURS
        elif not names_predecessor(there.state, closed.room):
            fault = UpgradeFault.NOT_ITS_SUCCESSOR
        if fault is not None and there.creator != bot:
            try:
                await self._homeserver.call("POST", "v3", "rooms", new, "leave", body={})
            except MatrixError as error:
                log.warning("a room that is not ours cannot be left (%s)", error.errcode)
        return fault

    async def _replace(self, closed: Closed) -> bool:
        """Make a room in place of one that is closed; tell whether there is one now.

        The homeserver closes the old one anew, with a tombstone of the bot's.
        """
        old = await self._state(closed.room)
        if old.closed_by in (None, self._homeserver.user):
            # Not closed at all; or upgraded by us, just before we died.
            return old.closed_by is not None and old.replacement != closed.replacement
        version = str(old.state.events.get(("m.room.create", ""), {}).get("room_version", "1"))
        try:
            await self._homeserver.call(
                "POST", "v3", "rooms", closed.room, "upgrade", body={"new_version": version}
            )
        except MatrixError as error:
            log.error("no room can be made in place of one that is closed (%s)", error.errcode)
            return False
        return True

    async def _state(self, room: RoomID) -> _Found:
        answer = await self._homeserver.call("GET", "v3", "rooms", room, "state")
        events: dict[tuple[str, str], Mapping[str, Any]] = {}
        creator, closed_by = UserID(""), None
        for event in answer.get("chunk", []):
            events[event["type"], event.get("state_key", "")] = event.get("content", {})
            if event["type"] == "m.room.create":
                creator = UserID(str(event["sender"]))
            elif event["type"] == "m.room.tombstone":
                closed_by = UserID(str(event["sender"]))
        return _Found(RoomState(events), creator, closed_by)


def replacement_of(content: Mapping[str, Any]) -> RoomID | None:
    """Return the room that a tombstone names."""
    room = content.get("replacement_room")
    return RoomID(room) if storable(room) and room.startswith("!") else None


def may_close(state: RoomState, sender: UserID, creator: UserID) -> bool:
    """Tell whether a room gives somebody the power to send a tombstone.

    Args:
        state: of the room, which is of version 12 or later.
        sender: who sent it.
        creator: who sent the create event.
    """
    if sender in creators(state, creator):
        return True
    levels = state.events.get(("m.room.power_levels", ""), {})
    users, events = levels.get("users"), levels.get("events")
    has = _level(users, sender, _level(levels, "users_default", 0))
    return has >= _level(events, "m.room.tombstone", _level(levels, "state_default", 50))


def creators(state: RoomState, creator: UserID) -> frozenset[UserID]:
    """Return who stands above all in a room of version 12 or later."""
    create = state.events.get(("m.room.create", ""), {})
    try:
        version = int(str(create.get("room_version", "1")))
    except ValueError:
        return frozenset()
    if version < 12:
        return frozenset()
    more = create.get("additional_creators")
    return frozenset({creator, *(more if isinstance(more, list) else ())})


def names_predecessor(state: RoomState, old: RoomID) -> bool:
    """Tell whether a room says that it replaces ``old``."""
    before = state.events.get(("m.room.create", ""), {}).get("predecessor")
    return isinstance(before, Mapping) and before.get("room_id") == old


def _level(levels: object, name: str, default: int) -> int:
    value = levels.get(name) if isinstance(levels, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else default
