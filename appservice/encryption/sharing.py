"""Who gets the key to a room, before anything is said in it.

::

    recipients ─▶ look up devices ─▶ claim one-time keys ─▶ one commit: session, Olm ratchets,
                  (per homeserver)   (per homeserver)       to-device rows, who has it ─▶ send

Recipients are those who are in the room *and* belong there by our records. Only our own
homeserver is waited for. What another one does not answer delays nobody: its users are *owed* the
key from the index at which they should have had it, and get it when their homeserver is back. So
is who has yet to join while a message is encrypted: they may be in when it lands there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select
from sqlalchemy.exc import SQLAlchemyError

from appservice.backoff import Backoff
from appservice.database import Database, Work
from appservice.encryption import debts, devices, lagging, olm, outbound, to_device
from appservice.encryption.account import OwnKeys
from appservice.encryption.claiming import Claiming
from appservice.encryption.devices import DeviceLookup, entitled
from appservice.encryption.inbound import MEGOLM
from appservice.encryption.outbound import RunningSession, Share
from appservice.encryption.to_device import ToDeviceSender
from appservice.encryption.trust import DeviceKeys, KeySharing
from appservice.homeserver import Homeserver, HomeserverUnreachable, MatrixError
from appservice.ids import DeviceID, RoomID, UserID, server_of
from appservice.vault import Vault
from appservice.wakes import OneEach, woken

log = logging.getLogger(__name__)

Recipients = Select[tuple[str]]
"""The question who of those who belong in a ``room`` has joined it, or has not; never the bot."""


LeftOut = Callable[[Work, RoomID, Sequence[DeviceKeys]], Awaitable[None]]
"""Told of the devices in a room that get no key; of the same ones again with every session."""


_ALL = KeySharing.ALL


class RoomKeys:
    """Shares the keys of rooms.

    Args:
        database: everything durable.
        vault: seals ratchets.
        homeserver: the way out as the bot's device.
        own: the bot's public keys.
        policy: which devices may have keys.
        recipients: names a room's readers.
        expected: names who belongs there and has not joined it.
        left_out: hears of devices that get no key.
        told: called after the commit of the transaction that ``left_out`` was part of.
        sign_within: how long a new device has to be signed by its owner, who may have to look for
            a recovery key, before ``left_out`` hears that it gets no key.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        homeserver: Homeserver,
        own: OwnKeys,
        policy: KeySharing,
        recipients: Recipients,
        expected: Recipients,
        left_out: LeftOut,
        told: Callable[[], None],
        sign_within: timedelta,
    ) -> None:
        self._database = database
        self._vault = vault
        self._homeserver = homeserver
        self._own = own
        self._policy = policy
        self._recipients = recipients
        self._expected = expected
        self._left_out = left_out
        self._told = told
        self._sign_within = sign_within
        self.to_device = ToDeviceSender(database, homeserver)
        self._behind: dict[str, set[RoomID]] = {}
        self._catching_up = OneEach(self._catch_up)
        self._telling = OneEach(self._tell)
        self._answers_again: dict[str, asyncio.Event] = {}
        self._claiming = Claiming(database, vault, homeserver, own)
        self.lookup = DeviceLookup(database, homeserver)

    async def prepare(self, room: RoomID, among: Collection[UserID] | None = None) -> None:
        """See to it that everyone who may read ``room`` has, or is owed, its running session.

        With nothing to do this asks no homeserver anything.

        Args:
            among: these users alone, who came or have other devices: it takes no longer because
                a thousand others read the room. Everyone, where somebody should read no more.

        Raises:
            HomeserverUnreachable: our own homeserver does not answer.
        """
        async with self._database.read() as work:
            users = await self._readers(work, room, among)
            stale = await devices.outdated(work, users)
            if among is not None and not stale and await self._have_it(work, room, among, users):
                return
        own = server_of(self._own.user)
        here = {user for user in stale if server_of(user) == own}
        if here:
            await self.lookup.refresh(here)
        lacking = await self._without_olm(users)
        if lacking_here := [device for device in lacking if server_of(device.user) == own]:
            await self._claiming.claim(own, lacking_here)
        await self._deal(room, among)
        behind = {server_of(user) for user in stale} | {server_of(d.user) for d in lacking}
        for server in behind - {own}:
            self._catch_up_later(server, room)

    async def is_warm(self, work: Work, room: RoomID) -> bool:
        """Tell whether :meth:`prepare` would change nothing now, for anyone.

        One question, whoever reads the room; asked in the transaction that encrypts, so that who
        was put out of the room a moment ago does not read on.
        """
        behind = await lagging.behind(
            work, room, self._recipients, datetime.now(UTC), all_devices=self._policy is _ALL
        )
        if behind is None:
            return False
        own = server_of(self._own.user)
        # Who is owed the key is looked after, unless a local device may have new one-time keys.
        return all(
            lag.owed
            and (
                server_of(lag.user) != own
                or (lag.curve25519 is not None and self._claiming.is_barren(lag.curve25519))
            )
            for lag in behind
        )

    async def expect(self, work: Work, room: RoomID) -> None:
        """Note, before a message is encrypted, who may be in ``room`` by the time it lands there.

        Who has yet to join may have joined and we did not hear of it: they will get this message.
        """
        await debts.expect(work, self._vault, room, self._expected, datetime.now(UTC))

    async def _have_it(
        self, work: Work, room: RoomID, among: Collection[UserID], users: Collection[UserID]
    ) -> bool:
        """Tell whether ``users``, who read the room ``among`` some, lack nothing of it."""
        row = await outbound.fresh(work, room, datetime.now(UTC))
        if row is None:
            return False
        wanted = {
            (device.user, device.device): (device.curve25519, not entitled(device, self._policy))
            for device in await devices.known(work, users)
        }
        dealt = await outbound.shares(work, row.session_id, among)
        return dealt == wanted and not await debts.are_owed(work, room, users)

    async def _readers(
        self, work: Work, room: RoomID, among: Collection[UserID] | None = None
    ) -> set[UserID]:
        return await debts.named(work, self._recipients, room, among)

    async def resume(self) -> None:
        """Go on where the service last stopped: with whom keys are owed to.

        Keys that are stored and not sent go out with the first :meth:`prepare`, or before.
        """
        async with self._database.read() as work:
            owing = await debts.debtors(work)
            withheld = await outbound.rooms_withholding(work)
        for room, user in owing:
            if server_of(user) != server_of(self._own.user):
                self._catch_up_later(server_of(user), room)
        for room in withheld:
            self._telling.begin(room)

    async def start_anew(self, device: DeviceKeys) -> bool:
        """Start another Olm session with a device; False when it has no one-time key left.

        Raises:
            HomeserverUnreachable: its homeserver does not answer.
        """
        self._claiming.ask_again(device.curve25519)
        server = server_of(device.user)
        if not await self._claiming.claim(server, [device]):
            raise HomeserverUnreachable(f"{server} hands out no one-time keys now")
        return not self._claiming.is_barren(device.curve25519)

    def answers_again(self, server: str) -> None:
        """Say that another homeserver was away and is back: what it was asked is asked at once."""
        if server in self._answers_again:
            self._answers_again[server].set()

    async def close(self) -> None:
        """Stop asking other homeservers; what is owed stays in the database."""
        await self._catching_up.end()
        await self._telling.end()

    async def _tell(self, room: RoomID) -> None:
        """Say which devices get no key, unless their owners sign them in the meantime."""
        await asyncio.sleep(self._sign_within.total_seconds())
        try:
            async with self._database.begin() as work:
                readers = await devices.known(work, await self._readers(work, room))
                refused = [device for device in readers if not entitled(device, self._policy)]
                await self._left_out(work, room, refused)
        except SQLAlchemyError as error:
            log.warning("%s: owners of devices without keys hear later", type(error).__name__)
            return
        self._told()

    def _catch_up_later(self, server: str, room: RoomID) -> None:
        self._behind.setdefault(server, set()).add(room)
        self._catching_up.begin(server)

    async def _catch_up(self, server: str) -> None:
        """Ask one other homeserver until its users have what they should."""
        backoff, called = Backoff(first=1.0), asyncio.Event()
        self._answers_again[server] = called
        while rooms := self._behind.pop(server, set()):
            left: set[RoomID] = set()
            for room in rooms:
                try:
                    if not await self._caught_up(server, room):
                        left.add(room)
                except (HomeserverUnreachable, MatrixError) as error:
                    log.info("%s; its users get their keys later", error)
                    left.add(room)
                except (SQLAlchemyError, OSError) as error:
                    log.warning("keys owed cannot be shared (%s)", type(error).__name__)
                    left.add(room)
            if left:
                self._behind.setdefault(server, set()).update(left)
                await woken(called, backoff.wait())
                if called.is_set():
                    called.clear()
                    backoff.reset()

    async def _caught_up(self, server: str, room: RoomID) -> bool:
        async with self._database.read() as work:
            users = {u for u in await self._readers(work, room) if server_of(u) == server}
        left = await self.lookup.refresh(users)
        lacking = await self._without_olm(users - left)
        answered = not lacking or await self._claiming.claim(server, lacking)
        await self._deal(room)
        return not left and answered

    async def _without_olm(self, users: Iterable[UserID]) -> list[DeviceKeys]:
        async with self._database.read() as work:
            wanted = [d for d in await devices.known(work, users) if entitled(d, self._policy)]
            have = await olm.with_session(work, {device.curve25519 for device in wanted})
        return [
            device
            for device in wanted
            if device.curve25519 not in have and not self._claiming.is_barren(device.curve25519)
        ]

    async def _deal(self, room: RoomID, among: Collection[UserID] | None = None) -> None:
        """Share with whom it is possible now, and send what came of it."""
        async with self._database.begin() as work:
            somebody_left_out = await self._share(work, room, among, datetime.now(UTC))
        if somebody_left_out:
            self._telling.begin(room)
        await self.to_device.flush()

    async def _share(
        self, work: Work, room: RoomID, among: Collection[UserID] | None, now: datetime
    ) -> bool:
        """Deal with every device of a room; tell whether one was left out just now."""
        if among is not None and await outbound.fresh(work, room, now) is None:
            among = None
        users = await self._readers(work, room, among)
        readers = await devices.known(work, users)
        allowed = {(d.user, d.device): d for d in readers if entitled(d, self._policy)}
        session = await outbound.running(work, self._vault, room, now)
        dealt = await outbound.shares(work, session.session_id, among)
        if any(
            not withheld and (key not in allowed or allowed[key].curve25519 != curve25519)
            for key, (curve25519, withheld) in dealt.items()
        ):
            # Somebody who has the key must not read on: a new session, shared with who remains.
            await outbound.retire(work, room)
            if among is not None:
                return await self._share(work, room, None, now)
            session = await outbound.running(work, self._vault, room, now)
            dealt = {}
        stale = await devices.outdated(work, users)
        served = await self._give(work, session, list(allowed.values()), dealt, now)
        unserved = stale | {device.user for device in allowed.values() if device not in served}
        coming = await debts.named(work, self._expected, room, among)
        await debts.owe(work, self._vault, session, unserved, users - unserved, now)
        # Who no longer belongs in the room is owed nothing.
        await debts.forgive(work, session.session_id, unserved | coming, among)
        for old in await debts.owed_sessions(work, self._vault, room, session.session_id, among):
            owed = await debts.owed(work, self._vault, old.session_id)
            owing = [device for device in allowed.values() if device.user in owed]
            dealt = await outbound.shares(work, old.session_id, among)
            served = await self._give(work, old, owing, dealt, now)
            unserved = stale | {device.user for device in owing if device not in served}
            await debts.forgive(work, old.session_id, (unserved & users) | coming, among)
        refused = [d for d in readers if not entitled(d, self._policy)]
        if not refused:
            return False
        dealt = await outbound.shares(work, session.session_id, among)
        return await self._withhold(work, session, refused, dealt)

    async def _give(
        self,
        work: Work,
        session: RunningSession,
        allowed: Sequence[DeviceKeys],
        dealt: Mapping[tuple[UserID, DeviceID], tuple[str, bool]],
        now: datetime,
    ) -> set[DeviceKeys]:
        """Share a session with the devices that lack it; return all that now have it."""
        have = {d for d in allowed if dealt.get((d.user, d.device)) == (d.curve25519, False)}
        lacking = [device for device in allowed if device not in have]
        if not lacking:
            return have
        owed = await debts.owed(work, self._vault, session.session_id)
        contents = {
            device: {
                "algorithm": MEGOLM,
                "room_id": session.room_id,
                "session_id": session.session_id,
                # From the index at which its owner should have had it; else from now on.
                "session_key": owed.get(device.user, session.session_key),
            }
            for device in lacking
        }
        sealed = await olm.seal_for(work, self._vault, self._own, contents, "m.room_key", now)
        await to_device.put(
            work, "m.room.encrypted", {(d.user, d.device): c for d, c in sealed.items()}
        )
        # Only those it was encrypted for count as having it; the rest is tried again next time.
        await outbound.note_shares(work, session.session_id, [Share(d, False) for d in sealed])
        return have | sealed.keys()

    async def _withhold(
        self,
        work: Work,
        session: RunningSession,
        refused: Sequence[DeviceKeys],
        dealt: Mapping[tuple[UserID, DeviceID], tuple[str, bool]],
    ) -> bool:
        untold = [d for d in refused if (d.user, d.device) not in dealt]
        if not untold:
            return False
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
        return True
