"""Questions and previews as messages."""

from __future__ import annotations

from collections.abc import Sequence

from appservice.ids import UserID
from bridge.dialogue.draft import Draft
from bridge.dialogue.questions import CHANGEABLE, Step, choices, reactions
from bridge.dialogue.turns import Turn
from bridge.dialogue.understanding import Standing, Surroundings, offered_places
from bridge.gate.leaving import all_in, shown
from bridge.places import PrivateRoom
from bridge.reports.fields import FieldName
from bridge.reports.parsing import Problem
from bridge.reports.report import ReportFields, derived_attempt
from bridge.reports.shown import (
    Audience,
    Line,
    PoliceReading,
    lines,
    street,
    texts,
    value_of,
)
from bridge.speech import React, Say

_SHOWN_AT_ONCE = 10
"""Of the problems of one message: an event has 65,536 bytes."""


def question(
    turn: Turn, to: UserID, around: Surroundings, police: PoliceReading
) -> Sequence[Say | React]:
    """Return what a turn asks, with the reactions that answer it, to be tapped."""
    draft, standing = turn.draft, turn.standing
    places = offered_places(standing, draft.usual_place, around)
    place = PrivateRoom(to)
    common = {
        "opening": draft.turn == 1,
        "remarks": [remark.value for remark in turn.remarks],
        **_problems(turn.problems),
    }
    if draft.asking.step is Step.READY:
        town = standing.fields.place
        elsewhere = None if town is None else around.elsewhere(town)
        values = {**common, **_preview(standing, police), "elsewhere": elsewhere}
        say = Say(place, "report/preview", values, name=draft.message)
    else:
        values = {**common, **_asked(draft, standing, places)}
        say = Say(place, "dialogue/ask", values, name=draft.message)
    keys = reactions(draft.asking, places)
    return [say, *(React(place, draft.message, key) for key in keys)]


def _asked(draft: Draft, standing: Standing, places: tuple[str, ...]) -> dict[str, object]:
    fields, field = standing.fields, draft.asking.about
    return {
        "step": draft.asking.step.value,
        "field": draft.asking.field,
        "value": [] if field is None else value_of(fields, field),
        "choices": choices(draft.asking, places),
        "over": fields.ongoing is False,
        "doubted": standing.doubted,
        "noted": _noted(fields) if draft.asking.step is not Step.MORE else (),
        "changeable": [Line(name, value_of(fields, name)) for name in CHANGEABLE]
        if draft.asking.step is Step.MORE
        else (),
    }


def _noted(fields: ReportFields) -> tuple[FieldName, ...]:
    return tuple(name for name in CHANGEABLE if value_of(fields, name))


def _problems(problems: Sequence[Problem]) -> dict[str, object]:
    first = tuple(problems[:_SHOWN_AT_ONCE])
    return {"problems": first, "more_problems": len(problems) - len(first)}


def _preview(standing: Standing, police: PoliceReading) -> dict[str, object]:
    fields = standing.fields
    return {
        "fields": fields,
        "attempt": derived_attempt(fields) is True,
        "street": street(fields),
        "public": lines(fields, Audience.MEMBERS),
        "police_too": police.beside_members(fields),
        "only_moderators": [
            line
            for line in police.kept_from_them(fields)
            if line.name is not FieldName.PUBLISH_STREET
        ],
        **shown(all_in(texts(fields))),
    }
