"""A process that was forked is one like any other; and none outlives the run that began it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.harness.forks import REPOSITORY, SERVICE
from tests.harness.processes import is_running


async def test_what_it_prints_and_its_status_are_its_own(tmp_path: Path) -> None:
    done, failed = await asyncio.gather(
        SERVICE.run("--version", directory=tmp_path), SERVICE.run("run", directory=tmp_path)
    )
    assert (done.returncode, done.stdout[:9], done.stderr) == (0, "goudwacht", "")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "goudwacht init" in failed.stderr


async def test_a_signal_that_ends_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "waits").touch()
    running = await SERVICE.start("run", "--config", "/dev/stdin", directory=tmp_path)
    running.send_signal(signal.SIGSTOP)
    running.kill()
    assert await running.wait() == -signal.SIGKILL
    assert not is_running(running.pid)


def test_none_outlives_the_run_that_started_it() -> None:
    program = """
import asyncio, os
from tests.harness.forks import SERVICE

async def main():
    running = await SERVICE.start("--version")
    os.kill(running.pid, 19)
    print(running.pid)

asyncio.run(main())
"""
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    # The kernel ends one after the other: the run, what it forks from, what that forked.
    until = time.monotonic() + 10
    while is_running(int(told.stdout)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_running(int(told.stdout))
