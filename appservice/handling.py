"""From the inbox to the domain: one event, one commit.

::

    inbox ─▶ what room is this? ─▶ decrypt ─▶ domain decides ─▶ outbox, records, inbox done
                                      │
                                      └─ no key yet: held, and everything behind it goes on

The domain sees an event once. If it raises, its commit is undone and the event is tried again, a
few times; then it is set aside for the operator, people are told, and the rest goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from appservice import inbox
from appservice.active import NoLongerActive
from appservice.backoff import Backoff
from appservice.database import Database, Work, is_outage
from appservice.encryption import devices
from appservice.encryption.devices import DeviceLookup
from appservice.encryption.inbound import CannotDecrypt, MissingKey, open_event
from appservice.events import (
    IN_CLEAR,
    Event,
    Membership,
    MembershipChange,
    Reaction,
    RoomEvent,
    Secrecy,
    Tampered,
    Unreadable,
)
from appservice.faults import TRIES, Direction, SetAside, fault_of
from appservice.homeserver import HomeserverUnreachable, MatrixError
from appservice.ids import RoomID, UserID, server_of
from appservice.lateness import Lateness
from appservice.leisure import Leisure
from appservice.metrics import Metrics
from appservice.outbox import in_flight
from appservice.reading import message_of, reaction_of, redaction_of
from appservice.rooms import errands, records
from appservice.rooms.plan import RoomKey, guards, raised
from appservice.rooms.upgrades import Closed, replacement_of
from appservice.vault import Vault
from appservice.wakes import woken

log = logging.getLogger(__name__)

KEY_PATIENCE = timedelta(minutes=5)
"""How long a room key may take before its event counts as unreadable and its sender is told."""

LOOK_SECONDS = 5.0
"""Seconds between two looks at the inbox when nobody calls."""

_DEVICES_OF = "devices "
"""Begins the name of what an event waits for whose sender's devices are being looked up."""

_MESSAGE_TYPES = frozenset({"m.room.message", "m.sticker"})
_SILENT_TYPES = frozenset({"m.reaction", "m.room.redaction"})


class _SoonKnown(Exception):
    """What an event is to is not known yet."""

    def __init__(self, waits_for: str) -> None:
        super().__init__(waits_for)
        self.waits_for = waits_for


@dataclass(frozen=True, slots=True)
class Handled:
    """What the domain did that others must hear of."""

    rooms_changed: bool = False
    """Plans of rooms, or who belongs in them, changed: the keeper has work."""

    tampered: RoomKey | None = None
    """A room of which we heard that it is not as planned."""
    erased: bool = False
    """Something was erased that must leave the database's files, too."""


class Domain(Protocol):
    """The network above: sees decrypted events, answers through the outbox and its records."""

    async def handle(self, work: Work, event: Event) -> Handled:
        """Decide on one event; everything written goes through ``work``."""

    async def set_aside(self, work: Work, what: SetAside) -> None:
        """Tell people that something could not be handled, or not be sent, and was set aside.

        In the transaction that sets it aside. It is set aside all the same when this raises.
        """


class Handling:
    """Takes events from the inbox, one after another.

    Args:
        database: everything durable.
        vault: opens room keys.
        bot: whose own events are passed over.
        domain: decides.
        lookup: finds the devices of senders.
        handled: called after each commit.
        joined: told who joined which room, after the commit.
        metrics: counts what happens.
        lateness: since when what an event causes has waited.
        settle: called in each transaction after the domain; what it can do at once is part of it.
        leisure: of what may wait while somebody's event is handled.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        bot: UserID,
        domain: Domain,
        lookup: DeviceLookup,
        handled: Callable[[Handled], None],
        joined: Callable[[RoomID, UserID], None],
        metrics: Metrics,
        lateness: Lateness,
        settle: Callable[[Work], Awaitable[None]],
        leisure: Leisure,
    ) -> None:
        self._settle = settle
        self._leisure = leisure
        self._database = database
        self._vault = vault
        self._bot = bot
        self._domain = domain
        self._lookup = lookup
        self._handled = handled
        self._joined = joined
        self._metrics = metrics
        self._lateness = lateness
        self._wake = asyncio.Event()
        self._looking: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Say that events may be waiting."""
        self._wake.set()

    async def run(self) -> None:
        """Handle events for ever; cancel to stop."""
        async with self._database.begin() as work:
            # Nobody looks any more for the devices that these wait for.
            await inbox.release_beginning(work, _DEVICES_OF)
        try:
            await self._handle_all()
        finally:
            for task in self._looking:
                task.cancel()

    async def _handle_all(self) -> None:
        backoff = Backoff()
        while True:
            self._wake.clear()
            try:
                while await self._next():
                    backoff.reset()
            except (HomeserverUnreachable, MatrixError, SQLAlchemyError, OSError) as error:
                pause = backoff.wait()
                log.warning(
                    "events wait (%s: see the database and the homeserver); next try in %.1f s",
                    type(error).__name__,
                    pause,
                )
                await asyncio.sleep(pause)
                continue
            await woken(self._wake, LOOK_SECONDS)

    async def give_up_waiting(self, now: datetime) -> None:
        """Handle events as they are that waited too long: what has no key is unreadable."""
        async with self._database.read() as work:
            overdue = await inbox.held_longer_than(work, self._vault, KEY_PATIENCE, now)
        for entry in overdue:
            await self._commit(entry, self._overdue)

    async def _next(self) -> bool:
        entry = None
        try:
            async with self._database.read() as work:
                entry = await inbox.next_waiting(work, self._vault)
                if entry is None:
                    return False
                unknown = await self._is_by_unknown_device(work, entry.event)
            known = not unknown or await self._know_sender(entry)
        except Exception as error:
            if entry is None or isinstance(error, HomeserverUnreachable | MatrixError):
                raise
            await self._failed(entry, error)
            return True
        if known and entry.event.sender == self._bot:
            await self._commit(entry, self._handle)
        elif known:
            with self._leisure.pressing():
                await self._commit(entry, self._handle)
        return True

    async def _is_by_unknown_device(self, work: Work, event: RoomEvent) -> bool:
        return (
            event.type == "m.room.encrypted"
            and event.sender != self._bot
            and await records.key_of(work, event.room_id) is not None
            and bool(await devices.outdated(work, [event.sender]))
        )

    async def _know_sender(self, entry: inbox.Entry) -> bool:
        """Look up the sender's devices; False when the event was held until they are known."""
        sender = entry.event.sender
        if server_of(sender) == server_of(self._bot):
            await self._lookup.refresh([sender])
            return True
        # Another homeserver may take long, or for ever: nothing behind this event waits for it.
        waits_for = f"{_DEVICES_OF}{sender}"
        async with self._database.begin() as work:
            await inbox.hold(work, entry.seq, waits_for)
        task = asyncio.create_task(self._look_up(sender, waits_for))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)
        return False

    async def _look_up(self, sender: UserID, waits_for: str) -> None:
        backoff = Backoff(first=1.0)
        while True:
            try:
                if not await self._lookup.refresh([sender]):
                    async with self._database.begin() as work:
                        await inbox.release(work, [waits_for])
                    self.wake()
                    return
            except (SQLAlchemyError, OSError) as error:
                log.warning("a look-up failed (%s); tried again", type(error).__name__)
            await asyncio.sleep(backoff.wait())

    async def _commit(
        self,
        entry: inbox.Entry,
        handle: Callable[[Work, inbox.Entry], Awaitable[Handled | None]],
    ) -> None:
        try:
            async with self._database.begin() as work:
                handled = await handle(work, entry)
                if handled is not None:
                    await self._settle(work)
        except Exception as error:
            await self._failed(entry, error)
            return
        if handled is not None:
            self._handled(handled)
        self._metrics.events_handled.inc()
        event = entry.event
        if event.type == "m.room.member" and event.content.get("membership") == "join":
            self._joined(event.room_id, UserID(event.state_key or ""))

    async def _failed(self, entry: inbox.Entry, error: Exception) -> None:
        """Have an event tried again, or set it aside; raises when the database is away."""
        if is_outage(error) or isinstance(error, NoLongerActive):
            raise error
        give_up, fault = entry.tries + 1 >= TRIES, fault_of(error)
        log.error(
            "handling event %s failed (%s); %s",
            entry.event.event_id,
            fault,
            "it is set aside: see `goudwacht inbox list`" if give_up else "it is tried again",
        )
        try:
            await self._set_back(entry, fault, give_up=give_up, tell=give_up)
        except Exception as silent:
            if is_outage(silent):
                raise
            log.error("nobody could be told of that (%s)", fault_of(silent))
            await self._set_back(entry, fault, give_up=give_up, tell=False)

    async def _set_back(self, entry: inbox.Entry, fault: str, *, give_up: bool, tell: bool) -> None:
        async with self._database.begin() as work:
            await inbox.failed(work, entry.seq, fault, give_up=give_up)
            if tell:
                await self._domain.set_aside(work, SetAside(Direction.IN, entry.seq))
        if give_up:
            self._metrics.events_set_aside.inc()
        if tell:
            self._handled(Handled())

    async def _overdue(self, work: Work, entry: inbox.Entry) -> Handled | None:
        if not await inbox.is_held(work, entry.seq):
            return Handled()
        return await self._handle(work, entry, patient=False)

    async def _handle(
        self, work: Work, entry: inbox.Entry, *, patient: bool = True
    ) -> Handled | None:
        """Handle an event; None where nothing came of it that anybody has to hear of."""
        event = entry.event
        try:
            seen = await self._seen(work, event, patient=patient)
        except (MissingKey, _SoonKnown) as wait:
            if patient:
                await inbox.hold(work, entry.seq, wait.waits_for)
                if isinstance(wait, MissingKey):
                    self._metrics.events_held.inc()
                return Handled()
            seen = Unreadable(event.room_id, event.event_id, event.sender)
        except CannotDecrypt as error:
            log.warning("event %s cannot be decrypted: %s", event.event_id, error)
            seen = Unreadable(event.room_id, event.event_id, event.sender)
        await inbox.done(work, entry.seq)
        if isinstance(seen, Unreadable):
            self._metrics.events_unreadable.inc()
        if seen is None:
            # Of making a room the homeserver tells with a dozen events of our own.
            return Handled() if event.type == "m.room.tombstone" else None
        return await self._lateness.since(
            work, event.sent_at, lambda: self._domain.handle(work, seen)
        )

    async def _seen(self, work: Work, event: RoomEvent, *, patient: bool) -> Event | None:
        """Return what the domain sees of an event; None when it is not for it."""
        if event.type == "m.room.member":
            return await self._membership(work, event)
        if event.type == "m.room.tombstone" and event.state_key == "":
            if await records.key_of(work, event.room_id) is not None:
                replacement = replacement_of(event.content)
                await errands.put_closed(work, Closed(event.room_id, event.sender, replacement))
            return None
        if event.state_key is not None:
            return await self._tampered(work, event)
        if event.sender == self._bot:
            return None
        match event.type:
            case "m.reaction":
                return await self._reaction(work, event, patient=patient)
            case "m.room.redaction":
                return redaction_of(event)
            case "m.room.encrypted":
                return await self._decrypted(work, event)
            case _ if event.type in _MESSAGE_TYPES:
                return message_of(event, event.type, event.content, IN_CLEAR)
        if await records.key_of(work, event.room_id) is None:
            return None
        # Of a kind that nobody knows yet: in a room of ours the domain decides what may stand.
        return message_of(event, event.type, event.content, IN_CLEAR)

    async def _reaction(self, work: Work, event: RoomEvent, *, patient: bool) -> Reaction | None:
        seen = await reaction_of(work, event)
        unknown = seen is not None and seen.target_name is None
        if patient and unknown and await in_flight(work, event.room_id):
            # It may be to a message of ours whose event id we are just being told.
            raise _SoonKnown(f"sent {event.room_id}")
        return seen

    async def _membership(self, work: Work, event: RoomEvent) -> MembershipChange | None:
        try:
            membership = Membership(str(event.content.get("membership")))
        except ValueError:
            return None
        user = UserID(event.state_key or "")
        # A closed room is emptied: who is still in it has to be known.
        if await records.is_known(work, event.room_id):
            is_new = membership is Membership.JOIN and not await records.is_anywhere(work, user)
            await records.set_membership(work, event.room_id, user, membership)
            if is_new and user != self._bot:
                # Nobody else tells us: a key sync without rooms does not name who joins. Of who
                # is in another room of ours already it tells what changes.
                await devices.mark_outdated(work, [user])
        return MembershipChange(event.room_id, event.event_id, event.sender, user, membership)

    async def _tampered(self, work: Work, event: RoomEvent) -> Tampered | None:
        key = await records.key_of(work, event.room_id)
        plan = None if key is None else await records.plan_of(work, key)
        # Nobody but the bot has the power to change anything: whoever did was given some.
        ours = event.sender == self._bot
        if plan is None or (ours and guards(plan, event.type, event.content)):
            return None
        people = raised(event.content) if event.type == "m.room.power_levels" else ()
        return Tampered(event.room_id, event.event_id, event.sender, event.type, people)

    async def _decrypted(self, work: Work, event: RoomEvent) -> Event | None:
        if await records.key_of(work, event.room_id) is None:
            # A room somebody opened for the bot: what is said there is none of our business.
            return message_of(event, event.type, {}, Secrecy(encrypted=True))
        opened = await open_event(work, self._vault, event)
        if opened.type in _SILENT_TYPES:
            return None
        return message_of(event, opened.type, opened.content, opened.secrecy)
