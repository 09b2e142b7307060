"""An application service for encrypted, moderated rooms: Matrix, and nothing of jewellers.

::

                PUT /transactions                                            PUT /send
    homeserver ──────────────────▶ door ─▶ inbox ─▶ handling ─▶ outbox ─▶ sending ─────▶ homeserver
         │                                             ▲  │                  ▲
         │                                     decrypt │  │ domain           │ encrypt
         └── /sync, keys only ──▶ key_sync ────▶ encryption └─▶ rooms.keeper └─ encryption.sharing

Every arrow is one commit in one database (:mod:`~appservice.database`): an event is acknowledged
when it is in the inbox, handled in the transaction that writes what it causes, and sent when the
homeserver has answered. A crash between two arrows loses nothing and repeats nothing visible.
An event whose key is not there is held, and :mod:`~appservice.patience` looks after it.
What is due because time passed is done by :mod:`~appservice.chores`; what is erased leaves rooms
and files by :mod:`~appservice.forgetting` and :mod:`~appservice.scrubbing`.
What the homeserver forgets when it dies is read from the rooms (:mod:`~appservice.catching_up`);
that the database is a back-up is seen at the homeserver (:mod:`~appservice.landmark`). What other
homeservers miss while they are away goes out on their return (:mod:`~appservice.absences`).

Another moderated network would be built on this: write a :class:`~appservice.network.Network`
that records which rooms there are (:class:`~appservice.rooms.plan.RoomPlan`), sees decrypted
events come in (:mod:`~appservice.events`) and puts :class:`~appservice.outbox.Outgoing` messages
out, and give it to a :class:`~appservice.service.Service`.
"""

from appservice.attachments import Attachment
from appservice.chores import Chore
from appservice.database import Database, DatabaseError, Work
from appservice.events import (
    Event,
    Membership,
    MembershipChange,
    Message,
    Reaction,
    Redaction,
    Secrecy,
    Tampered,
    Unreadable,
)
from appservice.handling import Handled
from appservice.ids import DeviceID, EventID, RoomAlias, RoomID, UserID, server_of
from appservice.network import Network
from appservice.outbox import Outbox, Outgoing, Relation
from appservice.registration import Registration, RegistrationError
from appservice.rooms.plan import RoomKey, RoomPlan, Speech
from appservice.service import Service, ServiceSettings
from appservice.vault import Vault, VaultError

__all__ = [
    "Attachment",
    "Chore",
    "Database",
    "DatabaseError",
    "DeviceID",
    "Event",
    "EventID",
    "Handled",
    "Membership",
    "MembershipChange",
    "Message",
    "Network",
    "Outbox",
    "Outgoing",
    "Reaction",
    "Redaction",
    "Registration",
    "RegistrationError",
    "Relation",
    "RoomAlias",
    "RoomID",
    "RoomKey",
    "RoomPlan",
    "Secrecy",
    "Service",
    "ServiceSettings",
    "Speech",
    "Tampered",
    "Unreadable",
    "UserID",
    "Vault",
    "VaultError",
    "Work",
    "server_of",
]
