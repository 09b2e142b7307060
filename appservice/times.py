"""Times in tables: milliseconds since 1970, as in Matrix events."""

from __future__ import annotations

from datetime import UTC, datetime


def milliseconds(when: datetime) -> int:
    """Return a time as milliseconds since 1970, the form every table keeps."""
    return round(when.timestamp() * 1000)


def from_milliseconds(value: int) -> datetime:
    """Return the UTC time of :func:`milliseconds`."""
    return datetime.fromtimestamp(value / 1000, UTC)
