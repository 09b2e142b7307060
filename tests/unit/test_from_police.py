"""What officers tell and announce: who decides on it, who reads it, and what they hear of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from bridge.places import AlertRoom, LiaisonRoom, PrivateRoom, ReviewRoom
from tests.unit.example import ANNA, ELSEWHERE, HERE, MAX, MIA, NOW, PIET
from tests.unit.stage import Said
from tests.unit.test_police_relay import Scene, scene

REVIEW, POLICE = ReviewRoom(), LiaisonRoom(HERE)
MINE = PrivateRoom(ANNA)

OUTCOME, QUESTION = "!afloop #1 twee mannen aangehouden", "!vraag #1 welke kant op"
BULLETIN = "!bulletin let op een vrouw met een kinderwagen"
WORD, CARD = "case/1/from police/1", "bulletin/1/card"


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Scene]:
    """One case that the police have."""
    made = await scene()
    await made.shared()
    yield made
    await made.close()


def text(said: list[Said], template: str) -> str:
    (found,) = [one.text.plain for one in said if one.template == template]
    return found


def templates(said: list[Said]) -> list[str]:
    return [one.template for one in said]


class TestAnOutcome:
    async def test_reaches_everyone_who_got_the_alert_by_one_tap(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, OUTCOME)
        said = await stage.reacts(MIA, 1, "✅", on=WORD)

        # The region and the police; the reporter reads it in their own room.
        assert templates(said).count("alert/afterword") == 2
        assert "aangehouden" in text(said, "report/afterword")

    async def test_is_passed_on_once(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, OUTCOME)
        await stage.reacts(MIA, 1, "✅", on=WORD)

        assert templates(await stage.reacts(MAX, 1, "✅", on=WORD)) == ["review/no_word"]

    async def test_is_stopped_by_the_gate_as_a_moderators_own(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, "!afloop #1 een Poolse man is gevonden")
        said = await stage.reacts(MIA, 1, "✅", on=WORD)

        assert templates(said)[-1] == "gate/doubtful"
        assert "alert/afterword" not in templates(said)

    async def test_that_a_moderator_told_in_other_words_waits_no_longer(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, OUTCOME)
        await stage.says(MIA, REVIEW, "!afloop #1 er zijn aanhoudingen")

        assert templates(await stage.reacts(MIA, 1, "✅", on=WORD)) == ["review/no_word"]

    async def test_outlives_a_restart(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, OUTCOME)
        stage.restart()

        assert "alert/afterword" in templates(await stage.reacts(MIA, 1, "✅", on=WORD))

    async def test_is_not_on_the_disk_in_clear(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, OUTCOME)

        async with stage.database.read() as work:
            (row,) = (await work.exec_driver_sql("SELECT * FROM police_words")).all()
        assert "aangehouden" not in repr(row)

    async def test_is_erased_with_the_report(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, OUTCOME)
        await stage.reacts(MIA, 1, "✅", on=WORD)
        await stage.network.privacy.sweep.whole(stage.database, NOW + timedelta(days=40))

        async with stage.database.read() as work:
            assert (await work.exec_driver_sql("SELECT * FROM police_words")).all() == []


class TestAQuestion:
    async def test_reaches_the_reporter_by_one_tap_and_the_officer_hears_so(
        self, stage: Scene
    ) -> None:
        await stage.says(PIET, POLICE, QUESTION)
        said = await stage.reacts(MIA, 1, "✅", on=WORD)

        assert "welke kant op" in text(said, "report/question")
        assert "aan de melder gesteld" in text(said, "police/question_put")

    async def test_in_a_moderators_words_is_told_to_the_officer_too(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, QUESTION)
        said = await stage.says(MIA, REVIEW, "!vraag #1 zag je waar ze heen gingen?")

        assert "police/question_put" in templates(said)

    async def test_is_answered_in_the_thread_of_the_card(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, QUESTION)
        await stage.reacts(MIA, 1, "✅", on=WORD)

        assert "station" in text(await stage.says(ANNA, MINE, "naar het station"), "review/answer")

    async def test_is_answered_to_those_who_asked_and_to_nobody_else(self, stage: Scene) -> None:
        before = await stage.waiting(AlertRoom(HERE))
        await stage.says(PIET, POLICE, QUESTION)
        said = await stage.says(MIA, REVIEW, "!antwoord #1 naar het station")

        assert "naar het station" in text(said, "police/answer")
        assert await stage.waiting(AlertRoom(HERE)) == before

    async def test_has_no_answer_with_personal_data(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, QUESTION)
        said = await stage.says(MIA, REVIEW, "!antwoord #1 in auto 12-ZFR-3")

        assert templates(said) == ["gate/certain"]

    async def test_that_nobody_asked_has_no_answer(self, stage: Scene) -> None:
        said = await stage.says(MIA, REVIEW, "!antwoord #1 naar het station")

        assert templates(said) == ["review/no_question"]


class TestWhatIsNotPassedOn:
    @pytest.mark.parametrize("typed", [OUTCOME, QUESTION])
    async def test_is_told_to_the_officer_with_the_reason(self, stage: Scene, typed: str) -> None:
        await stage.says(PIET, POLICE, typed)
        said = await stage.says(MIA, REVIEW, "!weiger #1 het onderzoek loopt nog")

        assert "Reden: het onderzoek loopt nog" in text(said, "police/turned_down")

    async def test_by_a_tap_may_be_given_its_reason_afterwards(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, OUTCOME)
        first = await stage.reacts(MIA, 1, "❌", on=WORD)
        then = await stage.says(MIA, REVIEW, "!weiger #1 het onderzoek loopt nog")

        assert "Reden" not in text(first, "police/turned_down")
        assert "Reden: het onderzoek" in text(then, "police/turned_down")

    async def test_is_read_by_nobody_else(self, stage: Scene) -> None:
        before = await stage.waiting(AlertRoom(HERE)) + await stage.waiting(MINE)
        await stage.says(PIET, POLICE, OUTCOME)
        await stage.says(MIA, REVIEW, "!weiger #1 het onderzoek loopt nog")

        assert await stage.waiting(AlertRoom(HERE)) + await stage.waiting(MINE) == before

    @pytest.mark.parametrize("who", [PIET, ANNA])
    async def test_is_decided_by_moderators_alone(self, stage: Scene, who: str) -> None:
        await stage.says(PIET, POLICE, OUTCOME)

        assert await stage.reacts(who, 1, "✅", on=WORD) == []  # type: ignore[arg-type]


class TestAnOfficersBulletin:
    async def test_waits_for_a_moderator(self, stage: Scene) -> None:
        said = await stage.says(PIET, POLICE, BULLETIN)

        assert templates(said) == ["review/bulletin", "police/bulletin_waits"]
        assert await stage.waiting(AlertRoom(HERE), "bulletin/") == []

    async def test_is_for_the_units_own_regions_when_it_names_none(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, BULLETIN)
        await stage.reacts(MIA, 1, "✅", on=CARD)

        assert await stage.waiting(AlertRoom(HERE), "bulletin/") != []
        assert await stage.waiting(AlertRoom(ELSEWHERE), "bulletin/") == []

    async def test_goes_to_the_regions_it_names(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, "!bulletin amsterdam\nlet op een vrouw met een kinderwagen")
        await stage.reacts(MIA, 1, "✅", on=CARD)

        assert await stage.waiting(AlertRoom(HERE), "bulletin/") == []
        assert await stage.waiting(AlertRoom(ELSEWHERE), "bulletin/") != []

    async def test_asks_about_a_region_that_was_mistyped(self, stage: Scene) -> None:
        (answer,) = await stage.says(PIET, POLICE, "!bulletin amstrdam\nlet op")

        assert answer.template == "review/unknown_region"

    async def test_says_that_it_is_from_the_police(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, BULLETIN)
        said = await stage.reacts(MIA, 1, "✅", on=CARD)

        read = text(said, "alert/police_bulletin")
        assert read.startswith("BERICHT VAN DE POLITIE (Midden-Nederland)")
        assert "@piet" not in read

    async def test_that_was_sent_is_told_to_the_officer(self, stage: Scene) -> None:
        await stage.says(PIET, POLICE, BULLETIN)
        said = await stage.reacts(MIA, 1, "✅", on=CARD)

        assert "doorgegeven aan Midden-Nederland" in text(said, "police/bulletin_sent")

    async def test_that_was_not_sent_is_told_to_the_officer_with_the_reason(
        self, stage: Scene
    ) -> None:
        await stage.says(PIET, POLICE, BULLETIN)
        said = await stage.says(MIA, REVIEW, "!annuleer 1 dit weten ze al")

        assert "Reden: dit weten ze al" in text(said, "police/bulletin_turned_down")

    async def test_takes_two_moderators_where_the_federation_wants_two(self) -> None:
        two = await scene(moderation={"two_moderators": ["landelijk"]})
        await two.says(PIET, POLICE, "!bulletin landelijk\nlet op een vrouw met een kinderwagen")
        await two.reacts(MIA, 1, "✅", on=CARD)
        assert await two.waiting(AlertRoom(HERE), "bulletin/") == []
        await two.reacts(MAX, 1, "✅", on=CARD)

        assert await two.waiting(AlertRoom(HERE), "bulletin/") != []
        await two.close()

    async def test_with_personal_data_gets_no_further_than_the_officer(self, stage: Scene) -> None:
        said = await stage.says(PIET, POLICE, "!bulletin let op auto 12-ZFR-3")

        assert templates(said) == ["gate/certain"]

    async def test_does_not_crowd_the_desk(self, stage: Scene) -> None:
        for number in range(5):
            await stage.says(PIET, POLICE, f"{BULLETIN} {number}")

        (answer,) = await stage.says(PIET, POLICE, BULLETIN)
        assert answer.template == "police/bulletins_wait"
