"""What goes no further than the moderators is screened too: where it is typed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import select

from appservice.database import metadata
from appservice.ids import UserID
from bridge.configuration import ConfigurationError
from bridge.gate.entering import for_the_log
from bridge.gate.shops import unfit
from bridge.members.import_file import Fate
from bridge.places import LiaisonRoom, PrivateRoom, ReviewRoom
from bridge.speech import Refused
from tests.unit.example import ANNA, BAS, CONFIGURATION, CORA, HERE, MIA, PIET, configuration
from tests.unit.stage import Said, Stage
from tests.unit.test_import_file import verdict

MINE, REVIEW, POLICE = PrivateRoom(ANNA), ReviewRoom(), LiaisonRoom(HERE)
REPORT = "!melding overval\nplaats: Utrecht\ntijd: 12:00\nmo: "
PLATE = "weg in een auto met 12-ZFR-3"
NEL = UserID("@nel:example.org")

OF_OWNERS = [
    *("Juwelier Van Dam", "Jan de Vries Juwelier", "Goudsmederij Ouassim el Amrani"),
    *("Juwelier Zilverberg", "Schaap & Citroen", "Gold 24", "Juwelier 1895", "Zilverberg.nl"),
    *("Turkse Goudwinkel", "Filiaal 3, Steenweg 12", "C. Bakker en Zn."),
]
NO_NAMES = ["Zilverberg 06-12345678", "bel anna@example.com", "NL91ABNA0417164300", "BSN 111222333"]


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """Anna's #1 waits, and a moderator asked about it."""
    made = Stage(CONFIGURATION)
    await made.set()
    await made.says(ANNA, MINE, REPORT + "ruit ingeslagen, een Turkse man riep")
    await made.says(ANNA, MINE, "!verstuur")
    await made.says(MIA, REVIEW, "!vraag #1 weet je nog meer?")
    yield made
    await made.close()


def templates(said: list[Said]) -> list[str]:
    return [one.template for one in said]


async def reasons(stage: Stage) -> list[object]:
    async with stage.database.read() as work:
        log = metadata.tables["audit_log"]
        found = await work.execute(select(log.c.reason).where(log.c.reason.is_not(None)))
        return list(found.scalars())


class TestTheNameOfAShop:
    @pytest.mark.parametrize("shop", OF_OWNERS)
    def test_may_be_that_of_its_owner(self, shop: str) -> None:
        assert unfit(shop) == ()
        assert not isinstance(verdict(shop=shop), Fate)
        configuration(members=[{"user": str(NEL), "region": HERE, "shop": shop}])

    async def test_is_taken_with_an_invitation(self, stage: Stage) -> None:
        assert await stage.says(CORA, REVIEW, f"!uitnodigen {NEL} {HERE} Juwelier Van Dam") == []
        assert "members/invited" in templates(await stage.is_found(NEL))

    async def test_is_no_place_for_what_is_no_name(self, stage: Stage) -> None:
        for shop in NO_NAMES:
            (told,) = await stage.says(CORA, REVIEW, f"!uitnodigen {NEL} {HERE} {shop}")
            assert told.template == "members/shop_personal"
            assert f"!uitnodigen {NEL} {HERE}" in told.text.plain
        assert await stage.is_found(NEL) == []

    @pytest.mark.parametrize("shop", NO_NAMES)
    def test_is_judged_in_a_list_from_a_spreadsheet(self, shop: str) -> None:
        assert verdict(shop=shop) is Fate.PERSONAL_SHOP

    @pytest.mark.parametrize("shop", NO_NAMES)
    def test_is_judged_in_the_configuration_which_does_not_print_it(self, shop: str) -> None:
        with pytest.raises(ConfigurationError, match="name the shop alone") as refused:
            configuration(members=[{"user": str(NEL), "region": HERE, "shop": shop}])
        assert shop not in str(refused.value)


class TestWhatIsForModeratorsAlone:
    async def test_an_answer_with_personal_data_is_not_passed_on(self, stage: Stage) -> None:
        (told,) = await stage.says(ANNA, MINE, PLATE)

        assert told.template == "gate/not_passed_on"
        assert "“12-ZFR-3”: kenteken" in told.text.plain

    async def test_an_answer_without_it_is_still_waited_for(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, PLATE)

        assert "review/answer" in templates(await stage.says(ANNA, MINE, "weg in een auto"))

    @pytest.mark.parametrize("shared", [False, True])
    async def test_why_somebody_wants_their_report_back(self, stage: Stage, shared: bool) -> None:
        if shared:
            await stage.says(MIA, REVIEW, "!ok #1 reden: de merknaam")
        said = await stage.says(ANNA, MINE, f"!intrekken #1 {PLATE}")

        assert templates(said) == ["gate/not_passed_on"]

    @pytest.mark.parametrize("word", ["!vraag", "!afloop"])
    async def test_what_an_officer_tells_comes_no_further(self, stage: Stage, word: str) -> None:
        await stage.says(MIA, REVIEW, "!ok #1 +politie reden: de merknaam")

        assert templates(await stage.says(PIET, POLICE, f"{word} #1 {PLATE}")) == ["gate/certain"]

    async def test_what_a_moderator_makes_of_a_field(self, stage: Stage) -> None:
        said = await stage.says(MIA, REVIEW, "!wijzig #1 aangiftenummer: bel 06-12345678")

        assert templates(said) == ["gate/certain"]


class TestAReasonInTheLog:
    @pytest.mark.parametrize("typed", ["!ok #1", "!wijzig #1 mo: een Poolse man kwam binnen"])
    async def test_holds_no_personal_data(self, stage: Stage, typed: str) -> None:
        if "wijzig" in typed:
            await stage.says(MIA, REVIEW, "!ok #1 reden: de merknaam")
        before = await reasons(stage)
        for why in (
            *("dat zei Jan de Vries", "bel 06-12345678", "de dader is Marokkaans"),
            "Sanne zei het",
        ):
            said = await stage.says(MIA, REVIEW, f"{typed} reden: {why}")
            assert templates(said) == ["gate/reason"]
        assert await reasons(stage) == before

    async def test_may_name_what_it_lets_pass(self, stage: Stage) -> None:
        said = await stage.says(MIA, REVIEW, "!ok #1 reden: de Turkse man is het slachtoffer")

        assert "alert/alert" in templates(said)
        assert len(await reasons(stage)) == 1

    async def test_for_a_bulletin_holds_none_either(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, f"!bulletin {HERE}\neen Poolse man komt langs")

        assert templates(
            await stage.says(MIA, REVIEW, "!verstuur 1 reden: Jan de Vries zei het")
        ) == ["gate/reason"]

    @pytest.mark.parametrize("why", ["Bas de Vries is ziek", "belde met 06-12345678"])
    async def test_for_a_removal_holds_none_either(self, stage: Stage, why: str) -> None:
        assert templates(await stage.says(CORA, REVIEW, f"!verwijder {BAS} {why}")) == [
            "gate/reason"
        ]
        assert "members/removing" in templates(
            await stage.says(CORA, REVIEW, f"!verwijder {BAS} winkel gesloten")
        )

    def test_that_cannot_be_judged_is_refused(self) -> None:
        with pytest.raises(Refused, match="gate/failed"):
            for_the_log("x" * 20_000)
