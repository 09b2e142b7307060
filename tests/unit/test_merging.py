"""Two reports of one event, and what becomes of their alerts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from appservice.ids import UserID
from bridge.places import LiaisonRoom, PrivateRoom, ReviewRoom
from tests.unit.example import ANNA, BAS, ELSEWHERE, HERE, MIA, OLGA, PIET, configuration
from tests.unit.stage import Said, Stage

REVIEW, POLICE = ReviewRoom(), LiaisonRoom(HERE)
REPORT = "!melding overval\nplaats: Utrecht\ntijd: 12:00\nmo: vitrine ingeslagen"


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """A report of Anna's waits, as #1."""
    made = Stage(configuration())
    await made.set()
    await reported(made, ANNA)
    yield made
    await made.close()


async def reported(stage: Stage, who: UserID) -> None:
    await stage.says(who, PrivateRoom(who), REPORT)
    await stage.says(who, PrivateRoom(who), "!verstuur")


async def both_shared(stage: Stage, second: str = "!ok #2") -> None:
    """#1 went to its own region, and #2, of Olga's, to where ``second`` says."""
    await reported(stage, OLGA)
    await stage.says(MIA, REVIEW, "!ok #1")
    await stage.says(MIA, REVIEW, second)


def templates(said: list[Said]) -> list[str]:
    return [one.template for one in said]


def text(said: list[Said], template: str) -> str:
    """The one text of a template that was said."""
    (found,) = [one.text.plain for one in said if one.template == template]
    return found


class TestMerging:
    async def test_informs_both_reporters_of_one_alert(self, stage: Stage) -> None:
        await reported(stage, OLGA)
        await stage.says(MIA, REVIEW, "!samen #1 #2")
        said = await stage.says(MIA, REVIEW, "!ok #1")

        assert templates(said).count("alert/alert") == 1
        assert templates(said).count("report/published") == 2

    async def test_lets_nobody_approve_what_is_partly_theirs(self, stage: Stage) -> None:
        await reported(stage, OLGA)
        await stage.says(MIA, REVIEW, "!samen #1 #2")

        assert templates(await stage.says(OLGA, REVIEW, "!ok #1")) == ["review/own_report"]

    async def test_is_pointed_out_on_the_card(self, stage: Stage) -> None:
        await stage.says(OLGA, PrivateRoom(OLGA), REPORT)
        card = text(await stage.says(OLGA, PrivateRoom(OLGA), "!verstuur"), "review/card")

        assert "!samen #1 #2" in card

    async def test_leaves_nothing_to_decide_on_the_other(self, stage: Stage) -> None:
        await reported(stage, ANNA)
        await stage.says(MIA, REVIEW, "!samen #1 #2")

        assert templates(await stage.says(MIA, REVIEW, "!ok #2")) == ["review/already_decided"]


class TestMergingTwoThatWereShared:
    async def test_leaves_one_alert_and_lets_the_other_point_to_it(self, stage: Stage) -> None:
        await both_shared(stage)
        said = await stage.says(MIA, REVIEW, "!samen #1 #2")

        assert "alert/alert" not in templates(said)
        assert "Melding #2 gaat over hetzelfde als melding #1" in text(said, "alert/merged")

    async def test_takes_the_one_that_stays_to_where_only_the_other_was(self, stage: Stage) -> None:
        await both_shared(stage, f"!ok #2 {HERE} {ELSEWHERE}")
        said = await stage.says(MIA, REVIEW, "!samen #1 #2")
        news = await stage.says(MIA, REVIEW, "!update #1 nieuws")

        assert templates(said).count("alert/alert") == 1
        assert templates(said).count("alert/merged") == 2
        assert templates(said).index("alert/alert") < templates(said).index("alert/merged")
        assert templates(news).count("alert/afterword") == 2

    async def test_tells_whose_report_goes_on_as_the_other(self, stage: Stage) -> None:
        await both_shared(stage)
        said = await stage.says(MIA, REVIEW, "!samen #1 #2")

        told = text(said, "report/merged")
        assert "Wie de waarschuwing van #2 heeft, leest nu die van #1" in told

    async def test_tells_both_reporters_how_it_ended(self, stage: Stage) -> None:
        await both_shared(stage)
        await stage.says(MIA, REVIEW, "!samen #1 #2")
        said = await stage.says(MIA, REVIEW, "!afloop #1 daders aangehouden")

        own = [one.text.plain for one in said if one.template == "report/afterword"]
        assert sorted(word.split(":")[0] for word in own) == [
            "De afloop van je melding #1",
            "De afloop van je melding #2",
        ]

    async def test_keeps_what_was_told_of_the_other(self, stage: Stage) -> None:
        await both_shared(stage)
        await stage.says(MIA, REVIEW, "!update #2 richting Zeist")
        said = await stage.says(MIA, REVIEW, "!samen #1 #2")

        assert "richting Zeist" in text(said, "alert/later")

    async def test_takes_a_tip_on_the_other_for_one_on_the_one_that_stays(
        self, stage: Stage
    ) -> None:
        await both_shared(stage, f"!ok #2 {HERE} {ELSEWHERE}")
        await stage.says(MIA, REVIEW, "!samen #1 #2")
        await stage.says(BAS, PrivateRoom(BAS), "!tip #2 zwarte scooter")
        said = await stage.says(MIA, REVIEW, "!afloop #1 klaar")

        assert templates(said).count("report/afterword") == 3

    async def test_is_done_the_other_way_when_only_the_second_was_shared(
        self, stage: Stage
    ) -> None:
        await reported(stage, OLGA)
        await stage.says(MIA, REVIEW, "!ok #2")
        said = await stage.says(MIA, REVIEW, "!samen #1 #2")

        assert "!samen #2 #1" in text(said, "review/merge_other_way")

    async def test_leaves_no_police_with_half_of_it(self, stage: Stage) -> None:
        await both_shared(stage, "!ok #2 +politie")
        (refused,) = await stage.says(MIA, REVIEW, "!samen #1 #2")
        said = await stage.says(MIA, REVIEW, "!samen #2 #1")

        assert "!samen #2 #1" in refused.text.plain
        assert templates(said).count("alert/merged") == 1

    async def test_points_the_police_to_the_one_that_stays(self, stage: Stage) -> None:
        await reported(stage, OLGA)
        for number in (1, 2):
            await stage.says(MIA, REVIEW, f"!ok #{number} +politie")
        said = await stage.says(MIA, REVIEW, "!samen #1 #2")

        assert "Zaak #2 gaat over hetzelfde als zaak #1" in text(said, "police/merged")
        asked = await stage.says(PIET, POLICE, "!zaak #2")
        assert "gaat over hetzelfde als zaak #1" in text(asked, "police/merged")

    async def test_twice_is_refused(self, stage: Stage) -> None:
        await both_shared(stage)
        await stage.says(MIA, REVIEW, "!samen #1 #2")

        assert templates(await stage.says(MIA, REVIEW, "!samen #1 #2")) == ["review/not_now"]

    async def test_lets_the_withdrawal_of_the_one_reach_everyone(self, stage: Stage) -> None:
        await both_shared(stage, f"!ok #2 {HERE} {ELSEWHERE}")
        await stage.says(MIA, REVIEW, "!samen #1 #2")
        said = await stage.says(MIA, REVIEW, "!intrekken #1 vergissing")

        assert templates(said).count("alert/later") == 2
