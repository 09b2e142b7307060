"""The program that forks: it has imported a program already, and becomes it as often as asked.

::

    socket ─▶ Order (arguments, directory, environment, four files) ─▶ fork ─▶ main() of the program
                                                                         │
    fourth file ◀─ its process id, and when it has ended its status ◀────┘

What it becomes is a process like any other, with files, signals and a session of its own; it only
has not to import what takes a second or two each time. Started by :mod:`tests.harness.forks`.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from tests.harness.processes import die_with_parent

_LARGEST_ORDER = 200_000
_FILES = 4


def main() -> None:
    """Import, then fork at each order until whoever orders is gone."""
    orders = socket.socket(fileno=int(sys.argv[1]))
    where, _, name = sys.argv[2].partition(":")
    for package in sys.argv[3:]:
        _import_whole(package)
    run: Callable[[], object] = getattr(importlib.import_module(where), name)
    gc.collect()
    gc.freeze()
    _serve(orders, run)


def _import_whole(package: str) -> None:
    found = importlib.import_module(package)
    for module in pkgutil.walk_packages(found.__path__, f"{package}."):
        # A migration, and what runs one, is imported by its runner and by nobody else.
        if ".migrations." not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def _serve(orders: socket.socket, run: Callable[[], object]) -> None:
    ended, wake = os.pipe()
    for end in (ended, wake):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    told: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([orders.fileno(), ended], [], [])
        if ended in ready:
            os.read(ended, 4096)
            _tell_ended(told)
        if orders.fileno() in ready:
            order, files, _, _ = socket.recv_fds(orders, _LARGEST_ORDER, _FILES)
            if not order:
                return
            *standard, teller = files
            ours = os.getpid()
            child = os.fork()
            if child == 0:
                die_with_parent()
                if os.getppid() != ours:
                    os._exit(1)
                for end in (orders.fileno(), ended, wake, *told.values()):
                    os.close(end)
                _become(json.loads(order), standard, teller, run)
            for file in standard:
                os.close(file)
            told[child] = teller


def _tell_ended(told: dict[int, int]) -> None:
    while told:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child == 0:
            return
        teller = told.pop(child)
        with contextlib.suppress(BrokenPipeError):  # nobody listens any more
            os.write(teller, b"%d\n" % os.waitstatus_to_exitcode(status))
        os.close(teller)


def _become(
    order: dict[str, Any], standard: Sequence[int], teller: int, run: Callable[[], object]
) -> None:
    """Be the program; never returns."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        for number, file in enumerate(standard):
            os.dup2(file, number)
            os.close(file)
        os.write(teller, b"%d\n" % os.getpid())
        os.close(teller)
        os.environ.clear()
        os.environ.update(order["environment"])
        os.chdir(order["directory"])
        sys.argv = ["goudwacht", *order["arguments"]]
        sys.modules["__main__"].__package__ = ""
        sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115
        sys.stdout = io.TextIOWrapper(open(1, "wb", 0), "utf-8", write_through=True)  # noqa: SIM115
        sys.stderr = io.TextIOWrapper(
            open(2, "wb", 0),  # noqa: SIM115
            "utf-8",
            "backslashreplace",
            write_through=True,
        )
        status = _ended(run)
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        os._exit(status)


def _ended(run: Callable[[], object]) -> int:
    """Run the program; return its status as the interpreter would."""
    try:
        run()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    main()
