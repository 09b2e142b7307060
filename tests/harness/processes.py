"""Processes that never outlive the test run, and ports that are never handed out twice.

A server under test is a child of the run. It is stopped in the ordinary way by whoever
started it; should the run itself be killed, the kernel kills the child (``PR_SET_PDEATHSIG``).
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Protocol

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

_FIRST_PORT = 20_000
_LAST_PORT = 32_000  # Linux hands out ports for outgoing connections from 32,768 up
_PORTS_PER_RUN = 400


class Child(Protocol):
    """A process of ours, however it was begun."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def send_signal(self, signal: int, /) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    async def wait(self) -> int: ...


class ProcessFailedError(Exception):
    """A server of the harness did not start, or ended by itself."""


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies.

    For ``preexec_fn``: runs in the child, after the fork and before the program. libc is
    loaded before the fork, since loading takes locks another thread may hold. Elsewhere than
    on Linux it does nothing, and the ordinary stop is all there is.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


async def end(process: Child, *, patience: float) -> None:
    """Stop a process and wait for it: SIGTERM, and SIGKILL after ``patience`` seconds."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), patience)
    except TimeoutError:
        await slay(process)


async def slay(process: Child) -> None:
    """Kill a process (SIGKILL) and wait for it."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def tail_of(log: Path, *, lines: int = 40) -> str:
    """The last lines of a log, for an error message; empty when there is no log."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


class Ports:
    """The loopback ports of one run: none twice, and none of another run on this machine.

    A run takes a block of ports by listening on the first of it for as long as the process
    lives; another run finds that one taken and moves to the next block.
    """

    def __init__(self) -> None:
        self._guard: socket.socket | None = None
        self._next = 0
        self._end = 0

    def free(self) -> int:
        """A port nobody listens on, and that no later call returns.

        Raises:
            ProcessFailedError: every block or every port of the block is taken.
        """
        if self._guard is None:
            self._take_block()
        while self._next < self._end:
            port = self._next
            self._next += 1
            if _can_listen(port):
                return port
        raise ProcessFailedError(
            f"this run has used its {_PORTS_PER_RUN} ports: raise _PORTS_PER_RUN in {__name__}"
        )

    def give_back(self) -> None:
        """Let other runs have the block; call it when none of the ports is used any more."""
        if self._guard is not None:
            self._guard.close()
        self._guard, self._next, self._end = None, 0, 0

    def _take_block(self) -> None:
        for first in range(_FIRST_PORT, _LAST_PORT - _PORTS_PER_RUN, _PORTS_PER_RUN):
            guard = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                guard.bind(("127.0.0.1", first))
                guard.listen(1)
            except OSError:
                guard.close()
                continue
            self._guard = guard
            self._next, self._end = first + 1, first + _PORTS_PER_RUN
            return
        raise ProcessFailedError(
            f"no free block of {_PORTS_PER_RUN} ports between {_FIRST_PORT} and {_LAST_PORT}: "
            "end other test runs on this machine"
        )


def _can_listen(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as attempt:
        # As servers do: a port in TIME_WAIT is free, one that is listened on is not.
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_PORTS = Ports()


def free_port() -> int:
    """A loopback port for this run alone; see :class:`Ports`."""
    return _PORTS.free()


def is_running(pid: int) -> bool:
    """Whether this process runs. A zombie does not: it only waits for its parent to look."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's, and alive
    status = Path(f"/proc/{pid}/status")
    return not (status.exists() and "State:\tZ" in status.read_text())
