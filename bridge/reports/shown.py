"""Which fields of a report who may read.

What goes to members follows the federation's rule (source: the jewellers' warning app): general
traits of offenders, the way of working, place, time and type; never what points at a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bridge.reports.fields import FieldName
from bridge.reports.report import ReportFields, derived_attempt


class Audience(StrEnum):
    """Who reads."""

    MEMBERS = "members"
    POLICE = "police"
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
# Whether it was going on is out of date by the time that members read it.
_POLICE = (FieldName.ONGOING, *_MEMBERS, FieldName.INJURY, FieldName.FOOTAGE, FieldName.CALLED_112)
_MODERATORS = (
    FieldName.TYPE,
    FieldName.ATTEMPT,
    FieldName.PLACE,
    FieldName.STREET,
    FieldName.PUBLISH_STREET,
    *_POLICE,
    FieldName.DECLARATION,
    FieldName.DECLARATION_REFERENCE,
)
_READ_BY = {
    Audience.MEMBERS: _MEMBERS,
    Audience.POLICE: _POLICE,
    Audience.MODERATORS: _MODERATORS,
}


def lines(report: ReportFields, audience: Audience) -> tuple[Line, ...]:
    """Return what ``audience`` reads of a report, in reading order; what was not said is left out.

    Type, attempt and place are the heading for members and police, and so not among their lines.
    """
    return tuple(
        Line(name, values) for name in _READ_BY[audience] if (values := value_of(report, name))
    )


def police_too(report: ReportFields) -> tuple[Line, ...]:
    """Return what police read of a report, if it goes to them, and members do not."""
    public = {line.name for line in lines(report, Audience.MEMBERS)}
    return tuple(line for line in lines(report, Audience.POLICE) if line.name not in public)


def moderators_only(report: ReportFields) -> tuple[Line, ...]:
    """Return what moderators read of a report and nobody else does, in reading order.

    Whether a street may be published goes with the street.
    """
    others = {line.name for line in lines(report, Audience.POLICE)}
    others |= {FieldName.TYPE, FieldName.ATTEMPT, FieldName.PLACE}
    if street(report) is not None:
        others |= {FieldName.STREET, FieldName.PUBLISH_STREET}
    return tuple(line for line in lines(report, Audience.MODERATORS) if line.name not in others)


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
