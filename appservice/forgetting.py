"""Erasing what was said long ago: redacted in the rooms, and its traces taken out of the database.

::

    outbox, inbox ──old enough──▶ row deleted + errand: redact   (one commit)
                                                  └─▶ homeserver, when it answers

Each function does at most ``limit`` and tells how much it did; called again it goes on.
A redaction asks the homeserver to drop the content; whoever has read it may still have a copy.
What is on its way may be in its room already, and is recalled (:mod:`appservice.rooms.errands`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, cast, delete, or_, select, update

from appservice import inbox as heard
from appservice import outbox as said
from appservice.database import Work
from appservice.encryption.inbound import inbound_group_sessions, message_indexes
from appservice.ids import EventID, RoomID, UserID
from appservice.inbox import inbox
from appservice.outbox import outbox
from appservice.rooms import errands
from appservice.rooms.errands import Errand
from appservice.rooms.records import rooms
from appservice.times import milliseconds

_WITHOUT_WORDS: Final = ("m.reaction", "m.room.redaction")
_OVER: Final = (said.Status.SENT, said.Status.REFUSED)


async def forget_named(
    work: Work, prefix: str, *, but_in: Collection[str] = (), only_to: str | None = None
) -> int:
    """Erase our messages whose name begins with ``prefix``; return how many.

    Also those that wait to be sent: nobody needs them any more.

    Args:
        but_in: beginnings of the targets that keep theirs.
        only_to: a target; every one when not given.
    """
    where = [outbox.c.name.startswith(prefix, autoescape=True)]
    where += [~outbox.c.target.startswith(kept, autoescape=True) for kept in but_in]
    if only_to is not None:
        where.append(outbox.c.target == only_to)
    return await _erase_sent(work, (await work.execute(select(outbox).where(*where))).all())


async def forget_waiting(work: Work, prefix: str) -> int:
    """Erase our messages whose name begins with ``prefix`` and that wait to be sent."""
    where = (
        outbox.c.name.startswith(prefix, autoescape=True),
        outbox.c.status == said.Status.WAITING,
    )
    return await _erase_sent(work, (await work.execute(select(outbox).where(*where))).all())


async def drop_waiting(work: Work, targets: Iterable[str]) -> int:
    """Drop what waits for ``targets``, its text too; return how many messages that were."""
    here = (outbox.c.target.in_(set(targets)), outbox.c.status == said.Status.WAITING)
    await _recall(work, (await work.execute(select(outbox).where(*here))).all())
    done = await work.execute(
        update(outbox)
        .where(*here)
        .values(status=said.Status.REFUSED, content=None, late=None, sealed=None)
    )
    return int(done.rowcount)


async def forget_sent(
    work: Work,
    targets: Collection[str],
    before: datetime,
    limit: int,
    *,
    but_named: str,
) -> int:
    """Erase our messages in some rooms that are older than a time; return how many.

    Those with a name that is given only once ever stay as a name.

    Args:
        targets: beginnings of the targets.
        but_named: beginning of the names of those that have a term of their own.
    """
    name = outbox.c.name
    rows = (
        await work.execute(
            select(outbox)
            .where(
                or_(*(outbox.c.target.startswith(kind, autoescape=True) for kind in targets)),
                outbox.c.status.in_(_OVER),
                outbox.c.created_at < milliseconds(before),
                or_(
                    name.is_(None),
                    and_(
                        ~name.startswith(but_named, autoescape=True), outbox.c.event_id.is_not(None)
                    ),
                ),
            )
            .order_by(outbox.c.seq)
            .limit(limit)
        )
    ).all()
    return await _erase_sent(work, rows, keep_names=True)


async def forget_heard(
    work: Work, before: datetime, limit: int, *, bot: UserID, sender: UserID | None = None
) -> int:
    """Erase what others wrote in our rooms before a time, and that we heard it; return how many.

    Args:
        bot: whose own events are taken back by :func:`forget_sent`.
        sender: of one person only.
    """
    where = [inbox.c.received_at < milliseconds(before), inbox.c.status != heard.Status.WAITING]
    if sender is not None:
        where.append(inbox.c.sender == sender)
    rows = (
        await work.execute(select(inbox).where(*where).order_by(inbox.c.seq).limit(limit))
    ).all()
    ours = await _our_rooms(work)
    for row in rows:
        said_something = row.state_key is None and row.type not in _WITHOUT_WORDS
        if row.sender != bot and said_something and row.room_id in ours:
            await errands.put(work, Errand.REDACT, RoomID(row.room_id), EventID(row.event_id))
    if rows:
        await work.execute(delete(inbox).where(inbox.c.seq.in_([row.seq for row in rows])))
    return len(rows)


async def forget_set_aside(work: Work, before: datetime) -> int:
    """Erase messages that were set aside before a time, or wait since then; return how many.

    What waits for so long, for a homeserver that is gone or a room that nobody makes, is nobody's
    news any more. Its name stays, so that it is not said again.
    """
    old = outbox.c.created_at < milliseconds(before)
    waits = outbox.c.status == said.Status.WAITING
    over = (outbox.c.status == said.Status.SET_ASIDE) | (waits & outbox.c.name.is_(None))
    gone = await work.execute(delete(outbox).where(over, old))
    dropped = await work.execute(
        update(outbox)
        .where(waits, old)
        .values(status=said.Status.REFUSED, content=None, late=None, sealed=None)
    )
    return gone.rowcount + dropped.rowcount


async def forget_room_keys(work: Work, before: datetime, *, sender: UserID | None = None) -> int:
    """Erase the keys of what others wrote, received before a time; return how many.

    A client starts another session after a week, or a hundred messages, at the latest
    (specification, "m.room.encryption").
    """
    where: list[ColumnElement[bool]] = [inbound_group_sessions.c.received_at < milliseconds(before)]
    if sender is not None:
        where.append(inbound_group_sessions.c.sender == sender)
    old = select(inbound_group_sessions.c.session_id).where(*where)
    await work.execute(delete(message_indexes).where(message_indexes.c.session_id.in_(old)))
    return (await work.execute(delete(inbound_group_sessions).where(*where))).rowcount


async def _our_rooms(work: Work) -> set[str]:
    """Return every room that is, or was before an upgrade, one of ours."""
    ours = set((await work.execute(select(rooms.c.room_id))).scalars())
    spoken_in = select(outbox.c.room_id).where(~cast(outbox.c.target, Text).startswith("!"))
    return (ours | set((await work.execute(spoken_in.distinct())).scalars())) - {None}


async def _recall(work: Work, rows: Sequence[Any]) -> None:
    """Take back what may be in a room, as an event of which we do not know."""
    for row in rows:
        # What is sent in clear tells nothing.
        if row.status == said.Status.WAITING and row.sealed is not None and not row.clear:
            room = RoomID(row.room_id)
            await errands.put_recall(work, room, row.sealed_type, row.transaction_id)


async def _erase_sent(work: Work, rows: Sequence[Any], *, keep_names: bool = False) -> int:
    await _recall(work, rows)
    for row in rows:
        if row.event_id is not None and row.type != "m.reaction":
            await errands.put(work, Errand.REDACT, RoomID(row.room_id), EventID(row.event_id))
    kept = [row.seq for row in rows if keep_names and row.name is not None]
    gone = [row.seq for row in rows if not (keep_names and row.name is not None)]
    if kept:
        await work.execute(
            update(outbox).where(outbox.c.seq.in_(kept)).values(event_id=None, room_id=None)
        )
    if gone:
        await work.execute(delete(outbox).where(outbox.c.seq.in_(gone)))
    return len(rows)
