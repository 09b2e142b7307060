"""``goudwacht db``: the database's schema."""

from __future__ import annotations

import asyncio

import typer
from rich.console import Console

from appservice.active import active
from appservice.database import Database
from appservice.encryption.restored import (
    Aside,
    DeviceInUse,
    NotLost,
    replace_identity,
    start_new_device,
)
from appservice.homeserver import Homeserver, HomeserverUnreachable, MatrixError
from appservice.registration import Registration
from appservice.vault import Vault
from bridge import migrations
from bridge.command_line.failure import CommandError
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

    The bot keeps its identity and gets a new device; with the sessions of the back-up nobody could
    read it. A service that starts on a back-up notices by itself if it has spoken since.
    """
    aside = asyncio.run(_restored(load(config)))
    console = Console()
    console.print("The bot goes on with a new device. Start the service: goudwacht run")
    if aside.messages:
        console.print(
            f"{aside.messages} messages waited when the back-up was made, and may have been sent "
            "since: see `goudwacht outbox list`."
        )
    if aside.events:
        console.print(
            f"{aside.events} events waited when the back-up was made, and may have been handled "
            "since: see `goudwacht inbox list`."
        )


@app.command()
def lost(
    config: ConfigurationOption = DEFAULT_CONFIGURATION,
) -> None:
    """Say that the database is lost and there is no back-up: the bot gets a new identity.

    Set another bot.device first. Members are warned that the bot's identity changed.
    """
    asyncio.run(_lost(load(config)))
    Console().print(
        "The bot has a new identity. Tell the members that the warning they see is expected, then "
        "start the service: goudwacht run"
    )


async def _restored(configuration: Configuration) -> Aside:
    vault = Vault(configuration.database.secret)
    database = Database(configuration.database.url)
    try:
        await database.check()
        async with active(database, wait=False) as turn:
            await migrations.ensure_current(database)
            await turn.begin()
            async with database.begin() as work:
                return await start_new_device(
                    work, vault, configuration.bot_user, configuration.bot.device
                )
    finally:
        await database.close()


async def _lost(configuration: Configuration) -> None:
    vault = Vault(configuration.database.secret)
    database = Database(configuration.database.url)
    homeserver = Homeserver(
        configuration.homeserver.url,
        Registration.load(configuration.registration).as_token,
        configuration.bot_user,
    )
    try:
        await database.check()
        async with active(database, wait=False) as turn:
            await migrations.ensure_current(database)
            await turn.begin()
            await replace_identity(database, vault, homeserver, configuration.bot.device)
    except (DeviceInUse, NotLost) as error:
        raise CommandError(str(error)) from error
    except (HomeserverUnreachable, MatrixError) as error:
        raise CommandError(f"{error}. Try again when `goudwacht doctor` reaches it.") from error
    finally:
        await homeserver.close()
        await database.close()


async def _upgrade(database: Database) -> None:
    try:
        await database.check()
        # The running service knows the former schema only.
        async with active(database, wait=False):
            await migrations.upgrade(database)
    finally:
        await database.close()
