"""A member of the network as the tests meet them: a person with a Matrix client of their own.

::

    await Person.arrive(…) ──▶ account, log-in, keys, cross-signing ──▶ syncs in the background
                                                                            │
    await person.say(…), react(…), edit(…) ──▶ homeserver                   ▼
    await person.reads("…"), room_named("…"), invited_to() ◀── Timeline and Rooms grow

Whoever waits is woken by the sync that brings what they wait for; nothing sleeps. What is
encrypted is dealt with in :mod:`tests.harness.device`.
"""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from appservice.ids import EventID, RoomID, UserID
from tests.harness.cross_signing import Identity
from tests.harness.device import Batch, Device, HomeserverRefusedError, Withheld, quoted
from tests.harness.rooms import Rooms
from tests.harness.synapse import Synapse
from tests.harness.timeline import Seen, Timeline, Wanted

T = TypeVar("T")

_ENCRYPTION = {
    "type": "m.room.encryption",
    "state_key": "",
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}


class NotSeenError(AssertionError):
    """What a person waited for did not come in time."""


class Person:
    """Made by :meth:`arrive` or :meth:`return_`; ended by :meth:`leave`."""

    def __init__(
        self, device: Device, store: Path, password: str, *, accept_invites: bool = True
    ) -> None:
        self.device = device
        self.identity: Identity | None = None
        self.accept_invites = accept_invites
        self.rooms = Rooms()
        self.withheld: list[Withheld] = []
        """Every time somebody told this device that it does not get a key."""
        self.store = store
        self._password = password
        self._timeline = Timeline()
        self._news = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None

    # -- coming and going --------------------------------------------------------------------

    @classmethod
    async def arrive(
        cls,
        synapse: Synapse,
        localpart: str,
        password: str,
        store: Path,
        *,
        cross_signed: bool = True,
        device_id: str | None = None,
        accept_invites: bool = True,
        signed_by: Person | None = None,
    ) -> Person:
        """Register (unless the account exists), log in with a new device, and start to sync.

        Args:
            synapse: the homeserver of this person.
            localpart: the part of the user id before the colon.
            password: of the account.
            store: a directory of this device's own.
            cross_signed: make an identity, publish it, and sign the device with it.
            device_id: of the new device; the homeserver chooses when not given.
            accept_invites: join every room one is invited to.
            signed_by: the same person at another device: its identity signs this device
                too, and none is made.

        Raises:
            HomeserverRefusedError: the log-in or an upload was refused.
        """
        await synapse.register(localpart, password)
        user = UserID(f"@{localpart}:{synapse.server_name}")
        device = Device(synapse.url, user, store)
        person = cls(device, store, password, accept_invites=accept_invites)
        try:
            await device.log_in(password, device_id)
            if signed_by is not None:
                assert signed_by.identity is not None, "the other device has no identity"
                person.identity = signed_by.identity
            elif cross_signed:
                person.identity = Identity.fresh(user)
                await device.publish_identity(person.identity, password)
            if person.identity is not None:
                await device.be_signed_by(person.identity)
        except BaseException:
            await device.close()
            raise
        person._remember()
        await person._begin()
        return person

    @classmethod
    async def return_(cls, synapse: Synapse, store: Path, *, accept_invites: bool = True) -> Person:
        """Take up the log-in in a store again, after :meth:`leave`.

        Rooms are read from their start, with the keys in the store.
        """
        kept = json.loads((store / "person.json").read_text())
        user = UserID(kept["user_id"])
        device = Device(synapse.url, user, store)
        person = cls(device, store, kept["password"], accept_invites=accept_invites)
        await device.resume(kept["device_id"], kept["access_token"])
        if kept["identity"] is not None:
            person.identity = Identity.from_seeds(user, kept["identity"])
        await person._begin()
        return person

    async def leave(self) -> None:
        """Stop syncing and close everything; account, log-in and store stay."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.device.close()

    async def reset_identity(self) -> None:
        """Replace the identity by a new one, as someone does who lost their recovery key."""
        self.identity = Identity.fresh(self.user_id)
        await self.device.publish_identity(self.identity, self._password)
        await self.device.be_signed_by(self.identity)
        self._remember()

    # -- reading -----------------------------------------------------------------------------

    @property
    def user_id(self) -> UserID:
        return self.device.user_id

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
        """

        async def wait() -> T:
            async with self._news:
                while (result := found()) is None:
                    if self._failure is not None:
                        raise NotSeenError(f"{self.user_id} no longer syncs") from self._failure
                    await self._news.wait()
                return result

        try:
            return await asyncio.wait_for(wait(), timeout)
        except TimeoutError:
            raise NotSeenError(self._account_of(what, timeout)) from None

    # -- acting ------------------------------------------------------------------------------

    async def say(
        self,
        room: str,
        body: str,
        *,
        html: str | None = None,
        relates_to: Mapping[str, Any] | None = None,
        mentions: Sequence[str] | None = None,
    ) -> EventID:
        """Send a text message, encrypted if the room is."""
        content = _text(body, html)
        if relates_to is not None:
            content["m.relates_to"] = dict(relates_to)
        if mentions is not None:
            content["m.mentions"] = {"user_ids": list(mentions)}
        return await self.send_event(room, "m.room.message", content)

    async def say_in_clear(self, room: str, body: str) -> EventID:
        """Send a text message unencrypted, also where the room is encrypted."""
        await self._in(room)
        return await self.device.send_in_clear(room, "m.room.message", _text(body, None))

    async def say_before_key(
        self, room: str, body: str
    ) -> tuple[EventID, Callable[[], Awaitable[None]]]:
        """Send an encrypted message nobody can read yet; the second result hands out its key."""
        await self._in(room)
        event_id, key = await self.device.send_without_key(
            room, "m.room.message", _text(body, None)
        )
        return event_id, lambda: self.device.share_key(key)

    async def react(self, room: str, event_id: str, key: str) -> EventID:
        """React to an event; reactions travel in clear."""
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return await self.send_event(room, "m.reaction", {"m.relates_to": relation})

    async def edit(
        self, room: str, event_id: str, body: str, *, html: str | None = None
    ) -> EventID:
        """Replace the text of an earlier message."""
        content = _text(f"* {body}", html)
        content["m.new_content"] = _text(body, html)
        content["m.relates_to"] = {"rel_type": "m.replace", "event_id": event_id}
        return await self.send_event(room, "m.room.message", content)

    async def redact(self, room: str, event_id: str, reason: str | None = None) -> EventID:
        """Remove an event."""
        path = f"/rooms/{quoted(room)}/redact/{quoted(event_id)}/{uuid.uuid4()}"
        body = {} if reason is None else {"reason": reason}
        return EventID(str((await self.call("PUT", path, body))["event_id"]))

    async def send_event(self, room: str, event_type: str, content: Mapping[str, Any]) -> EventID:
        """Send any event, encrypted if the room is (reactions never are)."""
        await self._in(room)
        return await self.device.send(room, event_type, content)

    async def create_dm(self, user: str, encrypted: bool = False) -> RoomID:
        """Open a direct chat with somebody, who is invited."""
        return await self.create_room(
            invite=(user,), encrypted=encrypted, preset="trusted_private_chat", is_direct=True
        )

    async def create_room(
        self,
        name: str | None = None,
        *,
        invite: Sequence[str] = (),
        encrypted: bool = True,
        **more: Any,
    ) -> RoomID:
        """Make a room, wait until it is here; ``more`` goes into the request as it is."""
        body: dict[str, Any] = {"preset": "private_chat", "invite": list(invite), **more}
        if name is not None:
            body["name"] = name
        if encrypted:
            body["initial_state"] = [*body.get("initial_state", []), _ENCRYPTION]
        room = RoomID(str((await self.call("POST", "/createRoom", body))["room_id"]))
        await self._in(room)
        return room

    async def invite(self, room: str, user: str) -> None:
        await self.call("POST", f"/rooms/{quoted(room)}/invite", {"user_id": user})

    async def join(self, room: str) -> RoomID:
        """Join a room by id or alias, and wait until it is here."""
        answer = await self.call("POST", f"/join/{quoted(room)}", {})
        joined = RoomID(str(answer["room_id"]))
        await self._in(joined)
        return joined

    async def leave_room(self, room: str) -> None:
        """Leave a room, or decline an invitation."""
        await self.call("POST", f"/rooms/{quoted(room)}/leave", {})

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call the client API; ``path`` begins behind ``/_matrix/client/v3``.

        Raises:
            HomeserverRefusedError: the homeserver answered with an error.
        """
        return await self.device.call(method, f"/_matrix/client/v3{path}", body)

    # -- within ------------------------------------------------------------------------------

    async def _begin(self) -> None:
        self._take_in(await self.device.sync(wait=0))
        await self.device.tend_keys()
        self._start(self._keep_syncing())

    async def _keep_syncing(self) -> None:
        try:
            while True:
                try:
                    batch = await self.device.sync(wait=30)
                except HomeserverRefusedError as refusal:
                    if refusal.status in (401, 403):
                        raise
                    await asyncio.sleep(0.1)  # a homeserver that is starting or stopping
                    continue
                self._take_in(batch)
                async with self._news:
                    self._news.notify_all()
                await self.device.tend_keys()
        except Exception as failure:
            self._failure = failure
            async with self._news:
                self._news.notify_all()

    def _take_in(self, batch: Batch) -> None:
        for room, events in batch.state.items():
            self.rooms.learn(room, events)
        for room in batch.joined:
            self.rooms.join(room)
        for room in batch.left:
            self.rooms.leave(room)
        for room, inviter in batch.invited.items():
            self.rooms.invite(room, inviter)
            if self.accept_invites:
                self._start(self._accept(room))
        for event in batch.events:
            self._timeline.add(event)
        self.withheld += batch.withheld

    async def _accept(self, room: RoomID) -> None:
        try:
            await self.call("POST", f"/join/{quoted(room)}", {})
        except HomeserverRefusedError as refusal:
            if refusal.status != 403:  # withdrawn in the meantime
                raise

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _in(self, room: str) -> None:
        await self.until(
            lambda: RoomID(room) in self.rooms.joined or None, f"to be in {room}", timeout=30
        )

    def _remember(self) -> None:
        kept = {
            "user_id": self.user_id,
            "password": self._password,
            "device_id": self.device.device_id,
            "access_token": self.device.access_token,
            "identity": None if self.identity is None else self.identity.seeds(),
        }
        (self.store / "person.json").write_text(json.dumps(kept))

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
            ]
        )


def _text(body: str, html: str | None) -> dict[str, Any]:
    content: dict[str, Any] = {"msgtype": "m.text", "body": body}
    if html is not None:
        content |= {"format": "org.matrix.custom.html", "formatted_body": html}
    return content


def _readable(wanted: Wanted) -> Callable[[Seen], bool]:
    return lambda event: event.readable and event.fits(wanted)
