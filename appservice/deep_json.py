"""A transaction with an event nested so deeply that no parser takes the whole.

::

    body ─▶ json.loads ─▶ RecursionError ─▶ elements ─▶ each event on its own: one is bad, not all

A transaction that is refused is sent again, for ever, and nothing comes after it: one such event,
which some other homeserver thought fine, would close the door.
"""

from __future__ import annotations

import re

# Strings whole, so that what is inside one counts for nothing. Possessive, and to the end where the
# closing quote is missing, so that a body made of quotes takes no longer than any other.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{},]', re.DOTALL)

_OPENING, _CLOSING = b"[{", b"]}"


def elements(raw: bytes, name: str) -> list[bytes] | None:
    """Return the source of each element of the array ``name`` in the JSON object ``raw``.

    Takes time in proportion to the length, and no stack. The elements need not be JSON themselves.

    Returns:
        None when there is no such array.
    """
    key = b'"' + name.encode() + b'"'
    depth, last, begun = 0, b"", None
    found: list[bytes] = []
    for match in _TOKEN.finditer(raw):
        token = match.group()
        if token in _OPENING:
            depth += 1
            if begun is None and depth == 2 and token == b"[" and last == key:
                begun = match.end()
        elif token in _CLOSING:
            depth -= 1
            if begun is not None and depth == 1:
                element = raw[begun : match.start()].strip()
                return [*found, element] if element or found else found
        elif token == b"," and begun is not None and depth == 2:
            found.append(raw[begun : match.start()])
            begun = match.end()
        if token != b",":
            last = token
    return None
