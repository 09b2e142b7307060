"""The network alone on a stage: events in, words out, without a homeserver.

::

    who, where, what ──▶ Network.handle ──▶ Wording (listened to) ──▶ Said

For what depends on words alone: that each can be said, in both languages, and fits an event.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import select, update

from appservice.database import Database, Work, metadata
from appservice.encryption.trust import DeviceKeys
from appservice.events import (
    IN_CLEAR,
    Event,
    Membership,
    MembershipChange,
    Message,
    Reaction,
    Redaction,
    Secrecy,
    Unreadable,
)
from appservice.ids import DeviceID, EventID, RoomID, UserID
from appservice.lookups import Existence
from appservice.outbox import Status, last_named, outbox
from appservice.rooms import records
from appservice.vault import Vault
from bridge.configuration import Configuration
from bridge.network import Network
from bridge.places import Place, PrivateRoom, ReviewRoom, key_of
from bridge.wording import Language, Text, Wording, templates_directory
from tests.databases import DATABASES
from tests.unit.example import NOW

SIGNED = Secrecy(encrypted=True, device_known=True, device_signed=True)
UNSIGNED = Secrecy(encrypted=True, device_known=True)
CLEAR = IN_CLEAR

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Said:
    """One text that was rendered."""

    template: str
    language: Language
    text: Text


@cache
def _wording() -> Wording:
    return Wording(templates_directory())


class Listening(Wording):
    """The product's own wording; keeps what it rendered.

    All of them share what one has read: templates are compiled once a run, and not once a test.
    """

    def __init__(self) -> None:
        vars(self).update(vars(_wording()))
        self.said: list[Said] = []

    def render(self, template: str, language: Language, /, **values: object) -> Text:
        text = super().render(template, language, **values)
        self.said.append(Said(template, language, text))
        return text


class Stage:
    """A network whose rooms have names for ids.

    Args:
        configuration: of the network.
        database: its address; one of the run's own, made by :meth:`set`, when not given.
    """

    def __init__(self, configuration: Configuration, database: str | None = None) -> None:
        self._configuration = configuration
        self._wording = Listening()
        self._url = database
        self._now = NOW
        self.restart()

    def restart(self, configuration: Configuration | None = None) -> None:
        """Begin anew with nothing but the database, as after a crash.

        Args:
            configuration: another one than before.
        """
        self._configuration = configuration or self._configuration
        vault = Vault(self._configuration.database.secret)
        self.network = Network(self._configuration, vault, self._wording, self._clock)

    async def set(self) -> None:
        """Make the tables and the rooms."""
        if self._url is None:
            self._database = await DATABASES.with_tables()
        else:
            self._database = Database(self._url)
            async with self._database.engine.begin() as work:
                await work.run_sync(metadata.create_all)
        async with self._database.begin() as work:
            await self.network.started(work)
            for plan, _ in await records.plans(work):
                await records.note_room(work, plan.key, RoomID(f"!{plan.key}"))

    async def close(self) -> None:
        if self._url is None:
            await DATABASES.gone(self._database)
        else:
            await self._database.close()

    @property
    def database(self) -> Database:
        """What the network keeps."""
        return self._database

    @property
    def said(self) -> list[Said]:
        """Everything that was said."""
        return self._wording.said

    async def says(
        self,
        who: UserID,
        place: Place | RoomID,
        body: str,
        *,
        secrecy: Secrecy = SIGNED,
        msgtype: str = "m.text",
        replaces: EventID | None = None,
        thread: EventID | None = None,
        event: EventID | None = None,
    ) -> list[Said]:
        """Have somebody write; returns what is said to anyone because of it."""
        message = Message(
            _room(place),
            event or _event(),
            who,
            self._now,
            msgtype,
            body,
            secrecy,
            replaces,
            thread=thread,
        )
        return await self.happens(message)

    async def reacts(
        self,
        who: UserID,
        number: int,
        key: str,
        *,
        event: EventID | None = None,
        on: str | None = None,
    ) -> list[Said]:
        """Have somebody react to the card of a case, or to the message of a name."""
        room, name = _room(ReviewRoom()), on or f"case/{number}/card"
        return await self.happens(
            Reaction(room, event or _event(), who, self._now, _event(), name, key)
        )

    async def last_asked(self, who: UserID) -> str:
        """The name of the last message in somebody's private room that has one."""
        async with self._database.read() as work:
            name = await last_named(work, key_of(PrivateRoom(who)), ["%"])
        assert name is not None
        return name

    async def answers(
        self, who: UserID, key: str, *, to: str | None = None, event: EventID | None = None
    ) -> list[Said]:
        """Have somebody react in their private room; to the last message when none is named."""
        to = to or await self.last_asked(who)
        room = _room(PrivateRoom(who))
        return await self.happens(
            Reaction(room, event or _event(), who, self._now, _event(), to, key)
        )

    async def takes_back(self, who: UserID, place: Place, event: EventID) -> list[Said]:
        """Have somebody redact an event."""
        return await self.happens(Redaction(_room(place), _event(), who, event))

    async def delivered(self) -> dict[str, EventID]:
        """Let everything that waits be sent; returns the event id of each message with a name."""
        sent = {}
        async with self._database.begin() as work:
            rows = await work.execute(select(outbox).where(outbox.c.status == Status.WAITING))
            for row in rows.all():
                event = _event()
                sent[row.name or ""] = event
                await work.execute(
                    update(outbox)
                    .where(outbox.c.seq == row.seq)
                    .values(status=Status.SENT, event_id=event, room_id=f"!{row.target}")
                )
        return sent

    async def joins(self, who: UserID, place: Place) -> list[Said]:
        return await self.happens(
            MembershipChange(_room(place), _event(), who, who, Membership.JOIN)
        )

    async def leaves(self, who: UserID, place: Place) -> list[Said]:
        """Have somebody leave a room by themselves."""
        return await self.happens(
            MembershipChange(_room(place), _event(), who, who, Membership.LEAVE)
        )

    async def is_found(self, user: UserID, found: Existence = Existence.THERE) -> list[Said]:
        """Answer whether there is such a user, if that was asked."""
        return await self.hears(lambda work: self.network.looked_up(work, user, found))

    async def taps(
        self, who: UserID, name: str, key: str = "✅", place: Place | None = None
    ) -> list[Said]:
        """Have somebody react to the message of a name, in the review room if nowhere else."""
        room = _room(place or ReviewRoom())
        return await self.happens(Reaction(room, _event(), who, self._now, _event(), name, key))

    async def cannot_be_read(self, who: UserID, place: Place) -> list[Said]:
        return await self.happens(Unreadable(_room(place), _event(), who))

    async def is_left_out(self, who: UserID, place: Place) -> list[Said]:
        """Have a device of somebody get no key to a room."""
        device = DeviceKeys(who, DeviceID("PHONE"), "curve", "ed", signed=False)
        return await self.hears(
            lambda work: self.network.left_out(work, _room(place), [device]),
        )

    async def time_passes(self, by: timedelta) -> list[Said]:
        """Let time pass; returns what is said to anyone because of it."""
        self._now += by
        before = len(self.said)
        for chore in self.network.chores:
            await self.hears(lambda work, chore=chore: chore.run(work, self._now))  # type: ignore[misc]
        return self.said[before:]

    async def hears(self, tell: Callable[[Work], Awaitable[object]]) -> list[Said]:
        """Tell the network something; returns what is said to anyone because of it."""
        before = len(self.said)
        async with self._database.begin() as work:
            await tell(work)
        return self.said[before:]

    async def happens(self, event: Event) -> list[Said]:
        """Let the network handle an event; returns what is said to anyone because of it."""
        return await self.hears(lambda work: self.network.handle(work, event))

    def _clock(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


def _room(place: Place | RoomID) -> RoomID:
    return RoomID(place) if isinstance(place, str) else RoomID(f"!{key_of(place)}")


def _event() -> EventID:
    return EventID(f"${next(_numbers)}")
