"""How large a text is that is to go into an event."""

from __future__ import annotations

import json

from tests.unit.stage import Said

LARGEST = 65_536 - 4_096
"""Bytes of an event ("Size limits"), less what others add to ours: hashes, signatures, ids."""


def size(one: Said) -> int:
    """The bytes of an event with this text, encrypted: base64 of JSON."""
    bodies = {"body": one.text.plain, "formatted_body": one.text.html}
    return (len(json.dumps(bodies, ensure_ascii=False).encode()) + 500) * 4 // 3
