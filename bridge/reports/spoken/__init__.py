"""A report as somebody says it, without fields: "overval utrecht net 2 man scooter".

::

    text ─▶ words ─▶ slips put right ─▶ time, type, town, people, things ─▶ what is left: the story
                                     each takes its words; nobody reads what another took

Dutch and English, in any order and with or without signs between. It is read by rules, on the
member's own terms: what is not surely something is left in the story, where a moderator reads it.
Nothing in here raises for any text, and the time it takes grows with the length of the text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bridge.regions.towns import dutch_towns
from bridge.reports.fields import FieldName, ReportType
from bridge.reports.report import ReportFields
from bridge.reports.spoken.story import read_story
from bridge.reports.spoken.things import read_answers, read_loot, read_weapon, ride
from bridge.reports.spoken.what import read_attempt, read_type
from bridge.reports.spoken.when import read_when
from bridge.reports.spoken.where import read_where
from bridge.reports.spoken.who import read_offenders
from bridge.reports.spoken.words import Words

__all__ = ["Spoken", "read_spoken"]

_LOOKS_ONLY = frozenset(
    {ReportType.RECONNAISSANCE, ReportType.SUSPICIOUS, ReportType.GOODS_OFFERED, None}
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was understood.

    Attributes:
        fields: as a report has them.
        ahead: a time that was said and has yet to come.
    """

    fields: ReportFields
    ahead: str | None = None


def read_spoken(text: str, now: datetime, zone: ZoneInfo) -> Spoken:
    """Read ``text``, said at ``now`` (aware) by somebody in ``zone``. Never raises."""
    words = Words(text)
    when = read_when(words, now, zone)
    kind = read_type(words)
    attempt = read_attempt(words, kind)
    where = read_where(words, dutch_towns())
    weapon = read_weapon(words, kind)
    answers = read_answers(words)
    offenders = read_offenders(words)
    loot = read_loot(words, kind)
    vehicle = ride(words, kind)
    story = read_story(words, vehicle)
    if vehicle is not None and FieldName.ESCAPE not in story:
        if kind in _LOOKS_ONLY:
            story.setdefault(FieldName.DESCRIPTION, vehicle.text)
        else:
            story[FieldName.ESCAPE] = vehicle.text
    kept: dict[str, Any] = {field.value: text for field, text in story.items()}
    kept |= {field.value: answer for field, answer in answers.items()}
    fields = replace(
        ReportFields(),
        type=kind,
        attempt=attempt,
        place=None if where.town is None else where.town.name,
        street=where.street,
        time=when.time,
        ongoing=when.ongoing,
        offenders=offenders,
        weapon=weapon,
        loot=loot,
        **kept,
    )
    return Spoken(fields, when.ahead)
