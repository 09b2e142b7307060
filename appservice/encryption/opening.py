"""Opening to-device messages: nio's ``Olm`` machine, on the rows of one transaction.

The machine matches sessions, decrypts, and checks sender, recipient and keys of the payload. It
lives for one transaction only, on the rows that this transaction read, and what it would save is
written in the same commit: there is no ratchet in memory that a failed commit could leave ahead of
the database.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from nio.crypto import DeviceStore, GroupSessionStore, InboundGroupSession, OlmAccount, SessionStore
from nio.crypto import Session as NioSession
from nio.crypto.olm_machine import Olm
from nio.events import OlmEvent, RoomKeyEvent, ToDeviceEvent
from sqlalchemy import select

from appservice.database import Work
from appservice.encryption.account import OwnKeys, load_account, save_account
from appservice.encryption.olm import (
    ENCRYPTED,
    Received,
    ReceivedRoomKey,
    olm_sessions,
    save_session,
)
from appservice.ids import RoomID, UserID
from appservice.outside_text import storable
from appservice.times import from_milliseconds
from appservice.vault import Vault

log = logging.getLogger(__name__)


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


async def opened(
    work: Work, vault: Vault, own: OwnKeys, raw_events: Sequence[object], now: datetime
) -> Received:
    """See :func:`appservice.encryption.receiving.receive`."""
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
            content = machine.handle_to_device_event(event)  # type: ignore[no-untyped-call]
        except Exception as error:
            log.warning("an Olm message could not be opened (%s); dropped", type(error).__name__)
            continue
        if isinstance(content, RoomKeyEvent):
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
        await save_session(
            work, session_id, curve25519, session.pickle(vault.passphrase).decode(), now
        )
    if store.account_used:
        await save_account(work, vault, own.user, machine.account._account)
    return Received(received, machine.unopened)


def _olm_event(raw: object, own: OwnKeys) -> OlmEvent | None:
    if not isinstance(raw, Mapping) or raw.get("type") != ENCRYPTED:
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
