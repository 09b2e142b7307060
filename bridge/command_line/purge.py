"""``goudwacht purge``: erase now what has had its time, as the service does every night."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import typer

from appservice.database import Database
from appservice.scrubbing import scrub
from appservice.vault import Vault
from bridge.command_line.opened import opened
from bridge.command_line.options import DEFAULT_CONFIGURATION, ConfigurationOption
from bridge.configuration import Configuration, load
from bridge.network import Network
from bridge.wording import Wording, templates_directory

_WORDS = {
    "reports": "reports",
    "messages": "messages",
    "set_aside": "messages that were never sent",
    "room_keys": "room keys",
    "audit": "entries of the audit log",
}


def purge(config: ConfigurationOption = DEFAULT_CONFIGURATION) -> None:
    """Erase what has had its time; safe to repeat, and while the service runs.

    The service takes the messages back in the rooms, within seconds or when it runs again.
    """
    erased = asyncio.run(_purge(load(config)))
    for kind, words in _WORDS.items():
        if erased.get(kind):
            typer.echo(f"{erased[kind]} {words} erased.")
    if not any(erased.values()):
        typer.echo("Nothing has had its time.")


async def _purge(configuration: Configuration) -> Mapping[str, int]:
    async with opened(configuration) as database:
        return await purged(configuration, database, datetime.now(UTC))


async def purged(
    configuration: Configuration, database: Database, now: datetime
) -> Mapping[str, int]:
    """Erase what has had its time at ``now``, from the files too; return how much of each kind."""
    wording = Wording(templates_directory(), configuration.network.timezone)
    network = Network(configuration, Vault(configuration.database.secret), wording)
    erased = await network.privacy.sweep.whole(database, now)
    await scrub(database)
    return erased
