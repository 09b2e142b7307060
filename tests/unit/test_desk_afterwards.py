"""What moderators do with what they shared: news, outcome, withdrawal, and the dossier."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from sqlalchemy import select

from appservice.ids import EventID, RoomID
from appservice.outbox import outbox
from appservice.rooms.errands import errands
from tests.unit.desk import MINE, REVIEW, reported, templates, text
from tests.unit.example import ANNA, HERE, MAX, MIA, configuration
from tests.unit.stage import Stage


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """A report of Anna's waits, as #1; two moderators are needed as they are by default."""
    made = Stage(configuration(moderation={}))
    await made.set()
    await reported(made)
    yield made
    await made.close()


class TestAfterwards:
    async def test_news_reaches_everyone_who_got_the_alert_and_the_reporter(
        self, stage: Stage
    ) -> None:
        await stage.says(MIA, REVIEW, "!ok #1 landelijk +politie")
        await stage.says(MAX, REVIEW, "!ok #1")
        said = await stage.says(MAX, REVIEW, "!update #1 twee scooters")

        told = [one for one in templates(said) if not one.startswith("police/cap_")]
        assert sorted(told) == [
            *("alert/afterword",) * 3,
            *("alert/later",) * 2,
            "police/later",
            "report/afterword",
            "review/card",
        ]

    async def test_outcome_closes_the_case(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #1")
        closed = await stage.says(MIA, REVIEW, "!afloop #1 aangehouden")

        assert "AFGESLOTEN" in text(closed, "alert/later")
        assert templates(await stage.says(MIA, REVIEW, "!afloop #1 of niet")) == [
            "review/not_shared"
        ]

    async def test_nothing_is_told_of_what_was_not_shared(self, stage: Stage) -> None:
        for typed in ("!update #1 nieuws", "!afloop #1 niets", "!intrekken #1 fout"):
            assert templates(await stage.says(MIA, REVIEW, typed)) == ["review/not_shared"]


class TestWithdrawing:
    async def withdrawn(self, stage: Stage) -> dict[str, EventID]:
        await stage.says(MIA, REVIEW, "!ok #1 landelijk +politie")
        await stage.says(MAX, REVIEW, "!ok #1")
        await stage.says(MAX, REVIEW, "!update #1 twee scooters")
        before = await stage.delivered()
        await stage.says(MIA, REVIEW, "!intrekken #1 vergissing")
        return {**before, **await stage.delivered()}

    async def to_redact(self, stage: Stage) -> set[str]:
        async with stage.database.read() as work:
            rows = await work.execute(
                select(outbox.c.name)
                .join(errands, errands.c.event_id == outbox.c.event_id)
                .where(errands.c.kind == "redact")
            )
            return set(rows.scalars())

    async def test_says_so_first_without_what_it_said(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #1")
        edit = text(await stage.says(MIA, REVIEW, "!intrekken #1 vergissing"), "alert/later")

        assert ("INGETROKKEN" in edit, "vergissing" in edit) == (True, True)
        assert "vitrine" not in edit

    async def test_takes_nothing_back_before_its_time(self, stage: Stage) -> None:
        await self.withdrawn(stage)
        await stage.time_passes(timedelta(hours=23))

        assert await self.to_redact(stage) == set()

    async def test_takes_alert_news_and_edits_back_in_every_room(self, stage: Stage) -> None:
        sent = await self.withdrawn(stage)
        await stage.time_passes(timedelta(hours=25))

        shared = {name for name in sent if name.startswith(("case/1/alert/", "case/1/police/"))}
        assert await self.to_redact(stage) == shared
        # The police have a file beside their alert, and one beside the news.
        assert len(shared) == 3 * 4 + 2

    async def test_asks_once(self, stage: Stage) -> None:
        await self.withdrawn(stage)
        await stage.time_passes(timedelta(hours=25))
        before = await self.to_redact(stage)
        async with stage.database.begin() as work:
            await work.execute(errands.delete())
        await stage.time_passes(timedelta(hours=25))

        assert before
        assert await self.to_redact(stage) == set()

    async def test_waits_for_what_is_on_its_way(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #1")
        await stage.says(MIA, REVIEW, "!intrekken #1 vergissing")
        await stage.time_passes(timedelta(hours=25))
        await stage.delivered()
        await stage.time_passes(timedelta(minutes=1))

        assert f"case/1/alert/{HERE}" in await self.to_redact(stage)

    async def test_each_room_is_confirmed_on_the_card(self, stage: Stage) -> None:
        sent = await self.withdrawn(stage)
        await stage.time_passes(timedelta(hours=25))
        cards = []
        for name, event in sent.items():
            if name.startswith(f"case/1/alert/{HERE}"):
                cards += await stage.hears(
                    lambda work, event=event: stage.network.redacted(  # type: ignore[misc]
                        work, RoomID("!any"), event, taken=True
                    )
                )

        (card,) = cards
        assert "Midden-Nederland ja, Amsterdam nog niet" in card.text.plain.replace(
            "Amsterdam nog niet, Midden-Nederland ja", "Midden-Nederland ja, Amsterdam nog niet"
        )


class TestTheDossier:
    async def test_tells_who_did_what_with_which_words(self, stage: Stage) -> None:
        await stage.says(MAX, REVIEW, "!vraag #1 welke kant op?")
        await stage.says(ANNA, MINE, "naar het station")
        await stage.says(MIA, REVIEW, "!wijzig #1 plaats: Amersfoort")
        await stage.says(MIA, REVIEW, "!ok #1")
        await stage.says(MAX, REVIEW, "!afloop #1 aangehouden")
        dossier = text(await stage.says(MIA, REVIEW, "!dossier #1"), "review/dossier")

        told = [line.split("**")[0] for line in dossier.splitlines() if line.startswith("- ")]
        parts = (
            ("ingediend", ANNA),
            ("gevraagd", MAX, "welke kant op?"),
            ("geantwoord", ANNA, "naar het station"),
            ("veranderd", MIA, "Utrecht → Amersfoort"),
            ("gedeeld", MIA, HERE),
            ("afgesloten", MAX, "aangehouden"),
        )
        assert len(told) == len(parts)
        assert [
            part
            for line, wanted in zip(told, parts, strict=True)
            for part in wanted
            if part not in line
        ] == []

    async def test_tells_why_it_was_rejected(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!nee #1 te vaag")

        assert "te vaag" in text(await stage.says(MAX, REVIEW, "!dossier #1"), "review/dossier")
