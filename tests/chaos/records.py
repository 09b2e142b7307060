"""What the database says: what was decided, what is still on its way.

Plain SQL over a connection of its own, which is made anew when the server was killed under it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable

import asyncpg
from sqlalchemy import make_url

from appservice.ids import EventID, RoomID, UserID
from tests.chaos.account import Outcome
from tests.chaos.acting import Sent

_POLL_SECONDS = 0.004
_QUIET_POLL_SECONDS = 0.05

_SEALED = "SELECT EXISTS (SELECT FROM outbox WHERE status = 'waiting' AND sealed IS NOT NULL)"
_ON_ITS_WAY = {
    "events to be handled": "SELECT count(*) FROM inbox WHERE status = 'waiting'",
    "events without a key": "SELECT count(*) FROM inbox WHERE status = 'held'",
    "messages to be sent": "SELECT count(*) FROM outbox WHERE status = 'waiting'",
    "keys to be sent": "SELECT count(*) FROM to_device_outbox",
    "errands": "SELECT count(*) FROM errands",
}
_SET_ASIDE = "SELECT count(*) FROM inbox WHERE status = 'dead'"
_LATEST = """
    SELECT DISTINCT ON (room_id) room_id, event_id FROM outbox
    WHERE status = 'sent' ORDER BY room_id, seq DESC
"""


class Records:
    """Looks into the service's database.

    Args:
        url: of the database, as SQLAlchemy has it.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self._host = str(parsed.query["host"])
        self._database = parsed.database
        self._connection: asyncpg.Connection | None = None

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def until_sealed(self) -> None:
        """Wait until a message is encrypted and not known to be sent."""
        while not (await self._ask(_SEALED))[0][0]:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_SECONDS)

    async def until_drained(self) -> None:
        """Wait until nothing is on its way."""
        while await self.on_its_way():  # noqa: ASYNC110
            await asyncio.sleep(_QUIET_POLL_SECONDS)

    async def on_its_way(self) -> dict[str, int]:
        """How much is on its way, by what it is; only what is not nothing."""
        counts = {what: (await self._ask(query))[0][0] for what, query in _ON_ITS_WAY.items()}
        return {what: count for what, count in counts.items() if count}

    async def set_aside(self) -> int:
        """How many events our own code failed on."""
        return int((await self._ask(_SET_ASIDE))[0][0])

    async def latest(self) -> dict[RoomID, EventID]:
        """The last message that was sent to each room."""
        return {RoomID(row[0]): EventID(row[1]) for row in await self._ask(_LATEST)}

    async def outcomes(self, sent: Iterable[Sent]) -> list[Outcome]:
        """What was decided on reports that were acknowledged."""
        rows = await self._ask(
            "SELECT number, reporter, status, decided_by, regions, police FROM cases "
            "WHERE number IS NOT NULL"
        )
        cases = {row["number"]: row for row in rows}
        return [
            Outcome(
                number=one.number,
                word=one.word,
                reporter=one.reporter,
                status=cases[one.number]["status"],
                decided_by=_user(cases[one.number]["decided_by"]),
                regions=tuple(json.loads(cases[one.number]["regions"])),
                police=cases[one.number]["police"],
            )
            for one in sent
            if one.number in cases and cases[one.number]["reporter"] == one.reporter
        ]

    async def cases(self) -> int:
        """How many reports were sent to the moderators."""
        return int((await self._ask("SELECT count(*) FROM cases WHERE number IS NOT NULL"))[0][0])

    async def _ask(self, query: str) -> list[asyncpg.Record]:
        while True:
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await asyncpg.connect(
                        host=self._host, user="postgres", database=self._database
                    )
                return list(await self._connection.fetch(query))
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                self._connection = None
                await asyncio.sleep(_QUIET_POLL_SECONDS)


def _user(value: str | None) -> UserID | None:
    return None if value is None else UserID(value)
