"""What a report says: its fields, how they merge, what is missing, how they are kept.

Nothing in here is an offender's or a reporter's identity: there is no field for a person.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final

from pydantic import ConfigDict, TypeAdapter, ValidationError

from bridge.reports.event_time import EventTime
from bridge.reports.fields import FieldName, Loot, ReportType, Weapon
from bridge.reports.mo_tags import MoTag, tags_in

REQUIRED: Final = (FieldName.TYPE, FieldName.PLACE, FieldName.TIME)
"""What a report needs before it can be sent."""

JsonValue = str | int | bool | None | list["JsonValue"] | dict[str, "JsonValue"]


class ReportFormatError(ValueError):
    """Stored fields that do not fit; the text names each and says what to do."""


@dataclass(frozen=True, slots=True)
class Count:
    """From ``low`` to ``high``; ``high`` is None for "at least ``low``"."""

    low: int
    high: int | None

    def __post_init__(self) -> None:
        if self.low < 1 or (self.high is not None and self.high < self.low):
            raise ValueError(f"{self.low} to {self.high} is no count of people")

    def __str__(self) -> str:
        """Return it in signs that need no translation: "2", "2–3", "≥ 3"."""  # noqa: RUF002
        if self.high is None:
            return f"≥ {self.low}"
        return str(self.low) if self.high == self.low else f"{self.low}–{self.high}"  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class ReportFields:
    """One attribute per :class:`~bridge.reports.fields.FieldName`; None or empty is "not said".

    ``attempt`` is what the reporter said; :func:`derived_attempt` is what holds. ``street`` is
    shown outside the review room only if ``publish_street`` is true. ``mo_tags`` are those that
    somebody listed; :attr:`tags` adds those found in the text. ``loot_note`` is what was said of
    the loot beyond its categories. ``declaration_reference`` and ``serials`` are never published.
    """

    type: ReportType | None = None
    attempt: bool | None = None
    place: str | None = None
    street: str | None = None
    publish_street: bool | None = None
    time: EventTime | None = None
    ongoing: bool | None = None
    offenders: Count | None = None
    description: str | None = None
    mo: str | None = None
    mo_tags: tuple[MoTag, ...] = ()
    weapon: Weapon | None = None
    injury: bool | None = None
    loot: tuple[Loot, ...] = ()
    loot_note: str | None = None
    escape: str | None = None
    prevention: str | None = None
    footage: bool | None = None
    called_112: bool | None = None
    declaration: bool | None = None
    declaration_reference: str | None = None
    serials: str | None = None

    __pydantic_config__ = ConfigDict(extra="forbid")

    @property
    def tags(self) -> tuple[MoTag, ...]:
        """The tags that were listed and those found in ``mo`` and ``escape``, each once."""
        return tuple(dict.fromkeys(self.mo_tags + tags_in(self.mo, self.escape)))

    def to_json(self) -> dict[str, JsonValue]:
        """Return what was said, in the order of the fields; what was not said is left out."""
        stored: dict[str, JsonValue] = _STORED.dump_python(self, mode="json", exclude_defaults=True)
        return stored

    @staticmethod
    def from_json(stored: dict[str, JsonValue]) -> ReportFields:
        """Return the fields that :meth:`to_json` stored.

        Raises :class:`ReportFormatError` when a name or a value is not one of ours.
        """
        try:
            return _STORED.validate_python(stored)
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
            )
            raise ReportFormatError(
                f"stored report fields do not fit this version ({wrong}): "
                "were they written by a newer one? Upgrade goudwacht"
            ) from error


_STORED: Final[TypeAdapter[ReportFields]] = TypeAdapter(ReportFields)


def length(report: ReportFields) -> int:
    """Return the characters of everything in a report that was kept as it was typed."""
    return sum(len(value) for value in report.to_json().values() if isinstance(value, str))


def missing(report: ReportFields) -> tuple[FieldName, ...]:
    """Return the required fields that were not said yet, in the order to ask for them."""
    return tuple(name for name in REQUIRED if getattr(report, name) is None)


def apply(report: ReportFields, more: ReportFields) -> ReportFields:
    """Return ``report`` with everything that ``more`` says; what ``more`` says wins.

    A place or a loot that is said again replaces the old one whole: the note goes with the old
    loot, and with the old place its street and the leave to publish that.
    """
    said: dict[str, Any] = {
        field.name: value
        for field in fields(more)
        if (value := getattr(more, field.name)) not in (None, ())
    }
    if more.place is not None and more.place != report.place:
        said = {"street": None, "publish_street": None} | said
    if more.loot or more.loot_note:
        said |= {"loot": more.loot, "loot_note": more.loot_note}
    return replace(report, **said)


def derived_attempt(report: ReportFields) -> bool | None:
    """Return whether it stayed an attempt, by the police definition where there is one.

    For a robbery what was taken decides, whatever the reporter calls it: nothing makes it an
    attempt, anything however small completes it (Taskforce Overvallen, footnote 35). For all
    else, and while nobody knows what was taken, it is what the reporter said.
    """
    if report.type is not ReportType.ROBBERY:
        return report.attempt
    if set(report.loot) - {Loot.NOTHING, Loot.UNKNOWN}:
        return False
    if Loot.NOTHING in report.loot:
        return True
    if report.loot_note and not report.loot:
        return False
    return report.attempt
