"""The smallest network that uses everything the appservice offers, for the tests.

::

    "hello" in a room where everyone speaks ....... answered with "echo: hello"
    "notice hello" in one's own room .............. "hello" in the room for reactions
    a notice that went out late ................... "late: hello" in its place
    a reaction to a notice ........................ the notice is edited: "hello (✅)"
    "tell @u hello" in one's own room ............. "hello" in the own room of @u
    "spread hello" in one's own room .............. "hello" in the room for reactions, then to all
    "invite @u" / "remove @u" in one's own room ... who belongs changes
    a device that gets no key ..................... its owner is told so, in clear

It is driven by events alone, as a real one is, so that a restart between any two of them loses
nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from appservice.chores import Chore
from appservice.database import Work
from appservice.encryption.trust import DeviceKeys
from appservice.events import Event, Membership, MembershipChange, Message, Reaction
from appservice.faults import Direction, SetAside
from appservice.handling import Handled
from appservice.ids import EventID, RoomID, UserID
from appservice.lookups import Existence
from appservice.outbox import Outbox, Outgoing, Relation
from appservice.rooms import records
from appservice.rooms.directory import Published
from appservice.rooms.keeper import RepairRefused
from appservice.rooms.plan import RoomKey, RoomPlan, Speech
from appservice.rooms.upgrades import UpgradeRefused

SPACE = RoomKey("space")
EVERYONE = RoomKey("everyone")
REACTIONS = RoomKey("reactions")

TITLES = ("Everyone", "Reactions", "Direct")
"""How the names of a member's rooms begin; the bot's name follows."""

E = TypeVar("E")


def direct(user: UserID) -> RoomKey:
    """The key of a member's own room."""
    return RoomKey(f"direct/{user}")


def plans(bot_localpart: str, members: Iterable[UserID]) -> list[RoomPlan]:
    """All rooms of the network; their names end in the bot's name, so that no two runs meet."""
    who = frozenset(members)

    def plan(key: RoomKey, title: str, people: frozenset[UserID]) -> RoomPlan:
        alias = f"{bot_localpart}_{key.replace('/@', '_').replace(':', '_')}"
        return RoomPlan(key, alias, f"{title} {bot_localpart}", f"About {key}", people)

    space = plan(SPACE, "Space", who)
    everyone = plan(EVERYONE, "Everyone", who)
    reactions = plan(REACTIONS, "Reactions", who)
    own = [plan(direct(user), "Direct", frozenset({user})) for user in sorted(who)]
    return [
        _with(space, space=True, speech=Speech.NOBODY, parent=None),
        _with(everyone),
        _with(reactions, speech=Speech.REACTIONS),
        *(_with(room, direct=True, parent=None) for room in own),
    ]


def _with(
    plan: RoomPlan,
    *,
    speech: Speech = Speech.EVERYONE,
    space: bool = False,
    direct: bool = False,
    parent: RoomKey | None = SPACE,
) -> RoomPlan:
    return RoomPlan(
        plan.key,
        plan.alias,
        plan.name,
        plan.topic,
        plan.members,
        speech=speech,
        space=space,
        direct=direct,
        parent=parent,
    )


class Network:
    """The domain under the service in these tests.

    Args:
        bot_localpart: begins every alias, as the registration's namespace wants it.
        members: who belongs in the rooms at the start.
        outbox: takes what is to be said.
    """

    def __init__(self, bot_localpart: str, members: Iterable[UserID], outbox: Outbox) -> None:
        self.members = set(members)
        self.seen: list[Event] = []
        self.left_out_devices: list[tuple[RoomID, DeviceKeys]] = []
        self.aside: list[SetAside] = []
        self.refused_upgrades: list[UpgradeRefused] = []
        self.late: list[str | None] = []
        """The names of the messages that went out late."""
        self.cannot_tell = False
        """Makes the network raise when it is told of something set aside or late."""
        self.fails_on: str | None = None
        """A message with this in it makes the network raise, as a mistake in it would."""
        self.fails_by: Callable[[Work], Awaitable[object]] | None = None
        """How it then fails; a RuntimeError when not given."""
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._bot_localpart = bot_localpart
        self._outbox = outbox
        self._news = asyncio.Condition()

    # -- what the service calls --------------------------------------------------------------

    async def started(self, work: Work) -> None:
        await self._plan(work)

    async def handle(self, work: Work, event: Event) -> Handled:
        handled = Handled()
        if isinstance(event, Message):
            if self.fails_on is not None and self.fails_on in event.body:
                if self.fails_by is not None:
                    await self.fails_by(work)
                raise RuntimeError("a mistake in the network")
            handled = await self._message(work, event)
        elif isinstance(event, Reaction):
            await self._reaction(work, event)
        self.seen.append(event)
        await self._told()
        return handled

    def read_ahead(self) -> None:
        pass

    async def left_out(self, work: Work, room: RoomID, devices: Sequence[DeviceKeys]) -> None:
        self.left_out_devices += [(room, device) for device in devices]
        for device in devices:
            await self._put(
                work,
                Outgoing(
                    direct(device.user),
                    _text(f"{device.device} is not verified"),
                    name=f"unverified/{device.user}/{device.device}",
                    clear=True,
                ),
            )
        await self._told()

    @property
    def chores(self) -> Sequence[Chore]:
        return ()

    async def upgrade_refused(self, work: Work, refused: UpgradeRefused) -> None:
        self.refused_upgrades.append(refused)
        await self._told()

    async def set_aside(self, work: Work, what: SetAside) -> None:
        self.aside.append(what)
        await self._told()
        if self.cannot_tell:
            raise RuntimeError("a mistake in the telling")

    async def homeserver_back(self, work: Work, server: str, since: datetime) -> None:
        pass

    async def looked_up(self, work: Work, user: UserID, found: Existence) -> Handled:
        return Handled()

    async def room_amiss(self, work: Work, what: RepairRefused | Published) -> None:
        pass

    async def redacted(self, work: Work, room: RoomID, event: EventID, *, taken: bool) -> None:
        pass

    async def sent_late(self, work: Work, name: str | None, waited: timedelta) -> None:
        if self.cannot_tell:
            raise RuntimeError("a mistake in the telling")
        self.late.append(name)
        await self._told()

    # -- what tests ask ----------------------------------------------------------------------

    async def sees(
        self, kind: type[E], question: Callable[[E], bool] = lambda _: True, timeout: float = 20
    ) -> E:
        """Wait until an event of this kind, for which the question says yes, has been handled."""

        def found() -> E | None:
            return next((e for e in self.seen if isinstance(e, kind) and question(e)), None)

        return await self._until(found, f"a {kind.__name__}", timeout)

    async def hears(self, body: str, timeout: float = 20) -> Message:
        """Wait until a message with exactly this text has been handled."""
        return await self.sees(Message, lambda message: message.body == body, timeout)

    async def joins_or_leaves(
        self, room: RoomID, user: UserID, membership: Membership, timeout: float = 20
    ) -> None:
        """Wait until somebody's last change in a room has been to this membership."""

        def found() -> bool | None:
            changes = [
                event.membership
                for event in self.seen
                if isinstance(event, MembershipChange)
                and (event.room_id, event.user) == (room, user)
            ]
            return True if changes and changes[-1] is membership else None

        await self._until(found, f"{user} to {membership} {room}", timeout)

    async def leaves_out(self, device: str, timeout: float = 20) -> DeviceKeys:
        """Wait until the network has been told that a device gets no key."""

        def found() -> DeviceKeys | None:
            return next((d for _, d in self.left_out_devices if d.device == device), None)

        return await self._until(found, f"{device} to be left out", timeout)

    async def sets_aside(self, direction: Direction, timeout: float = 20) -> SetAside:
        """Wait until the network has been told of something set aside on its way in or out."""

        def found() -> SetAside | None:
            return next((what for what in self.aside if what.direction is direction), None)

        return await self._until(found, f"something on its way {direction} set aside", timeout)

    async def refuses_upgrade(self, key: RoomKey, timeout: float = 20) -> UpgradeRefused:
        """Wait until the network has been told of a replacement that is not followed."""

        def found() -> UpgradeRefused | None:
            return next((one for one in self.refused_upgrades if one.key == key), None)

        return await self._until(found, f"{key} not to be followed", timeout)

    def messages(self) -> list[str]:
        """The texts of all messages handled so far, in their order."""
        return [event.body for event in self.seen if isinstance(event, Message)]

    # -- within ------------------------------------------------------------------------------

    async def _message(self, work: Work, message: Message) -> Handled:
        key = await records.key_of(work, message.room_id)
        verb, _, rest = message.body.partition(" ")
        if key is None or key == REACTIONS:
            return Handled()
        if verb == "notice":
            late = _text(f"late: {rest}")
            notice = Outgoing(REACTIONS, _text(rest), name=f"notice/{rest}", late=late)
            await self._put(work, notice)
        elif verb == "tell":
            user, _, words = rest.partition(" ")
            await self._put(work, Outgoing(direct(UserID(user)), _text(words)))
        elif verb == "spread":
            for target in (REACTIONS, EVERYONE, key):
                await self._put(work, Outgoing(target, _text(rest)))
        elif verb in ("invite", "remove"):
            change = self.members.add if verb == "invite" else self.members.discard
            change(UserID(rest))
            await self._plan(work)
            return Handled(rooms_changed=True)
        else:
            await self._put(
                work,
                Outgoing(key, _text(f"echo: {message.body}"), name=f"echo/{message.event_id}"),
            )
        return Handled()

    async def _reaction(self, work: Work, reaction: Reaction) -> None:
        if reaction.target_name is not None and reaction.target_name.startswith("notice/"):
            said = reaction.target_name.removeprefix("notice/")
            await self._put(
                work,
                Outgoing(
                    REACTIONS,
                    _text(f"{said} ({reaction.key})"),
                    name=f"edit/{reaction.event_id}",
                    relation=Relation("m.replace", name=reaction.target_name),
                ),
            )

    async def _plan(self, work: Work) -> None:
        await records.set_plans(work, plans(self._bot_localpart, self.members))

    async def _put(self, work: Work, message: Outgoing) -> None:
        await self._outbox.put(work, message, self.clock())

    async def _told(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def _until(self, found: Callable[[], E | None], what: str, timeout: float) -> E:
        async def wait() -> E:
            async with self._news:
                while (result := found()) is None:
                    await self._news.wait()
                return result

        try:
            return await asyncio.wait_for(wait(), timeout)
        except TimeoutError:
            raise AssertionError(
                f"the network waited {timeout:g} s for {what}; it saw {self.seen[-10:]}"
            ) from None


def _text(body: str) -> dict[str, str]:
    return {"msgtype": "m.text", "body": body}
