"""``goudwacht run``: run the service until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Annotated

import typer

from appservice.active import active
from appservice.database import Database
from appservice.encryption.account import IdentityError
from appservice.homeserver import MatrixError
from appservice.registration import Registration
from appservice.rotation import ensure_opens
from appservice.service import Service, ServiceSettings
from appservice.vault import Vault
from bridge import migrations
from bridge.command_line.failure import CommandError
from bridge.command_line.log import set_up_logging, without_words
from bridge.command_line.options import DEFAULT_CONFIGURATION, ConfigurationOption
from bridge.configuration import Configuration, load
from bridge.members.register import has_new_shops
from bridge.network import Network
from bridge.wording import Wording, templates_directory

LEAVING_SECONDS = 30.0
"""How long an instance that took over waits for a former one on this machine to leave the door."""


def run(
    config: ConfigurationOption = DEFAULT_CONFIGURATION,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Run the service; Ctrl-C or SIGTERM stops it, and nothing is lost by that."""
    set_up_logging(log_level)
    asyncio.run(serve(load(config, shops=False), partial(load, config)))


SIGN_WITHIN = timedelta(minutes=1)
"""What who logs in with a recovery key needs to look for it."""


def service(
    configuration: Configuration, database: Database, sign_within: timedelta = SIGN_WITHIN
) -> Service:
    """Put the service together from its configuration.

    Args:
        configuration: all of it.
        database: is migrated.
        sign_within: see :class:`ServiceSettings`.

    Raises:
        RegistrationError: the registration file cannot be used.
        VaultError: the secret is too short.
        WordingError: the templates are not there.
    """
    vault = Vault(configuration.database.secret)
    wording = Wording(templates_directory(), configuration.network.timezone)
    settings = ServiceSettings(
        homeserver_url=configuration.homeserver.url,
        registration=Registration.load(configuration.registration),
        bot=configuration.bot_user,
        device=configuration.bot.device,
        display_name=configuration.bot.display_name,
        host=configuration.door.host,
        port=configuration.door.port,
        max_body_bytes=configuration.door.max_body_bytes,
        key_sharing=configuration.encryption.share_keys_with,
        late_after=timedelta(minutes=configuration.network.late_after_minutes),
        sign_within=sign_within,
    )
    return Service(settings, database, vault, Network(configuration, vault, wording))


async def serve(configuration: Configuration, judge: Callable[[], object] = lambda: None) -> None:
    """Run the service until SIGINT or SIGTERM.

    Args:
        judge: called when there are shops in the configuration that were not judged at an earlier
            start; raises to refuse them.

    Raises:
        CommandError: it cannot start or cannot go on; the text says what to do.
        DatabaseError: the database does not answer.
        NoLongerActive: another instance took over.
        SchemaError: the database is of another version.
    """
    task = asyncio.ensure_future(_serve(configuration, judge))
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(without_words)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        logging.getLogger(__name__).info("stopped")


async def _serve(configuration: Configuration, judge: Callable[[], object]) -> None:
    database = Database(configuration.database.url)
    try:
        await database.check()
        running = service(configuration, database)
        async with active(database) as turn:
            await migrations.ensure_current(database)
            await turn.begin()
            async with database.read() as work:
                # Before anything is written under a secret that does not fit the rest.
                await ensure_opens(work, Vault(configuration.database.secret))
                if await has_new_shops(work, configuration):
                    judge()
            await running.run(door_patience=LEAVING_SECONDS if turn.waited else 0.0)
    except MatrixError as error:
        raise CommandError(
            f"The homeserver refuses ({error}). Most often it does not know the registration: "
            f"add {configuration.registration} to its app_service_config_files and restart it, "
            "then try `goudwacht doctor`."
        ) from error
    except IdentityError as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(
            f"Cannot listen on {configuration.door.host}:{configuration.door.port} "
            f"({error.strerror}). Is the service running already? Otherwise set door.port."
        ) from error
    finally:
        await database.close()
