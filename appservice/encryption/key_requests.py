"""Asking a sender's devices for a room key that has not come.

::

    event held ── REQUEST_AFTER ──▶ m.room_key_request to the sender's devices
                                            │ the key comes
                                            ▼
                                    request_cancellation

(Client-server API, "Key requests".) Only the sender is asked, and only what the sender's own device
answers over Olm counts: a ``m.forwarded_room_key`` is not accepted, from nobody. Whoever forwards
a key says who made it, and nothing proves that; a report would then be read under another's name.
A client that is asked mostly has its Olm session with us renewed and sends ``m.room_key`` again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, Table, Text, delete, select

from appservice.database import Work, insert_missing, metadata
from appservice.encryption import to_device
from appservice.encryption.account import OwnKeys
from appservice.encryption.inbound import MEGOLM, key_name
from appservice.events import RoomEvent
from appservice.ids import DeviceID, RoomID, UserID
from appservice.outside_text import storable
from appservice.times import milliseconds

key_requests = Table(
    "key_requests",
    metadata,
    Column("room_id", Text, primary_key=True),
    Column("session_id", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("request_id", Text, nullable=False),
    Column("sent_at", BigInteger, nullable=False),
)
"""What was asked of whom and has not come."""

REQUEST_AFTER = timedelta(seconds=20)
"""How long a key may take before it is asked for: most are only a little later than their event."""

_EVERY_DEVICE = DeviceID("*")
_TYPE = "m.room_key_request"


async def request(work: Work, own: OwnKeys, events: Iterable[RoomEvent], now: datetime) -> int:
    """Ask once for the key of each of ``events``; return how many requests that made."""
    made = 0
    for event in events:
        session_id = event.content.get("session_id")
        if event.type != "m.room.encrypted" or not storable(session_id):
            continue
        request_id = secrets.token_urlsafe(16)
        row = {
            "room_id": event.room_id,
            "session_id": session_id,
            "user_id": event.sender,
            "request_id": request_id,
            "sent_at": milliseconds(now),
        }
        if not await insert_missing(work, key_requests, [row]):
            continue
        body = {"algorithm": MEGOLM, "room_id": event.room_id, "session_id": session_id}
        sender_key = event.content.get("sender_key")
        if storable(sender_key):
            # Deprecated, and what older clients look a session up by.
            body["sender_key"] = sender_key
        await to_device.put(
            work,
            _TYPE,
            {
                (event.sender, _EVERY_DEVICE): {
                    "action": "request",
                    "body": body,
                    "request_id": request_id,
                    "requesting_device_id": own.device,
                }
            },
        )
        made += 1
    return made


async def cancel(work: Work, own: OwnKeys, arrived: Iterable[str]) -> int:
    """Take back the requests for keys that came, named as by :func:`key_name`; return how many."""
    names = set(arrived)
    if not names:
        return 0
    rows = (await work.execute(select(key_requests))).all()
    answered = [row for row in rows if key_name(RoomID(row.room_id), str(row.session_id)) in names]
    for row in answered:
        await work.execute(delete(key_requests).where(key_requests.c.request_id == row.request_id))
        await to_device.put(
            work,
            _TYPE,
            {
                (UserID(row.user_id), _EVERY_DEVICE): {
                    "action": "request_cancellation",
                    "request_id": row.request_id,
                    "requesting_device_id": own.device,
                }
            },
        )
    return len(answered)


async def forget_older(work: Work, age: timedelta, now: datetime) -> None:
    """Forget what was asked for more than ``age`` ago: its events have been given up."""
    await work.execute(delete(key_requests).where(key_requests.c.sent_at < milliseconds(now - age)))
