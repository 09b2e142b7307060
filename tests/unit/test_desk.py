"""What moderators do at the desk, and who hears what of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from appservice.ids import EventID
from bridge.places import PrivateRoom
from tests.unit.desk import MINE, ONE, REPORT, REVIEW, reported, templates, text
from tests.unit.example import ANNA, CORA, MAX, MIA, OLGA, configuration
from tests.unit.stage import Stage


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """A report of Anna's waits, as #1; two moderators are needed as they are by default."""
    made = Stage(configuration(moderation={}))
    await made.set()
    await reported(made)
    yield made
    await made.close()


class TestTwoModerators:
    async def test_share_nationwide_and_one_does_not(self, stage: Stage) -> None:
        first = await stage.says(MIA, REVIEW, "!ok #1 landelijk")
        second = await stage.says(MAX, REVIEW, "!ok #1")

        assert "alert/alert" not in templates(first)
        assert templates(second).count("alert/alert") == 2

    async def test_share_with_the_police_and_one_does_not(self, stage: Stage) -> None:
        first = await stage.reacts(MIA, 1, "👮")
        second = await stage.reacts(MAX, 1, "✅")

        assert "police/alert" not in templates(first)
        assert "police/alert" in templates(second)

    async def test_are_two_different_ones(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #1 landelijk")
        again = await stage.says(MIA, REVIEW, "!ok #1 landelijk")

        assert templates(again) == ["review/second_needed"]

    async def test_agree_on_one_choice(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #1 landelijk")
        other = await stage.says(MAX, REVIEW, "!ok #1 +politie")

        assert "alert/alert" not in templates(other)

    async def test_are_not_needed_for_the_reporters_own_region(self, stage: Stage) -> None:
        assert "alert/alert" in templates(await stage.reacts(MIA, 1, "✅"))

    async def test_are_needed_for_a_type_that_asks_for_them(self) -> None:
        stage = Stage(configuration(moderation={"two_moderators": ["overval"]}))
        await stage.set()
        await reported(stage)

        first = await stage.reacts(MIA, 1, "✅")
        second = await stage.reacts(MAX, 1, "✅")
        await stage.close()

        assert ("alert/alert" in templates(first), "alert/alert" in templates(second)) == (
            False,
            True,
        )

    async def test_approve_the_same_text(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #1 landelijk")
        changed = await stage.says(MAX, REVIEW, "!wijzig #1 plaats: Amersfoort")
        after = await stage.says(MAX, REVIEW, "!ok #1 landelijk")

        assert "telt niet meer" in text(changed, "review/changed")
        assert "alert/alert" not in templates(after)

    async def test_card_names_both(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #1 landelijk")
        card = text(await stage.says(MAX, REVIEW, "!ok #1"), "review/card")

        assert (MIA in card, MAX in card) == (True, True)


class TestWhereAnAlertGoes:
    async def shared(self, stage: Stage, typed: str) -> str:
        return text(await stage.says(MIA, REVIEW, typed), "report/published")

    async def test_is_the_reporters_region_when_nobody_says_more(self, stage: Stage) -> None:
        told = await self.shared(stage, "!ok #1")

        assert ("Midden-Nederland" in told, "Amsterdam" in told) == (True, False)

    async def test_is_what_the_moderator_names(self, stage: Stage) -> None:
        told = await self.shared(stage, "!ok #1 amsterdam")

        assert ("Midden-Nederland" in told, "Amsterdam" in told) == (False, True)

    async def test_is_the_neighbours_too_for_a_type_that_goes_there_by_itself(self) -> None:
        stage = Stage(configuration(moderation={"to_neighbours": ["overval"], **ONE}))
        await stage.set()
        await reported(stage)
        told = await self.shared(stage, "!ok #1")
        await stage.close()

        assert ("Midden-Nederland" in told, "Amsterdam" in told) == (True, True)


class TestTheTimeOfGrace:
    @pytest_asyncio.fixture
    async def stage(self) -> AsyncIterator[Stage]:
        made = Stage(configuration(moderation={"grace_seconds": 60, "two_moderators": []}))
        await made.set()
        await reported(made)
        yield made
        await made.close()

    async def test_holds_an_alert_and_lets_it_go_at_its_end(self, stage: Stage) -> None:
        tapped = await stage.reacts(MIA, 1, "✅")
        early = await stage.time_passes(timedelta(seconds=30))
        late = await stage.time_passes(timedelta(seconds=31))
        later = await stage.time_passes(timedelta(seconds=60))

        assert ["alert/alert" in templates(said) for said in (tapped, early, late, later)] == [
            False,
            False,
            True,
            False,
        ]

    async def test_undoes_what_its_giver_removes(self, stage: Stage) -> None:
        await stage.reacts(MIA, 1, "✅", event=EventID("$tick"))
        undone = await stage.takes_back(MIA, REVIEW, EventID("$tick"))
        after = await stage.time_passes(timedelta(seconds=120))

        assert templates(undone) == ["review/card"]
        assert "alert/alert" not in templates(after)

    async def test_undoes_nothing_that_another_removes(self, stage: Stage) -> None:
        await stage.reacts(MIA, 1, "✅", event=EventID("$tick"))
        await stage.takes_back(MAX, REVIEW, EventID("$tick"))
        after = await stage.time_passes(timedelta(seconds=120))

        assert "alert/alert" in templates(after)

    async def test_that_is_over_undoes_nothing_and_its_giver_reads_what_does(
        self, stage: Stage
    ) -> None:
        await stage.reacts(MIA, 1, "✅", event=EventID("$tick"))
        await stage.time_passes(timedelta(seconds=120))
        (told,) = await stage.takes_back(MIA, REVIEW, EventID("$tick"))
        other = await stage.takes_back(MAX, REVIEW, EventID("$tick"))

        assert "!intrekken #1 reden" in told.text.plain
        assert other == []

    async def test_lets_nobody_else_decide_meanwhile(self, stage: Stage) -> None:
        await stage.reacts(MIA, 1, "✅")

        assert templates(await stage.says(MAX, REVIEW, "!nee #1 nee")) == ["review/being_shared"]

    async def test_is_not_for_what_was_typed(self, stage: Stage) -> None:
        assert "alert/alert" in templates(await stage.says(MIA, REVIEW, "!ok #1"))

    async def test_outlives_a_restart(self, stage: Stage) -> None:
        await stage.reacts(MIA, 1, "✅")
        stage.restart()
        after = await stage.time_passes(timedelta(seconds=120))

        assert "alert/alert" in templates(after)


class TestAsking:
    async def test_reaches_the_reporter_and_the_answer_the_thread(self, stage: Stage) -> None:
        asked = await stage.says(MIA, REVIEW, "!vraag #1 welke kant op?")
        answered = await stage.says(ANNA, MINE, "naar het station")

        assert "welke kant op?" in text(asked, "report/question")
        assert "naar het station" in text(answered, "review/answer")

    async def test_takes_one_answer(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!vraag #1 welke kant op?")
        await stage.says(ANNA, MINE, "naar het station")

        assert "review/answer" not in templates(await stage.says(ANNA, MINE, "of toch niet"))

    async def test_by_a_tap_names_what_is_lacking(self, stage: Stage) -> None:
        asked = text(await stage.reacts(MIA, 1, "❓"), "report/question")

        assert ("daders" in asked, "mo" in asked.split()) == (True, False)

    async def test_outlives_a_restart(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!vraag #1 welke kant op?")
        stage.restart()

        assert "review/answer" in templates(await stage.says(ANNA, MINE, "naar het station"))


class TestChanging:
    async def test_shows_what_it_was_and_what_it_is(self, stage: Stage) -> None:
        shown = text(
            await stage.says(MIA, REVIEW, "!wijzig #1 plaats: Amersfoort"), "review/changed"
        )

        assert "Utrecht → Amersfoort" in shown

    async def test_shows_in_the_alert(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!wijzig #1 plaats: Amersfoort")
        alert = text(await stage.says(MAX, REVIEW, "!ok #1"), "alert/alert")

        assert ("AMERSFOORT" in alert.upper(), "UTRECHT" in alert.upper()) == (True, False)

    async def test_afterwards_edits_every_alert(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #1 +buren")
        await stage.says(MAX, REVIEW, "!ok #1")
        edited = await stage.says(MIA, REVIEW, "!wijzig #1 plaats: Amersfoort")

        assert templates(edited).count("alert/later") == 2

    async def test_is_not_for_ones_own_report(self, stage: Stage) -> None:
        await stage.says(OLGA, PrivateRoom(OLGA), REPORT)
        await stage.says(OLGA, PrivateRoom(OLGA), "!verstuur")

        answer = await stage.says(OLGA, REVIEW, "!wijzig #2 plaats: Amersfoort")
        assert templates(answer) == ["review/own_report"]

    @pytest.mark.parametrize("typed", ["tijd: 99:99", "pas dit graag aan", "xyzzy: qwerty", ""])
    async def test_of_what_names_no_field_and_value_changes_nothing(
        self, stage: Stage, typed: str
    ) -> None:
        answer = await stage.says(MIA, REVIEW, f"!wijzig #1 {typed}")

        assert templates(answer) == ["review/change_unclear"]


class TestClaiming:
    async def test_tells_the_second_who_was_first(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!claim #1")

        assert MIA in text(await stage.says(MAX, REVIEW, "!claim #1"), "review/claimed")

    async def test_binds_nobody(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!claim #1")

        assert "alert/alert" in templates(await stage.says(MAX, REVIEW, "!ok #1"))


class TestTheThread:
    async def test_names_the_case(self, stage: Stage) -> None:
        card = (await stage.delivered())["case/1/card"]

        assert "alert/alert" in templates(await stage.says(MIA, REVIEW, "!ok", thread=card))

    async def test_of_another_case_decides_nothing(self, stage: Stage) -> None:
        await reported(stage)
        card = (await stage.delivered())["case/2/card"]

        for typed in ("!ok #1", "!nee #1 fout", "!vraag #1 wat?", "!wijzig #1 tijd: 13:00"):
            said = await stage.says(MIA, REVIEW, typed, thread=card)
            assert templates(said) == ["review/other_thread"]


class TestTheCard:
    async def test_shows_what_only_moderators_read(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, REPORT + "\nstraat: Steenweg 12")
        card = text(await stage.says(ANNA, MINE, "!verstuur"), "review/card")

        _, _, hidden = card.partition("Alleen hier te zien")
        assert "Steenweg 12" in hidden

    async def test_shows_how_long_ago(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding inbraak\nplaats: Zeist\ntijd: 20 minuten geleden")
        card = text(await stage.says(ANNA, MINE, "!verstuur"), "review/card")

        assert "20 min geleden gebeurd, 0 min geleden gemeld" in card

    async def test_shows_how_long_the_decision_took(self, stage: Stage) -> None:
        await stage.time_passes(timedelta(minutes=12))
        card = text(await stage.says(MIA, REVIEW, "!ok #1"), "review/card")

        assert "na 12 min" in card


class TestWaiting:
    async def test_too_long_calls_everyone_once(self, stage: Stage) -> None:
        early = await stage.time_passes(timedelta(minutes=14))
        called = await stage.time_passes(timedelta(minutes=2))
        again = await stage.time_passes(timedelta(minutes=2))

        assert ["review/waits" in templates(said) for said in (early, called, again)] == [
            False,
            True,
            False,
        ]

    async def test_longer_calls_the_coordinators_by_name(self, stage: Stage) -> None:
        await stage.time_passes(timedelta(minutes=16))
        called = await stage.time_passes(timedelta(minutes=16))

        assert CORA in text(called, "review/waits")

    async def test_calls_who_claimed_it_and_frees_it(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!claim #1")
        called = text(await stage.time_passes(timedelta(minutes=16)), "review/waits")

        assert MIA in called
        assert "review/card" in templates(await stage.says(MAX, REVIEW, "!claim #1"))

    async def test_is_called_out_once_over_restarts(self, stage: Stage) -> None:
        await stage.time_passes(timedelta(minutes=16))
        stage.restart()

        assert "review/waits" not in templates(await stage.time_passes(timedelta(minutes=2)))

    async def test_for_nothing_calls_nobody(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!nee #1 dubbel")

        assert "review/waits" not in templates(await stage.time_passes(timedelta(hours=2)))

    async def test_for_an_outcome_is_asked_once(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #1")
        asked = await stage.time_passes(timedelta(hours=73))
        again = await stage.time_passes(timedelta(hours=73))

        assert MIA in text(asked, "review/ask_outcome")
        assert "review/ask_outcome" not in templates(again)

    async def test_for_an_outcome_ends_when_it_is_told(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #1")
        await stage.says(MIA, REVIEW, "!afloop #1 aangehouden")

        assert "review/ask_outcome" not in templates(await stage.time_passes(timedelta(hours=73)))
