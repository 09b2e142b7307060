"""Each report's own key: what people wrote about it opens with that, and with nothing else.

::

    secret ──opens──▶ case_keys: one key a report ──opens──▶ fields, reasons, what was said later

To erase a report is to delete its key: whatever still holds its text, sealed, an older copy of the
database for one, stays shut for ever. That is so where copies of the database are made without this
table, and of this table only the newest copy is kept (``goudwacht backup`` does so).
"""

from __future__ import annotations

import secrets
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Column,
    LargeBinary,
    Table,
    Text,
    delete,
    select,
)

from appservice.database import Work, metadata, upsert
from appservice.vault import DataKey, Vault

case_keys = Table(
    "case_keys",
    metadata,
    Column("case_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False),
    Column("stage", Text, nullable=False),
)


class Stage(StrEnum):
    """How much of a report a key opens."""

    WHOLE = "whole"
    ALERT = "alert"
    """What others were told; the rest was erased, and its key with it."""


def fresh() -> bytes:
    """Return a new key."""
    return secrets.token_bytes(32)


def opened(vault: Vault, case_id: int, sealed: bytes) -> DataKey:
    """Return the key of a case from what its row holds.

    Raises:
        VaultError: it is another case's, or was sealed under another secret.
    """
    return DataKey(vault.open(sealed, _purpose(case_id)))


async def keep(
    work: Work, vault: Vault, case_id: int, key: bytes, stage: Stage = Stage.WHOLE
) -> None:
    """Store the key of a case; a former one is gone."""
    values = {"key": vault.seal(key, _purpose(case_id)), "stage": stage}
    await upsert(work, case_keys, [{"case_id": case_id, **values}])


async def of(work: Work, vault: Vault, case_id: int) -> DataKey | None:
    """Return the key of a case; None when the case was erased."""
    found = await work.execute(select(case_keys.c.key).where(case_keys.c.case_id == case_id))
    sealed = found.scalar_one_or_none()
    return None if sealed is None else opened(vault, case_id, sealed)


async def forget(work: Work, case_id: int) -> None:
    """Delete the key of a case: nothing that was sealed under it can be opened any more."""
    await work.execute(delete(case_keys).where(case_keys.c.case_id == case_id))


def _purpose(case_id: int) -> str:
    return f"case key {case_id}"
