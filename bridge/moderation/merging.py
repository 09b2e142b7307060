"""``!samen #a #b``: two reports of one event become one case.

::

    #b waits ─────▶ it goes on as #a, and is not shared
    both shared ──▶ #a goes to where #b went ─▶ #b's alerts are edited to point to it
                    what was told of #b afterwards stands under #a
                    who got a CAP file of #b gets its Cancel (bridge.police.relaying)

Police who have #b have #a too, or it is refused: they would be left with half of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bridge.commands import Asked
from bridge.moderation.afterwards import MOST, alert_name, edits
from bridge.moderation.decisions import Decision
from bridge.moderation.desk import Desk
from bridge.moderation.duplicates import merge
from bridge.moderation.reach import reached
from bridge.places import AlertRoom, LiaisonRoom, SharedRoom
from bridge.relay.alert import alerts
from bridge.reports.case import Case, Status, numbered
from bridge.reports.reporting import case_number
from bridge.reports.shown import PoliceReading
from bridge.speech import Refused, Say


def joined(
    kept: Decision,
    other: Case,
    reach: Sequence[SharedRoom],
    others: Sequence[SharedRoom],
    police: PoliceReading,
) -> Decision:
    """Let the alert of one case stand for that of another, which others have too.

    Args:
        kept: what :func:`~bridge.moderation.duplicates.merge` decided for the one that stays.
        other: the one that goes on as it.
        reach: the rooms that have the alert of the one that stays.
        others: the rooms that have the other's.
        police: what police officers read of a case.
    """
    case = kept.case
    lacking = [place for place in others if place not in reach]
    regions = tuple(place.region for place in lacking if isinstance(place, AlertRoom))
    # Behind its own, so that the numbers of its CAP files stay; of more than fit, the oldest go.
    room = MOST - len(case.afterwords)
    said = (*case.afterwords, *other.afterwords[max(0, len(other.afterwords) - room) :])
    case = replace(case, regions=(*case.regions, *regions), afterwords=said)
    # Whoever reads it for the first time now reads what was told of it, too.
    again = reach if other.afterwords else ()
    told = edits(case, (*again, *lacking), police) if case.afterwords else ()
    values = {"number": numbered(other), "into": numbered(case)}
    pointing = tuple(
        Say(
            place,
            "alert/merged" if isinstance(place, AlertRoom) else "police/merged",
            values,
            name=f"{alert_name(other, place)}/edit/{other.revision}",
            edits=alert_name(other, place),
        )
        for place in others
    )
    return replace(kept, case=case, says=(*alerts(case, regions), *told, *pointing, *kept.says))


def _leaves_no_police_behind(
    case: Case, other: Case, reach: Sequence[SharedRoom], others: Sequence[SharedRoom]
) -> None:
    """Refuse where police have ``other`` alone, and say what can be done instead.

    Raises:
        Refused: they would be left without the one that stays.
    """
    with_it, with_other = (
        {place for place in places if isinstance(place, LiaisonRoom)} for places in (reach, others)
    )
    if with_other <= with_it:
        return
    waits = other.status is Status.SUBMITTED and case.status is Status.PUBLISHED
    raise Refused(
        "review/merge_with_police",
        number=numbered(other),
        other=numbered(case),
        apart=not with_it <= with_other,
        waits=waits,
    )


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
        if other.with_others:
            reach, others = await reached(asked.work, case), await reached(asked.work, other)
            _leaves_no_police_behind(case, other, reach, others)
            kept = joined(kept, other, reach, others, self._desk.rules.police_reading)
        for one in moved:
            await self._desk.records.save(asked.work, one)
        # The one that is gone first: the card of the other then shows it.
        await self._desk.carry_out(asked.work, gone, asked.now)
        await self._desk.carry_out(asked.work, kept, asked.now)
