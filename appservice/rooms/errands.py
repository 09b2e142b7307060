"""Small requests about rooms that are no messages: join, leave, redact, recall, follow.

The domain puts one here in the transaction that decided on it. Each is safe to repeat: a homeserver
answers a second join or leave alike, and a redaction has a transaction id of its own.

A message that is erased while it is on its way may be in its room, as an event whose id nobody was
told. To *recall* it is to use its transaction id with nothing in it: a homeserver that took it
answers with the event it became, one that never saw it takes the nothing, and what comes behind
under that id is not taken any more. Either is then redacted.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from sqlalchemy import BigInteger, Column, Integer, Table, Text, delete, insert, select

from appservice.database import Database, Work, insert_missing, metadata
from appservice.enduring import drained
from appservice.faults import fault_of
from appservice.homeserver import Homeserver, HomeserverUnreachable, MatrixError
from appservice.ids import EventID, RoomID
from appservice.rooms.upgrades import Closed, Follower
from appservice.wakes import OneEach, woken

log = logging.getLogger(__name__)

errands = Table(
    "errands",
    metadata,
    Column(
        "seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("transaction_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("room_id", Text, nullable=False),
    Column("event_id", Text),
    Column("detail", Text),
)


LOOK_SECONDS = 5.0
"""Seconds between two looks when nobody calls."""

AT_ONCE = 8
"""Rooms in which something is done at a time: after a purge there may be a thousand."""

_NOTHING = {"msgtype": "m.notice", "body": ""}
"""A message without a word; the two are wanted of one that is not encrypted."""

_TOKEN = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"})


class Errand(StrEnum):
    """What is to be done in a room."""

    JOIN = "join"
    LEAVE = "leave"
    REDACT = "redact"
    RECALL = "recall"
    """Redact what was sent, if it was, under a transaction id."""
    FOLLOW = "follow"
    """Somebody closed the room and named another (:mod:`appservice.rooms.upgrades`)."""


async def put(work: Work, kind: Errand, room: RoomID, event_id: EventID | None = None) -> None:
    """Ask for an errand; ``event_id`` names what to redact."""
    await work.execute(
        insert(errands).values(
            transaction_id=secrets.token_urlsafe(16), kind=kind, room_id=room, event_id=event_id
        )
    )


async def put_recall(work: Work, room: RoomID, event_type: str, transaction_id: str) -> None:
    """Ask for what may have been sent under ``transaction_id`` to be taken back."""
    errand = {"kind": Errand.RECALL, "room_id": room, "detail": event_type}
    await insert_missing(work, errands, [{"transaction_id": transaction_id, **errand}])


async def put_closed(work: Work, closed: Closed) -> None:
    """Ask for a room to be followed to its replacement."""
    detail = {"sender": closed.sender, "replacement": closed.replacement}
    await work.execute(
        insert(errands).values(
            transaction_id=secrets.token_urlsafe(16),
            kind=Errand.FOLLOW,
            room_id=closed.room,
            detail=json.dumps(detail),
        )
    )


class Redacted(Protocol):
    """Hears what became of a redaction, in the transaction that ends its errand."""

    async def __call__(self, work: Work, room: RoomID, event: EventID, *, taken: bool) -> None:
        """``taken``: the homeserver took it; otherwise it refused for good."""


class ErrandRunner:
    """Carries out what :func:`put` asked for: for each room in order, and each room on its own.

    A room at another homeserver may be long in answering, or never do; no other waits for it.

    Args:
        database: keeps the errands.
        homeserver: is asked.
        follower: follows closed rooms.
        redacted: hears of each redaction.
        told: called after a commit in which somebody may have put a message out.
    """

    def __init__(
        self,
        database: Database,
        homeserver: Homeserver,
        follower: Follower,
        redacted: Redacted,
        told: Callable[[], None],
    ) -> None:
        self._database = database
        self._homeserver = homeserver
        self._follower = follower
        self._redacted = redacted
        self._told = told
        self._wake = asyncio.Event()
        self._tasks = OneEach(self._in_room, self._over)
        self._at_once = asyncio.Semaphore(AT_ONCE)

    def wake(self) -> None:
        """Say that something may be waiting."""
        self._wake.set()

    async def run(self) -> None:
        """Work for ever; cancel to stop."""
        try:
            while True:
                self._wake.clear()
                async with self._database.read() as work:
                    rooms = (await work.execute(select(errands.c.room_id).distinct())).scalars()
                for room in rooms:
                    self._tasks.begin(room)
                await woken(self._wake, LOOK_SECONDS)
        finally:
            await self._tasks.end()

    def _over(self, _: str, error: BaseException | None) -> None:
        if error is None:
            # Something may have come while this task was on its way out.
            self._wake.set()
        else:
            # The next look tries it again.
            log.error("an errand failed (%s); it is tried again", fault_of(error))

    async def _in_room(self, room: str) -> None:
        async def step() -> bool:
            async with self._at_once:
                return await self._next(room)

        await drained(step)

    async def _next(self, room_id: str) -> bool:
        query = select(errands).where(errands.c.room_id == room_id).order_by(errands.c.seq).limit(1)
        async with self._database.read() as work:
            row = (await work.execute(query)).first()
        if row is None:
            return False
        room = ("v3", "rooms", row.room_id)
        taken, redacted = True, None if row.event_id is None else EventID(row.event_id)
        try:
            match Errand(row.kind):
                case Errand.JOIN:
                    await self._homeserver.call("POST", *room, "join", body={})
                case Errand.LEAVE:
                    await self._homeserver.call("POST", *room, "leave", body={})
                case Errand.REDACT:
                    await self._redact(row.room_id, row.event_id, row.transaction_id)
                case Errand.RECALL:
                    answer = await self._homeserver.call(
                        "PUT", *room, "send", row.detail, row.transaction_id, body=_NOTHING
                    )
                    redacted = EventID(str(answer["event_id"]))
                    # A homeserver knows an id of a room's transactions once, whatever they are.
                    await self._redact(row.room_id, redacted, f"{row.transaction_id}.recalled")
                case Errand.FOLLOW:
                    detail = json.loads(row.detail)
                    sender, replacement = detail["sender"], detail["replacement"]
                    await self._follower.follow(Closed(RoomID(row.room_id), sender, replacement))
        except MatrixError as error:
            if error.errcode in _TOKEN:
                # An operator puts that right; a redaction must not be lost by it.
                raise HomeserverUnreachable(
                    f"the homeserver refuses our token ({error.errcode}): see `goudwacht doctor`"
                ) from error
            log.warning("the homeserver refuses to %s (%s); left at that", row.kind, error.errcode)
            taken = False
        async with self._database.begin() as work:
            await work.execute(delete(errands).where(errands.c.seq == row.seq))
            if redacted is not None:
                await self._redacted(work, RoomID(row.room_id), redacted, taken=taken)
        if redacted is not None:
            self._told()
        return True

    async def _redact(self, room: str, event_id: str, transaction_id: str) -> None:
        await self._homeserver.call(
            "PUT", "v3", "rooms", room, "redact", event_id, transaction_id, body={}
        )
