"""What operators do to the database itself, on either kind: copy it, lose it, put a copy back.

::

    SQLite      goudwacht backup ─────▶ a file ──▶ in the place of the database's own
    PostgreSQL  pg_dump, key export ──▶ a file ──▶ pg_restore, into an empty database of that name
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from tests.command_line.site import Site
from tests.databases import DATABASES
from tests.harness.postgres import Postgres


@dataclass(frozen=True)
class Copy:
    """A copy of a database without the keys of reports, and these apart from it."""

    database: Path
    keys: Path


async def back_up(site: Site) -> Copy:
    """Copy the database as docs/operating.md says, while the service may run."""
    folder = site.path.with_name("copies")
    keys = folder / "goudwacht-keys.json"
    name, server = _on_server(site)
    if server is None:
        await _typed(site, "backup", str(folder))
        return Copy(max(folder.glob("goudwacht-*.db")), keys)
    folder.mkdir(exist_ok=True)
    await server.dump(name, folder / "copy", "--exclude-table-data=case_keys")
    await _typed(site, "key", "export", str(keys))
    return Copy(folder / "copy", keys)


async def lose(site: Site) -> None:
    """Lose everything that the database held."""
    name, server = _on_server(site)
    if server is not None:
        await server.empty(name)
    for lost in site.path.parent.glob("goudwacht.db*"):
        lost.unlink()


async def put_back(site: Site, copy: Copy) -> None:
    """Put a copy in the place of the database; the copy stays."""
    await lose(site)
    name, server = _on_server(site)
    if server is not None:
        await server.restore(name, copy.database)
    else:
        shutil.copy(copy.database, site.file)


async def restored(site: Site, copy: Copy) -> str:
    """Put a copy back as docs/operating.md says; return what is printed."""
    await put_back(site, copy)
    printed = await _typed(site, "db", "restored")
    await _typed(site, "key", "import", str(copy.keys))
    return printed


async def _typed(site: Site, *command: str) -> str:
    done = await site.command(*command)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _on_server(site: Site) -> tuple[str, Postgres | None]:
    url = make_url(site.url)
    if url.get_backend_name() == "sqlite":
        return "", None
    assert DATABASES.server is not None
    return str(url.database), DATABASES.server
