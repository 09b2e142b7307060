"""When it happened, read from the way people say it.

::

    "gisteren 23:30 - 00:15" ─▶ split a range ─▶ what each side says ─▶ EventTime in UTC

Everything is read as local time of a zone, relative to a given now. A time that lies ahead is
an error and not quietly yesterday: a warning with the wrong day is worse than a question.

Clock changes: a time that the clock skips in spring is read as a clock not yet put forward
would show it (02:30 is 03:30 summer time); a time that comes twice in autumn is the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bridge.reports.spoken_time import DayKind, Part, Said, normal, said_in


class Precision(StrEnum):
    """How exactly a time is known."""

    MINUTE = "minute"
    """A clock time, or from one to another."""
    ABOUT = "about"
    """A clock time somebody was not sure of."""
    PART_OF_DAY = "part_of_day"
    """A morning, an evening …: between start and end."""
    DAY = "day"
    """Somewhere on that day."""


@dataclass(frozen=True, slots=True)
class EventTime:
    """From ``start`` to ``end``, both in UTC; the same twice for a moment.

    Raises :class:`ValueError` for a time without a zone or an end before its start.
    """

    start: datetime
    end: datetime
    precision: Precision

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an event's time needs a zone: pass aware datetimes")
        if self.end < self.start:
            raise ValueError(f"an event cannot end ({self.end}) before it starts ({self.start})")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))


class TimeNotUnderstood(ValueError):
    """No known way to say a time."""


class TimeInFuture(ValueError):
    """A time that has yet to come."""


_NOON: Final = 12

_LONGEST: Final = 80
"""Characters of a time that are worth reading."""

_EARLIEST_YEAR: Final = 2000

_SLACK: Final = timedelta(minutes=2)
"""How far a reporter's clock may be ahead of ours."""

_NOW = frozenset(
    {
        *("nu", "net", "zojuist", "zonet", "zo net", "net nu", "daarnet", "zojuist gebeurd"),
        *("now", "just now", "right now", "a moment ago", "moments ago"),
    }
)

_AGO = re.compile(r"(?:(?:ongeveer|circa|ca\.?|zo'n|about|around) )?(?P<span>.+) (?:geleden|ago)")
_SPANS = {
    "kwartier": 15,
    "een kwartier": 15,
    "a quarter of an hour": 15,
    "half uur": 30,
    "een half uur": 30,
    "half an hour": 30,
    "drie kwartier": 45,
    "een uur": 60,
    "anderhalf uur": 90,
    "an hour and a half": 90,
}
"""Spans that dateparser does not know, in minutes."""

_SHORT_UNIT = re.compile(r"\b(?:uur|uren|u|min|minuut|minuten|mins?|minutes?|hours?|hrs?)\b")

# The hours a part of the day covers when no clock time is given; hours below 0 are of the day
# before. And the hours of a clock time that somebody may mean by it.
_PART_HOURS: Final = {
    Part.NIGHT: (0, 6),
    Part.MORNING: (6, 12),
    Part.AFTERNOON: (12, 18),
    Part.EVENING: (18, 24),
    Part.LAST_NIGHT: (-6, 6),
}
_CLOCK_HOURS: Final = {
    Part.NIGHT: {*range(20, 24), *range(7)},
    Part.MORNING: {*range(4, 13)},
    Part.AFTERNOON: {*range(12, 19)},
    Part.EVENING: {*range(17, 24)},
    Part.LAST_NIGHT: {*range(17, 24), *range(6)},
}

_RANGE = re.compile(r" ?(?P<sign>-| (?:tot en met|t/m|tot|until|till|to|en|and) ) ?")
_RANGE_START = re.compile(r"^(?:van|vanaf|from|tussen|between) ")

_HOUR_UNIT = re.compile(r"(?:uur|u|o'clock|[ap]\.?m\.?)$")
_BARE_HOUR = re.compile(r"(?<![\d:./-])\d{1,2}$")

FOUR_DIGITS = re.compile(r"([01]\d|2[0-3])([0-5]\d)")
"""A clock time as people type it in a hurry: "1645"."""
_UNSIGNED = re.compile(
    rf"^((?:[^\W\d_]+ )?(?:(?:om|rond|omstreeks|tegen|at|around|about) )?){FOUR_DIGITS.pattern}"
    r"(?= uur$| u$|$)"
)

_ISO = re.compile(r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:z|[+-]\d\d:?\d\d)?")


def read_time(text: str, now: datetime, zone: ZoneInfo) -> EventTime:
    """Return the time that ``text`` names, said at ``now`` (aware) by somebody in ``zone``.

    Raises :class:`TimeNotUnderstood` for what is no known way to say a time, and
    :class:`TimeInFuture` for a time more than two minutes ahead of ``now``.
    """
    phrase = normal(text[: _LONGEST + 1])
    if not phrase or len(phrase) > _LONGEST:
        raise TimeNotUnderstood(text)
    if phrase in _NOW:
        return _moment(now.replace(second=0, microsecond=0), Precision.MINUTE)
    phrase = _UNSIGNED.sub(r"\1\2:\3", phrase)
    try:
        when = (
            _iso(phrase, zone)
            or _ago(phrase, now)
            or _range(phrase, now, zone)
            or _single(phrase, now, zone)
        )
    except TimeInFuture:
        raise
    except (ValueError, OverflowError) as error:
        raise TimeNotUnderstood(text) from error
    if when.start.year < _EARLIEST_YEAR:
        raise TimeNotUnderstood(text)
    _refuse_future(when.end, now)
    return when


def _iso(phrase: str, zone: ZoneInfo) -> EventTime | None:
    if not _ISO.fullmatch(phrase):
        return None
    when = datetime.fromisoformat(phrase.upper())
    when = when if when.tzinfo else when.replace(tzinfo=zone)
    return _moment(when.replace(second=0, microsecond=0), Precision.MINUTE)


def _ago(phrase: str, now: datetime) -> EventTime | None:
    found = _AGO.fullmatch(phrase)
    if found is None or not (found["span"] in _SPANS or _SHORT_UNIT.search(phrase)):
        return None
    if found["span"] in _SPANS:
        when = now - timedelta(minutes=_SPANS[found["span"]])
    else:
        # Only here, and of everything the slowest to import: a start does not wait for it.
        import dateparser

        # In UTC: an hour ago is an hour ago on the night the clock changes, too.
        parsed = dateparser.parse(
            f"{found['span']} ago" if phrase.endswith("ago") else f"{found['span']} geleden",
            languages=["nl", "en"],
            settings={
                "RELATIVE_BASE": now.astimezone(UTC).replace(tzinfo=None),
                "PARSERS": ["relative-time"],
            },
        )
        if parsed is None:
            return None
        when = parsed.replace(tzinfo=UTC)
    return _moment(when.replace(second=0, microsecond=0), Precision.ABOUT)


def _range(phrase: str, now: datetime, zone: ZoneInfo) -> EventTime | None:
    """Read "14:00-14:30" and the like; None when neither half is a clock time by itself."""
    today = now.astimezone(zone).date()
    text, opened = _RANGE_START.subn("", phrase)
    for sign, first, last in _halves(text):
        try:
            start = said_in(first, today, bare_hour=bool(opened) and sign != "-")
            end = said_in(last, today)
        except (ValueError, OverflowError):
            continue
        if start.clock and end.clock:
            return _between(start, end, now, zone)
    return None


def _halves(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield every way to cut a range in two: the sign between, and what stands before and after.

    In "9-10 uur" the unit belongs to both hours.
    """
    for found in _RANGE.finditer(text):
        first, last = text[: found.start()].strip(), text[found.end() :].strip()
        unit = _HOUR_UNIT.search(last)
        if unit and _BARE_HOUR.search(first):
            first = f"{first} {unit[0]}"
        yield found["sign"], first, last


def _between(start: Said, end: Said, now: datetime, zone: ZoneInfo) -> EventTime:
    if end.part is None:
        end = replace(end, part=start.part)
    first = _at(start, now, zone)
    if end.day is not None:
        last = _at(end, now, zone)
    else:
        day = first.astimezone(zone).date()
        last = _on(day, _clock(end), zone)
        if last < first and start.day is not None:
            last = _on(day + timedelta(days=1), _clock(end), zone)
        elif last < first:
            # Past midnight and no day given: the night that just ended.
            first = _on(day - timedelta(days=1), _clock(start), zone)
    about = start.about or end.about
    return EventTime(first, last, Precision.ABOUT if about else Precision.MINUTE)


def _single(phrase: str, now: datetime, zone: ZoneInfo) -> EventTime:
    said = said_in(phrase, now.astimezone(zone).date())
    if said.clock is not None:
        precision = Precision.ABOUT if said.about else Precision.MINUTE
        return _moment(_at(said, now, zone), precision)
    day = said.day.date if said.day else now.astimezone(zone).date()
    from_hour, to_hour = _PART_HOURS[said.part] if said.part else (0, 24)
    start, end = (_on_the_hour(day, hour, zone) for hour in (from_hour, to_hour))
    _refuse_future(start, now)
    # A day that is not over: what happened, happened before now.
    end = max(start, min(end, now.replace(second=0, microsecond=0)))
    return EventTime(start, end, Precision.PART_OF_DAY if said.part else Precision.DAY)


def _at(said: Said, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment that a day (today when none was named) and a clock time make."""
    today = now.astimezone(zone).date()
    day = said.day.date if said.day else today
    clock = _clock(said)
    night = said.part in (Part.NIGHT, Part.LAST_NIGHT)
    if night and clock.hour >= _NOON and _names_the_night(said, today):
        day -= timedelta(days=1)
    when = _on(day, clock, zone)
    if said.twelve_hour and said.part is None and clock.hour < _NOON:
        # "half tien": of the two, the later one that has been.
        afternoon = _on(day, clock.replace(hour=clock.hour + _NOON), zone)
        when = afternoon if afternoon <= now + _SLACK else when
    return when


def _names_the_night(said: Said, today: date) -> bool:
    """Whether the night is the one that ended today: its evening was yesterday's."""
    return said.day is None or (said.day.kind is DayKind.EXACT and said.day.date == today)


def _clock(said: Said) -> time:
    """Return the clock time as the part of the day has it: 9 in the evening is 21:00.

    Raises :class:`ValueError` when the two contradict each other.
    """
    if said.clock is None:
        raise ValueError("no clock time was said")
    if said.part is None:
        return said.clock
    for hour in (said.clock.hour, (said.clock.hour + _NOON) % 24):
        if hour in _CLOCK_HOURS[said.part] and (hour == said.clock.hour or said.clock.hour <= 12):
            return said.clock.replace(hour=hour)
    raise ValueError(f"{said.clock} is not in the {said.part.name}")


def _on(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return a local time in UTC; zoneinfo's ``fold=0`` is the rule for clock changes."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _on_the_hour(day: date, hour: int, zone: ZoneInfo) -> datetime:
    days, hour = divmod(hour, 24)
    return _on(day + timedelta(days=days), time(hour), zone)


def _moment(when: datetime, precision: Precision) -> EventTime:
    return EventTime(when, when, precision)


def _refuse_future(when: datetime, now: datetime) -> None:
    if when > now + _SLACK:
        raise TimeInFuture(when.isoformat())
