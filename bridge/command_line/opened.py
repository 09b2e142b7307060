"""The database as a command opens it beside the service: of this version, under this secret.

A command that wrote under another secret than the rest would leave what nobody can open, and say
that all is well.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from appservice.database import Database
from appservice.rotation import ensure_opens
from appservice.vault import Vault
from bridge import migrations
from bridge.configuration import Configuration


@asynccontextmanager
async def opened(configuration: Configuration) -> AsyncIterator[Database]:
    """Open the database; it is closed in the end.

    Raises:
        SchemaError: it is of another version.
        VaultError: the secret in the configuration is not the one that it was made with.
    """
    database = Database(configuration.database.url)
    try:
        await migrations.ensure_current(database)
        async with database.read() as work:
            await ensure_opens(work, Vault(configuration.database.secret))
        yield database
    finally:
        await database.close()
