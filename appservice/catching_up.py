"""Events that no transaction brought: read from the rooms after every break.

::

    the homeserver was away, or we were ─▶ /sync with rooms, from a position well before the break
                                                 │
                          inbox, by event id ◀───┘   what a transaction brought is there already

Synapse (seen on 1.163.2, ``synapse/appservice/scheduler.py``) holds events for us in memory before
it writes them down as a transaction, and a transaction that it is sending when it dies it sends
again only after a later one has failed. A report that was taken from its sender would be lost.
So would one that is written in the last moment in which Synapse sends what it kept: it takes us for
away, writes the transaction down, and does not look again. Hence further readings, soon after.

The position is one of the key sync's. It is taken back into use only when it is older than
:data:`MARGIN_SECONDS` of undisturbed running: whatever came before it has been delivered.

An invitation of the bot is in no room's timeline. A sync shows it without its event's id for as
long as the bot has not answered, so that it may be handled twice: answering twice does no harm.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from time import monotonic
from typing import Any

from sqlalchemy import Column, Table, Text, delete, select

from appservice import inbox
from appservice.database import Database, Work, metadata, upsert
from appservice.events import BadEvent, RoomEvent
from appservice.homeserver import Homeserver
from appservice.ids import RoomID, UserID
from appservice.times import milliseconds
from appservice.vault import Vault

log = logging.getLogger(__name__)

room_position = Table(
    "room_position",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("since", Text, nullable=False),
)

MARGIN_SECONDS = 120.0
"""Seconds of undisturbed running after which every event is taken to have been delivered."""

AGAIN_SECONDS = (1.0, 3.0, 10.0)
"""How long after a catching-up rooms are read again. After the last the homeserver has long sent
all that it knows it kept; the others spare whoever wrote in a bad moment the wait for it."""

EVENTS_PER_REQUEST = 100

NO_STATE: Mapping[str, Any] = {"types": [], "lazy_load_members": True}
"""For the filter of a sync. Synapse drops the types that nobody asked for when it has read all of
them; members that are to be loaded lazily it does not read, of whom a large region has a thousand.
"""


async def forget(work: Work, user: UserID) -> None:
    """Begin from now on: what came before is not to be read again."""
    await work.execute(delete(room_position).where(room_position.c.user_id == user))


async def since_of(work: Work, user: UserID) -> str | None:
    """Return the position after which rooms are read; None: they were never read."""
    found: str | None = (
        await work.execute(select(room_position.c.since).where(room_position.c.user_id == user))
    ).scalar_one_or_none()
    return found


class CatchingUp:
    """Reads what was missed.

    Args:
        database: has the inbox and the position.
        vault: seals what is put into the inbox.
        homeserver: the way out as the bot's device.
        arrived: called after events were found that no transaction had brought.
        clock: seconds, from any beginning.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        homeserver: Homeserver,
        arrived: Callable[[], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._vault = vault
        self._homeserver = homeserver
        self._arrived = arrived
        self._clock = clock
        # Whatever happened before our own start counts as a break.
        self._broken = True
        self._again_at: list[float] = []
        self._candidate: tuple[str, float] | None = None

    def broken(self) -> None:
        """Say that the homeserver was away: what it had for us may be lost."""
        self._broken = True
        self._candidate = None

    async def passed(self, position: str) -> None:
        """Take note of a position of the key sync, while nothing is broken."""
        if self._broken:
            return
        now = self._clock()
        candidate, since = self._candidate or (position, now)
        if now - since >= MARGIN_SECONDS:
            async with self._database.begin() as work:
                await self._keep(work, candidate)
            candidate, since = position, now
        self._candidate = candidate, since

    async def once(self, position: str) -> None:
        """After a break, and again soon after, read what rooms have had; else do nothing.

        Args:
            position: of the key sync now; from here on where there is no earlier one.

        Raises:
            HomeserverUnreachable: try again later.
            MatrixError: the homeserver refuses.
        """
        if not self._broken and self.patience() > 0:
            return
        async with self._database.read() as work:
            since = await since_of(work, self._homeserver.user)
        if since is None:
            # The very first start, or the first after a back-up was put back: nothing was missed
            # that should be handled.
            async with self._database.begin() as work:
                await self._keep(work, position)
            self._done()
            return
        # To-device messages come with it and stay: the key sync, further on, has had those that an
        # old position deletes.
        answer = await self._homeserver.call(
            "GET",
            "v3",
            "sync",
            query={"since": since, "filter": _filter(), "timeout": "0", "set_presence": "offline"},
        )
        now = datetime.now(UTC)
        events = await self._events(answer, since)
        events = [event for event in events if not event.is_said_by(self._homeserver.user)]
        events += _invitations(self._homeserver.user, answer, since, now)
        async with self._database.begin() as work:
            found = await inbox.add(work, self._vault, events, now)
            await self._keep(work, str(answer["next_batch"]))
        self._done()
        if found:
            log.info("read %d events that no transaction had brought", found)
            self._arrived()

    def patience(self) -> float:
        """Return how many seconds nothing need be read, if nothing breaks; at most a day."""
        if not self._again_at:
            return 86_400.0
        return max(0.0, self._again_at[0] - self._clock())

    def _done(self) -> None:
        now = self._clock()
        if self._broken:
            self._again_at = [now + seconds for seconds in AGAIN_SECONDS]
        else:
            self._again_at = [later for later in self._again_at if later > now]
        self._broken = False

    async def _events(self, answer: Mapping[str, Any], since: str) -> list[RoomEvent]:
        events: list[RoomEvent] = []
        rooms = answer.get("rooms", {}).get("join", {})
        for room, news in rooms.items():
            timeline = news.get("timeline", {})
            earlier: list[Any] = []
            if timeline.get("limited") and timeline.get("prev_batch"):
                earlier = await self._before(RoomID(room), str(timeline["prev_batch"]), since)
            events += _parsed(RoomID(room), [*earlier, *timeline.get("events", [])])
        return events

    async def _before(self, room: RoomID, position: str, since: str) -> list[Any]:
        """Return a room's events between two positions, oldest first."""
        backwards: list[Any] = []
        start: str | None = position
        while start is not None:
            answer = await self._homeserver.call(
                "GET",
                "v3",
                "rooms",
                room,
                "messages",
                query={"dir": "b", "from": start, "to": since, "limit": str(EVENTS_PER_REQUEST)},
            )
            chunk = answer.get("chunk", [])
            backwards += chunk
            start = answer.get("end") if chunk else None
        return backwards[::-1]

    async def _keep(self, work: Work, position: str) -> None:
        await upsert(work, room_position, [{"user_id": self._homeserver.user, "since": position}])


def _filter() -> str:
    nothing: dict[str, Any] = {"types": []}
    rooms = {
        "timeline": {"limit": EVENTS_PER_REQUEST},
        "state": NO_STATE,
        "ephemeral": nothing,
        "account_data": nothing,
    }
    return json.dumps({"room": rooms, "presence": nothing, "account_data": nothing})


def _invitations(
    bot: UserID, answer: Mapping[str, Any], since: str, now: datetime
) -> list[RoomEvent]:
    """Return the invitations that wait, each with an id made up for the inbox."""
    events = []
    for room, news in answer.get("rooms", {}).get("invite", {}).items():
        for raw in news.get("invite_state", {}).get("events", []):
            if not isinstance(raw, dict) or raw.get("type") != "m.room.member":
                continue
            if raw.get("state_key") != bot:
                continue
            # The same for whoever reads from the same position again, and for nobody else.
            made_up = sha256(f"{since} {room}".encode()).hexdigest()
            events += _parsed(
                RoomID(room),
                [{**raw, "event_id": f"$invited-{made_up}", "origin_server_ts": milliseconds(now)}],
            )
    return events


def _parsed(room: RoomID, raw: Sequence[Any]) -> list[RoomEvent]:
    events = []
    for event in raw:
        if not isinstance(event, dict) or "redacted_because" in event.get("unsigned", {}):
            continue
        try:
            events.append(RoomEvent.parse({**event, "room_id": room}))
        except BadEvent as error:
            log.warning("an event is malformed (%s)", error)
    return events
