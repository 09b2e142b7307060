"""A homeserver's database as it is at its first start: made once, and copied by every later one.

::

    first start of a version ──▶ tables, a second or two ──▶ kept under .homeserver_cache/
    any other ◀──────────────────────────── a copy ◀────────────┘

There is nothing in it yet but tables: no account, no room, no name of a server.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from importlib.metadata import version
from pathlib import Path

_KEPT = Path(__file__).parents[2] / ".homeserver_cache"


def put_in_place(database: Path) -> bool:
    """Give a homeserver a database with tables; tell whether there was one to copy."""
    kept = _kept()
    if not kept.exists():
        return False
    shutil.copyfile(kept, database)
    return True


def keep(database: Path) -> None:
    """Keep a copy of a database that was just made, and that nobody has used."""
    kept = _kept()
    kept.parent.mkdir(exist_ok=True)
    # Several runs may do so at once: each file is whole whenever it has its name.
    mine = kept.with_suffix(f".{os.getpid()}")
    with (
        contextlib.closing(sqlite3.connect(database, timeout=30)) as source,
        contextlib.closing(sqlite3.connect(mine)) as target,
    ):
        source.backup(target)
    mine.replace(kept)


def _kept() -> Path:
    return _KEPT / f"synapse-{version('matrix-synapse')}.db"
