"""Homeservers that are away, and what has ours send to them at once when they are back.

::

    a message went to a room ─▶ its readers' homeservers ─▶ GET /profile of one of each
                                                                │ no answer
                                                                ▼
                                         POST /keys/query: ours notes that it is away
                                                                │
                                     GET /profile, again and again ───▶ an answer: ours forgets
                                                                        that, and sends what waits

What another homeserver misses waits in ours, which tries again by itself, but late: within one try
after 4, 16 and then each 60 seconds, and after that try ten minutes later, doubling up to a week
(Synapse 1.163.2: http/matrixfederationclient.py, util/retryutils.py). A request for a profile is
made whatever that clock says; when it succeeds where an earlier one failed, Synapse takes the
homeserver for back, and wakes everything that waits for it (notifier.notify_remote_server_up). The
question for keys is that earlier one: it counts as a failure, which the try that is still under
way does not before its end.

Since when a homeserver is away is kept, and the network hears of its return: once, however often
the service stops in between. What a room had meanwhile comes late then, and of more than ten
events a reader's client shows the last alone, until somebody scrolls up to the others: of each room
Synapse sends the newest to who was away for long, and who gets it asks for ten before it
(federation/sender/per_destination_queue.py, handlers/federation_event.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from sqlalchemy import BigInteger, Column, Table, Text, delete, select
from sqlalchemy.exc import SQLAlchemyError

from appservice.database import Database, Work, insert_missing, metadata
from appservice.homeserver import Homeserver, HomeserverUnreachable, MatrixError
from appservice.ids import RoomID, UserID, server_of
from appservice.outbox import outbox
from appservice.rooms import shared
from appservice.rooms.plan import RoomKey
from appservice.times import from_milliseconds, milliseconds
from appservice.wakes import OneEach

log = logging.getLogger(__name__)

absent_homeservers = Table(
    "absent_homeservers",
    metadata,
    Column("server", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),
)

SHOWN_BY_ITSELF: Final = 8
"""Events of a room that who was away is shown for sure, without asking; the next two most often."""

AT_MOST_EVERY: Final = 2.0
"""Seconds between two looks: messages come in bursts."""

SOONEST_SECONDS: Final = 3.0
LATEST_SECONDS: Final = 7.0
AFTER_A_DAY_SECONDS: Final = 60.0
A_DAY: Final = 86_400.0
_PART: Final = 0.01
"""A homeserver that is away is asked again after this part of its absence, within these bounds:
three seconds at first, and seven from twelve minutes on, so that ten seconds after its return
everything is there. Of one that stays away for days nobody waits for a minute."""

ANSWER_SECONDS: Final = 10.0
"""Seconds that it gets for an answer."""


Returned = Callable[[Work, str, datetime], Awaitable[None]]
"""Told, in the transaction that forgets its absence, of a homeserver that is back: since when it
was away."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A message that was put out for a room; its name, if it has one, and when."""

    name: str | None
    at: datetime


async def missed(work: Work, target: RoomKey, since: datetime) -> Sequence[Missed]:
    """Return what was put out for a room from a moment on, oldest first."""
    rows = await work.execute(
        select(outbox.c.name, outbox.c.created_at)
        .where(outbox.c.target == target, outbox.c.created_at >= milliseconds(since))
        .order_by(outbox.c.seq)
    )
    return [Missed(row.name, from_milliseconds(row.created_at)) for row in rows]


def again_after(away: float) -> float:
    """Return after how many seconds to ask a homeserver that has been away for some."""
    if away >= A_DAY:
        return AFTER_A_DAY_SECONDS
    return min(LATEST_SECONDS, max(SOONEST_SECONDS, away * _PART))


class Absences:
    """Asks the homeservers of readers whether they are there.

    Args:
        database: knows who is in which room.
        homeserver: asks the others for us.
        returned: hears of a homeserver that was away and answers again.
        back: each called with its name, after the commit of that.
    """

    def __init__(
        self,
        database: Database,
        homeserver: Homeserver,
        returned: Returned,
        back: Sequence[Callable[[str], object]],
    ) -> None:
        self._database = database
        self._homeserver = homeserver
        self._returned = returned
        self._back = back
        self._rooms: set[RoomID] | None = None
        self._some = asyncio.Event()
        self._asking = OneEach(self._until_there)
        self._tells: set[str] = set()
        """Homeservers that ever showed us a profile: of the others, no answer wakes anything."""

    def sent(self, room: RoomID) -> None:
        """Say that something was sent to a room."""
        if self._rooms is not None:
            self._rooms.add(room)
        self._some.set()

    async def run(self) -> None:
        """Look after them for ever; cancel to stop."""
        try:
            while True:
                rooms, self._rooms = self._rooms, set()
                for server in await self._readers(rooms):
                    self._asking.begin(server)
                await asyncio.sleep(AT_MOST_EVERY)
                await self._some.wait()
                self._some.clear()
        finally:
            await self._asking.end()

    async def _readers(self, rooms: Collection[RoomID] | None = None) -> dict[str, UserID]:
        """Return a reader of these rooms, or of any, for each other homeserver that has one."""
        async with self._database.read() as work:
            own = server_of(self._homeserver.user)
            return {
                server_of(user): user
                for user in sorted(await shared.readers_elsewhere(work, own, rooms))
            }

    async def _until_there(self, server: str) -> None:
        """Return when a homeserver answers, or nobody of it reads anything any more."""
        away, began = False, monotonic()
        try:
            while (user := (await self._readers()).get(server)) is not None:
                if await self._answers(user):
                    break
                if not away:
                    await self._keep(server, monotonic() - began)
                    log.info("%s is away; what its users miss goes out on its return", server)
                    if server in self._tells:
                        await self._note(server)
                away = True
                await asyncio.sleep(again_after(monotonic() - began))
            was_away = await self._forget(server, there=user is not None)
        except (SQLAlchemyError, OSError) as error:
            log.warning("whether %s is there is asked later (%s)", server, type(error).__name__)
            return
        if was_away:
            log.info("%s is back, or nobody of it is left", server)
            for call in self._back:
                call(server)

    async def _keep(self, server: str, seconds: float) -> None:
        """Keep that a homeserver is away, and has been for some seconds."""
        since = milliseconds(datetime.now(UTC)) - round(seconds * 1000)
        async with self._database.begin() as work:
            await insert_missing(work, absent_homeservers, [{"server": server, "since": since}])

    async def _forget(self, server: str, *, there: bool) -> bool:
        """Forget that a homeserver was away, and tell if it is there; False if it never was."""
        of_it = absent_homeservers.c.server == server
        async with self._database.read() as work:
            since = (
                await work.execute(select(absent_homeservers.c.since).where(of_it))
            ).scalar_one_or_none()
        if since is None:
            return False
        async with self._database.begin() as work:
            await work.execute(delete(absent_homeservers).where(of_it))
            if there:
                await self._returned(work, server, from_milliseconds(since))
        return True

    async def _answers(self, user: UserID) -> bool:
        try:
            await self._homeserver.call("GET", "v3", "profile", user, timeout=ANSWER_SECONDS)
        except MatrixError:
            return True
        except HomeserverUnreachable:
            return False
        self._tells.add(server_of(user))
        return True

    async def _note(self, server: str) -> None:
        """Have ours ask another homeserver something of which it counts the failure.

        For keys of a user of the bot's name there: of no reader's, whose keys it may have at hand.
        """
        name, _, _ = self._homeserver.user.partition(":")
        body = {"device_keys": {f"{name}:{server}": []}, "timeout": int(ANSWER_SECONDS * 1000)}
        try:
            await self._homeserver.call(
                "POST", "v3", "keys", "query", body=body, timeout=ANSWER_SECONDS + 5
            )
        except (HomeserverUnreachable, MatrixError):
            log.debug("the question for keys had no answer either")
