"""What moderators tell a region without a report."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import select

from bridge.moderation.bulletins import bulletins
from tests.unit.desk import REVIEW, reported, templates, text
from tests.unit.example import MAX, MIA, configuration
from tests.unit.stage import Stage


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """A report of Anna's waits, as #1; two moderators are needed as they are by default."""
    made = Stage(configuration(moderation={}))
    await made.set()
    await reported(made)
    yield made
    await made.close()


class TestABulletin:
    async def test_is_shown_and_sent_by_nothing_but_a_second_word(self, stage: Stage) -> None:
        shown = await stage.says(MIA, REVIEW, "!bulletin amsterdam\nSluit de deur.\nLet op.")
        sent = await stage.says(MIA, REVIEW, "!verstuur")

        assert templates(shown) == ["review/bulletin"]
        assert "Sluit de deur.\nLet op." in text(sent, "alert/bulletin").replace("\n\n", "\n")

    async def test_is_sent_by_a_tap(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!bulletin amsterdam\nlet op")

        sent = await stage.reacts(MAX, 1, "✅", on="bulletin/1/card")
        assert templates(sent) == ["alert/bulletin", "review/bulletin"]

    async def test_goes_out_once(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!bulletin amsterdam\nlet op")
        await stage.says(MIA, REVIEW, "!verstuur")

        assert templates(await stage.says(MAX, REVIEW, "!verstuur 1")) == ["review/bulletin_over"]

    async def test_that_was_thrown_away_goes_nowhere(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!bulletin amsterdam\nlet op")
        await stage.says(MIA, REVIEW, "!annuleer")

        assert templates(await stage.says(MIA, REVIEW, "!verstuur 1")) == ["review/bulletin_over"]

    async def test_is_kept_no_longer_than_until_it_is_sent(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!bulletin amsterdam\nlet op")
        await stage.says(MIA, REVIEW, "!verstuur")

        async with stage.database.read() as work:
            assert (await work.execute(select(bulletins.c.content))).scalar_one() is None

    async def test_outlives_a_restart_between_preview_and_sending(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!bulletin amsterdam\nlet op")
        stage.restart()

        assert "alert/bulletin" in templates(await stage.says(MIA, REVIEW, "!verstuur"))

    async def test_begins_with_its_regions(self, stage: Stage) -> None:
        said = await stage.says(MIA, REVIEW, "!bulletin amstredam let op")

        assert "Bedoel je amsterdam?" in text(said, "review/unknown_region")

    async def test_that_is_a_drill_says_so_first(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!oefening amsterdam")
        sent = await stage.says(MIA, REVIEW, "!verstuur")

        assert text(sent, "alert/drill").startswith("OEFENING")
