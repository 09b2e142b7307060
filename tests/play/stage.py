"""The demo's stage: a homeserver, the service as an operator runs it, and five people.

Federated, the police officer is on a second homeserver, the police's own: the two speak over TLS
that is verified, on this machine alone.

::

    data directory ─▶ Synapse ─▶ people arrive ─▶ goudwacht.yaml, registration.yaml
                                                          │
                       `goudwacht run`, a process ◀───────┘   (its log: service.log)

Whatever is begun is first put on the exit stack it is given: however far it came, closing the
stack ends it. The data directory goes last.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import yaml

from appservice.ids import UserID
from bridge.command_line.init import CONFIGURATION_FILE, REGISTRATION_FILE, Answers, write
from tests.harness.federation import peers
from tests.harness.people import Person
from tests.harness.processes import ProcessFailedError, die_with_parent, end, free_port, tail_of
from tests.harness.synapse import Synapse
from tests.play.cast import PARTS, PIM, Cast, Part, configured

SERVER_NAME = "goudwacht.test"
BOT = "goudwacht"

_POLL = 0.05
_START_SECONDS = 30

_T = TypeVar("_T")


class ServiceProcess:
    """``goudwacht run`` in a process of its own.

    Args:
        directory: has the configuration; the log goes there too.
        door: the loopback address at which the service answers.
    """

    def __init__(self, directory: Path, door: str) -> None:
        self.log = directory / "service.log"
        self._configuration = directory / CONFIGURATION_FILE
        self._door = door
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and return when its door is open.

        Raises:
            ProcessFailedError: it ended, or did not answer in time; has the end of its log.
        """
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bridge",
                "run",
                "--config",
                str(self._configuration),
                cwd=Path(__file__).parents[2],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the demo, which then stops it in order
                preexec_fn=die_with_parent,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self.while_running(self._until_open())
        except TimeoutError:
            raise self._failed(f"did not open its door within {_START_SECONDS} s") from None

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self._process is not None, "it is not started"
        return self._process.pid

    async def stop(self) -> None:
        """Stop it in order; nothing happens when it is not running."""
        if self._process is not None:
            await end(self._process, patience=5)

    async def while_running(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do something for which the service must be there; give up when it ends by itself.

        Raises:
            ProcessFailedError: it ended; has the end of its log.
        """
        assert self._process is not None, "it is not started"
        doing = asyncio.ensure_future(work)
        ending = asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait({doing, ending}, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise self._failed(f"ended with status {ending.result()}")
        finally:
            await cancel(doing, ending)

    async def _until_open(self) -> None:
        async with aiohttp.ClientSession() as http:
            while True:
                try:
                    async with http.get(f"{self._door}/health") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(_POLL)

    def _failed(self, how: str) -> ProcessFailedError:
        return ProcessFailedError(f"goudwacht run {how}; the end of its log:\n{tail_of(self.log)}")


class Stage:
    """Everything the demo needs, in a data directory of its own.

    Args:
        ends: closes whatever was begun.
        password: of every person, for the visitor to log in with.
        federated: the police officer is on a homeserver of the police's own.
    """

    def __init__(self, ends: AsyncExitStack, password: str, *, federated: bool = False) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="goudwacht-demo-"))
        ends.callback(shutil.rmtree, self.directory, ignore_errors=True)
        self.password = password
        ours, theirs = peers(self.directory / "tls", 2) if federated else (None, None)
        self._server_name = SERVER_NAME if ours is None else ours.server_name
        self.bot = UserID(f"@{BOT}:{self._server_name}")
        self._ends = ends
        self._people: dict[str, Person] = {}
        port = free_port()
        door = f"http://127.0.0.1:{port}"
        self.homeserver = Synapse(
            self.directory / "homeserver",
            server_name=SERVER_NAME,
            registrations=[self.directory / REGISTRATION_FILE],
            peer=ours,
        )
        self.of_police = None if theirs is None else Synapse(self.directory / "police", peer=theirs)
        """The police's own homeserver; None when the officer is on the network's."""
        self.service = ServiceProcess(self.directory, door)
        write(
            Answers(
                homeserver_url=self.homeserver.url,
                server_name=self._server_name,
                door_address=door,
                door_port=port,
                bot=BOT,
            ),
            self.directory,
        )
        self._name_people()

    @property
    def cast(self) -> Cast:
        """The people, once they have arrived."""
        return Cast(self.bot, **self._people)

    @property
    def people(self) -> dict[Part, Person]:
        """The same, by their parts."""
        return {part: self._people[part.localpart] for part in PARTS}

    def user(self, part: Part) -> UserID:
        """The user id of a part."""
        return UserID(f"@{part.localpart}:{self.homeserver_of(part).server_name}")

    def homeserver_of(self, part: Part) -> Synapse:
        """The homeserver that a part has its account on."""
        return self.of_police if self.of_police is not None and part is PIM else self.homeserver

    @property
    def homeservers(self) -> Sequence[Synapse]:
        """Every homeserver, the network's own first."""
        return [self.homeserver] if self.of_police is None else [self.homeserver, self.of_police]

    async def open_homeservers(self) -> None:
        """Start the homeserver, which knows the registration, and the police's if it is theirs."""
        async with asyncio.TaskGroup() as opening:
            for homeserver in self.homeservers:
                # Its data is thrown away: there is nothing to be stopped in order for.
                self._ends.push_async_callback(homeserver.kill)
                opening.create_task(homeserver.start())

    async def let_people_in(self) -> None:
        """Give everybody an account, an encrypted client and a cross-signing identity."""

        async def arrive(part: Part) -> None:
            person = await Person.arrive(
                self.homeserver_of(part),
                part.localpart,
                self.password,
                self.directory / part.localpart,
            )
            self._ends.push_async_callback(person.leave)
            self._people[part.localpart] = person

        async with asyncio.TaskGroup() as arriving:
            for part in PARTS:
                arriving.create_task(arrive(part))

    async def start_service(self) -> None:
        """Start ``goudwacht run``."""
        self._ends.push_async_callback(self.service.stop)
        await self.service.start()

    async def homeserver_ends(self) -> None:
        """Wait until a homeserver is gone.

        Raises:
            ProcessFailedError: always, and only then.
        """

        async def ends(homeserver: Synapse) -> None:
            await homeserver.ended()
            raise ProcessFailedError(
                f"the homeserver ended; the end of its log:\n{tail_of(homeserver.log)}"
            )

        async with asyncio.TaskGroup() as watching:
            for homeserver in self.homeservers:
                watching.create_task(ends(homeserver))

    def holding(self, words: Iterable[str]) -> list[str]:
        """Which files of the homeservers and the service have any of these words in clear."""
        searched = [*self.directory.glob("goudwacht.db*"), self.service.log]
        for homeserver in self.homeservers:
            _checkpoint(homeserver.database)
            searched += homeserver.directory.rglob("*")
        needles = [word.encode() for word in words]
        return [
            str(path.relative_to(self.directory))
            for path in searched
            if path.is_file() and any(needle in path.read_bytes() for needle in needles)
        ]

    def _name_people(self) -> None:
        path = self.directory / CONFIGURATION_FILE
        configuration = yaml.safe_load(path.read_text())
        configuration |= configured(self.user)
        if self.of_police is not None:
            configuration["federation"] = {"allowed_servers": [self.of_police.server_name]}
        path.write_text(yaml.safe_dump(configuration, allow_unicode=True, sort_keys=False))


def fresh_password() -> str:
    """A password that can be typed over from a terminal."""
    return secrets.token_hex(4)


async def cancel(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks and wait until they are over.

    More than once where needed: ``asyncio.wait_for`` of Python 3.11 swallows a cancellation that
    comes when its work was just done.
    """
    while waiting := {task for task in tasks if not task.done()}:
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting, timeout=5)


def _checkpoint(database: Path) -> None:
    connection = sqlite3.connect(database, timeout=5)
    try:
        connection.execute("PRAGMA wal_checkpoint(FULL)")
    finally:
        connection.close()
