"""The application service as a whole: its parts, started in order and stopped together.

::

    open the door ─▶ a back-up? ─▶ device, identity ─▶ keys ─▶ ping ─▶ { handling, sending, … }

The door opens first, so that events are safe from the first second; the ping makes a homeserver
that had given up on us send what it kept. Nothing before the first handled event takes longer
because there are more members.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module

from sqlalchemy import select

from appservice import inbox, scrubbing
from appservice.absences import Absences
from appservice.chores import Chores
from appservice.database import Database, Work
from appservice.door import Door, opened
from appservice.encryption.account import OwnDevice, OwnKeys
from appservice.encryption.devices import DeviceLookup
from appservice.encryption.restored import notice
from appservice.encryption.sharing import RoomKeys
from appservice.encryption.trust import KeySharing
from appservice.encryption.unwedging import Unwedging
from appservice.encryption.warming import Warming
from appservice.enduring import steadily, until_reached
from appservice.faults import fault_of
from appservice.handling import Handled, Handling
from appservice.homeserver import Homeserver
from appservice.ids import DeviceID, RoomID, UserID
from appservice.key_sync import KeySync
from appservice.landmark import Landmark
from appservice.lateness import Lateness
from appservice.leisure import Leisure
from appservice.lookups import Lookups
from appservice.metrics import Metrics
from appservice.network import Network
from appservice.outbox import Outbox
from appservice.patience import Patience
from appservice.ping import NotReached, ping
from appservice.registration import Registration
from appservice.rooms import records
from appservice.rooms.errands import ErrandRunner
from appservice.rooms.keeper import RoomKeeper
from appservice.rooms.upgrades import Follower
from appservice.sending import Sender
from appservice.vault import Vault
from appservice.wakes import woken

log = logging.getLogger(__name__)

_LEISURE_SECONDS = 2.0
"""After the start, until what it did without is read: who wrote meanwhile has been answered."""


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Where everything is.

    Attributes:
        homeserver_url: the client-server API.
        registration: as the homeserver has it.
        bot: the bot's user id.
        device: the bot's device.
        display_name: the bot's name to people.
        host, port: where the door listens.
        max_body_bytes: largest transaction taken.
        key_sharing: which devices may have keys.
        late_after: how long a message may have waited before it goes out as a late one.
        sign_within: how long a new device may take to be verified before its owner hears that it
            gets no keys.
    """

    homeserver_url: str
    registration: Registration
    bot: UserID
    device: DeviceID
    display_name: str
    host: str
    port: int
    max_body_bytes: int
    key_sharing: KeySharing
    late_after: timedelta
    sign_within: timedelta


class Service:
    """An application service with one bot.

    Args:
        settings: where everything is.
        database: everything durable; migrated.
        vault: seals what lies in it.
        network: decides.
        clock: tells the time, UTC, by which messages are late.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        vault: Vault,
        network: Network,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._database = database
        self._vault = vault
        self._network = network
        self._clock = clock
        self._homeserver = Homeserver(
            settings.homeserver_url, settings.registration.as_token, settings.bot
        )
        self._landmark = Landmark(database, self._homeserver)
        self._metrics = Metrics(database)
        self._leisure = Leisure()
        self._missed = asyncio.Event()
        self._erased = asyncio.Event()
        self._handling: Handling | None = None
        self.ready = asyncio.Event()
        """Set when events are being handled and every room was looked at once."""

    async def run(self, *, door_patience: float = 0.0) -> None:
        """Run until cancelled; everything that matters is in the database at every moment.

        Args:
            door_patience: seconds to wait for the door's address while another process has it.

        Raises:
            IdentityError: the database is not the one the bot's account belongs to.
            MatrixError: the homeserver does not know the registration.
            OSError: the door's address is taken.
        """
        door = Door(
            self._database,
            self._vault,
            self._settings.registration.hs_token,
            self._settings.bot,
            self._settings.max_body_bytes,
            self._arrived,
            self._metrics,
            self._not_stored,
            self._leisure,
        )
        runner = await opened(door, self._settings.host, self._settings.port, door_patience)
        try:
            await until_reached(self._notice_a_back_up)
            homeserver, own_keys = await until_reached(self._set_up)
            try:
                await self._work(homeserver, self._own_device(own_keys.device), own_keys)
            finally:
                await homeserver.close()
        finally:
            await runner.cleanup()
            await self._homeserver.close()

    def _arrived(self) -> None:
        if self._handling is not None:
            self._handling.wake()

    def _own_device(self, name: DeviceID) -> OwnDevice:
        return OwnDevice(self._database, self._vault, self._homeserver, name)

    async def _notice_a_back_up(self) -> None:
        await notice(
            self._database, self._vault, self._homeserver, self._settings.device, self._landmark
        )

    async def _set_up(self) -> tuple[Homeserver, OwnKeys]:
        homeserver, keys = await self._own_device(self._settings.device).set_up()
        try:
            await self._landmark.begin()
            await homeserver.call(
                "PUT",
                "v3",
                "profile",
                self._settings.bot,
                "displayname",
                body={"displayname": self._settings.display_name},
            )
        except BaseException:
            await homeserver.close()
            raise
        return homeserver, keys

    async def _work(self, homeserver: Homeserver, device: OwnDevice, own: OwnKeys) -> None:
        outbox = Outbox(self._vault)
        warm = Warming(self._database)

        # The parts wake each other, in a circle: whoever comes first names who is made later.
        def wake_sender() -> None:
            sender.wake()

        def wake_handling() -> None:
            handling.wake()

        keys = RoomKeys(
            self._database,
            self._vault,
            homeserver,
            own,
            self._settings.key_sharing,
            records.READING,
            records.EXPECTED,
            self._network.left_out,
            wake_sender,
            self._settings.sign_within,
        )
        unwedging = Unwedging(
            self._database, self._vault, own, keys.start_anew, self._renewed(keys)
        )

        def noted() -> None:
            keys.to_device.wake()
            unwedging.wake()

        amiss = self._network.room_amiss
        keeper = RoomKeeper(self._database, homeserver, self._leisure, warm.add, amiss=amiss)

        back = (keys.answers_again, lambda _: wake_sender())
        absences = Absences(self._database, homeserver, self._network.homeserver_back, back)

        async def sent(work: Work, room: RoomID) -> None:
            await inbox.release(work, [f"sent {room}"])
            absences.sent(room)

        def followed() -> None:
            keeper.call()
            sender.wake()

        follower = Follower(self._database, homeserver, self._network.upgrade_refused, followed)
        errands = ErrandRunner(
            self._database, homeserver, follower, self._network.redacted, wake_sender
        )
        lateness = Lateness(self._settings.late_after, self._network.sent_late, self._clock)
        sender = Sender(
            self._database,
            self._vault,
            homeserver,
            own,
            outbox,
            keys,
            sent,
            self._network.set_aside,
            wake_handling,
            self._metrics,
            lateness,
            self._leisure,
        )

        def handled(what: Handled) -> None:
            sender.wake()
            errands.wake()
            if what.erased:
                self._erased.set()
            lookups.wake()
            self._landmark.wake()
            if what.rooms_changed or what.tampered is not None:
                keeper.call(what.tampered)

        def held() -> None:
            self.ready.set()
            self._metrics.ready.set(1)
            sender.wake()

        def joined(room: RoomID, user: UserID) -> None:
            warm.joined(room, user)
            sender.wake()

        handling = Handling(
            self._database,
            self._vault,
            self._settings.bot,
            self._network,
            DeviceLookup(self._database, homeserver),
            handled,
            joined,
            self._metrics,
            lateness,
            sender.seal_ahead,
            self._leisure,
        )
        lookups = Lookups(self._database, homeserver, self._network.looked_up, handled)
        chores = Chores(self._database, self._network.chores, handled, self._clock)
        sync = KeySync(
            self._database, self._vault, homeserver, device, own, handling.wake, warm.add, noted
        )
        patience = Patience(
            self._database, self._vault, own, keys.to_device, handling, self._metrics
        )
        await until_reached(self._started)
        try:
            await until_reached(keys.resume)
            # Once before the first event, so that keys which came while we were away are there.
            await until_reached(lambda: sync.once(0))
            self._handling = handling
            await until_reached(self._ping)
            log.info("ready: %s", self._settings.bot)
            async with asyncio.TaskGroup() as tasks:
                for part in (
                    handling.run,
                    sender.run,
                    errands.run,
                    sync.run,
                    keys.to_device.run,
                    unwedging.run,
                    chores.run,
                    self._landmark.run,
                    self._scrub,
                    lookups.run,
                    absences.run,
                    self._call_again,
                    lambda: keeper.run(held),
                    lambda: warm.run(keys),
                    patience.run,
                ):
                    tasks.create_task(steadily(part))
                tasks.create_task(self._read_ahead())
        finally:
            await keeper.close()
            await keys.close()

    def _renewed(self, keys: RoomKeys) -> Callable[[], None]:
        def renewed() -> None:
            self._metrics.sessions_renewed.inc()
            keys.to_device.wake()

        return renewed

    async def _started(self) -> None:
        async with self._database.begin() as work:
            await self._network.started(work)

    async def _read_ahead(self) -> None:
        """Have in memory what the first report or the first room key would wait for."""
        await asyncio.sleep(_LEISURE_SECONDS)
        try:
            await asyncio.to_thread(import_module, "appservice.encryption.opening")
            await asyncio.to_thread(self._network.read_ahead)
        except Exception as error:
            # Whoever needs it reads it then, and tells.
            log.warning("what is needed later is read later (%s)", fault_of(error))

    def _not_stored(self) -> None:
        self._missed.set()

    async def _call_again(self) -> None:
        """Have the homeserver send at once what the door could not store.

        By itself it would try again after minutes, when the database was away for as long.
        """
        while True:
            await self._missed.wait()
            await until_reached(self._stores)
            self._missed.clear()
            await self._ping()

    async def _scrub(self) -> None:
        """Have what was erased leave the database's files."""
        while True:
            self._erased.clear()
            await scrubbing.scrub(self._database)
            await woken(self._erased, scrubbing.LOOK_SECONDS)

    async def _stores(self) -> None:
        async with self._database.begin() as work:
            await work.execute(select(1))

    async def _ping(self) -> None:
        try:
            # With the as_token: a token of the bot's own is not the service's (no MSC4190).
            await ping(self._homeserver, self._settings.registration.id)
        except NotReached as error:
            log.error("%s `goudwacht doctor` tests both ways", error)
