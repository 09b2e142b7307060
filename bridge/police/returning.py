"""Police whose homeserver was away: what is said on its return of what they missed.

::

    their homeserver answers again ─▶ what was put out for their rooms meanwhile
                                          │
              late, or more than a client shows by itself?
                                          ├─▶ liaison room: which cases, and how to read them
                                          └─▶ review room: who reads only now

An alert left our homeserver in time, so that it does not say of itself that it comes late, and
where much was missed a client shows the last of it alone (:mod:`appservice.absences`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from appservice.absences import SHOWN_BY_ITSELF, Missed, missed
from appservice.database import Work
from appservice.ids import server_of
from bridge.members.roster import Roster
from bridge.places import LiaisonRoom, ReviewRoom, active_units, key_of
from bridge.regions import PoliceUnit, RegionCode, Regions
from bridge.reports.case import CaseNumber
from bridge.reports.records import CaseRecords
from bridge.speech import Say, Speaker

_BEFORE: Final = timedelta(minutes=1)
"""A homeserver is found to be away a moment after the first message that it misses."""

_MOST: Final = 20
"""Of the cases: an event has 65,536 bytes."""


def cases_among(messages: Sequence[Missed], unit: RegionCode) -> tuple[CaseNumber, ...]:
    """Return the cases that a unit was sent something of, each once, in the order they came."""
    found: dict[CaseNumber, None] = {}
    for message in messages:
        match (message.name or "").split("/"):
            case ["case", number, "police", code, *_] if number.isdecimal() and code == unit:
                found[CaseNumber(int(number))] = None
    return tuple(found)


class Returning:
    """Says it.

    Args:
        cases: every case.
        regions: every unit.
        roster: who its liaisons are.
        speaker: says it.
        late_after: what waited for so long comes late.
    """

    def __init__(
        self,
        cases: CaseRecords,
        regions: Regions,
        roster: Roster,
        speaker: Speaker,
        late_after: timedelta,
    ) -> None:
        self._cases = cases
        self._regions = regions
        self._roster = roster
        self._speaker = speaker
        self._late_after = late_after

    async def back(self, work: Work, server: str, since: datetime, now: datetime) -> None:
        """Say what the units with liaisons on a homeserver missed, if that needs saying.

        Args:
            server: answers again.
            since: when it was found to be away.
        """
        for unit in active_units(self._regions, self._roster):
            if server in map(server_of, self._roster.liaisons_of(unit.code)):
                await self._say(work, unit, server, since, now)

    async def _say(
        self, work: Work, unit: PoliceUnit, server: str, since: datetime, now: datetime
    ) -> None:
        room = LiaisonRoom(unit.code)
        messages = await missed(work, key_of(room), since - _BEFORE)
        numbers = cases_among(messages, unit.code)
        late = any(now - message.at >= self._late_after for message in messages)
        if not numbers or not (late or len(messages) > SHOWN_BY_ITSELF):
            return
        newest = numbers[: -_MOST - 1 : -1]
        found = [await self._cases.by_number(work, number) for number in newest]
        if not (cases := [case for case in found if case is not None]):
            return
        more = len(numbers) - len(newest)
        values = {"unit": unit, "server": server, "since": since, "cases": cases, "more": more}
        says = [
            Say(place, template, values, quiet=True)
            for place, template in ((room, "police/missed"), (ReviewRoom(), "review/police_back"))
        ]
        await self._speaker.say(work, says, now)
