"""The rooms one member is in, was asked into, or has left: as their own client was told.

Pure: fed by what :mod:`tests.harness.device` takes from ``/sync``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from appservice.ids import RoomID, UserID


@dataclass
class Rooms:
    """Membership and room state, by room."""

    joined: set[RoomID] = field(default_factory=set)
    invited: dict[RoomID, UserID] = field(default_factory=dict)
    """Open invitations, and who sent them."""
    left: set[RoomID] = field(default_factory=set)
    """Rooms we were in, or were asked into, and are no more: by our own will or another's."""
    _state: dict[RoomID, dict[tuple[str, str], Mapping[str, Any]]] = field(default_factory=dict)

    def join(self, room: RoomID) -> None:
        self.joined.add(room)
        self.invited.pop(room, None)
        self.left.discard(room)

    def invite(self, room: RoomID, inviter: UserID) -> None:
        self.invited[room] = inviter

    def leave(self, room: RoomID) -> None:
        self.joined.discard(room)
        self.invited.pop(room, None)
        self.left.add(room)

    def learn(self, room: RoomID, events: Iterable[Mapping[str, Any]]) -> None:
        """Take in state events, invite state included; other events are passed over."""
        for event in events:
            content = event.get("content")
            if "state_key" in event and isinstance(content, Mapping):
                key = (str(event.get("type")), str(event["state_key"]))
                self._state.setdefault(room, {})[key] = content

    def state(self, room: str, event_type: str, state_key: str = "") -> Mapping[str, Any] | None:
        """The content of a state event; None where there is none."""
        return self._state.get(RoomID(room), {}).get((event_type, state_key))

    def name(self, room: str) -> str | None:
        name = (self.state(room, "m.room.name") or {}).get("name")
        return name if isinstance(name, str) else None

    def is_space(self, room: str) -> bool:
        return (self.state(room, "m.room.create") or {}).get("type") == "m.space"

    def members(self, room: str, membership: str = "join") -> set[UserID]:
        """The users with this membership (``join``, ``invite``, ``leave``, ``ban``)."""
        return {
            UserID(state_key)
            for (event_type, state_key), content in self._state.get(RoomID(room), {}).items()
            if event_type == "m.room.member" and content.get("membership") == membership
        }
