"""``!samen #a #b``: two reports of one event become one case."""

from __future__ import annotations

from bridge.commands import Asked
from bridge.moderation.desk import Desk
from bridge.moderation.duplicates import merge
from bridge.reports.reporting import case_number
from bridge.speech import Refused


class Merging:
    """Answers ``!samen``.

    Args:
        desk: carries out what is decided.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def merge(self, asked: Asked) -> None:
        """``!samen #a #b``: #b goes on as #a."""
        first, rest = case_number(asked.argument)
        second, _ = case_number(rest)
        if first is None or second is None:
            raise Refused("review/which")
        case = await self._desk.case(asked.work, first)
        other = await self._desk.case(asked.work, second)
        already = await self._desk.merged(asked.work, other)
        kept, gone, moved = merge(case, other, asked.person.user, already)
        for one in moved:
            await self._desk.records.save(asked.work, one)
        # The one that is gone first: the card of the other then shows it.
        await self._desk.carry_out(asked.work, gone, asked.now)
        await self._desk.carry_out(asked.work, kept, asked.now)
