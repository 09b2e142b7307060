"""What moderators do at the desk, and who hears what of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from appservice.ids import EventID, RoomID
from appservice.outbox import outbox
from appservice.rooms.errands import errands
from bridge.moderation.bulletins import bulletins
from bridge.places import PrivateRoom, ReviewRoom
from tests.unit.example import ANNA, CORA, HERE, MAX, MIA, OLGA, configuration
from tests.unit.stage import Said, Stage

REVIEW, MINE = ReviewRoom(), PrivateRoom(ANNA)
ONE: dict[str, Any] = {"two_moderators": []}
REPORT = "!melding overval\nplaats: Utrecht\ntijd: 12:00\nmo: vitrine ingeslagen"


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """A report of Anna's waits, as #1; two moderators are needed as they are by default."""
    made = Stage(configuration(moderation={}))
    await made.set()
    await reported(made)
    yield made
    await made.close()


async def reported(stage: Stage, report: str = REPORT) -> None:
    await stage.says(ANNA, MINE, report)
    await stage.says(ANNA, MINE, "!verstuur")


def templates(said: list[Said]) -> list[str]:
    return [one.template for one in said]


def text(said: list[Said], template: str) -> str:
    """The one text of a template that was said."""
    (found,) = [one.text.plain for one in said if one.template == template]
    return found


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
