"""What a room of ours should be, and how far it is from that.

A :class:`RoomPlan` is what the network above asks for. :func:`creation` makes the room from it,
:func:`drift` says what must change in one that exists. Both are functions of their arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

from appservice.ids import RoomID, UserID, server_of

RoomKey = NewType("RoomKey", str)
"""Our own name for a room, such as ``alerts/amsterdam``; the same for ever."""

BOT_ONLY = 100
"""The power level that nobody but the creator has (room version 12: creators stand above all)."""


ROOM_VERSION = "12"


class Speech(StrEnum):
    """Who may write in a room."""

    EVERYONE = "everyone"
    REACTIONS = "reactions"
    """Only the bot writes; the others may react, and take a reaction back."""
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """A room as it should be.

    Attributes:
        key: our name for it.
        alias: localpart of its alias; a crash between creating and noting the room finds it by
            this. members: everyone who belongs in it, the bot excluded. parent: the space it
            stands in. servers: the homeservers whose users may be in it, our own first; None
            when any may.
    """

    key: RoomKey
    alias: str
    name: str
    topic: str
    members: frozenset[UserID]
    speech: Speech = Speech.EVERYONE
    space: bool = False
    direct: bool = False
    parent: RoomKey | None = None
    servers: tuple[str, ...] | None = None

    @property
    def encrypted(self) -> bool:
        """Every room is, but a space: nothing is said in one."""
        return not self.space


@dataclass(frozen=True, slots=True)
class RoomState:
    """What a room is: the content of each state event, by type and state key."""

    events: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    def members(self, *memberships: str) -> frozenset[UserID]:
        """Return everyone whose membership is one of ``memberships``."""
        return frozenset(
            UserID(who)
            for (kind, who), content in self.events.items()
            if kind == "m.room.member" and content.get("membership") in memberships
        )


@dataclass(frozen=True, slots=True)
class SetState:
    """Put this state event into the room."""

    type: str
    state_key: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Invite:
    """Invite who belongs there."""

    user: UserID


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove who does not belong there."""

    user: UserID


@dataclass(frozen=True, slots=True)
class Unban:
    """Lift the ban of who belongs there; an invitation follows."""

    user: UserID


Repair = SetState | Invite | Remove | Unban


def power_levels(plan: RoomPlan) -> dict[str, Any]:
    """Return the ``m.room.power_levels`` of a room.

    Nobody is named: the bot, as creator, stands above all in version 12, and must not be listed.
    """
    speech = {Speech.EVERYONE: 0, Speech.REACTIONS: 50, Speech.NOBODY: BOT_ONLY}[plan.speech]
    events = dict.fromkeys(
        (
            "m.room.power_levels",
            "m.room.encryption",
            "m.room.join_rules",
            "m.room.history_visibility",
            "m.room.server_acl",
            "m.room.tombstone",
            "m.space.child",
        ),
        BOT_ONLY,
    )
    if plan.speech is not Speech.NOBODY:
        events |= {"m.reaction": 0, "m.room.redaction": 0}
    return {
        "users": {},
        "users_default": 0,
        "events": events,
        "events_default": speech,
        "state_default": BOT_ONLY,
        "invite": BOT_ONLY,
        "kick": BOT_ONLY,
        "ban": BOT_ONLY,
        "redact": BOT_ONLY,
        "notifications": {"room": BOT_ONLY},
    }


def policy(plan: RoomPlan) -> dict[str, dict[str, Any]]:
    """Return the state events (empty state key) that guard a room."""
    guarded: dict[str, dict[str, Any]] = {
        "m.room.join_rules": {"join_rule": "invite"},
        "m.room.history_visibility": {"history_visibility": "joined"},
        "m.room.guest_access": {"guest_access": "forbidden"},
    }
    if plan.encrypted:
        guarded["m.room.encryption"] = {
            "algorithm": "m.megolm.v1.aes-sha2",
            "rotation_period_ms": 604_800_000,
            "rotation_period_msgs": 100,
        }
    if plan.servers is not None:
        guarded["m.room.server_acl"] = server_acl(plan.servers)
    return guarded


_LET_BE = frozenset(
    {
        "m.room.create",
        "m.room.member",
        "m.room.name",
        "m.room.topic",
        "m.room.avatar",
        "m.room.canonical_alias",
        "m.room.aliases",
        "m.room.tombstone",
        "m.room.encryption",
        "m.space.child",
    }
)
"""Kinds of state that a room of ours may hold beside its guards. Those that a plan has something to
say of are compared with it one by one; a tombstone is :mod:`appservice.rooms.upgrades`'s.
Everything else is somebody's addition: a widget, a pinned message, an invitation by e-mail."""

_ANY_SERVER = {"allow": ["*"], "deny": [], "allow_ip_literals": True}
"""An ``m.room.server_acl`` that keeps nobody out: an empty one would keep everybody out."""


def server_acl(servers: Iterable[str]) -> dict[str, Any]:
    """Return the ``m.room.server_acl`` that lets in these homeservers and no other.

    Homeservers compare the name without its port (client-server API, "Server access control
    lists"), so that other ports are not told apart. Synapse takes no list that lacks its own name
    with the port (handlers/message.py), which therefore stands beside it.
    """
    hosts = sorted({name for server in servers for name in (server, _host(server))})
    return {
        "allow": hosts,
        "deny": [],
        "allow_ip_literals": any(_is_address(host) for host in hosts),
    }


def _host(server: str) -> str:
    host, separator, port = server.rpartition(":")
    return host if separator and port.isdecimal() else server


def _is_address(host: str) -> bool:
    return host.startswith("[") or host.replace(".", "").isdecimal()


def creation(plan: RoomPlan, server: str) -> dict[str, Any]:
    """Return the body of ``POST /createRoom`` for a room.

    A room for one person invites them at once, if they are of our own homeserver; another one may
    be long in taking an invitation. The others are invited afterwards.

    Args:
        server: our own homeserver.
    """
    body: dict[str, Any] = {
        # Named, since the power levels here are wrong for an older one: nobody would stand above.
        "room_version": ROOM_VERSION,
        "visibility": "private",
        "preset": "private_chat",
        "room_alias_name": plan.alias,
        "name": plan.name,
        "topic": plan.topic,
        "is_direct": plan.direct,
        "power_level_content_override": power_levels(plan),
        "initial_state": [
            {"type": kind, "state_key": "", "content": content}
            for kind, content in policy(plan).items()
        ],
    }
    if plan.space:
        body["creation_content"] = {"type": "m.space"}
    if plan.direct:
        body["invite"] = sorted(user for user in plan.members if server_of(user) == server)
    return body


def created(plan: RoomPlan, bot: UserID) -> RoomState:
    """Return the state, as far as it is ours, of a room that was just made."""
    body = creation(plan, server_of(bot))
    events: dict[tuple[str, str], Mapping[str, Any]] = {
        (event["type"], event["state_key"]): event["content"] for event in body["initial_state"]
    }
    events["m.room.power_levels", ""] = body["power_level_content_override"]
    events["m.room.name", ""] = {"name": plan.name}
    events["m.room.topic", ""] = {"topic": plan.topic}
    events["m.room.member", bot] = {"membership": "join"}
    for user in body.get("invite", ()):
        events["m.room.member", user] = {"membership": "invite"}
    return RoomState(events)


def drift(
    plan: RoomPlan,
    state: RoomState,
    bot: UserID,
    children: Iterable[RoomID] = (),
) -> list[Repair]:
    """Return what must change for a room to be as planned, guards first, invitations last.

    Args:
        plan: how it should be.
        state: how it is.
        bot: never invited or removed.
        children: for a space, the rooms that stand in it.
    """
    wanted: dict[tuple[str, str], Mapping[str, Any]] = {
        (kind, ""): content for kind, content in policy(plan).items()
    }
    wanted["m.room.power_levels", ""] = power_levels(plan)
    wanted["m.room.name", ""] = {"name": plan.name}
    repairs: list[Repair] = [
        SetState(kind, key, content)
        for (kind, key), content in wanted.items()
        if not _holds(state.events.get((kind, key), {}), content)
    ]
    if state.events.get(("m.room.topic", ""), {}).get("topic") != plan.topic:
        repairs.append(SetState("m.room.topic", "", {"topic": plan.topic}))
    repairs += _added(plan, state, server_of(bot))
    if plan.space:
        repairs += _children(state, children, server_of(bot))
    inside = state.members("join", "invite", "knock")
    repairs += [Remove(user) for user in sorted(inside - plan.members - {bot})]
    repairs += [Unban(user) for user in sorted(state.members("ban") & plan.members)]
    repairs += [
        Invite(user) for user in sorted(plan.members - state.members("join", "invite") - {bot})
    ]
    return repairs


def guards(plan: RoomPlan, kind: str, content: Mapping[str, Any]) -> bool:
    """Tell whether a state event (empty state key) leaves a room as guarded as it should be.

    True for what guards nothing, such as the room's name. Whoever can add what no plan has, such as
    a widget, which shows a page of theirs to everyone in the room, has a power that is the bot's.
    """
    wanted = {**policy(plan), "m.room.power_levels": power_levels(plan)}
    if kind in wanted:
        return _holds(content, wanted[kind])
    return kind in _LET_BE or content == _emptied(kind)


def raised(content: Mapping[str, Any]) -> tuple[UserID, ...]:
    """Return whom ``m.room.power_levels`` name with a power: in a room of ours, nobody."""
    users = content.get("users")
    return tuple(
        sorted(
            UserID(user)
            for user, level in (users.items() if isinstance(users, Mapping) else ())
            if not isinstance(level, int) or level > 0
        )
    )


def _holds(actual: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Tell whether a state event says what is wanted; a homeserver may add keys of its own.

    Power levels are compared whole where they raise somebody: a user who is named is drift, and
    so is a kind of event for which people need less than the bot's level.
    """
    for name, value in wanted.items():
        there = actual.get(name)
        if name == "users":
            if there:
                return False
        elif name == "events":
            if not _guards(there, value):
                return False
        elif isinstance(value, Mapping):
            if not isinstance(there, Mapping) or not _holds(there, value):
                return False
        elif there != value:
            return False
    return True


def _guards(actual: object, wanted: Mapping[str, int]) -> bool:
    if not isinstance(actual, Mapping) or not wanted.items() <= actual.items():
        return False
    return all(
        isinstance(level, int) and level >= BOT_ONLY
        for kind, level in actual.items()
        if kind not in wanted
    )


def _added(plan: RoomPlan, state: RoomState, server: str) -> list[Repair]:
    """Return what empties the state that no plan has."""
    guarded = {(kind, "") for kind in (*policy(plan), "m.room.power_levels")}
    return [
        SetState(kind, key, _emptied(kind))
        for (kind, key), content in sorted(state.events.items(), key=lambda pair: pair[0])
        if (kind, key) not in guarded and _is_added(plan, kind, content, server)
    ]


def _is_added(plan: RoomPlan, kind: str, content: Mapping[str, Any], server: str) -> bool:
    match kind:
        case "m.room.canonical_alias":
            ours = content.get("alias") in (None, "", f"#{plan.alias}:{server}")
            return not ours or bool(content.get("alt_aliases"))
        case "m.space.child":
            return not plan.space and bool(content)
    return kind not in _LET_BE and content != _emptied(kind)


def _emptied(kind: str) -> Mapping[str, Any]:
    return _ANY_SERVER if kind == "m.room.server_acl" else {}


def _children(state: RoomState, children: Iterable[RoomID], server: str) -> list[Repair]:
    wanted = set(children)
    present = {
        RoomID(key)
        for (kind, key), content in state.events.items()
        if kind == "m.space.child" and content.get("via")
    }
    added: list[Repair] = [
        SetState("m.space.child", room, {"via": [server], "suggested": True})
        for room in sorted(wanted - present)
    ]
    gone: list[Repair] = [SetState("m.space.child", room, {}) for room in sorted(present - wanted)]
    return added + gone
