"""Another secret for the database: everything that is sealed under the old one is sealed anew.

::

    each sealed value ─▶ says what it was sealed for ─▶ opened under the old, sealed under the new
    each pickle of Olm and Megolm ─▶ the same

In one transaction, so that a database is under one secret or the other. What is sealed under data
keys stays: those keys are among what is sealed anew.
"""

from __future__ import annotations

from typing import Any, Final

import vodozemac
from sqlalchemy import Column, LargeBinary, Table, select, update

from appservice.database import Work, metadata
from appservice.encryption.account import own_device
from appservice.encryption.inbound import inbound_group_sessions
from appservice.encryption.olm import olm_sessions
from appservice.encryption.outbound import outbound_group_sessions
from appservice.vault import Vault, purpose_of

_PICKLES: Final[tuple[tuple[Column[Any], Any], ...]] = (
    (own_device.c.account, vodozemac.Account),
    (olm_sessions.c.pickle, vodozemac.Session),
    (inbound_group_sessions.c.pickle, vodozemac.InboundGroupSession),
    (outbound_group_sessions.c.pickle, vodozemac.GroupSession),
)


async def ensure_opens(work: Work, vault: Vault) -> None:
    """Try the secret on something of each table; a database with nothing in it takes any.

    Raises:
        VaultError: it is not the one that the database was made with.
    """
    for _, column in _sealed_columns():
        found = await work.execute(select(column).where(column.is_not(None)).limit(50))
        for value in found.scalars():
            if vault.owns(value):
                vault.open(value, purpose_of(value))
                break


async def reseal(work: Work, old: Vault, new: Vault) -> int:
    """Seal everything under another secret; return how many values.

    Raises:
        VaultError: something does not open under the old one. Nothing must be committed then.
    """
    done = 0
    for table, column in _sealed_columns():
        for key, value in await _values(work, table, column):
            if not old.owns(value):
                continue
            purpose = purpose_of(value)
            await _set(work, column, key, new.seal(old.open(value, purpose), purpose))
            done += 1
    for column, kind in _PICKLES:
        for key, value in await _values(work, column.table, column):
            pickled = kind.from_pickle(value, old.pickle_key).pickle(new.pickle_key)
            await _set(work, column, key, pickled)
            done += 1
    return done


def _sealed_columns() -> list[tuple[Table, Column[Any]]]:
    return [
        (table, column)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    ]


async def _values(work: Work, table: Any, column: Column[Any]) -> list[tuple[Any, Any]]:
    key = table.primary_key.columns
    rows = (await work.execute(select(*key, column).where(column.is_not(None)))).all()
    return [(tuple(row[:-1]), row[-1]) for row in rows]


async def _set(work: Work, column: Column[Any], key: tuple[Any, ...], value: Any) -> None:
    table: Any = column.table
    where = [part == own for part, own in zip(table.primary_key.columns, key, strict=True)]
    await work.execute(update(table).where(*where).values({column.name: value}))
