"""Writes the migration for tables that were changed: ``make revision NAME="what changed"``.

::

    empty database ─▶ every migration so far ─▶ compared with the tables ─▶ versions/0002_…py

While the first revision is unreleased, remove its file beforehand: it is then written anew.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from appservice.database import Database
from bridge import migrations

FOLDER = Path(migrations.__file__).parent


def revise(connection: Connection, message: str) -> Path:
    """Write the migration from every earlier one to the tables as they are now."""
    configuration = Config()
    configuration.set_main_option("script_location", str(FOLDER))
    configuration.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    configuration.attributes["connection"] = connection
    number = len(list(ScriptDirectory.from_config(configuration).walk_revisions())) + 1
    command.upgrade(configuration, "head")
    made = command.revision(configuration, message, autogenerate=True, rev_id=f"{number:04}")
    assert made is not None
    assert not isinstance(made, list)
    return Path(made.path)


async def write(message: str) -> Path:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{folder}/empty.db")
        try:
            async with database.begin() as work:
                return await work.run_sync(revise, message)
        finally:
            await database.close()


def main(message: str) -> None:
    path = asyncio.run(write(message))
    for tidy in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *tidy, str(path)], check=True)
    print(f"Written: {path}. Read it before you commit it.")


if __name__ == "__main__":
    if not sys.argv[1:] or not sys.argv[1].strip():
        sys.exit('Say what changed: make revision NAME="what changed"')
    main(sys.argv[1])
