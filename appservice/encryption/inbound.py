"""Reading rooms: Megolm sessions that members shared with the bot, and the events under them.

A session counts only for the user whose device sent it to us over Olm: a homeserver that puts
another's name to an event finds no key under that name. Every message index is used once; the same
index under another event id is a replay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import vodozemac
from sqlalchemy import BigInteger, Column, Integer, Table, Text, insert, select, update

from appservice.database import Work, metadata
from appservice.encryption import devices
from appservice.encryption.olm import ReceivedRoomKey
from appservice.events import RoomEvent, Secrecy
from appservice.ids import RoomID
from appservice.outside_text import storable
from appservice.times import milliseconds
from appservice.vault import Vault

inbound_group_sessions = Table(
    "inbound_group_sessions",
    metadata,
    Column("room_id", Text, primary_key=True),
    Column("session_id", Text, primary_key=True),
    Column("sender", Text, primary_key=True),
    Column("sender_key", Text, nullable=False),
    Column("sender_ed25519", Text, nullable=False),
    Column("pickle", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
)

message_indexes = Table(
    "message_indexes",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("message_index", Integer, primary_key=True),
    Column("event_id", Text, nullable=False),
)

MEGOLM = "m.megolm.v1.aes-sha2"

KEY = "key "
"""Begins the name of what an event waits for whose room key has not come."""


class MissingKey(Exception):
    """The room key of an event has not arrived (yet).

    Attributes:
        waits_for: what :func:`key_name` will return for it when it does.
    """

    def __init__(self, waits_for: str) -> None:
        super().__init__("no room key for this event")
        self.waits_for = waits_for


class CannotDecrypt(Exception):
    """An event will never be readable: damaged, replayed, or not what it claims to be."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What an encrypted event said."""

    type: str
    content: Mapping[str, Any]
    secrecy: Secrecy


def key_name(room: RoomID, session_id: str) -> str:
    """Return the name under which an event waits for a room key."""
    return f"{KEY}{room} {session_id}"


async def accept(
    work: Work, vault: Vault, keys: Sequence[ReceivedRoomKey], now: datetime
) -> list[str]:
    """Store room keys that arrived.

    A key for a session we have replaces it only when it comes from the same device and
    reaches further back: nobody can spoil a session that works.

    Returns:
        The :func:`key_name` of each, for :func:`appservice.inbox.release`.
    """
    for key in keys:
        where = (
            (inbound_group_sessions.c.room_id == key.room_id)
            & (inbound_group_sessions.c.session_id == key.session_id)
            & (inbound_group_sessions.c.sender == key.sender)
        )
        row = (await work.execute(select(inbound_group_sessions).where(where))).first()
        if row is None:
            await work.execute(
                insert(inbound_group_sessions).values(
                    room_id=key.room_id,
                    session_id=key.session_id,
                    sender=key.sender,
                    sender_key=key.sender_key,
                    sender_ed25519=key.sender_ed25519,
                    pickle=key.pickle,
                    received_at=milliseconds(now),
                )
            )
        elif row.sender_key == key.sender_key and _first_index(vault, key.pickle) < _first_index(
            vault, row.pickle
        ):
            await work.execute(
                update(inbound_group_sessions).where(where).values(pickle=key.pickle)
            )
    return [key_name(key.room_id, key.session_id) for key in keys]


async def open_event(work: Work, vault: Vault, event: RoomEvent) -> Opened:
    """Decrypt an ``m.room.encrypted`` event and note its message index.

    Raises:
        MissingKey: hold the event; its key may still come.
        CannotDecrypt: it will never be readable.
    """
    content = event.content
    session_id, ciphertext = content.get("session_id"), content.get("ciphertext")
    if (
        content.get("algorithm") != MEGOLM
        or not storable(session_id)
        or not isinstance(ciphertext, str)
    ):
        raise CannotDecrypt("not encrypted with Megolm")
    row = (
        await work.execute(
            select(inbound_group_sessions).where(
                inbound_group_sessions.c.room_id == event.room_id,
                inbound_group_sessions.c.session_id == session_id,
                inbound_group_sessions.c.sender == event.sender,
            )
        )
    ).first()
    if row is None:
        raise MissingKey(key_name(event.room_id, session_id))
    session = vodozemac.InboundGroupSession.from_pickle(row.pickle, vault.pickle_key)
    try:
        decrypted = session.decrypt(vodozemac.MegolmMessage.from_base64(ciphertext))
        payload = json.loads(decrypted.plaintext)
    except (ValueError, RecursionError) as error:
        # An index before the one we were given is in here too: that part was never meant for us.
        raise CannotDecrypt(f"damaged ({type(error).__name__})") from error
    await _note_index(work, session_id, decrypted.message_index, event)
    if (
        not isinstance(payload, Mapping)
        or payload.get("room_id") != event.room_id
        or not isinstance(payload.get("type"), str)
        or not isinstance(payload.get("content"), Mapping)
    ):
        raise CannotDecrypt("the payload belongs to another room or is no event")
    relation = content.get("m.relates_to")
    inner = dict(payload["content"])
    if relation is not None:
        # The relation travels outside; the spec lets the outer one win where both are there.
        inner["m.relates_to"] = relation
    secrecy = await _secrecy(work, event, row.sender_key, row.sender_ed25519)
    return Opened(payload["type"], inner, secrecy)


async def _note_index(work: Work, session_id: str, index: int, event: RoomEvent) -> None:
    seen = (
        await work.execute(
            select(message_indexes.c.event_id).where(
                message_indexes.c.session_id == session_id,
                message_indexes.c.message_index == index,
            )
        )
    ).scalar_one_or_none()
    if seen is None:
        await work.execute(
            insert(message_indexes).values(
                session_id=session_id, message_index=index, event_id=event.event_id
            )
        )
    elif seen != event.event_id:
        raise CannotDecrypt("replayed: its message index was used by another event")


async def _secrecy(work: Work, event: RoomEvent, sender_key: str, ed25519: str) -> Secrecy:
    for device in await devices.known(work, [event.sender]):
        if device.curve25519 == sender_key and device.ed25519 == ed25519:
            return Secrecy(encrypted=True, device_known=True, device_signed=device.signed)
    return Secrecy(encrypted=True)


def _first_index(vault: Vault, pickle: str) -> int:
    return vodozemac.InboundGroupSession.from_pickle(pickle, vault.pickle_key).first_known_index
