"""``goudwacht db``: the database's schema."""

from __future__ import annotations

import asyncio

import typer
from rich.console import Console

from appservice import catching_up
from appservice.database import Database
from appservice.encryption.restored import start_new_sessions
from appservice.vault import Vault
from bridge import migrations
from bridge.command_line.options import DEFAULT_CONFIGURATION, ConfigurationOption
from bridge.configuration import Configuration, load

app = typer.Typer(no_args_is_help=True, help="The database.")


@app.callback()
def _group() -> None:
    pass


@app.command()
def upgrade(
    config: ConfigurationOption = DEFAULT_CONFIGURATION,
) -> None:
    """Bring the database to this version's schema; safe to repeat. Make a back-up first."""
    asyncio.run(_upgrade(Database(load(config).database.url)))
    Console().print("The database is of this version now.")


@app.command()
def restored(
    config: ConfigurationOption = DEFAULT_CONFIGURATION,
) -> None:
    """Say that a back-up was put back, before the service starts on it again.

    The bot then starts new sessions; with those of the back-up nobody could read it.
    """
    asyncio.run(_restored(load(config)))
    Console().print("The bot will start new sessions. Start the service: goudwacht run")


async def _restored(configuration: Configuration) -> None:
    vault = Vault(configuration.database.secret)
    database = Database(configuration.database.url)
    try:
        await migrations.ensure_current(database)
        async with database.begin() as work:
            await start_new_sessions(work, vault, configuration.bot_user)
            # What happened since the back-up was answered then; nobody is to hear it again.
            await catching_up.forget(work, configuration.bot_user)
    finally:
        await database.close()


async def _upgrade(database: Database) -> None:
    try:
        await migrations.upgrade(database)
    finally:
        await database.close()
