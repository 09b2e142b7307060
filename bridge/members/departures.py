"""Who is out and may still be in a room, in the database.

A departure is over when the homeserver says of no room of ours that they are in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Table, Text, delete, insert, select

from appservice.database import Work, metadata
from appservice.ids import UserID
from appservice.times import from_milliseconds, milliseconds

departures = Table(
    "departures",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody who is being taken out of every room."""

    user: UserID
    since: datetime

    @property
    def name(self) -> str:
        """Begins the names of messages about it."""
        return f"departure/{self.user}/{milliseconds(self.since)}"


class Departures:
    """Reads and writes departures."""

    async def put(self, work: Work, departure: Departure) -> None:
        """Note that somebody is being taken out."""
        await self.forget(work, departure.user)
        await work.execute(
            insert(departures).values(user_id=departure.user, since=milliseconds(departure.since))
        )

    async def forget(self, work: Work, user: UserID) -> None:
        """There is nothing more to be done for somebody."""
        await work.execute(delete(departures).where(departures.c.user_id == user))

    async def all(self, work: Work) -> Sequence[Departure]:
        """Return all of them, oldest first."""
        rows = await work.execute(select(departures).order_by(departures.c.since))
        return [Departure(UserID(row.user_id), from_milliseconds(row.since)) for row in rows]
