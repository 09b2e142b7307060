"""Which rooms there are, who belongs in them, and who is who."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.ids import UserID, server_of
from appservice.rooms.plan import RoomKey, RoomPlan, Speech
from bridge.configuration import Configuration
from bridge.members.roster import Role
from bridge.places import (
    CONVERSATIONS,
    READ_BY_OTHERS,
    AlertRoom,
    LiaisonRoom,
    NetworkSpace,
    Place,
    PrivateRoom,
    ReviewRoom,
    key_of,
    place_of,
    plans,
)
from bridge.regions import RegionCode, Regions
from bridge.wording import Wording, templates_directory
from tests.unit.example import (
    ANNA,
    BAS,
    CONFIGURATION,
    CORA,
    ELSEWHERE,
    HERE,
    MAX,
    MIA,
    OLGA,
    PIET,
    ROSTER,
    STRANGER,
    configuration,
    roster,
)

WORDING = Wording(templates_directory())


def planned(settings: Configuration = CONFIGURATION) -> dict[Place, RoomPlan]:
    made = plans(
        settings,
        Regions(settings.regions, merged=settings.police.units),
        roster(settings),
        WORDING,
        lambda text: f"hidden{len(text)}{text[1]}",
    )
    return {place_of(plan.key): plan for plan in made}


class TestTheRooms:
    def test_are_one_for_review_and_one_for_alerts_per_region(self) -> None:
        assert set(planned()) == {
            NetworkSpace(),
            ReviewRoom(),
            AlertRoom(HERE),
            AlertRoom(ELSEWHERE),
            LiaisonRoom(HERE),
            PrivateRoom(ANNA),
            PrivateRoom(OLGA),
            PrivateRoom(BAS),
        }

    @pytest.mark.parametrize(
        ("place", "people"),
        [
            (ReviewRoom(), {MIA, MAX, CORA, OLGA}),
            (AlertRoom(HERE), {ANNA, OLGA}),
            (AlertRoom(ELSEWHERE), {BAS}),
            (LiaisonRoom(HERE), {PIET}),
            (PrivateRoom(ANNA), {ANNA}),
        ],
    )
    def test_hold_who_belongs_there_and_nobody_else(
        self, place: Place, people: set[UserID]
    ) -> None:
        assert planned()[place].members == people

    def test_are_all_encrypted_but_the_space(self) -> None:
        assert {place for place, plan in planned().items() if not plan.encrypted} == {
            NetworkSpace()
        }

    def test_let_members_react_to_alerts_and_not_write(self) -> None:
        assert planned()[AlertRoom(HERE)].speech is Speech.REACTIONS

    @pytest.mark.parametrize("place", planned(), ids=lambda place: type(place).__name__)
    def test_are_each_emptied_when_their_time_is_over_but_the_space(self, place: Place) -> None:
        swept = key_of(place).startswith(READ_BY_OTHERS + CONVERSATIONS)
        assert swept is not isinstance(place, NetworkSpace)

    def test_have_no_liaison_room_where_no_region_asks_for_one(self) -> None:
        rooms = planned(
            configuration(
                regions=[{"code": HERE, "name": "Hier"}, {"code": ELSEWHERE, "name": "Daar"}],
                liaisons=[],
            )
        )
        assert not [place for place in rooms if isinstance(place, LiaisonRoom)]

    def test_tell_no_members_name_in_an_alias(self) -> None:
        aliases = [plan.alias for plan in planned().values()]
        assert [alias for alias in aliases if "anna" in alias or "bas" in alias] == []

    def test_have_aliases_of_their_own(self) -> None:
        aliases = [plan.alias for plan in planned().values()]
        assert len(set(aliases)) == len(aliases)

    def test_of_a_member_speak_their_language(self) -> None:
        assert planned()[PrivateRoom(BAS)].name == "Goudwacht: report"
        assert planned()[PrivateRoom(ANNA)].name == "Goudwacht: melden"


REGIONS = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True).map(RegionCode)
USERS = st.from_regex(r"@[a-z0-9/._=+-]+:[a-z0-9.-]+(:[0-9]{1,5})?", fullmatch=True).map(UserID)


@given(
    st.sampled_from([NetworkSpace(), ReviewRoom()])
    | REGIONS.map(AlertRoom)
    | REGIONS.map(LiaisonRoom)
    | USERS.map(PrivateRoom)
)
def test_a_place_is_found_again_by_its_key(place: Place) -> None:
    assert place_of(key_of(place)) == place


def test_a_key_of_no_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no room of the network"):
        place_of(RoomKey("lobby"))


class TestTheRoster:
    def test_knows_no_stranger(self) -> None:
        assert ROSTER.person(STRANGER) is None

    @pytest.mark.parametrize(
        ("user", "roles"),
        [
            (ANNA, {Role.MEMBER}),
            (MIA, {Role.MODERATOR}),
            (CORA, {Role.COORDINATOR}),
            (PIET, {Role.LIAISON}),
            (OLGA, {Role.MEMBER, Role.MODERATOR}),
        ],
    )
    def test_knows_everybodys_roles(self, user: UserID, roles: set[Role]) -> None:
        found = ROSTER.person(user)
        assert found is not None
        assert found.roles == roles

    def test_lets_moderators_and_coordinators_decide_and_nobody_else(self) -> None:
        assert ROSTER.moderators == {MIA, MAX, CORA, OLGA}

    def test_gives_a_police_officer_none_of_a_moderators_powers(self) -> None:
        found = ROSTER.person(PIET)
        assert found is not None
        assert (found.moderates, found.is_member, server_of(found.user)) == (
            False,
            False,
            "police.example",
        )
