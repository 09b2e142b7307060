"""The wheel: put into an empty environment it is the whole product.

The dependencies are lent by the environment of the tests, so that nothing is downloaded; the
product itself can only come from the wheel.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it."""

    wheel: Path
    directory: Path

    def run(self, program: str, *arguments: str, folder: Path) -> str:
        """Run one of its programs in ``folder``; return what it printed."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
        }
        process = subprocess.run(
            [self.directory / "bin" / program, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert process.returncode == 0, process.stdout
        return process.stdout.strip()

    def contents(self) -> set[str]:
        """Return the paths in the wheel."""
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    directory = tmp_path_factory.mktemp("wheel")
    _python("-m", "build", "--wheel", "--no-isolation", "--outdir", str(directory), ".")
    (wheel,) = directory.glob("*.whl")
    environment = directory / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    _python("-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel))
    # Path files in a directory that is named by a path file are not read: what the environment
    # of the tests has installed as "editable", the product first of all, stays out.
    packages = Path(
        sysconfig.get_path("purelib", vars={"base": str(environment)}, scheme="posix_prefix")
    )
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "dependencies.pth").write_text("\n".join(sorted(lent)), encoding="utf-8")
    return Installed(wheel, environment)


def _python(*arguments: str) -> None:
    process = subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert process.returncode == 0, process.stdout


def _files_below(directory: Path) -> set[Path]:
    return {
        path.relative_to(directory)
        for path in directory.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_code_that_runs_is_the_wheels(installed: Installed, tmp_path: Path) -> None:
    places = installed.run(
        "python",
        "-c",
        "import appservice, bridge; print(appservice.__file__); print(bridge.__file__)",
        folder=tmp_path,
    )
    assert all(Path(place).is_relative_to(installed.directory) for place in places.splitlines())


def test_the_command_tells_its_version(installed: Installed, tmp_path: Path) -> None:
    assert installed.run("goudwacht", "--version", folder=tmp_path).startswith("goudwacht 0.")


def test_the_command_sets_up_from_any_folder(installed: Installed, tmp_path: Path) -> None:
    flags = ("--homeserver-url", "http://localhost:8008", "--server-name", "example.org")
    installed.run("goudwacht", "init", *flags, folder=tmp_path)
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == ["goudwacht.yaml", "registration.yaml"]


@pytest.mark.parametrize("command", ["init", "run", "doctor", "db"])
def test_every_command_is_there(installed: Installed, tmp_path: Path, command: str) -> None:
    assert command in installed.run("goudwacht", command, "--help", folder=tmp_path)


def test_the_database_is_made_with_its_migrations(installed: Installed, tmp_path: Path) -> None:
    flags = ("--homeserver-url", "http://localhost:8008", "--server-name", "example.org")
    installed.run("goudwacht", "init", *flags, folder=tmp_path)
    installed.run("goudwacht", "db", "upgrade", folder=tmp_path)
    assert (tmp_path / "goudwacht.db").exists()


def test_every_template_of_the_repository_is_found(installed: Installed, tmp_path: Path) -> None:
    code = "from bridge.wording import templates_directory; print(templates_directory())"
    found = Path(installed.run("python", "-c", code, folder=tmp_path))
    assert found.is_relative_to(installed.directory)
    assert _files_below(found) == _files_below(REPOSITORY / "templates") != set()


@pytest.mark.parametrize("package", ["appservice", "bridge"])
def test_every_file_of_a_package_is_in_it(installed: Installed, package: str) -> None:
    ours = {f"{package}/{path.as_posix()}" for path in _files_below(REPOSITORY / package)}
    assert ours <= installed.contents()


def test_the_migrations_are_in_it(installed: Installed) -> None:
    assert any(path.startswith("bridge/migrations/versions/") for path in installed.contents())


def test_the_tests_are_not(installed: Installed) -> None:
    assert not any(path.startswith("tests/") for path in installed.contents())


def test_the_licence_is_in_it(installed: Installed) -> None:
    assert any(path.endswith("licenses/LICENSE") for path in installed.contents())
