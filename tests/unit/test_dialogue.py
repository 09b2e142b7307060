"""A report asked out of a member, one question at a time, with the service dying in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from appservice.ids import EventID
from bridge.places import PrivateRoom, ReviewRoom
from bridge.wording import Language
from tests.unit.example import ANNA, BAS, MIA, configuration
from tests.unit.stage import Said, Stage

MINE, HIS, REVIEW = PrivateRoom(ANNA), PrivateRoom(BAS), ReviewRoom()
OPENING, LATER = EventID("$opening"), EventID("$later")


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    stage = Stage(configuration(reports={}))
    await stage.set()
    yield stage
    await stage.close()


def heard(said: list[Said]) -> list[Said]:
    """What people read of it: no names that rooms are given after a start, and no aftercare."""
    beside = ("room/", "report/aftercare")
    return [one for one in said if not one.template.startswith(beside)]


def templates(said: list[Said]) -> list[str]:
    return [one.template for one in heard(said)]


def only(said: list[Said]) -> str:
    (one,) = heard(said)
    return one.text.plain


async def answers(stage: Stage, *typed: str) -> str:
    """What Anna is told after the last of what she types."""
    said: list[Said] = []
    for one in typed:
        said = await stage.says(ANNA, MINE, one)
    return said[0].text.plain


DUTCH = {
    "numbers": ("!melding", "1", "2", "Utrecht", "1"),
    "words": ("!melding", "overvl", "net", "utrecht", "ja"),
    "all at once": ("!melding overval\nplaats: Utrecht\ntijd: zojuist", "!verstuur"),
    "reconnaissance": ("!verkenning", "een man fotografeert de sluis", "Utrecht", "net", "ja"),
}
ENGLISH = {
    "numbers": ("!report", "1", "1", "Amsterdam", "1"),
    "words": ("!report", "robery", "just now", "Amsterdam", "yes"),
}


class TestFromBeginningToSent:
    @pytest.mark.parametrize("way", DUTCH)
    async def test_in_dutch_though_the_service_dies_after_each_message(
        self, stage: Stage, way: str
    ) -> None:
        said: list[Said] = []
        for typed in DUTCH[way]:
            stage.restart()
            said = await stage.says(ANNA, MINE, typed)

        assert templates(said)[:2] == ["report/submitted", "review/card"]
        assert heard(said)[0].language is Language.NL
        assert "utrecht" in heard(said)[1].text.plain.casefold()

    @pytest.mark.parametrize("way", ENGLISH)
    async def test_in_english_though_the_service_dies_after_each_message(
        self, stage: Stage, way: str
    ) -> None:
        said: list[Said] = []
        for typed in ENGLISH[way]:
            stage.restart()
            said += heard(await stage.says(BAS, HIS, typed))

        assert {"report/submitted", "review/card"} <= set(templates(said))
        his = {one.language for one in said if one.template != "review/card"}
        assert his == {Language.EN}

    async def test_a_robbery_takes_five_messages(self, stage: Stage) -> None:
        sent = await answers(stage, "!melding", "overval", "net", "Utrecht", "verstuur")

        assert sent.startswith("Melding #1 is bij de moderatoren")

    async def test_a_reconnaissance_takes_three_messages(self, stage: Stage) -> None:
        sent = await answers(
            stage,
            "!melding voorverkenning",
            "Utrecht, net, man fotografeert de sluis en vraagt naar sluitingstijd",
            "verstuur",
        )

        assert sent.startswith("Melding #1 is bij de moderatoren")

    async def test_by_tapping_alone_but_for_the_town(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding")
        await stage.answers(ANNA, "1️⃣")
        stage.restart()
        await stage.answers(ANNA, "2⃣")
        await stage.says(ANNA, MINE, "Utrecht")
        stage.restart()

        assert "report/submitted" in templates(await stage.answers(ANNA, "✅"))

    async def test_the_first_word_is_112(self, stage: Stage) -> None:
        first = await answers(stage, "!melding")

        assert first.startswith("Is het nu aan de gang of net gebeurd? Bel eerst 112.")
        assert "0900-8844" in first

    async def test_what_is_still_going_on_is_for_112(self, stage: Stage) -> None:
        assert "Bel nu 112" in await answers(stage, "!melding", "overval", "nog bezig")
        card = (await stage.says(ANNA, MINE, "Utrecht"), await stage.says(ANNA, MINE, "ja"))[1][1]

        assert "Nog bezig: ja" in card.text.plain

    async def test_one_who_comes_back_is_asked_the_same_again(self, stage: Stage) -> None:
        asked = await answers(stage, "!melding", "overval")
        again = await answers(stage, "!melding")

        assert "Je was al met een melding bezig" in again
        assert again.endswith(asked)


class TestWhatIsNotKnown:
    async def test_does_not_hold_a_report_up(self, stage: Stage) -> None:
        preview = await answers(stage, "!melding", "inbraak", "weet niet", "Utrecht")

        assert "INBRAAK, Utrecht" in preview
        assert (await stage.says(ANNA, MINE, "ja"))[0].template == "report/submitted"

    async def test_of_the_type_makes_it_suspicious(self, stage: Stage) -> None:
        assert "verdachte situatie" in await answers(stage, "!melding", "geen idee")

    async def test_of_the_place_is_asked_once_more_and_then_it_is_the_region(
        self, stage: Stage
    ) -> None:
        asked = await answers(stage, "!melding", "overval", "net", "weet niet")
        assert "Zonder plaats kan niemand gewaarschuwd worden" in asked

        assert "OVERVAL, Midden-Nederland" in await answers(stage, "weet niet")

    async def test_what_makes_no_sense_is_asked_again_and_nothing_is_lost(
        self, stage: Stage
    ) -> None:
        asked = await answers(stage, "!melding", "overval", "blub")

        assert "Is het nog aan de gang" in asked
        assert "Genoteerd: soort" in asked

    async def test_a_town_that_nobody_knows_is_asked_once_more_and_then_taken(
        self, stage: Stage
    ) -> None:
        asked = await answers(stage, "!melding", "overval", "net", "Blubberdam")
        assert "Die plaats ken ik niet" in asked

        assert "OVERVAL, Blubberdam" in await answers(stage, "Blubberdam")

    async def test_a_town_that_nobody_knows_may_be_one_that_is_like_it(self, stage: Stage) -> None:
        asked = await answers(stage, "!melding overval\nplaats: Utrechtt\ntijd: zojuist")
        assert "1. Utrecht" in asked

        assert "OVERVAL, Utrecht\n" in await answers(stage, "1")

    async def test_a_time_to_come_is_asked_again(self, stage: Stage) -> None:
        asked = await answers(stage, "!melding", "overval", "vandaag 23:00")

        assert "deze tijd moet nog komen" in asked


class TestGoingBack:
    async def test_puts_the_former_question_and_keeps_the_rest(self, stage: Stage) -> None:
        asked = await answers(stage, "!melding", "overval", "net", "terug")
        assert "Is het nog aan de gang" in asked

        assert "Wat is er gebeurd" in await answers(stage, "terug")
        assert "In welke plaats" in await answers(stage, "ramkraak")
        assert "RAMKRAAK, Zeist" in await answers(stage, "Zeist")

    async def test_at_the_first_question_says_so(self, stage: Stage) -> None:
        assert "dit is de eerste vraag" in await answers(stage, "!melding", "terug")

    async def test_an_answer_can_be_left_as_it_is(self, stage: Stage) -> None:
        await answers(stage, "!melding", "overval", "net", "Utrecht")

        assert "Er staat nu: Utrecht" in await answers(stage, "terug")
        assert "OVERVAL, Utrecht" in await answers(stage, "ok")

    @pytest.mark.parametrize("word", ["stop", "Stop.", "cancel", "laat maar", "!annuleer"])
    async def test_stop_throws_it_away(self, stage: Stage, word: str) -> None:
        assert "Er is niets verstuurd" in await answers(stage, "!melding", "overval", word)
        assert "Er staat geen melding klaar" in await answers(stage, "!verstuur")


READY = ("!melding", "overval", "net", "Utrecht")


class TestChanging:
    @pytest.mark.parametrize(
        "typed",
        [
            ("meer", "8", "3"),
            ("2", "daders", "3"),
            ("daders: 3",),
            ("daders 3",),
            ("!wijzig daders: 3",),
            ("!wijzig", "8 3"),
            ("!wijzig daders", "drie"),
        ],
    )
    async def test_a_field_goes_by_its_name_or_its_number(
        self, stage: Stage, typed: tuple[str, ...]
    ) -> None:
        assert "Daders: 3" in await answers(stage, *READY, *typed)

    @pytest.mark.parametrize("typed", [("wis daders",), ("daders: -",), ("daders", "wis")])
    async def test_a_field_can_be_emptied(self, stage: Stage, typed: tuple[str, ...]) -> None:
        assert "Daders: 3" in await answers(stage, *READY, "daders: 3")

        assert "Daders" not in await answers(stage, *typed)

    async def test_a_choice_goes_by_its_number(self, stage: Stage) -> None:
        assert "1. geen" in await answers(stage, *READY, "wapen")
        assert "Wapen: vuurwapen" in await answers(stage, "3")

    async def test_several_choices_at_once_for_the_loot(self, stage: Stage) -> None:
        preview = await answers(stage, *READY, "buit", "1, 3")

        assert "Buit: luxe horloges, gouden sieraden" in preview

    async def test_what_is_told_by_the_way_goes_with_how_it_was_done(self, stage: Stage) -> None:
        preview = await answers(stage, *READY, "ze sloegen zomaar alles kort en klein")

        assert "kort en klein" in preview
        assert "kort en klein" not in await answers(stage, "wis mo")

    async def test_a_field_may_be_left_as_it_is(self, stage: Stage) -> None:
        assert "Klopt het?" in await answers(stage, *READY, "daders", "terug")


class TestAnEditedMessage:
    async def test_is_understood_anew(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding inbraak\nplaats: Utrecht", event=OPENING)
        await stage.says(ANNA, MINE, "zojuist")
        stage.restart()

        edited = "!melding ramkraak\nplaats: Utrecht"
        preview = only(await stage.says(ANNA, MINE, edited, replaces=OPENING))

        assert "RAMKRAAK, Utrecht" in preview
        assert "Tijd:" in preview

    async def test_that_was_not_understood_may_be_the_answer_after_all(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding overval")
        await stage.says(ANNA, MINE, "blub", event=LATER)

        said = await stage.says(ANNA, MINE, "zojuist", replaces=LATER)

        assert "In welke plaats" in only(said)

    async def test_that_only_opened_a_report_may_say_more(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding", event=OPENING)

        said = await stage.says(ANNA, MINE, "!melding overval", replaces=OPENING)

        assert "Is het nog aan de gang" in only(said)

    async def test_of_a_report_that_was_sent_changes_nothing(self, stage: Stage) -> None:
        await stage.says(
            ANNA, MINE, "!melding overval\nplaats: Utrecht\ntijd: zojuist", event=OPENING
        )
        await stage.says(ANNA, MINE, "!verstuur")

        said = await stage.says(ANNA, MINE, "!melding ramkraak", replaces=OPENING)

        assert templates(said) == ["refusal/edited"]

    async def test_is_no_way_to_give_another_command(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding overval", event=OPENING)

        said = await stage.says(ANNA, MINE, "!annuleer", replaces=OPENING)

        assert templates(said) == ["refusal/edited"]


class TestADeletedMessage:
    async def test_counts_no_more(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding")
        await stage.says(ANNA, MINE, "overval")
        await stage.says(ANNA, MINE, "zojuist", event=LATER)
        stage.restart()

        assert "Is het nog aan de gang" in only(await stage.takes_back(ANNA, MINE, LATER))

    async def test_that_opened_the_report_takes_it_away(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding", event=OPENING)
        await stage.says(ANNA, MINE, "overval")

        assert templates(await stage.takes_back(ANNA, MINE, OPENING)) == ["report/cancelled"]
        assert "Er staat geen melding klaar" in await answers(stage, "!verstuur")

    async def test_of_somebody_else_is_none_of_it(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding", event=OPENING)

        assert await stage.takes_back(MIA, MINE, OPENING) == []

    async def test_reaction_counts_no_more(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding")
        await stage.answers(ANNA, "2️⃣", event=LATER)

        assert "Wat is er gebeurd" in only(await stage.takes_back(ANNA, MINE, LATER))


class TestAReaction:
    async def test_to_a_preview_of_something_else_sends_nothing(self, stage: Stage) -> None:
        await answers(stage, *READY)
        old = await stage.last_asked(ANNA)
        await answers(stage, "daders: 3")

        assert "er is nog niets verstuurd" in only(await stage.answers(ANNA, "✅", to=old))

    async def test_to_an_earlier_question_answers_that_one(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding")
        first = await stage.last_asked(ANNA)
        await stage.says(ANNA, MINE, "overval")
        await stage.answers(ANNA, "2️⃣", to=first)

        assert "INBRAAK, Utrecht" in await answers(stage, "net", "Utrecht")

    async def test_that_stands_for_nothing_says_nothing(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding")

        assert await stage.answers(ANNA, "👍") == []

    async def test_of_somebody_else_counts_for_nothing(self, stage: Stage) -> None:
        await answers(stage, *READY)

        assert await stage.answers(BAS, "✅", to=await stage.last_asked(ANNA)) == []


class TestTime:
    async def test_an_idle_report_is_pointed_out_once(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding overval")
        stage.restart()

        assert "nog niet verstuurd" in only(await stage.time_passes(timedelta(minutes=31)))
        assert await stage.time_passes(timedelta(minutes=31)) == []

    async def test_a_report_goes_on_after_a_day(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding overval")
        await stage.time_passes(timedelta(days=1))
        stage.restart()

        assert "In welke plaats" in only(await stage.says(ANNA, MINE, "gisteren 14:00"))

    async def test_an_abandoned_report_is_thrown_away_with_a_word(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!melding overval")
        await stage.time_passes(timedelta(minutes=31))

        assert "weggegooid" in only(await stage.time_passes(timedelta(hours=73)))
        assert await stage.time_passes(timedelta(hours=73)) == []
        assert "Er staat geen melding klaar" in await answers(stage, "!verstuur")

    async def test_one_who_sends_report_upon_report_is_asked_to_wait(self, stage: Stage) -> None:
        report = "!melding overval\nplaats: Utrecht\ntijd: zojuist"
        for _ in range(5):
            assert "is bij de moderatoren" in await answers(stage, report, "!verstuur")

        assert "probeer het over een minuut" in await answers(stage, report, "!verstuur")
        await stage.time_passes(timedelta(minutes=1))
        assert "is bij de moderatoren" in await answers(stage, "!verstuur")


class TestAnotherRegion:
    async def test_is_allowed_and_shown_to_the_reporter_and_the_moderator(
        self, stage: Stage
    ) -> None:
        preview = await answers(stage, "!melding", "overval", "net", "Amsterdam")
        sent = await stage.says(ANNA, MINE, "ja")

        assert "Amsterdam ligt in de regio Amsterdam en niet in de jouwe" in preview
        assert "Amsterdam ligt in de regio Amsterdam: !ok #1 amsterdam" in sent[1].text.plain

    async def test_is_not_spoken_of_where_it_is_ones_own(self, stage: Stage) -> None:
        assert "niet in de jouwe" not in await answers(stage, *READY)
