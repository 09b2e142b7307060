"""How long events wait for their key: it is asked for after a while, and not waited for in the end.

::

    held ─ REQUEST_AFTER ─▶ key_requests ─ KEY_PATIENCE ─▶ handled as one that cannot be read
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

from appservice import inbox
from appservice.database import Database
from appservice.encryption import key_requests
from appservice.encryption.account import OwnKeys
from appservice.encryption.inbound import KEY
from appservice.encryption.to_device import ToDeviceSender
from appservice.handling import KEY_PATIENCE, Handling
from appservice.metrics import Metrics
from appservice.vault import Vault

LOOK_SECONDS: Final = 15.0


class Patience:
    """Looks after events that are held for a key.

    Args:
        database: has them.
        vault: opens them.
        own: the device that asks.
        to_device: sends what is asked.
        handling: gives up.
        metrics: counts what was asked.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        own: OwnKeys,
        to_device: ToDeviceSender,
        handling: Handling,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._vault = vault
        self._own = own
        self._to_device = to_device
        self._handling = handling
        self._metrics = metrics

    async def run(self) -> None:
        """Look after them for ever; cancel to stop."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = datetime.now(UTC)
            async with self._database.read() as work:
                held = await inbox.held_longer_than(
                    work, self._vault, key_requests.REQUEST_AFTER, now, KEY
                )
            if held:
                events = [entry.event for entry in held]
                async with self._database.begin() as work:
                    asked = await key_requests.request(work, self._own, events, now)
                    await key_requests.forget_older(work, 2 * KEY_PATIENCE, now)
                self._metrics.key_requests.inc(asked)
                self._to_device.wake()
            await self._handling.give_up_waiting(now)
