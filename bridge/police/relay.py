"""The police's version of an alert, for the liaison rooms of the regions it went to."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.places import LiaisonRoom
from bridge.regions import RegionCode
from bridge.relay.alert import heading
from bridge.reports.case import Case, message_name, numbered
from bridge.reports.shown import Audience, lines
from bridge.speech import Say


def relayed(case: Case, regions: Sequence[RegionCode]) -> tuple[Say, ...]:
    """Return the relayed alert for each of ``regions``, all of which have a liaison room."""
    return tuple(
        Say(
            LiaisonRoom(region),
            "police/alert",
            {
                "number": numbered(case),
                **heading(case.fields),
                "lines": lines(case.fields, Audience.POLICE),
            },
            name=message_name(case, f"police/{region}"),
            alerts_room=True,
            late="police/late",
        )
        for region in regions
    )
