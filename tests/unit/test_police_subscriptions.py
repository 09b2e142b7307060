"""What a police unit asked to read, and whether a case is among it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.police.subscriptions import (
    Types,
    Wanted,
    Wish,
    read,
    subscribed,
    unsubscribed,
    usual,
    wants,
)
from bridge.regions import NATIONWIDE, PoliceUnit, Region, RegionCode, Regions
from bridge.reports import ReportType
from bridge.speech import Refused
from tests.unit.example import ELSEWHERE, HERE, REGIONS

UNIT = PoliceUnit(code=HERE, name="Midden-Nederland", regions=(HERE,))
NATIONAL = PoliceUnit(code=NATIONWIDE, name="", regions=(HERE, ELSEWHERE))
ROBBERY, RECONNAISSANCE = ReportType.ROBBERY, ReportType.RECONNAISSANCE
BLAST = ReportType.EXPLOSIVE_ATTACK

places = st.sampled_from([HERE, ELSEWHERE, NATIONWIDE])
kinds: st.SearchStrategy[Types] = st.none() | st.frozensets(
    st.sampled_from(list(ReportType)), min_size=1
)
wanteds: st.SearchStrategy[Wanted] = st.dictionaries(places, kinds)
wishes = st.builds(Wish, st.lists(places, unique=True).map(tuple), kinds)


class TestWhatIsTyped:
    @pytest.mark.parametrize(
        ("typed", "wish"),
        [
            ("midden-nederland", Wish((HERE,))),
            (
                "midden-nederland overval,voorverkenning",
                Wish((HERE,), frozenset({ROBBERY, RECONNAISSANCE})),
            ),
            ("Amsterdam; Midden-Nederland", Wish((ELSEWHERE, HERE))),
            ("Midden Nederland: overval en plofkraak", Wish((HERE,), frozenset({ROBBERY, BLAST}))),
            ("robbery in Amsterdam and", Wish((ELSEWHERE,), frozenset({ROBBERY}))),
            ("alles", Wish((NATIONWIDE,))),
            ("landelijk robbery", Wish((NATIONWIDE,), frozenset({ROBBERY}))),
            ("overval", Wish((), frozenset({ROBBERY}))),
            ("", Wish()),
        ],
    )
    def test_is_regions_and_types_in_either_language(self, typed: str, wish: Wish) -> None:
        assert read(typed, REGIONS) == wish

    def test_is_refused_with_the_nearest_word(self) -> None:
        with pytest.raises(Refused) as refused:
            read("midden-nederlnad", REGIONS)

        assert refused.value.values["nearest"] == HERE

    def test_may_be_a_name_of_several_words(self) -> None:
        regions = Regions([Region(code=RegionCode("den-haag"), name="Den Haag en Delft")])

        assert read("den haag en delft overval", regions).regions == ("den-haag",)
        assert read("overval, den haag", regions).regions == ("den-haag",)

    @given(st.text(max_size=60))
    def test_is_never_read_as_something_else(self, typed: str) -> None:
        try:
            wish = read(typed, REGIONS)
        except Refused:
            return
        assert set(wish.regions) <= {HERE, ELSEWHERE, NATIONWIDE}


class TestAUnit:
    def test_gets_everything_of_its_own_regions_until_it_says_otherwise(self) -> None:
        assert wants(usual(UNIT), [HERE], ROBBERY)
        assert not wants(usual(UNIT), [ELSEWHERE], ROBBERY)

    def test_of_the_national_police_gets_everything(self) -> None:
        assert wants(usual(NATIONAL), [RegionCode("nieuw")], ROBBERY)

    def test_that_names_no_region_speaks_of_its_own(self) -> None:
        wanted = subscribed({}, Wish((), frozenset({ROBBERY})), UNIT)

        assert wanted == {HERE: frozenset({ROBBERY})}

    def test_can_have_another_region_beside_its_own(self) -> None:
        wanted = subscribed(usual(UNIT), Wish((ELSEWHERE,), frozenset({ROBBERY})), UNIT)

        assert wants(wanted, [ELSEWHERE], ROBBERY)
        assert not wants(wanted, [ELSEWHERE], RECONNAISSANCE)
        assert wants(wanted, [HERE], RECONNAISSANCE)

    def test_that_had_everything_keeps_the_rest_without_one_region(self) -> None:
        wanted = unsubscribed({NATIONWIDE: None}, Wish((HERE,)), REGIONS.codes)

        assert wanted == {ELSEWHERE: None}

    def test_that_drops_a_type_keeps_the_others(self) -> None:
        wanted = unsubscribed({HERE: None}, Wish((), frozenset({ROBBERY})), REGIONS.codes)

        assert not wants(wanted, [HERE], ROBBERY)
        assert wants(wanted, [HERE], RECONNAISSANCE)

    @given(wanteds)
    def test_that_drops_everything_gets_nothing(self, wanted: Wanted) -> None:
        assert unsubscribed(wanted, Wish(), REGIONS.codes) == {}

    @given(wanteds, wishes)
    def test_gets_what_it_asked_for_last(self, wanted: Wanted, wish: Wish) -> None:
        after = subscribed(wanted, wish, UNIT)

        for region in wish.regions or (HERE,):
            for kind in wish.types or ReportType:
                assert wants(after, [region], kind)

    @given(wanteds, wishes)
    def test_gets_nothing_of_what_it_dropped(self, wanted: Wanted, wish: Wish) -> None:
        after = unsubscribed(wanted, wish, REGIONS.codes)

        dropped = wish.regions if wish.regions and NATIONWIDE not in wish.regions else REGIONS.codes
        for region in dropped:
            for kind in wish.types or ReportType:
                assert not wants(after, [region], kind)

    @given(wanteds, wishes, st.sampled_from(list(ReportType)))
    def test_gets_no_more_by_dropping(self, wanted: Wanted, wish: Wish, kind: ReportType) -> None:
        after = unsubscribed(wanted, wish, REGIONS.codes)

        for region in REGIONS.codes:
            assert wants(wanted, [region], kind) or not wants(after, [region], kind)
