"""The gate between people: what it tells the reporter and the moderators, and what it stops."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from appservice.attachments import Attachment
from appservice.ids import EventID
from bridge.gate import Finding, ScreeningFailed
from bridge.gate.leaving import certain_in, judge, with_reason
from bridge.places import AlertRoom, LiaisonRoom, PrivateRoom, ReviewRoom
from bridge.speech import Attach, NotJudged, Refused, Say
from tests.unit.example import ANNA, CONFIGURATION, CORA, HERE, MAX, MIA, NOW
from tests.unit.stage import Said, Stage

MINE, REVIEW = PrivateRoom(ANNA), ReviewRoom()
REPORT = "!melding overval\nplaats: Utrecht\ntijd: 12:00\nmo: "
PLATE = "weg in een auto met 12-ZFR-3"


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage(CONFIGURATION)
    await made.set()
    yield made
    await made.close()


def templates(said: list[Said]) -> list[str]:
    return [one.template for one in said]


async def shared(stage: Stage, mo: str = "ruit ingeslagen") -> None:
    await stage.says(ANNA, MINE, REPORT + mo)
    await stage.says(ANNA, MINE, "!verstuur")
    await stage.says(MIA, REVIEW, "!ok #1")


class TestAReportWithPersonalData:
    async def test_is_shown_to_its_reporter_who_can_still_change_it(self, stage: Stage) -> None:
        (preview,) = await stage.says(ANNA, MINE, REPORT + PLATE)
        assert "“12-ZFR-3”: kenteken" in preview.text.plain

    async def test_is_not_sent(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, REPORT + PLATE)
        assert templates(await stage.says(ANNA, MINE, "!verstuur")) == ["gate/not_sent"]

    async def test_is_sent_once_it_was_changed(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, REPORT + PLATE)
        await stage.says(ANNA, MINE, "!wijzig mo: weg in een auto")
        assert "report/submitted" in templates(await stage.says(ANNA, MINE, "!verstuur"))

    async def test_that_came_with_an_edit_alone_is_not_sent(self, stage: Stage) -> None:
        first = EventID("$first")
        await stage.says(ANNA, MINE, REPORT + "ruit ingeslagen", event=first)
        await stage.says(ANNA, MINE, REPORT + PLATE, replaces=first)
        assert templates(await stage.says(ANNA, MINE, "!verstuur")) == ["gate/not_sent"]


class TestSomethingDoubtful:
    async def test_is_not_shared_without_a_reason(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, REPORT + "een Poolse man kwam binnen")
        await stage.says(ANNA, MINE, "!verstuur")
        assert templates(await stage.says(MIA, REVIEW, "!ok #1")) == ["gate/doubtful"]
        assert templates(await stage.reacts(MIA, 1, "✅")) == ["gate/doubtful"]

    async def test_is_shared_with_one_and_not_asked_of_again(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, REPORT + "een Poolse man kwam binnen")
        await stage.says(ANNA, MINE, "!verstuur")
        said = await stage.says(MIA, REVIEW, "!ok #1 reden: zo staat het op zijn jas")
        later = await stage.says(MIA, REVIEW, "!update #1 de politie is er")
        assert "alert/alert" in templates(said)
        assert "alert/afterword" in templates(later)


class TestWhatAModeratorTypes:
    @pytest.mark.parametrize(
        "typed",
        [
            f"!update #1 {PLATE}",
            f"!afloop #1 {PLATE}",
            f"!intrekken #1 {PLATE}",
            f"!wijzig #1 mo: {PLATE}",
            f"!update #1 {PLATE} reden: ik vind het nodig",
        ],
    )
    async def test_with_personal_data_reaches_nobody(self, stage: Stage, typed: str) -> None:
        await shared(stage)
        assert templates(await stage.says(MAX, REVIEW, typed)) == ["gate/certain"]

    @pytest.mark.parametrize("typed", [f"!vraag #1 {PLATE}?", f"!nee #1 {PLATE}"])
    async def test_to_the_reporter_with_personal_data_reaches_them_not(
        self, stage: Stage, typed: str
    ) -> None:
        await stage.says(ANNA, MINE, REPORT + "ruit ingeslagen")
        await stage.says(ANNA, MINE, "!verstuur")
        assert templates(await stage.says(MIA, REVIEW, typed)) == ["gate/certain"]


@pytest.mark.parametrize("typed", [f"hernoem {HERE} Kevin de Vries", "nieuw x Regio 12-ZFR-3"])
async def test_a_region_is_called_after_nobody(stage: Stage, typed: str) -> None:
    assert templates(await stage.says(CORA, REVIEW, f"!regio {typed}")) == ["gate/certain"]


async def test_the_last_look_is_taken_at_a_file_for_the_police_too(stage: Stage) -> None:
    file = Attachment("x.cap.xml", "application/cap+xml", b"<alert/>")
    attached = Attach(LiaisonRoom(HERE), file, reads=("INBRAAK, Utrecht", PLATE))
    with pytest.raises(NotJudged, match="plate"):
        await stage.hears(lambda work: stage.network._speaker.say(work, [attached], NOW))


async def test_the_last_look_stops_what_nobody_judged(stage: Stage) -> None:
    say = Say(AlertRoom(HERE), "alert/bulletin", {"text": PLATE}, name="bulletin/1/alert/x")
    with pytest.raises(NotJudged, match="plate") as stopped:
        await stage.hears(lambda work: stage.network._speaker.say(work, [say], NOW))
    assert "ZFR" not in str(stopped.value)


def broken(_: str) -> tuple[Finding, ...]:
    raise ValueError("in a rule")


def late(_: str) -> tuple[Finding, ...]:
    raise ScreeningFailed("late")


@pytest.mark.parametrize("screener", [broken, late])
def test_a_gate_that_fails_says_no(screener: object) -> None:
    with pytest.raises(Refused, match="gate/failed"):
        judge(["text"], (), "a reason", screener)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="gate/failed"):
        certain_in(["text"], screener)  # type: ignore[arg-type]


def test_a_reason_is_what_stands_behind_its_word() -> None:
    assert with_reason("amsterdam +politie reden: zo heet de straat") == (
        "amsterdam +politie",
        "zo heet de straat",
    )
    assert with_reason("zonder") == ("zonder", None)
