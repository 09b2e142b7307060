"""Which devices may have our room keys, and whose words count.

A device is *signed* when its owner's self-signing key, itself signed by the owner's pinned
master key, has signed it (client-server API, "Cross-signing"; MSC4153). Everything here is
a function of what the key query brought; :mod:`appservice.encryption.devices` keeps it.
"""

from __future__ import annotations

from enum import StrEnum


class KeySharing(StrEnum):
    """With which devices of a recipient a room key is shared."""

    CROSS_SIGNED = "cross_signed"
    """Only devices their owner has cross-signed (MSC4153): the default."""

    ALL = "all"
    """Every device the homeserver names. A malicious homeserver can then add one and read."""
