"""Invitations to users of other homeservers: on the side, so that no room waits for one.

::

    keeper ─▶ begin ─▶ does their homeserver answer? ─no─▶ wait, longer each time ─▶ asked again
                                 └ yes ─▶ invite; over too when they no longer belong in the room

That homeserver must take the invitation, and may be long in answering, or never do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from appservice.backoff import Backoff
from appservice.database import Database
from appservice.homeserver import Homeserver, HomeserverUnreachable, MatrixError
from appservice.ids import RoomID, UserID
from appservice.rooms import records
from appservice.rooms.plan import Invite, RoomKey, RoomPlan
from appservice.wakes import OneEach

log = logging.getLogger(__name__)

REMOTE_TIMEOUT = 10.0
"""Seconds that another homeserver gets to show that it answers, before somebody is invited."""


class InvitingElsewhere:
    """Invites people of other homeservers, each in a task of its own.

    Args:
        database: knows who belongs in a room, and who is in it.
        homeserver: the way out as the bot.
        invite: invites somebody; what the homeserver refuses is for it to tell.
    """

    def __init__(
        self,
        database: Database,
        homeserver: Homeserver,
        invite: Callable[[RoomID, RoomPlan, Invite], Awaitable[None]],
    ) -> None:
        self._database = database
        self._homeserver = homeserver
        self._invite = invite
        self._inviting = OneEach(self._go_on)

    async def close(self) -> None:
        """Stop inviting."""
        await self._inviting.end()

    def begin(self, key: RoomKey, room: RoomID, user: UserID) -> None:
        """Begin to invite somebody into a room of ours, unless that goes on already."""
        self._inviting.begin((key, room, user))

    async def _go_on(self, wanted: tuple[RoomKey, RoomID, UserID]) -> None:
        """Invite somebody of another homeserver, for as long as they belong in the room."""
        key, room, user = wanted
        backoff = Backoff(first=1.0)
        while True:
            try:
                async with self._database.read() as work:
                    plan = await records.plan_of(work, key)
                    known = await records.memberships(work, room)
                if plan is None or user not in plan.members or user in known:
                    return
                with suppress(HomeserverUnreachable):
                    await self._knock(user)
                    await self._invite(room, plan, Invite(user))
                    return
                log.info("room #%s: a homeserver does not take an invitation", plan.alias)
            except (SQLAlchemyError, OSError) as error:
                log.warning("an invitation waits for the database (%s)", type(error).__name__)
            await asyncio.sleep(backoff.wait())

    async def _knock(self, user: UserID) -> None:
        """Return when the homeserver of ``user`` has answered anything at all.

        While Synapse waits for an invitation to be taken, nobody can come into that room or be
        put out of it (handlers/room_member.py: one change at a time): none is sent in vain.

        Raises:
            HomeserverUnreachable: it does not answer.
        """
        with suppress(MatrixError):
            await self._homeserver.call("GET", "v3", "profile", user, timeout=REMOTE_TIMEOUT)
