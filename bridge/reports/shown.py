"""Which fields of a report who may read.

What goes to members follows the federation's rule (source: the jewellers' warning app): general
traits of offenders, the way of working, place, time and type; never what points at a person.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from bridge.reports.fields import FieldName
from bridge.reports.report import ReportFields, derived_attempt


class Audience(StrEnum):
    """Who reads."""

    MEMBERS = "members"
    MODERATORS = "moderators"


@dataclass(frozen=True, slots=True)
class Line:
    """One field and what it says; ``values`` holds enums and texts, to be put in words."""

    name: FieldName
    values: tuple[Any, ...]


_MEMBERS = (
    FieldName.TIME,
    FieldName.OFFENDERS,
    FieldName.DESCRIPTION,
    FieldName.MO,
    FieldName.MO_TAGS,
    FieldName.WEAPON,
    FieldName.LOOT,
    FieldName.ESCAPE,
    FieldName.PREVENTION,
)
_MODERATORS = (
    FieldName.TYPE,
    FieldName.ATTEMPT,
    FieldName.PLACE,
    FieldName.STREET,
    FieldName.PUBLISH_STREET,
    FieldName.ONGOING,
    *_MEMBERS,
    FieldName.INJURY,
    FieldName.FOOTAGE,
    FieldName.CALLED_112,
    FieldName.DECLARATION,
    FieldName.DECLARATION_REFERENCE,
    FieldName.SERIALS,
)
FOR_POLICE = (
    FieldName.ONGOING,
    FieldName.STREET,
    FieldName.INJURY,
    FieldName.FOOTAGE,
    FieldName.CALLED_112,
    FieldName.DECLARATION,
    FieldName.DECLARATION_REFERENCE,
    FieldName.SERIALS,
)
"""What police officers can be let read beside what members read: what points at no person."""
_READ_BY = {
    Audience.MEMBERS: _MEMBERS,
    Audience.MODERATORS: _MODERATORS,
}


def lines(report: ReportFields, audience: Audience) -> tuple[Line, ...]:
    """Return what ``audience`` reads of a report, in reading order; what was not said is left out.

    Type, attempt and place are the heading for members, and so not among their lines.
    """
    return tuple(
        Line(name, values) for name in _READ_BY[audience] if (values := value_of(report, name))
    )


@dataclass(frozen=True, slots=True)
class PoliceReading:
    """What police officers read of a report: what members do, and what the operator lets them.

    Attributes:
        more: fields of :data:`FOR_POLICE` (``police.fields`` of the configuration).
    """

    more: Set[FieldName] = frozenset(
        # Whether it was going on is out of date by the time that members read it.
        {
            FieldName.ONGOING,
            FieldName.INJURY,
            FieldName.FOOTAGE,
            FieldName.CALLED_112,
            FieldName.SERIALS,
        }
    )

    def lines(self, report: ReportFields) -> tuple[Line, ...]:
        """Return what they read, in reading order; the heading is the members'."""
        names = {line.name for line in lines(report, Audience.MEMBERS)} | self.more
        if street(report) is not None:
            names -= {FieldName.STREET}  # it stands in the heading
        return tuple(line for line in lines(report, Audience.MODERATORS) if line.name in names)

    def beside_members(self, report: ReportFields) -> tuple[Line, ...]:
        """Return what they read of a report, if it goes to them, and members do not."""
        public = {line.name for line in lines(report, Audience.MEMBERS)}
        return tuple(line for line in self.lines(report) if line.name not in public)

    def kept_from_them(self, report: ReportFields) -> tuple[Line, ...]:
        """Return what moderators alone read of a report, in reading order.

        Whether a street may be published goes with the street.
        """
        others = {line.name for line in self.lines(report)}
        others |= {FieldName.TYPE, FieldName.ATTEMPT, FieldName.PLACE}
        if street(report) is not None:
            others |= {FieldName.STREET, FieldName.PUBLISH_STREET}
        return tuple(line for line in lines(report, Audience.MODERATORS) if line.name not in others)


USUAL: Final = PoliceReading()
"""What they read where the operator says nothing."""
NO_POLICE: Final = PoliceReading(frozenset())
"""Where there are none: what members do not read, moderators alone do."""


def texts(report: ReportFields) -> tuple[str, ...]:
    """Return everything in a report that was kept as it was typed, field by field."""
    return tuple(
        value
        for name in _READ_BY[Audience.MODERATORS]
        for value in value_of(report, name)
        if type(value) is str
    )


def street(report: ReportFields) -> str | None:
    """Return the street if the reporter said that it may be published."""
    return report.street if report.publish_street else None


def value_of(report: ReportFields, name: FieldName) -> tuple[Any, ...]:
    """Return what a field says, to be put in words; empty when nothing was said."""
    match name:
        case FieldName.ATTEMPT:
            value: Any = derived_attempt(report)
        case FieldName.ONGOING:
            value = report.ongoing or None
        case FieldName.MO_TAGS:
            return report.tags
        case FieldName.LOOT:
            return report.loot + (() if report.loot_note is None else (report.loot_note,))
        case _:
            value = getattr(report, name)
    return () if value is None else (value,)
