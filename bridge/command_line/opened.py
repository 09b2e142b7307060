"""The database as a command opens it beside the service: of this version, under this secret.

A command that wrote under another secret than the rest would leave what nobody can open, and say
that all is well.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from appservice.database import Database
from appservice.rotation import ensure_opens
from appservice.vault import Vault
from bridge import migrations
from bridge.command_line.failure import CommandError
from bridge.configuration import Configuration


@asynccontextmanager
async def opened(
    configuration: Configuration, *, made: bool = False, sealed: bool = False
) -> AsyncIterator[Database]:
    """Open the database; it is closed in the end.

    Args:
        made: one that is empty gets its tables; otherwise there is nothing in it to work on.
        sealed: what does not open under the secret is for the command to tell.

    Raises:
        CommandError: there is nothing in it.
        SchemaError: it is of another version.
        VaultError: the secret in the configuration is not the one that it was made with.
    """
    database = Database(configuration.database.url)
    try:
        if not made and not _is_there(database):
            raise _nothing_in(database)
        found = await migrations.state(database)
        if not made and found is migrations.SchemaState.EMPTY:
            raise _nothing_in(database)
        await migrations.ensure_current(database, found)
        if not sealed:
            async with database.read() as work:
                await ensure_opens(work, Vault(configuration.database.secret))
        yield database
    finally:
        await database.close()


def _is_there(database: Database) -> bool:
    # To look into a file that is not there would make it.
    file = database.url.database if database.url.get_backend_name() == "sqlite" else None
    return file is None or Path(file).exists()


def _nothing_in(database: Database) -> CommandError:
    return CommandError(
        f"There is nothing in the database {database.url.render_as_string()}. Is database.url in "
        "goudwacht.yaml the one of the service, and did it ever run?"
    )
