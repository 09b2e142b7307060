"""How a message refers to another, once it is known which event that became."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from appservice.database import Work
from appservice.ids import EventID, RoomID
from appservice.outbox import Relation, event_of

_FALLBACK_CHARACTERS = 200


async def related(
    work: Work, said: Mapping[str, Any], relation: Relation | None, room: RoomID
) -> dict[str, Any] | None:
    """Return a message's content with its relation resolved; None for an edit of nothing.

    Nothing in a room can refer to a message in another. Where the room was replaced since, an edit
    is said anew.
    """
    content = dict(said)
    if relation is None:
        return content
    target = relation.event_id or (
        await event_of(work, relation.name, room) if relation.name is not None else None
    )
    if target is None:
        moved = relation.name is not None and await event_of(work, relation.name) is not None
        if moved and relation.kind == "m.replace":
            return content
        return None if relation.kind in ("m.replace", "m.annotation") else content
    return _with_relation(content, relation, target)


def _with_relation(
    content: Mapping[str, Any], relation: Relation, target: EventID
) -> dict[str, Any]:
    match relation.kind:
        case "m.replace":
            # The fallback stays short: readers show m.new_content, and an event has 65 kB.
            fallback = {
                "msgtype": content.get("msgtype", "m.text"),
                "body": f"* {str(content.get('body', ''))[:_FALLBACK_CHARACTERS]}",
            }
            return {
                **fallback,
                "m.new_content": dict(content),
                "m.mentions": {},
                "m.relates_to": {"rel_type": "m.replace", "event_id": target},
            }
        case "m.annotation":
            return {
                "m.relates_to": {
                    "rel_type": "m.annotation",
                    "event_id": target,
                    "key": relation.key,
                }
            }
        case "m.thread":
            return {
                **content,
                "m.relates_to": {
                    "rel_type": "m.thread",
                    "event_id": target,
                    "is_falling_back": True,
                    "m.in_reply_to": {"event_id": target},
                },
            }
        case _:
            return {**content, "m.relates_to": {"m.in_reply_to": {"event_id": target}}}
