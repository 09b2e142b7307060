"""Keys by pull: a sync of the bot's device that carries everything but rooms.

::

    /sync ─▶ one commit: Olm messages opened, room keys stored, held events released,
             device changes marked, the position moved ─▶ one-time keys topped up

The homeserver keeps to-device messages until the position moves past them, so that room keys
sent while the service was down arrive after all; in transactions they would be lost (element-
hq/synapse#14710).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Table, Text, select

from appservice import inbox
from appservice.backoff import Backoff
from appservice.catching_up import CatchingUp
from appservice.database import Database, Work, metadata, upsert
from appservice.encryption import devices, inbound, key_requests, unwedging
from appservice.encryption.account import OwnDevice, OwnKeys
from appservice.encryption.receiving import receive
from appservice.homeserver import Homeserver, HomeserverUnreachable, MatrixError
from appservice.ids import UserID
from appservice.vault import Vault

log = logging.getLogger(__name__)

sync_position = Table(
    "sync_position",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("since", Text, nullable=False),
)

FILTER = json.dumps(
    {
        "room": {"rooms": []},
        "presence": {"types": []},
        "account_data": {"types": []},
    }
)
POLL_MILLISECONDS = 30_000

MAXIMUM_PAUSE = 10.0
"""Seconds between two tries at the most: reports wait for the keys that come by this."""

Changed = Callable[[set[UserID]], None]
"""Told which users' devices changed, after the commit."""


class KeySync:
    """Runs the key sync.

    Args:
        database: everything durable.
        vault: seals keys.
        homeserver: the way out as the bot's device.
        device: kept supplied with one-time keys.
        own: the bot's public keys.
        released: called when events can be handled that were held, or that no transaction brought.
        changed: told whose devices changed.
        noted: called when there is something for devices, or a session to be renewed.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        homeserver: Homeserver,
        device: OwnDevice,
        own: OwnKeys,
        released: Callable[[], None],
        changed: Changed,
        noted: Callable[[], None],
    ) -> None:
        self._database = database
        self._vault = vault
        self._homeserver = homeserver
        self._device = device
        self._own = own
        self._released = released
        self._changed = changed
        self._noted = noted
        self._catching_up = CatchingUp(database, vault, homeserver, released)

    async def run(self) -> None:
        """Sync for ever; cancel to stop."""
        backoff = Backoff(cap=MAXIMUM_PAUSE)
        while True:
            try:
                await self._catch_up()
                # After a break that was an answer; a long poll may take its time to give another.
                backoff.reset()
                await self.once(
                    min(POLL_MILLISECONDS, int(self._catching_up.patience() * 1000) + 1)
                )
            except (HomeserverUnreachable, MatrixError) as error:
                self._catching_up.broken()
                pause = backoff.wait()
                log.warning("%s; the next key sync is in %.1f s", error, pause)
                await asyncio.sleep(pause)

    async def _catch_up(self) -> None:
        async with self._database.read() as work:
            since = await self._since(work)
        if since is not None:
            await self._catching_up.once(since)

    async def once(self, timeout: int) -> None:
        """Sync one time, waiting at most ``timeout`` milliseconds for something new."""
        async with self._database.read() as work:
            since = await self._since(work)
        query = {"filter": FILTER, "set_presence": "offline"}
        if since is not None:
            query |= {"since": since, "timeout": str(timeout)}
        answer = await self._homeserver.call(
            "GET", "v3", "sync", query=query, timeout=timeout / 1000 + 60
        )
        now = datetime.now(UTC)
        async with self._database.begin() as work:
            received = await receive(
                work, self._vault, self._own, _list(answer, "to_device", "events"), now
            )
            arrived = await inbound.accept(work, self._vault, received.keys, now)
            released = await inbox.release(work, arrived)
            cancelled = await key_requests.cancel(work, self._own, arrived)
            wedged = await unwedging.note(work, received.unopened, now)
            changed = {UserID(str(u)) for u in _list(answer, "device_lists", "changed")}
            # The bot's own devices are no reader's, and it is named whenever it makes a room: to
            # look at all its rooms each time would take the longer the more there are.
            changed.discard(self._own.user)
            await devices.mark_changed(work, changed)
            await self._move(work, str(answer["next_batch"]))
        if released:
            self._released()
        if changed:
            self._changed(changed)
        if cancelled or wedged:
            self._noted()
        await self._device.top_up(
            self._homeserver,
            answer.get("device_one_time_keys_count", {}),
            answer.get("device_unused_fallback_key_types"),
        )
        await self._catching_up.passed(str(answer["next_batch"]))

    async def _since(self, work: Work) -> str | None:
        since: str | None = (
            await work.execute(
                select(sync_position.c.since).where(sync_position.c.user_id == self._own.user)
            )
        ).scalar_one_or_none()
        return since

    async def _move(self, work: Work, since: str) -> None:
        await upsert(work, sync_position, [{"user_id": self._own.user, "since": since}])


def _list(answer: dict[str, Any], *path: str) -> list[Any]:
    value: Any = answer
    for name in path:
        value = value.get(name, {}) if isinstance(value, dict) else {}
    return value if isinstance(value, list) else []
