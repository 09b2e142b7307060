"""Keys are shared when people or devices come, not when an alert goes out."""

from __future__ import annotations

import asyncio
import logging

from appservice.database import Database
from appservice.encryption.sharing import RoomKeys
from appservice.homeserver import HomeserverUnreachable, MatrixError
from appservice.ids import RoomID, UserID
from appservice.rooms import shared

log = logging.getLogger(__name__)


class Warming:
    """Shares the keys of rooms ahead.

    Args:
        database: knows who is in which room.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._users: set[UserID] = set()
        self._joined: dict[RoomID, set[UserID]] = {}
        self._some = asyncio.Event()

    def add(self, users: set[UserID]) -> None:
        """Say that ``users`` came, or have other devices: their rooms want their keys shared."""
        self._users |= users
        self._some.set()

    def joined(self, room: RoomID, user: UserID) -> None:
        """Say that ``user`` came into ``room``, which wants its key shared with them."""
        self._joined.setdefault(room, set()).add(user)
        self._some.set()

    async def run(self, keys: RoomKeys) -> None:
        """Share for ever; cancel to stop."""
        while True:
            await self._some.wait()
            self._some.clear()
            users, self._users = self._users, set()
            joined, self._joined = self._joined, {}
            async with self._database.read() as work:
                of_users = await shared.rooms_shared_with(work, users) if users else set()
                rooms = of_users | await shared.encrypted(work, joined.keys())
            for room in sorted(rooms):
                among = joined.get(room, set()) | (users if room in of_users else set())
                try:
                    await keys.prepare(room, among)
                except (HomeserverUnreachable, MatrixError) as error:
                    # Sending shares them in any case; this only made it faster.
                    log.warning("keys are not shared ahead: %s", error)
