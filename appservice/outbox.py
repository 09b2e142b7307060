"""Messages on their way to rooms.

The domain puts a message here in the transaction that decided on it. The sender then takes each
room's messages in order::

    WAITING ─▶ share keys ─▶ one commit: ciphertext + ratchet ─▶ PUT /send ─▶ SENT (event id kept)
       │                         ▲
       ├─────────────────────────┘ the domain's own, where everyone has the key already
       └─▶ SET ASIDE       our own code raised on it again and again, or nobody could ever take it

A retry sends the same bytes under the same transaction id, so that a crash anywhere in between
repeats nothing that a reader could see. A message has a *name* of the domain's choosing when
something will later refer to it: an edit, a thread, a reaction. A name is given once; putting it
a second time does nothing.

A message may say something else when it goes out late. Its transaction id stays: had it been
taken in time after all, the homeserver answers with the event it then became.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    Table,
    Text,
    func,
    or_,
    select,
    update,
)

from appservice.attachments import Attachment
from appservice.database import Work, insert_missing, metadata
from appservice.ids import EventID, RoomID
from appservice.rooms.plan import RoomKey
from appservice.times import from_milliseconds, milliseconds
from appservice.vault import Vault, VaultError

outbox = Table(
    "outbox",
    metadata,
    Column(
        "seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("transaction_id", Text, nullable=False, unique=True),
    Column("name", Text, unique=True),
    Column("target", Text, nullable=False, index=True),
    Column("type", Text, nullable=False),
    Column("content", LargeBinary),
    Column("late", LargeBinary),
    Column("relation", Text, nullable=False),
    Column("clear", Boolean, nullable=False),
    Column("status", Text, nullable=False, index=True),
    Column("room_id", Text),
    Column("sealed_type", Text),
    Column("sealed", Text),
    Column("event_id", Text, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("fault", Text),
)

_PURPOSE = "outgoing message"

_ATTACHMENT = "attachment"
"""Where a file is kept in the sealed content until it is sent: it goes wherever that goes."""


class Status(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    """It has nowhere to go: its room is not ours, or what it refers to was never sent."""
    SET_ASIDE = "set aside"
    """It can never go out as it is; its content is kept, and people have been told."""


@dataclass(frozen=True, slots=True)
class Relation:
    """How a message refers to another: by the name in this outbox, or by event id."""

    kind: str
    """``m.replace``, ``m.thread``, ``m.annotation`` or ``reply``."""
    name: str | None = None
    event_id: EventID | None = None
    key: str | None = None
    """The emoji of an annotation."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message the domain wants sent.

    Attributes:
        target: our name for one of our rooms, or the id of a room that is not ours.
        content: the event's content, without ``m.relates_to``; for an edit, the new content.
        name: for later reference.
        clear: send unencrypted. Only for words that tell nothing, to people who cannot read
            anything else; a reaction is always clear.
        late: the content to send instead when it goes out late; None when that makes no
            difference.
        attachment: a file, uploaded encrypted when the message goes out; never of a clear one.
    """

    target: RoomKey | RoomID
    content: Mapping[str, Any]
    name: str | None = None
    type: str = "m.room.message"
    relation: Relation | None = None
    clear: bool = False
    late: Mapping[str, Any] | None = None
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """The very bytes that go out."""

    room: RoomID
    type: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A message as the sender sees it."""

    seq: int
    transaction_id: str
    target: str
    type: str
    content: Mapping[str, Any]
    relation: Relation | None
    clear: bool
    sealed: Sealed | None
    created_at: datetime
    late: Mapping[str, Any] | None = None
    """None too when this is what is sealed already."""
    name: str | None = None
    attachment: Attachment | None = None
    tries: int = 0
    damage: Exception | None = None
    """Set when the stored content does not open; ``content`` is empty then."""


class Outbox:
    """Puts messages in and takes them out, their content sealed in between."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def put(self, work: Work, message: Outgoing, now: datetime) -> bool:
        """Store a message; return False when one of that name is there already."""
        relation = message.relation
        row = {
            "transaction_id": secrets.token_urlsafe(16),
            "name": message.name,
            "target": message.target,
            "type": message.type,
            "content": self._vault.seal_json(_kept(message), _PURPOSE),
            "late": None
            if message.late is None
            else self._vault.seal_json(dict(message.late), _PURPOSE),
            "relation": json.dumps(
                None
                if relation is None
                else {
                    "kind": relation.kind,
                    "name": relation.name,
                    "event_id": relation.event_id,
                    "key": relation.key,
                }
            ),
            "clear": message.clear or message.type == "m.reaction",
            "status": Status.WAITING,
            "created_at": milliseconds(now),
            "tries": 0,
        }
        return await insert_missing(work, outbox, [row]) == 1

    async def targets(self, work: Work) -> list[str]:
        """Return every target something waits for, in the order in which it was put in."""
        found = await work.execute(
            select(outbox.c.target)
            .where(outbox.c.status == Status.WAITING)
            .group_by(outbox.c.target)
            .order_by(func.min(outbox.c.seq))
        )
        return list(found.scalars())

    async def first(self, work: Work, target: str) -> Row | None:
        """Return the message that is next for ``target``."""
        row = (
            await work.execute(
                select(outbox)
                .where(outbox.c.target == target, outbox.c.status == Status.WAITING)
                .order_by(outbox.c.seq)
                .limit(1)
            )
        ).first()
        if row is None:
            return None
        relation = json.loads(row.relation)
        content: dict[str, Any] = {}
        late, attachment, damage = None, None, None
        try:
            if row.content is not None:
                content = self._vault.open_json(row.content, _PURPOSE)
                kept = content.pop(_ATTACHMENT, None)
                attachment = None if kept is None else Attachment.from_json(kept)
            if row.late is not None:
                late = self._vault.open_json(row.late, _PURPOSE)
        except (VaultError, ValueError) as error:
            # Not raised here: whoever sends must know which message it is, to set it aside.
            damage = error
        return Row(
            seq=row.seq,
            transaction_id=row.transaction_id,
            target=row.target,
            type=row.type,
            content=content,
            relation=None if relation is None else Relation(**relation),
            clear=row.clear,
            sealed=None
            if row.sealed is None
            else Sealed(RoomID(row.room_id), row.sealed_type, json.loads(row.sealed)),
            created_at=from_milliseconds(row.created_at),
            late=late,
            name=row.name,
            attachment=attachment,
            tries=row.tries,
            damage=damage,
        )

    async def seal(self, work: Work, row: Row, sealed: Sealed, *, late: bool = False) -> None:
        """Store the very bytes that will be sent.

        Args:
            late: they are of the content for when it is late, and never change from here on;
                others do when the message becomes late.
        """
        await work.execute(
            update(outbox)
            .where(outbox.c.seq == row.seq)
            .values(
                room_id=sealed.room,
                sealed_type=sealed.type,
                sealed=json.dumps(sealed.content),
                content=None,
                **({"late": None} if late else {}),
            )
        )

    async def close(self, work: Work, row: Row, event_id: EventID | None) -> None:
        """Record that a message was sent, or has nowhere to go (None); its text is dropped."""
        await work.execute(
            update(outbox)
            .where(outbox.c.seq == row.seq)
            .values(
                status=Status.REFUSED if event_id is None else Status.SENT,
                event_id=event_id,
                content=None,
                late=None,
                sealed=None,
            )
        )

    async def failed(self, work: Work, row: Row, fault: str, *, give_up: bool) -> None:
        """Record that a message did not go out; ``give_up`` sets it aside, its content kept.

        Args:
            fault: where it happened, without what the message says.
        """
        await work.execute(
            update(outbox)
            .where(outbox.c.seq == row.seq)
            .values(
                tries=outbox.c.tries + 1,
                fault=fault,
                status=Status.SET_ASIDE if give_up else Status.WAITING,
            )
        )


def _kept(message: Outgoing) -> dict[str, Any]:
    if message.attachment is None:
        return dict(message.content)
    return {**message.content, _ATTACHMENT: message.attachment.to_json()}


async def event_of(work: Work, name: str, room: RoomID | None = None) -> EventID | None:
    """Return the event id of the message of that name, once it was sent.

    Args:
        room: where it must have been sent; anywhere when not given.
    """
    query = select(outbox.c.event_id).where(outbox.c.name == name)
    if room is not None:
        query = query.where(outbox.c.room_id == room)
    found = (await work.execute(query)).scalar_one_or_none()
    return None if found is None else EventID(found)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a message of a name stands."""

    name: str
    target: RoomKey
    status: Status
    room: RoomID | None
    event_id: EventID | None


async def deliveries(work: Work, prefix: str) -> Sequence[Delivery]:
    """Return every message whose name begins with ``prefix``, in the order they were put."""
    rows = await work.execute(
        select(outbox)
        .where(outbox.c.name.startswith(prefix, autoescape=True))
        .order_by(outbox.c.seq)
    )
    return [
        Delivery(
            row.name,
            RoomKey(row.target),
            Status(row.status),
            None if row.room_id is None else RoomID(row.room_id),
            None if row.event_id is None else EventID(row.event_id),
        )
        for row in rows
    ]


async def name_of(work: Work, event_id: EventID) -> str | None:
    """Return the name of the message that became ``event_id``; None when it is not ours."""
    name: str | None = (
        await work.execute(select(outbox.c.name).where(outbox.c.event_id == event_id))
    ).scalar_one_or_none()
    return name


async def last_named(work: Work, target: RoomKey, patterns: Sequence[str]) -> str | None:
    """Return the name of the last message to ``target`` whose name is LIKE one of the patterns."""
    query = (
        select(outbox.c.name)
        .where(
            outbox.c.target == target,
            outbox.c.type == "m.room.message",
            or_(*(outbox.c.name.like(pattern) for pattern in patterns)),
        )
        .order_by(outbox.c.seq.desc())
        .limit(1)
    )
    name: str | None = (await work.execute(query)).scalar_one_or_none()
    return name


async def in_flight(work: Work, room: RoomID) -> bool:
    """Tell whether a message may be in ``room`` whose event id we do not know yet."""
    found = await work.execute(
        select(outbox.c.seq)
        .where(
            outbox.c.room_id == room,
            outbox.c.status == Status.WAITING,
            outbox.c.sealed.is_not(None),
        )
        .limit(1)
    )
    return found.first() is not None
