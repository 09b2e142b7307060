"""One encrypted log-in of a member, on matrix-nio. All that the tests know of nio is here.

::

    /sync ──▶ nio ──▶ Batch: events (decrypted where a key is here), invitations, withheld keys
               │
               └─ what has no key yet is held, and is in a later Batch once its key has come

    send ──▶ who is in the room? ──▶ which devices? ──▶ share the room key ──▶ encrypt ──▶ PUT

nio shares a room key when it makes one. Whoever appears later, by another room, between two
syncs or with a second device, would stay without: before each encrypted send the members and
their devices are asked for, and a key that not exactly these devices have is replaced.
"""

from __future__ import annotations

import asyncio
import json
import time
import urllib.parse
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import nio
from nio.crypto import OlmDevice

from appservice.ids import DeviceID, EventID, RoomID, UserID
from tests.harness.cross_signing import Identity
from tests.harness.key_store import KeptKeys
from tests.harness.timeline import Seen, seen

_SYNC_FILTER = {
    "presence": {"types": []},
    "room": {"timeline": {"limit": 500}, "ephemeral": {"types": []}},
}
_SEND_ATTEMPTS = 5


class HomeserverRefusedError(Exception):
    """The homeserver answered a request with an error."""

    def __init__(self, what: str, status: int, answer: Mapping[str, Any]) -> None:
        super().__init__(f"{what}: the homeserver answered {status} {dict(answer)}")
        self.status = status
        self.answer = answer
        self.errcode = str(answer.get("errcode", ""))


@dataclass(frozen=True)
class Withheld:
    """Somebody told us that we do not get a key (``m.room_key.withheld``)."""

    sender: UserID
    room_id: RoomID | None
    session_id: str | None
    code: str
    reason: str | None

    @classmethod
    def told_by(cls, sender: UserID, content: Mapping[str, Any]) -> Withheld:
        """Read the content of the to-device event."""
        return cls(
            sender=sender,
            room_id=content.get("room_id"),
            session_id=content.get("session_id"),
            code=str(content.get("code")),
            reason=content.get("reason"),
        )


@dataclass
class Batch:
    """What one sync brought."""

    events: list[Seen] = field(default_factory=list)
    joined: list[RoomID] = field(default_factory=list)
    left: list[RoomID] = field(default_factory=list)
    invited: dict[RoomID, UserID] = field(default_factory=dict)
    state: dict[RoomID, list[Mapping[str, Any]]] = field(default_factory=dict)
    withheld: list[Withheld] = field(default_factory=list)


class Device:
    """A log-in: made with :meth:`log_in`, or found again with :meth:`resume`.

    Args:
        url: the homeserver's client API.
        user_id: whose device it is.
        store: a directory for nio's database; made if missing.
    """

    def __init__(self, url: str, user_id: UserID, store: Path) -> None:
        store.mkdir(parents=True, exist_ok=True)
        self.user_id = user_id
        self._client = nio.AsyncClient(
            url,
            user_id,
            store_path=str(store),
            config=nio.AsyncClientConfig(
                store=KeptKeys,
                encryption_enabled=True,
                store_sync_tokens=False,  # a returning member reads their rooms from the start
                pickle_key="tests",
                max_timeout_retry_wait_time=0.25,  # a homeserver that restarts is soon back
            ),
        )
        self._olm_in_use = asyncio.Lock()
        self._held: dict[EventID, nio.MegolmEvent] = {}

    @property
    def device_id(self) -> DeviceID:
        return DeviceID(str(self._client.device_id))

    @property
    def access_token(self) -> str:
        return str(self._client.access_token)

    @property
    def identity_keys(self) -> dict[str, str]:
        """The public ``ed25519`` and ``curve25519`` keys of this device."""
        return dict(self._olm.account.identity_keys)

    async def log_in(self, password: str, device_id: str | None = None) -> None:
        """Log in, and upload the device's keys.

        Raises:
            HomeserverRefusedError: for instance a wrong password.
        """
        self._client.device_id = device_id or ""
        answer = await self._client.login(password, device_name="tests")
        if not isinstance(answer, nio.LoginResponse):
            raise HomeserverRefusedError("login", 403, {"error": str(answer)})
        await self._upload_keys()

    async def resume(self, device_id: str, access_token: str) -> None:
        """Take up an earlier log-in of the same store."""
        self._client.restore_login(self.user_id, device_id, access_token)
        await self._upload_keys()

    async def publish_identity(self, identity: Identity, password: str) -> None:
        """Upload cross-signing keys, with the password where the homeserver asks for it."""
        path = "/_matrix/client/v3/keys/device_signing/upload"
        body = identity.upload()
        try:
            await self.call("POST", path, body)
        except HomeserverRefusedError as refusal:
            if refusal.status != 401:
                raise
            await self.call("POST", path, {**body, "auth": self._password_stage(refusal, password)})

    async def be_signed_by(self, identity: Identity) -> None:
        """Have this device signed with its owner's self-signing key, and publish that."""
        path = "/_matrix/client/v3/keys/query"
        known = await self.call("POST", path, {"device_keys": {self.user_id: []}})
        keys = known["device_keys"][self.user_id][self.device_id]
        upload: dict[str, Any] = {self.user_id: {self.device_id: identity.sign_device(keys)}}
        answer = await self.call("POST", "/_matrix/client/v3/keys/signatures/upload", upload)
        if answer.get("failures"):
            raise HomeserverRefusedError("keys/signatures/upload", 200, answer)

    async def sync(self, *, wait: float) -> Batch:
        """Ask for news, at most ``wait`` seconds long, and do what the keys need after it."""
        answer = await self._client.sync(timeout=int(wait * 1000), sync_filter=_SYNC_FILTER)
        if not isinstance(answer, nio.SyncResponse):
            status = answer.transport_response.status if answer.transport_response else 0
            raise HomeserverRefusedError("sync", status, {"error": answer.message})
        batch = Batch(withheld=_withheld(answer))
        for room, invitation in answer.rooms.invite.items():
            inviter = self._client.invited_rooms[room].inviter
            batch.invited[RoomID(room)] = UserID(inviter or "")
            batch.state[RoomID(room)] = [event.source for event in invitation.invite_state]
        for room, news in (*answer.rooms.leave.items(), *answer.rooms.join.items()):
            events = [event.source for event in (*news.state, *news.timeline.events)]
            batch.state[RoomID(room)] = events
            batch.events += [self._take_in(RoomID(room), event) for event in news.timeline.events]
        batch.joined = [RoomID(room) for room in answer.rooms.join]
        batch.left = [RoomID(room) for room in answer.rooms.leave]
        batch.events += self._released()
        if answer.device_key_count.signed_curve25519 is not None:
            self._olm.uploaded_key_count = answer.device_key_count.signed_curve25519
        return batch

    async def tend_keys(self) -> None:
        """Send what the keys need after a sync: one-time keys, device queries, key requests."""
        async with self._olm_in_use:
            await self._client.send_to_device_messages()
            await self._upload_keys()
        # Whoever sends meanwhile asks for whom they need themselves.
        if self._client.should_query_keys:
            await self._client.keys_query()
        async with self._olm_in_use:
            if self._client.should_claim_keys:
                await self._client.keys_claim(self._client.get_users_for_key_claiming())

    async def send(
        self,
        room: str,
        event_type: str,
        content: Mapping[str, Any],
        *,
        transaction: str | None = None,
    ) -> EventID:
        """Send an event, encrypted where the room is (reactions never are).

        Args:
            room: where.
            event_type: before encryption.
            content: before encryption.
            transaction: the same for every attempt at the same message, which then counts once.

        Raises:
            HomeserverRefusedError: the homeserver did not take it.
        """
        if event_type == "m.reaction" or not self._client.rooms[room].encrypted:
            return await self.send_in_clear(room, event_type, content, transaction=transaction)
        transaction = transaction or str(uuid.uuid4())
        async with self._olm_in_use:
            for attempt in range(1, _SEND_ATTEMPTS + 1):
                await self._renew_key_if_needed(room)
                try:
                    answer = await self._client.room_send(
                        room,
                        event_type,
                        dict(content),
                        tx_id=transaction,
                        ignore_unverified_devices=True,
                    )
                except (nio.GroupEncryptionError, nio.EncryptionError, KeyError):
                    # A sync in between saw somebody come or go and dropped the key.
                    if attempt == _SEND_ATTEMPTS:
                        raise
                else:
                    break
        if not isinstance(answer, nio.RoomSendResponse):
            raise HomeserverRefusedError("send", 0, {"error": str(answer)})
        return EventID(answer.event_id)

    async def send_in_clear(
        self,
        room: str,
        event_type: str,
        content: Mapping[str, Any],
        *,
        transaction: str | None = None,
    ) -> EventID:
        """Send an event without encryption, whatever the room says."""
        transaction = transaction or str(uuid.uuid4())
        path = f"/_matrix/client/v3/rooms/{quoted(room)}/send/{quoted(event_type)}/{transaction}"
        return EventID(str((await self.call("PUT", path, content))["event_id"]))

    async def send_without_key(
        self, room: str, event_type: str, content: Mapping[str, Any]
    ) -> tuple[EventID, Mapping[str, str]]:
        """Send an encrypted event with a new key that nobody gets.

        Returns the event, and the key for :meth:`share_key`. Later sends use another key.
        """
        async with self._olm_in_use:
            await self._renew_key_if_needed(room)
            self._olm.create_outbound_group_session(room)
            session = self._olm.outbound_group_sessions[room]
            session.shared = True
            # Taken now: the key of a session begins at the next message, not at the first.
            key = {
                "algorithm": "m.megolm.v1.aes-sha2",
                "room_id": room,
                "session_id": session.id,
                "session_key": session.session_key,
            }
            kind, ciphertext = self._client.encrypt(room, event_type, dict(content))
            self._client.invalidate_outbound_session(room)
        return await self.send_in_clear(room, kind, ciphertext), key

    async def share_key(self, key: Mapping[str, Any], kind: str = "m.room_key") -> None:
        """Give the key of :meth:`send_without_key` to every device in its room."""
        room = key["room_id"]
        async with self._olm_in_use:
            await self._renew_key_if_needed(room)
            missing = self._client.get_missing_sessions(room)
            if missing:
                await self._client.keys_claim(missing)
            messages: dict[str, dict[str, Any]] = {}
            for device in self._devices_in(room):
                session = self._olm.session_store.get(device.curve25519)
                if session is not None:
                    ciphertext = self._olm._olm_encrypt(session, device, kind, dict(key))
                    messages.setdefault(device.user_id, {})[device.id] = ciphertext
        path = f"/_matrix/client/v3/sendToDevice/m.room.encrypted/{uuid.uuid4()}"
        await self.call("PUT", path, {"messages": messages})

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call the homeserver as this device; repeats while it cannot be reached.

        Raises:
            HomeserverRefusedError: it answered with an error.
        """
        headers = {
            "Authorization": f"Bearer {self.access_token}",
            "Content-Type": "application/json",
        }
        data = None if body is None else json.dumps(body)
        while True:
            try:
                answer = await self._client.send(method, path, data, headers)
                said = await answer.json()
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError):
                await asyncio.sleep(0.1)
                continue
            if answer.status >= 400:
                raise HomeserverRefusedError(f"{method} {path}", answer.status, said)
            return dict(said)

    def room_keys(self) -> list[dict[str, Any]]:
        """Every room key of this device, each as it stands in a key export (specification)."""
        return [
            {
                "algorithm": "m.megolm.v1.aes-sha2",
                "room_id": session.room_id,
                "session_id": session.id,
                "session_key": session.export_session(session.first_known_index),
                "sender_key": session.sender_key,
                "sender_claimed_keys": {"ed25519": session.ed25519},
                "forwarding_curve25519_key_chain": session.forwarding_chain,
            }
            for session in self._olm.inbound_group_store
        ]

    def olm_sessions_with(self, curve25519: str) -> int:
        """How many Olm sessions there are with a device."""
        return len(list(self._olm.session_store[curve25519]))

    async def close(self) -> None:
        """Let go of the connections and the store; the log-in stays."""
        await self._client.close()
        if self._client.store is not None:
            self._client.store.database.close()

    @property
    def _olm(self) -> Any:
        assert self._client.olm is not None, "log in first"
        return self._client.olm

    async def _upload_keys(self) -> None:
        if self._client.should_upload_keys:
            await self._client.keys_upload()

    def _password_stage(self, refusal: HomeserverRefusedError, password: str) -> dict[str, Any]:
        return {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self.user_id},
            "password": password,
            "session": refusal.answer.get("session"),
        }

    def _take_in(self, room: RoomID, event: Any) -> Seen:
        if isinstance(event, nio.MegolmEvent):
            self._held[EventID(event.event_id)] = event
            return seen(room, event.source, encrypted=True, decrypted_at=None)
        if getattr(event, "decrypted", False):
            return seen(room, event.source, encrypted=True, decrypted_at=time.time())
        travelled_encrypted = event.source.get("type") == "m.room.encrypted"
        return seen(room, event.source, encrypted=travelled_encrypted, decrypted_at=None)

    def _released(self) -> list[Seen]:
        """Held events whose key has come: only these are tried, each try asks for the key anew."""
        released = []
        for event_id, event in list(self._held.items()):
            room = RoomID(str(event.room_id))
            if self._olm.inbound_group_store.get(room, event.sender_key, event.session_id) is None:
                continue
            try:
                readable = self._olm.decrypt_megolm_event(event, room)
            except nio.EncryptionError:
                continue
            del self._held[event_id]
            released.append(seen(room, readable.source, encrypted=True, decrypted_at=time.time()))
        return released

    async def _renew_key_if_needed(self, room: str) -> None:
        """Learn who is in a room with which devices; drop a key that others have, or not all."""
        await self._client.joined_members(room)
        # Of these alone: of somebody else, whose homeserver hangs, ours answers in half a minute.
        query = nio.Api.keys_query(self.access_token, set(self._client.rooms[room].users))
        await self._client._send(nio.KeysQueryResponse, *query)
        session = self._olm.outbound_group_sessions.get(room)
        if session is None:
            return
        entitled = {(device.user_id, device.id) for device in self._devices_in(room)}
        if entitled != session.users_shared_with:
            self._client.invalidate_outbound_session(room)

    def _devices_in(self, room: str) -> list[OlmDevice]:
        return [
            device
            for user in self._client.rooms[room].users
            for device in self._client.device_store.active_user_devices(user)
            if device.id != self.device_id
        ]


def _withheld(answer: nio.SyncResponse) -> list[Withheld]:
    notes = []
    for event in answer.to_device_events:
        source = event.source
        if source.get("type") not in ("m.room_key.withheld", "org.matrix.room_key.withheld"):
            continue
        notes.append(Withheld.told_by(UserID(source["sender"]), source.get("content", {})))
    return notes


def quoted(part: str) -> str:
    return urllib.parse.quote(part, safe="")
