"""To-device messages: Olm, from device to device.

Opening is nio's (:mod:`~appservice.encryption.opening`). Closing is ours, since nio
knows no MSC4147 (the sender's signed device keys travel inside the message, so that its reader can
check the bot without asking a homeserver first).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import vodozemac
from sqlalchemy import BigInteger, Column, Table, Text, bindparam, select, update
from unpaddedbase64 import encode_base64

from appservice.database import Work, metadata, upsert
from appservice.encryption.account import OwnKeys, load_account
from appservice.encryption.trust import DeviceKeys
from appservice.ids import RoomID, UserID
from appservice.times import milliseconds
from appservice.vault import Vault

olm_sessions = Table(
    "olm_sessions",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("curve25519", Text, nullable=False, index=True),
    Column("pickle", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
)

OLM = "m.olm.v1.curve25519-aes-sha2"
ENCRYPTED = "m.room.encrypted"


@dataclass(frozen=True, slots=True)
class ReceivedRoomKey:
    """A Megolm session somebody shared with the bot."""

    sender: UserID
    sender_key: str
    sender_ed25519: str
    room_id: RoomID
    session_id: str
    pickle: str


@dataclass(frozen=True, slots=True)
class Received:
    """What a batch of to-device messages held.

    Attributes:
        keys: the room keys.
        unopened: owner and Curve25519 key of devices one of whose messages did not open.
    """

    keys: Sequence[ReceivedRoomKey] = ()
    unopened: Sequence[tuple[UserID, str]] = ()


async def start_session(
    work: Work, vault: Vault, own: OwnKeys, curve25519: str, one_time_key: str, now: datetime
) -> None:
    """Start an Olm session to a device with a one-time key claimed from it.

    Raises:
        ValueError: a key is no Curve25519 key.
    """
    account = await load_account(work, vault, own.user)
    session = account.create_outbound_session(
        vodozemac.Curve25519PublicKey.from_base64(curve25519),
        vodozemac.Curve25519PublicKey.from_base64(one_time_key),
    )
    await save_session(work, session.session_id, curve25519, session.pickle(vault.pickle_key), now)


async def with_session(work: Work, curve25519_keys: Iterable[str]) -> set[str]:
    """Return those of ``curve25519_keys`` to which there is an Olm session."""
    rows = await work.execute(
        select(olm_sessions.c.curve25519)
        .where(olm_sessions.c.curve25519.in_(set(curve25519_keys)))
        .distinct()
    )
    return set(rows.scalars())


async def seal_for(
    work: Work,
    vault: Vault,
    own: OwnKeys,
    recipients: Mapping[DeviceKeys, Mapping[str, Any]],
    event_type: str,
    now: datetime,
) -> dict[DeviceKeys, dict[str, Any]]:
    """Encrypt one event for each device of ``recipients`` and store the ratchets.

    Args:
        recipients: what to say to which device; devices without a session are left out.

    Returns:
        The ``m.room.encrypted`` content per device.
    """
    rows = await work.execute(
        select(olm_sessions)
        .where(olm_sessions.c.curve25519.in_({device.curve25519 for device in recipients}))
        .order_by(olm_sessions.c.used_at)
    )
    # The last used session wins: that is the one the other side has shown it can read.
    newest = {row.curve25519: row for row in rows}
    sealed = {}
    moved: list[dict[str, str]] = []
    for device, content in recipients.items():
        row = newest.get(device.curve25519)
        if row is None:
            continue
        session = vodozemac.Session.from_pickle(row.pickle, vault.pickle_key)
        message = session.encrypt(_payload(own, device, event_type, content))
        kind, ciphertext = message.to_parts()
        sealed[device] = {
            "algorithm": OLM,
            "sender_key": own.curve25519,
            "ciphertext": {device.curve25519: {"type": kind, "body": encode_base64(ciphertext)}},
        }
        moved.append({"of": row.session_id, "to": session.pickle(vault.pickle_key)})
    if moved:
        # One statement with a thousand values, not a thousand statements.
        await work.execute(
            update(olm_sessions)
            .where(olm_sessions.c.session_id == bindparam("of"))
            .values(pickle=bindparam("to")),
            moved,
        )
    return sealed


def _payload(
    own: OwnKeys, device: DeviceKeys, event_type: str, content: Mapping[str, Any]
) -> bytes:
    return json.dumps(
        {
            "type": event_type,
            "content": content,
            "sender": own.user,
            "sender_device": own.device,
            "keys": {"ed25519": own.ed25519},
            "recipient": device.user,
            "recipient_keys": {"ed25519": device.ed25519},
            # Under this name alone: matrix-rust-sdk takes the unstable one of MSC4147 for the same
            # field, and refuses a message, and the room key in it, that has it twice.
            "sender_device_keys": own.device_keys,
        }
    ).encode()


async def save_session(
    work: Work, session_id: str, curve25519: str, pickle: str, now: datetime
) -> None:
    """Store a session, new or moved on."""
    await upsert(
        work,
        olm_sessions,
        [
            {
                "session_id": session_id,
                "curve25519": curve25519,
                "pickle": pickle,
                "created_at": milliseconds(now),
                "used_at": milliseconds(now),
            }
        ],
        keep=("curve25519", "created_at"),
    )
