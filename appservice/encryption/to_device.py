"""To-device messages on their way out: stored with the ratchet that made them, then sent.

Each row is one ``PUT /sendToDevice`` under a transaction id of its own, repeated until the
homeserver has taken it; the homeserver recognises a repeat.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, Table, Text, delete, insert, select

from appservice.backoff import Backoff
from appservice.database import Database, Work, metadata
from appservice.homeserver import NEVER, Homeserver, HomeserverUnreachable, MatrixError
from appservice.ids import DeviceID, UserID

log = logging.getLogger(__name__)

to_device_outbox = Table(
    "to_device_outbox",
    metadata,
    Column(
        "seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("transaction_id", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("messages", Text, nullable=False),
)

DEVICES_PER_REQUEST = 100


async def put(
    work: Work, event_type: str, messages: Mapping[tuple[UserID, DeviceID], Mapping[str, Any]]
) -> None:
    """Store messages to be sent, one per device."""
    pairs = list(messages.items())
    for start in range(0, len(pairs), DEVICES_PER_REQUEST):
        body: dict[str, dict[str, Any]] = {}
        for (user, device), content in pairs[start : start + DEVICES_PER_REQUEST]:
            body.setdefault(user, {})[device] = content
        await work.execute(
            insert(to_device_outbox).values(
                transaction_id=secrets.token_urlsafe(16),
                type=event_type,
                messages=json.dumps(body),
            )
        )


class ToDeviceSender:
    """Sends what :func:`put` stored, in order."""

    def __init__(self, database: Database, homeserver: Homeserver) -> None:
        self._database = database
        self._homeserver = homeserver
        self._sending = asyncio.Lock()
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Say that something may be waiting."""
        self._wake.set()

    async def run(self) -> None:
        """Send for ever what nobody else waits for; cancel to stop."""
        backoff = Backoff()
        while True:
            self._wake.clear()
            try:
                await self.flush()
                backoff.reset()
            except (HomeserverUnreachable, MatrixError) as error:
                pause = backoff.wait()
                log.warning("%s; next try in %.1f s", error, pause)
                await asyncio.sleep(pause)
                continue
            await self._wake.wait()

    async def flush(self) -> None:
        """Send everything that waits.

        Raises:
            HomeserverUnreachable: what was not sent stays, and :meth:`run` tries it again.
            MatrixError: likewise; the reason may pass.
        """
        try:
            async with self._sending:
                while await self._send_first():
                    pass
        except (HomeserverUnreachable, MatrixError):
            # Whoever called may not come again: a room whose keys are stored is warm.
            self.wake()
            raise

    async def _send_first(self) -> bool:
        async with self._database.read() as work:
            row = (
                await work.execute(
                    select(to_device_outbox).order_by(to_device_outbox.c.seq).limit(1)
                )
            ).first()
        if row is None:
            return False
        try:
            await self._homeserver.call(
                "PUT",
                "v3",
                "sendToDevice",
                row.type,
                row.transaction_id,
                body={"messages": json.loads(row.messages)},
            )
        except MatrixError as error:
            if error.errcode not in NEVER:
                # A wrong token is put right in a minute; a room key that was dropped is gone.
                raise
            log.error("a to-device message can never be sent (%s); dropped", error.errcode)
        async with self._database.begin() as work:
            await work.execute(delete(to_device_outbox).where(to_device_outbox.c.seq == row.seq))
        return True
