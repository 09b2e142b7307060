"""A service under test, as an operator would run it: started, stopped, killed, started again.

::

    lease + members ──▶ Running ──▶ Service ──▶ (wire) ──▶ homeserver
                           │
                           └── the same database and the same network at each start
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from appservice.database import Database, metadata
from appservice.encryption.trust import KeySharing
from appservice.homeserver import Homeserver
from appservice.ids import DeviceID, RoomID, UserID
from appservice.outbox import Outbox
from appservice.registration import Registration
from appservice.rooms import records
from appservice.rooms.plan import RoomKey
from appservice.service import Service, ServiceSettings
from appservice.vault import Vault
from tests.appservice.network import Network
from tests.harness.leases import AppserviceLease
from tests.harness.synapse import Synapse

DEVICE = DeviceID("GOUDWACHT")
_NOTED_WITHIN = 30.0
SECRET = "a secret for the tests, long enough to seal with"


@dataclass(frozen=True)
class Options:
    """What a test may choose."""

    sharing: KeySharing = KeySharing.CROSS_SIGNED
    max_body_bytes: int = 1_000_000
    late_after: timedelta = timedelta(minutes=30)
    sign_within: timedelta = timedelta(seconds=0.5)


@dataclass(frozen=True)
class PublishedIdentity:
    """What a user's keys are to everyone else."""

    devices: dict[str, dict[str, str]]
    master: dict[str, str]


class Running:
    """One service, over all its starts.

    Args:
        lease: the registration it runs on.
        members: who belongs in its rooms at first.
        database_url: of an empty database.
        homeserver: the client API it talks to; the lease's own when not given.
        options: see :class:`Options`.
        synapse: the homeserver, where a start is to wait until it has sent what it kept.
    """

    def __init__(
        self,
        lease: AppserviceLease,
        members: Iterable[UserID],
        database_url: str,
        *,
        homeserver: str | None = None,
        options: Options | None = None,
        synapse: Synapse | None = None,
    ) -> None:
        self.lease = lease
        self._synapse = synapse
        self.bot = lease.bot
        self.device = DEVICE
        self.database_url = database_url
        self.vault = Vault(SECRET)
        self.outbox = Outbox(self.vault)
        self.network = Network(lease.bot_localpart, members, self.outbox)
        self.ahead = timedelta()
        """How far the clocks of the service and its network are ahead of everyone else's."""
        self.network.clock = self._now
        self._options = options or Options()
        self._homeserver = homeserver or lease.homeserver
        self._database: Database | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def database(self) -> Database:
        """The database of the running service."""
        assert self._database is not None, "start the service first"
        return self._database

    async def start(self, *, timeout: float = 30) -> None:
        """Start and return when the service is ready.

        Raises:
            TimeoutError: it was not ready in time; whatever ended it, when it ended.
        """
        await self.begin()
        await self.is_ready(timeout=timeout)
        if self._synapse is not None:
            await self._synapse.recovered(self.lease.id)

    async def is_ready(self, *, timeout: float = 30) -> None:
        """Wait until the service that was begun is ready; raises as :meth:`start` does."""
        assert self._task is not None, "begin first"
        ready = asyncio.create_task(self._service.ready.wait())
        try:
            async with asyncio.timeout(timeout):
                await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if self._task.done():
            task, self._task = self._task, None
            await task

    async def begin(self) -> None:
        """Start and return at once, ready or not."""
        database = self._database = Database(self.database_url)
        async with database.engine.begin() as work:
            await work.run_sync(metadata.create_all)
        settings = ServiceSettings(
            homeserver_url=self._homeserver,
            registration=Registration.load(self.lease.registration_path),
            bot=self.bot,
            device=self.device,
            display_name="Goudwacht",
            host="127.0.0.1",
            port=self.lease.port,
            max_body_bytes=self._options.max_body_bytes,
            key_sharing=self._options.sharing,
            late_after=self._options.late_after,
            sign_within=self._options.sign_within,
        )
        self._service = Service(settings, database, self.vault, self.network, self._now)
        self._task = asyncio.create_task(self._service.run())

    async def stop(self) -> None:
        """Stop at whatever point it has come to; what ended it before is raised here."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._database is not None:
            await self._database.close()
            self._database = None

    async def restart(self) -> None:
        """Stop and start."""
        await self.stop()
        await self.start()

    def _now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def database_files(self) -> list[Path]:
        """The files of an SQLite database, its journal included."""
        file = Path(self.database_url.removeprefix("sqlite+aiosqlite:///"))
        return sorted(file.parent.glob(f"{file.name}*"))

    async def people_in(self, key: RoomKey) -> dict[UserID, str]:
        """Who is in a room, and how, by the word of the homeserver."""
        answer = await self.ask("GET", "rooms", await self.room(key), "members")
        return {
            UserID(event["state_key"]): event["content"]["membership"] for event in answer["chunk"]
        }

    async def identity(self) -> PublishedIdentity:
        """The bot's device keys and master key, by the word of the homeserver."""
        answer = await self.ask("POST", "keys", "query", body={"device_keys": {self.bot: []}})
        devices = {name: keys["keys"] for name, keys in answer["device_keys"][self.bot].items()}
        return PublishedIdentity(devices, answer["master_keys"][self.bot]["keys"])

    async def ask(
        self,
        method: str,
        *path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Ask the homeserver something as the bot; ``path`` begins behind ``v3``."""
        homeserver = Homeserver(self.lease.homeserver, self.lease.as_token, self.bot, self.device)
        try:
            return await homeserver.call(method, "v3", *path, body=body, query=query)
        finally:
            await homeserver.close()

    async def room(self, key: RoomKey) -> RoomID:
        """The room made for a plan: a member may be in it before it is noted which one that is."""
        async with asyncio.timeout(_NOTED_WITHIN):
            while (room := await self._noted(key)) is None:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.02)
        return room

    async def _noted(self, key: RoomKey) -> RoomID | None:
        async with self.database.read() as work:
            return await records.room_of(work, key)
