"""Text that others chose, before it goes near a database.

JSON can carry a NUL or half a surrogate pair. PostgreSQL takes neither in a text, SQLite's driver
not the latter: one such id in an event must not stop everything behind it.
"""

from __future__ import annotations

import re
from typing import TypeGuard

MAXIMUM_ID_BYTES = 255
"""Longest event, room, user or device id (specification, "Size limits")."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: object, limit: int = MAXIMUM_ID_BYTES) -> TypeGuard[str]:
    """Tell whether ``value`` is a text of at most ``limit`` bytes that every database takes."""
    return (
        isinstance(value, str)
        and _UNSTORABLE.search(value) is None
        and len(value.encode()) <= limit
    )


def readable(value: object) -> str:
    """Return ``value`` with replacement characters for what is none; empty when it is no text."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else ""
