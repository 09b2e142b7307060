"""A member on the engine of Element: cross-signed, and on speaking terms with signed devices only.

::

    StrictClient ── JSON lines ──▶ node tests/js/<engine>.mjs ──▶ homeserver
         ▲                                   │
         └── Timeline, Rooms, shields, withheld keys ◀──┘

It is what newer clients of people's own will be like: it withholds room keys from a device
its owner has not signed, and does not show what such a device sends. It needs ``node`` and
what ``make strict-client`` installs; :func:`missing` tells whether they are here.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from appservice.ids import DeviceID, EventID, RoomID, UserID
from tests.harness.device import Withheld
from tests.harness.messages import ENCRYPTION, edit_of, reaction_to, text
from tests.harness.processes import ProcessFailedError, die_with_parent, end, tail_of
from tests.harness.reader import Reader
from tests.harness.synapse import Synapse
from tests.harness.timeline import Seen, seen

_PROGRAMS = Path(__file__).parents[1] / "js"
_LONGEST_LINE = 2**24
_OLDEST_NODE = 20


class Engine(Enum):
    """What a strict client is built on: a program in ``tests/js``, told apart by its name."""

    JS_SDK = "js_sdk"
    """matrix-js-sdk, as in Element on the web and the desktop; it syncs as clients always have."""
    RUST_CRYPTO = "rust_crypto"
    """matrix-sdk-crypto of a newer date, set as in Element X; it syncs by sliding sync."""

    @property
    def program(self) -> Path:
        return _PROGRAMS / f"{self.value}.mjs"


@dataclass(frozen=True)
class Shield:
    """What a client shows beside a message, in the words of matrix-js-sdk."""

    colour: str
    """``NONE``, ``GREY`` or ``RED`` (EventShieldColour)."""
    reason: str | None
    """Such as ``UNSIGNED_DEVICE`` (EventShieldReason); None where there is no shield."""


@dataclass(frozen=True)
class Withholding:
    """This client told a device that it does not get a key."""

    user: UserID
    device_id: DeviceID
    room_id: RoomID | None
    code: str


def missing() -> str | None:
    """What stands in the way of strict clients; None when they can run."""
    node = shutil.which("node")
    if node is None:
        return "node is not installed"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    if int(version.stdout.strip().removeprefix("v").partition(".")[0]) < _OLDEST_NODE:
        return f"node is {version.stdout.strip()}, and not {_OLDEST_NODE} or newer"
    installed = _PROGRAMS / "node_modules"
    if not all(
        (installed / name).is_dir()
        for name in ("matrix-js-sdk", "@matrix-org/matrix-sdk-crypto-wasm")
    ):
        return "tests/js/node_modules is not there: run `make strict-client`"
    return None


class StrictClient(Reader):
    """Made by :meth:`arrive`, ended by :meth:`leave`; its keys do not outlive it."""

    def __init__(self, user_id: UserID, log: Path, *, accept_invites: bool, engine: Engine) -> None:
        super().__init__(user_id)
        self.device_id = DeviceID("")
        self.accept_invites = accept_invites
        self.shields: dict[EventID, Shield] = {}
        """The shield of each decrypted event, as of when it was decrypted."""
        self.failures: dict[EventID, str] = {}
        """Why an event cannot be read (DecryptionFailureCode), as long as it cannot."""
        self.withheld: list[Withheld] = []
        """Every time somebody told this client that it does not get a key."""
        self.withholding: list[Withholding] = []
        """Every time this client told a device so."""
        self._log = log
        self._engine = engine
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def unreadable(self) -> list[Seen]:
        """What cannot be read; not what is still being decrypted, which this client does aside."""
        return [event for event in super().unreadable if event.event_id in self.failures]

    @classmethod
    async def arrive(
        cls,
        synapse: Synapse,
        localpart: str,
        password: str,
        log: Path,
        *,
        accept_invites: bool = True,
        engine: Engine = Engine.JS_SDK,
    ) -> StrictClient:
        """Register (unless the account exists), log in, cross-sign, and sync.

        Args:
            synapse: the homeserver of this person.
            localpart: the part of the user id before the colon.
            password: of the account.
            log: a file for what node and the libraries say.
            accept_invites: join every room one is invited to.
            engine: what the client is built on.

        Raises:
            ProcessFailedError: node ended, or the log-in or the cross-signing failed.
        """
        await synapse.register(localpart, password)
        user = UserID(f"@{localpart}:{synapse.server_name}")
        person = cls(user, log, accept_invites=accept_invites, engine=engine)
        try:
            await person._begin()
            here = await person._ask(
                "login", homeserver=synapse.url, user=localpart, password=password
            )
            if not here["cross_signed"]:
                raise ProcessFailedError(f"{user} could not be cross-signed: {here}")
            person.device_id = DeviceID(here["device_id"])
        except BaseException:
            await person.leave()
            raise
        return person

    async def leave(self) -> None:
        """End the client."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._process is not None:
            await end(self._process, patience=5)
            self._process = None

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

    async def react(self, room: str, event_id: str, key: str) -> EventID:
        """React to an event."""
        return await self.send_event(room, "m.reaction", reaction_to(event_id, key))

    async def edit(
        self, room: str, event_id: str, body: str, *, html: str | None = None
    ) -> EventID:
        """Replace the text of an earlier message."""
        return await self.send_event(room, "m.room.message", edit_of(event_id, body, html))

    async def redact(self, room: str, event_id: str) -> EventID:
        """Remove an event."""
        return EventID(str(await self._ask("redact", room=room, event_id=event_id)))

    async def send_event(self, room: str, event_type: str, content: Mapping[str, Any]) -> EventID:
        """Send any event, encrypted if the room is (reactions never are)."""
        await self._in(room)
        sent = await self._ask("send", room=room, type=event_type, content=dict(content))
        return EventID(str(sent))

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
        request: dict[str, Any] = {"preset": "private_chat", "invite": list(invite), **more}
        if name is not None:
            request["name"] = name
        if encrypted:
            request["initial_state"] = [*request.get("initial_state", []), ENCRYPTION]
        room = RoomID(str(await self._ask("create", request=request)))
        await self._in(room)
        return room

    async def invite(self, room: str, user: str) -> None:
        await self._ask("invite", room=room, user=user)

    async def join(self, room: str) -> RoomID:
        """Join a room by id or alias, and wait until it is here."""
        joined = RoomID(str(await self._ask("join", room=room)))
        await self._in(joined)
        return joined

    async def leave_room(self, room: str) -> None:
        """Leave a room, or decline an invitation."""
        await self._ask("leave", room=room)

    async def shield_of(self, event: Seen) -> Shield | None:
        """The shield of a decrypted event as it stands now; None when it was not encrypted."""
        shield = await self._ask("shield", room=event.room_id, event_id=event.event_id)
        return None if shield is None else Shield(**shield)

    # -- within ------------------------------------------------------------------------------

    async def _begin(self) -> None:
        hindrance = missing()
        if hindrance is not None:
            raise ProcessFailedError(hindrance)
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                "node",
                str(self._engine.program),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=_LONGEST_LINE,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self._start(self._listen(self._process))

    async def _ask(self, verb: str, **rest: Any) -> Any:
        assert self._process is not None, "the client has ended"
        assert self._process.stdin is not None
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        line = json.dumps({"id": number, "verb": verb, **rest})
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()
        return await answer

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for raw in process.stdout:
            line = json.loads(raw)
            if "id" in line:
                self._answer(line)
            else:
                self._take_in(line)
                await self._told()
        failure = ProcessFailedError(f"node ended; its last words:\n{tail_of(self._log)}")
        for asked in self._asked.values():
            asked.set_exception(failure)
        await self._told(failure)

    def _answer(self, line: Mapping[str, Any]) -> None:
        asked = self._asked.pop(line["id"])
        if asked.done():
            return
        if "error" in line:
            asked.set_exception(ProcessFailedError(line["error"]))
        else:
            asked.set_result(line["result"])

    def _take_in(self, line: Mapping[str, Any]) -> None:
        if line["news"] == "event":
            self._see(line)
        elif line["news"] == "state":
            self.rooms.learn(RoomID(line["room_id"]), [line["event"]])
        elif line["news"] == "membership":
            self._move(RoomID(line["room_id"]), line["membership"], UserID(line["inviter"] or ""))
        elif line["news"] == "withheld":
            content = line["content"]
            self.withheld.append(Withheld.told_by(UserID(line["sender"]), content))
        elif line["news"] == "withholding":
            content = line["content"]
            self.withholding.append(
                Withholding(
                    UserID(line["user"]),
                    DeviceID(line["device"]),
                    content.get("room_id"),
                    str(content.get("code")),
                )
            )

    def _see(self, line: Mapping[str, Any]) -> None:
        decrypted = line["encrypted"] and line["readable"]
        event = seen(
            RoomID(line["room_id"]),
            line["event"],
            encrypted=line["encrypted"],
            decrypted_at=time.time() if decrypted else None,
        )
        self._timeline.add(event)
        self.failures.pop(event.event_id, None)
        if line["failure"] is not None:
            self.failures[event.event_id] = line["failure"]
        if line["shield"] is not None:
            self.shields[event.event_id] = Shield(**line["shield"])

    def _move(self, room: RoomID, membership: str, inviter: UserID) -> None:
        if membership == "join":
            self.rooms.join(room)
        elif membership == "invite":
            self.rooms.invite(room, inviter)
            if self.accept_invites:
                self._start(self._accept(room))
        else:
            self.rooms.leave(room)

    async def _accept(self, room: RoomID) -> None:
        with contextlib.suppress(ProcessFailedError):  # withdrawn in the meantime
            await self._ask("join", room=room)

    def _start(self, work: Any) -> None:
        task: asyncio.Task[Any] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
