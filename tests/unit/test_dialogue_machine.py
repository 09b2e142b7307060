"""Whatever somebody says in a dialogue, in whatever order, it goes on from there."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from appservice.ids import EventID
from bridge.dialogue.draft import Draft, Input
from bridge.dialogue.questions import (
    FIRST,
    TYPES_OFFERED,
    Question,
    Step,
    choices,
    next_question,
    typed_for,
)
from bridge.dialogue.turns import Outcome, Turn, back, reword, send, take, take_back
from bridge.dialogue.understanding import Standing, Surroundings, story
from bridge.reports.fields import FieldName, ReportType
from bridge.wording import Language

NOW = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)
AROUND = Surroundings(
    zone=ZoneInfo("Europe/Amsterdam"),
    language=Language.NL,
    region="Midden-Nederland",
    is_town=lambda name: name.casefold() in ("utrecht", "zeist"),
    town_like=lambda name: "Utrecht" if name.casefold().startswith("utr") else None,
    elsewhere=lambda name: None,
)

SAID = st.one_of(
    st.sampled_from(
        [
            *("overval", "verkenning", "inbrak", "1", "2", "3", "12", "99", "0", "?", "weet niet"),
            *("net", "nu bezig", "nee", "ja", "14:05", "morgen 12:00", "Utrecht", "Utrehct"),
            *("terug", "meer", "daders", "daders: 3", "daders 3", "wis daders", "plaats", "-"),
            *("8 twee", "buit", "1, 3", "ok", "stop", "verstuur", "mo: ruit in\nplaats: Zeist"),
            *("ze sloegen alles kort en klein", "overval utrecht net 2 man scooter"),
        ]
    ),
    st.text(max_size=60),
)


def opened() -> Turn:
    return Turn(Draft("$opening").asks(FIRST), Standing())


def said(draft: Draft, text: str, number: int) -> Input:
    at = NOW + timedelta(minutes=number)
    return Input(EventID(f"${number}"), draft.asking, text, at)


def played(texts: list[str]) -> list[Turn]:
    """The turns of a dialogue, until it ends."""
    turns = [opened()]
    for number, text in enumerate(texts):
        draft = turns[-1].draft
        turns.append(take(draft, said(draft, text, number), AROUND))
        if turns[-1].outcome is not Outcome.ASK:
            break
    return turns


DIALOGUES = st.lists(SAID, max_size=8)


@settings(max_examples=60, deadline=None)
@given(DIALOGUES)
def test_every_answer_ends_in_a_question_or_an_end(texts: list[str]) -> None:
    for turn in played(texts)[1:]:
        if turn.outcome is Outcome.ASK:
            assert turn.draft.turn == len(turn.draft.asked)
            assert turn.draft.asked[-1] == turn.draft.asking


@settings(max_examples=60, deadline=None)
@given(DIALOGUES)
def test_it_is_ready_only_with_a_type_a_place_and_a_time_or_none_known(texts: list[str]) -> None:
    for turn in played(texts):
        if turn.draft.asking.step is Step.READY or turn.outcome is Outcome.SEND:
            standing = turn.standing
            assert standing.fields.type is not None
            assert standing.fields.place is not None
            assert standing.fields.time is not None or FieldName.TIME in standing.unknown


@settings(max_examples=60, deadline=None)
@given(DIALOGUES)
def test_what_is_stored_goes_on_as_what_was_not(texts: list[str]) -> None:
    last = played(texts)[-1]
    stored = Draft.from_json(json.loads(json.dumps(last.draft.to_json())))

    assert stored == last.draft
    assert story(stored.inputs, None, AROUND) == story(last.draft.inputs, None, AROUND)


@settings(max_examples=40, deadline=None)
@given(DIALOGUES, st.integers(0, 7), SAID)
def test_an_edit_says_what_would_have_stood_there_had_it_been_typed_so(
    texts: list[str], place: int, other: str
) -> None:
    draft = played(texts)[-1].draft
    event = EventID(f"${place}")
    if not draft.has(event):
        return
    reworded = reword(draft, event, other, NOW, AROUND)
    inputs = [
        Input(one.event, one.question, other if one.event == event else one.text, one.at)
        for one in draft.inputs
    ]

    assert reworded.standing == story(inputs, None, AROUND)
    fields, unknown = reworded.standing.fields, reworded.standing.unknown
    assert reworded.draft.asking == next_question(fields, unknown)


@settings(max_examples=40, deadline=None)
@given(DIALOGUES, st.integers(0, 7))
def test_what_is_deleted_leaves_nothing(texts: list[str], place: int) -> None:
    draft = played(texts)[-1].draft
    event = EventID(f"${place}")

    left = take_back(draft, event, AROUND)

    assert not left.draft.has(event)
    rest = [one for one in draft.inputs if one.event != event]
    assert left.standing == story(rest, None, AROUND)


@settings(max_examples=40, deadline=None)
@given(DIALOGUES)
def test_back_and_send_never_lose_a_word(texts: list[str]) -> None:
    last = played(texts)[-1]
    standing = story(last.draft.inputs, None, AROUND)

    assert back(last.draft, standing).draft.inputs == last.draft.inputs
    assert send(last.draft, AROUND).standing == standing


def test_each_choice_of_a_question_has_a_reaction_as_far_as_there_are_keycaps() -> None:
    for step in (Step.TYPE, Step.WHEN):
        offered = choices(Question(step))
        for number in range(1, min(len(offered), 9) + 1):
            assert typed_for(f"{number}\u20e3", Question(step)) == str(number)


def test_every_type_of_report_is_offered_once() -> None:
    assert sorted(TYPES_OFFERED) == sorted(ReportType)
