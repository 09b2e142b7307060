"""A report as people type it, and what they are told about the rest."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.reports import (
    Count,
    EventTime,
    FieldName,
    Loot,
    Precision,
    Problem,
    ProblemKind,
    ReportFields,
    ReportType,
    Weapon,
    parse,
)
from bridge.reports.fields import FIELDS, TYPES

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 3, 12, 14, 30, tzinfo=ZONE)
FIVE_PAST_TWO = EventTime(
    datetime(2026, 3, 12, 13, 5, tzinfo=UTC),
    datetime(2026, 3, 12, 13, 5, tzinfo=UTC),
    Precision.MINUTE,
)
ROBBERY_IN_UTRECHT = ReportFields(
    type=ReportType.ROBBERY,
    place="Utrecht",
    time=FIVE_PAST_TWO,
    offenders=Count(2, 2),
    weapon=Weapon.STABBING,
)


def fields(text: str) -> ReportFields:
    parsed = parse(text, NOW, ZONE)
    assert parsed.problems == ()
    return parsed.fields


def problems(text: str) -> tuple[Problem, ...]:
    return parse(text, NOW, ZONE).problems


class TestWaysToWriteIt:
    @pytest.mark.parametrize(
        "text",
        [
            "overval\nplaats: Utrecht\ntijd: 14:05\ndaders: 2\nwapen: mes",
            "robbery\nplace: Utrecht\ntime: 14:05\noffenders: two\nweapon: knife",
            "overval\nplace: Utrecht\ntijd: 14.05\noffenders: twee\nwapen: knife",
            "wapen: mes\ndaders: 2\ntijd: 14:05\nplaats: Utrecht\nsoort: overval",
            "overval plaats=Utrecht tijd=14:05 daders=2 wapen=mes",
            'overval plaats=Utrecht, tijd=14:05; daders = 2 wapen="een mes"',
            "overval plaats: Utrecht tijd: 14:05 daders: 2 wapen: mes",
            "overval\nplaats=Utrecht tijd=14:05\ndaders: 2\nwapen: mes",
            "\n\n  OVERVAL \r\n PLAATS : Utrecht \r\n Tíjd: 14:05\n daders:2\n wapen :mes\n\n",
            "overval\n- plaats: Utrecht\n- tijd: 14:05\n* daders: 2\n• wapen: mes",
            "overval\n**plaats**: Utrecht\n**tijd**: 14:05\n_daders_: 2\nwapen: mes",
            "ｏｖｅｒｖａｌ\nplaats： Utrecht\ntijd： １４：０５\ndaders＝２\nwapen: mes",
            "overval\nplaats:\nUtrecht\ntijd:\n14:05\ndaders:\n2\nwapen:\nmes",
            "overval plaats='Utrecht' tijd=“14:05” daders=2 wapen=mes",
            "overval\ndatum: 12-03\nplaats: Utrecht\ntijd: 14:05\ndaders: 2\nwapen: mes",
        ],
    )
    def test_all_say_the_same(self, text: str) -> None:
        assert fields(text) == ROBBERY_IN_UTRECHT

    def test_the_first_words_may_make_it_an_attempt(self) -> None:
        assert fields("poging overval") == ReportFields(type=ReportType.ROBBERY, attempt=True)

    def test_free_text_goes_on_over_lines_and_keeps_its_colons(self) -> None:
        text = "mo: kwamen als klant binnen,\nzeiden: geld\n\nDader 1: moker\nbuit: goud"
        assert fields(text) == ReportFields(
            mo="kwamen als klant binnen,\nzeiden: geld\n\nDader 1: moker", loot=(Loot.GOLD,)
        )

    def test_a_pair_ends_free_text(self) -> None:
        assert fields("mo=als klant binnen buit=goud").mo == "als klant binnen"

    def test_quotes_keep_a_pair_inside(self) -> None:
        assert fields('mo="zei wapen=mes" daders=2').mo == "zei wapen=mes"

    def test_a_list_may_stand_on_lines_of_its_own(self) -> None:
        assert fields("buit:\n- goud\n- contant").loot == (Loot.GOLD, Loot.CASH)

    def test_a_street_may_stand_under_its_town(self) -> None:
        assert fields("plaats: Utrecht\nSteenweg 12").street == "Steenweg 12"

    def test_the_street_is_shared_when_asked(self) -> None:
        assert fields("plaats: Utrecht, Steenweg 12\nstraat delen: ja").publish_street is True

    def test_a_number_is_a_field(self) -> None:
        assert fields("112: ja").called_112 is True

    def test_a_form_that_is_left_open_says_nothing(self) -> None:
        assert fields("soort:\nplaats:\ntijd:\nbuit:") == ReportFields()

    def test_control_characters_are_not_kept(self) -> None:
        assert fields("mo: a\x00b\u202ec\ud800").mo == "abc"

    @pytest.mark.parametrize("words", FIELDS.entries.values())
    def test_every_name_of_a_field_is_found_at_the_start_of_a_line(self, words: object) -> None:
        names = words.nl + words.en  # type: ignore[attr-defined]
        known = [parse(f"{name}: x", NOW, ZONE).problems for name in names]
        assert not any(
            problem.kind is ProblemKind.UNKNOWN_FIELD for found in known for problem in found
        )


class TestWhatIsTold:
    def test_an_unknown_field_with_its_line_and_the_nearest(self) -> None:
        assert problems("overval\nplats: Utrecht\ntijd: 14:05") == (
            Problem(2, "plats", ProblemKind.UNKNOWN_FIELD, None, ("plaats",)),
        )

    def test_an_unknown_pair(self) -> None:
        assert problems("overval plats=Utrecht tijd=14:05") == (
            Problem(1, "plats", ProblemKind.UNKNOWN_FIELD, None, ("plaats",)),
        )

    def test_a_slip_in_a_field_name_under_free_text(self) -> None:
        assert problems("mo: als klant\nwapne: mes")[0].nearest[0] == "wapen"

    def test_an_unknown_value_with_the_nearest_in_the_language_typed(self) -> None:
        assert problems("soort: inbrak\nweapon: knive") == (
            Problem(1, "inbrak", ProblemKind.UNKNOWN_VALUE, FieldName.TYPE, ("inbraak",)),
            Problem(2, "knive", ProblemKind.UNKNOWN_VALUE, FieldName.WEAPON, ("knife",)),
        )

    def test_first_words_that_are_no_type(self) -> None:
        problem = problems("holdop\nplace: Utrecht")[0]
        assert (problem.field, problem.nearest[0]) == (FieldName.TYPE, "holdup")

    def test_a_time_that_lies_ahead(self) -> None:
        assert problems("tijd: 23:30") == (
            Problem(1, "23:30", ProblemKind.FUTURE_TIME, FieldName.TIME),
        )

    def test_a_time_that_is_none(self) -> None:
        assert problems("tijd: straks")[0].kind is ProblemKind.UNKNOWN_TIME

    def test_a_field_that_is_too_long(self) -> None:
        assert problems(f"vlucht: {'x' * 501}") == (
            Problem(1, "x" * 80, ProblemKind.TOO_LONG, FieldName.ESCAPE),
        )

    @pytest.mark.parametrize("name", ["mo", "kenmerken"])
    def test_a_story_may_be_twice_as_long(self, name: str) -> None:
        assert problems(f"{name}: {'x' * 1000}") == ()

    def test_a_report_that_is_too_long_keeps_what_came_before(self) -> None:
        parsed = parse("overval\nplaats: Utrecht\n" + "mo: x\n" * 10_000, NOW, ZONE)
        assert parsed.fields.place == "Utrecht"
        assert ProblemKind.TOO_LONG in {problem.kind for problem in parsed.problems}

    def test_a_field_that_stands_there_twice(self) -> None:
        parsed = parse("overval\nsoort: inbraak", NOW, ZONE)
        assert parsed.fields.type is ReportType.BURGLARY
        assert parsed.problems[0].kind is ProblemKind.REPEATED_FIELD

    def test_text_without_a_field_is_kept_where_it_belongs(self) -> None:
        assert fields("overval\nze waren snel weg").escape == "waren snel weg"

    def test_what_has_a_field_of_its_own_wins_over_what_is_said_freely(self) -> None:
        assert fields("overval in Utrecht met 2 man\ndaders: 3").offenders == Count(3, 3)

    def test_a_free_time_that_lies_ahead(self) -> None:
        found = problems("overval Utrecht 23:30")
        assert found == (Problem(1, "23:30", ProblemKind.FUTURE_TIME, FieldName.TIME),)

    def test_one_bad_field_costs_no_other(self) -> None:
        text = "overval\nplaats: Utrecht\ntijd: straks\ndaders: 2\nwapen: mes"
        kept = parse(text + "\ntijdstip: 99:99", NOW, ZONE).fields
        assert (kept.place, kept.offenders, kept.weapon) == (
            "Utrecht",
            Count(2, 2),
            Weapon.STABBING,
        )


KEYS = st.sampled_from([word for words in FIELDS.entries.values() for word in words.nl + words.en])
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from([word for words in TYPES.entries.values() for word in words.nl + words.en]),
    st.sampled_from(["14:05", "gisteren", "ja", "nee, dank", "2-3", "niets", "Utrecht, Neude 1"]),
    st.from_regex(r"[0-9a-z]{1,4}[:. /-][0-9a-z]{1,4}( uur| geleden| ago| pm)?", fullmatch=True),
)
REPORTS = st.lists(
    st.tuples(KEYS, st.sampled_from([": ", "=", " : ", ":"]), VALUES, st.sampled_from("\n ,")),
    max_size=12,
).map(lambda rows: "".join("".join(row) for row in rows))


class TestAnyText:
    @settings(deadline=None)  # the first example pays for loading
    @given(st.text(max_size=400))
    def test_never_raises(self, text: str) -> None:
        parse(text, NOW, ZONE)

    @settings(deadline=None)  # the first example pays for loading
    @given(st.text(alphabet="ab:=, \n\"'“-*#0123456789.", max_size=200))
    def test_of_punctuation_never_raises(self, text: str) -> None:
        parse(text, NOW, ZONE)

    @settings(deadline=None)  # the first example pays for loading
    @given(REPORTS)
    def test_like_a_report_gives_fields_that_can_be_kept(self, text: str) -> None:
        kept = parse(text, NOW, ZONE).fields
        stored = json.loads(json.dumps(kept.to_json()))
        assert ReportFields.from_json(stored) == kept
        assert ReportFields.from_json(stored).to_json() == stored

    @settings(deadline=None)  # the first example pays for loading
    @given(REPORTS)
    def test_has_problems_on_lines_that_exist(self, text: str) -> None:
        lines = text.count("\n") + sum(text.count(end) for end in "\r\x0b\x0c\x85\u2028\u2029") + 1
        assert all(1 <= problem.line <= lines for problem in problems(text))

    @pytest.mark.parametrize(
        "text",
        [
            *("=" * 60_000, ":" * 60_000, "mo=" * 20_000, "a " * 30_000, "\n" * 60_000),
            *("overval " * 8_000, "tijd: " + "1-" * 30_000, '"' * 60_000, "mo: x\n" * 10_000),
            *("tijd: " + "1 " * 39, "daders: " + "2 of " * 90, "plaats: " + "(" * 400),
            "buit: " + "goud " * 90,
        ],
    )
    def test_of_any_length_is_read_in_no_time(self, text: str) -> None:
        began = time.perf_counter()
        parse(text, NOW, ZONE)
        assert time.perf_counter() - began < 3
