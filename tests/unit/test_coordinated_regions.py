"""What coordinators decide about regions."""

from __future__ import annotations

import pytest

from appservice.ids import UserID
from appservice.rooms import records
from appservice.rooms.plan import RoomKey
from tests.unit.coordination import (
    NEW,
    REVIEW,
    belongs,
    in_the_database,
    invited,
    reported_and_shared,
    templates,
    waiting_for,
)
from tests.unit.example import (
    CORA,
    ELSEWHERE,
    HERE,
)
from tests.unit.stage import Stage


class TestARegion:
    async def test_that_is_new_gets_an_alert_room(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, "!regio nieuw texel Texel en Vlieland")
        await invited(stage, f"{NEW} texel")

        assert "alerts/texel" in await belongs(stage, NEW)

    async def test_is_neighbour_of_its_neighbours(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, "!regio nieuw texel Texel")
        await stage.says(CORA, REVIEW, f"!regio buren texel {HERE}")

        regions = stage.network.regions
        found = regions.get(HERE)
        assert found is not None
        assert "texel" in found.neighbours

    async def test_under_another_name_keeps_its_room(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!regio hernoem {ELSEWHERE} Groot-Amsterdam")

        plans = await in_the_database(stage, records.plans)
        named = {plan.key: plan.name for plan, _ in plans}
        assert "Groot-Amsterdam" in named[RoomKey(f"alerts/{ELSEWHERE}")]

    async def test_with_members_is_closed_only_into_another(self, stage: Stage) -> None:
        said = await stage.says(CORA, REVIEW, f"!regio sluit {ELSEWHERE}")

        assert templates(said) == ["regions/has_members"]

    async def test_that_closed_keeps_no_message_waiting(self, stage: Stage) -> None:
        await reported_and_shared(stage)
        assert len(await waiting_for(stage, f"alerts/{ELSEWHERE}")) == 1
        await stage.says(CORA, REVIEW, f"!regio sluit {ELSEWHERE} naar {HERE}")

        assert await waiting_for(stage, f"alerts/{ELSEWHERE}") == []

    async def test_gets_a_police_officer_by_invitation(self, stage: Stage) -> None:
        agent = UserID("@agent:police.example")
        await stage.says(CORA, REVIEW, f"!regio politie {ELSEWHERE} aan")
        await stage.says(CORA, REVIEW, f"!regio politie {ELSEWHERE} {agent}")
        await stage.is_found(agent)

        assert f"police/{ELSEWHERE}" in await belongs(stage, agent)

    @pytest.mark.parametrize(
        ("typed", "template"),
        [
            ("nieuw", "regions/how"),
            ("nieuw Noord/Zuid Naam", "regions/bad_code"),
            (f"nieuw {HERE} Nog eens", "regions/taken"),
            ("nieuw landelijk Heel Nederland", "regions/taken"),
            ("hernoem amsterdam", "regions/bad_name"),
            ("hernoem amsterdam Midden-Nederland", "regions/taken"),
            ("sluit nergens", "members/which_region"),
            (f"politie {ELSEWHERE} @agent:police.example", "regions/police_is_off"),
            (f"politie {ELSEWHERE} misschien", "regions/how"),
            ("draai amsterdam", "regions/how"),
        ],
    )
    async def test_that_cannot_be_is_refused(self, stage: Stage, typed: str, template: str) -> None:
        assert templates(await stage.says(CORA, REVIEW, f"!regio {typed}")) == [template]
