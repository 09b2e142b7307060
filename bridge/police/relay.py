"""The police's version of an alert, for the liaison rooms of the units that want it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.places import LiaisonRoom
from bridge.regions import RegionCode
from bridge.relay.alert import heading
from bridge.reports.case import SHARED, Case, Status, message_name, numbered
from bridge.reports.shown import PoliceReading
from bridge.speech import Say


def relayed(case: Case, units: Sequence[RegionCode], reading: PoliceReading) -> tuple[Say, ...]:
    """Return the relayed alert for each of ``units``, all of which have a liaison room."""
    return tuple(
        Say(
            LiaisonRoom(unit),
            "police/alert",
            values(case, reading),
            name=message_name(case, f"police/{unit}"),
            alerts_room=True,
            late="police/late",
            let_through=frozenset(case.let_through),
        )
        for unit in units
    )


def values(case: Case, reading: PoliceReading) -> Mapping[str, Any]:
    """Return what the police's words for a case are made of."""
    return {
        "number": numbered(case),
        **heading(case.fields),
        "lines": reading.lines(case.fields),
        "waits": case.status is Status.SUBMITTED and case.ahead_at is not None,
        "alone": case.status in SHARED and not case.regions,
    }
