"""What the bench stands on: a homeserver, the service, a reporter, a moderator, and the crowd.

::

    directory ─▶ Synapse ─▶ Anna, Mila, the crowd ─▶ goudwacht.yaml ─▶ `goudwacht run` (SQLite)
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from appservice.homeserver import Homeserver
from appservice.ids import EventID, RoomID, UserID
from appservice.registration import Registration
from bridge.command_line.init import CONFIGURATION_FILE, REGISTRATION_FILE, Answers, write
from tests.bench.crowd import Crowd
from tests.bench.floor import Task
from tests.harness.people import Person
from tests.harness.processes import die_with_parent, free_port, slay
from tests.harness.synapse import Synapse
from tests.play.stage import ServiceProcess

SERVER_NAME = "goudwacht.test"
BOT = "goudwacht"
REGION = "midden-nederland"

SYNCING = 10
"""Members that each read by a request of their own, whatever the size."""

_PASSWORD = "every member's password"
_ROOMS_OF_A_MEMBER = 3
_POLL_SECONDS = 0.004
_LOOK_SECONDS = 1.0
"""Between two looks at what may take minutes."""

_REPOSITORY = Path(__file__).parents[2]


class Town:
    """Everything the bench needs, in one directory.

    Args:
        ends: closes whatever is begun.
        directory: empty.
    """

    anna: Person
    mila: Person
    private: RoomID
    review: RoomID
    alerts: RoomID

    def __init__(self, ends: AsyncExitStack, directory: Path) -> None:
        self._ends = ends
        self._directory = directory
        self.bot = UserID(f"@{BOT}:{SERVER_NAME}")
        self._port = free_port()
        door = f"http://127.0.0.1:{self._port}"
        self.crowd = Crowd(directory, SERVER_NAME, syncing=SYNCING)
        self.homeserver = Synapse(
            directory / "synapse",
            server_name=SERVER_NAME,
            registrations=[directory / REGISTRATION_FILE, self.crowd.registration],
            settings={"caches": {"global_factor": 5.0}},
        )
        self.service = ServiceProcess(directory, door)
        write(
            Answers(
                homeserver_url=self.homeserver.url,
                server_name=SERVER_NAME,
                door_address=door,
                door_port=self._port,
                bot=BOT,
            ),
            directory,
        )
        self._registration = Registration.load(directory / REGISTRATION_FILE)

    async def open(self) -> None:
        """Start the homeserver; Anna and Mila arrive."""
        self._ends.push_async_callback(self.homeserver.kill)
        await self.homeserver.start()
        await self.crowd.open(self.homeserver.url)
        self._ends.push_async_callback(self.crowd.close)
        self._ends.push_async_callback(self.service.stop)
        self.anna, self.mila = [
            await Person.arrive(self.homeserver, name, _PASSWORD, self._directory / name)
            for name in ("anna", "mila")
        ]
        for person in (self.anna, self.mila):
            self._ends.push_async_callback(person.leave)

    async def grow(self, members: int) -> None:
        """Let so many take part; return when everyone is where they belong."""
        await self.service.stop()
        await self.crowd.grow(members)
        self._configure()
        await self.service.start()
        await self.crowd.all_in(_ROOMS_OF_A_MEMBER, timeout=120 + 3 * members)
        self.private = await self.anna.room_named("Goudwacht: melden", 120)
        self.review = await self.mila.room_named("Goudwacht: beoordeling", 120)
        self.alerts = await self.anna.room_named("Goudwacht: waarschuwingen Midden-Nederland", 120)
        # Every join is handled, and the bot has had the time to look at all rooms once.
        await self.until("SELECT count(*) FROM inbox WHERE status = 'waiting'", 0, 600)

    async def quiet(self) -> None:
        """Wait until the service has nothing to do."""
        waiting = "(SELECT count(*) FROM {} WHERE status = 'waiting')"
        nothing = f"SELECT {waiting.format('outbox')} + {waiting.format('inbox')}"
        await self.until(nothing, 0, 60)

    async def settled(self) -> None:
        """Wait until the service has looked at every room since its start, and rests."""
        async with asyncio.timeout(1200), aiohttp.ClientSession() as http:
            while True:
                async with http.get(f"http://127.0.0.1:{self._port}/metrics") as answer:
                    if "appservice_ready 1.0" in await answer.text():
                        break
                await asyncio.sleep(_LOOK_SECONDS)
        await self.quiet()

    async def until(self, query: str, wanted: object, timeout: float, *values: str) -> None:
        """Wait for what a question to the service's database answers.

        Raises:
            TimeoutError: it does not.
        """
        async with asyncio.timeout(timeout):
            while self.ask(query, *values) != wanted:  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(_POLL_SECONDS)

    def ask(self, query: str, *values: str) -> object:
        """Ask the service's database for one value."""
        connection = sqlite3.connect(f"file:{self._directory}/goudwacht.db?mode=ro", uri=True)
        try:
            row = connection.execute(query, values).fetchone()
            return None if row is None else row[0]
        finally:
            connection.close()

    async def handled(self, event: EventID) -> float:
        """Return when an event was handled; :func:`time.perf_counter`."""
        await self.until("SELECT status FROM inbox WHERE event_id = ?", "done", 120, event)
        return time.perf_counter()

    async def said_by_bot(self, room: RoomID, since: float) -> list[dict[str, Any]]:
        """Return the contents of what the bot sent to a room; ``since`` in Unix seconds."""
        homeserver = Homeserver(self.homeserver.url, self._registration.as_token, self.bot)
        try:
            answer = await homeserver.call(
                "GET", "v3", "rooms", room, "messages", query={"dir": "b", "limit": "20"}
            )
        finally:
            await homeserver.close()
        return [
            event["content"]
            for event in answer["chunk"]
            if event["sender"] == self.bot
            and event["type"] == "m.room.encrypted"
            and event["origin_server_ts"] >= since * 1000
        ]

    @asynccontextmanager
    async def floor(self, answers: list[list[tuple[str, dict[str, Any]]]]) -> AsyncIterator[str]:
        """Have the floor in the service's place; gives its address."""
        await self.service.stop()
        task = Task(
            self.homeserver.url,
            self._port,
            self._registration.as_token,
            self.bot,
            str(self.ask("SELECT device_id FROM own_device")),
            answers,
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.bench.floor",
            cwd=_REPOSITORY,
            stdin=asyncio.subprocess.PIPE,
            preexec_fn=die_with_parent,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(asdict(task)).encode())
        process.stdin.close()
        address = f"http://127.0.0.1:{self._port}"
        try:
            await self.idle(address)
            yield address
        finally:
            await slay(process)
            await self.service.start()

    async def idle(self, floor: str) -> None:
        """Wait until the floor is there and has nothing on its way."""
        async with asyncio.timeout(60), aiohttp.ClientSession() as http:
            while True:
                try:
                    async with http.get(f"{floor}/idle") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    await asyncio.sleep(_POLL_SECONDS)

    def cpu_seconds(self) -> float:
        """Return how long the service's process has used a processor so far."""
        fields = Path(f"/proc/{self.service.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def _configure(self) -> None:
        path = self._directory / CONFIGURATION_FILE
        configuration = yaml.safe_load(path.read_text())
        everyone = [UserID(f"@anna:{SERVER_NAME}"), *(m.user for m in self.crowd.members)]
        configuration |= {
            "regions": [{"code": REGION, "name": "Midden-Nederland"}],
            "moderators": [f"@mila:{SERVER_NAME}"],
            "members": [{"user": str(user), "region": REGION} for user in everyone],
            # Who signs what is no part of the measured way.
            "encryption": {"share_keys_with": "all"},
            # Anna reports more than anybody would.
            "reports": {"most_a_minute": 1000},
        }
        path.write_text(yaml.safe_dump(configuration, allow_unicode=True, sort_keys=False))
