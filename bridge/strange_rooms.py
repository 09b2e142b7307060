"""Rooms that somebody opens with the bot beside their own: they are shown the way home, calmly.

::

    invited ─┬─ by a stranger ────────────▶ declined, and nothing said
             ├─ by somebody we know ──────▶ joined
             └─ who has MOST such rooms ──▶ declined; a member reads why in their private room
    a member writes there ──▶ pointed to the private room, once an hour
    who opened it leaves, or is removed ──▶ the bot leaves too

Nobody reports in such a room: there is one private room for that. Whoever opens many has a client
that does so by itself, or wants to keep the bot busy.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Table, Text, delete, select

from appservice.database import Work, metadata, upsert
from appservice.events import Event, Membership, MembershipChange, Message
from appservice.forgetting import drop_waiting
from appservice.handling import Handled
from appservice.ids import RoomID, UserID
from appservice.rooms import errands
from appservice.rooms.errands import Errand
from appservice.times import milliseconds
from bridge.members.roster import Person, Roster
from bridge.places import PrivateRoom
from bridge.speech import Say, Speaker

strange_rooms = Table(
    "strange_rooms",
    metadata,
    Column("room_id", Text, primary_key=True),
    Column("user_id", Text, nullable=False, index=True),
    Column("told_at", BigInteger, nullable=False),
)
"""Rooms that are not ours and have the bot in them: who opened each, and when we last spoke there.

``told_at``: milliseconds since 1970; 0 for never.
"""

MOST: Final = 2
"""Rooms beside the private one that somebody may have with the bot at a time."""

_TOLD_AGAIN_AFTER: Final = timedelta(hours=1)


class StrangeRooms:
    """Answers whatever happens in a room that is not ours.

    Args:
        bot: whom people invite.
        roster: knows who is a stranger.
        speaker: shows the way home.
    """

    def __init__(self, bot: UserID, roster: Roster, speaker: Speaker) -> None:
        self._bot = bot
        self._roster = roster
        self._speaker = speaker

    async def happens(self, work: Work, event: Event, now: datetime) -> Handled:
        """Answer an event of a room that is not ours."""
        match event:
            case MembershipChange(user=self._bot, membership=Membership.INVITE):
                await self._invited(work, event, now)
            case MembershipChange(membership=Membership.LEAVE | Membership.BAN):
                await self._left(work, event)
            case Message():
                person = self._roster.person(event.sender)
                if person is not None and person.is_member:
                    return await self._written(work, event.room_id, person, now)
            case _:
                pass
        return Handled()

    async def forget(self, work: Work, user: UserID) -> None:
        """Leave every room that somebody opened."""
        for room in await _rooms_of(work, user):
            await self._leave(work, room)

    async def _invited(self, work: Work, event: MembershipChange, now: datetime) -> None:
        person, room = self._roster.person(event.sender), event.room_id
        if person is None:
            await errands.put(work, Errand.LEAVE, room)
            return
        others = [other for other in await _rooms_of(work, person.user) if other != room]
        if len(others) < MOST:
            row = {"room_id": room, "user_id": person.user, "told_at": 0}
            await upsert(work, strange_rooms, [row])
            await errands.put(work, Errand.JOIN, room)
            return
        await errands.put(work, Errand.LEAVE, room)
        if person.is_member:
            # Once a day: a client that invites by itself must not keep their phone ringing.
            name = f"strange rooms/{person.user}/{now.date().isoformat()}"
            say = Say(PrivateRoom(person.user), "refusal/one_room", name=name)
            await self._speaker.say(work, [say], now)

    async def _left(self, work: Work, event: MembershipChange) -> None:
        row = await _row(work, event.room_id)
        if row is None:
            return
        if event.user == self._bot:
            await self._forget(work, event.room_id)
        elif event.user == row.user_id:
            await self._leave(work, event.room_id)

    async def _written(self, work: Work, room: RoomID, person: Person, now: datetime) -> Handled:
        row = await _row(work, room)
        told = 0 if row is None else row.told_at
        if milliseconds(now - _TOLD_AGAIN_AFTER) < told:
            return Handled()
        opened_by = person.user if row is None else row.user_id
        values = {"room_id": room, "user_id": opened_by, "told_at": milliseconds(now)}
        await upsert(work, strange_rooms, [values])
        language = await self._speaker.language_of(work, PrivateRoom(person.user))
        await self._speaker.say_in_strange_room(work, room, "refusal/not_here", language, now)
        # Whoever lost their private room is invited to it again.
        return Handled(rooms_changed=True)

    async def _leave(self, work: Work, room: RoomID) -> None:
        await errands.put(work, Errand.LEAVE, room)
        await self._forget(work, room)

    async def _forget(self, work: Work, room: RoomID) -> None:
        await drop_waiting(work, [room])
        await work.execute(delete(strange_rooms).where(strange_rooms.c.room_id == room))


async def _rooms_of(work: Work, user: UserID) -> Sequence[RoomID]:
    found = await work.execute(
        select(strange_rooms.c.room_id).where(strange_rooms.c.user_id == user)
    )
    return [RoomID(room) for room in found.scalars()]


async def _row(work: Work, room: RoomID) -> Any:
    found = await work.execute(select(strange_rooms).where(strange_rooms.c.room_id == room))
    return found.first()
