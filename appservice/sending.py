"""Takes messages from the outbox to their rooms: keys, ciphertext, ``PUT /send``.

Each room's messages go in order, and each room on its own: one that cannot go now holds up no
other. While the homeserver is away, or refuses for a reason that may pass (a wrong token, a room
the bot was put out of), a room waits with a growing, jittered pause and nothing is given up. A
message on which our own code raises, or which no homeserver could ever take, is set aside.
What goes out late may say so, and people are told (:mod:`appservice.lateness`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from enum import Enum, auto
from typing import Any

from appservice.active import NoLongerActive
from appservice.attachments import upload
from appservice.database import Database, Work, is_outage
from appservice.encryption import outbound
from appservice.encryption.account import OwnKeys
from appservice.encryption.sharing import RoomKeys
from appservice.enduring import Later, drained
from appservice.faults import TRIES, Direction, SetAside, fault_of
from appservice.homeserver import NEVER, Homeserver, HomeserverUnreachable, MatrixError
from appservice.ids import EventID, RoomID
from appservice.lateness import Lateness
from appservice.leisure import Leisure
from appservice.metrics import Metrics
from appservice.outbox import Outbox, Row, Sealed
from appservice.relations import related
from appservice.rooms import records
from appservice.rooms.plan import RoomKey
from appservice.vault import Vault
from appservice.wakes import OneEach, woken

log = logging.getLogger(__name__)

_HAS_IT_ALREADY = "M_DUPLICATE_ANNOTATION"
_GONE = frozenset({"M_FORBIDDEN", "M_NOT_FOUND"})


LOOK_SECONDS = 5.0
"""Seconds between two looks at the outbox when nobody calls."""

HEAD_START_SECONDS = 0.1
"""Seconds by which the first of several messages may leave before the others, at the most."""


class _Outcome(Enum):
    DONE = auto()
    DROPPED = auto()
    NO_READER = auto()
    """Nobody is there to read it yet: a join wakes the sender."""


Sent = Callable[[Work, RoomID], Awaitable[None]]
"""Called in the transaction that records a message as sent."""

Aside = Callable[[Work, SetAside], Awaitable[None]]
"""Called in the transaction that sets a message aside."""


class Sender:
    """Drains the outbox.

    Args:
        database: everything durable.
        vault: seals ratchets.
        homeserver: the way out as the bot's device.
        own: the bot's keys.
        outbox: what waits.
        keys: shares room keys first.
        sent: told of each message that went out, or never will.
        set_aside: told of each message that was set aside.
        committed: called after the commit of the transaction that ``sent`` was part of.
        metrics: counts what happens.
        lateness: which messages are late.
        leisure: of what may wait while a message goes out.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        homeserver: Homeserver,
        own: OwnKeys,
        outbox: Outbox,
        keys: RoomKeys,
        sent: Sent,
        set_aside: Aside,
        committed: Callable[[], None],
        metrics: Metrics,
        lateness: Lateness,
        leisure: Leisure,
    ) -> None:
        self._database = database
        self._vault = vault
        self._homeserver = homeserver
        self._own = own
        self._outbox = outbox
        self._keys = keys
        self._sent = sent
        self._set_aside = set_aside
        self._committed = committed
        self._metrics = metrics
        self._lateness = lateness
        self._leisure = leisure
        self._wake = asyncio.Event()
        self._ahead: str | None = None
        self._left = asyncio.Event()
        self._wakes = 0
        self._looked: dict[str, int] = {}
        self._tasks = OneEach(self._drain, self._over)

    def wake(self) -> None:
        """Say that something may be waiting, or that somebody who can read it has come."""
        self._wakes += 1
        self._wake.set()

    async def run(self) -> None:
        """Send for ever; cancel to stop. What is not sent stays in the outbox."""
        self.wake()
        try:
            while True:
                await woken(self._wake, LOOK_SECONDS)
                self._wake.clear()
                async with self._database.read() as work:
                    waiting = await self._outbox.targets(work)
                new = [target for target in waiting if target not in self._tasks]
                for place, target in enumerate(new):
                    self._tasks.begin(target)
                    if place == 0 and len(new) > 1:
                        await self._head_start(target)
        finally:
            await self._tasks.end()

    async def _head_start(self, target: str) -> None:
        """Return when ``target`` has what was first for it, or has had its time to.

        What was put in first matters most: an alert, before the word to its reporter and the
        moderators' card. A homeserver that is given all of them at once takes as long for the first
        as for the last.
        """
        self._ahead, self._left = target, asyncio.Event()
        await woken(self._left, HEAD_START_SECONDS)
        self._ahead = None

    def _over(self, target: str, error: BaseException | None) -> None:
        self._has_left(target)
        looked = self._looked.pop(target, 0)
        if error is not None:
            # The next look, which comes by itself, tries it again.
            log.error("sending stopped for one room (%s); it is tried again", fault_of(error))
        elif looked != self._wakes:
            # Somebody called while this task was on its way out.
            self._wake.set()

    def _has_left(self, target: str) -> None:
        if target == self._ahead:
            self._left.set()

    async def seal_ahead(self, work: Work) -> None:
        """Fix the bytes of what was just put in first, in the commit that puts it in.

        Where everyone has the key, that saves an alert a commit. Whatever stands in the way is left
        to the ordinary way, and raises nothing but for an outage.
        """
        target = next(
            (one for one in await self._outbox.targets(work) if one not in self._tasks), None
        )
        row = None if target is None else await self._outbox.first(work, target)
        if row is None or row.sealed is not None or row.damage is not None or row.tries:
            return
        if row.attachment is not None or self._lateness.of(row) is not None:
            return
        try:
            async with work.begin_nested():
                room = await self._room(work, row)
                if room is not None and (row.clear or await self._keys.is_warm(work, room)):
                    await self._fix(work, row, room, None, None, tell=False)
        except Exception as error:
            if is_outage(error) or isinstance(error, NoLongerActive):
                raise
            log.warning("a message is encrypted later (%s)", fault_of(error))

    async def _drain(self, target: str) -> None:
        async def step() -> bool:
            self._looked[target] = self._wakes
            async with self._database.read() as work:
                row = await self._outbox.first(work, target)
            return row is not None and await self._tried(row)

        await drained(step)

    async def _tried(self, row: Row) -> bool:
        """Try to send a message; False while nobody is there to read it.

        Raises:
            HomeserverUnreachable, Later: it is to be tried again.
        """
        try:
            with self._leisure.pressing():
                return await self._send(row) is not _Outcome.NO_READER
        except HomeserverUnreachable:
            raise
        except MatrixError as error:
            self._metrics.messages_refused.inc()
            if error.errcode in NEVER:
                await self._failed(row, error.errcode, give_up=True)
                return True
            if error.status == 400:
                await self._failed(row, error.errcode, give_up=row.tries + 1 >= TRIES)
            log.error(
                "the homeserver refuses what goes to a room (%s, %s); kept, and tried again. "
                "`goudwacht doctor` tells whether the registration and the room are as they "
                "should be",
                row.target.partition("/")[0],
                error.errcode,
            )
            raise Later from error
        except Exception as error:
            if is_outage(error) or isinstance(error, NoLongerActive):
                raise
            await self._failed(row, fault_of(error), give_up=row.tries + 1 >= TRIES)
            raise Later from error

    async def _failed(self, row: Row, fault: str, *, give_up: bool) -> None:
        """Have a message tried again, or set it aside."""
        log.error(
            "sending message %d failed (%s); %s",
            row.seq,
            fault,
            "it is set aside: see `goudwacht outbox list`" if give_up else "it is tried again",
        )
        try:
            await self._set_back(row, fault, give_up=give_up, tell=give_up)
        except Exception as silent:
            if is_outage(silent):
                raise
            log.error("nobody could be told of that (%s)", fault_of(silent))
            await self._set_back(row, fault, give_up=give_up, tell=False)
        if give_up:
            self._metrics.messages_set_aside.inc()
            self.wake()
            self._committed()

    async def _set_back(self, row: Row, fault: str, *, give_up: bool, tell: bool) -> None:
        async with self._database.begin() as work:
            await self._outbox.failed(work, row, fault, give_up=give_up)
            if give_up and row.sealed is not None:
                await self._sent(work, row.sealed.room)
            if tell:
                await self._set_aside(work, SetAside(Direction.OUT, row.seq, row.name))

    async def _send(self, row: Row) -> _Outcome:
        if row.damage is not None:
            raise row.damage
        waited = self._lateness.of(row)
        if waited is not None:
            return await self._seal_late(row, waited)
        if row.sealed is None:
            # The next look reads it back: what goes out is what is stored, as after a crash.
            return await self._seal(row)
        sealed = row.sealed
        event_id = None
        try:
            answer = await self._homeserver.call(
                "PUT",
                "v3",
                "rooms",
                sealed.room,
                "send",
                sealed.type,
                row.transaction_id,
                body=sealed.content,
            )
            event_id = EventID(str(answer["event_id"]))
        except MatrixError as error:
            # In a room that is not ours nobody waits for us: somebody put the bot out of it.
            elsewhere = row.target.startswith("!") and error.errcode in _GONE
            if not elsewhere and error.errcode != _HAS_IT_ALREADY:
                raise
            log.info("a message is not needed any more (%s)", error.errcode)
        self._has_left(row.target)
        async with self._database.begin() as work:
            # Not there any more: erased while it was on its way, and recalled by who did it.
            await self._outbox.close(work, row, event_id)
            await self._sent(work, sealed.room)
        if event_id is not None:
            self._metrics.messages_sent.inc()
        self._committed()
        return _Outcome.DONE

    async def _seal_late(self, row: Row, waited: timedelta) -> _Outcome:
        try:
            outcome = await self._seal(row, waited)
        except (HomeserverUnreachable, MatrixError):
            raise
        except Exception as silent:
            if is_outage(silent):
                raise
            # A mistake in the telling must not cost the message.
            log.error("nobody could be told that a message is late (%s)", fault_of(silent))
            return await self._seal(row, waited, tell=False)
        if outcome is _Outcome.DONE:
            self.wake()
        return outcome

    async def _seal(
        self, row: Row, late: timedelta | None = None, *, tell: bool = True
    ) -> _Outcome:
        """Fix the bytes of a message; ``late`` is how long it has waited if that was too long."""
        async with self._database.begin() as work:
            room = await self._room(work, row)
            if room is None:
                return _Outcome.NO_READER
            if row.attachment is None and (row.clear or await self._keys.is_warm(work, room)):
                return await self._fix(work, row, room, late, None, tell=tell)
        if not row.clear:
            await self._keys.prepare(room)
        file = None
        if row.attachment is not None:
            file = await upload(self._homeserver, row.attachment)
        async with self._database.begin() as work:
            return await self._fix(work, row, room, late, file, tell=tell)

    async def _fix(
        self,
        work: Work,
        row: Row,
        room: RoomID,
        late: timedelta | None,
        file: Mapping[str, Any] | None,
        *,
        tell: bool,
    ) -> _Outcome:
        said = row.content if late is None or row.late is None else row.late
        content = await related(work, said, row.relation, room)
        if content is None:
            log.error("what a message refers to was never sent; it is dropped too")
            await self._outbox.close(work, row, None)
            return _Outcome.DROPPED
        if file is not None:
            content["file"] = file
        event_type = row.type
        if not row.clear:
            event_type = "m.room.encrypted"
            await self._keys.expect(work, room)
            content = await outbound.encrypt(work, self._vault, self._own, room, row.type, content)
        await self._outbox.seal(work, row, Sealed(room, event_type, content), late=late is not None)
        if late is not None and tell:
            await self._lateness.tell(work, row.name, late)
        return _Outcome.DONE

    async def _room(self, work: Work, row: Row) -> RoomID | None:
        """Return where a message goes; None while it has nowhere to go, or nobody to read it."""
        if row.sealed is not None:
            # It may be there already: a transaction id counts in one room only.
            return row.sealed.room
        found = await records.destination(work, RoomKey(row.target))
        if found is None:
            return RoomID(row.target) if row.target.startswith("!") else None
        room, direct = found
        # In a room for one person a message before they join would be one they never see.
        if room is None or (direct and not await records.has_reader(work, room)):
            return None
        return room
