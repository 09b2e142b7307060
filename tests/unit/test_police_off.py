"""A network without police, and police who are no longer part of one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from appservice.outbox import Status, outbox
from appservice.rooms import records
from bridge.places import LiaisonRoom, PrivateRoom, ReviewRoom, key_of
from bridge.wording import Language
from tests.unit.example import ANNA, BAS, CORA, HERE, MIA, OLGA, PIET, configuration
from tests.unit.stage import Said
from tests.unit.test_police_relay import REPORT, Scene, scene

MINE, REVIEW, POLICE = PrivateRoom(ANNA), ReviewRoom(), LiaisonRoom(HERE)

OF_POLICE = re.compile(r"politie|police|liaison|officer|\bagent|👮|🚓", re.IGNORECASE)

ADVICE = frozenset({"member/welcome", "report/aftercare", "report/rejected", "tip/tell"})
"""Who may call the police, as anyone may, is told so there."""

TYPED = {
    ANNA: (
        *("!help", "hallo", "!melding", "overval", "utrecht", "zojuist", "weet niet", "!annuleer"),
        *("!verkenning", "!annuleer", REPORT, "!verstuur", "!mijn", "!status #1", "!inzage"),
        *(f"{REPORT}\nwapen: mes\nbeeld: ja\n112: ja\nstraat: Dam 1", "!verstuur"),
    ),
    MIA: (
        *("!help", "!open", "!claim #1", "!wijzig #1 daders: 3", "!vraag #1 hoe laat?"),
        *("!ok #1", "!samen #1 #2", "!update #1 richting Zeist", "!afloop #1 gepakt"),
        *("!dossier #1", "!intrekken #2 vals", "!bulletin let op", "!oefening midden-nederland"),
    ),
    CORA: ("!help", "!leden", "!rol", "!regio", "!server", "!cijfers"),
    OLGA: ("!help", "!open"),
}
"""By each of them in their room, in this order."""


async def heard(language: Language, *, police: bool) -> list[Said]:
    """What is said in a network's life, by a network with police or without."""
    without: dict[str, Any] = {} if police else {"liaisons": [], "federation": {}}
    made = await scene(network={"language": language.value}, **without)
    for who, lines in TYPED.items():
        place = MINE if who == ANNA else REVIEW
        for line in lines:
            await made.says(who, place, line)
    await made.says(BAS, PrivateRoom(BAS), "!help")
    await made.close()
    return made.said


def of_police(said: list[Said]) -> list[str]:
    """Lines in which there is something of the police."""
    return [
        f"{one.template}: {line}"
        for one in said
        if one.template not in ADVICE
        for line in one.text.plain.splitlines()
        if OF_POLICE.search(line)
    ]


class TestANetworkWithoutPolice:
    @pytest.mark.parametrize("language", list(Language))
    async def test_has_no_word_of_them_for_anyone(self, language: Language) -> None:
        assert of_police(await heard(language, police=False)) == []

    async def test_would_have_some_with_them(self) -> None:
        assert len(of_police(await heard(Language.NL, police=True))) > 5

    async def test_relays_nothing_whatever_always_goes_to_them(self) -> None:
        alone = await scene(liaisons=[], police={"always": ["overval"]})
        await alone.shared("")

        assert of_police(alone.said) == []
        assert await alone.waiting(POLICE) == []
        await alone.close()


@pytest_asyncio.fixture(loop_scope="session")
async def one() -> AsyncIterator[Scene]:
    """One unit, with one liaison."""
    made = await scene()
    yield made
    await made.close()


async def waits_for_police(stage: Scene) -> list[str]:
    """The names of what waits to be sent to their room."""
    waits = (outbox.c.target == key_of(POLICE)) & (outbox.c.status == Status.WAITING)
    async with stage.database.read() as work:
        found = await work.execute(select(outbox.c.name).where(waits))
        return [str(name) for name in found.scalars()]


async def test_nothing_that_waited_for_a_room_goes_out_once_it_is_closed(one: Scene) -> None:
    await one.shared()
    before = await waits_for_police(one)
    await one.says(CORA, REVIEW, f"!regio politie {HERE} uit")
    at_once = await waits_for_police(one)
    await one.says(MIA, REVIEW, "!update #1 richting Zeist")
    await one.time_passes(timedelta(minutes=1))

    assert before != []
    assert at_once == []
    assert await waits_for_police(one) == []


async def test_an_officer_whose_room_is_closed_is_answered_nothing(one: Scene) -> None:
    await one.shared()
    await one.says(CORA, REVIEW, f"!regio politie {HERE} uit")

    for typed in ("!zaak #1", "!open", "!abonneer alles", "!afloop #1 gepakt", "!bulletin let op"):
        assert await one.says(PIET, POLICE, typed) == []


async def test_a_unit_whose_room_is_closed_is_out_of_it_and_hears_no_more(one: Scene) -> None:
    await one.says(CORA, REVIEW, f"!regio politie {HERE} uit")
    async with one.database.read() as work:
        plans = {plan.key: plan for plan, _ in await records.plans(work)}
    said = await one.says(ANNA, MINE, REPORT)
    said += await one.says(ANNA, MINE, "!verstuur")
    await one.says(MIA, REVIEW, "!ok #1")

    assert plans[key_of(POLICE)].members == frozenset()
    assert plans[key_of(POLICE)].servers == ("example.org",)
    assert [text for text in said if "👮" in text.text.plain] == []
    assert await one.waiting(POLICE) == []


async def test_a_unit_that_lost_its_last_liaison_hears_no_more() -> None:
    both = await scene(liaisons=[{"user": PIET, "region": HERE}])
    await both.shared()
    assert await both.waiting(POLICE, "case/1/police/") != []
    withdrawn = configuration(federation={}, moderation={"two_moderators": []})
    both.restart(withdrawn)
    async with both.database.begin() as work:
        await both.network.started(work)
    await both.says(ANNA, MINE, REPORT)
    await both.says(ANNA, MINE, "!verstuur")
    await both.says(MIA, REVIEW, "!ok #2")

    assert await both.waiting(POLICE, "case/2/police/") == []
    await both.close()
