"""``goudwacht backup``: a copy of a SQLite database, and apart from it the reports' keys.

::

    database ─▶ copy without keys, under a name of its own each time   (keep it as long as you like)
        └─────▶ goudwacht-keys.json, written over                      (keep only the newest)

So a report that was erased can be opened from no copy, once this was typed again.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from appservice.database import Database
from appservice.private_file import write_private
from bridge import migrations
from bridge.command_line.failure import CommandError
from bridge.command_line.options import DEFAULT_CONFIGURATION, ConfigurationOption
from bridge.configuration import load
from bridge.reports import key_copies
from bridge.reports.case_keys import case_keys

KEYS = "goudwacht-keys.json"

FolderArgument = Annotated[Path, typer.Argument(help="Where the copies go.", file_okay=False)]


def backup(folder: FolderArgument, config: ConfigurationOption = DEFAULT_CONFIGURATION) -> None:
    """Copy the database without the reports' keys, and those beside it; while it runs, too."""
    url = load(config).database.url
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise CommandError(
            "This copies SQLite. For PostgreSQL type: pg_dump --exclude-table-data=case_keys, "
            f"and: goudwacht key export {folder / KEYS}"
        )
    copy = folder / f"goudwacht-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.db"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _copy(Path(parsed.database), copy)
        # After it: every report in the copy had its key before.
        text, number = asyncio.run(_keys(url))
        write_private(folder / KEYS, text, force=True)
    except (OSError, sqlite3.Error) as error:
        raise CommandError(f"{folder} cannot be written ({error}). Name another.") from error
    typer.echo(f"{copy}, and the keys of {number} reports in {folder / KEYS}.")


async def _keys(url: str) -> tuple[str, int]:
    database = Database(url)
    try:
        await migrations.ensure_current(database)
        async with database.read() as work:
            return await key_copies.written(work)
    finally:
        await database.close()


def _copy(source: Path, copy: Path) -> None:
    """Copy a database in use, so that no key is in the copy at any moment under its name."""
    making = copy.with_name(f".{copy.name}")
    making.unlink(missing_ok=True)
    os.close(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(making)) as made:
            original.backup(made)
            made.execute("PRAGMA journal_mode=DELETE")
            made.execute("PRAGMA secure_delete=ON")
            made.execute(f"DELETE FROM {case_keys.name}")  # noqa: S608 - our own table's name
            made.commit()
            made.execute("VACUUM")
        making.replace(copy)
    finally:
        making.unlink(missing_ok=True)
