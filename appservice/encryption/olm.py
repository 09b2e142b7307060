"""To-device messages: Olm, from device to device.

Opening is nio's: its ``Olm`` machine matches sessions, decrypts, and checks sender, recipient and
keys of the payload. The machine lives for one transaction only, on the rows that this
transaction read, and what it would save is written in the same commit: there is no ratchet in
memory that a failed commit could leave ahead of the database.

Closing is ours, since nio knows no MSC4147 (the sender's signed device keys travel inside the
message, so that its reader can check the bot without asking a homeserver first).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import vodozemac
from nio.crypto import DeviceStore, GroupSessionStore, InboundGroupSession, OlmAccount, SessionStore
from nio.crypto import Session as NioSession
from nio.crypto.olm_machine import Olm
from nio.events import OlmEvent, RoomKeyEvent, ToDeviceEvent
from sqlalchemy import BigInteger, Column, Table, Text, bindparam, delete, select, update
from unpaddedbase64 import encode_base64

from appservice.database import Work, metadata, upsert
from appservice.encryption.account import OwnKeys, load_account, save_account
from appservice.encryption.trust import DeviceKeys
from appservice.ids import RoomID, UserID
from appservice.outside_text import storable
from appservice.times import from_milliseconds, milliseconds
from appservice.vault import Vault

log = logging.getLogger(__name__)

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


class _Machine(Olm):
    """nio's machine, which names here whose message did not open."""

    def __init__(self, own: OwnKeys, store: _TransactionStore) -> None:
        super().__init__(own.user, own.device, store)  # type: ignore[arg-type]
        self.unopened: list[tuple[UserID, str]] = []

    def _mark_device_for_unwedging(self, sender: str, sender_key: str) -> None:
        self.unopened.append((UserID(sender), sender_key))


class _TransactionStore:
    """What nio's machine takes for its store: rows of one transaction, and what to write back."""

    def __init__(self, account: OlmAccount, sessions: SessionStore) -> None:
        self._account = account
        self._sessions = sessions
        self.used: dict[str, tuple[str, NioSession]] = {}
        self.group_sessions: list[InboundGroupSession] = []
        self.account_used = False

    def load_account(self) -> OlmAccount:
        return self._account

    def load_sessions(self) -> SessionStore:
        return self._sessions

    def load_inbound_group_sessions(self) -> GroupSessionStore:
        return GroupSessionStore()

    def load_device_keys(self) -> DeviceStore:
        return DeviceStore()

    def load_outgoing_key_requests(self) -> dict[str, Any]:
        return {}

    def save_account(self, account: OlmAccount) -> None:
        self.account_used = True

    def save_session(self, curve25519: str, session: NioSession) -> None:
        self.used[session.id] = (curve25519, session)

    def save_inbound_group_session(self, session: InboundGroupSession) -> None:
        self.group_sessions.append(session)


async def receive(
    work: Work, vault: Vault, own: OwnKeys, raw_events: Sequence[object], now: datetime
) -> Received:
    """Open the ``to_device`` events of one sync and store every ratchet they moved.

    What cannot be opened is dropped with a line in the log: a repeated delivery cannot be opened
    a second time, and nothing else is lost by it.

    Returns:
        The room keys that were in them, and whose messages did not open.
    """
    events = [event for raw in raw_events if (event := _olm_event(raw, own)) is not None]
    if not events:
        return Received()
    sessions = await _sessions_of(work, vault, {event.sender_key for event in events})
    store = _TransactionStore(OlmAccount(await load_account(work, vault, own.user)), sessions)
    machine = _Machine(own, store)
    received = []
    for event in events:
        store.group_sessions.clear()
        try:
            opened = machine.handle_to_device_event(event)  # type: ignore[no-untyped-call]
        except Exception as error:
            log.warning("an Olm message could not be opened (%s); dropped", type(error).__name__)
            continue
        if isinstance(opened, RoomKeyEvent):
            received += [
                ReceivedRoomKey(
                    sender=UserID(event.sender),
                    sender_key=event.sender_key,
                    sender_ed25519=session.ed25519,
                    room_id=RoomID(session.room_id),
                    session_id=session.id,
                    pickle=session.pickle(vault.passphrase).decode(),
                )
                for session in store.group_sessions
                if storable(session.room_id)
            ]
    for session_id, (curve25519, session) in store.used.items():
        await _save_session(
            work, session_id, curve25519, session.pickle(vault.passphrase).decode(), now
        )
    if store.account_used:
        await save_account(work, vault, own.user, machine.account._account)
    return Received(received, machine.unopened)


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
    await _save_session(work, session.session_id, curve25519, session.pickle(vault.pickle_key), now)


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


async def forget_sessions(work: Work, curve25519: str) -> None:
    """Drop every session to a device that is gone."""
    await work.execute(delete(olm_sessions).where(olm_sessions.c.curve25519 == curve25519))


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


def _olm_event(raw: object, own: OwnKeys) -> OlmEvent | None:
    if not isinstance(raw, Mapping) or raw.get("type") != "m.room.encrypted":
        return None
    try:
        event = ToDeviceEvent.parse_event(dict(raw))
    except Exception as error:
        log.warning("a to-device event is malformed (%s); dropped", type(error).__name__)
        return None
    if (
        not isinstance(event, OlmEvent)
        or own.curve25519 not in event.ciphertext
        or not storable(event.sender_key)
    ):
        return None
    return event


async def _sessions_of(work: Work, vault: Vault, sender_keys: set[str]) -> SessionStore:
    store = SessionStore()
    rows = await work.execute(
        select(olm_sessions).where(olm_sessions.c.curve25519.in_(sender_keys))
    )
    for row in rows:
        store.add(
            row.curve25519,
            NioSession.from_pickle(
                row.pickle.encode(),
                from_milliseconds(row.created_at).replace(tzinfo=None),
                vault.passphrase,
                from_milliseconds(row.used_at).replace(tzinfo=None),
            ),
        )
    return store


async def _save_session(
    work: Work, session_id: str, curve25519: str, pickle: str, now: datetime
) -> None:
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
