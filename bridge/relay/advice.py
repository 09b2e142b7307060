"""Advice that follows from how it was done: what a colleague can do today against the same.

::

    tags of the modus operandi ─▶ Advice ─▶ templates/<language>/words.yaml, section "advice"

The sentences are the federation's to edit, without a release; an empty one is not shown. Source:
the jewellers' warning app, where advice follows from the modus operandi (a shutter jacked up and
no floor lock: fit a floor lock).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from bridge.reports.mo_tags import MoTag
from bridge.reports.report import ReportFields


class Advice(StrEnum):
    """Each is the tag it follows from, the most pressing first."""

    HOSTAGE = "gijzelen"
    AMBUSHED_AT_CLOSING = "na sluiting opgewacht"
    FOLLOWING = "volgen"
    SHUTTER_JACKED = "rolluik opgekrikt"
    VEHICLE = "voertuig"
    EXPLOSIVE = "explosief"
    HEAVY_FIREWORKS = "zwaar vuurwerk"
    AIRLOCK_ABUSED = "sluis misbruikt"
    SHOWCASE_SMASHED = "vitrine ingeslagen"
    SLEDGEHAMMER = "moker"
    FALSE_CAPACITY = "valse hoedanigheid"
    SWAPPING = "wisselen"
    DISTRACTION = "afleiden"
    SNATCHING = "grissen"
    FAKE_JEWELLERY = "namaaksieraad"
    NEIGHBOURING_BUILDING = "via buurpand"
    ROOF = "dak"
    SAFE = "kluis"
    JAMMER = "jammer"
    DOOR_FORCED = "deur geforceerd"
    WINDOW_SMASHED = "ruit ingeslagen"
    CROWBAR = "breekijzer"
    ANGLE_GRINDER = "slijptol"
    ASKS_CLOSING_TIME = "vraagt naar sluitingstijd"
    ASKS_SECURITY = "vraagt naar beveiliging"
    PHOTOGRAPHING = "fotograferen"
    REPEATED_VISIT = "herhaald bezoek"
    TRACKER = "tracker"
    DRONE = "drone"


MOST: Final = 2
"""More than this and nobody reads any."""

_OF_TAG: Final = {MoTag(advice.value): advice for advice in Advice}


def advice_for(report: ReportFields) -> tuple[Advice, ...]:
    """Return the advice that follows from a report, the most pressing first."""
    found = {_OF_TAG[tag] for tag in report.tags if tag in _OF_TAG}
    return tuple(advice for advice in Advice if advice in found)[:MOST]
