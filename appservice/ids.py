"""Matrix identifiers as types of their own.

Every identifier that travels through the service is one of these, so that a room id can
never stand where a user id belongs. The grammar is that of the Matrix specification,
appendices, "Identifier Grammar".
"""

from __future__ import annotations

from typing import NewType

UserID = NewType("UserID", str)
"""``@localpart:server``."""

RoomID = NewType("RoomID", str)
"""``!opaque`` (room version 12 and up) or ``!opaque:server``."""

RoomAlias = NewType("RoomAlias", str)
"""``#localpart:server``."""

EventID = NewType("EventID", str)
"""``$opaque``."""

DeviceID = NewType("DeviceID", str)
"""A device of one user; unique only together with its :data:`UserID`."""


def server_of(user: UserID) -> str:
    """Return the homeserver name in a user id; empty when there is none.

    The name is everything after the first colon: a server name may hold colons itself
    (a port, an IPv6 literal).
    """
    return user.partition(":")[2]
