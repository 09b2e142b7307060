"""Aftercare: one private message to somebody who was robbed, with who helps.

Source: the Taskforce Overvallen, on Slachtofferhulp and the Schadefonds, which victims make too
little use of. The texts are templates, for the federation to edit.
"""

from __future__ import annotations

from typing import Final

from bridge.places import PrivateRoom
from bridge.reports.case import Case, message_name, numbered
from bridge.reports.fields import ReportType
from bridge.speech import Say

HARD_TO_BEAR: Final = frozenset(
    {ReportType.ROBBERY, ReportType.STREET_ROBBERY, ReportType.EXPLOSIVE_ATTACK, ReportType.THREAT}
)
"""What somebody went through themselves, an attempt as well."""


def aftercare(case: Case) -> tuple[Say, ...]:
    """Return what the reporter of such a thing reads after sending it; said once a case."""
    if case.fields.type not in HARD_TO_BEAR:
        return ()
    return (
        Say(
            PrivateRoom(case.reporter),
            "report/aftercare",
            {"number": numbered(case)},
            name=message_name(case, "aftercare"),
            quiet=True,
        ),
    )
