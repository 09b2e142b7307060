"""Processes that begin at once: forked from one that has imported their program already.

::

    SERVICE.start("run", …) ─▶ Forked: a process id, signals, what it prints, its status
         └── at the first call ─▶ :mod:`tests.harness.forking`, which ends with this run

A `goudwacht` takes two seconds of a processor to import what it is made of, a homeserver as much: a
run starts some two hundred of them. Where the imports themselves are what is tested, or a person
looks on, they are started as they are in life (`tests/test_wheel.py`, `make demo`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.harness.processes import ProcessFailedError, die_with_parent

REPOSITORY = Path(__file__).parents[2]

_LONGEST_RUN = 60.0
"""Seconds."""


class Forked:
    """A process; as far as it goes, like one of `asyncio.subprocess`."""

    def __init__(self, pid: int, told: asyncio.StreamReader) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdout: asyncio.StreamReader | None = None
        self.stderr: asyncio.StreamReader | None = None
        self._ending = asyncio.create_task(self._end(told))

    def send_signal(self, number: int) -> None:
        """Send it a signal; one that has ended does not mind."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Wait for its end; return its status, negative for the signal that ended it."""
        return await asyncio.shield(self._ending)

    async def _end(self, told: asyncio.StreamReader) -> int:
        status = await told.readline()
        # Nothing: the one that forks is gone, and all that it made with it.
        self.returncode = int(status) if status else -signal.SIGKILL
        return self.returncode


class Program:
    """A program that is imported once.

    Args:
        entry: what it runs, as ``module:function``.
        packages: imported with all that is in them, whatever the program itself does lazily.
    """

    def __init__(self, entry: str, *packages: str) -> None:
        self._arguments = (entry, *packages)
        self._orders: socket.socket | None = None
        self._forking: subprocess.Popen[bytes] | None = None

    async def start(
        self,
        *arguments: str,
        directory: Path = REPOSITORY,
        environment: Mapping[str, str] | None = None,
        log: int | None = None,
        together: bool = False,
    ) -> Forked:
        """Have it run, in a session of its own.

        Args:
            arguments: of the command line.
            directory: it runs in.
            environment: all of it; ours when not given.
            log: the file that takes all that it prints; else :class:`Forked` has two readers.
            together: one reader for both.

        Raises:
            ProcessFailedError: its program could not be imported.
        """
        if self._forking is None or self._forking.poll() is not None:
            self._begin()
        nothing = os.open(os.devnull, os.O_RDWR)
        teller, told = _pipe()
        ways: list[tuple[int, int]] = [] if log is not None else [_pipe()]
        if log is None and not together:
            ways.append(_pipe())
        out, err = (log, log) if log is not None else (ways[0][0], ways[-1][0])
        order = json.dumps(
            {
                "arguments": arguments,
                "directory": str(directory),
                "environment": dict(os.environ if environment is None else environment),
            }
        )
        assert self._orders is not None
        socket.send_fds(self._orders, [order.encode()], [nothing, out, err, teller])
        for end in {nothing, teller, *(way[0] for way in ways)}:
            os.close(end)
        hears = await _reader(told)
        process = Forked(await self._begun(hears), hears)
        readers = [await _reader(way[1]) for way in ways]
        if readers:
            process.stdout = readers[0]
            process.stderr = None if together else readers[1]
        return process

    async def run(
        self, *arguments: str, directory: Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Have it run to its end, which is killed after a minute; see :meth:`start`."""
        running = await self.start(*arguments, directory=directory, environment=environment)
        assert running.stdout is not None
        assert running.stderr is not None
        try:
            async with asyncio.timeout(_LONGEST_RUN):
                out, err = await asyncio.gather(running.stdout.read(), running.stderr.read())
        finally:
            running.kill()
        status = await running.wait()
        return subprocess.CompletedProcess(arguments, status, out.decode(), err.decode())

    async def _begun(self, hears: asyncio.StreamReader) -> int:
        """Return the id of the process that was ordered; cancelled, see that it ends."""
        told = asyncio.ensure_future(hears.readline())
        try:
            pid = await asyncio.shield(told)
        except asyncio.CancelledError:
            told.add_done_callback(lambda done: os.kill(int(done.result()), signal.SIGKILL))
            raise
        if not pid:
            raise ProcessFailedError(f"{self._arguments[0]} could not be imported; it said why")
        return int(pid)

    def _begin(self) -> None:
        self._orders, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._forking = subprocess.Popen(
            [sys.executable, "-m", "tests.harness.forking", str(its.fileno()), *self._arguments],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - it has what it needs before the fork
        )
        its.close()


SERVICE = Program("bridge.__main__:main", "appservice", "bridge")
"""`goudwacht`."""

HOMESERVER = Program("tests.harness.forked_synapse:main")
"""Synapse."""


def _pipe() -> tuple[int, int]:
    """Return the end to write into, and the one to read from."""
    reads, writes = os.pipe()
    return writes, reads


async def _reader(file: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(file, "rb", 0)
    )
    return reader
