"""The contents of the events a member sends: a text, an edit, a reaction.

Source: Matrix client-server specification, "Instant messaging", "Event replacements",
"Event annotations and reactions", "User and room mentions".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ENCRYPTION = {
    "type": "m.room.encryption",
    "state_key": "",
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}
"""Initial state of a room that is encrypted from the start."""


def text(
    body: str,
    html: str | None = None,
    *,
    relates_to: Mapping[str, Any] | None = None,
    mentions: Sequence[str] | None = None,
) -> dict[str, Any]:
    """A text message, with an HTML body where one is given."""
    content: dict[str, Any] = {"msgtype": "m.text", "body": body}
    if html is not None:
        content |= {"format": "org.matrix.custom.html", "formatted_body": html}
    if relates_to is not None:
        content["m.relates_to"] = dict(relates_to)
    if mentions is not None:
        content["m.mentions"] = {"user_ids": list(mentions)}
    return content


def edit_of(event_id: str, body: str, html: str | None = None) -> dict[str, Any]:
    """The replacement of an earlier text message."""
    return {
        **text(f"* {body}", html),
        "m.new_content": text(body, html),
        "m.relates_to": {"rel_type": "m.replace", "event_id": event_id},
    }


def reaction_to(event_id: str, key: str) -> dict[str, Any]:
    """A reaction to an event."""
    return {"m.relates_to": {"rel_type": "m.annotation", "event_id": event_id, "key": key}}
