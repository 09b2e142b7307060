"""An operator's installation: the two files, a database, and the service run on them.

::

    lease + database ──▶ Site ──▶ goudwacht.yaml, registration.yaml
                          ├── running()   the service, in this process
                          └── command()   `goudwacht …`, in a process of its own
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from appservice.database import Database
from appservice.homeserver import Homeserver
from appservice.ids import UserID
from appservice.registration import Registration
from bridge import migrations
from bridge.command_line.run import service
from bridge.configuration import load
from bridge.doctor import Finding, Installation, checks, examine
from tests.harness.forks import SERVICE, Forked
from tests.harness.leases import AppserviceLease
from tests.harness.logs import printed

_BESIDE = "sqlite+aiosqlite:///goudwacht.db"
"""The address in a new configuration: of a file beside it."""


class Process:
    """A `goudwacht` command that runs; what it prints is read as it comes."""

    def __init__(self, process: Forked) -> None:
        self._process = process
        self.printed = ""

    async def prints(self, text: str, *, timeout: float = 30) -> None:
        """Return when it has printed ``text``."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(timeout):
                while text not in self.printed:
                    line = await self._process.stdout.readline()
                    assert line, f"it ended without printing {text!r}:\n{self.printed}"
                    self.printed += line.decode()
        except TimeoutError:
            raise AssertionError(f"no {text!r} in {timeout} s:\n{self.printed}") from None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    async def status(self, *, timeout: float = 30) -> int:
        """Wait for its end; return its exit status."""
        assert self._process.stdout is not None
        async with asyncio.timeout(timeout):
            self.printed += (await self._process.stdout.read()).decode()
            return await self._process.wait()

    async def killed(self) -> None:
        """Kill it if it still runs."""
        if self._process.returncode is None:
            self._process.kill()
        await self.status()


class Site:
    """Files in a directory of their own.

    Args:
        directory: empty, exists.
        lease: the registration that the homeserver has.
        database_url: of an empty database; SQLite in the directory when not given.
    """

    def __init__(
        self, directory: Path, lease: AppserviceLease, database_url: str | None = None
    ) -> None:
        self.lease = lease
        self.path = directory / "goudwacht.yaml"
        self.registration = directory / "registration.yaml"
        self.settings: dict[str, Any] = {
            "homeserver": {"url": lease.homeserver, "name": lease.server_name},
            "door": {"host": "127.0.0.1", "port": lease.port, "address": lease.address},
            "bot": {"localpart": lease.bot_localpart},
            "database": {
                "url": database_url or _BESIDE,
                "secret": secrets.token_urlsafe(32),
            },
            "regions": [{"code": "amsterdam", "name": "Amsterdam"}],
            "moderators": [f"@moderator:{lease.server_name}"],
        }
        self._write(self.path, self.settings)
        Registration.load(lease.registration_path).write(self.registration)

    def with_files_in(self, directory: Path) -> Site:
        """The same installation with files of its own, the database excepted."""
        other = Site(directory, self.lease, self.url)
        database = {**self.settings["database"], "url": self.url}
        other.settings = {**self.settings, "database": database}
        other._write(other.path, other.settings)
        return other

    def configure(self, section: str, **values: Any) -> None:
        """Change the configuration."""
        self.settings[section] = self.settings.get(section, {}) | values
        self._write(self.path, self.settings)

    def has_member(self, user: UserID) -> None:
        """Let somebody take part."""
        self.settings["members"] = [{"user": str(user), "region": "amsterdam"}]
        self._write(self.path, self.settings)

    def register(self, **values: Any) -> None:
        """Change our copy of the registration."""
        content = yaml.safe_load(self.registration.read_text())
        self._write(self.registration, content | values)

    def _write(self, path: Path, content: Mapping[str, Any]) -> None:
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(dict(content)))

    @property
    def file(self) -> Path:
        """Where the database is, where it is SQLite."""
        return self.path.with_name("goudwacht.db")

    @property
    def url(self) -> str:
        """The address of the database, wherever it is asked from."""
        configured = str(self.settings["database"]["url"])
        return f"sqlite+aiosqlite:///{self.file}" if configured == _BESIDE else configured

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Have the service run, from ready to stopped."""
        configuration = load(self.path)
        database = Database(configuration.database.url)
        try:
            await migrations.ensure_current(database)
            running = service(configuration, database)
            task = asyncio.create_task(running.run())
            ready = asyncio.create_task(running.ready.wait())
            try:
                async with asyncio.timeout(30):
                    await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
                if task.done():
                    await task
                yield
            finally:
                for started in (ready, task):
                    started.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await started
        finally:
            await database.close()

    async def ran_once(self) -> None:
        """Start the service and stop it when it was ready."""
        async with self.running():
            pass

    async def as_bot(
        self, method: str, *path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Do something at the homeserver behind the service's back; ``path`` begins behind v3."""
        homeserver = Homeserver(self.lease.homeserver, self.lease.as_token, self.lease.bot)
        try:
            return await homeserver.call(method, "v3", *path, body=body)
        finally:
            await homeserver.close()

    async def room(self, name: str) -> str:
        """The id of the room with this alias."""
        alias = f"#{self.lease.bot_localpart}_{name}:{self.lease.server_name}"
        return str((await self.as_bot("GET", "directory", "room", alias))["room_id"])

    async def findings(self) -> dict[str, Finding]:
        """What the doctor finds, by the name of the check."""
        installation = Installation(self.path)
        try:
            return {finding.check.name: finding async for finding in examine(checks(installation))}
        finally:
            await installation.close()

    async def faulty(self) -> dict[str, str]:
        """What the doctor finds wrong: the text of faults and remedies, by the check's name."""
        return {
            name: " ".join(f"{fault.what} {fault.remedy}" for fault in finding.faults)
            for name, finding in (await self.findings()).items()
            if finding.faults
        }

    async def not_checked(self) -> set[str]:
        """The checks that the doctor does not make."""
        return {name for name, finding in (await self.findings()).items() if finding.waits_for}

    @contextlib.asynccontextmanager
    async def process(self, *arguments: str) -> AsyncIterator[Process]:
        """Have `goudwacht …` run in a process of its own, which is killed if it still runs."""
        started = await SERVICE.start(
            *self._arguments(arguments), directory=self.path.parent, together=True
        )
        process = Process(started)
        try:
            yield process
        finally:
            await process.killed()
            lease = self.lease
            secrets = {lease.as_token, lease.hs_token, self.settings["database"]["secret"]}
            printed(process.printed, secrets=secrets, bots={lease.bot})

    async def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `goudwacht …` on this configuration to its end."""
        return await SERVICE.run(
            *self._arguments(arguments),
            directory=self.path.parent,
            environment={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )

    def _arguments(self, arguments: Sequence[str]) -> list[str]:
        return [*arguments, "--config", str(self.path)]
