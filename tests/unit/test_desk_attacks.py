"""What somebody tries at the desk who should not get it; each row stands in SECURITY.md."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from appservice.events import Secrecy
from appservice.ids import EventID, UserID
from bridge.places import AlertRoom, LiaisonRoom, PrivateRoom, ReviewRoom
from tests.unit.example import ANNA, BAS, CORA, HERE, MAX, MIA, OLGA, PIET, STRANGER, configuration
from tests.unit.stage import CLEAR, UNSIGNED, Said, Stage

REVIEW, MINE, POLICE = ReviewRoom(), PrivateRoom(ANNA), LiaisonRoom(HERE)
REPORT = "!melding overval\nplaats: Utrecht\ntijd: 12:00\nmo: vitrine ingeslagen"

EVERY_WORD = (
    *("!ok #1", "!nee #1 fout", "!vraag #1 wat?", "!wijzig #1 plaats: Zeist", "!claim #1"),
    *("!samen #1 #2", "!update #1 nieuws", "!afloop #1 klaar", "!intrekken #1 fout"),
    *("!dossier #1", "!open", "!bulletin amsterdam let op", "!oefening amsterdam", "!verstuur 1"),
)


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """A report of Anna's, #1, and one of Olga's, who moderates too, #2."""
    made = Stage(configuration(moderation={}))
    await made.set()
    await reported(made, ANNA)
    await reported(made, OLGA)
    yield made
    await made.close()


async def reported(stage: Stage, who: UserID) -> None:
    await stage.says(who, PrivateRoom(who), REPORT)
    await stage.says(who, PrivateRoom(who), "!verstuur")


def templates(said: list[Said]) -> list[str]:
    return [one.template for one in said]


async def still_open(stage: Stage) -> None:
    """Nothing was decided on #1: a decision counts only now."""
    assert "alert/alert" in templates(await stage.says(MIA, REVIEW, "!ok #1"))


class TestNoWordOfTheDesk:
    @pytest.mark.parametrize("who", [ANNA, BAS, PIET, STRANGER])
    async def test_is_heard_from_who_does_not_moderate(self, stage: Stage, who: UserID) -> None:
        answered = {typed: await stage.says(who, REVIEW, typed) for typed in EVERY_WORD}
        nonsense = templates(await stage.says(who, REVIEW, "!nonsens"))

        assert {tuple(templates(said)) for said in answered.values()} <= {(), tuple(nonsense)}
        await still_open(stage)

    async def test_is_obeyed_in_a_liaison_room(self, stage: Stage) -> None:
        said = [one for typed in EVERY_WORD for one in await stage.says(PIET, POLICE, typed)]

        beyond = [t for t in templates(said) if not t.startswith(("command/", "police/"))]
        # A bulletin of theirs is shown to the moderators, who send it or do not.
        assert beyond == ["review/bulletin"]
        await still_open(stage)

    async def test_is_heard_in_an_alert_room(self, stage: Stage) -> None:
        said = [await stage.says(OLGA, AlertRoom(HERE), typed) for typed in EVERY_WORD]

        assert said == [[]] * len(EVERY_WORD)

    @pytest.mark.parametrize(
        ("secrecy", "answer"),
        [(CLEAR, "refusal/not_encrypted"), (UNSIGNED, "refusal/device_not_verified")],
    )
    async def test_is_obeyed_in_clear_or_from_a_device_that_nobody_verified(
        self, stage: Stage, secrecy: Secrecy, answer: str
    ) -> None:
        said = [await stage.says(MIA, REVIEW, typed, secrecy=secrecy) for typed in EVERY_WORD]

        assert {tuple(templates(one)) for one in said} == {(answer,)}

    async def test_is_obeyed_when_an_earlier_message_is_edited_into_it(self, stage: Stage) -> None:
        earlier = EventID("$approved")
        said = [await stage.says(MIA, REVIEW, typed, replaces=earlier) for typed in EVERY_WORD]

        assert {tuple(templates(one)) for one in said} == {("refusal/edited",)}


class TestTwoModeratorsAreNeverOne:
    async def test_who_taps_and_types(self, stage: Stage) -> None:
        await stage.reacts(MIA, 1, "👮")

        assert "alert/alert" not in templates(await stage.says(MIA, REVIEW, "!ok #1 +politie"))

    async def test_who_changes_their_choice_and_back(self, stage: Stage) -> None:
        for typed in ("!ok #1 landelijk", "!ok #1 +politie", "!ok #1 landelijk"):
            assert "alert/alert" not in templates(await stage.says(MIA, REVIEW, typed))

    async def test_one_of_whom_was_put_out_meanwhile(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #1 landelijk")
        await stage.says(CORA, REVIEW, f"!verwijder {MIA}")

        assert "alert/alert" not in templates(await stage.says(MAX, REVIEW, "!ok #1 landelijk"))

    async def test_who_agreed_to_another_text(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #1 landelijk")
        await stage.says(MAX, REVIEW, "!wijzig #1 plaats: Zeist")

        assert "alert/alert" not in templates(await stage.says(MAX, REVIEW, "!ok #1 landelijk"))

    async def test_one_of_whom_is_the_reporter(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #2 landelijk")

        assert templates(await stage.says(OLGA, REVIEW, "!ok #2")) == ["review/own_report"]

    async def test_who_counts_the_reports_merged_into_it_as_approved(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!ok #1 landelijk")
        await stage.says(MAX, REVIEW, "!samen #1 #2")

        assert "alert/alert" not in templates(await stage.says(MAX, REVIEW, "!ok #1 landelijk"))

    async def test_for_a_bulletin_either(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!bulletin landelijk\nlet op")
        alone = await stage.says(MIA, REVIEW, "!verstuur 1")
        together = await stage.says(MAX, REVIEW, "!verstuur 1")

        assert "alert/bulletin" not in templates(alone)
        assert templates(together).count("alert/bulletin") == 2


class TestOnesOwnReport:
    @pytest.mark.parametrize(
        "typed",
        ["!ok #2", "!nee #2 fout", "!vraag #2 wat?", "!wijzig #2 plaats: Zeist", "!claim #2"],
    )
    async def test_is_in_nobodys_own_hands(self, stage: Stage, typed: str) -> None:
        assert templates(await stage.says(OLGA, REVIEW, typed)) == ["review/own_report"]

    @pytest.mark.parametrize("typed", ["!samen #1 #2", "!samen #2 #1"])
    async def test_is_not_merged_away_by_its_reporter(self, stage: Stage, typed: str) -> None:
        assert templates(await stage.says(OLGA, REVIEW, typed)) == ["review/own_report"]

    async def test_stays_ones_own_when_it_goes_on_as_another(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!samen #1 #2")

        assert "alert/alert" not in templates(await stage.reacts(OLGA, 1, "✅"))


class TestAnAnswer:
    async def test_is_taken_from_who_was_asked_alone(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!vraag #1 welke kant op?")

        said = await stage.says(BAS, PrivateRoom(BAS), "ik weet het")
        assert "review/answer" not in templates(said)

    async def test_is_not_taken_from_an_edit(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!vraag #1 welke kant op?")

        said = await stage.says(ANNA, MINE, "naar links", replaces=EventID("$before"))
        assert "review/answer" not in templates(said)

    async def test_is_not_taken_in_clear(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!vraag #1 welke kant op?")

        said = await stage.says(ANNA, MINE, "naar links", secrecy=CLEAR)
        assert "review/answer" not in templates(said)


class TestWhatModeratorsWrite:
    HOSTILE = "<b>kop</b> [klik](elders) **vet**"

    @pytest.mark.parametrize("word", ["update", "afloop", "intrekken"])
    async def test_afterwards_is_text_and_nothing_more(self, stage: Stage, word: str) -> None:
        await stage.says(MIA, REVIEW, "!ok #1")
        said = await stage.says(MIA, REVIEW, f"!{word} #1 {self.HOSTILE}")

        (told,) = [one.text for one in said if one.template == "alert/afterword"]
        assert "<b>kop" not in told.html
        assert "<a " not in told.html
        assert "<strong>vet" not in told.html

    async def test_in_a_bulletin_is_text_and_nothing_more(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, f"!bulletin amsterdam\n{self.HOSTILE}")
        (sent,) = [
            one.text
            for one in await stage.says(MIA, REVIEW, "!verstuur")
            if one.template == "alert/bulletin"
        ]

        assert "<a " not in sent.html
        assert "<strong>vet" not in sent.html


async def test_a_tick_taken_back_by_another_hand_still_counts(stage: Stage) -> None:
    made = Stage(configuration(moderation={"grace_seconds": 60}))
    await made.set()
    await reported(made, ANNA)
    await made.reacts(MIA, 1, "✅", event=EventID("$tick"))
    for who in (STRANGER, PIET, ANNA, MAX):
        await made.takes_back(who, REVIEW, EventID("$tick"))
    after = await made.time_passes(timedelta(minutes=2))
    await made.close()

    assert "alert/alert" in templates(after)


async def test_nothing_is_told_of_a_case_that_there_is_not(stage: Stage) -> None:
    for typed in ("!update #99 nieuws", "!samen #1 #99", "!dossier #99", "!wijzig #99 tijd: 13:00"):
        assert templates(await stage.says(MIA, REVIEW, typed)) == ["review/no_such_case"]
