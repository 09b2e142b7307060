"""What operators do to the database itself, on either kind: copy it, lose it, put a copy back.

::

    SQLite      `.backup` ──▶ a file ──▶ in the place of the database's own
    PostgreSQL  pg_dump ────▶ a file ──▶ pg_restore, into an empty database of the same name
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from tests.command_line.site import Site
from tests.databases import DATABASES
from tests.harness.postgres import Postgres


async def back_up(site: Site) -> Path:
    """Copy the database, while the service may run; return where the copy is."""
    copy = site.path.with_name("copy")
    name, server = _on_server(site)
    if server is not None:
        await server.dump(name, copy)
    else:
        await asyncio.to_thread(_copy, site.file, copy)
    return copy


async def lose(site: Site) -> None:
    """Lose everything that the database held."""
    name, server = _on_server(site)
    if server is not None:
        await server.empty(name)
    for lost in site.path.parent.glob("goudwacht.db*"):
        lost.unlink()


async def put_back(site: Site, copy: Path) -> None:
    """Put a copy in the place of the database; the copy stays."""
    await lose(site)
    name, server = _on_server(site)
    if server is not None:
        await server.restore(name, copy)
    else:
        shutil.copy(copy, site.file)


def _on_server(site: Site) -> tuple[str, Postgres | None]:
    url = make_url(site.url)
    if url.get_backend_name() == "sqlite":
        return "", None
    assert DATABASES.server is not None
    return str(url.database), DATABASES.server


def _copy(database: Path, copy: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
