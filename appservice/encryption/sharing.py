"""Who gets the key to a room, before anything is said in it.

::

    recipients ─▶ look up devices ─▶ claim one-time keys ─▶ one commit: session, Olm ratchets,
                  (per homeserver)   (per homeserver)       to-device rows, who has it ─▶ send

Recipients are those who are in the room *and* belong there by our records. What a homeserver
does not answer delays nobody else: its users get the key when it does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from appservice.database import Database, Work
from appservice.encryption import devices, olm, outbound, to_device
from appservice.encryption.account import OwnKeys
from appservice.encryption.devices import DeviceLookup, entitled
from appservice.encryption.inbound import MEGOLM
from appservice.encryption.outbound import RunningSession, Share
from appservice.encryption.to_device import ToDeviceSender
from appservice.encryption.trust import DeviceKeys, KeySharing, signature_is_good
from appservice.homeserver import Homeserver, HomeserverUnreachable, MatrixError
from appservice.ids import DeviceID, RoomID, UserID, server_of
from appservice.vault import Vault

log = logging.getLogger(__name__)

CLAIM_TIMEOUT = 10.0
"""Seconds a remote homeserver gets to hand out one-time keys."""


class Recipients(Protocol):
    """Names who may read a room."""

    async def __call__(self, work: Work, room: RoomID) -> set[UserID]:
        """Return who is in it and belongs there by our records; never the bot."""


LeftOut = Callable[[Work, RoomID, Sequence[DeviceKeys]], Awaitable[None]]
"""Told, in the transaction that withholds, of devices that get no key for the first time."""


class RoomKeys:
    """Shares the keys of rooms.

    Args:
        database: everything durable.
        vault: seals ratchets.
        homeserver: the way out as the bot's device.
        own: the bot's public keys.
        policy: which devices may have keys.
        recipients: names a room's readers.
        left_out: hears of devices that get no key.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        homeserver: Homeserver,
        own: OwnKeys,
        policy: KeySharing,
        recipients: Recipients,
        left_out: LeftOut,
    ) -> None:
        self._database = database
        self._vault = vault
        self._homeserver = homeserver
        self._own = own
        self._policy = policy
        self._recipients = recipients
        self._left_out = left_out
        self._sender = ToDeviceSender(database, homeserver)
        self.lookup = DeviceLookup(database, homeserver)

    async def prepare(self, room: RoomID) -> None:
        """See to it that everyone who may read ``room`` has its running session.

        With nothing to do this costs one read of the database and no request.

        Raises:
            HomeserverUnreachable: our own homeserver does not answer.
        """
        async with self._database.read() as work:
            users = await self._recipients(work, room)
            stale = await devices.outdated(work, users)
        if stale:
            await self.lookup.refresh(stale)
        async with self._database.read() as work:
            without = await self._without_olm(work, users)
        if without:
            await self._claim(without)
        async with self._database.begin() as work:
            await self._share(work, room, datetime.now(UTC))
        await self._sender.flush()

    async def resume(self) -> None:
        """Send the keys that were stored but not sent when the service last stopped."""
        await self._sender.flush()

    async def _without_olm(self, work: Work, users: Iterable[UserID]) -> list[DeviceKeys]:
        wanted = [d for d in await devices.known(work, users) if entitled(d, self._policy)]
        have = await olm.with_session(work, {device.curve25519 for device in wanted})
        return [device for device in wanted if device.curve25519 not in have]

    async def _claim(self, wanted: Sequence[DeviceKeys]) -> None:
        by_server: dict[str, list[DeviceKeys]] = {}
        for device in wanted:
            by_server.setdefault(server_of(device.user), []).append(device)
        await asyncio.gather(*(self._claim_from(s, d) for s, d in by_server.items()))

    async def _claim_from(self, server: str, wanted: Sequence[DeviceKeys]) -> None:
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
            return
        now = datetime.now(UTC)
        async with self._database.begin() as work:
            for device in wanted:
                key = _one_time_key(answer, device)
                if key is None:
                    log.info("a device has no one-time key left; it gets the room key later")
                    continue
                try:
                    await olm.start_session(
                        work, self._vault, self._own, device.curve25519, key, now
                    )
                except ValueError:
                    log.warning("a device published a one-time key that is none; left out")

    async def _share(self, work: Work, room: RoomID, now: datetime) -> None:
        users = await self._recipients(work, room)
        readers = await devices.known(work, users)
        allowed = {(d.user, d.device): d for d in readers if entitled(d, self._policy)}
        session = await outbound.running(work, self._vault, room, now)
        dealt = await outbound.shares(work, session.session_id)
        if any(
            not withheld and (key not in allowed or allowed[key].curve25519 != curve25519)
            for key, (curve25519, withheld) in dealt.items()
        ):
            # Somebody who has the key must not read on: a new session, shared with who remains.
            await outbound.retire(work, room)
            session = await outbound.running(work, self._vault, room, now)
            dealt = {}
        await self._give(work, session, list(allowed.values()), dealt, now)
        refused = [d for d in readers if not entitled(d, self._policy)]
        await self._withhold(work, session, refused, dealt)

    async def _give(
        self,
        work: Work,
        session: RunningSession,
        allowed: Sequence[DeviceKeys],
        dealt: Mapping[tuple[UserID, DeviceID], tuple[str, bool]],
        now: datetime,
    ) -> None:
        content = {
            "algorithm": MEGOLM,
            "room_id": session.room_id,
            "session_id": session.session_id,
            "session_key": session.session_key,
        }
        lacking = [d for d in allowed if dealt.get((d.user, d.device)) != (d.curve25519, False)]
        if not lacking:
            return
        sealed = await olm.seal_for(
            work, self._vault, self._own, dict.fromkeys(lacking, content), "m.room_key", now
        )
        await to_device.put(
            work, "m.room.encrypted", {(d.user, d.device): c for d, c in sealed.items()}
        )
        # Only those it was encrypted for count as having it; the rest is tried again next time.
        await outbound.note_shares(work, session.session_id, [Share(d, False) for d in sealed])

    async def _withhold(
        self,
        work: Work,
        session: RunningSession,
        refused: Sequence[DeviceKeys],
        dealt: Mapping[tuple[UserID, DeviceID], tuple[str, bool]],
    ) -> None:
        untold = [d for d in refused if (d.user, d.device) not in dealt]
        if not untold:
            return
        content = {
            "algorithm": MEGOLM,
            "room_id": session.room_id,
            "session_id": session.session_id,
            "sender_key": self._own.curve25519,
            "from_device": self._own.device,
            "code": "m.unverified",
            "reason": "The device is not cross-signed by its owner.",
        }
        await to_device.put(
            work, "m.room_key.withheld", {(d.user, d.device): content for d in untold}
        )
        await outbound.note_shares(work, session.session_id, [Share(d, True) for d in untold])
        await self._left_out(work, session.room_id, untold)


def _one_time_key(answer: Mapping[str, Any], device: DeviceKeys) -> str | None:
    """Return the claimed key of a device, if the device itself has signed it."""
    keys = answer.get("one_time_keys", {}).get(device.user, {}).get(device.device, {})
    for name, value in keys.items():
        if (
            name.startswith("signed_curve25519:")
            and isinstance(value, dict)
            and isinstance(value.get("key"), str)
            and signature_is_good(value, device.user, device.device, device.ed25519)
        ):
            return str(value["key"])
    return None
