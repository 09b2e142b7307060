"""What was erased leaves the database's files too: free pages, write-ahead log, dead rows.

::

    something is erased ─▶ wanted (the same commit) ─▶ files written anew ─▶ done

That it is wanted stands in the database: whoever dies in between, a service or a command that an
operator typed, the service does it when it runs.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, select, update

from appservice.database import Database, Work, insert_missing, metadata

scrubs = Table(
    "scrubs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("wanted", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
)
"""One row: how often it was wanted, and how often of these it is done."""

LOOK_SECONDS = 60.0
"""Seconds between two looks of the service when nobody calls."""

_ONLY = 1


async def want(work: Work) -> None:
    """Have what is erased in this transaction leave the files."""
    await insert_missing(work, scrubs, [{"id": _ONLY, "wanted": 0, "done": 0}])
    await work.execute(update(scrubs).values(wanted=scrubs.c.wanted + 1))


async def scrub(database: Database) -> bool:
    """Write the files anew if that is wanted; return whether it was. Safe to repeat."""
    async with database.read() as work:
        row = (await work.execute(select(scrubs))).first()
    if row is None or row.wanted == row.done:
        return False
    await database.scrub()
    async with database.begin() as work:
        # What was erased meanwhile is wanted still.
        await work.execute(update(scrubs).where(scrubs.c.done < row.wanted).values(done=row.wanted))
    return True
