"""What the network above sees of a room: events, decrypted and checked.

:class:`RoomEvent` is what came in by transaction. The classes after it are what
:mod:`appservice.handling` makes of one and hands to the domain. None of them holds ciphertext.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from appservice.ids import EventID, RoomID, UserID
from appservice.outside_text import MAXIMUM_ID_BYTES, storable

MAXIMUM_DEPTH = 64
"""Deepest nesting of an event's content; what people send has less than ten."""


class BadEvent(ValueError):
    """Something in a transaction is no event as the specification has them."""


@dataclass(frozen=True, slots=True)
class RoomEvent:
    """One event of a room as the homeserver sent it."""

    event_id: EventID
    room_id: RoomID
    sender: UserID
    type: str
    content: Mapping[str, Any]
    sent_at: datetime
    """The sender's homeserver's clock, UTC."""
    state_key: str | None = None

    def is_said_by(self, user: UserID) -> bool:
        """Tell whether somebody said this, as against setting a room's state."""
        return self.sender == user and self.state_key is None

    @classmethod
    def parse(cls, raw: object) -> RoomEvent:
        """Read one element of a transaction's ``events``.

        Raises:
            BadEvent: a field is missing, of the wrong type, too long, no valid Unicode, holds a
                NUL, or the content is nested too deeply.
        """
        if not isinstance(raw, Mapping):
            raise BadEvent("not an object")
        content = raw.get("content")
        if not isinstance(content, Mapping):
            raise BadEvent("content is not an object")
        if _deeper_than(content, MAXIMUM_DEPTH):
            raise BadEvent("content is nested too deeply")
        state_key = raw.get("state_key")
        if state_key is not None:
            state_key = _text(raw, "state_key", empty=True)
        return cls(
            event_id=EventID(_text(raw, "event_id")),
            room_id=RoomID(_text(raw, "room_id")),
            sender=UserID(_text(raw, "sender")),
            type=_text(raw, "type"),
            content=content,
            sent_at=_time(raw.get("origin_server_ts")),
            state_key=state_key,
        )


def _text(raw: Mapping[str, Any], name: str, *, empty: bool = False) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or (not value and not empty):
        raise BadEvent(f"{name} is not a text")
    if not storable(value):
        raise BadEvent(
            f"{name} is longer than {MAXIMUM_ID_BYTES} bytes, no valid Unicode, or holds a NUL"
        )
    return value


def _deeper_than(value: object, limit: int) -> bool:
    # Level by level, not by recursion: that is what deep nesting is made to exhaust.
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            if isinstance(outer, Mapping | list)
            for inner in (outer.values() if isinstance(outer, Mapping) else outer)
        ]
        if not level:
            return False
    return True


def _time(milliseconds: object) -> datetime:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int):
        raise BadEvent("origin_server_ts is not an integer")
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise BadEvent("origin_server_ts is no time") from error


@dataclass(frozen=True, slots=True)
class Secrecy:
    """How an event was protected on its way here."""

    encrypted: bool
    device_known: bool = False
    """The device that encrypted it is one its sender's homeserver names, with the same keys."""
    device_signed: bool = False
    """That device is cross-signed by its owner, whose identity has not changed."""


IN_CLEAR = Secrecy(encrypted=False)


@dataclass(frozen=True, slots=True)
class Message:
    """Somebody wrote, or sent a file, a voice message, a sticker and the like."""

    room_id: RoomID
    event_id: EventID
    sender: UserID
    sent_at: datetime
    msgtype: str
    """``m.text``, ``m.image`` …; the event's type when it is no ``m.room.message``."""
    body: str
    secrecy: Secrecy
    replaces: EventID | None = None
    """Set on an edit: the event whose text ``body`` replaces."""
    reply_to: EventID | None = None
    thread: EventID | None = None
    media: bool = False
    """Something in it points to a file on a homeserver: a picture in a text, of an edit, of a
    kind that clients will learn next year."""


def bare_emoji(key: str) -> str:
    """Return an emoji without its variation selectors, by which alone some keyboards differ."""
    return key.replace("\ufe0f", "")


@dataclass(frozen=True, slots=True)
class Reaction:
    """Somebody put ``key`` to a message. Travels unencrypted: a homeserver can forge one."""

    room_id: RoomID
    event_id: EventID
    sender: UserID
    sent_at: datetime
    target: EventID
    target_name: str | None
    """The name our outbox gave the message; None when it is not ours."""
    key: str

    @property
    def emoji(self) -> str:
        """The key without the selector that some keyboards put behind an emoji: it says nothing."""
        return bare_emoji(self.key)


@dataclass(frozen=True, slots=True)
class Redaction:
    """Somebody took an event back."""

    room_id: RoomID
    event_id: EventID
    sender: UserID
    redacts: EventID


class Membership(StrEnum):
    """``m.room.member`` memberships."""

    INVITE = "invite"
    JOIN = "join"
    LEAVE = "leave"
    BAN = "ban"
    KNOCK = "knock"


@dataclass(frozen=True, slots=True)
class MembershipChange:
    """Somebody's membership of a room is now ``membership``."""

    room_id: RoomID
    event_id: EventID
    sender: UserID
    user: UserID
    membership: Membership


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that cannot be decrypted and never will be; its sender must send it again."""

    room_id: RoomID
    event_id: EventID
    sender: UserID


@dataclass(frozen=True, slots=True)
class Tampered:
    """Somebody changed the state of a room of ours; the keeper puts it back.

    Attributes:
        sender: who, by the homeserver's word: one that is not ours in good faith may well name the
            bot itself.
        type: of the state event.
        raised: people whom it gives a power that is the bot's alone.
    """

    room_id: RoomID
    event_id: EventID
    sender: UserID
    type: str
    raised: tuple[UserID, ...] = ()


Event = Message | Reaction | Redaction | MembershipChange | Tampered | Unreadable
