"""The card: a report as moderators see it, edited in place as it moves on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bridge.members.roster import Roster
from bridge.places import ReviewRoom, with_police
from bridge.regions import RegionCode, Regions
from bridge.reports.case import Case, message_name, numbered
from bridge.reports.shown import Audience, lines
from bridge.speech import React, Say

APPROVE = "✅"
APPROVE_WITH_POLICE = "👮"
REJECT = "❌"

CARD = "card"


class Cards:
    """Makes cards.

    Args:
        roster: knows the reporter's shop.
        regions: every region, for their names.
    """

    def __init__(self, roster: Roster, regions: Regions) -> None:
        self._roster = roster
        self._regions = regions

    def post(self, case: Case) -> Sequence[Say | React]:
        """Return a new card with the reactions that answer it, to be tapped."""
        name = message_name(case, CARD)
        keys = [APPROVE, REJECT]
        if self._has_police(case.region):
            keys.insert(1, APPROVE_WITH_POLICE)
        card = Say(ReviewRoom(), "review/card", self._values(case), name=name, alerts_room=True)
        return [card, *(React(ReviewRoom(), name, key) for key in keys)]

    def update(self, case: Case) -> Say:
        """Return the card's edit that says what was decided."""
        return Say(
            ReviewRoom(),
            "review/card",
            self._values(case),
            name=message_name(case, f"{CARD}/{case.status}{'/why' if case.reason else ''}"),
            edits=message_name(case, CARD),
        )

    def _values(self, case: Case) -> dict[str, Any]:
        reporter = self._roster.person(case.reporter)
        return {
            "number": numbered(case),
            "case": case,
            "reporter": case.reporter,
            "shop": None if reporter is None else reporter.shop,
            "lines": lines(case.fields, Audience.MODERATORS),
            "region": self._regions.name(case.region),
            "shared_with": [self._regions.name(code) for code in case.regions],
            "police": self._has_police(case.region),
        }

    def _has_police(self, code: RegionCode) -> bool:
        return code in with_police(self._regions, self._roster)


def card_number(message: str | None) -> int | None:
    """Return the number of the case whose card this message is; None for any other message."""
    match (message or "").split("/"):
        case ["case", number, "card"] if number.isdecimal():
            return int(number)
    return None
