"""Keys are shared when people or devices come, not when an alert goes out."""

from __future__ import annotations

import asyncio
import logging

from appservice.database import Database
from appservice.encryption.sharing import RoomKeys
from appservice.homeserver import HomeserverUnreachable, MatrixError
from appservice.ids import UserID
from appservice.rooms import records

log = logging.getLogger(__name__)


class Warming:
    """Shares the keys of rooms ahead.

    Args:
        database: knows who is in which room.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._users: set[UserID] = set()
        self._some = asyncio.Event()

    def add(self, users: set[UserID]) -> None:
        """Say that ``users`` came, or have other devices: their rooms want their keys shared."""
        self._users |= users
        self._some.set()

    async def run(self, keys: RoomKeys) -> None:
        """Share for ever; cancel to stop."""
        while True:
            await self._some.wait()
            self._some.clear()
            users, self._users = self._users, set()
            async with self._database.read() as work:
                rooms = await records.rooms_shared_with(work, users)
            for room in sorted(rooms):
                try:
                    await keys.prepare(room, users)
                except (HomeserverUnreachable, MatrixError) as error:
                    # Sending shares them in any case; this only made it faster.
                    log.warning("keys are not shared ahead: %s", error)
