"""What a moderator decides, and who hears of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.ids import UserID
from bridge.moderation.card import Surroundings, card_number
from bridge.moderation.choice import Choice, Rules
from bridge.moderation.decisions import Decision, approve, reject
from bridge.places import AlertRoom, LiaisonRoom, Place, PrivateRoom
from bridge.reasons import MAXIMUM_REASON
from bridge.regions import RegionCode
from bridge.reports import FieldName, ReportFields
from bridge.reports.case import Case, CaseNumber, Status, cancel, submit
from bridge.reports.shown import Audience, PoliceReading, lines
from bridge.speech import Refused
from tests.unit.example import (
    ANNA,
    CARDS,
    CORA,
    ELSEWHERE,
    FIELDS,
    HERE,
    MAX,
    MIA,
    NOW,
    OLGA,
    REGIONS,
    ROSTER,
    SHOP,
    draft,
    submitted,
)

LATER = NOW + timedelta(minutes=5)


RULES = Rules(REGIONS, ROSTER)


def anyone(_: UserID) -> bool:
    return True


def approved(
    case: Case,
    by: UserID = MIA,
    regions: tuple[RegionCode, ...] = (HERE,),
    police: tuple[RegionCode, ...] = (),
) -> Decision:
    return approve(case, by, Choice(regions, bool(police)), RULES, LATER, moderates=anyone)


def rejected(case: Case, by: UserID = MIA, reason: str | None = "te vaag") -> Decision:
    return reject(case, by, reason, LATER)


def hearing(decision: Decision) -> list[Place]:
    return [say.to for say in decision.says]


class TestApproving:
    def test_tells_the_region_then_the_reporter(self) -> None:
        assert hearing(approved(submitted())) == [AlertRoom(HERE), PrivateRoom(ANNA)]

    def test_tells_the_reporter_the_names_of_the_regions(self) -> None:
        decision = approved(submitted(), regions=(HERE, ELSEWHERE))

        (told,) = [say for say in decision.says if say.to == PrivateRoom(ANNA)]
        assert told.values["regions"] == ["Midden-Nederland", "Amsterdam"]

    def test_pushes_the_members_and_nobody_else(self) -> None:
        decision = approved(submitted(), police=(HERE,))

        pushed = [say.to for say in decision.says if say.alerts_room]
        assert pushed == [AlertRoom(HERE)]

    def test_gives_every_message_a_name_of_its_own(self) -> None:
        decision = approved(submitted(), regions=(HERE, ELSEWHERE), police=(HERE,))

        names = [say.name for say in decision.says]
        assert None not in names
        assert len(set(names)) == len(names)

    def test_keeps_who_decided_when_and_for_whom(self) -> None:
        case = approved(submitted(), police=(HERE,)).case

        assert (case.status, case.decided_by, case.decided_at) == (Status.PUBLISHED, MIA, LATER)
        assert (case.regions, case.police) == ((HERE,), True)

    def test_hands_neither_reporter_nor_shop_to_an_alert(self) -> None:
        decision = approved(submitted(), police=(HERE,))

        shared = [say for say in decision.says if isinstance(say.to, AlertRoom | LiaisonRoom)]
        for private in (ANNA, SHOP, "PL0900-2026", "Steenweg"):
            assert [say for say in shared if private in str(say)] == []


class TestRejecting:
    def test_tells_the_reporter_alone(self) -> None:
        assert hearing(rejected(submitted())) == [PrivateRoom(ANNA)]

    def test_tells_the_reporter_why(self) -> None:
        (told,) = rejected(submitted()).says

        assert (told.template, told.values["reason"]) == ("report/rejected", "te vaag")

    def test_may_give_the_reason_afterwards(self) -> None:
        (told,) = rejected(rejected(submitted(), reason=None).case, reason="geen plaats").says

        assert (told.template, told.values["reason"]) == ("report/rejected_because", "geen plaats")

    def test_takes_a_later_reason_from_the_same_moderator_alone(self) -> None:
        case = rejected(submitted(), by=MIA, reason=None).case

        with pytest.raises(Refused, match="already_decided"):
            rejected(case, by=MAX, reason="ik weet waarom")

    def test_does_not_change_a_reason(self) -> None:
        case = rejected(submitted()).case

        with pytest.raises(Refused, match="already_decided"):
            rejected(case, reason="toch iets anders")

    def test_refuses_a_reason_that_no_phone_shows(self) -> None:
        with pytest.raises(Refused, match="reason_too_long"):
            rejected(submitted(), reason="x" * (MAXIMUM_REASON + 1))

    def test_takes_the_longest_reason(self) -> None:
        assert rejected(submitted(), reason="x" * MAXIMUM_REASON).case.reason is not None


@pytest.mark.parametrize("decide", [approved, rejected])
def test_nobody_decides_on_their_own_report(decide: object) -> None:
    assert callable(decide)
    with pytest.raises(Refused, match="own_report"):
        decide(submitted(reporter=OLGA), by=OLGA)


class TestSending:
    def test_gives_the_report_its_number(self) -> None:
        case = submit(draft(), CaseNumber(7), LATER)

        assert (case.status, case.number, case.submitted_at) == (Status.SUBMITTED, 7, LATER)

    @pytest.mark.parametrize("lacking", [FieldName.TYPE, FieldName.PLACE, FieldName.TIME])
    def test_needs_type_place_and_time(self, lacking: FieldName) -> None:
        without: dict[str, Any] = {lacking.value: None}
        with pytest.raises(ValueError, match=lacking.value):
            submit(draft(replace(FIELDS, **without)), CaseNumber(7), LATER)

    def test_does_without_a_time_that_its_reporter_does_not_know(self) -> None:
        timeless = draft(replace(FIELDS, time=None))

        case = submit(timeless, CaseNumber(7), LATER, frozenset({FieldName.TIME}))

        assert case.status is Status.SUBMITTED

    def test_throwing_away_keeps_nothing_of_it(self) -> None:
        assert cancel(draft()).fields == ReportFields()


def offered(case: Case) -> list[str | None]:
    """The reactions that stand on a new card to be tapped."""
    posted = CARDS.post(case, Surroundings(), LATER)
    return [getattr(say, "key", None) for say in posted][1:]


class TestTheCard:
    def test_offers_the_police_where_there_is_a_liaison(self) -> None:
        elsewhere = replace(submitted(), region=ELSEWHERE)

        assert offered(submitted()) == ["✅", "👮", "❓", "❌"]
        assert offered(elsewhere) == ["✅", "❓", "❌"]

    @pytest.mark.parametrize(
        ("name", "number"),
        [
            ("case/42/card", 42),
            ("case/42/card/published", None),
            ("case/42/card/✅", None),
            ("case/42/alert/amsterdam", None),
            ("case/x/card", None),
            ("case//card", None),
            ("welcome/@anna:example.org", None),
            ("", None),
            (None, None),
        ],
    )
    def test_is_known_by_its_name_and_nothing_else_is(
        self, name: str | None, number: int | None
    ) -> None:
        assert card_number(name) == number


class TestWhoReadsWhat:
    def test_members_read_no_field_that_the_federation_keeps_from_them(self) -> None:
        named = {line.name for line in lines(FIELDS, Audience.MEMBERS)}

        assert named <= {
            FieldName.TIME,
            FieldName.OFFENDERS,
            FieldName.DESCRIPTION,
            FieldName.MO,
            FieldName.MO_TAGS,
            FieldName.WEAPON,
            FieldName.LOOT,
            FieldName.ESCAPE,
            FieldName.PREVENTION,
        }

    def test_the_police_read_no_street_and_no_reference_unless_they_are_let(self) -> None:
        named = {line.name for line in PoliceReading().lines(FIELDS)}

        assert (
            named
            & {
                FieldName.STREET,
                FieldName.DECLARATION,
                FieldName.DECLARATION_REFERENCE,
            }
            == set()
        )

    def test_moderators_read_everything_that_was_said(self) -> None:
        said = {FieldName(name) for name in FIELDS.to_json()}

        assert said <= {line.name for line in lines(FIELDS, Audience.MODERATORS)}


DECIDERS = st.sampled_from([ANNA, MIA, MAX, CORA, OLGA])
REASONS = st.none() | st.text(min_size=1, max_size=20)


@given(
    st.sampled_from([ANNA, OLGA]),
    st.lists(st.tuples(st.booleans(), DECIDERS, REASONS), max_size=12),
)
def test_of_any_decisions_in_any_order_one_counts_and_never_the_reporters_own(
    reporter: UserID, attempts: list[tuple[bool, UserID, str | None]]
) -> None:
    case = submitted(reporter=reporter)
    alerted = told_why = 0
    for approves, by, reason in attempts:
        before = case
        try:
            decision = approved(case, by) if approves else rejected(case, by, reason)
        except Refused:
            continue
        case = decision.case
        alerted += sum(isinstance(say.to, AlertRoom) for say in decision.says)
        told_why += sum(say.values.get("reason") is not None for say in decision.says)
        assert case.decided_by == by
        if before.status is not Status.SUBMITTED:
            # Only a reason may follow a decision, and only from who made it.
            assert replace(before, reason=case.reason, decided_at=case.decided_at) == case
            assert (before.status, before.reason) == (Status.REJECTED, None)

    assert case.decided_by != reporter
    assert alerted == int(case.status is Status.PUBLISHED)
    assert told_why <= 1
