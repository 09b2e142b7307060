"""What each field of a report takes, and how reports are merged, judged and kept."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bridge.reports import (
    Count,
    EventTime,
    FieldName,
    Loot,
    MoTag,
    Precision,
    ProblemKind,
    ReportFields,
    ReportFormatError,
    ReportType,
    Weapon,
    apply,
    derived_attempt,
    missing,
)
from bridge.reports.event_time import TimeInFuture, TimeNotUnderstood, read_time
from bridge.reports.fields import FIELDS, LOOT, TYPES, WEAPONS
from bridge.reports.mo_tags import MO_TAGS
from bridge.reports.values import Setting, UnreadableValue, read_value
from bridge.reports.vocabulary import Vocabulary, folded
from bridge.wording import Language, Wording, templates_directory

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 3, 12, 14, 30, tzinfo=ZONE)  # a Thursday
SETTING = Setting(NOW, ZONE)
EVERYTHING = ReportFields(
    type=ReportType.ROBBERY,
    attempt=False,
    place="Utrecht",
    street="Steenweg 12",
    publish_street=True,
    time=EventTime(NOW, NOW, Precision.MINUTE),
    offenders=Count(2, None),
    description="zwarte kleding",
    mo="als klant binnen",
    mo_tags=(MoTag.SLEDGEHAMMER,),
    weapon=Weapon.FIREARM,
    injury=False,
    loot=(Loot.GOLD, Loot.CASH),
    loot_note="Rolex",
    escape="scooter",
    prevention="mist",
    footage=True,
    ongoing=True,
    called_112=True,
    declaration=True,
    declaration_reference="PL0900",
)


def read(field: FieldName, typed: str) -> ReportFields:
    return read_value(field, ReportFields(), typed, SETTING).fields


def local(typed: str, now: datetime = NOW) -> tuple[str, str, Precision]:
    when = read_time(typed, now, ZONE)
    start, end = (moment.astimezone(ZONE) for moment in (when.start, when.end))
    return f"{start:%d-%m-%Y %H:%M}", f"{end:%d-%m-%Y %H:%M}", when.precision


class TestTime:
    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            *(("14:05", "12-03-2026 14:05"), ("14.05", "12-03-2026 14:05")),
            *(("14u05", "12-03-2026 14:05"), ("１４：０５", "12-03-2026 14:05")),
            *(("2:05 pm", "12-03-2026 14:05"), ("2 pm", "12-03-2026 14:00")),
            *(("zojuist", "12-03-2026 14:30"), ("net", "12-03-2026 14:30")),
            *(("just now", "12-03-2026 14:30"), ("noon", "12-03-2026 12:00")),
            *(("gisteren 23:30", "11-03-2026 23:30"), ("eergisteren 10:00", "10-03-2026 10:00")),
            *(("yesterday 23:30", "11-03-2026 23:30"), ("maandag 14:00", "09-03-2026 14:00")),
            *(("vanochtend 9 uur", "12-03-2026 09:00"), ("vanmiddag 2 uur", "12-03-2026 14:00")),
            *(("gisteravond 9 uur", "11-03-2026 21:00"), ("last night 11", "11-03-2026 23:00")),
            *(("vannacht 2 uur", "12-03-2026 02:00"), ("vannacht 23:30", "11-03-2026 23:30")),
            *(("half tien", "12-03-2026 09:30"), ("kwart over 9", "12-03-2026 09:15")),
            *(("tien voor half tien", "12-03-2026 09:20"), ("half twee", "12-03-2026 13:30")),
            *(("half past nine", "12-03-2026 09:30"), ("quarter to nine", "12-03-2026 08:45")),
            *(("12-03 14:05", "12-03-2026 14:05"), ("11/03/26 8:15", "11-03-2026 08:15")),
            *(("11 maart 14:05", "11-03-2026 14:05"), ("March 11th 2pm", "11-03-2026 14:00")),
            *(("2026-03-11 14:05", "11-03-2026 14:05"), ("31-12 23:30", "31-12-2025 23:30")),
            *(("2026-03-12T12:05:00Z", "12-03-2026 13:05"), ("14:31", "12-03-2026 14:31")),
        ],
    )
    def test_a_moment(self, typed: str, expected: str) -> None:
        assert local(typed) == (expected, expected, Precision.MINUTE)

    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            *(("rond 14:00", "14:00"), ("10 minuten geleden", "14:20")),
            *(("een kwartier geleden", "14:15"), ("half an hour ago", "14:00")),
            *(("2 hours and 10 minutes ago", "12:20"), ("about 2 pm", "14:00")),
        ],
    )
    def test_a_moment_that_is_not_exact(self, typed: str, expected: str) -> None:
        assert local(typed) == (
            f"12-03-2026 {expected}",
            f"12-03-2026 {expected}",
            Precision.ABOUT,
        )

    @pytest.mark.parametrize(
        ("typed", "start", "end"),
        [
            ("14:00-14:30", "12-03-2026 14:00", "12-03-2026 14:30"),
            ("14.00 – 14.30", "12-03-2026 14:00", "12-03-2026 14:30"),
            ("van 14:00 tot 14:20", "12-03-2026 14:00", "12-03-2026 14:20"),
            ("tussen 9 en 10 uur", "12-03-2026 09:00", "12-03-2026 10:00"),
            ("between 1 and 2 pm", "12-03-2026 13:00", "12-03-2026 14:00"),
            ("11-03 14:00-14:30", "11-03-2026 14:00", "11-03-2026 14:30"),
            ("gisteravond 9 tot 10 uur", "11-03-2026 21:00", "11-03-2026 22:00"),
            ("gisteren 23:30 - 00:15", "11-03-2026 23:30", "12-03-2026 00:15"),
            ("23:30-00:15", "11-03-2026 23:30", "12-03-2026 00:15"),
        ],
    )
    def test_a_range(self, typed: str, start: str, end: str) -> None:
        assert local(typed) == (start, end, Precision.MINUTE)

    @pytest.mark.parametrize(
        ("typed", "start", "end", "precision"),
        [
            ("gisteravond", "11-03-2026 18:00", "12-03-2026 00:00", Precision.PART_OF_DAY),
            ("vanochtend", "12-03-2026 06:00", "12-03-2026 12:00", Precision.PART_OF_DAY),
            ("last night", "11-03-2026 18:00", "12-03-2026 06:00", Precision.PART_OF_DAY),
            ("vanmiddag", "12-03-2026 12:00", "12-03-2026 14:30", Precision.PART_OF_DAY),
            ("gisteren", "11-03-2026 00:00", "12-03-2026 00:00", Precision.DAY),
            ("vandaag", "12-03-2026 00:00", "12-03-2026 14:30", Precision.DAY),
            ("2 dagen geleden", "10-03-2026 00:00", "11-03-2026 00:00", Precision.DAY),
        ],
    )
    def test_a_part_of_a_day_or_a_day(
        self, typed: str, start: str, end: str, precision: Precision
    ) -> None:
        assert local(typed) == (start, end, precision)

    @pytest.mark.parametrize(
        "typed", ["14:40", "23:30", "vanavond", "13-03", "14:00-15:00", "2027-01-01 10:00"]
    )
    def test_a_time_ahead_is_refused(self, typed: str) -> None:
        with pytest.raises(TimeInFuture):
            read_time(typed, NOW, ZONE)

    @pytest.mark.parametrize(
        "typed",
        [
            *("", "mes", "12", "25:00", "14:61", "30-02-2026", "1999-01-01", "over 3 uur"),
            *("vanochtend 14:00", "tot 14:00", "14:05 of later", "x" * 500, "0" * 5000),
        ],
    )
    def test_anything_else_is_not_understood(self, typed: str) -> None:
        with pytest.raises(TimeNotUnderstood):
            read_time(typed, NOW, ZONE)

    def test_a_time_the_clock_skips_is_read_as_on_a_clock_not_put_forward(self) -> None:
        day_after = datetime(2026, 3, 30, 12, 0, tzinfo=ZONE)
        assert local("29-03 02:30", day_after)[0] == "29-03-2026 03:30"

    def test_a_time_that_comes_twice_is_the_first(self) -> None:
        day_after = datetime(2026, 10, 26, 12, 0, tzinfo=ZONE)
        assert read_time("25-10 02:30", day_after, ZONE).start == (
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        )

    def test_an_hour_ago_is_an_hour_ago_when_the_clock_changes(self) -> None:
        after_change = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03:30 in Amsterdam
        assert read_time("1 uur geleden", after_change, ZONE).start == (
            datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
        )

    def test_an_end_before_its_start_cannot_be_made(self) -> None:
        with pytest.raises(ValueError, match="before it starts"):
            EventTime(NOW, NOW.replace(hour=1), Precision.MINUTE)

    def test_a_time_without_a_zone_cannot_be_made(self) -> None:
        with pytest.raises(ValueError, match="zone"):
            EventTime(NOW.replace(tzinfo=None), NOW, Precision.MINUTE)


class TestOffenders:
    @pytest.mark.parametrize(
        ("typed", "low", "high"),
        [
            *(("2", 2, 2), ("twee", 2, 2), ("two", 2, 2), ("２", 2, 2), ("2 mannen", 2, 2)),
            *(("2-3", 2, 3), ("2 – 3", 2, 3), ("2 of 3", 2, 3), ("two or three", 2, 3)),
            *(("3 à 4", 3, 4), ("2 tot 4 daders", 2, 4), ("3-2", 2, 3), ("ongeveer 4", 4, 4)),
            *(("minstens 3", 3, None), ("at least 3", 3, None), ("3+", 3, None)),
            *(("3 of meer", 3, None), ("meerdere", 2, None), ("één", 1, 1)),
        ],
    )
    def test_are_counted(self, typed: str, low: int, high: int | None) -> None:
        assert read(FieldName.OFFENDERS, typed).offenders == Count(low, high)

    @pytest.mark.parametrize("typed", ["0", "veel", "2, waarvan 1 chauffeur", "1000", "-"])
    def test_are_refused_when_not_a_count(self, typed: str) -> None:
        with pytest.raises(UnreadableValue):
            read(FieldName.OFFENDERS, typed)

    @pytest.mark.parametrize(
        ("count", "shown"), [(Count(2, 2), "2"), (Count(2, 3), "2–3"), (Count(3, None), "≥ 3")]
    )
    def test_are_shown_in_signs(self, count: Count, shown: str) -> None:
        assert str(count) == shown


class TestPlace:
    @pytest.mark.parametrize(
        ("typed", "town", "street"),
        [
            ("Utrecht", "Utrecht", None),
            ("'s-Hertogenbosch", "'s-Hertogenbosch", None),
            ("Utrecht, Steenweg 12", "Utrecht", "Steenweg 12"),
            ("Utrecht (Steenweg 12)", "Utrecht", "Steenweg 12"),
            ("Steenweg 12, Utrecht", "Utrecht", "Steenweg 12"),
        ],
    )
    def test_is_a_town_and_perhaps_a_street(
        self, typed: str, town: str, street: str | None
    ) -> None:
        fields = read(FieldName.PLACE, typed)
        assert (fields.place, fields.street) == (town, street)

    @pytest.mark.parametrize("typed", ["Utrecht 12", "3511 LT", "Steenweg 12", "12, 13", ",", "("])
    def test_a_house_number_never_becomes_a_town(self, typed: str) -> None:
        with pytest.raises(UnreadableValue) as refused:
            read(FieldName.PLACE, typed)
        assert refused.value.kind is ProblemKind.NOT_A_TOWN

    def test_a_street_is_not_published_unless_somebody_says_so(self) -> None:
        assert not read(FieldName.PLACE, "Utrecht, Steenweg 12").publish_street


class TestChoices:
    @pytest.mark.parametrize(
        ("typed", "kind", "attempt"),
        [
            ("overval", ReportType.ROBBERY, None),
            ("Robbery", ReportType.ROBBERY, None),
            ("poging overval", ReportType.ROBBERY, True),
            ("poging tot inbraak", ReportType.BURGLARY, True),
            ("attempted robbery", ReportType.ROBBERY, True),
            ("overval (poging)", ReportType.ROBBERY, True),
            ("street robbery", ReportType.STREET_ROBBERY, None),
            ("street-robbery", ReportType.STREET_ROBBERY, None),
            ("RAMKRAAK", ReportType.RAM_RAID, None),
        ],
    )
    def test_type(self, typed: str, kind: ReportType, attempt: bool | None) -> None:
        fields = read(FieldName.TYPE, typed)
        assert (fields.type, fields.attempt) == (kind, attempt)

    @pytest.mark.parametrize(
        ("typed", "weapon"),
        [
            *(("geen", Weapon.NONE), ("mes", Weapon.STABBING), ("met een mes", Weapon.STABBING)),
            *(("a gun", Weapon.FIREARM), ("vuur", Weapon.FIREARM), ("moker", Weapon.BLUNT)),
            *(("onbekend", Weapon.UNKNOWN), ("threatened only", Weapon.THREATENED)),
        ],
    )
    def test_weapon(self, typed: str, weapon: Weapon) -> None:
        assert read(FieldName.WEAPON, typed).weapon is weapon

    @pytest.mark.parametrize("typed", ["geen mes", "mes of pistool"])
    def test_two_weapons_for_one_are_ambiguous(self, typed: str) -> None:
        with pytest.raises(UnreadableValue) as refused:
            read(FieldName.WEAPON, typed)
        assert refused.value.kind is ProblemKind.AMBIGUOUS_VALUE

    @pytest.mark.parametrize(
        ("typed", "answer"),
        [
            *(("ja", True), ("YES", True), ("j", True), ("nee", False), ("no", False)),
            *(("nog niet", False), ("onbekend", None), ("?", None)),
        ],
    )
    def test_yes_and_no_in_both_languages(self, typed: str, answer: bool | None) -> None:
        assert read(FieldName.FOOTAGE, typed).footage is answer

    def test_of_an_injury_nothing_but_yes_or_no_is_kept(self) -> None:
        kept = read_value(FieldName.INJURY, ReportFields(), "ja, hoofdwond", SETTING)
        assert (kept.fields.to_json(), kept.left_over) == ({"injury": True}, "hoofdwond")

    @pytest.mark.parametrize("typed", ["ja, PL0900-2026", "PL0900-2026"])
    def test_a_declaration_has_a_reference(self, typed: str) -> None:
        fields = read(FieldName.DECLARATION, typed)
        assert (fields.declaration, fields.declaration_reference) == (True, "PL0900-2026")

    @pytest.mark.parametrize(
        ("typed", "loot", "note"),
        [
            ("niets", (Loot.NOTHING,), None),
            ("gold, cash", (Loot.GOLD, Loot.CASH), None),
            ("goud en horloges", (Loot.GOLD, Loot.OTHER_WATCHES), None),
            ("luxe horloges", (Loot.LUXURY_WATCHES,), None),
            ("goud, Rolex Submariner", (Loot.GOLD,), "Rolex Submariner"),
            ("12 trouwringen", (Loot.WEDDING_RINGS,), "12 trouwringen"),
        ],
    )
    def test_loot(self, typed: str, loot: tuple[Loot, ...], note: str | None) -> None:
        fields = read(FieldName.LOOT, typed)
        assert (fields.loot, fields.loot_note) == (loot, note)

    def test_a_slip_in_nothing_is_asked_about_and_not_noted_as_loot(self) -> None:
        with pytest.raises(UnreadableValue) as refused:
            read(FieldName.LOOT, "nietss")
        assert refused.value.nearest == ("niets",)

    def test_tags_are_known_words(self) -> None:
        assert read(FieldName.MO_TAGS, "#moker, showcase smashed").mo_tags == (
            MoTag.SLEDGEHAMMER,
            MoTag.SHOWCASE_SMASHED,
        )

    @pytest.mark.parametrize(
        ("vocabulary", "section"),
        [
            *((FIELDS, "field_name"), (TYPES, "report_type"), (WEAPONS, "weapon")),
            *((LOOT, "loot"), (MO_TAGS, "mo_tag")),
        ],
    )
    @pytest.mark.parametrize("language", Language)
    def test_every_word_that_is_shown_can_be_typed(
        self, vocabulary: Vocabulary[FieldName], section: str, language: Language
    ) -> None:
        shown = Wording(templates_directory()).words(language)[section]
        assert {key: vocabulary.exact(word) for key, word in shown.items()} == {
            member.value: member for member in vocabulary.entries
        }

    @pytest.mark.parametrize("vocabulary", [FIELDS, TYPES, WEAPONS, LOOT, MO_TAGS])
    def test_no_word_stands_for_two_things(self, vocabulary: Vocabulary[FieldName]) -> None:
        meanings: dict[str, set[FieldName]] = {}
        for member, words in vocabulary.entries.items():
            for word in words.nl + words.en:
                meanings.setdefault(folded(word), set()).add(member)
        assert [word for word, members in meanings.items() if len(members) > 1] == []


class TestTags:
    def test_are_found_in_what_was_written(self) -> None:
        report = ReportFields(mo="Kwam als klant, rolluik opgekrikt", escape="te voet")
        assert report.tags == (MoTag.AS_CUSTOMER, MoTag.SHUTTER_JACKED, MoTag.ON_FOOT)

    def test_of_flight_are_found_only_in_the_flight(self) -> None:
        assert ReportFields(mo="parkeerde een scooter").tags == ()


class TestMerging:
    def test_what_is_said_later_wins(self) -> None:
        merged = apply(EVERYTHING, ReportFields(place="Zeist", injury=True))
        assert (merged.place, merged.injury, merged.mo) == ("Zeist", True, EVERYTHING.mo)

    def test_saying_nothing_changes_nothing(self) -> None:
        assert apply(EVERYTHING, ReportFields()) == EVERYTHING

    def test_another_town_takes_its_street_and_the_leave_to_share_it_away(self) -> None:
        merged = apply(EVERYTHING, ReportFields(place="Zeist"))
        assert (merged.street, merged.publish_street) == (None, None)

    def test_other_loot_takes_the_note_away(self) -> None:
        merged = apply(EVERYTHING, ReportFields(loot=(Loot.NOTHING,)))
        assert (merged.loot, merged.loot_note) == ((Loot.NOTHING,), None)

    def test_no_is_said(self) -> None:
        assert apply(EVERYTHING, ReportFields(footage=False)).footage is False


class TestWhatIsMissing:
    def test_type_place_and_time_of_an_empty_report(self) -> None:
        assert missing(ReportFields()) == (FieldName.TYPE, FieldName.PLACE, FieldName.TIME)

    def test_nothing_of_a_full_report(self) -> None:
        assert missing(EVERYTHING) == ()


class TestAttempt:
    @pytest.mark.parametrize(
        ("loot", "note", "said", "attempt"),
        [
            ((Loot.NOTHING,), None, None, True),
            ((Loot.NOTHING,), None, False, True),
            ((Loot.CASH,), None, True, False),
            ((Loot.CASH, Loot.NOTHING), None, None, False),
            ((), "Rolex", None, False),
            ((Loot.UNKNOWN,), None, True, True),
            ((), None, None, None),
        ],
    )
    def test_of_a_robbery_follows_from_the_loot(
        self, loot: tuple[Loot, ...], note: str | None, said: bool | None, attempt: bool | None
    ) -> None:
        report = ReportFields(type=ReportType.ROBBERY, loot=loot, loot_note=note, attempt=said)
        assert derived_attempt(report) is attempt

    def test_of_anything_else_is_what_the_reporter_says(self) -> None:
        report = ReportFields(type=ReportType.BURGLARY, loot=(Loot.NOTHING,), attempt=False)
        assert derived_attempt(report) is False


class TestKeeping:
    def test_every_field_name_is_an_attribute(self) -> None:
        assert [name for name in FieldName if not hasattr(EVERYTHING, name.value)] == []

    def test_everything_survives(self) -> None:
        assert ReportFields.from_json(EVERYTHING.to_json()) == EVERYTHING

    def test_what_was_not_said_is_not_stored(self) -> None:
        assert ReportFields(type=ReportType.THREAT).to_json() == {"type": "bedreiging"}

    @pytest.mark.parametrize("stored", [{"name": "x"}, {"type": "x"}, {"offenders": {"low": 0}}])
    def test_what_is_not_ours_is_refused_with_its_name(self, stored: dict[str, object]) -> None:
        with pytest.raises(ReportFormatError, match=next(iter(stored))):
            ReportFields.from_json(stored)  # type: ignore[arg-type]
