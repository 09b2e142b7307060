"""Which police units there are, what each serves, and who belongs in which liaison room."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.ids import UserID
from bridge.configuration import ConfigurationError
from bridge.members.roster import Roster
from bridge.places import active_units, with_police
from bridge.regions import NATIONWIDE, PoliceUnit, Region, RegionCode, Regions
from bridge.regions.unit import units_of
from tests.unit.example import CONFIGURATION, ELSEWHERE, HERE, PIET, configuration, roster

WEST = RegionCode("west")
BOTH = PoliceUnit(code=WEST, name="West", regions=(HERE, ELSEWHERE))

codes = st.sampled_from([RegionCode(code) for code in "abcdef"])
regions = st.lists(
    st.builds(
        lambda code, police: Region(code=code, name=code, police=police), codes, st.booleans()
    ),
    unique_by=lambda region: region.code,
)


def liaisons(*entries: tuple[UserID, str], **sections: Any) -> Roster:
    listed = [{"user": user, "region": unit} for user, unit in entries]
    return roster(configuration(liaisons=listed, **sections))


def unit_codes(units: tuple[PoliceUnit, ...]) -> list[str]:
    return [unit.code for unit in units]


class TestTheUnits:
    def test_are_one_for_each_region_with_police_and_the_national_one(self) -> None:
        assert unit_codes(units_of(CONFIGURATION.regions)) == [HERE, NATIONWIDE]

    def test_are_merged_where_one_serves_several_regions(self) -> None:
        units = units_of(CONFIGURATION.regions, [BOTH])

        assert unit_codes(units) == [WEST, NATIONWIDE]
        assert units[0].regions == (HERE, ELSEWHERE)

    def test_leave_out_a_merged_unit_none_of_whose_regions_is_there(self) -> None:
        gone = PoliceUnit(code=WEST, name="West", regions=(RegionCode("weg"),))

        assert WEST not in unit_codes(units_of(CONFIGURATION.regions, [gone]))

    @given(regions, st.sets(codes, min_size=1))
    def test_serve_each_region_with_police_in_one_unit_besides_the_national(
        self, there: list[Region], merged: set[RegionCode]
    ) -> None:
        units = units_of(there, [PoliceUnit(code=WEST, name="West", regions=tuple(merged))])

        served = [code for unit in units if not unit.national for code in unit.regions]
        assert len(served) == len(set(served))
        assert {region.code for region in there if region.police} <= set(served)
        assert set(served) <= {region.code for region in there}


class TestALiaisonRoom:
    def test_is_there_for_a_unit_with_a_liaison(self) -> None:
        units = active_units(Regions(CONFIGURATION.regions), liaisons((PIET, HERE)))

        assert unit_codes(units) == [HERE]

    def test_of_the_national_police_serves_every_region(self) -> None:
        roster = liaisons((PIET, NATIONWIDE))

        assert with_police(Regions(CONFIGURATION.regions), roster) == {HERE, ELSEWHERE}

    def test_is_nowhere_without_police(self) -> None:
        assert with_police(Regions(CONFIGURATION.regions), liaisons()) == frozenset()

    def test_is_there_for_a_merged_unit(self) -> None:
        units = [{"code": WEST, "name": "West", "regions": [HERE, ELSEWHERE]}]
        settings = configuration(liaisons=[{"user": PIET, "region": WEST}], police={"units": units})
        regions = Regions(settings.regions, merged=settings.police.units)

        assert with_police(regions, roster(settings)) == {HERE, ELSEWHERE}


class TestTheConfiguration:
    @pytest.mark.parametrize(
        ("units", "said"),
        [
            ([{"code": HERE, "name": "X", "regions": [ELSEWHERE]}], "code of something else"),
            ([{"code": NATIONWIDE, "name": "X", "regions": [HERE]}], "code of something else"),
            ([{"code": WEST, "name": "X", "regions": ["midden-nederlnd"]}], "is not a region"),
            (
                [
                    {"code": WEST, "name": "X", "regions": [HERE]},
                    {"code": "oost", "name": "Y", "regions": [HERE]},
                ],
                "served by an earlier unit too",
            ),
        ],
    )
    def test_says_which_unit_does_not_fit(self, units: list[dict[str, Any]], said: str) -> None:
        with pytest.raises(ConfigurationError, match=said):
            configuration(police={"units": units})

    def test_says_when_a_liaison_has_no_unit(self) -> None:
        with pytest.raises(ConfigurationError, match="has no liaison room"):
            configuration(liaisons=[{"user": PIET, "region": ELSEWHERE}])
