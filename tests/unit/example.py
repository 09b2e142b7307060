"""An example network for tests of pure decisions: who takes part, and a case of theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from appservice.ids import UserID
from bridge.configuration import Configuration, parse
from bridge.members.register import entries, together
from bridge.members.roster import Person, Roster
from bridge.moderation.card import Cards
from bridge.moderation.choice import Rules
from bridge.regions import RegionCode, Regions
from bridge.reports import EventTime, Precision, ReportFields, ReportType
from bridge.reports.case import Case, CaseNumber, Status

HERE, ELSEWHERE = RegionCode("midden-nederland"), RegionCode("amsterdam")
NOW = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)

ANNA = UserID("@anna:example.org")
"""A jeweller."""
BAS = UserID("@bas:example.org")
"""A jeweller in another region, who reads English."""
MIA, MAX = UserID("@mia:example.org"), UserID("@max:example.org")
"""Moderators."""
CORA = UserID("@cora:example.org")
"""A coordinator."""
OLGA = UserID("@olga:example.org")
"""A jeweller who is a moderator too."""
PIET = UserID("@piet:police.example")
"""A police officer."""
NORA = UserID("@nora:police.example")
"""A police officer of the national unit, where there is one."""
STRANGER = UserID("@stranger:example.org")

SHOP = "Juwelier Zilverberg"

_FILE = Path("/srv/goudwacht/goudwacht.yaml")


def configuration(**sections: Any) -> Configuration:
    """The example's configuration, with sections of the file replaced."""
    written = {
        "homeserver": {"url": "http://localhost:8008", "name": "example.org"},
        "database": {"secret": "s" * 43},
        "federation": {"allowed_servers": ["police.example"]},
        "regions": [
            {"code": HERE, "name": "Midden-Nederland", "neighbours": [ELSEWHERE], "police": True},
            {"code": ELSEWHERE, "name": "Amsterdam", "neighbours": [HERE]},
        ],
        "coordinators": [CORA],
        "moderators": [MIA, MAX, OLGA],
        "members": [
            {"user": ANNA, "region": HERE, "shop": SHOP},
            {"user": OLGA, "region": HERE},
            {"user": BAS, "region": ELSEWHERE, "language": "en"},
        ],
        "liaisons": [{"user": PIET, "region": HERE}],
        "moderation": {"two_moderators": []},
        "reports": {"most_a_minute": 1_000},
        **sections,
    }
    return parse(yaml.safe_dump(written), _FILE)


def roster(settings: Configuration) -> Roster:
    """Who takes part by a configuration alone, as after the first start with it."""
    people: dict[UserID, Person] = {}
    for _, person in entries(settings):
        known = people.get(person.user)
        people[person.user] = person if known is None else together(known, person)
    return Roster(people.values(), settings.may_take_part)


CONFIGURATION = configuration()
ROSTER = roster(CONFIGURATION)
REGIONS = Regions(CONFIGURATION.regions)
CARDS = Cards(Rules(REGIONS, ROSTER))

FIELDS = ReportFields(
    type=ReportType.BURGLARY,
    place="Utrecht",
    street="Steenweg 12",
    time=EventTime(NOW, NOW, Precision.MINUTE),
    mo="deur geforceerd",
    declaration=True,
    declaration_reference="PL0900-2026",
)


def draft(fields: ReportFields = FIELDS, reporter: UserID = ANNA) -> Case:
    """A report that its reporter is still writing."""
    return Case(
        id=1,
        number=None,
        reporter=reporter,
        region=HERE,
        status=Status.DRAFT,
        fields=fields,
        opened_at=NOW,
    )


def submitted(fields: ReportFields = FIELDS, reporter: UserID = ANNA) -> Case:
    """A report that waits for a moderator."""
    return Case(
        id=1,
        number=CaseNumber(42),
        reporter=reporter,
        region=HERE,
        status=Status.SUBMITTED,
        fields=fields,
        opened_at=NOW,
        submitted_at=NOW,
    )
