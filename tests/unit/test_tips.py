"""Tips: what members saw of an alert reaches the moderators, and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio

from bridge.places import AlertRoom, PrivateRoom, ReviewRoom
from bridge.tips.tip import alert_of, tip_of
from tests.databases import BOTH_KINDS
from tests.unit.example import ANNA, BAS, CONFIGURATION, HERE, MIA, OLGA
from tests.unit.stage import Said, Stage

pytestmark = BOTH_KINDS

MINE, OLGAS, REVIEW = PrivateRoom(ANNA), PrivateRoom(OLGA), ReviewRoom()
REPORT = "!melding overval\nplaats: Utrecht\ntijd: 12:00"
ALERT = f"case/1/alert/{HERE}"


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """A network in which Anna's report was shared in her region, which is Olga's too."""
    stage = Stage(CONFIGURATION)
    await stage.set()
    await stage.says(ANNA, MINE, REPORT)
    await stage.says(ANNA, MINE, "!verstuur")
    await stage.says(MIA, REVIEW, "!ok #1")
    yield stage
    await stage.close()


def templates(said: list[Said]) -> list[str]:
    return [one.template for one in said]


async def test_a_typed_tip_goes_to_the_moderators_and_is_acknowledged(stage: Stage) -> None:
    said = await stage.says(OLGA, OLGAS, "!tip #1 zwarte scooter op het plein")
    assert templates(said) == ["tip/tip", "tip/thanks"]
    assert "zwarte scooter op het plein" in said[0].text.plain


async def test_a_tip_with_a_number_plate_is_passed_on_to_nobody(stage: Stage) -> None:
    said = await stage.says(OLGA, OLGAS, "!tip #1 zwarte scooter, kenteken 12-ZFR-3")
    assert templates(said) == ["tip/personal"]
    assert "0800-7000" in said[0].text.plain


async def test_nothing_of_a_tip_goes_to_the_region(stage: Stage) -> None:
    await stage.says(OLGA, OLGAS, "!tip #1 zwarte scooter")
    delivered = await stage.delivered()
    assert not [name for name in delivered if "/tip/" in name and "alert" in name]


async def test_a_tap_on_the_alert_asks_what_was_seen(stage: Stage) -> None:
    said = await stage.taps(OLGA, ALERT, "👀", AlertRoom(HERE))
    assert templates(said) == ["tip/seen", "tip/tell"]


async def test_a_second_tap_says_nothing_more(stage: Stage) -> None:
    await stage.taps(OLGA, ALERT, "👀", AlertRoom(HERE))
    assert await stage.taps(OLGA, ALERT, "👀", AlertRoom(HERE)) == []


async def test_what_is_typed_after_a_tap_is_the_tip(stage: Stage) -> None:
    await stage.taps(OLGA, ALERT, "👀", AlertRoom(HERE))
    said = await stage.says(OLGA, OLGAS, "twee jongens met helm")
    assert templates(said) == ["tip/tip", "tip/thanks"]


async def test_long_after_a_tap_a_plain_message_is_no_tip(stage: Stage) -> None:
    await stage.taps(OLGA, ALERT, "👀", AlertRoom(HERE))
    await stage.time_passes(timedelta(hours=3))
    said = await stage.says(OLGA, OLGAS, "hallo")
    assert "tip/tip" not in templates(said)


async def test_a_tip_that_was_a_mistake_is_taken_back(stage: Stage) -> None:
    await stage.says(OLGA, OLGAS, "!tip #1 zwarte scooter")
    said = await stage.says(OLGA, OLGAS, "!tip #1 niet ik")
    assert templates(said) == ["tip/taken_back", "tip/undone"]
    assert "zwarte scooter" not in said[0].text.plain


async def test_a_tap_takes_a_tip_back_too(stage: Stage) -> None:
    await stage.taps(OLGA, ALERT, "👀", AlertRoom(HERE))
    said = await stage.taps(OLGA, "case/1/tip/1/tell", "❌", OLGAS)
    assert templates(said) == ["tip/taken_back", "tip/undone"]


async def test_who_gave_a_tip_hears_how_it_ended(stage: Stage) -> None:
    await stage.says(OLGA, OLGAS, "!tip #1 zwarte scooter")
    said = await stage.says(MIA, REVIEW, "!afloop #1 aangehouden")
    assert templates(said).count("report/afterword") == 2  # its reporter, and Olga


async def test_who_took_it_back_hears_nothing_more(stage: Stage) -> None:
    await stage.says(OLGA, OLGAS, "!tip #1 zwarte scooter")
    await stage.says(OLGA, OLGAS, "!tip #1 niet ik")
    said = await stage.says(MIA, REVIEW, "!afloop #1 aangehouden")
    assert templates(said).count("report/afterword") == 1


async def test_an_alert_of_another_region_does_not_exist(stage: Stage) -> None:
    said = await stage.says(BAS, PrivateRoom(BAS), "!tip #1 scooter")
    assert templates(said) == ["tip/no_alert"]


async def test_many_tips_at_once_are_stopped_with_a_word(stage: Stage) -> None:
    for number in range(10):
        await stage.says(OLGA, OLGAS, f"!tip #1 tip {number}")
    assert templates(await stage.says(OLGA, OLGAS, "!tip #1 nog een")) == ["tip/too_many"]


async def test_a_robbery_brings_aftercare_once_and_a_burglary_none(stage: Stage) -> None:
    assert [one.template for one in stage.said].count("report/aftercare") == 1
    await stage.says(OLGA, OLGAS, "!melding inbraak\nplaats: Utrecht\ntijd: 12:00")
    assert "report/aftercare" not in templates(await stage.says(OLGA, OLGAS, "!verstuur"))


def test_only_an_alert_can_be_tapped_for_a_tip() -> None:
    names = ("case/1/card", "case/1/police/utrecht", "welcome/@a:b", None, "case/x/alert/utrecht")
    assert [alert_of(name) for name in names] == [None] * len(names)
    assert tip_of("case/1/tip/7/thanks") == (1, 7)
