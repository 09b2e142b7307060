"""The audit log's tables, and what a row of it says, whatever somebody made of it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text

from appservice.database import metadata
from bridge.audit.chain import Link

audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("case_number", Integer, index=True),
    Column("content", Text, nullable=False),
    Column("reason", LargeBinary),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("mac", Text, nullable=False),
)
"""``at`` and ``case_number`` are for finding entries; they say again what is in ``content``."""

audit_people = Table(
    "audit_people",
    metadata,
    Column("token", Text, primary_key=True),
    Column("lookup", Text, nullable=False, unique=True),
    Column("person", LargeBinary, nullable=False),
)
"""Who a token of the log stands for, sealed; without its row a token stands for nobody."""

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("first", BigInteger, nullable=False),
    Column("base", Text, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("mac", Text, nullable=False),
)

_WRITTEN = frozenset({"at", "deed", "by", "case", "about", "rule", "version", "details"})
"""What each entry's content has."""


def content_of(row: Any) -> dict[str, Any]:
    """Return what is recorded in a row; nothing when somebody made it unreadable."""
    try:
        content = json.loads(row.content)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def link_of(row: Any) -> Link:
    """Return the link that a row is."""
    return Link(row.seq, row.previous, content_of(row), row.hash, row.mac)


def is_found_by_its_own(row: Any) -> bool:
    """Tell whether a row is looked for by what it records."""
    content = content_of(row)
    return (row.at, row.case_number) == (content.get("at"), content.get("case"))


def is_readable(row: Any) -> bool:
    """Tell whether a row has all that an entry records."""
    return content_of(row).keys() >= _WRITTEN
