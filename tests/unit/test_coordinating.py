"""Whom coordinators let in, and in which role."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import select

from appservice.database import Work
from appservice.ids import UserID
from appservice.lookups import Existence, lookups
from appservice.rooms import records
from bridge.members.invitations import invitations
from bridge.members.roster import Role
from tests.unit.coordination import (
    CARL,
    NEW,
    REVIEW,
    belongs,
    has_devices,
    in_the_database,
    invited,
    person,
    reported_and_shared,
    templates,
    waiting_for,
)
from tests.unit.example import (
    ANNA,
    BAS,
    CORA,
    ELSEWHERE,
    HERE,
    MIA,
    OLGA,
    PIET,
    STRANGER,
    configuration,
)
from tests.unit.stage import Stage


@pytest_asyncio.fixture(loop_scope="session")
async def two_coordinators() -> AsyncIterator[Stage]:
    """Where a second coordinator confirms who is let in."""
    made = Stage(configuration(coordinators=[CORA, CARL], invitations={"second_coordinator": True}))
    await made.set()
    yield made
    await made.close()


class TestAnInvitation:
    async def test_lets_a_member_into_space_region_and_private_room(self, stage: Stage) -> None:
        await invited(stage, f"{NEW} {HERE} Juwelier Nel")

        assert await belongs(stage, NEW) == {"space", f"alerts/{HERE}", f"private/{NEW}"}

    async def test_keeps_the_name_of_the_shop(self, stage: Stage) -> None:
        await invited(stage, f"{NEW} {HERE} Juwelier Nel")

        found = person(stage, NEW)
        assert found is not None
        assert found.shop == "Juwelier Nel"

    async def test_takes_the_region_by_its_name_too(self, stage: Stage) -> None:
        await invited(stage, f"{NEW} Midden-Nederland Juwelier Nel")

        found = person(stage, NEW)
        assert found is not None
        assert (found.region, found.shop) == (HERE, "Juwelier Nel")

    async def test_does_nothing_before_it_is_known_that_the_user_exists(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!uitnodigen {NEW} {HERE}")

        assert person(stage, NEW) is None
        asked = await in_the_database(stage, lambda work: work.execute(select(lookups)))
        assert asked.scalars().all() == [NEW]

    @pytest.mark.parametrize(
        ("found", "template"),
        [
            (Existence.NOBODY, "members/nobody"),
            (Existence.SILENT, "members/server_silent"),
        ],
    )
    async def test_of_nobody_is_told_and_forgotten(
        self, stage: Stage, found: Existence, template: str
    ) -> None:
        await stage.says(CORA, REVIEW, f"!uitnodigen {NEW} {HERE}")
        said = await stage.is_found(NEW, found)
        await stage.is_found(NEW, Existence.THERE)

        assert templates(said) == [template]
        assert person(stage, NEW) is None

    async def test_counts_once_however_often_the_answer_comes(self, stage: Stage) -> None:
        await invited(stage, f"{NEW} {HERE}")

        assert templates(await stage.is_found(NEW)) == []

    async def test_to_a_homeserver_that_takes_no_part_is_refused(self, stage: Stage) -> None:
        said = await stage.says(CORA, REVIEW, f"!uitnodigen @nel:elsewhere.example {HERE}")

        assert templates(said) == ["members/server_not_allowed"]

    async def test_names_the_regions_when_it_knows_none_such(self, stage: Stage) -> None:
        (said,) = await stage.says(CORA, REVIEW, f"!uitnodigen {NEW} amstredam")

        assert "Bedoel je amsterdam?" in said.text.plain

    @pytest.mark.parametrize(
        ("typed", "template"),
        [
            ("", "members/which_user"),
            ("nel midden-nederland", "members/which_user"),
            (f"{NEW}", "members/which_region"),
            (f"{ANNA} {HERE}", "members/already_in"),
            (f"{PIET} {HERE}", "members/police_or_member"),
            (f"@goudwacht:example.org {HERE}", "members/is_the_bot"),
            (f"{NEW} {HERE} {'x' * 101}", "members/shop_too_long"),
        ],
    )
    async def test_that_cannot_be_is_refused(self, stage: Stage, typed: str, template: str) -> None:
        assert templates(await stage.says(CORA, REVIEW, f"!uitnodigen {typed}")) == [template]

    async def test_by_a_link_or_with_a_capital_means_the_same(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!uitnodigen https://matrix.to/#/@Nel:example.org {HERE}")
        await stage.is_found(NEW)

        assert person(stage, NEW) is not None

    async def test_of_a_member_to_another_region_moves_and_tells_them(self, stage: Stage) -> None:
        said = await stage.says(CORA, REVIEW, f"!uitnodigen {ANNA} {ELSEWHERE}")

        assert templates(said) == ["members/moved", "member/region_moved"]
        assert "gesloten" not in said[-1].text.plain
        assert await belongs(stage, ANNA) == {"space", f"alerts/{ELSEWHERE}", f"private/{ANNA}"}

    async def test_of_one_removed_in_the_meantime_as_coordinator_is_dropped(
        self, two_coordinators: Stage
    ) -> None:
        stage = two_coordinators
        await stage.says(CORA, REVIEW, f"!uitnodigen {NEW} {HERE}")
        await stage.says(CARL, REVIEW, f"!verwijder {CORA}")
        await stage.is_found(NEW)

        assert person(stage, NEW) is None

    @pytest.mark.parametrize("who", [MIA, OLGA, ANNA, PIET, STRANGER])
    async def test_by_anyone_but_a_coordinator_is_none(self, stage: Stage, who: UserID) -> None:
        await stage.says(who, REVIEW, f"!uitnodigen {NEW} {HERE}")
        await stage.is_found(NEW)

        assert person(stage, NEW) is None


class TestASecondCoordinator:
    async def waits(self, stage: Stage) -> str:
        """Have Cora invite; returns the name of the message to react to."""
        await invited(stage, f"{NEW} {HERE}")
        row = (await in_the_database(stage, lambda work: work.execute(select(invitations)))).one()
        return f"invitation/{NEW}/{row.asked_at}"

    async def test_is_waited_for(self, two_coordinators: Stage) -> None:
        await self.waits(two_coordinators)

        assert person(two_coordinators, NEW) is None

    async def test_confirms_with_a_tap(self, two_coordinators: Stage) -> None:
        name = await self.waits(two_coordinators)
        await two_coordinators.taps(CARL, name)

        assert person(two_coordinators, NEW) is not None

    async def test_confirms_by_typing(self, two_coordinators: Stage) -> None:
        await self.waits(two_coordinators)
        await two_coordinators.says(CARL, REVIEW, f"!bevestig {NEW}")

        assert person(two_coordinators, NEW) is not None

    async def test_is_not_the_first_one_again(self, two_coordinators: Stage) -> None:
        name = await self.waits(two_coordinators)
        said = await two_coordinators.taps(CORA, name)
        said += await two_coordinators.says(CORA, REVIEW, f"!bevestig {NEW}")

        assert templates(said) == ["members/another_confirms"] * 2
        assert person(two_coordinators, NEW) is None

    async def test_is_no_moderator(self, two_coordinators: Stage) -> None:
        name = await self.waits(two_coordinators)
        await two_coordinators.taps(MIA, name)

        assert person(two_coordinators, NEW) is None

    async def test_confirms_nothing_once_it_was_taken_back(self, two_coordinators: Stage) -> None:
        name = await self.waits(two_coordinators)
        await two_coordinators.says(CORA, REVIEW, f"!verwijder {NEW}")
        await two_coordinators.taps(CARL, name)

        assert person(two_coordinators, NEW) is None

    async def test_of_another_homeserver_has_to_type(self) -> None:
        stage = Stage(
            configuration(
                coordinators=[CORA, CARL],
                invitations={"second_coordinator": True},
                reactions={"trusted_homeservers": ["elsewhere.example"]},
            )
        )
        await stage.set()
        try:
            name = await self.waits(stage)
            said = await stage.taps(CARL, name)
            assert templates(said) == ["members/vouch_by_typing"]
            assert person(stage, NEW) is None
        finally:
            await stage.close()


class TestARole:
    async def test_of_moderator_opens_the_review_room(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!rol {ANNA} moderator")

        assert "review" in await belongs(stage, ANNA)

    async def test_of_member_closes_it(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!rol {OLGA} lid")

        assert await belongs(stage, OLGA) == {"space", f"alerts/{HERE}", f"private/{OLGA}"}

    async def test_of_coordinator_gives_the_coordinators_words(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!rol {MIA} coordinator")

        said = await stage.says(MIA, REVIEW, f"!verwijder {ANNA}")
        assert templates(said) == ["members/removing"]

    async def test_can_be_given_to_somebody_new(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!rol {NEW} moderator")
        await stage.is_found(NEW)

        found = person(stage, NEW)
        assert found is not None
        assert found.roles == {Role.MODERATOR}

    @pytest.mark.parametrize(
        ("typed", "template"),
        [
            (f"{CORA} moderator", "members/last_coordinator"),
            (f"{PIET} moderator", "members/police_or_member"),
            (f"{MIA} moderator", "members/has_role"),
            (f"{MIA} lid", "members/no_region"),
            (f"{NEW} lid", "members/unknown"),
            (f"{MIA} baas", "members/which_role"),
        ],
    )
    async def test_that_cannot_be_is_refused(self, stage: Stage, typed: str, template: str) -> None:
        assert templates(await stage.says(CORA, REVIEW, f"!rol {typed}")) == [template]


class TestTheList:
    async def test_shows_who_has_not_joined(self, stage: Stage) -> None:
        (said,) = await stage.says(CORA, REVIEW, f"!leden {ELSEWHERE}")

        assert f"{BAS}: nog niet in alle kamers" in said.text.plain

    async def test_shows_who_has_only_unverified_devices(self, stage: Stage) -> None:
        async def arrives(work: Work) -> None:
            await has_devices(work, BAS, signed=False, changed=False)
            for plan, room in await records.plans(work):
                if BAS in plan.members and room is not None:
                    await records.set_membership(work, room, BAS, "join")

        await stage.hears(arrives)
        (said,) = await stage.says(CORA, REVIEW, f"!leden {BAS}")

        assert "Geen enkel apparaat is geverifieerd" in said.text.plain

    async def test_shows_who_waits_to_be_let_in(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!uitnodigen {NEW} {HERE}")
        (said,) = await stage.says(CORA, REVIEW, "!leden")

        assert f"Wacht op toelating: {NEW}" in said.text.plain

    async def test_is_not_for_moderators(self, stage: Stage) -> None:
        assert templates(await stage.says(MIA, REVIEW, "!leden")) == ["command/coordinators"]


async def test_a_moderators_answer_to_the_case_does_not_need_a_coordinator(stage: Stage) -> None:
    await reported_and_shared(stage)

    assert len(await waiting_for(stage, f"alerts/{HERE}")) == 1
