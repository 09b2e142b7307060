"""The largest that people can write: what it becomes fits into an event."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.unit.example import (
    ANNA,
    CONFIGURATION,
    MIA,
)
from tests.unit.plays import MINE, REPORT, REVIEW
from tests.unit.sizes import LARGEST, size
from tests.unit.stage import Stage

FILLINGS = {
    "emoji": "\U0001f48d",
    "letters of four bytes with dots": "\U00010400。",
    "blank lines": "\n",
    "lines": "x\n",
    "ampersands": "&",
    "angle brackets": "<",
    "quotes": '"',
    "backslashes": "\\",
    "at signs": "@ ",
    "links": "a:b ",
}


class TestTheLargest:
    @pytest_asyncio.fixture(loop_scope="session")
    async def stage(self) -> AsyncIterator[Stage]:
        stage = Stage(CONFIGURATION)
        await stage.set()
        yield stage
        await stage.close()

    @pytest.mark.parametrize("kind", FILLINGS)
    async def test_report_fits_wherever_it_goes(self, stage: Stage, kind: str) -> None:
        await stage.says(ANNA, MINE, REPORT)
        longest = {
            "mo": 998,
            "kenmerken": 998,
            "vlucht": 498,
            "buit": 498,
            "preventie": 498,
            "aangiftenummer": 248,
            "serienummers": 248,
            "plaats": 198,
            "straat": 198,
        }
        for field, characters in longest.items():
            text = (FILLINGS[kind] * characters)[:characters]
            await stage.says(ANNA, MINE, f"!wijzig {field}: X{text}X")
            if field == "plaats":
                await stage.says(ANNA, MINE, "ok")
        for typed in ("!verstuur", "!status #1", "!mijn", "!inzage"):
            await stage.says(ANNA, MINE, typed)
        await stage.says(MIA, REVIEW, "!ok #1 landelijk +politie")

        assert [(one.template, size(one)) for one in stage.said if size(one) > LARGEST] == []
        assert {"alert/alert", "police/alert", "review/card"} <= {o.template for o in stage.said}

    @pytest.mark.parametrize(
        "mistakes", ["x: y\n" * 590, "é=é\n" * 700, "x\n" * 1_400, "112=x " * 480, "mo=x " * 480]
    )
    async def test_heap_of_mistakes_is_answered(self, stage: Stage, mistakes: str) -> None:
        (answer,) = await stage.says(ANNA, MINE, f"!melding inbraak\n{mistakes}")

        assert size(answer) <= LARGEST

    async def test_word_that_is_no_region_is_answered(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, REPORT)
        await stage.says(ANNA, MINE, "!verstuur")
        (answer,) = await stage.says(MIA, REVIEW, "!ok #1 " + "\U0001f48d" * 7_900)

        assert size(answer) <= LARGEST

    async def test_desk_is_listed(self, stage: Stage) -> None:
        for _ in range(40):
            await stage.says(ANNA, MINE, REPORT.replace("Utrecht", "\U0001f48d" * 199))
            await stage.says(ANNA, MINE, "ok")
            await stage.says(ANNA, MINE, "!verstuur")

        (desk,) = await stage.says(MIA, REVIEW, "!open")
        (mine,) = await stage.says(ANNA, MINE, "!mijn")

        assert (desk.template, size(desk) <= LARGEST) == ("review/open", True)
        assert (mine.template, size(mine) <= LARGEST) == ("report/mine", True)
