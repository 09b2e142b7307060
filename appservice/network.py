"""What the service wants of the network that is built on it, beside the answers to events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from appservice.chores import Chore
from appservice.database import Work
from appservice.encryption.trust import DeviceKeys
from appservice.handling import Domain, Handled
from appservice.ids import EventID, RoomID, UserID
from appservice.lookups import Existence
from appservice.rooms.directory import Published
from appservice.rooms.keeper import RepairRefused
from appservice.rooms.upgrades import UpgradeRefused


class Network(Domain, Protocol):
    """A domain with rooms of its own."""

    async def started(self, work: Work) -> None:
        """Record plans of rooms and whatever else must be there before the first event."""

    def read_ahead(self) -> None:
        """Read what most events need and a start does not; called once, in a thread."""

    @property
    def chores(self) -> Sequence[Chore]:
        """What is to be done because time passes."""

    async def upgrade_refused(self, work: Work, refused: UpgradeRefused) -> None:
        """Hear that a room of ours was closed, and its replacement is not followed."""

    async def sent_late(self, work: Work, name: str | None, waited: timedelta) -> None:
        """Hear of a message that goes out late; once, in the transaction that decides so."""

    async def homeserver_back(self, work: Work, server: str, since: datetime) -> None:
        """Hear that another homeserver answers again; once, and since when it was away."""

    async def looked_up(self, work: Work, user: UserID, found: Existence) -> Handled:
        """Hear whether there is such a user (:func:`appservice.lookups.ask`)."""

    async def room_amiss(self, work: Work, what: RepairRefused | Published) -> None:
        """Hear that a room cannot be put right, again at each look, or was to be found by all."""

    async def redacted(self, work: Work, room: RoomID, event: EventID, *, taken: bool) -> None:
        """Hear that a redaction asked for as an errand was ``taken``, or refused for good."""

    async def left_out(self, work: Work, room: RoomID, devices: Sequence[DeviceKeys]) -> None:
        """Hear of devices that get no key of ``room``; of the same ones again now and then."""
