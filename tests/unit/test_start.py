"""What a start waits for, and what it does not."""

from __future__ import annotations

import subprocess
import sys

import pytest
from nio.crypto.sessions import derive_pickle_key
from typer import Typer

from appservice.vault import Vault
from bridge.command_line import app_for
from bridge.configuration.source import NotYamlError, Source

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
    vault = Vault("a secret that is long enough for the tests")

    assert vault.pickle_key == derive_pickle_key(vault.passphrase)


@pytest.mark.parametrize("text", ["[" * 20_000, "[" * 20_000 + "]" * 20_000, "- " * 20_000])
def test_a_configuration_that_nests_too_deeply_is_told_so(text: str) -> None:
    with pytest.raises(NotYamlError):
        Source(text)
