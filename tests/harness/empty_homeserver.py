"""A homeserver's database as it is at its first start: made once, and copied by every later one.

::

    first start of a version ──▶ tables and indexes, some seconds ──▶ kept under .homeserver_cache/
    any other ◀──────────────────────────────── a copy ◀────────────────┘

There is nothing in it yet but tables: no account, no room, no name of a server. Synapse makes half
of its indexes after the start, one a second, and locks tables that lack one: a copy made before
would have each homeserver of a run do so for its first minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
from importlib.metadata import version
from pathlib import Path

_KEPT = Path(__file__).parents[2] / ".homeserver_cache"

_LONGEST = 60.0
"""Seconds in which the first one is done."""


def put_in_place(database: Path) -> bool:
    """Give a homeserver a database with tables; tell whether there was one to copy."""
    kept = _kept()
    if not kept.exists():
        return False
    shutil.copyfile(kept, database)
    return True


async def keep(database: Path) -> None:
    """Keep a copy of a database that was just made, and that nobody has used."""
    await _until_done(database)
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


async def _until_done(database: Path) -> None:
    """Wait until the homeserver has made what it makes after its start."""
    reading = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    with contextlib.closing(reading):
        async with asyncio.timeout(_LONGEST):
            # Another program's database tells no news.
            while reading.execute("SELECT 1 FROM background_updates").fetchone():  # noqa: ASYNC110
                await asyncio.sleep(0.05)


def _kept() -> Path:
    return _KEPT / f"synapse-{version('matrix-synapse')}-indexed.db"
