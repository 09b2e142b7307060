"""Holds the rooms on the homeserver to the plans in the database.

Every step is safe to repeat: a room is found by its alias before it is made, and a repair is worked
out anew from the room's state each time. What the homeserver refuses is logged with its remedy and
does not keep the other rooms waiting. An invitation to a user of another homeserver goes out on the
side (:mod:`appservice.rooms.inviting`).

All of this goes on beside the handling of events, which waits for none of it: how long a look at
the rooms takes grows with the members, and the first report after a start must not wait for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, cycle
from zlib import crc32

from appservice.database import Database, Work
from appservice.encryption import devices
from appservice.enduring import until_reached
from appservice.homeserver import Homeserver, HomeserverUnreachable, MatrixError
from appservice.ids import RoomID, UserID, server_of
from appservice.leisure import Leisure, Unhurried
from appservice.rooms import records
from appservice.rooms.directory import Published, hide
from appservice.rooms.inviting import InvitingElsewhere
from appservice.rooms.plan import (
    Invite,
    Remove,
    Repair,
    RoomKey,
    RoomPlan,
    RoomState,
    SetState,
    Unban,
    created,
    creation,
    drift,
)
from appservice.rooms.reading import state_of

log = logging.getLogger(__name__)

KEEPING_SECONDS = 600.0
"""Seconds between two looks at whether all rooms are still as planned."""

DIRECT_PARTS = 6
"""A look at the rooms of one person is at a part of them, and the next at the next: nobody but the
bot can change anything in one, and there is one for each member."""

FEW = 50
"""Rooms that are looked at in no time."""


@dataclass(frozen=True, slots=True)
class RepairRefused:
    """The homeserver does not let the bot put something right; an operator has to look."""

    key: RoomKey
    what: Repair


Amiss = Callable[[Work, RepairRefused | Published], Awaitable[None]]
"""Told, in a transaction of its own, of each repair that is refused, again at the next look, and of
each room that was to be found by anyone."""


class RoomKeeper:
    """Makes, finds and repairs the rooms of :func:`appservice.rooms.records.plans`.

    Args:
        database: has the plans.
        homeserver: the way out as the bot.
        leisure: a look at rooms of which nothing is heard makes way for what is pressing.
        joined: told who turns out to have joined a room while nobody told us.
        amiss: hears of what cannot be put right, and of rooms that were published.
    """

    def __init__(
        self,
        database: Database,
        homeserver: Homeserver,
        leisure: Leisure,
        joined: Callable[[set[UserID]], None] = lambda users: None,
        *,
        amiss: Amiss | None = None,
    ) -> None:
        self._amiss = amiss
        self._database = database
        self._homeserver = homeserver
        self._joined = joined
        self._working = asyncio.Lock()
        self._called = asyncio.Event()
        self._unhurried = Unhurried(homeserver, leisure, self._called)
        self._suspect: set[RoomKey] = set()
        self._held: dict[RoomKey, RoomPlan] = {}
        """Every plan as its room was last brought to it."""
        self._inviting = InvitingElsewhere(database, homeserver, self._try)

    async def close(self) -> None:
        """Stop inviting; the next look at the rooms finds who is still missing."""
        await self._inviting.close()

    def call(self, suspect: RoomKey | None = None) -> None:
        """Say that plans, or who is in our rooms, may have changed.

        Args:
            suspect: a room to be looked at whatever our own records say of it.
        """
        if suspect is not None:
            self._suspect.add(suspect)
        self._called.set()

    async def run(self, held: Callable[[], None]) -> None:
        """Hold the rooms for ever; cancel to stop.

        Args:
            held: called after each look: a room that was just made may have messages waiting.
        """
        loop = asyncio.get_running_loop()
        for part in chain([None], cycle(range(DIRECT_PARTS))):
            await until_reached(partial(self.hold, part))
            held()
            await until_reached(partial(self.hide, part))
            next_look = loop.time() + KEEPING_SECONDS
            while True:
                try:
                    async with asyncio.timeout_at(next_look):
                        await self._called.wait()
                except TimeoutError:
                    break
                await until_reached(self.hold_news)
                held()

    async def hold(self, part: int | None = None) -> None:
        """Bring every room to its plan; those with news first, also with what comes up meanwhile.

        Args:
            part: of the rooms of one person, if not all; of :data:`DIRECT_PARTS`, from 0.

        Raises:
            HomeserverUnreachable: try again later; what was done stays done.
        """
        async with self._working:
            looked_at = await self._hold_news()
            async with self._database.read() as work:
                planned = _of_part(part, await records.plans(work))
            keys = [plan.key for plan, _ in _in_order(planned)]
            self._unhurried.gently = len(keys) > FEW
            for key in keys:
                if self._called.is_set():
                    looked_at |= await self._hold_news()
                if key not in looked_at:
                    await self._hold_one(key, self._unhurried)

    async def hide(self, part: int | None = None) -> None:
        """Take rooms of ours out of where strangers look for rooms; ``part`` as of :meth:`hold`.

        Raises:
            HomeserverUnreachable: try again later; what was done stays done.
        """
        async with self._database.read() as work:
            planned = _of_part(part, await records.plans(work))
        for plan, room in planned:
            if self._called.is_set():
                await self.hold_news()
            published = None if room is None else await hide(self._unhurried, plan, room)
            if published is not None and self._amiss is not None:
                log.warning("room #%s was to be found by anyone", plan.alias)
                async with self._database.begin() as work:
                    await self._amiss(work, published)

    async def hold_news(self) -> None:
        """Bring those rooms to their plan of which our own records say that they differ from it.

        Raises:
            HomeserverUnreachable: try again later; what was done stays done.
        """
        async with self._working:
            await self._hold_news()

    async def _hold_news(self) -> set[RoomKey]:
        self._called.clear()
        async with self._database.read() as work:
            planned = await records.plans(work)
            known = await records.all_memberships(work)
        news = {plan.key for plan, room in planned if self._is_news(plan, room, known)}
        # A space names its rooms.
        for plan, _ in planned:
            before = self._held.get(plan.key)
            if plan.key in news:
                news |= {one.parent for one in (plan, before) if one is not None and one.parent}
        for plan, _ in _in_order(planned):
            if plan.key in news:
                await self._hold_one(plan.key)
        return news

    def _is_news(
        self, plan: RoomPlan, room: RoomID | None, known: Mapping[RoomID, Collection[UserID]]
    ) -> bool:
        if room is None or self._held.get(plan.key, plan) != plan:
            return True
        if plan.key in self._suspect:
            return True
        return set(known.get(room, ())) - {self._homeserver.user} != plan.members

    async def _hold_one(self, key: RoomKey, reader: Homeserver | None = None) -> None:
        self._suspect.discard(key)
        try:
            await self._look_at(key, reader or self._homeserver)
        except HomeserverUnreachable:
            self._suspect.add(key)
            raise

    async def _look_at(self, key: RoomKey, reader: Homeserver) -> None:
        async with self._database.read() as work:
            found = await records.planned(work, key)
            children = await records.children(work, key)
        if found is None:
            return
        plan, room = found
        made = None
        try:
            if room is None:
                room, made = await self._make(plan)
        except MatrixError as error:
            log.error(
                "room #%s cannot be made (%s). Check that the alias namespace in the "
                "registration file covers it and that the bot may create rooms",
                plan.alias,
                error.errcode,
            )
            return
        try:
            async with self._database.read() as work:
                before = await records.memberships(work, room)
            state = made or await state_of(reader, room)
            await self._repair(plan, room, children, before, state)
        except MatrixError as error:
            log.error(
                "room #%s is not shown to the bot (%s): it is not in it any more; "
                "`goudwacht doctor` tells more",
                plan.alias,
                error.errcode,
            )
        self._held[key] = plan

    async def _make(self, plan: RoomPlan) -> tuple[RoomID, RoomState | None]:
        """Make a room, or find the one that was made and not noted; with its state if it is new."""
        server = server_of(self._homeserver.user)
        state: RoomState | None = created(plan, self._homeserver.user)
        body = creation(plan, server)
        try:
            answer = await self._homeserver.call("POST", "v3", "createRoom", body=body)
            log.info("made room #%s", plan.alias)
        except MatrixError as refused:
            # It may be there all the same: made and not noted, or its only guest takes no
            # invitation, which the room itself then shows.
            path, state = ("v3", "directory", "room", f"#{plan.alias}:{server}"), None
            try:
                answer = await self._homeserver.call("GET", *path)
            except MatrixError:
                raise refused from None
        room = RoomID(str(answer["room_id"]))
        async with self._database.begin() as work:
            await records.note_room(work, plan.key, room)
        return room, state

    async def _repair(
        self,
        plan: RoomPlan,
        room: RoomID,
        children: Sequence[RoomID],
        before: Mapping[UserID, str],
        state: RoomState,
    ) -> None:
        """Bring a room to its plan.

        Args:
            before: who was in it, as far as we knew when its state was asked for.
            state: the answer.
        """
        members = {
            UserID(who): str(content.get("membership"))
            for (kind, who), content in state.events.items()
            if kind == "m.room.member"
        }
        if {who: value for who, value in members.items() if value in records.INSIDE} != before:
            async with self._database.begin() as work:
                await records.correct_memberships(work, room, before, members)
                here_before = {user for user, value in before.items() if value == "join"}
                new = state.members("join") - {self._homeserver.user} - here_before
                # Whoever joined while we were away is in no device list that a sync of ours names.
                await devices.mark_outdated(work, new)
            if new:
                self._joined(set(new))
        for repair in drift(plan, state, self._homeserver.user, children):
            if isinstance(repair, Invite) and server_of(repair.user) != server_of(
                self._homeserver.user
            ):
                self._inviting.begin(plan.key, room, repair.user)
                continue
            await self._try(room, plan, repair)

    async def _try(self, room: RoomID, plan: RoomPlan, repair: Repair) -> None:
        try:
            await self._do(room, plan, repair)
        except MatrixError as error:
            log.error(
                "room #%s: the homeserver refuses %s (%s); `goudwacht doctor` tells more",
                plan.alias,
                type(repair).__name__,
                error.errcode,
            )
            if self._amiss is not None:
                async with self._database.begin() as work:
                    await self._amiss(work, RepairRefused(plan.key, repair))

    async def _do(self, room: RoomID, plan: RoomPlan, repair: Repair) -> None:
        call = self._homeserver.call
        match repair:
            case SetState(kind, key, content):
                path = ["v3", "rooms", room, "state", kind] + ([key] if key else [])
                await call("PUT", *path, body=content)
            case Invite(user) if plan.direct:
                # ``/invite`` cannot say so, and a client files the room by this word.
                invitation = {"membership": "invite", "is_direct": True}
                await call(
                    "PUT", "v3", "rooms", room, "state", "m.room.member", user, body=invitation
                )
            case Invite(user):
                await call("POST", "v3", "rooms", room, "invite", body={"user_id": user})
            case Unban(user):
                await call("POST", "v3", "rooms", room, "unban", body={"user_id": user})
            case Remove(user):
                await call("POST", "v3", "rooms", room, "kick", body={"user_id": user})


def _of_part(
    part: int | None, planned: Sequence[tuple[RoomPlan, RoomID | None]]
) -> list[tuple[RoomPlan, RoomID | None]]:
    """Return all rooms for many, and those of one person that belong to a part."""
    return [
        (plan, room)
        for plan, room in planned
        if part is None or not plan.direct or crc32(plan.key.encode()) % DIRECT_PARTS == part
    ]


def _in_order(
    planned: Sequence[tuple[RoomPlan, RoomID | None]],
) -> list[tuple[RoomPlan, RoomID | None]]:
    """Return rooms for many before rooms for one, and a space after those that stand in it."""
    return sorted(planned, key=lambda pair: (pair[0].direct, pair[0].space))
