"""A member of the network as the tests meet them: a person with a Matrix client of their own.

::

    await Person.arrive(…) ──▶ account, log-in, keys, cross-signing ──▶ syncs in the background
                                                                            │
    await person.say(…), react(…), edit(…) ──▶ homeserver                   ▼
    await person.reads("…"), room_named("…"), invited_to() ◀── Timeline and Rooms grow

What is waited for and how is in :mod:`tests.harness.reader`; what is encrypted is dealt with
in :mod:`tests.harness.device`.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from appservice.ids import EventID, RoomID, UserID
from tests.harness.cross_signing import Identity
from tests.harness.device import Batch, Device, HomeserverRefusedError, Withheld, quoted
from tests.harness.messages import ENCRYPTION, edit_of, reaction_to, text
from tests.harness.reader import Reader
from tests.harness.synapse import Synapse


class Person(Reader):
    """Made by :meth:`arrive` or :meth:`return_`; ended by :meth:`leave`."""

    def __init__(
        self, device: Device, store: Path, password: str, *, accept_invites: bool = True
    ) -> None:
        super().__init__(device.user_id)
        self.device = device
        self.identity: Identity | None = None
        self.accept_invites = accept_invites
        self.withheld: list[Withheld] = []
        """Every time somebody told this device that it does not get a key."""
        self.store = store
        self._password = password
        self._tasks: set[asyncio.Task[None]] = set()
        self._synced = asyncio.Event()
        self._tending_since: float | None = None

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
        admin: bool = False,
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
            admin: a new account may use the homeserver's admin API.

        Raises:
            HomeserverRefusedError: the log-in or an upload was refused.
        """
        await synapse.register(localpart, password, admin=admin)
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
        content = text(body, html, relates_to=relates_to, mentions=mentions)
        return await self.send_event(room, "m.room.message", content)

    async def say_in_clear(self, room: str, body: str) -> EventID:
        """Send a text message unencrypted, also where the room is encrypted."""
        await self._in(room)
        return await self.device.send_in_clear(room, "m.room.message", text(body))

    async def say_before_key(
        self, room: str, body: str
    ) -> tuple[EventID, Callable[[], Awaitable[None]]]:
        """Send an encrypted message nobody can read yet; the second result hands out its key."""
        await self._in(room)
        event_id, key = await self.device.send_without_key(room, "m.room.message", text(body))
        return event_id, lambda: self.device.share_key(key)

    async def react(self, room: str, event_id: str, key: str) -> EventID:
        """React to an event; reactions travel in clear."""
        return await self.send_event(room, "m.reaction", reaction_to(event_id, key))

    async def edit(
        self, room: str, event_id: str, body: str, *, html: str | None = None
    ) -> EventID:
        """Replace the text of an earlier message."""
        return await self.send_event(room, "m.room.message", edit_of(event_id, body, html))

    async def redact(self, room: str, event_id: str, reason: str | None = None) -> EventID:
        """Remove an event."""
        path = f"/rooms/{quoted(room)}/redact/{quoted(event_id)}/{uuid.uuid4()}"
        body = {} if reason is None else {"reason": reason}
        return EventID(str((await self.call("PUT", path, body))["event_id"]))

    async def send_event(
        self,
        room: str,
        event_type: str,
        content: Mapping[str, Any],
        *,
        transaction: str | None = None,
    ) -> EventID:
        """Send any event, encrypted if the room is (reactions never are).

        ``transaction`` is the same for every attempt at the same message.
        """
        await self._in(room)
        return await self.device.send(room, event_type, content, transaction=transaction)

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
            body["initial_state"] = [*body.get("initial_state", []), ENCRYPTION]
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
        self._start(self._keep_tending())

    async def _keep_tending(self) -> None:
        """Do what the keys need after each sync, and let nobody wait for it.

        It asks other homeservers for devices of theirs, and ours asks them for half a minute.
        """
        try:
            while True:
                await self._synced.wait()
                self._synced.clear()
                self._tending_since = time.monotonic()
                await self.device.tend_keys()
                self._tending_since = None
        except Exception as failure:
            await self._told(failure)

    async def _keep_syncing(self) -> None:
        try:
            while True:
                try:
                    batch = await self.device.sync(wait=30)
                except aiohttp.ClientPayloadError:
                    continue  # a homeserver that was killed in the middle of its answer
                except HomeserverRefusedError as refusal:
                    if refusal.status in (401, 403):
                        raise
                    await asyncio.sleep(0.1)  # a homeserver that is starting or stopping
                    continue
                self._take_in(batch)
                self._synced.set()
                await self._told()
        except Exception as failure:
            await self._told(failure)

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
        while room in self.rooms.invited:
            try:
                await self.call("POST", f"/join/{quoted(room)}", {})
                return
            except HomeserverRefusedError as refusal:
                if refusal.status != 403:
                    raise
            # Withdrawn in the meantime, as the next sync will tell; or so fresh that the inviting
            # homeserver, which asks ours before it notes the invitation, does not know it yet.
            await asyncio.sleep(0.1)

    def _busy_with(self) -> list[str]:
        if self._tending_since is None:
            return []
        seconds = time.monotonic() - self._tending_since
        return [f"Sees to its keys, and has for {seconds:.1f} s."]

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _remember(self) -> None:
        kept = {
            "user_id": self.user_id,
            "password": self._password,
            "device_id": self.device.device_id,
            "access_token": self.device.access_token,
            "identity": None if self.identity is None else self.identity.seeds(),
        }
        (self.store / "person.json").write_text(json.dumps(kept))
