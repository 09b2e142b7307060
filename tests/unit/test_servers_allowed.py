"""Which homeservers' users take part, and what the others get."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from appservice.ids import EventID, RoomID, UserID
from appservice.rooms import records
from appservice.rooms.plan import RoomPlan, RoomState, SetState, drift, policy, server_acl
from bridge.configuration import Configuration, ConfigurationError
from bridge.places import AlertRoom, LiaisonRoom, Place, PrivateRoom, ReviewRoom, place_of, plans
from bridge.regions import Regions
from bridge.wording import Wording, templates_directory
from tests.appservice.test_plan import BOT, made
from tests.unit.example import ANNA, CORA, HERE, MIA, PIET, configuration, roster
from tests.unit.stage import Said, Stage

ALLOWED = configuration()
WITHDRAWN = configuration(federation={"allowed_servers": []})
WORDING = Wording(templates_directory())


def planned(settings: Configuration) -> dict[Place, RoomPlan]:
    regions = Regions(settings.regions)
    rooms = plans(settings, regions, roster(settings), WORDING, lambda text: f"hidden{text}")
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


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """A network whose police officer is on a homeserver that may take part."""
    stage = Stage(ALLOWED)
    await stage.set()
    yield stage
    await stage.close()


async def members(stage: Stage) -> set[UserID]:
    """Everyone who belongs in any room."""
    async with stage.database.read() as work:
        return {user for plan, _ in await records.plans(work) for user in plan.members}


async def let_in(stage: Stage) -> set[str]:
    """The homeservers that any room lets in, closed ones among them."""
    async with stage.database.read() as work:
        return {name for plan, _ in await records.plans(work) for name in plan.servers or ()}


def templates(said: list[Said]) -> list[str]:
    return [one.template for one in said if not one.template.startswith("room/")]


class TestACoordinator:
    async def test_puts_a_homeserver_out_at_once_with_everyone_on_it(self, stage: Stage) -> None:
        said = await stage.says(CORA, ReviewRoom(), "!server uit police.example")

        assert [PIET in one.text.plain for one in said if one.template == "members/server"] == [
            True
        ]
        assert PIET not in await members(stage)
        assert await let_in(stage) == {"example.org"}

    async def test_has_nobody_of_it_answered_any_more(self, stage: Stage) -> None:
        await stage.says(CORA, ReviewRoom(), "!server uit police.example")

        assert await stage.says(PIET, LiaisonRoom(HERE), "!help") == []

    async def test_has_nobody_of_it_invited(self, stage: Stage) -> None:
        await stage.says(CORA, ReviewRoom(), "!server uit police.example")
        said = await stage.says(CORA, ReviewRoom(), f"!uitnodigen @nel:police.example {HERE}")

        assert templates(said) == ["members/server_not_allowed"]

    async def test_keeps_it_out_over_a_restart(self, stage: Stage) -> None:
        await stage.says(CORA, ReviewRoom(), "!server uit police.example")
        stage.restart()
        async with stage.database.begin() as work:
            await stage.network.started(work)

        assert await let_in(stage) == {"example.org"}

    async def test_lets_it_in_again(self, stage: Stage) -> None:
        await stage.says(CORA, ReviewRoom(), "!server uit police.example")
        await stage.says(CORA, ReviewRoom(), "!server aan police.example")

        assert PIET in await members(stage)
        assert "police.example" in await let_in(stage)

    @pytest.mark.parametrize(
        ("typed", "answer"),
        [
            ("uit example.org", "members/own_server"),
            ("uit elsewhere.example", "members/which_server"),
            ("aan elsewhere.example", "members/which_server"),
            ("weg police.example", "members/how_server"),
            ("uit", "members/how_server"),
            ("", "members/servers"),
        ],
    )
    async def test_changes_nothing_else(self, stage: Stage, typed: str, answer: str) -> None:
        said = await stage.says(CORA, ReviewRoom(), f"!server {typed}")

        assert templates(said) == [answer]
        assert await let_in(stage) == {"example.org", "police.example"}

    async def test_puts_out_no_homeserver_with_the_last_coordinator(self) -> None:
        far = UserID("@cora:police.example")
        stage = Stage(configuration(coordinators=[far]))
        await stage.set()
        said = await stage.says(far, ReviewRoom(), "!server uit police.example")

        assert templates(said) == ["members/last_coordinator"]
        await stage.close()

    async def test_alone_can(self, stage: Stage) -> None:
        said = await stage.says(MIA, ReviewRoom(), "!server uit police.example")

        assert templates(said) == ["command/coordinators"]

    async def test_hears_nothing_of_it_where_nobody_else_takes_part(self) -> None:
        alone = Stage(configuration(federation={}, liaisons=[]))
        await alone.set()
        (help_,) = await alone.says(CORA, ReviewRoom(), "!help")

        assert "!server" not in help_.text.plain
        await alone.close()
