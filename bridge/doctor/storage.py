"""The database: does it answer, is it of this version, does the secret open it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import make_url

from appservice.encryption.inspection import load_stored
from bridge.doctor.examination import Fault
from bridge.doctor.installation import Installation
from bridge.migrations import SchemaState, schema_fault, state

_START_ONCE = "Start the service once: goudwacht run"


async def database(installation: Installation) -> Sequence[Fault]:
    """Look whether the database answers, without making a file that is not there."""
    file = _file(installation.configuration.database.url)
    if file is not None and not file.exists():
        return [Fault(f"There is no database at {file} yet.", _START_ONCE)]
    await installation.database.check()
    return ()


def _file(database_url: str) -> Path | None:
    url = make_url(database_url)
    # With "file:" the rest is an address of SQLite's own, with options in it.
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith("file:"):
        return None
    return Path(url.database)


async def schema(installation: Installation) -> Sequence[Fault]:
    """Look whether the database is of this version."""
    found = await state(installation.database)
    if found is SchemaState.EMPTY:
        return [Fault("The database is empty.", _START_ONCE)]
    error = schema_fault(found)
    return () if error is None else [Fault(str(error))]


async def secret(installation: Installation) -> Sequence[Fault]:
    """Look whether the secret opens what is stored."""
    await load_stored(
        installation.database, installation.vault, installation.configuration.bot_user
    )
    return ()
