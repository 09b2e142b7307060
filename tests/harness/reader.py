"""Waiting for what a member sees, whatever client they use.

::

    a client ──▶ Timeline, Rooms ──▶ _told() ──▶ whoever waits in until() looks again

Nothing here sleeps: the news that brings what is waited for wakes who waits.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from appservice.ids import RoomID, UserID
from tests.harness.rooms import Rooms
from tests.harness.timeline import Seen, Timeline, Wanted

T = TypeVar("T")

WITNESSES: set[Callable[[], Awaitable[list[str]]]] = set()
"""Who else tells what they know, where somebody waited in vain."""


class NotSeenError(AssertionError):
    """What a person waited for did not come in time."""


class GoneError(NotSeenError):
    """The client of a person who waited no longer syncs: it ended, or it was logged out."""


class Reader:
    """One member's view; a client of theirs feeds it.

    Args:
        user_id: whose view it is.
    """

    def __init__(self, user_id: UserID) -> None:
        self.user_id = user_id
        self.rooms = Rooms()
        self._timeline = Timeline()
        self._news = asyncio.Condition()
        self._failure: BaseException | None = None

    @property
    def unreadable(self) -> list[Seen]:
        """What came encrypted and cannot be read, so far."""
        return self._timeline.unreadable()

    def timeline(self, room: str | None = None) -> list[Seen]:
        """Everything seen, in order of arrival; of one room where one is given."""
        return list(self._timeline) if room is None else self._timeline.of(room)

    def latest_text(self, room: str) -> str | None:
        """The last message of a room as it stands now, edits applied."""
        return self._timeline.latest_text(room)

    def text_of(self, event_id: str) -> str | None:
        """A message as it stands now, edits applied; None when unknown or redacted."""
        return self._timeline.text_of(event_id)

    async def reads(
        self,
        containing: str | re.Pattern[str] | Callable[[Seen], bool],
        room: str | None = None,
        timeout: float = 30,
        *,
        after: Seen | None = None,
    ) -> Seen:
        """Wait until something readable fits; what was seen already counts too.

        Args:
            containing: a piece of the body, a pattern to be found in it, or a question.
            room: only this room.
            timeout: seconds.
            after: only what came later than this.

        Raises:
            NotSeenError: nothing did; the message tells what this person saw instead.
        """
        wanted: Wanted = containing

        def found() -> Seen | None:
            return self._timeline.find(_readable(wanted), room, after)

        return await self.until(found, f"to read {containing!r} in {room or 'any room'}", timeout)

    async def room_named(self, name: str, timeout: float = 30, *, space: bool = False) -> RoomID:
        """Wait until this person is in a room (a Space, if wanted) of this name."""

        def found() -> RoomID | None:
            for room in self.rooms.joined:
                if self.rooms.name(room) == name and self.rooms.is_space(room) == space:
                    return room
            return None

        return await self.until(found, f"to be in a room named {name!r}", timeout)

    async def invited_to(self, name: str | None = None, timeout: float = 30) -> RoomID:
        """Wait for an open invitation, to a room of this name if given; see ``accept_invites``."""

        def found() -> RoomID | None:
            for room in self.rooms.invited:
                if name is None or self.rooms.name(room) == name:
                    return room
            return None

        return await self.until(found, f"to be invited to {name or 'any room'!r}", timeout)

    async def sees_in(self, room: str, user: str, timeout: float = 30) -> None:
        """Wait until another user is in a room."""
        await self.until(
            lambda: UserID(user) in self.rooms.members(room) or None,
            f"to see {user} in {room}",
            timeout,
        )

    async def removed_from(self, room: str, timeout: float = 30) -> None:
        """Wait until this person is no longer in a room."""
        await self.until(
            lambda: RoomID(room) in self.rooms.left or None, f"to be out of {room}", timeout
        )

    async def until(self, found: Callable[[], T | None], what: str, timeout: float = 30) -> T:
        """Wait until ``found`` gives something; asked again after each sync.

        Raises:
            NotSeenError: it did not within ``timeout`` seconds.
            GoneError: this person's client has ended.
        """

        async def wait() -> T:
            async with self._news:
                while (result := found()) is None:
                    if self._failure is not None:
                        raise GoneError(f"{self.user_id} no longer syncs") from self._failure
                    await self._news.wait()
                return result

        try:
            return await asyncio.wait_for(wait(), timeout)
        except TimeoutError:
            told = [line for witness in WITNESSES for line in await witness()]
            raise NotSeenError("\n".join([self._account_of(what, timeout), *told])) from None

    async def _told(self, failure: BaseException | None = None) -> None:
        """Wake who waits: the client brought something, or failed for good."""
        async with self._news:
            self._failure = self._failure or failure
            self._news.notify_all()

    async def _in(self, room: str) -> None:
        await self.until(
            lambda: RoomID(room) in self.rooms.joined or None, f"to be in {room}", timeout=30
        )

    def _account_of(self, what: str, timeout: float) -> str:
        last = [
            f"  {event.room_id} {event.sender} {event.type}: {event.body[:200]!r}"
            for event in list(self._timeline)[-15:]
        ]
        rooms = [f"  {room} {self.rooms.name(room)!r}" for room in sorted(self.rooms.joined)]
        return "\n".join(
            [
                f"{self.user_id} waited {timeout:g} s {what}.",
                f"Unreadable: {len(self.unreadable)}. Last seen:",
                *last,
                "Rooms:",
                *rooms,
                *self._busy_with(),
            ]
        )

    def _busy_with(self) -> list[str]:
        """What this person's client is at, if it can tell."""
        return []


def _readable(wanted: Wanted) -> Callable[[Seen], bool]:
    return lambda event: event.readable and event.fits(wanted)
