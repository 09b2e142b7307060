"""``goudwacht db``: the database's schema."""

from __future__ import annotations

import asyncio

import typer
from rich.console import Console

from appservice.database import Database
from bridge import migrations
from bridge.command_line.options import DEFAULT_CONFIGURATION, ConfigurationOption
from bridge.configuration import load

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


async def _upgrade(database: Database) -> None:
    try:
        await migrations.upgrade(database)
    finally:
        await database.close()
