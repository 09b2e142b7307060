"""What officers told the moderators of a case: how it ended, a question; and what came of it.

::

    liaison room ─▶ OfficersWords.add ─▶ thread of the card ─▶ passed on, or not ─▶ liaison room

The words are sealed under the key of their case and go with it. Which officer wrote them is not
kept here: they are answered where they wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from appservice.database import Work, metadata
from appservice.ids import EventID
from appservice.times import milliseconds
from appservice.vault import Vault
from bridge.moderation.card import APPROVE, CARD, REJECT
from bridge.places import LiaisonRoom, ReviewRoom
from bridge.regions import RegionCode
from bridge.reports import case_keys
from bridge.reports.case import Case, CaseNumber, message_name, numbered
from bridge.speech import React, Say

police_words = Table(
    "police_words",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("case_number", Integer, nullable=False, index=True),
    Column("unit", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("standing", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("told_at", BigInteger, nullable=False),
)

_PURPOSE = "words of the police"


class WordKind(StrEnum):
    """What was told."""

    OUTCOME = "outcome"
    QUESTION = "question"


class WordStanding(StrEnum):
    """What the moderators did with it."""

    OPEN = "open"
    PASSED_ON = "passed on"
    TURNED_DOWN = "turned down"


@dataclass(frozen=True, slots=True)
class Word:
    """Something that an officer told.

    Attributes:
        number: of the row; moderators tap what is named by it.
        event: the message in the liaison room.
    """

    number: int
    case: CaseNumber
    unit: RegionCode
    kind: WordKind
    standing: WordStanding
    event: EventID
    text: str


def shown_as(case: Case, word: Word, values: Mapping[str, object]) -> Sequence[Say | React]:
    """Return how moderators read what an officer told, with the reactions that answer it.

    Args:
        values: who said it, and what.
    """
    name = message_name(case, f"from police/{word.number}")
    shown = Say(
        ReviewRoom(),
        "review/from_police",
        {"number": numbered(case), "outcome": word.kind is WordKind.OUTCOME, **values},
        name=name,
        thread=message_name(case, CARD),
        alerts_room=True,
    )
    return [shown, *(React(ReviewRoom(), name, key) for key in (APPROVE, REJECT))]


def answer(case: Case, word: Word, template: str, reason: str | None = None) -> Say:
    """Return what the officer who told something hears of it."""
    return Say(
        LiaisonRoom(word.unit),
        template,
        {
            "number": numbered(case),
            "outcome": word.kind is WordKind.OUTCOME,
            "reason": reason,
        },
        # Not below "police/": it is no version of the alert.
        name=message_name(case, f"to police/{word.number}{'' if reason is None else '/why'}"),
        reply_to=word.event,
        quiet=True,
    )


class OfficersWords:
    """Keeps what officers told.

    Args:
        vault: opens the keys of cases.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(
        self,
        work: Work,
        case: Case,
        unit: RegionCode,
        kind: WordKind,
        text: str,
        event: EventID,
        now: datetime,
    ) -> Word | None:
        """Keep what an officer told of a case; None when the case was erased."""
        key = await case_keys.of(work, self._vault, case.id)
        if key is None:
            return None
        row = {
            "case_number": numbered(case),
            "unit": unit,
            "kind": kind,
            "standing": WordStanding.OPEN,
            "event_id": event,
            "content": key.seal(text.encode(), _PURPOSE),
            "told_at": milliseconds(now),
        }
        done = await work.execute(
            insert(police_words).values(**row).returning(police_words.c.number)
        )
        number = int(done.scalar_one())
        return Word(number, numbered(case), unit, kind, WordStanding.OPEN, event, text)

    async def of(self, work: Work, case: Case) -> Sequence[Word]:
        """Return what officers told of a case, oldest first."""
        key = await case_keys.of(work, self._vault, case.id)
        if key is None:
            return ()
        rows = await work.execute(
            select(police_words)
            .where(police_words.c.case_number == numbered(case))
            .order_by(police_words.c.number)
        )
        return [_word(row, key.open(row.content, _PURPOSE).decode()) for row in rows]

    async def settle(self, work: Work, word: Word, standing: WordStanding) -> None:
        """Keep what the moderators did with it."""
        await work.execute(
            update(police_words)
            .where(police_words.c.number == word.number)
            .values(standing=standing)
        )

    async def forget(self, work: Work, case: Case) -> None:
        """Erase what was told of a case."""
        await work.execute(delete(police_words).where(police_words.c.case_number == case.number))


def _word(row: Any, text: str) -> Word:
    return Word(
        row.number,
        CaseNumber(row.case_number),
        RegionCode(row.unit),
        WordKind(row.kind),
        WordStanding(row.standing),
        EventID(row.event_id),
        text,
    )
