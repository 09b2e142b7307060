"""Reports as people type them, without fields: what is understood, and what is not made up."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.command_line.parse import understood
from bridge.reports import parse
from tests.unit.as_people_type import FIRST, NOTHING_TO_UNDERSTAND, SECOND, THIRD

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 3, 12, 16, 30, tzinfo=ZONE)  # a Thursday

_PARTS_OF_TEXT = {"vlucht", "kenmerken", "mo", "straat"}


def read(text: str) -> tuple[dict[str, object], list[object]]:
    """Return the fields by their Dutch names, with times as the lists write them, and the ask."""
    shown = understood(text, NOW)
    fields, ask = shown["fields"], shown["ask"]
    assert isinstance(fields, dict)
    assert isinstance(ask, list)
    if "tijd" in fields:
        fields["tijd"] = f"{fields['tijd'][8:10]} {fields['tijd'][11:16]}"
    return fields, ask


def missed(text: str, expected: dict[str, object]) -> dict[str, object]:
    """Return what was expected and not understood, with what was read in its place."""
    fields, _ = read(text)
    return {
        name: fields.get(name)
        for name, value in expected.items()
        if fields.get(name) != value
        and not (name in _PARTS_OF_TEXT and str(value) in str(fields.get(name)))
    }


@pytest.mark.parametrize(("text", "expected"), [*FIRST, *SECOND, *THIRD])
def test_what_is_typed_is_understood(text: str, expected: dict[str, object]) -> None:
    assert missed(text, expected) == {}


@pytest.mark.parametrize(
    ("name", "typed", "at_least"), [("first", FIRST, 58), ("second", SECOND, 45)]
)
def test_how_many_need_no_further_question(
    name: str, typed: tuple[tuple[str, dict[str, object]], ...], at_least: int
) -> None:
    done = sum(1 for text, _ in typed if read(text)[1] == [])
    print(f"{name} list: {done} of {len(typed)} reports are understood without a further question")
    assert done >= at_least


@pytest.mark.parametrize(("text", "absent"), NOTHING_TO_UNDERSTAND)
def test_nothing_is_made_up(text: str, absent: tuple[str, ...]) -> None:
    fields, _ = read(text)
    assert {name: fields[name] for name in absent if name in fields} == {}


def test_the_words_of_a_story_are_kept() -> None:
    fields, _ = read(
        "overval utrecht net, sloegen met een moker de vitrine in en weg op zwarte scooter"
    )
    assert fields["mo"] == "sloegen met een moker de vitrine in"
    assert fields["vlucht"] == "weg op zwarte scooter"


@pytest.mark.parametrize(
    ("story", "tag"),
    [
        ("ze sloegen met een hamer de vitrine in", "vitrine ingeslagen"),
        ("de vitrine was helemaal kapot geslagen", "vitrine ingeslagen"),
        ("she asked what time we close", "vraagt naar sluitingstijd"),
        ("vroeg naar de camera's", "vraagt naar beveiliging"),
        ("maakte foto's van de winkel", "fotograferen"),
        ("rolluik was omhoog gekrikt", "rolluik opgekrikt"),
    ],
)
def test_what_is_told_of_the_way_of_working_becomes_a_tag(story: str, tag: str) -> None:
    assert tag in str(read(f"overval Utrecht net\nmo: {story}")[0]["tags"])


def test_a_sentence_behind_a_field_is_read_too() -> None:
    fields, ask = read("OVERVAL!!! Apeldoorn. 2 daders. Wapen: pistool. 14:20")
    assert fields["tijd"] == "12 14:20"
    assert ask == []


def test_a_street_is_no_part_of_what_is_published() -> None:
    fields, _ = read("overval Utrecht Steenweg 12, net, 2 man")
    assert fields["straat"] == "Steenweg 12"
    assert "Steenweg" not in str(fields.get("mo"))


TYPED = {word for text, _ in FIRST + SECOND for word in text.split()}
SIGNS = {",", ".", "\n", "2", "12-13", "99", "24:61", "0", "§", "'s", "-", "van", "richting"}
WORDS = st.sampled_from(sorted(TYPED | SIGNS))


@settings(deadline=None, max_examples=60)
@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_any_order_of_such_words_is_read(text: str) -> None:
    parse(text, NOW, ZONE)


@pytest.mark.parametrize(
    "text",
    ["net 2 man " * 100, "gisteren rond 9 uur " * 50, "ik was bij de " * 70, "utrecth in " * 90],
)
def test_a_long_text_is_read_in_no_time(text: str) -> None:
    read("gisteren 10 min geleden")  # loads what is loaded once
    began = time.process_time()
    parse(text[:999], NOW, ZONE)
    assert time.process_time() - began < 1
