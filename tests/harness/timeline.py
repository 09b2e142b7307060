"""What one member has seen, in the order in which it came.

::

    event from /sync, decrypted or not ──▶ add ──▶ Seen ──▶ find, latest_text, unreadable
                                            ▲
    the same event, readable at last ───────┘  (takes the place of the unreadable one)

Pure: no loop, no network. Waiting for something to be seen is in :mod:`tests.harness.reader`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from appservice.ids import EventID, RoomID, UserID

Wanted = str | re.Pattern[str] | Callable[["Seen"], bool]
"""A piece of the body, a pattern to be found in it, or any question about what was seen."""


@dataclass(frozen=True)
class Seen:
    """One event as its reader sees it."""

    room_id: RoomID
    event_id: EventID
    sender: UserID
    type: str
    """The type inside the ciphertext; ``m.room.encrypted`` as long as it cannot be read."""
    body: str
    """The plain body; of an edit, the new one. Empty where there is none."""
    html: str | None
    content: Mapping[str, Any]
    encrypted: bool
    """Whether it travelled encrypted."""
    decrypted_at: float | None
    """When it was decrypted, seconds of ``time.time()``; None when it came in clear or cannot be
    read yet."""
    state_key: str | None
    edits: EventID | None
    redacted: bool
    reacts_to: EventID | None
    key: str | None
    """Of a reaction: what was chosen."""
    transaction_id: str | None
    """Set by the homeserver on what this very device sent."""

    @property
    def readable(self) -> bool:
        return self.type != "m.room.encrypted"

    @property
    def mentions(self) -> Mapping[str, Any]:
        """``m.mentions`` of the content; empty where there is none."""
        mentions = self.content.get("m.mentions")
        return mentions if isinstance(mentions, Mapping) else {}

    def fits(self, wanted: Wanted) -> bool:
        """Whether this is what a reader waits for; text is sought only in what can be read."""
        if isinstance(wanted, str):
            return wanted in self.body
        if isinstance(wanted, re.Pattern):
            return wanted.search(self.body) is not None
        return wanted(self)


def seen(
    room_id: RoomID, event: Mapping[str, Any], *, encrypted: bool, decrypted_at: float | None
) -> Seen:
    """Make a :class:`Seen` of an event's JSON, the decrypted one where it was encrypted."""
    content = event.get("content")
    content = content if isinstance(content, Mapping) else {}
    relation = content.get("m.relates_to")
    relation = relation if isinstance(relation, Mapping) else {}
    unsigned = event.get("unsigned")
    unsigned = unsigned if isinstance(unsigned, Mapping) else {}
    kind = relation.get("rel_type")
    new = content.get("m.new_content")
    shown = new if kind == "m.replace" and isinstance(new, Mapping) else content
    html = shown.get("formatted_body")
    return Seen(
        room_id=room_id,
        event_id=EventID(str(event.get("event_id", ""))),
        sender=UserID(str(event.get("sender", ""))),
        type=str(event.get("type", "")),
        body=str(shown.get("body", "")),
        html=html if isinstance(html, str) else None,
        content=content,
        encrypted=encrypted,
        decrypted_at=decrypted_at,
        state_key=event.get("state_key"),
        edits=EventID(str(relation.get("event_id"))) if kind == "m.replace" else None,
        redacted="redacted_because" in unsigned,
        reacts_to=EventID(str(relation.get("event_id"))) if kind == "m.annotation" else None,
        key=str(relation.get("key")) if kind == "m.annotation" else None,
        transaction_id=unsigned.get("transaction_id"),
    )


class Timeline:
    """Everything one member has seen, over all rooms."""

    def __init__(self) -> None:
        self._events: dict[EventID, Seen] = {}  # in order of arrival
        self._redacted: set[EventID] = set()

    def __iter__(self) -> Iterator[Seen]:
        return iter(self._events.values())

    def add(self, event: Seen) -> None:
        """Take in one event; one that is known keeps its place and takes the new form."""
        if event.type == "m.room.redaction":
            target = event.content.get("redacts")
            if isinstance(target, str):
                self.redact(EventID(target))
        if event.event_id in self._redacted:
            event = _emptied(event)
        self._events[event.event_id] = event

    def redact(self, target: EventID) -> None:
        """Empty an event, as a redaction does, also if it comes later."""
        self._redacted.add(target)
        if target in self._events:
            self._events[target] = _emptied(self._events[target])

    def find(
        self, wanted: Wanted, room: str | None = None, after: Seen | None = None
    ) -> Seen | None:
        """The first event that fits, in the given room, later than the given event."""
        started = after is None
        for event in self:
            if not started:
                started = after is not None and event.event_id == after.event_id
            elif (room is None or event.room_id == room) and event.fits(wanted):
                return event
        return None

    def of(self, room: str) -> list[Seen]:
        """The events of one room, in order of arrival."""
        return [event for event in self if event.room_id == room]

    def unreadable(self) -> list[Seen]:
        """What came encrypted and has not been read."""
        return [event for event in self if not event.readable and not event.redacted]

    def latest_text(self, room: str) -> str | None:
        """The body of the last message of a room as it stands now, edits applied."""
        messages = [
            event
            for event in self.of(room)
            if event.type == "m.room.message" and event.edits is None and not event.redacted
        ]
        return self.text_of(messages[-1].event_id) if messages else None

    def text_of(self, event_id: str) -> str | None:
        """The body of a message as it stands now; None when it is unknown or redacted."""
        original = self._events.get(EventID(event_id))
        if original is None or original.redacted:
            return None
        # Only the author may edit: specification, "Event replacements", validity.
        edits = [
            event
            for event in self
            if event.edits == event_id
            and event.sender == original.sender
            and not event.redacted
            and event.readable
        ]
        return edits[-1].body if edits else original.body


def _emptied(event: Seen) -> Seen:
    return replace(event, body="", html=None, content={}, redacted=True, key=None)
