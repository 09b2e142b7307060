"""``goudwacht parse``: what is understood of reports as people type them.

    lines ─▶ bridge.reports.parse ─▶ fields under their Dutch names, and what would be asked

For an operator who tries the words that their members use. Nothing is sent or kept.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from bridge.command_line.failure import CommandError
from bridge.reports import FieldName, ProblemKind, ReportFields, derived_attempt, missing, parse
from bridge.reports.event_time import EventTime
from bridge.reports.fields import FIELDS
from bridge.reports.report import Count

_ZONE: Final = ZoneInfo("Europe/Amsterdam")
_STANDARD_INPUT: Final = Path("-")

FileArgument = Annotated[
    Path, typer.Argument(help="One report a line; standard input when left out.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
AtOption = Annotated[
    str,
    typer.Option("--at", help="The local time at which the lines were typed: 2026-03-12T14:30."),
]


def command(
    file: FileArgument = _STANDARD_INPUT, as_json: JsonOption = False, at: AtOption = ""
) -> None:
    """Show what is understood of reports, one a line, and what would still be asked."""
    now = _moment(at)
    try:
        text = (sys.stdin.buffer.read() if file == _STANDARD_INPUT else file.read_bytes()).decode(
            "utf-8", "replace"
        )
    except OSError as error:
        raise CommandError(f"cannot read {file}: {error.strerror}") from error
    for line in text.splitlines():
        read = understood(line, now)
        typer.echo(json.dumps(read, ensure_ascii=False) if as_json else _shown(read))


def understood(text: str, now: datetime) -> dict[str, object]:
    """Return the ``fields`` of a report typed at ``now``, and what it would ``ask``.

    Names and values are the Dutch ones. When a time lies ahead of ``now`` the text is read as if
    typed at the end of that day, so that "vanmiddag half 3" can be tried in the morning; a member
    would be asked.
    """
    parsed = parse(text, now, _ZONE)
    if any(problem.kind is ProblemKind.FUTURE_TIME for problem in parsed.problems):
        evening = now.astimezone(_ZONE).replace(hour=23, minute=59, second=0)
        parsed = parse(text, max(now, evening), _ZONE)
    asked = [_name(name) for name in missing(parsed.fields)]
    return {"fields": _named(parsed.fields), "ask": asked}


def _name(field: FieldName) -> str:
    return FIELDS.entries[field].nl[0]


def _named(report: ReportFields) -> dict[str, object]:
    """Return the fields under their Dutch names; whether it was an attempt is always among them."""
    named: dict[str, object] = {}
    for field in FieldName:
        value = getattr(report, field.value)
        if field is FieldName.ATTEMPT:
            value = derived_attempt(report) is True if report.type is not None else value
        elif field is FieldName.MO_TAGS:
            value = report.tags
        if value is None or value == ():
            continue
        named[_name(field)] = _plain(value)
    return named


def _plain(value: object) -> object:
    match value:
        case EventTime(start, end):
            first, last = (
                side.astimezone(_ZONE).isoformat(timespec="minutes") for side in (start, end)
            )
            return first if first == last else f"{first}/{last}"
        case Count(low, high):
            if high is None:
                return f"{low}+"
            return low if high == low else f"{low}-{high}"
        case tuple():
            return [str(one) for one in value]
        case bool() | int():
            return value
    return str(value)


def _shown(read: dict[str, object]) -> str:
    fields, ask = read["fields"], read["ask"]
    assert isinstance(fields, dict)  # noqa: S101 - for mypy
    assert isinstance(ask, list)  # noqa: S101
    said = "  ".join(
        f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()
    )
    return f"{said or '-'}  ask: {', '.join(ask) or '-'}"


def _moment(at: str) -> datetime:
    if not at:
        return datetime.now(_ZONE)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise CommandError(f"{at} is no time: write 2026-03-12T14:30") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=_ZONE)
