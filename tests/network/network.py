"""The service as an operator runs it: from goudwacht.yaml, over all its starts.

::

    lease + settings ──▶ goudwacht.yaml ──▶ bridge.command_line.run.service ──▶ homeserver
                                                │
                                                └──▶ Log: what an operator would read
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from sqlalchemy import select, update

from appservice.database import Database, metadata
from appservice.encryption.to_device import to_device_outbox
from appservice.homeserver import Homeserver
from appservice.ids import RoomID, UserID
from appservice.inbox import Status as Read
from appservice.inbox import inbox
from appservice.outbox import Status, outbox
from appservice.service import Service
from bridge.command_line.run import service
from bridge.configuration import Configuration, load
from bridge.reports.records import cases
from tests.harness.leases import AppserviceLease
from tests.harness.reader import WITNESSES, Reader
from tests.harness.synapse import Synapse

HERE, ELSEWHERE = "midden-nederland", "amsterdam"
"""The region of most people here, with police; and another, without."""

SECRET = "a secret for the tests, long enough to seal with"

_SIGN_WITHIN = timedelta(seconds=1)
"""A device that a test signs is signed by then."""

_REGIONS = [
    {"code": HERE, "name": "Midden-Nederland", "neighbours": [ELSEWHERE], "police": True},
    {"code": ELSEWHERE, "name": "Amsterdam", "neighbours": [HERE], "police": False},
]


class Log(logging.Handler):
    """What the service has logged at level info and above, over all its starts."""

    _NAMES = ("appservice", "bridge", "aiohttp", "asyncio")

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self._more = asyncio.Event()
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))
        self._more.set()

    async def says(self, words: str, *, after: int) -> None:
        """Wait until a line says so, behind so many."""
        async with asyncio.timeout(30):
            while not any(words in line for line in self.lines[after:]):
                self._more.clear()
                await self._more.wait()

    def listen(self) -> None:
        for name in self._NAMES:
            logging.getLogger(name).addHandler(self)
            logging.getLogger(name).setLevel(logging.INFO)

    def leave(self) -> None:
        for name in self._NAMES:
            logging.getLogger(name).removeHandler(self)
            logging.getLogger(name).setLevel(logging.NOTSET)


class Network:
    """The service, over all its starts, and the names of its rooms.

    Args:
        synapse: its homeserver.
        lease: the registration it runs on.
        directory: for its configuration, and for its database where that is SQLite.
        database_url: of an empty database; a file in ``directory`` when not given.
    """

    def __init__(
        self,
        synapse: Synapse,
        lease: AppserviceLease,
        directory: Path,
        database_url: str | None = None,
    ) -> None:
        self.synapse = synapse
        self.lease = lease
        self.bot: UserID = lease.bot
        self.name = f"Goudwacht {lease.id}"
        self.directory = directory
        self._database_url = database_url or "sqlite+aiosqlite:///goudwacht.db"
        self.log = Log()
        self._settings: dict[str, Any] = {}
        self._database: Database | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def configuration(self) -> Configuration:
        """What goudwacht.yaml says now."""
        return self._configuration()

    async def start(self, **settings: Any) -> None:
        """Start with these sections of goudwacht.yaml changed for good; return when ready."""
        self._settings |= settings
        self.log.listen()
        configuration = self._configuration()
        self._database = Database(configuration.database.url)
        # The tables as they are declared; that migrations make the same is shown elsewhere.
        async with self._database.begin() as work:
            await work.run_sync(metadata.create_all)
        running = service(configuration, self._database, sign_within=_SIGN_WITHIN)
        self._task = asyncio.create_task(running.run())
        WITNESSES.add(self.account)
        await self._until_ready(running, self._task)
        await self.synapse.recovered(self.lease.id)

    async def stop(self) -> None:
        """Stop at whatever point it has come to; what ended it before is raised here."""
        WITNESSES.discard(self.account)
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._database is not None:
            await self._database.close()
            self._database = None
        self.log.leave()

    async def restart(self, **settings: Any) -> None:
        """Stop and start, with sections of goudwacht.yaml changed if given."""
        await self.stop()
        await self.start(**settings)

    async def idle(self) -> None:
        """Wait until nothing waits to be sent."""
        assert self._database is not None
        waits = select(outbox.c.seq).where(outbox.c.status == Status.WAITING).limit(1)
        async with asyncio.timeout(60):
            while True:
                async with self._database.read() as work:
                    if (await work.execute(waits)).first() is None:
                        return
                # Another task's database tells no news.
                await asyncio.sleep(0.02)

    async def account(self) -> list[str]:
        """What the service holds: who waited in vain may find it there."""
        assert self._database is not None
        events = select(inbox.c.type, inbox.c.sender, inbox.c.status, inbox.c.waits_for).where(
            inbox.c.status != Read.DONE
        )
        messages = select(outbox.c.target, outbox.c.name, outbox.c.status, outbox.c.tries).where(
            outbox.c.status.in_([Status.WAITING, Status.SET_ASIDE])
        )
        keys = select(to_device_outbox.c.seq, to_device_outbox.c.type)
        told = [f"{self.name}:"]
        async with self._database.read() as work:
            for what, question in (("in", events), ("out", messages), ("keys", keys)):
                rows = await work.execute(question.limit(20))
                told += [f"  {what}: {' '.join(map(str, row))}" for row in rows]
        return told + [f"  log: {line}" for line in self.log.lines[-15:]]

    async def aged(self, number: int, by: timedelta) -> None:
        """Let a report have waited for longer than it has; the service must not be running."""
        assert self._task is None
        database = Database(self._configuration().database.url)
        async with database.begin() as work:
            await work.execute(
                update(cases)
                .where(cases.c.number == number)
                .values(submitted_at=cases.c.submitted_at - round(by.total_seconds() * 1000))
            )
        await database.close()

    async def stored(self) -> list[str]:
        """Every value of every table, as text; what is sealed stays so."""
        return [
            value.decode(errors="replace") if isinstance(value, bytes) else str(value)
            for value in await self.values()
        ]

    async def values(self) -> list[object]:
        """Every value of every table; what is sealed stays so."""
        assert self._database is not None
        async with self._database.read() as work:
            return [
                value
                for table in metadata.sorted_tables
                for row in await work.execute(select(table))
                for value in row
            ]

    async def ask(self, method: str, *path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask the homeserver something as the bot; ``path`` begins behind ``v3``."""
        homeserver = Homeserver(self.lease.homeserver, self.lease.as_token, self.bot)
        try:
            return await homeserver.call(method, "v3", *path, body=body)
        finally:
            await homeserver.close()

    async def delivered(
        self,
        sender: UserID,
        room: RoomID,
        kind: str,
        content: Mapping[str, Any],
        state_key: str | None = None,
    ) -> None:
        """Have the homeserver's part send an event that a homeserver of good faith would not.

        Goes in at the door with the homeserver's own token, as what other homeservers make up
        does: ours passes it on.
        """
        event = {
            "event_id": f"${uuid.uuid4().hex}",
            "room_id": room,
            "sender": sender,
            "type": kind,
            "content": content,
            "origin_server_ts": int(time.time() * 1000),
        }
        if state_key is not None:
            event["state_key"] = state_key
        url = f"{self.lease.address}/_matrix/app/v1/transactions/{uuid.uuid4().hex}"
        headers = {"Authorization": f"Bearer {self.lease.hs_token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.put(url, json={"events": [event]}) as answer,
        ):
            assert answer.status == 200, await answer.text()

    async def identity(self) -> object:
        """The bot's device and cross-signing keys, by the word of the homeserver."""
        known = await self.ask("POST", "keys", "query", body={"device_keys": {self.bot: []}})
        devices = {name: keys["keys"] for name, keys in known["device_keys"][self.bot].items()}
        return devices, known["master_keys"][self.bot]["keys"]

    async def private(self, who: Reader, language: str = "nl") -> RoomID:
        """Somebody's room with the bot, once they are in it."""
        name = {"nl": "melden", "en": "report"}[language]
        return await who.room_named(f"{self.name}: {name}")

    async def review(self, who: Reader) -> RoomID:
        return await who.room_named(f"{self.name}: beoordeling")

    async def alerts(self, who: Reader, region: str = "Midden-Nederland") -> RoomID:
        return await who.room_named(f"{self.name}: waarschuwingen {region}")

    async def police(self, who: Reader, region: str = "Midden-Nederland") -> RoomID:
        return await who.room_named(f"{self.name}: politie {region}")

    async def space(self, who: Reader) -> RoomID:
        return await who.room_named(self.name, space=True)

    def _configuration(self) -> Configuration:
        path = self.directory / "goudwacht.yaml"
        written = {
            "homeserver": {"url": self.lease.homeserver, "name": self.lease.server_name},
            "door": {"port": self.lease.port, "address": self.lease.address},
            "bot": {"localpart": self.lease.bot_localpart},
            "registration": str(self.lease.registration_path),
            "database": {"url": self._database_url, "secret": SECRET},
            "network": {"name": self.name},
            "regions": _REGIONS,
            **self._settings,
        }
        path.write_text(yaml.safe_dump(written, allow_unicode=True))
        return load(path)

    async def _until_ready(self, running: Service, task: asyncio.Task[None]) -> None:
        ready = asyncio.create_task(running.ready.wait())
        try:
            async with asyncio.timeout(60):
                await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if task.done():
            await task
