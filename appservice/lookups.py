"""Is there such a user? Asked of homeservers on the side, answered in a transaction.

::

    domain ─▶ ask(work, user) ─▶ GET /profile ─▶ Existence ─▶ domain.looked_up

    domain ─▶ ask(work, user) ─▶ GET /profile ─▶ Existence ─▶ domain.looked_up
the answer is that it is silent. A question survives a crash, and may be asked twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from enum import StrEnum

from sqlalchemy import Column, Table, Text, delete, select

from appservice.active import NoLongerActive
from appservice.backoff import Backoff
from appservice.database import Database, Work, insert_missing, is_outage, metadata
from appservice.faults import fault_of
from appservice.handling import Handled
from appservice.homeserver import Homeserver, HomeserverUnreachable, MatrixError
from appservice.ids import UserID, server_of
from appservice.wakes import OneEach, woken

log = logging.getLogger(__name__)

lookups = Table("lookups", metadata, Column("user_id", Text, primary_key=True))

REMOTE_TIMEOUT = 10.0
"""Seconds that another homeserver gets for each try."""

REMOTE_TRIES = 3
AT_ONCE = 8
LOOK_SECONDS = 5.0


class Existence(StrEnum):
    """Whether there is a user of a name."""

    THERE = "there"
    """There is one, or their homeserver does not tell."""
    NOBODY = "nobody"
    SILENT = "silent"
    """Their homeserver does not answer."""


async def ask(work: Work, user: UserID) -> None:
    """Have somebody looked for; the domain hears the answer."""
    await insert_missing(work, lookups, [{"user_id": user}])


async def existence(homeserver: Homeserver, user: UserID) -> Existence:
    """Ask the homeserver of ``user`` whether there is such a user.

    Raises:
        HomeserverUnreachable: our own homeserver does not answer.
    """
    here = server_of(user) == server_of(homeserver.user)
    backoff = Backoff(first=0.5)
    for _ in range(REMOTE_TRIES):
        try:
            await homeserver.call("GET", "v3", "profile", user, timeout=REMOTE_TIMEOUT)
        except MatrixError as error:
            # Where profiles are shown only to whom one shares a room with: 403.
            return Existence.NOBODY if error.status in (400, 404) else Existence.THERE
        except HomeserverUnreachable:
            if here:
                raise
            await asyncio.sleep(backoff.wait())
        else:
            return Existence.THERE
    return Existence.SILENT


Found = Callable[[Work, UserID, Existence], Awaitable[Handled]]
"""Hears the answer, in the transaction that ends the question."""


class Lookups:
    """Looks for users.

    Args:
        database: keeps the questions.
        homeserver: is asked.
        found: hears each answer.
        handled: called after each commit.
    """

    def __init__(
        self,
        database: Database,
        homeserver: Homeserver,
        found: Found,
        handled: Callable[[Handled], None],
    ) -> None:
        self._database = database
        self._homeserver = homeserver
        self._found = found
        self._handled = handled
        self._wake = asyncio.Event()
        self._asking = OneEach(self._look, self._over)

    def wake(self) -> None:
        """Say that somebody may have asked."""
        self._wake.set()

    async def run(self) -> None:
        """Work for ever; cancel to stop. What is not answered stays asked."""
        try:
            while True:
                self._wake.clear()
                async with self._database.read() as work:
                    asked = (await work.execute(select(lookups.c.user_id))).scalars().all()
                for name in asked:
                    user = UserID(name)
                    if len(self._asking) < AT_ONCE:
                        self._asking.begin(user)
                await woken(self._wake, LOOK_SECONDS)
        finally:
            await self._asking.end()

    def _over(self, _: UserID, __: BaseException | None) -> None:
        if len(self._asking) == AT_ONCE - 1:
            self._wake.set()

    async def _look(self, user: UserID) -> None:
        try:
            found = await existence(self._homeserver, user)
            async with self._database.begin() as work:
                await work.execute(delete(lookups).where(lookups.c.user_id == user))
                handled = await self._found(work, user, found)
        except HomeserverUnreachable as error:
            log.info("%s; looked for again later", error)
        except Exception as error:
            if not is_outage(error) and not isinstance(error, NoLongerActive):
                log.error("what was found could not be handled (%s)", fault_of(error))
        else:
            self._handled(handled)
