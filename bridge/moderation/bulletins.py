"""Bulletins and drills: what the federation tells a region without anything having happened.

::

    !bulletin regions… text ─┐
    !oefening regions… ──────┤
    an officer's !bulletin ──┴─▶ preview ─▶ ✅ or !verstuur ─▶ two needed? ─▶ every alert room
                                    └────▶ ❌ or !annuleer ─▶ thrown away

The text is kept, sealed, until it is sent or thrown away, and no longer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
    insert,
    select,
    update,
)

from appservice.database import Work, metadata
from appservice.ids import EventID, UserID
from appservice.times import milliseconds
from appservice.vault import Vault
from bridge.audit import Deed, Detail, Entry
from bridge.moderation.card import APPROVE, REJECT
from bridge.moderation.choice import Choice, Rules, needs_two
from bridge.places import AlertRoom, LiaisonRoom, Place, ReviewRoom
from bridge.reasons import fits
from bridge.regions import PoliceUnit, RegionCode
from bridge.speech import React, Refused, Say

bulletins = Table(
    "bulletins",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("standing", Text, nullable=False),
    Column("by_user", Text, nullable=False),
    Column("first", Text),
    Column("regions", Text, nullable=False),
    Column("police", Boolean, nullable=False),
    Column("content", LargeBinary),
    Column("unit", Text),
    Column("event_id", Text),
    Column("made_at", BigInteger, nullable=False),
)

MAXIMUM = 3_000
"""Characters of a bulletin."""

_PURPOSE = "bulletin"


class BulletinKind(StrEnum):
    """What is told."""

    BULLETIN = "bulletin"
    DRILL = "drill"


class Standing(StrEnum):
    """Where a bulletin stands."""

    DRAFT = "draft"
    SENT = "sent"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Bulletin:
    """One bulletin or drill.

    Attributes:
        number: by which moderators speak of it; 0 before it has one.
        by: who wrote it.
        first: the moderator who approved of it already; its writer, when they moderate.
        text: None for a drill without words of its own, and once it was sent or thrown away.
        unit: whose officer wrote it; None when a moderator did.
        event: the officer's message, which is answered.
    """

    number: int
    kind: BulletinKind
    by: UserID
    first: UserID | None
    choice: Choice
    text: str | None
    standing: Standing = Standing.DRAFT
    unit: RegionCode | None = None
    event: EventID | None = None

    @property
    def card(self) -> str:
        """The name of its preview."""
        return f"bulletin/{self.number}/card"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A bulletin after somebody's word, and what follows."""

    bulletin: Bulletin
    says: tuple[Say, ...]
    entry: Entry | None = None


def preview(bulletin: Bulletin, rules: Rules) -> Sequence[Say | React]:
    """Return the bulletin as others would read it, with the reactions that answer it."""
    name = bulletin.card
    shown = Say(ReviewRoom(), "review/bulletin", _values(bulletin, rules), name=name)
    return [shown, *(React(ReviewRoom(), name, key) for key in (APPROVE, REJECT))]


def send(
    bulletin: Bulletin, by: UserID, rules: Rules, moderates: Callable[[UserID], bool]
) -> Outcome:
    """Send a bulletin, when its sender may by themselves or is the second.

    Args:
        moderates: tells who still is a moderator: nobody else's approval counts.

    Raises:
        Refused: it was sent or thrown away, or another moderator has to agree.
    """
    _open(bulletin)
    if needs_two(None, bulletin.choice, rules):
        if bulletin.first is None or not moderates(bulletin.first):
            waits = replace(bulletin, first=by)
            return Outcome(waits, (_edit(waits, rules, f"first/{by}"),))
        if bulletin.first == by:
            raise Refused("review/bulletin_second", number=bulletin.number)
    sent = replace(bulletin, standing=Standing.SENT)
    liaisons = rules.liaisons(bulletin.choice)
    rooms: list[tuple[Place, str]] = [
        *((AlertRoom(region), f"alert/{region}") for region in bulletin.choice.regions),
        *((LiaisonRoom(region), f"police/{region}") for region in liaisons),
    ]
    said = tuple(
        Say(
            place,
            "alert/police_bulletin" if bulletin.unit else f"alert/{bulletin.kind}",
            {"text": bulletin.text, "unit": _unit(bulletin, rules)},
            name=f"bulletin/{bulletin.number}/{name}",
            alerts_room=True,
        )
        for place, name in rooms
    )
    deed = Deed.DRILL if bulletin.kind is BulletinKind.DRILL else Deed.BULLETIN
    entry = Entry(
        deed,
        by,
        details={
            "number": bulletin.number,
            "regions": bulletin.choice.regions,
            "police": bulletin.choice.police,
        },
    )
    told = _answer(sent, rules, "police/bulletin_sent")
    return Outcome(sent, (*said, *told, _edit(sent, rules, "sent")), entry)


def drop(bulletin: Bulletin, rules: Rules, by: UserID, reason: str | None = None) -> Outcome:
    """Throw a bulletin away; an officer who wrote it hears so, and why.

    Args:
        reason: for the officer; may be given after it was thrown away.

    Raises:
        Refused: it was sent or thrown away before, or the reason is too long.
    """
    fits(reason)
    adds_reason = bulletin.unit and reason and bulletin.standing is Standing.DROPPED
    if not adds_reason:
        _open(bulletin)
    dropped = replace(bulletin, standing=Standing.DROPPED)
    told = _answer(dropped, rules, "police/bulletin_turned_down", reason)
    entry = None
    if bulletin.unit is not None:
        details: dict[str, Detail] = {
            "number": bulletin.number,
            "unit": str(bulletin.unit),
            "kind": "bulletin",
        }
        entry = Entry(Deed.TURNED_DOWN, by, details=details, reason=reason)
    edit = () if adds_reason else (_edit(dropped, rules, "dropped"),)
    return Outcome(dropped, (*told, *edit), entry)


def _answer(
    bulletin: Bulletin, rules: Rules, template: str, reason: str | None = None
) -> tuple[Say, ...]:
    """Return what the officer who wrote a bulletin hears of it; nothing when a moderator did."""
    if bulletin.unit is None:
        return ()
    values = {
        "number": bulletin.number,
        "regions": rules.names(bulletin.choice.regions),
        "reason": reason,
    }
    name = f"bulletin/{bulletin.number}/answer{'' if reason is None else '/why'}"
    room = LiaisonRoom(bulletin.unit)
    return (Say(room, template, values, name=name, reply_to=bulletin.event, quiet=True),)


def _unit(bulletin: Bulletin, rules: Rules) -> PoliceUnit | None:
    return None if bulletin.unit is None else rules.regions.unit(bulletin.unit)


def _open(bulletin: Bulletin) -> None:
    if bulletin.standing is not Standing.DRAFT:
        raise Refused("review/bulletin_over", number=bulletin.number, standing=bulletin.standing)


def _edit(bulletin: Bulletin, rules: Rules, what: str) -> Say:
    return Say(
        ReviewRoom(),
        "review/bulletin",
        _values(bulletin, rules),
        name=f"{bulletin.card}/{what}",
        edits=bulletin.card,
    )


def _values(bulletin: Bulletin, rules: Rules) -> dict[str, Any]:
    return {
        "number": bulletin.number,
        "drill": bulletin.kind is BulletinKind.DRILL,
        "standing": bulletin.standing,
        "by": bulletin.by,
        "text": bulletin.text,
        "regions": rules.names(bulletin.choice.regions),
        "police": bulletin.choice.police,
        "two": needs_two(None, bulletin.choice, rules),
        "first": bulletin.first,
        "from_police": bulletin.unit is not None,
        "unit": _unit(bulletin, rules),
    }


async def forget_before(work: Work, when: datetime) -> int:
    """Erase who made the bulletins of before a time, and what was never sent; return how many.

    The numbers stay: the names of messages go by them.
    """
    old = bulletins.c.made_at < milliseconds(when)
    kept = bulletins.c.content.is_not(None) | (bulletins.c.by_user != "")
    draft = old & (bulletins.c.standing == Standing.DRAFT)
    await work.execute(update(bulletins).where(draft).values(standing=Standing.DROPPED))
    nobody = {"content": None, "by_user": "", "first": None}
    return (await work.execute(update(bulletins).where(old & kept).values(nobody))).rowcount


async def forget_maker(work: Work, user: UserID) -> None:
    """Erase somebody's name from the bulletins they made or agreed to."""
    await work.execute(update(bulletins).where(bulletins.c.by_user == user).values(by_user=""))
    await work.execute(update(bulletins).where(bulletins.c.first == user).values(first=None))


class BulletinRecords:
    """Keeps bulletins.

    Args:
        vault: seals their text.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, work: Work, bulletin: Bulletin, now: datetime) -> Bulletin:
        """Store a new bulletin; return it with its number."""
        row = {**self._row(bulletin), "made_at": milliseconds(now)}
        done = await work.execute(insert(bulletins).values(**row).returning(bulletins.c.number))
        return replace(bulletin, number=int(done.scalar_one()))

    async def save(self, work: Work, bulletin: Bulletin) -> None:
        """Store what became of a bulletin."""
        await work.execute(
            update(bulletins)
            .where(bulletins.c.number == bulletin.number)
            .values(**self._row(bulletin))
        )

    async def get(self, work: Work, number: int) -> Bulletin | None:
        """Return the bulletin of a number."""
        rows = await work.execute(select(bulletins).where(bulletins.c.number == number))
        row = rows.first()
        return None if row is None else self._bulletin(row)

    async def last_of(self, work: Work, user: UserID) -> Bulletin | None:
        """Return the last bulletin somebody wrote that is neither sent nor thrown away."""
        rows = await work.execute(
            select(bulletins)
            .where(bulletins.c.by_user == user, bulletins.c.standing == Standing.DRAFT)
            .order_by(bulletins.c.number.desc())
            .limit(1)
        )
        row = rows.first()
        return None if row is None else self._bulletin(row)

    async def waiting_of(self, work: Work, unit: RegionCode) -> int:
        """Return how many bulletins of a unit wait for a moderator."""
        found = await work.execute(
            select(func.count()).where(
                bulletins.c.unit == unit, bulletins.c.standing == Standing.DRAFT
            )
        )
        return int(found.scalar_one())

    def _row(self, bulletin: Bulletin) -> dict[str, Any]:
        kept = bulletin.text if bulletin.standing is Standing.DRAFT else None
        return {
            "kind": bulletin.kind,
            "standing": bulletin.standing,
            "by_user": bulletin.by,
            "first": bulletin.first,
            "regions": json.dumps(bulletin.choice.regions),
            "police": bulletin.choice.police,
            "unit": bulletin.unit,
            "event_id": bulletin.event,
            "content": None if kept is None else self._vault.seal(kept.encode(), _PURPOSE),
        }

    def _bulletin(self, row: Any) -> Bulletin:
        return Bulletin(
            row.number,
            BulletinKind(row.kind),
            UserID(row.by_user),
            None if row.first is None else UserID(row.first),
            Choice(tuple(RegionCode(code) for code in json.loads(row.regions)), row.police),
            None if row.content is None else self._vault.open(row.content, _PURPOSE).decode(),
            Standing(row.standing),
            None if row.unit is None else RegionCode(row.unit),
            None if row.event_id is None else EventID(row.event_id),
        )
