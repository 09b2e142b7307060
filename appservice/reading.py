"""What an event says, read from its content with nothing taken on trust.

::

    content ─▶ message_of, reaction_of, redaction_of ─▶ Message, Reaction, Redaction

Anything may stand anywhere in a content; what is not as the specification has it counts as absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from appservice.database import Work
from appservice.events import Message, Reaction, Redaction, RoomEvent, Secrecy
from appservice.ids import EventID
from appservice.outbox import name_of
from appservice.outside_text import readable, storable


def message_of(
    event: RoomEvent, event_type: str, content: Mapping[str, Any], secrecy: Secrecy
) -> Message:
    """Read a message from its content, taking nothing on trust."""
    relation = _mapping(content.get("m.relates_to"))
    rel_type, target = relation.get("rel_type"), _event_id(relation.get("event_id"))
    replaces = target if rel_type == "m.replace" else None
    said = _mapping(content.get("m.new_content")) if replaces is not None else content
    msgtype = said.get("msgtype") if event_type == "m.room.message" else event_type
    reply_to = None
    if not (rel_type == "m.thread" and relation.get("is_falling_back") is True):
        reply_to = _event_id(_mapping(relation.get("m.in_reply_to")).get("event_id"))
    return Message(
        room_id=event.room_id,
        event_id=event.event_id,
        sender=event.sender,
        sent_at=event.sent_at,
        msgtype=readable(msgtype),
        body=readable(said.get("body")),
        secrecy=secrecy,
        replaces=replaces,
        reply_to=reply_to,
        thread=target if rel_type == "m.thread" else None,
        media=_points_to_media(content),
    )


def _points_to_media(content: Mapping[str, Any]) -> bool:
    """Whether a content has the address of a file in it, anywhere but in the plain text."""
    left: list[object] = [content]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            left += [inner for key, inner in value.items() if key != "body"]
        elif isinstance(value, list):
            left += value
        elif isinstance(value, str) and "mxc://" in value:
            return True
    return False


async def reaction_of(work: Work, event: RoomEvent) -> Reaction | None:
    """Read a reaction; None when it is to nothing."""
    relation = _mapping(event.content.get("m.relates_to"))
    target, key = _event_id(relation.get("event_id")), relation.get("key")
    if relation.get("rel_type") != "m.annotation" or target is None or not isinstance(key, str):
        return None
    return Reaction(
        room_id=event.room_id,
        event_id=event.event_id,
        sender=event.sender,
        sent_at=event.sent_at,
        target=target,
        target_name=await name_of(work, target),
        key=readable(key),
    )


def redaction_of(event: RoomEvent) -> Redaction | None:
    """Read a redaction; None when it takes nothing back."""
    # Room version 11 moved ``redacts`` into the content, where it comes to us signed.
    target = _event_id(event.content.get("redacts"))
    if target is None:
        return None
    return Redaction(event.room_id, event.event_id, event.sender, target)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _event_id(value: object) -> EventID | None:
    return EventID(value) if storable(value) and value.startswith("$") else None
