"""Which homeservers' users take part, and what the others get."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from appservice.ids import EventID, RoomID, UserID
from appservice.rooms.plan import RoomPlan, RoomState, SetState, drift, policy, server_acl
from bridge.configuration import Configuration, ConfigurationError
from bridge.members.roster import Roster
from bridge.places import AlertRoom, LiaisonRoom, Place, PrivateRoom, ReviewRoom, place_of, plans
from bridge.regions import Regions
from bridge.wording import Wording, templates_directory
from tests.appservice.test_plan import BOT, made
from tests.unit.example import ANNA, HERE, PIET, configuration
from tests.unit.stage import Stage

ALLOWED = configuration()
WITHDRAWN = configuration(federation={"allowed_servers": []})
WORDING = Wording(templates_directory())


def planned(settings: Configuration) -> dict[Place, RoomPlan]:
    regions = Regions(settings.regions)
    rooms = plans(settings, regions, Roster.of(settings), WORDING, lambda text: f"hidden{text}")
    return {place_of(plan.key): plan for plan in rooms}


class TestTheRooms:
    def test_let_in_our_own_homeserver_and_those_that_are_allowed(self) -> None:
        acls = [policy(plan)["m.room.server_acl"]["allow"] for plan in planned(ALLOWED).values()]

        assert acls
        assert all(allow == ["example.org", "police.example"] for allow in acls)

    def test_let_in_our_own_homeserver_alone_when_none_is_named(self) -> None:
        assert configuration(federation={}).servers == ("example.org",)

    def test_have_nobody_of_another_homeserver(self) -> None:
        everyone = {user for plan in planned(WITHDRAWN).values() for user in plan.members}

        assert PIET not in everyone
        assert ANNA in everyone

    def test_are_none_for_police_who_may_not_take_part(self) -> None:
        assert LiaisonRoom(HERE) in planned(ALLOWED)
        assert LiaisonRoom(HERE) not in planned(WITHDRAWN)

    def test_are_none_for_a_member_who_may_not_take_part(self) -> None:
        far = UserID("@verre:elders.example")
        settings = configuration(members=[{"user": far, "region": HERE}])

        assert PrivateRoom(far) not in planned(settings)
        assert planned(settings)[AlertRoom(HERE)].members == frozenset()


class TestTheList:
    def test_has_names_with_and_without_their_ports(self) -> None:
        assert server_acl(["police.example:8448", "[::1]:8448"])["allow"] == [
            "[::1]",
            "[::1]:8448",
            "police.example",
            "police.example:8448",
        ]

    @pytest.mark.parametrize(
        ("servers", "literals"),
        [(["example.org"], False), (["127.0.0.1:8448"], True), (["[::1]"], True)],
    )
    def test_lets_in_names_that_are_addresses_only_when_one_is_allowed(
        self, servers: list[str], literals: bool
    ) -> None:
        assert server_acl(servers)["allow_ip_literals"] is literals

    def test_is_put_back_when_somebody_changed_it(self) -> None:
        plan = planned(ALLOWED)[ReviewRoom()]
        events = made(plan)
        events["m.room.server_acl", ""] = {"allow": ["*"], "deny": []}

        repairs = drift(plan, RoomState(events), BOT)

        assert SetState("m.room.server_acl", "", policy(plan)["m.room.server_acl"]) in repairs

    @given(st.text(max_size=30))
    def test_never_holds_a_pattern(self, name: str) -> None:
        try:
            settings = configuration(federation={"allowed_servers": [name]})
        except ConfigurationError:
            return
        assert not set("*?") & set("".join(server_acl(settings.servers)["allow"]))


@pytest_asyncio.fixture(loop_scope="session")
async def withdrawn() -> AsyncIterator[Stage]:
    """A network whose police officer is on a homeserver that is not allowed any more."""
    stage = Stage(WITHDRAWN)
    await stage.set()
    yield stage
    await stage.close()


class TestAHomeserverThatIsNotAllowed:
    async def test_is_named_to_the_moderators_with_who_does_not_take_part(
        self, withdrawn: Stage
    ) -> None:
        told = [one for one in withdrawn.said if one.template == "review/server_not_allowed"]

        assert [str(PIET) in one.text.plain for one in told] == [True]

    async def test_has_nobody_who_is_answered(self, withdrawn: Stage) -> None:
        # Even where they are still in a room.
        assert await withdrawn.says(PIET, ReviewRoom(), "!help") == []

    async def test_has_no_member_who_is_shown_the_way(self) -> None:
        far = UserID("@verre:elders.example")
        stage = Stage(configuration(members=[{"user": far, "region": HERE}]))
        await stage.set()

        assert await stage.says(far, RoomID("!elsewhere"), "hallo", replaces=EventID("$1")) == []
        await stage.close()
