"""Police whose homeserver was away: what they and the moderators hear on its return."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio

from appservice.absences import SHOWN_BY_ITSELF, Missed
from bridge.places import LiaisonRoom, ReviewRoom
from bridge.police.returning import cases_among
from bridge.reports.case import CaseNumber
from tests.unit.example import ELSEWHERE, HERE, MIA, NOW
from tests.unit.stage import Said
from tests.unit.test_police_relay import Scene, scene

REVIEW, POLICE = ReviewRoom(), LiaisonRoom(HERE)
SERVER = "police.example"
A_NIGHT, A_MOMENT = timedelta(hours=8), timedelta(minutes=5)


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Scene]:
    """One case that the police were sent, and have not read: their homeserver is away."""
    made = await scene()
    await made.shared()
    yield made
    await made.close()


async def back(stage: Scene, after: timedelta, server: str = SERVER) -> list[Said]:
    """What is said when a homeserver answers again that was away since the first alert."""
    await stage.time_passes(after)
    before = len(stage.said)
    await stage.hears(lambda work: stage.network.homeserver_back(work, server, NOW))
    return [one for one in stage.said[before:] if one.template.startswith(("police/", "review/"))]


def templates(said: list[Said]) -> list[str]:
    return [one.template for one in said]


class TestAHomeserverThatWasAwayForLong:
    async def test_has_its_officers_read_that_what_they_missed_comes_late(
        self, stage: Scene
    ) -> None:
        told, _ = await back(stage, A_NIGHT)

        assert told.template == "police/missed"
        assert told.text.plain.startswith(f"NAGEKOMEN. De server {SERVER} was niet bereikbaar")
        assert "#1 overval, Utrecht" in told.text.plain
        assert "!zaak #1" in told.text.plain

    async def test_has_the_moderators_know_who_reads_only_now(self, stage: Scene) -> None:
        _, told = await back(stage, A_NIGHT)

        assert told.template == "review/police_back"
        assert "van de politie van Midden-Nederland" in told.text.plain
        assert told.text.plain.endswith("leest nu pas: #1.")

    async def test_names_a_case_once_however_much_came_of_it(self, stage: Scene) -> None:
        for _ in range(3):
            await stage.says(MIA, REVIEW, "!update #1 richting Zeist")
        told, _ = await back(stage, A_NIGHT)

        assert told.text.plain.count("#1 overval") == 1

    async def test_says_nothing_where_nobody_missed_anything(self, stage: Scene) -> None:
        await stage.time_passes(A_NIGHT)
        since = NOW + timedelta(hours=1)
        said = await stage.hears(lambda work: stage.network.homeserver_back(work, SERVER, since))

        assert said == []

    async def test_says_nothing_to_police_on_another(self, stage: Scene) -> None:
        assert await back(stage, A_NIGHT, "elders.example") == []


class TestAHomeserverThatWasAwayForAMoment:
    async def test_is_not_worth_a_word(self, stage: Scene) -> None:
        assert await back(stage, A_MOMENT) == []

    async def test_is_when_a_client_would_not_show_all_of_it(self, stage: Scene) -> None:
        # Each with the alert's edit, the news below it, and its file.
        for _ in range(SHOWN_BY_ITSELF // 3 + 1):
            await stage.says(MIA, REVIEW, "!update #1 richting Zeist")

        assert templates(await back(stage, A_MOMENT)) == ["police/missed", "review/police_back"]


def test_a_case_is_the_units_own_and_none_of_another() -> None:
    names = (
        f"case/1/police/{HERE}",
        f"case/2/police/{ELSEWHERE}",
        f"case/1/police/{HERE}/edit/1",
        f"case/10/police/{HERE}/cap/0",
        "case/3/received/midden-nederland",
        None,
    )
    messages = [Missed(name, NOW) for name in names]

    assert cases_among(messages, HERE) == (CaseNumber(1), CaseNumber(10))
