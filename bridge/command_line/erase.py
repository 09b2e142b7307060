"""``goudwacht members erase``: everything that is stored about somebody, and what stays of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from appservice.ids import UserID
from appservice.scrubbing import scrub
from appservice.vault import Vault
from bridge.command_line.failure import CommandError
from bridge.command_line.opened import opened
from bridge.command_line.options import DEFAULT_CONFIGURATION, ConfigurationOption
from bridge.configuration import Configuration, load
from bridge.configuration.settings import user_id
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
    try:
        whom = UserID(user_id(user))
    except ValueError:
        raise CommandError(f"'{user}' is no user id such as @anna:example.org.") from None
    reports = asyncio.run(_erase(load(config), whom))
    if reports is None:
        typer.echo(f"Nothing is stored about {whom}. Is that how they are called?")
        return
    typer.echo(f"{whom} is erased, and {reports} reports with them. What stays, and why:")
    for one in STAYS:
        typer.echo(f"- {one}")


async def _erase(configuration: Configuration, user: UserID) -> int | None:
    """Erase somebody; return how many reports went, None when nothing was stored about them."""
    wording = Wording(templates_directory(), configuration.network.timezone)
    network = Network(configuration, Vault(configuration.database.secret), wording)
    try:
        async with opened(configuration) as database:
            async with database.begin() as work:
                if not await network.privacy.erasing.knows(work, user):
                    return None
                now = datetime.now(UTC)
                reports = await network.privacy.erasing.erase(work, user, configuration, now)
            await scrub(database)
            return reports
    except StillTakesPart as error:
        raise CommandError(
            f"{user} still takes part. First type !verwijder {user} in the review room, and take "
            "them out of goudwacht.yaml: who is named there is let in at the next start."
        ) from error
