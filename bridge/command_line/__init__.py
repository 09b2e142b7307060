"""The ``goudwacht`` command: what an operator types.

    app_for ──▶ one module per command ──▶ run_app ──▶ the packages that do the work

Each module defines one command, or a group of them, and knows how to talk to a terminal; a line in
this file gives it its name. What was typed is all that is imported: of a start that is the longest
part. A command that cannot go on raises an exception whose text holds the remedy; :func:`run_app`
prints it and ends with exit status 1.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, Final

import typer

from bridge.command_line.failure import CommandError

__all__ = ["CommandError", "app_for", "main", "run_app"]

_COMMANDS: Final = {
    "init": ".init.init",
    "run": ".run.run",
    "doctor": ".doctor.doctor",
    "screen": "bridge.gate.lines.screen_lines",
    "purge": ".purge.purge",
    "backup": ".backup.backup",
    "parse": ".parse.command",
    "db": ".database.app",
    "audit": ".audit.app",
    "key": ".key.app",
    "members": ".members.app",
    "inbox": ".inbox.inbox",
    "outbox": ".inbox.outbox",
}
"""What may be typed, in the order of ``--help``, and where it is: a function, or a group."""


def app_for(word: str = "") -> typer.Typer:
    """Return the command line: with one command when it is named, with all of them otherwise."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Jewellers warn each other, and the police, in encrypted Matrix rooms.",
    )
    app.callback()(_options)
    for name in [word] if word in _COMMANDS else _COMMANDS:
        found = _found(_COMMANDS[name])
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def _found(place: str) -> Any:
    module, _, name = place.rpartition(".")
    return getattr(import_module(module, __name__), name)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"goudwacht {version('goudwacht')}")
        raise typer.Exit


def _options(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Import and run the command that the arguments name; never returns."""
    run_app(app_for(*sys.argv[1:2]))


def run_app(app: typer.Typer) -> None:
    """Run the command that the arguments name; never returns."""
    # Whatever is written, the database first of all, is for its owner alone.
    os.umask(0o077)
    try:
        app()
    except Exception as error:
        from rich.console import Console

        told = str(error) if isinstance(error, _expected(error)) else _mistake(error)
        Console(stderr=True, soft_wrap=True).print(told, style="red", markup=False)
        raise SystemExit(1) from None


def _mistake(error: Exception) -> str:
    """Say where an exception came from: what it says itself may be what a person wrote."""
    from appservice.faults import fault_of

    return f"A mistake of ours. Please report where it was made: {fault_of(error)}"


def _expected(error: Exception) -> tuple[type[Exception], ...]:
    """Return what an operator can put right: shown as a message."""
    if isinstance(error, CommandError):
        return (CommandError,)
    from appservice.active import NoLongerActive, OtherActive
    from appservice.database import DatabaseError
    from appservice.registration import RegistrationError
    from appservice.vault import VaultError
    from bridge.configuration import ConfigurationError
    from bridge.gate.lines import CannotRead
    from bridge.migrations import SchemaError
    from bridge.wording import WordingError

    return (
        CannotRead,
        ConfigurationError,
        DatabaseError,
        NoLongerActive,
        OtherActive,
        RegistrationError,
        SchemaError,
        VaultError,
        WordingError,
    )
