"""Many members in one process: each with two devices, one of which decrypts what it reads.

::

    transactions ─▶ invited? join    ┐
    /sync, of ten ──────────────────▶├─▶ decrypt, for each member who is in the room ─▶ Reading
    /sync, to-device ─▶ room keys    ┘
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import vodozemac
import yaml
from aiohttp import web

from appservice.canonical_json import signable
from appservice.encryption.account import ALGORITHMS
from appservice.ids import RoomID, UserID
from tests.harness.processes import free_port

_AT_ONCE = 6
"""Requests on the way at a time, while everything is set up."""

_KEYS_ONLY = json.dumps({"room": {"rooms": []}, "presence": {"types": []}})
_POLL_MILLISECONDS = 20_000


class Member:
    """One member and their two devices; the first one reads."""

    def __init__(self, number: int, server_name: str) -> None:
        self.user = UserID(f"@lezer{number}:{server_name}")
        self.devices = [f"LEZER{number}A", f"LEZER{number}B"]
        self.accounts = [vodozemac.Account() for _ in self.devices]
        self.olm: dict[str, vodozemac.Session] = {}
        self.megolm: dict[str, vodozemac.InboundGroupSession] = {}
        self.rooms: set[RoomID] = set()
        self.since: list[str | None] = [None, None]
        self.keys_received = 0
        """Room keys that came, to either device."""

    def device_keys(self, index: int) -> dict[str, Any]:
        """What ``/keys/upload`` takes: the device's keys, and one-time keys."""
        account, name = self.accounts[index], self.devices[index]
        account.generate_one_time_keys(2)
        keys = {
            f"curve25519:{name}": account.curve25519_key.to_base64(),
            f"ed25519:{name}": account.ed25519_key.to_base64(),
        }
        device = {
            "user_id": self.user,
            "device_id": name,
            "algorithms": ALGORITHMS,
            "keys": keys,
        }
        one_time = {
            f"signed_curve25519:{key_id}": self._signed(index, {"key": key.to_base64()})
            for key_id, key in account.one_time_keys.items()
        }
        account.mark_keys_as_published()
        return {"device_keys": self._signed(index, device), "one_time_keys": one_time}

    def take_room_key(self, event: Mapping[str, Any]) -> None:
        """Open an Olm message to the first device, and keep the room key in it."""
        account = self.accounts[0]
        content = event["content"]
        ours = content["ciphertext"].get(account.curve25519_key.to_base64())
        if ours is None:
            return
        message = vodozemac.PreKeyMessage.from_base64(ours["body"])
        session = self.olm.get(message.session_id())
        if session is None:
            sender = vodozemac.Curve25519PublicKey.from_base64(content["sender_key"])
            session, opened = account.create_inbound_session(sender, message)
            self.olm[message.session_id()] = session
        else:
            opened = session.decrypt(message.to_any())
        key = json.loads(opened)["content"]
        self.take_session(key["session_id"], key["session_key"])

    def take_session(self, session_id: str, session_key: str) -> None:
        """Keep a Megolm session."""
        self.megolm[session_id] = vodozemac.InboundGroupSession(vodozemac.SessionKey(session_key))

    def reads(self, content: Mapping[str, Any]) -> bytes | None:
        """Decrypt the content of an event; None without its key."""
        session = self.megolm.get(content.get("session_id", ""))
        if session is None:
            return None
        message = vodozemac.MegolmMessage.from_base64(content["ciphertext"])
        return bytes(session.decrypt(message).plaintext)

    def _signed(self, index: int, value: dict[str, Any]) -> dict[str, Any]:
        signature = self.accounts[index].sign(signable(value)).to_base64()
        name = self.devices[index]
        return {**value, "signatures": {self.user: {f"ed25519:{name}": signature}}}


class Reading:
    """Waits until every member has decrypted a message with a word in it."""

    def __init__(self, word: bytes, members: Iterable[Member]) -> None:
        self._word = word
        self._missing = {member.user for member in members}
        self.last = 0.0
        """When the last of them had; :func:`time.perf_counter`."""
        self._all = asyncio.Event()

    def read(self, member: Member, opened: bytes) -> None:
        if self._word in opened and member.user in self._missing:
            self._missing.discard(member.user)
            self.last = time.perf_counter()
            if not self._missing:
                self._all.set()

    async def by_all(self, timeout: float = 60.0) -> float:
        """Return when the last one had read it.

        Raises:
            TimeoutError: somebody has not.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._all.wait()
        except TimeoutError:
            raise TimeoutError(f"{len(self._missing)} members have not read it") from None
        return self.last


class Crowd:
    """All members, and the application service they are users of.

    Args:
        directory: for the registration.
        server_name: of the homeserver.
        syncing: how many of them read by a ``/sync`` of their own.
    """

    def __init__(self, directory: Path, server_name: str, *, syncing: int) -> None:
        self.members: list[Member] = []
        self.registration = directory / "crowd.yaml"
        self._server_name = server_name
        self._syncing = syncing
        self._port = free_port()
        self._as_token, self._hs_token = secrets.token_hex(16), secrets.token_hex(16)
        self._by_user: dict[str, Member] = {}
        self._reading: Reading | None = None
        self._room: RoomID | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._moved = asyncio.Condition()
        self._limit = asyncio.Semaphore(_AT_ONCE)
        self._seen: set[str] = set()
        self.registration.write_text(yaml.safe_dump(self._registered()))

    async def open(self, homeserver: str) -> None:
        """Open the door for transactions."""
        self._homeserver = homeserver
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        application = web.Application(client_max_size=64 * 2**20)
        application.router.add_put("/_matrix/app/v1/transactions/{txn_id}", self._transaction)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._runner.cleanup()
        await self._http.close()

    async def grow(self, count: int) -> None:
        """Have accounts and devices for so many members."""
        new = [Member(n, self._server_name) for n in range(len(self.members), count)]
        await asyncio.gather(*(self._arrive(member) for member in new))
        for member in new:
            self.members.append(member)
            self._by_user[member.user] = member
            if len(self.members) <= self._syncing:
                self._start(self._sync_on(member))

    async def all_in(self, rooms: int, timeout: float) -> None:
        """Wait until every member has joined so many rooms."""
        async with asyncio.timeout(timeout), self._moved:
            while any(len(member.rooms) < rooms for member in self.members):
                await self._moved.wait()

    async def fetch_keys(self) -> int:
        """Let every device fetch what was sent to it; return how many room keys came."""
        before = sum(member.keys_received for member in self.members)
        await asyncio.gather(
            *(
                self._fetch(member, index)
                for member in self.members
                for index in range(len(member.devices))
            )
        )
        return sum(member.keys_received for member in self.members) - before

    def expect(self, room: RoomID, word: str) -> Reading:
        """Look out for a message in a room, by every member."""
        self._room, self._reading = room, Reading(word.encode(), self.members)
        return self._reading

    async def call(
        self,
        method: str,
        path: str,
        user: str,
        device: str | None = None,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Call the client API as a member; ``path`` begins behind ``v3``."""
        who = {"user_id": user, **({} if device is None else {"device_id": device})}
        async with self._http.request(
            method,
            f"{self._homeserver}/_matrix/client/v3{path}",
            params={**who, **(query or {})},
            json=None if method == "GET" else dict(body or {}),
            headers={"Authorization": f"Bearer {self._as_token}"},
        ) as answer:
            said: dict[str, Any] = await answer.json()
            if answer.status >= 400 and said.get("errcode") != "M_USER_IN_USE":
                raise RuntimeError(f"{method} {path}: {answer.status} {said}")
            return said

    # -- within ------------------------------------------------------------------------------

    async def _arrive(self, member: Member) -> None:
        async with self._limit:
            account = {
                "type": "m.login.application_service",
                "username": member.user[1:].partition(":")[0],
                "inhibit_login": True,
            }
            await self.call("POST", "/register", member.user, body=account)
            for index, device in enumerate(member.devices):
                await self.call("PUT", f"/devices/{device}", member.user)
                keys = member.device_keys(index)
                await self.call("POST", "/keys/upload", member.user, device, keys)

    async def _fetch(self, member: Member, index: int) -> None:
        async with self._limit:
            since = member.since[index]
            query = {"filter": _KEYS_ONLY, "timeout": "0"}
            query |= {} if since is None else {"since": since}
            answer = await self.call(
                "GET", "/sync", member.user, member.devices[index], query=query
            )
        member.since[index] = answer["next_batch"]
        self._take_keys(member, index, answer)

    def _take_keys(self, member: Member, index: int, answer: Mapping[str, Any]) -> None:
        for event in answer.get("to_device", {}).get("events", []):
            if event["type"] == "m.room.encrypted":
                member.keys_received += 1
                if index == 0:
                    member.take_room_key(event)

    async def _sync_on(self, member: Member) -> None:
        """Read as a client does that keeps a request open; its room keys come the same way."""
        rooms = {"timeline": {"limit": 20}, "state": {"types": []}, "ephemeral": {"types": []}}
        wanted = json.dumps({"room": rooms, "presence": {"types": []}})
        since: str | None = None
        while True:
            query = {"filter": wanted, "timeout": str(_POLL_MILLISECONDS)}
            query |= {"timeout": "0"} if since is None else {"since": since}
            device = member.devices[0]
            answer = await self.call("GET", "/sync", member.user, device, query=query)
            # The first device fetches nothing but by this.
            since = member.since[0] = answer["next_batch"]
            self._take_keys(member, 0, answer)
            for room, news in answer.get("rooms", {}).get("join", {}).items():
                for event in news.get("timeline", {}).get("events", []):
                    self._read(RoomID(room), event, [member])

    async def _transaction(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        for event in body["events"]:
            if event["event_id"] in self._seen:
                continue
            self._seen.add(event["event_id"])
            if event["type"] == "m.room.member":
                self._member(event)
            elif self._reading is not None:
                self._read(RoomID(event["room_id"]), event, self.members[self._syncing :])
        return web.json_response({})

    def _member(self, event: Mapping[str, Any]) -> None:
        member = self._by_user.get(event["state_key"])
        if member is not None and event["content"].get("membership") == "invite":
            self._start(self._join(member, RoomID(event["room_id"])))

    async def _join(self, member: Member, room: RoomID) -> None:
        async with self._limit:
            await self.call("POST", f"/rooms/{quote(room)}/join", member.user)
        member.rooms.add(room)
        async with self._moved:
            self._moved.notify_all()

    def _read(self, room: RoomID, event: Mapping[str, Any], members: Iterable[Member]) -> None:
        if room != self._room or event["type"] != "m.room.encrypted" or self._reading is None:
            return
        for member in members:
            opened = member.reads(event["content"])
            if opened is not None:
                self._reading.read(member, opened)

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _registered(self) -> dict[str, Any]:
        users = {"regex": f"^@lezer[0-9]+:{self._server_name}$", "exclusive": True}
        return {
            "id": "crowd",
            "url": f"http://127.0.0.1:{self._port}",
            "as_token": self._as_token,
            "hs_token": self._hs_token,
            "sender_localpart": "crowd_as",
            "rate_limited": False,
            "namespaces": {"users": [users], "aliases": [], "rooms": []},
            "io.element.msc4190": True,
        }
