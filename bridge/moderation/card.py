"""The card: a report as moderators see it, edited in place as it moves on.

::

    case + what surrounds it ─▶ Cards.post ─▶ card, reactions to tap
                          └───▶ Cards.update ─▶ the card's next edit
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bridge.gate.leaving import all_in, shown
from bridge.moderation.choice import Rules
from bridge.places import ReviewRoom
from bridge.regions import Region
from bridge.reports.case import Case, Status, message_name, numbered
from bridge.reports.event_time import Precision
from bridge.reports.report import derived_attempt
from bridge.reports.shown import Audience, lines, texts
from bridge.speech import React, Say

APPROVE = "✅"
APPROVE_WITH_POLICE = "👮"
POLICE_FIRST = "🚓"
ASK = "❓"
REJECT = "❌"

CARD = "card"
"""What a case's card is called; the threads of its discussion hang from it."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A recent case like the one on the card."""

    case: Case
    same: bool
    """It may well be the same event."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A room out of which a withdrawn alert is taken."""

    room: str
    """As people call it."""
    police: bool
    done: bool
    refused: bool = False
    """The homeserver would not."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a card shows beside its case."""

    alike: tuple[Alike, ...] = ()
    merged: tuple[Case, ...] = ()
    removals: tuple[Removal, ...] = ()


class Cards:
    """Makes cards.

    Args:
        rules: know the reporter's shop, the regions' names, and what goes to the police.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._roster = rules.roster
        self._regions = rules.regions

    def post(self, case: Case, around: Surroundings, now: datetime) -> Sequence[Say | React]:
        """Return a new card with the reactions that answer it, to be tapped."""
        name = message_name(case, CARD)
        keys = [APPROVE]
        if self._chooses_police(case):
            keys.append(APPROVE_WITH_POLICE)
        if self._rules.may_go_first(case) and not self._rules.goes_first(case):
            keys.append(POLICE_FIRST)
        keys += [ASK, REJECT]
        values = self._values(case, around, now)
        card = Say(ReviewRoom(), "review/card", values, name=name, alerts_room=True)
        return [card, *(React(ReviewRoom(), name, key) for key in keys)]

    def update(self, case: Case, around: Surroundings, now: datetime) -> Say:
        """Return the card's edit after its ``case.revision``-th change."""
        return Say(
            ReviewRoom(),
            "review/card",
            self._values(case, around, now),
            name=message_name(case, f"{CARD}/{case.revision}"),
            edits=message_name(case, CARD),
        )

    def _values(self, case: Case, around: Surroundings, now: datetime) -> dict[str, Any]:
        reporter = self._roster.person(case.reporter)
        wanted = () if case.pending is None else case.pending.regions
        return {
            "number": numbered(case),
            "case": case,
            "reporter": case.reporter,
            "shop": None if reporter is None else reporter.shop,
            "lines": lines(case.fields, Audience.MEMBERS),
            "police_too": self._rules.read_by_police.beside_members(case.fields),
            "only_here": self._rules.read_by_police.kept_from_them(case.fields),
            "attempt": derived_attempt(case.fields) is True,
            "region": self._regions.name(case.region),
            "elsewhere": self._elsewhere(case),
            "shared_with": [self._regions.name(code) for code in case.regions],
            "wanted": [self._regions.name(code) for code in wanted],
            "police": self._chooses_police(case),
            "along": self._rules.goes_along(case),
            "first": self._rules.goes_first(case) and case.ahead_at is None,
            "marks": self._rules.may_go_first(case) and case.ahead_at is None,
            "happened": _happened(case, now),
            "reported": _age(case, now),
            "took": None if case.time_to_decision is None else _minutes(case.time_to_decision),
            "others": [(one, _age(one.case, now)) for one in around.alike],
            "merged": [numbered(one) for one in around.merged],
            "removals": around.removals,
            "open": case.status is Status.SUBMITTED,
            **shown(all_in(texts(case.fields)) if case.status is Status.SUBMITTED else ()),
        }

    def _elsewhere(self, case: Case) -> Region | None:
        """Return the region that a report is about, when that is not its reporter's."""
        place = case.fields.place
        return None if place is None else self._regions.elsewhere(place, case.region)

    def _chooses_police(self, case: Case) -> bool:
        """Tell whether a moderator may choose that a report goes to the police too, or not."""
        rules = self._rules
        itself = rules.goes_along(case) or rules.goes_first(case) or case.ahead_at is not None
        return rules.has_police(case.region) and not itself


def card_number(message: str | None) -> int | None:
    """Return the number of the case whose card this message is; None for any other message."""
    match (message or "").split("/"):
        case ["case", number, "card"] if number.isdecimal():
            return int(number)
    return None


def _happened(case: Case, now: datetime) -> int | None:
    """Return how many minutes ago it was; None while that is not known to the hour."""
    time = case.fields.time
    if time is None or time.precision in (Precision.PART_OF_DAY, Precision.DAY):
        return None
    return _minutes(now - time.end)


def _age(case: Case, now: datetime) -> int:
    return _minutes(now - (case.submitted_at or now))


def _minutes(span: timedelta) -> int:
    return max(0, int(span.total_seconds() // 60))
