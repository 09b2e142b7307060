"""What a back-up that is put back must not make us forget: kept at the homeserver as well.

::

    start ─▶ is the homeserver's count of our starts higher than ours?          ─┐ yes: the database
         ─▶ has our device said what the database has no ratchet for?            ─┘ is a back-up
         ─▶ one start more, here first and then there

    a number is given ─▶ are few left of those set apart? ─▶ more are, there first and then here

Both are account data of the bot: one event, written once a start and once for fifty numbers. The
database is always ahead of it in starts and behind it in numbers, whenever a process dies: so that
a homeserver which knows of more starts has seen a later database, and a number beyond those set
apart was never told to anybody.

A ratchet moves in the commit before its ciphertext goes out (:mod:`appservice.encryption.outbound`)
and its row is never deleted. What was encrypted at an index that the database has not come to was
encrypted after it was copied.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import vodozemac
from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, select, update

from appservice.catching_up import NO_STATE, since_of
from appservice.database import Database, Work, insert_missing, metadata
from appservice.encryption.account import own_device
from appservice.encryption.outbound import outbound_group_sessions
from appservice.enduring import until_reached
from appservice.homeserver import Homeserver, MatrixError
from appservice.ids import DeviceID

TYPE = "nl.goudwacht.landmark"
"""The type of the account data."""

SET_APART = 100
"""How many numbers are set apart at a time; so many are left out at the most after a back-up."""

FEW = 50
"""How many are left when more are set apart: the homeserver has the time in which these go."""

_ONLY_ROW = 1
_LOOKED_AT = 3

landmark = Table(
    "landmark",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("starts", BigInteger, nullable=False),
    Column("given", BigInteger, nullable=False),
    Column("set_apart", BigInteger, nullable=False),
    Column("older", Boolean, nullable=False),
)
"""One row. ``older``: a back-up was put back, and numbers are to go on above those set apart."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the homeserver keeps for us."""

    starts: int = 0
    set_apart: int = 0


async def next_number(work: Work, above: int) -> int:
    """Return a number that was given to nobody, not even after the back-up that this may be.

    Args:
        above: the highest that is known to have been given.
    """
    row = await _row(work)
    number = max(int(row.given), above) + 1
    await work.execute(update(landmark).values(given=number))
    return number


async def was_put_back(work: Work) -> None:
    """Note that the database is a back-up: the next start reads what was given since."""
    await _row(work)
    await work.execute(update(landmark).values(older=True))


class Landmark:
    """Compares the database with what the homeserver keeps, and keeps both up to date.

    Args:
        database: has our half.
        homeserver: the way out as the bot; needs no device.
    """

    def __init__(self, database: Database, homeserver: Homeserver) -> None:
        self._database = database
        self._homeserver = homeserver
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Say that numbers may have been given."""
        self._wake.set()

    async def is_ahead(self) -> bool:
        """Tell whether the homeserver has seen a later state of the database than this one.

        Raises:
            HomeserverUnreachable: try again later.
        """
        async with self._database.read() as work:
            ours = (
                await work.execute(
                    select(own_device.c.device_id).where(
                        own_device.c.user_id == self._homeserver.user,
                        own_device.c.published.is_(True),
                    )
                )
            ).scalar_one_or_none()
            starts = (await work.execute(select(landmark.c.starts))).scalar_one_or_none()
            since = await since_of(work, self._homeserver.user)
        if ours is None:
            # The first start, or one with a new device: there is no past to be behind of.
            return False
        try:
            if (await self._kept()).starts > (starts or 0):
                return True
            return await self._said_more(DeviceID(ours), since)
        except MatrixError:
            # It will refuse what is asked of it next, too, and says so better.
            return False

    async def begin(self) -> None:
        """Count this start, and set numbers apart; once, as soon as the bot has its account.

        Raises:
            HomeserverUnreachable, MatrixError: nothing was begun; safe to repeat.
        """
        kept = await self._kept()
        async with self._database.begin() as work:
            row = await _row(work)
            later = row.older or row.starts == 0
            await work.execute(
                update(landmark).values(
                    starts=max(row.starts, kept.starts) + 1,
                    given=max(row.given, kept.set_apart) if later else row.given,
                    older=False,
                )
            )
        await self._set_apart()

    async def run(self) -> None:
        """Set numbers apart before they are given; for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            async with self._database.read() as work:
                row = (await work.execute(select(landmark))).one()
            if row.set_apart - row.given < FEW:
                await until_reached(self._set_apart)

    async def _set_apart(self) -> None:
        async with self._database.read() as work:
            row = (await work.execute(select(landmark))).one()
        enough = max(row.set_apart, row.given + SET_APART)
        await self._homeserver.call(
            "PUT", *self._path(), body={"starts": row.starts, "numbers": enough}
        )
        async with self._database.begin() as work:
            await work.execute(update(landmark).values(set_apart=enough))

    async def _kept(self) -> Kept:
        try:
            answer = await self._homeserver.call("GET", *self._path())
        except MatrixError as error:
            if error.status == 404:
                return Kept()
            raise
        return Kept(_number(answer.get("starts")), _number(answer.get("numbers")))

    async def _said_more(self, device: DeviceID, since: str | None) -> bool:
        """Tell whether a room holds a message of our device that this database did not encrypt."""
        query = {"filter": _filter(self._homeserver.user), "timeout": "0"}
        query |= {"set_presence": "offline"} | ({} if since is None else {"since": since})
        answer = await self._homeserver.call("GET", "v3", "sync", query=query)
        said = list(_said(answer, device))
        async with self._database.read() as work:
            reached = {
                row.session_id: row.messages
                for row in await work.execute(
                    select(
                        outbound_group_sessions.c.session_id, outbound_group_sessions.c.messages
                    ).where(outbound_group_sessions.c.session_id.in_({one for one, _ in said}))
                )
            }
        return any(index >= reached.get(session, 0) for session, index in said)

    def _path(self) -> tuple[str, ...]:
        return "v3", "user", self._homeserver.user, "account_data", TYPE


async def _row(work: Work) -> Any:
    found = (await work.execute(select(landmark))).first()
    if found is None:
        nothing = {"id": _ONLY_ROW, "starts": 0, "given": 0, "set_apart": 0, "older": False}
        await insert_missing(work, landmark, [nothing])
        found = (await work.execute(select(landmark))).one()
    return found


def _filter(bot: str) -> str:
    nothing: dict[str, Any] = {"types": []}
    timeline = {"limit": _LOOKED_AT, "senders": [bot], "types": ["m.room.encrypted"]}
    rooms = {"timeline": timeline, "state": NO_STATE, "ephemeral": nothing, "account_data": nothing}
    return json.dumps({"room": rooms, "presence": nothing, "account_data": nothing})


def _said(answer: Mapping[str, Any], device: DeviceID) -> Iterator[tuple[str, int]]:
    """Yield the session and the index of each message of a device in the answer to a sync."""
    for room in answer.get("rooms", {}).get("join", {}).values():
        for event in room.get("timeline", {}).get("events", []):
            content = event.get("content", {})
            if content.get("device_id") != device:
                continue
            try:
                message = vodozemac.MegolmMessage.from_base64(str(content.get("ciphertext")))
            except ValueError:
                continue
            yield str(content.get("session_id")), message.message_index()


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
