"""The three processes: killed with SIGKILL, and started again.

::

    Synapse (SQLite) ◀──▶ goudwacht run ◀──▶ PostgreSQL

The service is kept running as systemd does it (``Restart=always``): when it ends by itself, as it
does when it is started while the database is away, it is started again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.chaos.plan import Victim
from tests.harness.forks import SERVICE, Forked
from tests.harness.postgres import Postgres
from tests.harness.processes import slay
from tests.harness.synapse import Synapse

_RESTART_SECONDS = 0.2
"""Seconds until a service that ended by itself is started again."""


class KeptService:
    """``goudwacht run``, started again whenever it ends.

    Args:
        configuration: its goudwacht.yaml.
        log: everything it says, over all its starts.
    """

    def __init__(self, configuration: Path, log: Path) -> None:
        self.log = log
        self._configuration = configuration
        self._process: Forked | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._may_run = asyncio.Event()

    def start(self) -> None:
        """Start it, and again when it ends; returns at once."""
        self._may_run.set()
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep())

    async def kill(self) -> None:
        """Kill it, and leave it down until :meth:`start`."""
        self._may_run.clear()
        if self._process is not None:
            await slay(self._process)

    async def end(self) -> None:
        """Kill it for good."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
            self._keeping = None
        await self.kill()

    async def _keep(self) -> None:
        while True:
            await self._may_run.wait()
            self._process = await self._run()
            if not self._may_run.is_set():
                await slay(self._process)  # killed before it was there
            await self._process.wait()
            await asyncio.sleep(_RESTART_SECONDS if self._may_run.is_set() else 0)

    async def _run(self) -> Forked:
        with self.log.open("ab") as log:
            return await SERVICE.start(
                "run", "--config", str(self._configuration), log=log.fileno()
            )


class Victims:
    """All three.

    Args:
        service: the service.
        homeserver: the homeserver.
        database: the database server.
    """

    def __init__(self, service: KeptService, homeserver: Synapse, database: Postgres) -> None:
        self._service = service
        self._homeserver = homeserver
        self._database = database
        self._locks = {victim: asyncio.Lock() for victim in Victim}
        self.killed: Counter[Victim] = Counter()
        """How often each was killed."""

    async def strike(self, victims: Iterable[Victim], down: float) -> None:
        """Kill processes together; return when they have been started again."""
        async with asyncio.TaskGroup() as blows:
            for victim in victims:
                blows.create_task(self._strike(victim, down))

    async def _strike(self, victim: Victim, down: float) -> None:
        async with self._locks[victim]:
            self.killed[victim] += 1
            match victim:
                case Victim.SERVICE:
                    await self._service.kill()
                    await asyncio.sleep(down)
                    self._service.start()
                case Victim.HOMESERVER:
                    await self._homeserver.kill()
                    await asyncio.sleep(down)
                    await self._homeserver.start()
                case Victim.DATABASE:
                    await self._database.kill()
                    await asyncio.sleep(down)
                    await self._database.start()
