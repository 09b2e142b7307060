"""What a start waits for, and what it does not."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import yaml
from nio.crypto.sessions import derive_pickle_key
from typer import Typer

from appservice.database import Database
from appservice.vault import Vault
from bridge import migrations
from bridge.command_line import app_for
from bridge.command_line.init import CONFIGURATION_FILE, Answers, write
from bridge.command_line.run import serve
from bridge.configuration import ConfigurationError, load
from bridge.configuration.source import NotYamlError, Source
from bridge.members.register import Register, has_new_shops
from bridge.regions import DEFAULT_REGIONS
from tests.unit.example import NOW

SECRET = "a secret that is long enough for the tests"

_AFTERWARDS = ("nio", "alembic", "phonenumbers", "bridge.gate.names", "bridge.reports.spoken")
"""Takes as long to import as all that is needed for the first event."""


def test_a_start_imports_nothing_that_the_first_event_does_not_need() -> None:
    asked = f"print([name for name in {_AFTERWARDS} if name in sys.modules])"
    started = "import sys; from bridge.command_line import app_for; app_for('run')"

    found = subprocess.run(
        [sys.executable, "-c", f"{started}; {asked}"], capture_output=True, text=True, check=True
    )

    assert found.stdout == "[]\n"


def _names(app: Typer) -> list[str | None]:
    commands = [command.name for command in app.registered_commands]
    return [*commands, *(str(group.name) for group in app.registered_groups)]


def test_what_is_typed_alone_is_what_is_found_among_all() -> None:
    for word in _names(app_for()):
        assert _names(app_for(str(word))) == [word]


def test_keys_are_pickled_under_what_nio_makes_of_the_passphrase() -> None:
    vault = Vault(SECRET)

    assert vault.pickle_key == derive_pickle_key(vault.passphrase)


@pytest.mark.parametrize("text", ["[" * 20_000, "[" * 20_000 + "]" * 20_000, "- " * 20_000])
def test_a_configuration_that_nests_too_deeply_is_told_so(text: str) -> None:
    with pytest.raises(NotYamlError):
        Source(text)


def shop_named(name: str, directory: Path) -> Path:
    """A configuration with one member, whose shop has a name."""
    write(Answers(homeserver_url="http://localhost:9", server_name="example.org"), directory)
    path = directory / CONFIGURATION_FILE
    values = yaml.safe_load(path.read_text())
    member = {"user": "@anna:example.org", "region": DEFAULT_REGIONS[0].code, "shop": name}
    path.write_text(yaml.safe_dump(values | {"members": [member]}))
    return path


async def test_a_shop_that_is_new_is_judged_before_the_start(tmp_path: Path) -> None:
    path = shop_named("Jansen, bel 06-12345678", tmp_path)

    with pytest.raises(ConfigurationError, match="more in it than a name"):
        await serve(load(path, shops=False), partial(load, path))


async def test_a_shop_that_was_taken_over_is_not_judged_again(tmp_path: Path) -> None:
    configuration = load(shop_named("De Gouden Ring", tmp_path))
    await migrations.ensure_current(database := Database(configuration.database.url))
    async with database.begin() as work:
        assert await has_new_shops(work, configuration)

        await Register(Vault(SECRET)).seed(work, configuration, NOW)

        assert not await has_new_shops(work, configuration)
    await database.close()
