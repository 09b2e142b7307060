"""The demo as a person runs it, in a process of its own; it never leaves anything behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.harness.strict_client import missing
from tests.play.scenes import room_name

REPOSITORY = Path(__file__).parents[1]
SECONDS = 150
"""After which a demo that hangs is killed."""


class RunningDemo:
    """A demo in its own process, its data directory in ``directory``."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self._directory = directory
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.demo"],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "ONCE": "",
                "FEDERATED": "",
                "TMPDIR": str(directory),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._deadline = threading.Timer(SECONDS, self._process.kill)
        self._deadline.start()
        self.printed = ""

    def until(self, text: str) -> None:
        """Read on until a line has this text."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.printed += line
            if text in line:
                return
        raise AssertionError(f"the demo ended without {text!r}:\n{self.printed}")

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, as Ctrl-C does."""
        self._process.send_signal(number)

    def send_service(self, number: signal.Signals) -> None:
        """Send a signal to the service that it runs."""
        (service,) = [pid for pid, command in self._processes() if "run" in command]
        os.kill(service, number)

    def status(self) -> int:
        """Wait until it ends; return its exit status."""
        assert self._process.stdout is not None
        self.printed += self._process.stdout.read()
        return self._process.wait()

    def left_behind(self) -> list[str]:
        """What there still is of it: files, and processes that have to do with its directory."""
        processes = [f"process {pid}: {' '.join(command)}" for pid, command in self._processes()]
        return [*map(str, self._directory.iterdir()), *processes]

    def close(self) -> None:
        """End it, however it stands."""
        self._deadline.cancel()
        self._process.terminate()
        self._process.communicate()

    def _processes(self) -> Iterator[tuple[int, list[str]]]:
        """Everything that runs with a file of the data directory among its arguments."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                command = path.read_text(errors="replace").split("\0")
            except OSError:  # it has just ended
                continue
            if any(str(self._directory) in argument for argument in command):
                yield int(path.parent.name), command


@contextmanager
def demo(directory: Path, **environment: str) -> Iterator[RunningDemo]:
    running = RunningDemo(directory, **environment)
    try:
        yield running
    finally:
        running.close()


@dataclass(frozen=True)
class Stay:
    """A demo that stayed up until it was stopped, and a visit to it meanwhile."""

    printed: str
    visit: subprocess.CompletedProcess[str] | None
    """None where there is no strict client."""
    status: int
    left_behind: list[str]

    @property
    def play(self) -> str:
        """What was printed before the log-ins."""
        return self.printed.partition("Log in with any Matrix client")[0]


@pytest.fixture(scope="module")
def stay(tmp_path_factory: pytest.TempPathFactory) -> Stay:
    with demo(tmp_path_factory.mktemp("stay")) as running:
        running.until("It stays up")
        visit = None if missing() else _visit(running.printed)
        _sign_out_everywhere(running.printed, "bram")
        running.until("Bram was logged out")
        running.send(signal.SIGINT)
        status = running.status()
        return Stay(running.printed, visit, status, running.left_behind())


def _log_in(printed: str) -> dict[str, str]:
    """The homeserver, the password and the recovery key, as printed."""
    return dict(re.findall(r"^  (homeserver|password|recovery key) +(.+)$", printed, re.MULTILINE))


def _sign_out_everywhere(printed: str, localpart: str) -> None:
    """Log in as somebody, and end every session of theirs, the demo's own among them."""
    log_in = _log_in(printed)

    def ask(path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        url = f"{log_in['homeserver']}/_matrix/client/v3/{path}"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return dict(json.load(answer))

    identifier = {"type": "m.id.user", "user": localpart}
    session = {"type": "m.login.password", "identifier": identifier, "password": log_in["password"]}
    ask("logout/all", {}, ask("login", session)["access_token"])


def _visit(printed: str) -> subprocess.CompletedProcess[str]:
    """Log in as Chris with the recovery key, read everything, and ask for help."""
    log_in = _log_in(printed)
    return subprocess.run(
        [
            *("node", "recover.mjs", log_in["homeserver"], "chris", log_in["password"]),
            *(log_in["recovery key"], room_name("private"), "!help"),
        ],
        cwd=REPOSITORY / "tests" / "js",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_step_is_seen(stay: Stay) -> None:
    assert "✗" not in stay.printed
    assert "Everything was seen by whom it was for" in stay.play
    assert max(map(len, stay.play.splitlines())) <= 100


def test_it_stays_up_until_it_is_stopped_and_leaves_nothing(stay: Stay) -> None:
    assert (stay.status, stay.left_behind) == (0, []), stay.printed


def test_a_visitor_who_ends_every_session_of_somebody_ends_nothing_else(stay: Stay) -> None:
    told = stay.printed.partition("It stays up")[2]
    assert "Bram was logged out here" in told
    assert "Traceback" not in told


@pytest.mark.strict_client
def test_a_visitor_with_the_recovery_key_reads_all_and_is_heard(stay: Stay) -> None:
    if stay.visit is None:
        pytest.skip(str(missing()))
    found = json.loads(stay.visit.stdout)
    assert found["verified"]
    assert found["messages"]
    assert None not in found["messages"], stay.visit.stderr
    assert "!melding" in found["answer"]


def test_once_with_the_polices_own_homeserver_it_ends_by_itself_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    with demo(tmp_path, ONCE="1", FEDERATED="1") as running:
        status = running.status()

    assert (status, running.left_behind()) == (0, []), running.printed
    assert "✗" not in running.printed
    assert max(map(len, running.printed.splitlines())) <= 100


def test_a_service_that_dies_makes_it_fail_at_once(tmp_path: Path) -> None:
    with demo(tmp_path, ONCE="1") as running:
        running.until("goudwacht run")
        running.send_service(signal.SIGKILL)
        status = running.status()

    assert (status, running.left_behind()) == (1, []), running.printed
    assert "goudwacht run ended with status -9" in running.printed


def test_a_step_that_nobody_sees_makes_it_fail_and_tells_what_was_seen(tmp_path: Path) -> None:
    with demo(tmp_path, ONCE="1", PATIENCE="2") as running:
        running.until("Rooms made")
        running.send_service(signal.SIGSTOP)
        running.until("Not so")
        # What is asked to end and cannot hear it would be waited for before it is killed.
        running.send_service(signal.SIGCONT)
        status = running.status()

    assert (status, running.left_behind()) == (1, []), running.printed
    assert re.search(r"✗ Not so: \w+ sees in Goudwacht: .* within 2 s", running.printed)
    assert "saw, last of all:" in running.printed


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (signal.SIGINT, "Setting up"),
        (signal.SIGINT, "goudwacht run"),
        (signal.SIGTERM, "Anna writes"),
    ],
)
def test_stopped_at_any_moment_it_leaves_nothing(
    tmp_path: Path, number: signal.Signals, moment: str
) -> None:
    with demo(tmp_path) as running:
        running.until(moment)
        running.send(number)
        status = running.status()

    assert (status, running.left_behind()) == (128 + number, []), running.printed
    assert "Traceback" not in running.printed
