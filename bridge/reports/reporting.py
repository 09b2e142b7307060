"""A member asking after their own reports.

::

    !mijn, !status #n ─▶ their own cases, and nobody else's

Making a report is :mod:`bridge.dialogue`.
"""

from __future__ import annotations

import re

from bridge.commands import Asked
from bridge.reports.case import CaseNumber
from bridge.reports.records import CaseRecords
from bridge.speech import Refused, Say, Speaker

_SHOWN_AT_ONCE = 10
"""Of one's own reports: an event has 65,536 bytes."""
_NUMBER = re.compile(r"\s*#?(?P<number>\d{1,9})\b")


def case_number(text: str) -> tuple[CaseNumber | None, str]:
    """Read ``#42`` at the start of a text; return it and what follows."""
    match = _NUMBER.match(text)
    if match is None:
        return None, text
    return CaseNumber(int(match["number"])), text[match.end() :].strip()


class Reporting:
    """Answers members about their reports.

    Args:
        records: keeps cases.
        speaker: says the answers.
    """

    def __init__(self, records: CaseRecords, speaker: Speaker) -> None:
        self._records = records
        self._speaker = speaker

    async def mine(self, asked: Asked) -> None:
        """List one's own last reports."""
        found = await self._records.sent_by(asked.work, asked.person.user, _SHOWN_AT_ONCE)
        await self._answer(asked, Say(asked.place, "report/mine", {"cases": found}))

    async def status(self, asked: Asked) -> None:
        """Tell how one's own report stands."""
        number, _ = case_number(asked.argument)
        if number is None:
            raise Refused("report/which")
        case = await self._records.by_number(asked.work, number)
        # Somebody else's report is answered like one that does not exist: it tells nothing.
        if case is None or case.reporter != asked.person.user:
            raise Refused("report/not_yours", number=number)
        await self._answer(asked, Say(asked.place, "report/status", {"case": case}))

    async def _answer(self, asked: Asked, say: Say) -> None:
        await self._speaker.say(asked.work, [say], asked.now)
