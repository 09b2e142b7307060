"""The rooms of the network: which there are, what each is for, and who belongs in it.

::

    regions + roster ──▶ plans ──▶ appservice.rooms makes and keeps them
    room key ──▶ Place ──▶ what may be done there

A room's key says what it is for, and never changes: ``review``, ``alerts/amsterdam``,
``police/amsterdam``, ``private/@anna:example.org``, ``space``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from appservice.ids import UserID
from appservice.rooms.plan import RoomKey, RoomPlan, Speech
from bridge.configuration import Configuration
from bridge.members.roster import Person, Roster
from bridge.regions import PoliceUnit, Region, RegionCode, Regions
from bridge.wording import Language, Wording


@dataclass(frozen=True, slots=True)
class NetworkSpace:
    """Holds the alert rooms together in a member's client."""


@dataclass(frozen=True, slots=True)
class ReviewRoom:
    """Where moderators decide."""


@dataclass(frozen=True, slots=True)
class AlertRoom:
    """Where the members of a region read alerts; only the bot writes."""

    region: RegionCode


@dataclass(frozen=True, slots=True)
class LiaisonRoom:
    """Where the officers of a police unit read what is relayed to it."""

    unit: RegionCode
    """Its code: that of its region where it is the unit of one."""


@dataclass(frozen=True, slots=True)
class PrivateRoom:
    """Where one member speaks with the bot."""

    user: UserID


SharedRoom = AlertRoom | LiaisonRoom
"""Where others read what a member reported: what goes there passes the gate."""

Place = NetworkSpace | ReviewRoom | SharedRoom | PrivateRoom


def key_of(place: Place) -> RoomKey:
    """Return the key of a place's room."""
    match place:
        case NetworkSpace():
            return RoomKey("space")
        case ReviewRoom():
            return RoomKey("review")
        case AlertRoom(region):
            return RoomKey(f"alerts/{region}")
        case LiaisonRoom(unit):
            return RoomKey(f"police/{unit}")
        case PrivateRoom(user):
            return RoomKey(f"private/{user}")


def place_of(key: RoomKey) -> Place:
    """Return the place of a room's key.

    Raises:
        ValueError: no room of ours has such a key.
    """
    kind, _, name = key.partition("/")
    match kind:
        case "space":
            return NetworkSpace()
        case "review":
            return ReviewRoom()
        case "alerts":
            return AlertRoom(RegionCode(name))
        case "police":
            return LiaisonRoom(RegionCode(name))
        case "private":
            return PrivateRoom(UserID(name))
    raise ValueError(f"{key} is no room of the network")


READ_BY_OTHERS: Final = ("alerts/", "police/")
"""Beginnings of the keys of each :data:`SharedRoom`."""

CONVERSATIONS: Final = ("private/", "review", "police/")
"""Of rooms in which people write to the bot, and it answers. What is in neither is not erased when
its time is over (:mod:`bridge.privacy.sweep`)."""


def active_units(regions: Regions, roster: Roster) -> tuple[PoliceUnit, ...]:
    """Return the police units with a liaison room: those that have a liaison.

    A network without police officers shows nobody anything of them.
    """
    return tuple(unit for unit in regions.units if roster.liaisons_of(unit.code))


def has_police(regions: Regions, roster: Roster) -> bool:
    """Tell whether anything of the police is to be seen."""
    return bool(active_units(regions, roster))


def with_police(regions: Regions, roster: Roster) -> frozenset[RegionCode]:
    """Return the regions that a police unit with a liaison room serves."""
    return frozenset(code for unit in active_units(regions, roster) for code in unit.regions)


def plans(
    configuration: Configuration,
    regions: Regions,
    roster: Roster,
    wording: Wording,
    pseudonym: Callable[[str], str],
) -> list[RoomPlan]:
    """Return every room the network should have.

    Args:
        configuration: names.
        regions: each has rooms of its own.
        roster: who belongs where.
        wording: names and topics, in the network's language.
        pseudonym: hides a user id in the alias of a private room, which others can guess at.
    """
    servers = tuple(name for name in configuration.servers if name not in roster.withdrawn)
    planner = _Planner(configuration, wording, servers)
    members = frozenset(person.user for person in roster.members)
    made = [
        planner.plan(
            NetworkSpace(), "space", members | roster.moderators, speech=Speech.NOBODY, space=True
        ),
        planner.plan(ReviewRoom(), "review", roster.moderators),
    ]
    made += [
        planner.plan(
            AlertRoom(region.code),
            "alerts",
            roster.members_of(region.code),
            region=region,
            speech=Speech.REACTIONS,
            parent=NetworkSpace(),
        )
        for region in regions
    ]
    made += [
        planner.plan(
            LiaisonRoom(unit.code),
            "police",
            roster.liaisons_of(unit.code),
            region=unit,
        )
        for unit in active_units(regions, roster)
    ]
    made += [planner.private(person, pseudonym(person.user)) for person in roster.members]
    return made


class _Planner:
    def __init__(
        self, configuration: Configuration, wording: Wording, servers: tuple[str, ...]
    ) -> None:
        self._configuration = configuration
        self._servers = servers
        self._wording = wording
        self._said: dict[tuple[str, Language], str] = {}

    def plan(
        self,
        place: Place,
        kind: str,
        members: frozenset[UserID],
        *,
        region: Region | PoliceUnit | None = None,
        speech: Speech = Speech.EVERYONE,
        space: bool = False,
        parent: Place | None = None,
    ) -> RoomPlan:
        language = self._configuration.network.language
        values = {
            "network": self._configuration.network.name,
            "region": "" if region is None else region.name,
        }
        suffix = kind if region is None else f"{kind}_{region.code}"
        return RoomPlan(
            key=key_of(place),
            alias=f"{self._configuration.bot.localpart}_{suffix}",
            name=self._wording.render(f"room/{kind}_name", language, **values).plain,
            topic=self._wording.render(f"room/{kind}_topic", language, **values).plain,
            members=members,
            speech=speech,
            space=space,
            parent=None if parent is None else key_of(parent),
            servers=self._servers,
        )

    def private(self, person: Person, hidden: str) -> RoomPlan:
        return RoomPlan(
            key=key_of(PrivateRoom(person.user)),
            alias=f"{self._configuration.bot.localpart}_private_{hidden}",
            name=self._private_words("room/private_name", person.language),
            topic=self._private_words("room/private_topic", person.language),
            members=frozenset({person.user}),
            direct=True,
            servers=self._servers,
        )

    def _private_words(self, template: str, language: Language) -> str:
        # The same in a thousand rooms: rendered once.
        if (template, language) not in self._said:
            values = {"network": self._configuration.network.name, "region": ""}
            self._said[template, language] = self._wording.render(
                template, language, **values
            ).plain
        return self._said[template, language]
