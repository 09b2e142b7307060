"""The ``goudwacht`` command: what an operator types.

    main ──▶ app ──▶ one module per command ──▶ the packages that do the work

Each module defines one command and knows how to talk to a terminal; a line in this file gives
the command its name. A command that cannot go on raises an exception whose text holds the
remedy; :func:`main` prints it and ends with exit status 1.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console

from appservice.active import NoLongerActive, OtherActive
from appservice.database import DatabaseError
from appservice.registration import RegistrationError
from appservice.vault import VaultError
from bridge.command_line import audit, database, key, members
from bridge.command_line.backup import backup
from bridge.command_line.doctor import doctor
from bridge.command_line.erase import erase
from bridge.command_line.failure import CommandError
from bridge.command_line.inbox import inbox, outbox
from bridge.command_line.init import init
from bridge.command_line.parse import command as parse
from bridge.command_line.purge import purge
from bridge.command_line.run import run
from bridge.configuration import ConfigurationError
from bridge.gate.lines import CannotRead, screen_lines
from bridge.migrations import SchemaError
from bridge.wording import WordingError

__all__ = ["CommandError", "app", "main"]

EXPECTED: tuple[type[Exception], ...] = (
    CannotRead,
    CommandError,
    ConfigurationError,
    DatabaseError,
    NoLongerActive,
    OtherActive,
    RegistrationError,
    SchemaError,
    VaultError,
    WordingError,
)
"""What an operator can put right: shown as a message. Anything else is a traceback."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Jewellers warn each other, and the police, in encrypted Matrix rooms.",
)

# One line a command; a group of its own: app.add_typer(database.app, name="db").
app.command()(init)
app.command()(run)
app.command()(doctor)
app.command("screen")(screen_lines)
app.command()(purge)
app.command()(backup)
app.command("parse")(parse)
app.add_typer(database.app, name="db")
app.add_typer(audit.app, name="audit")
app.add_typer(key.app, name="key")
members.app.command()(erase)
app.add_typer(members.app, name="members")
app.add_typer(inbox, name="inbox")
app.add_typer(outbox, name="outbox")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"goudwacht {version('goudwacht')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command that the arguments name; never returns."""
    # Whatever is written, the database first of all, is for its owner alone.
    os.umask(0o077)
    try:
        app()
    except EXPECTED as error:
        Console(stderr=True, soft_wrap=True).print(str(error), style="red", markup=False)
        raise SystemExit(1) from None
