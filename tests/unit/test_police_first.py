"""What goes to the police before the members: after one word, and never further than meant."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from appservice.ids import UserID
from bridge.places import AlertRoom, LiaisonRoom, Place, PrivateRoom, ReviewRoom
from tests.unit.example import ANNA, HERE, MAX, MIA, OLGA, PIET, configuration
from tests.unit.stage import Said
from tests.unit.test_police_relay import Scene, told

MINE, REVIEW, POLICE, ALERTS = PrivateRoom(ANNA), ReviewRoom(), LiaisonRoom(HERE), AlertRoom(HERE)

RECONNAISSANCE = "!melding voorverkenning\nplaats: Utrecht\ntijd: 12:00\nmo: fotograferen van kluis"
ROBBERY = "!melding overval\nplaats: Utrecht\ntijd: 12:00\nmo: met moker"
QUESTION = "case/1/members"
TOLD = "case/1/police/midden-nederland"


async def scene(**sections: Any) -> Scene:
    made = Scene(
        configuration(
            **{
                "police": {"first": ["voorverkenning", "gemarkeerd"]},
                # As a federation has it that changes nothing.
                "moderation": {"two_moderators": ["landelijk", "politie"]},
                **sections,
            }
        )
    )
    await made.set()
    return made


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Scene]:
    made = await scene()
    yield made
    await made.close()


async def sent(stage: Scene, report: str = RECONNAISSANCE, who: UserID = ANNA) -> list[Said]:
    """Somebody sends a report; returns what is said because of it, the card among it."""
    await stage.says(who, PrivateRoom(who), report)
    return await stage.says(who, PrivateRoom(who), "!verstuur")


async def with_police(stage: Scene) -> None:
    await sent(stage)
    await stage.reacts(MIA, 1, "✅")


def text(said: list[Said], template: str) -> str:
    (found,) = [one.text.plain for one in said if one.template == template]
    return found


async def got(stage: Scene, place: Place) -> bool:
    """Whether a place was sent the first case."""
    return await stage.waiting(place) != []


class TestReconnaissance:
    async def test_is_the_polices_after_one_moderators_tick(self, stage: Scene) -> None:
        await with_police(stage)

        assert TOLD in await stage.waiting(POLICE)

    async def test_is_not_the_members_by_that(self, stage: Scene) -> None:
        await with_police(stage)

        assert not await got(stage, ALERTS)

    async def test_has_a_legend_that_says_so(self, stage: Scene) -> None:
        card = text(await sent(stage), "review/card")

        assert "✅ eerst naar de politie" in card
        assert "👮" not in card

    async def test_goes_with_its_cap_file(self, stage: Scene) -> None:
        await with_police(stage)

        assert len(await stage.files(POLICE)) == 1

    async def test_tells_its_reader_that_the_members_do_not_know(self, stage: Scene) -> None:
        await sent(stage)
        said = await stage.reacts(MIA, 1, "✅")

        assert "de leden weten het nog niet" in text(said, "police/alert")

    async def test_tells_its_reporter_where_it_is(self, stage: Scene) -> None:
        await sent(stage)
        said = await stage.reacts(MIA, 1, "✅")

        assert "is bij de politie" in text(said, "report/with_police")

    async def test_reaches_no_member_by_a_second_tick_that_was_meant_for_the_police(
        self, stage: Scene
    ) -> None:
        await with_police(stage)
        said = await stage.reacts(MAX, 1, "✅")

        assert [one.template for one in said] == ["review/police_has_it"]
        assert not await got(stage, ALERTS)

    async def test_is_not_typed_to_the_members_first(self, stage: Scene) -> None:
        await sent(stage)
        (answer,) = await stage.says(MIA, REVIEW, "!ok #1")

        assert answer.template == "review/police_first"

    async def test_is_typed_to_the_police(self, stage: Scene) -> None:
        await sent(stage)
        await stage.says(MIA, REVIEW, "!politie #1")

        assert await got(stage, POLICE)
        assert not await got(stage, ALERTS)

    async def test_is_not_sent_by_the_moderator_whose_own_it_is(self, stage: Scene) -> None:
        await sent(stage, who=OLGA)
        (answer,) = await stage.reacts(OLGA, 1, "✅")

        assert answer.template == "review/own_report"
        assert not await got(stage, POLICE)

    async def test_is_shared_as_any_other_where_there_are_no_police(self) -> None:
        alone = await scene(liaisons=[])
        card = text(await sent(alone), "review/card")
        await alone.reacts(MIA, 1, "✅")

        assert "politie" not in card
        assert await got(alone, ALERTS)
        await alone.close()

    async def test_that_no_unit_wants_is_for_the_members(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, "!afmelden voorverkenning")
        await sent(stage)
        (answer,) = await stage.reacts(MIA, 1, "✅")
        await stage.says(MIA, REVIEW, "!ok #1")

        assert answer.template == "review/police_want_none"
        assert await got(stage, ALERTS)

    async def test_that_may_name_somebody_is_stopped_by_the_gate(self, stage: Scene) -> None:
        await sent(stage, RECONNAISSANCE + "\nvlucht: grijze golf, een Poolse man bleef zitten")
        await stage.reacts(MIA, 1, "✅")

        assert not await got(stage, POLICE)


class TestTheMembersShare:
    async def test_is_decided_below_the_question(self, stage: Scene) -> None:
        await with_police(stage)
        await stage.reacts(MIA, 1, "✅", on=QUESTION)

        assert await got(stage, ALERTS)

    async def test_is_typed_as_ever(self, stage: Scene) -> None:
        await with_police(stage)
        said = await stage.says(MIA, REVIEW, "!ok #1")

        assert "en met de politie" in text(said, "report/published")
        assert await got(stage, ALERTS)

    async def test_does_not_ring_the_police_again_but_corrects_what_they_read(
        self, stage: Scene
    ) -> None:
        await with_police(stage)
        before = await stage.waiting(POLICE)
        await stage.says(MIA, REVIEW, "!ok #1")

        (more,) = set(await stage.waiting(POLICE)) - set(before)
        assert more.startswith(f"{TOLD}/edit/")

    async def test_tells_no_other_police_by_itself(self) -> None:
        two = await scene(
            liaisons=[{"user": PIET, "region": HERE}],
            regions=[
                {"code": HERE, "name": "Midden-Nederland", "police": True},
                {"code": "amsterdam", "name": "Amsterdam", "police": True},
            ],
        )
        await two.says(PIET, POLICE, "!afmelden")
        await two.says(PIET, POLICE, "!abonneer amsterdam")
        await sent(two)
        await two.says(MIA, REVIEW, "!ok #1 midden-nederland amsterdam")

        assert not await got(two, POLICE)
        await two.close()

    async def test_may_be_refused_and_the_reporter_reads_why(self, stage: Scene) -> None:
        await with_police(stage)
        said = await stage.says(MIA, REVIEW, "!nee #1 eerst het onderzoek")

        assert "eerst het onderzoek" in text(said, "report/police_alone")
        assert "alleen met de politie" in text(said, "review/card")
        assert not await got(stage, ALERTS)

    async def test_refused_leaves_an_outcome_to_be_told_to_the_police(self, stage: Scene) -> None:
        await with_police(stage)
        await stage.reacts(MIA, 1, "❌", on=QUESTION)
        await stage.says(MIA, REVIEW, "!afloop #1 niets aan de hand")

        assert [name for name in await stage.waiting(POLICE) if "/later/" in name]
        assert not await got(stage, ALERTS)

    async def test_undecided_lets_it_be_taken_back_from_the_police(self, stage: Scene) -> None:
        await with_police(stage)
        await stage.says(MIA, REVIEW, "!intrekken #1 vergissing")

        kinds = [file.findtext("{*}msgType") for file in await stage.files(POLICE)]
        assert kinds == ["Alert", "Cancel"]


class TestAMark:
    async def test_takes_any_report_to_the_police_first(self, stage: Scene) -> None:
        await sent(stage, ROBBERY)
        await stage.reacts(MIA, 1, "🚓")

        assert await got(stage, POLICE)
        assert not await got(stage, ALERTS)

    async def test_leaves_the_cards_tick_to_the_members(self, stage: Scene) -> None:
        await sent(stage, ROBBERY)
        await stage.reacts(MIA, 1, "🚓")
        await stage.reacts(MIA, 1, "✅")

        assert await got(stage, ALERTS)

    async def test_is_offered_on_the_card_and_in_the_help(self, stage: Scene) -> None:
        assert "🚓 eerst naar de politie" in text(await sent(stage, ROBBERY), "review/card")
        assert "!politie" in text(await stage.says(MIA, REVIEW, "!help"), "help/all")

    async def test_is_refused_where_the_federation_allows_none(self) -> None:
        strict = await scene(police={"first": ["voorverkenning"]})
        card = text(await sent(strict, ROBBERY), "review/card")
        said = await strict.reacts(MIA, 1, "🚓")

        assert "🚓" not in card
        assert [one.template for one in said] == ["review/not_police_first"]
        assert not await got(strict, POLICE)
        await strict.close()


class TestALiaison:
    async def test_reads_again_what_came_first(self, stage: Scene) -> None:
        await with_police(stage)
        assert "#1" in text(await stage.says(PIET, POLICE, "!open"), "police/open")

        said = [one.template for one in await stage.says(PIET, POLICE, "!zaak #1")]
        assert "police/alert" in said

    async def test_opens_nothing_that_waits_for_a_moderator(self, stage: Scene) -> None:
        await sent(stage)

        (answer,) = await stage.says(PIET, POLICE, "!zaak #1")
        assert answer.template == "police/no_such_case"


class TestATypeThatAlwaysGoesThere:
    async def test_says_so_on_the_card_and_to_the_reporter(self) -> None:
        always = await scene(police={"always": ["overval"]})
        card = text(await sent(always, ROBBERY), "review/card")
        said = await always.reacts(MIA, 1, "✅")

        assert "gaat vanzelf ook naar de politie" in card
        assert "en met de politie" in text(said, "report/published")
        assert "en met de politie" in text(said, "review/card")
        assert await got(always, POLICE)
        await always.close()


async def test_a_network_without_police_has_no_word_for_it() -> None:
    alone = await scene(liaisons=[])
    await sent(alone, ROBBERY)
    (answer,) = await alone.says(MIA, REVIEW, "!politie #1")

    assert answer.template == "command/unknown"
    assert "politie" not in text(await alone.says(MIA, REVIEW, "!help"), "help/all")
    await alone.close()


class TestAReportThatThePoliceHave:
    async def test_is_not_merged_away_from_them(self, stage: Scene) -> None:
        await sent(stage)
        await sent(stage, ROBBERY)
        await stage.says(MIA, REVIEW, "!politie #1")
        (answer,) = await stage.says(MIA, REVIEW, "!samen #2 #1")

        assert answer.template == "review/merge_with_police"
        assert "Voeg andersom samen: !samen #1 #2" in answer.text.plain

    async def test_goes_on_as_another_that_they_have(self, stage: Scene) -> None:
        for number in (1, 2):
            await sent(stage)
            await stage.says(MIA, REVIEW, f"!politie #{number}")
        said = await stage.says(MIA, REVIEW, "!samen #1 #2")

        assert "Zaak #2 gaat over hetzelfde als zaak #1" in text(said, "police/merged")
        assert [told(file)[:2] for file in await stage.files(POLICE)][-1] == (
            "example.org:2:1",
            "Cancel",
        )

    async def test_is_decided_on_before_one_that_members_have_goes_on_as_it(
        self, stage: Scene
    ) -> None:
        for _ in range(2):
            await sent(stage, ROBBERY)
        await stage.says(MIA, REVIEW, "!ok #1")
        await stage.says(MIA, REVIEW, "!politie #2")
        (answer,) = await stage.says(MIA, REVIEW, "!samen #1 #2")
        await stage.says(MIA, REVIEW, "!ok #2")
        said = await stage.says(MIA, REVIEW, "!samen #2 #1")

        assert "Beslis eerst of de leden haar lezen: !ok #2" in answer.text.plain
        assert "Melding #1 gaat over hetzelfde als melding #2" in text(said, "alert/merged")
