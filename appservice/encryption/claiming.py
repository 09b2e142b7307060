"""One-time keys of other people's devices: claimed, to begin an Olm session with each.

::

    devices of one homeserver ─▶ POST /keys/claim ─▶ signed by the device itself? ─▶ Olm session
                                                  └▶ none left: barren, not asked for a while
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from appservice.database import Database
from appservice.encryption import olm
from appservice.encryption.account import OwnKeys
from appservice.encryption.trust import DeviceKeys, signature_is_good
from appservice.homeserver import Homeserver, HomeserverUnreachable, MatrixError
from appservice.ids import server_of
from appservice.vault import Vault

log = logging.getLogger(__name__)

CLAIM_TIMEOUT = 10.0
"""Seconds a remote homeserver gets to hand out one-time keys."""

BARREN_SECONDS = 600.0
"""Seconds until a device that had no one-time key is asked for one again."""


class Claiming:
    """Begins Olm sessions.

    Args:
        database: keeps them.
        vault: seals ratchets.
        homeserver: the way out as the bot's device.
        own: the bot's public keys.
    """

    def __init__(
        self, database: Database, vault: Vault, homeserver: Homeserver, own: OwnKeys
    ) -> None:
        self._database = database
        self._vault = vault
        self._homeserver = homeserver
        self._own = own
        self._barren: dict[str, float] = {}

    def is_barren(self, curve25519: str) -> bool:
        """Tell whether a device had no one-time key left a while ago."""
        return self._barren.get(curve25519, 0.0) > monotonic()

    def ask_again(self, curve25519: str) -> None:
        """Have a device asked the next time, whether it had one or not."""
        self._barren.pop(curve25519, None)

    async def claim(self, server: str, wanted: Sequence[DeviceKeys]) -> bool:
        """Start Olm sessions with devices of one homeserver; False when it does not answer.

        Raises:
            HomeserverUnreachable, MatrixError: it is our own, and does not answer, or refuses.
        """
        body: dict[str, dict[str, str]] = {}
        for device in wanted:
            body.setdefault(device.user, {})[device.device] = "signed_curve25519"
        try:
            answer = await self._homeserver.call(
                "POST",
                "v3",
                "keys",
                "claim",
                body={"one_time_keys": body, "timeout": int(CLAIM_TIMEOUT * 1000)},
                timeout=CLAIM_TIMEOUT + 5,
            )
        except (HomeserverUnreachable, MatrixError):
            if server == server_of(self._own.user):
                raise
            return False
        if server in answer.get("failures", {}):
            return False
        now = datetime.now(UTC)
        async with self._database.begin() as work:
            for device in wanted:
                key = _one_time_key(answer, device)
                if key is None:
                    # Not asked again with every message: such a device is mostly a dead one.
                    self._barren[device.curve25519] = monotonic() + BARREN_SECONDS
                    log.info("a device has no one-time key left; it gets the room key later")
                    continue
                try:
                    await olm.start_session(
                        work, self._vault, self._own, device.curve25519, key, now
                    )
                except ValueError:
                    log.warning("a device published a one-time key that is none; left out")
        return True


def _one_time_key(answer: Mapping[str, Any], device: DeviceKeys) -> str | None:
    """Return the claimed key of a device, if the device itself has signed it."""
    keys: Any = answer.get("one_time_keys")
    for part in (device.user, device.device):
        keys = keys.get(part) if isinstance(keys, Mapping) else None
    for name, value in keys.items() if isinstance(keys, Mapping) else ():
        if (
            name.startswith("signed_curve25519:")
            and isinstance(value, dict)
            and isinstance(value.get("key"), str)
            and signature_is_good(value, device.user, device.device, device.ed25519)
        ):
            return str(value["key"])
    return None
