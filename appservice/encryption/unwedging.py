"""A new Olm session with a device whose messages no longer open.

::

    Olm message does not open ─▶ noted with the sync ─▶ one-time key claimed ─▶ new session, m.dummy

(Client-server API, "Recovering from undecryptable messages".) The ratchets of the two sides went
apart, by a restored back-up on either side for instance. The device takes our next message, which
says nothing, for the start of a new session, and writes to us in that one from then on. At most
once an hour a device: somebody who sends rubbish must not use up its one-time keys.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Column, Table, Text, or_, select, update

from appservice.database import Database, Work, insert_missing, metadata
from appservice.encryption import devices, olm, to_device
from appservice.encryption.account import OwnKeys
from appservice.encryption.trust import DeviceKeys
from appservice.homeserver import HomeserverUnreachable, MatrixError
from appservice.ids import UserID
from appservice.times import milliseconds
from appservice.vault import Vault
from appservice.wakes import woken

log = logging.getLogger(__name__)

wedged_devices = Table(
    "wedged_devices",
    metadata,
    Column("curve25519", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("wedged_at", BigInteger),
    Column("renewed_at", BigInteger),
)
"""Devices one of whose messages did not open; ``wedged_at`` is empty once that is put right."""

RENEW_AFTER = timedelta(hours=1)
"""How long after a new session another one may be started."""

LOOK_SECONDS = 60.0
"""Seconds between two looks for devices whose homeserver did not answer last time."""


async def note(work: Work, senders: Iterable[tuple[UserID, str]], now: datetime) -> int:
    """Note devices, by owner and Curve25519 key, whose message did not open; count the new."""
    noted = 0
    for user, curve25519 in set(senders):
        known = {d.curve25519 for d in await devices.known(work, [user])}
        if curve25519 not in known:
            # Whose it is, its owner's homeserver has not said: nobody to start a session with.
            continue
        row = {"curve25519": curve25519, "user_id": user, "wedged_at": None, "renewed_at": None}
        await insert_missing(work, wedged_devices, [row])
        changed = await work.execute(
            update(wedged_devices)
            .where(
                wedged_devices.c.curve25519 == curve25519,
                wedged_devices.c.wedged_at.is_(None),
                or_(
                    wedged_devices.c.renewed_at.is_(None),
                    wedged_devices.c.renewed_at < milliseconds(now - RENEW_AFTER),
                ),
            )
            .values(wedged_at=milliseconds(now))
        )
        noted += changed.rowcount
    return noted


class Unwedging:
    """Starts the new sessions.

    Args:
        database: everything durable.
        vault: seals ratchets.
        own: the bot's public keys.
        start_anew: starts an Olm session with a device; False when it has no one-time key.
        renewed: called after each, when a message waits to be sent.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        own: OwnKeys,
        start_anew: Callable[[DeviceKeys], Awaitable[bool]],
        renewed: Callable[[], None],
    ) -> None:
        self._database = database
        self._vault = vault
        self._own = own
        self._start_anew = start_anew
        self._renewed = renewed
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Say that a device was noted."""
        self._wake.set()

    async def run(self) -> None:
        """Work for ever; cancel to stop."""
        while True:
            self._wake.clear()
            async with self._database.read() as work:
                rows = await work.execute(
                    select(wedged_devices).where(wedged_devices.c.wedged_at.is_not(None))
                )
                wedged = [(UserID(row.user_id), str(row.curve25519)) for row in rows]
            for user, curve25519 in wedged:
                try:
                    await self._renew(user, curve25519)
                except (HomeserverUnreachable, MatrixError) as error:
                    log.info("%s; a session is renewed later", error)
            await woken(self._wake, LOOK_SECONDS)

    async def _renew(self, user: UserID, curve25519: str) -> None:
        async with self._database.read() as work:
            known = await devices.known(work, [user])
        device = next((d for d in known if d.curve25519 == curve25519), None)
        started = device is not None and await self._start_anew(device)
        now = datetime.now(UTC)
        async with self._database.begin() as work:
            sealed = await olm.seal_for(
                work,
                self._vault,
                self._own,
                {device: {}} if device is not None and started else {},
                "m.dummy",
                now,
            )
            await to_device.put(
                work, "m.room.encrypted", {(d.user, d.device): c for d, c in sealed.items()}
            )
            # Done with, too, when the device has no one-time key: it is asked again in an hour.
            await work.execute(
                update(wedged_devices)
                .where(wedged_devices.c.curve25519 == curve25519)
                .values(wedged_at=None, renewed_at=milliseconds(now))
            )
        if sealed:
            log.info("a new Olm session was started with a device whose messages did not open")
            self._renewed()
