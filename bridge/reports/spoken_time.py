"""What a phrase says about a time, before anybody asks which time that is.

"gisteravond rond 9 uur" says: the day before, an evening, nine o'clock, not exactly. The
phrases are Dutch and English; :mod:`bridge.reports.event_time` makes times of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from enum import Enum, auto
from typing import Final


class Part(Enum):
    """A part of the day."""

    NIGHT = auto()
    MORNING = auto()
    AFTERNOON = auto()
    EVENING = auto()
    LAST_NIGHT = auto()
    """English speakers' last night: from the evening before into the small hours."""


class DayKind(Enum):
    """How a day was named."""

    EXACT = auto()
    NO_YEAR = auto()
    WEEKDAY = auto()


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it was named: ``date`` is the nearest reading in the past."""

    date: date
    kind: DayKind


@dataclass(frozen=True, slots=True)
class Said:
    """What was said; None for what was not."""

    day: Day | None = None
    part: Part | None = None
    clock: time | None = None
    twelve_hour: bool = False
    """The clock was said in words and may be before or after noon."""
    about: bool = False


def normal(text: str) -> str:
    """Return a phrase as it is read: NFKC, no accents, no case, one kind of dash and quote."""
    compatible = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(sign for sign in compatible if not unicodedata.combining(sign))
    bare = re.sub("[‐-―−]", "-", bare)  # noqa: RUF001
    return " ".join(re.sub("[‘’`´]", "'", bare).split()).strip(" .,;\"'")  # noqa: RUF001


def _numbered(listed: str, first: int) -> dict[str, int]:
    """Return each word of "een one|twee two" with the number of its group."""
    groups = enumerate(listed.split("|"), start=first)
    return {word: number for number, group in groups for word in group.split()}


_NUMBERS: Final = _numbered(
    "een one|twee two|drie three|vier four|vijf five|zes six|zeven seven|acht eight|negen nine"
    "|tien ten|elf eleven|twaalf twelve",
    first=1,
) | {"kwart": 15, "quarter": 15, "half": 30, "twintig": 20, "twenty": 20}

_MONTHS: Final = _numbered(
    "januari january jan|februari february feb|maart march mrt mar|april apr|mei may"
    "|juni june jun|juli july jul|augustus august aug|september sept sep"
    "|oktober october okt oct|november nov|december dec",
    first=1,
)

_WEEKDAYS: Final = _numbered(
    "maandag monday|dinsdag tuesday|woensdag wednesday|donderdag thursday|vrijdag friday"
    "|zaterdag saturday|zondag sunday",
    first=0,
)

# Phrase -> days back (None: the phrase names no day) and part of the day.
_PARTS: Final[dict[str, tuple[int | None, Part]]] = {
    "gisterochtend": (1, Part.MORNING),
    "gistermorgen": (1, Part.MORNING),
    "gistermiddag": (1, Part.AFTERNOON),
    "gisteravond": (1, Part.EVENING),
    "gisternacht": (0, Part.LAST_NIGHT),
    "afgelopen nacht": (0, Part.NIGHT),
    "vannacht": (0, Part.NIGHT),
    "vanochtend": (0, Part.MORNING),
    "vanmorgen": (0, Part.MORNING),
    "vanmiddag": (0, Part.AFTERNOON),
    "vanavond": (0, Part.EVENING),
    "last night": (0, Part.LAST_NIGHT),
    "this morning": (0, Part.MORNING),
    "this afternoon": (0, Part.AFTERNOON),
    "this evening": (0, Part.EVENING),
    "tonight": (0, Part.EVENING),
    **{
        f"{before}{word}": (None, part)
        for word, part in (
            ("nachts", Part.NIGHT),
            ("ochtends", Part.MORNING),
            ("morgens", Part.MORNING),
            ("middags", Part.AFTERNOON),
            ("avonds", Part.EVENING),
        )
        for before in ("'s ", "'s", "s ")
    },
    **{
        word: (None, part)
        for words, part in (
            ("nacht night", Part.NIGHT),
            ("ochtend morning", Part.MORNING),
            ("middag afternoon", Part.AFTERNOON),
            ("avond evening", Part.EVENING),
        )
        for word in words.split()
    },
}

_DAYS_BACK: Final = {
    "eergisteren": 2,
    "the day before yesterday": 2,
    "day before yesterday": 2,
    "gisteren": 1,
    "yesterday": 1,
    "vandaag": 0,
    "today": 0,
}

_ABOUT = {
    *("rond", "omstreeks", "ongeveer", "circa", "ca", "ca.", "~"),
    *("about", "around", "approximately", "roughly"),
}
_SILENT = {"om", "op", "de", "het", "in", "was", "at", "on", "the"}


def _one_of(phrases: dict[str, int] | dict[str, tuple[int | None, Part]]) -> str:
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))


_NUMBER = rf"(?:\d{{1,2}}|{_one_of(_NUMBERS)})"
_MONTH = rf"(?:{_one_of(_MONTHS)})\.?"
_HALF_DAY = r"(?:\s?(?P<half>[ap])\.?m\.?)"


@dataclass(slots=True)
class _Reader:
    """Takes one thing after the other out of a phrase; what nobody takes is left."""

    text: str
    today: date
    said: Said = field(default_factory=Said)

    def take(self, pattern: str, use: Callable[[re.Match[str]], Said]) -> bool:
        """Let ``use`` read the first match and cut it out. ValueError when it makes no sense."""
        found = re.search(rf"(?<![\w:.]){pattern}(?![\w:])", self.text)
        if found is None:
            return False
        self.said = use(found)
        self.text = f"{self.text[: found.start()]} {self.text[found.end() :]}"
        return True

    def exact_date(self, found: re.Match[str]) -> Said:
        month = _MONTHS.get(found["month"].rstrip("."), 0) or int(found["month"])
        year = found["year"]
        if year is None:
            return self._on(_recent(month, int(found["day"]), self.today), DayKind.NO_YEAR)
        century = 2000 if len(year) == 2 else 0
        return self._on(date(century + int(year), month, int(found["day"])), DayKind.EXACT)

    def days_back(self, found: re.Match[str]) -> Said:
        return self._on(self.today - timedelta(days=_DAYS_BACK[found[0]]), DayKind.EXACT)

    def days_ago(self, found: re.Match[str]) -> Said:
        days = _number(found["count"]) * (7 if found["unit"].startswith("we") else 1)
        return self._on(self.today - timedelta(days=days), DayKind.EXACT)

    def weekday(self, found: re.Match[str]) -> Said:
        back = (self.today.weekday() - _WEEKDAYS[found["name"]]) % 7
        if found["last"]:
            back = back or 7
        return self._on(self.today - timedelta(days=back), DayKind.WEEKDAY)

    def part(self, found: re.Match[str]) -> Said:
        back, part = _PARTS[found[0]]
        said = replace(self.said, part=part)
        if back is None or said.day is not None:
            return said
        return replace(said, day=Day(self.today - timedelta(days=back), DayKind.EXACT))

    def clock(self, found: re.Match[str]) -> Said:
        hour, minute = int(found["hour"]), int(found["minute"] or 0)
        if found["half"]:
            if not 1 <= hour <= 12:
                raise ValueError(f"{hour} is no hour of a twelve-hour clock")
            hour = hour % 12 + (12 if found["half"] == "p" else 0)
        return replace(self.said, clock=time(hour, minute))

    def words(self, found: re.Match[str]) -> Said:
        """Read "kwart over negen", "tien voor half tien", "half past nine", "negen uur"."""
        parts = found.groupdict()
        hour, minutes = _number(parts["hour"]), 0
        if not 1 <= hour <= 12:
            raise ValueError(f"nobody says {hour} in words")
        if parts.get("half_to"):
            minutes -= 30
        if parts.get("minutes"):
            sign = -1 if parts["way"] in ("voor", "to") else 1
            minutes += sign * _number(parts["minutes"])
        total = (hour * 60 + minutes) % (12 * 60)
        return replace(self.said, clock=time(*divmod(total, 60)), twelve_hour=True)

    def at(self, hour: int) -> Callable[[re.Match[str]], Said]:
        return lambda _: replace(self.said, clock=time(hour))

    def _on(self, day: date, kind: DayKind) -> Said:
        return replace(self.said, day=Day(day, kind))


def said_in(phrase: str, today: date, *, bare_hour: bool = False) -> Said:
    """Return what a phrase that went through :func:`normal` says about a time.

    ``bare_hour``: a number alone is an hour, as the first in "tussen 9 en 10 uur". Raises
    :class:`ValueError` when a part of the phrase means nothing, or no such day or hour exists.
    """
    reader = _Reader(phrase, today)
    day, month, year = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})", r"(?P<year>\d{4})"
    named, ordinal = rf"(?P<month>{_MONTH})", r"(?:e|ste|de|st|nd|rd|th)?"
    _ = (
        reader.take(rf"{year}-{month}-{day}", reader.exact_date)
        or reader.take(rf"{day}\.{month}\.{year}", reader.exact_date)
        or reader.take(rf"{day}[-/]{month}(?:[-/](?P<year>\d{{4}}|\d{{2}}))?", reader.exact_date)
        or reader.take(rf"{day}{ordinal} (?:of )?{named}(?:,? {year})?", reader.exact_date)
        or reader.take(rf"{named} {day}{ordinal}(?:,? {year})?", reader.exact_date)
        or reader.take(rf"(?:{_one_of(_DAYS_BACK)})", reader.days_back)
        or reader.take(
            rf"(?P<count>{_NUMBER}|an?) (?P<unit>dag|dagen|days?|week|weken|weeks) (?:geleden|ago)",
            reader.days_ago,
        )
        or reader.take(
            rf"(?P<last>(?:afgelopen|vorige|last) )?(?P<name>{_one_of(_WEEKDAYS)})", reader.weekday
        )
    )
    reader.take(rf"(?:{_one_of(_PARTS)})", reader.part)
    hour, uur = rf"(?P<hour>{_NUMBER})", r"(?:\s?(?:uur|u|h|hrs|o'clock))?"
    _ = (
        reader.take(
            rf"(?P<hour>\d{{1,2}})\s?[:.uh]\s?(?P<minute>\d{{2}})(?::\d{{2}})?{_HALF_DAY}?{uur}",
            reader.clock,
        )
        or reader.take(
            rf"(?P<minutes>{_NUMBER}) (?P<way>over|voor|past|to) (?P<half_to>half )?{hour}{uur}",
            reader.words,
        )
        or reader.take(rf"(?P<half_to>half) {hour}{uur}", reader.words)
        or reader.take(
            r"(?P<hour>\d{1,2})\s?(?:uur|u|h|o'clock)(?:\s(?P<minute>\d{2}))?(?P<half>)",
            reader.clock,
        )
        or reader.take(rf"(?P<hour>\d{{1,2}})(?P<minute>){_HALF_DAY}", reader.clock)
        or reader.take(rf"{hour} (?:uur|o'clock)", reader.words)
        or reader.take(r"(?:middernacht|midnight)", reader.at(0))
        or reader.take(r"(?:noon)", reader.at(12))
    )
    if reader.said.clock is None and (bare_hour or reader.said.part):
        reader.take(r"(?P<hour>\d{1,2})(?P<minute>)(?P<half>)", reader.clock)
    return _with_rest(reader)


def _with_rest(reader: _Reader) -> Said:
    rest = reader.text.replace(",", " ").split()
    about = any(word in _ABOUT for word in rest)
    unread = [word for word in rest if word not in _ABOUT and word not in _SILENT]
    said = replace(reader.said, about=about)
    if unread or (said.day is None and said.part is None and said.clock is None):
        raise ValueError(f"nothing is known of {' '.join(unread) or 'no time'}")
    return said


def _number(word: str) -> int:
    if word in ("a", "an"):
        return 1
    return _NUMBERS[word] if word in _NUMBERS else int(word)


def _recent(month: int, day: int, today: date) -> date:
    """Return the day without a year that is nearest in the past, unless it just lies ahead."""
    this_year = date(today.year, month, day)
    # Half a year: 31-12 said in January is last year's, 13-03 said on 12-03 is a mistake.
    if this_year - today > timedelta(days=183):
        return date(today.year - 1, month, day)
    return this_year
