"""What a member says in their private room of a report that was sent."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from bridge.places import PrivateRoom
from tests.unit.desk import MINE, REVIEW, reported, templates
from tests.unit.example import ANNA, BAS, MIA, configuration
from tests.unit.stage import Said, Stage

HIS = PrivateRoom(BAS)


async def told(stage: Stage, typed: str) -> str:
    """What Anna reads first after what she types."""
    return (await stage.says(ANNA, MINE, typed))[0].text.plain


def only(said: list[Said]) -> str:
    (one,) = said
    return one.text.plain


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """A report of Anna's waits, as #1."""
    made = Stage(configuration())
    await made.set()
    await reported(made)
    yield made
    await made.close()


class TestWithdrawingOnesOwn:
    async def test_before_anyone_else_read_it_needs_nobody(self, stage: Stage) -> None:
        said = await stage.says(ANNA, MINE, "!intrekken #1 het was de glazenwasser")

        assert templates(said) == [
            "review/withdrawn_by_reporter",
            "report/withdrawn",
            "review/card",
        ]
        assert "Ingetrokken door de melder" in said[2].text.plain
        assert templates(await stage.says(MIA, REVIEW, "!ok #1")) == ["review/already_decided"]

    async def test_of_a_shared_report_asks_the_moderators(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #1")

        said = await stage.says(ANNA, MINE, "!intrekken #1")

        assert templates(said)[:2] == ["review/withdrawal_asked", "report/withdrawal_asked"]
        assert "gedeeld" in await told(stage, "!status #1")

    async def test_twice_finds_nothing_left(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!intrekken #1")

        assert "valt niets in te trekken" in await told(stage, "!intrekken #1")

    async def test_of_somebody_else_is_answered_like_one_that_does_not_exist(
        self, stage: Stage
    ) -> None:
        others = await stage.says(BAS, HIS, "!withdraw #1")
        nobodys = await stage.says(BAS, HIS, "!withdraw #9")

        assert only(others) == only(nobodys).replace("9", "1")


class TestAQuestionOfAModerator:
    async def test_is_answered_by_simply_typing(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!vraag #1 hoe laat precies?")

        assert "review/answer" in templates(await stage.says(ANNA, MINE, "om kwart over twee"))

    async def test_comes_before_a_report_that_was_begun_earlier(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding")
        await stage.says(MIA, REVIEW, "!vraag #1 hoe laat precies?")

        assert "review/answer" in templates(await stage.says(ANNA, MINE, "om kwart over twee"))

    async def test_waits_for_a_report_that_was_begun_later(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!vraag #1 hoe laat precies?")
        await told(stage, "!melding")

        assert "Is het nog aan de gang" in await told(stage, "overval")
