"""A region that is closed leaves nobody silently with nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from appservice.ids import UserID
from appservice.rooms import records
from bridge.members.roster import Role
from bridge.places import PrivateRoom, ReviewRoom
from tests.unit.example import ANNA, BAS, CORA, ELSEWHERE, HERE, MIA, NORA, PIET, configuration
from tests.unit.stage import Said, Stage

REVIEW = ReviewRoom()
CLOSE = f"!regio sluit {HERE} naar {ELSEWHERE}"


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """Piet serves the police of the region that closes, and Nora that of both."""
    liaisons = [{"user": user, "region": HERE} for user in (PIET, NORA)]
    regions = [
        {"code": HERE, "name": "Midden-Nederland", "police": True},
        {"code": ELSEWHERE, "name": "Amsterdam", "police": True},
    ]
    also = {"user": NORA, "region": ELSEWHERE}
    made = Stage(configuration(regions=regions, liaisons=[*liaisons, also]))
    await made.set()
    yield made
    await made.close()


def of(said: list[Said], template: str) -> list[str]:
    return [one.text.plain for one in said if one.template == template]


async def rooms_of(stage: Stage, user: UserID) -> set[str]:
    async with stage.database.read() as work:
        return {plan.key for plan, _ in await records.plans(work) if user in plan.members}


async def test_its_members_go_to_the_other_region_and_are_told(stage: Stage) -> None:
    said = await stage.says(CORA, REVIEW, CLOSE)

    assert f"alerts/{ELSEWHERE}" in await rooms_of(stage, ANNA)
    told = of(said, "member/region_moved")
    assert len(told) == 2
    assert all("Je hoort vanaf nu bij de regio Amsterdam" in word for word in told)


async def test_police_who_serve_no_other_unit_are_out_and_named_on_the_desk(stage: Stage) -> None:
    (answer,) = of(await stage.says(CORA, REVIEW, CLOSE), "regions/closed")

    assert stage.network.roster.entered(PIET) is None
    assert str(PIET) in answer
    assert f"!regio politie {ELSEWHERE} {PIET}" in answer
    assert await rooms_of(stage, PIET) == set()


async def test_police_who_serve_another_unit_stay_for_that(stage: Stage) -> None:
    (answer,) = of(await stage.says(CORA, REVIEW, CLOSE), "regions/closed")

    assert await rooms_of(stage, NORA) == {f"police/{ELSEWHERE}"}
    assert str(NORA) not in answer


async def test_nobody_in_the_records_is_left_with_a_region_that_is_closed(stage: Stage) -> None:
    await stage.says(CORA, REVIEW, CLOSE)

    left = [
        person.user
        for person in stage.network.roster.people
        if person.region == HERE or (Role.LIAISON in person.roles and not person.liaison_for)
    ]
    assert left == []


async def test_members_whose_homeserver_may_not_take_part_go_along(stage: Stage) -> None:
    # The first member of another homeserver, which is not allowed any more.
    guest = UserID("@guest:other.example")
    entry = {"user": guest, "region": HERE}
    both = {"allowed_servers": ["police.example", "other.example"]}
    stage.restart(configuration(members=[entry], federation=both))
    await stage.set()
    stage.restart(configuration(members=[entry]))
    await stage.set()
    await stage.says(CORA, REVIEW, CLOSE)

    person = stage.network.roster.entered(guest)
    assert person is not None
    assert person.region == ELSEWHERE


@pytest.mark.parametrize("typed", ["!ok #1", "!ok #1 +buren"])
async def test_a_report_of_it_asks_where_to_go(stage: Stage, typed: str) -> None:
    await stage.says(ANNA, PrivateRoom(ANNA), "!melding inbraak\nplaats: Utrecht\ntijd: 12:00")
    await stage.says(ANNA, PrivateRoom(ANNA), "!verstuur")
    await stage.says(CORA, REVIEW, CLOSE)
    (asked,) = of(await stage.says(MIA, REVIEW, typed), "review/region_closed")
    shared = await stage.says(MIA, REVIEW, f"!ok #1 {ELSEWHERE}")

    assert "!ok #1 regio" in asked
    assert len(of(shared, "alert/alert")) == 1


async def test_one_without_members_closes_at_once(stage: Stage) -> None:
    await stage.says(CORA, REVIEW, f"!verwijder {BAS}")

    (answer,) = of(await stage.says(CORA, REVIEW, f"!regio sluit {ELSEWHERE}"), "regions/closed")
    assert "juwelier" not in answer
