"""``goudwacht members erase``: everything that is stored about somebody, and what stays of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from appservice.database import Database
from appservice.ids import UserID
from appservice.vault import Vault
from bridge import migrations
from bridge.command_line.failure import CommandError
from bridge.command_line.options import DEFAULT_CONFIGURATION, ConfigurationOption
from bridge.configuration import load
from bridge.network import Network
from bridge.privacy.erasing import STAYS, StillTakesPart
from bridge.wording import Wording, templates_directory


def erase(
    user: Annotated[str, typer.Argument(help="Whom, such as @anna:example.org.")],
    config: ConfigurationOption = DEFAULT_CONFIGURATION,
) -> None:
    """Erase somebody who takes part no longer; safe to repeat, and while the service runs.

    The service takes their messages back in the rooms, within seconds or when it runs again.
    """
    reports = asyncio.run(_erase(config, UserID(user)))
    typer.echo(f"{user} is erased, and {reports} reports with them. What stays, and why:")
    for one in STAYS:
        typer.echo(f"- {one}")


async def _erase(config: ConfigurationOption, user: UserID) -> int:
    configuration = load(config)
    vault = Vault(configuration.database.secret)
    wording = Wording(templates_directory(), configuration.network.timezone)
    database = Database(configuration.database.url)
    try:
        await migrations.ensure_current(database)
        network = Network(configuration, vault, wording)
        async with database.begin() as work:
            reports = await network.erasing.erase(work, user, configuration, datetime.now(UTC))
        await database.scrub()
        return reports
    except StillTakesPart as error:
        raise CommandError(
            f"{user} still takes part. First type !verwijder {user} in the review room, and take "
            "them out of goudwacht.yaml: who is named there is let in at the next start."
        ) from error
    finally:
        await database.close()
