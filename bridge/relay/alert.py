"""The alert: what every member of a region reads of an approved report.

The reporter and the shop are not in a :class:`~bridge.reports.report.ReportFields`, and nothing
but those fields comes in here: they cannot be in an alert.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bridge.places import AlertRoom
from bridge.regions import RegionCode
from bridge.relay.advice import advice_for
from bridge.relay.map import map_of
from bridge.reports.case import Case, message_name, numbered
from bridge.reports.report import ReportFields, derived_attempt
from bridge.reports.shown import Audience, lines, street
from bridge.speech import Say


def alerts(case: Case, regions: Sequence[RegionCode]) -> tuple[Say, ...]:
    """Return one alert for each region, the same text in each."""
    return tuple(
        Say(
            AlertRoom(region),
            "alert/alert",
            {
                "number": numbered(case),
                **heading(case.fields),
                "lines": public(case.fields),
                "advice": advice_for(case.fields),
                "map": map_of(case.fields.place, case.region),
            },
            name=message_name(case, f"alert/{region}"),
            alerts_room=True,
            late="alert/late",
            let_through=frozenset(case.let_through),
        )
        for region in regions
    )


def heading(report: ReportFields) -> dict[str, Any]:
    """Return what the first line of an alert needs: type, attempt, town, street if it may."""
    return {
        "type": report.type,
        "attempt": derived_attempt(report) is True,
        "place": report.place,
        "street": street(report),
    }


def public(report: ReportFields) -> Sequence[object]:
    """Return what members read below the heading."""
    return lines(report, Audience.MEMBERS)
