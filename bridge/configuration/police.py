"""What the operator sets about the police."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator

from bridge.configuration.nearest import suggestion
from bridge.configuration.section import Section, TypeOfReport
from bridge.regions import PoliceUnit
from bridge.reports.fields import FieldName, ReportType
from bridge.reports.shown import FOR_POLICE, USUAL, PoliceReading

MARKED: Final = "gemarkeerd"
"""Beside the types of a report, what may go to the police first: whatever a moderator marks."""


def _goes_first(value: str) -> str:
    known = [MARKED, *(kind.value for kind in ReportType)]
    if value not in known:
        raise ValueError("is nothing that can go to the police first" + suggestion(value, known))
    return value


def _for_police(value: object) -> object:
    known = [name.value for name in FOR_POLICE]
    if value not in known:
        raise ValueError("is no field that police can be let read" + suggestion(value, known))
    return value


class PoliceSettings(Section):
    """What the police get, and when."""

    units: tuple[PoliceUnit, ...] = ()
    """Units that serve other areas than one region; a region in none of them is a unit itself."""

    fields: tuple[Annotated[FieldName, BeforeValidator(_for_police)], ...] = tuple(
        name for name in FOR_POLICE if name in USUAL.more
    )
    """What they read of a report beside what members do."""

    always: tuple[TypeOfReport, ...] = ()
    """Types that go to the police whenever they are shared, chosen or not."""

    first: tuple[Annotated[str, AfterValidator(_goes_first)], ...] = ()
    """Types that one moderator's ✅ takes to the police, before the members' share is decided on;
    ``gemarkeerd``: any report that a moderator marks."""

    @property
    def reading(self) -> PoliceReading:
        """What police officers read of a report."""
        return PoliceReading(frozenset(self.fields))
