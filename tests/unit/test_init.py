"""``goudwacht init``: two files that belong together, or nothing and the reason."""

from __future__ import annotations

import errno
import os
import pty
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from appservice.registration import Registration
from bridge.command_line.failure import CommandError
from bridge.command_line.init import Answers, configuration_text, write
from bridge.configuration import load
from tests.harness.forks import SERVICE

EXAMPLE = Path(__file__).parents[2] / "goudwacht.example.yaml"
ANSWERS = Answers(homeserver_url="http://localhost:8008", server_name="example.org")
COMMAND = [sys.executable, "-m", "bridge", "init"]


async def run(*arguments: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a script would: with no terminal to ask on."""
    return await SERVICE.run("init", *arguments, directory=directory)


def run_on_a_terminal(*arguments: str, typed: Sequence[str], directory: Path) -> int:
    """Run the command on a terminal, answer its questions in turn, return its exit status."""
    ours, its = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=directory, stdin=its, stdout=its, stderr=its
    ) as process:
        os.close(its)
        os.write(ours, "".join(f"{line}\n" for line in typed).encode())
        _read_to_the_end(ours)
        os.close(ours)
        return process.wait(timeout=60)


def _read_to_the_end(terminal: int) -> None:
    try:
        while os.read(terminal, 4096):
            pass
    except OSError as error:
        if error.errno != errno.EIO:  # how a terminal says that the other side has gone
            raise


class TestWhatIsWritten:
    def test_loads(self, tmp_path: Path) -> None:
        write(ANSWERS, tmp_path)
        assert load(tmp_path / "goudwacht.yaml").homeserver.name == "example.org"

    def test_belongs_together(self, tmp_path: Path) -> None:
        write(ANSWERS, tmp_path)
        configuration = load(tmp_path / "goudwacht.yaml")
        registration = Registration.load(configuration.registration)
        assert registration.owns_user(configuration.bot_user)
        assert registration.url == configuration.door.address

    @pytest.mark.parametrize("name", ["goudwacht.yaml", "registration.yaml"])
    def test_is_readable_by_its_owner_alone(self, tmp_path: Path, name: str) -> None:
        write(ANSWERS, tmp_path)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600

    def test_has_a_secret_of_its_own_each_time(self, tmp_path: Path) -> None:
        write(ANSWERS, tmp_path / "one")
        write(ANSWERS, tmp_path / "other")
        one, other = (load(tmp_path / name / "goudwacht.yaml") for name in ("one", "other"))
        assert one.database.secret != other.database.secret

    @pytest.mark.parametrize("name", ['Juweliers "Goud"', "a: b # c", "'{{ 7 * 7 }}'", "é\tü"])
    def test_has_what_was_answered_and_nothing_made_of_it(self, tmp_path: Path, name: str) -> None:
        write(Answers(homeserver_url="http://h", server_name="h", network_name=name), tmp_path)
        assert load(tmp_path / "goudwacht.yaml").network.name == name

    def test_is_the_example_in_the_repository_but_for_the_secret(self) -> None:
        answers = Answers(
            homeserver_url="http://localhost:8008",
            server_name="example.org",
            coordinators=("@coordinator:example.org",),
            moderators=("@moderator:example.org",),
        )
        text = configuration_text(answers, "<goudwacht init>")
        assert text == EXAMPLE.read_text(encoding="utf-8")


class TestWhatIsRefused:
    def test_answers_that_do_not_work_are_all_told(self, tmp_path: Path) -> None:
        answers = Answers(homeserver_url="h", server_name="https://h", moderators=("anna",))
        with pytest.raises(CommandError) as refusal:
            write(answers, tmp_path)
        places = ("homeserver.url", "homeserver.name", "moderators.0")
        assert all(place in str(refusal.value) for place in places)

    def test_answers_that_do_not_work_leave_nothing_behind(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError):
            write(Answers(homeserver_url="h", server_name="h"), tmp_path / "new")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("name", ["goudwacht.yaml", "registration.yaml"])
    def test_one_file_in_the_way_keeps_both_from_being_written(
        self, tmp_path: Path, name: str
    ) -> None:
        (tmp_path / name).write_text("ours", encoding="utf-8")
        with pytest.raises(CommandError, match="--force"):
            write(ANSWERS, tmp_path)
        assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ["ours"]

    def test_a_place_that_is_no_directory_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(CommandError, match="--directory"):
            write(ANSWERS, tmp_path / "file")


class TestForce:
    def test_replaces_the_tokens(self, tmp_path: Path) -> None:
        write(ANSWERS, tmp_path)
        before = Registration.load(tmp_path / "registration.yaml")
        write(ANSWERS, tmp_path, force=True)
        assert Registration.load(tmp_path / "registration.yaml").as_token != before.as_token

    def test_keeps_the_secret_that_opens_the_former_database(self, tmp_path: Path) -> None:
        write(ANSWERS, tmp_path)
        before = load(tmp_path / "goudwacht.yaml").database.secret
        kept = write(ANSWERS, tmp_path, force=True)
        assert load(kept[0]).database.secret == before

    def test_keeps_what_was_kept_before(self, tmp_path: Path) -> None:
        write(ANSWERS, tmp_path)
        first = write(ANSWERS, tmp_path, force=True)
        second = write(ANSWERS, tmp_path, force=True)
        assert not set(first) & set(second)


class TestTheCommand:
    FLAGS = ("--homeserver-url", "http://localhost:8008", "--server-name", "example.org")

    async def test_writes_where_it_is_run(self, tmp_path: Path) -> None:
        assert (await run(*self.FLAGS, directory=tmp_path)).returncode == 0
        assert {path.name for path in tmp_path.iterdir()} == {
            "goudwacht.yaml",
            "registration.yaml",
        }

    async def test_tells_the_next_steps(self, tmp_path: Path) -> None:
        told = (await run(*self.FLAGS, directory=tmp_path)).stdout
        assert "app_service_config_files" in told
        assert "goudwacht doctor" in told

    async def test_shows_no_secret(self, tmp_path: Path) -> None:
        told = await run(*self.FLAGS, directory=tmp_path)
        registration = Registration.load(tmp_path / "registration.yaml")
        secret = load(tmp_path / "goudwacht.yaml").database.secret
        for hidden in (registration.as_token, registration.hs_token, secret):
            assert hidden not in told.stdout + told.stderr

    async def test_without_a_terminal_names_the_flags_that_are_missing(
        self, tmp_path: Path
    ) -> None:
        told = await run(directory=tmp_path)
        assert told.returncode == 1
        assert "--homeserver-url, --server-name" in told.stderr

    async def test_a_fault_is_a_message_and_no_traceback(self, tmp_path: Path) -> None:
        told = await run("--homeserver-url", "h", "--server-name", "h", directory=tmp_path)
        assert told.returncode == 1
        assert "Traceback" not in told.stderr

    def test_on_a_terminal_asks_for_what_no_flag_says(self, tmp_path: Path) -> None:
        status = run_on_a_terminal(
            "--network-name",
            "Juweliers",
            typed=["http://localhost:8008", "example.org", "", "en", "@anna:example.org"],
            directory=tmp_path,
        )
        configuration = load(tmp_path / "goudwacht.yaml")
        assert status == 0
        assert configuration.homeserver.name == "example.org"
        assert configuration.door.address == "http://localhost:29350"
        assert configuration.network.language == "en"
        assert configuration.network.name == "Juweliers"
        assert configuration.coordinators == ("@anna:example.org",)
