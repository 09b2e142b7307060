"""What members, officers and moderators read of an alert that went out late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from appservice.database import Work
from appservice.events import Reaction
from appservice.ids import EventID, RoomID
from appservice.outbox import Outbox, Row
from appservice.vault import Vault
from bridge.places import AlertRoom, LiaisonRoom, Place, PrivateRoom, ReviewRoom, key_of
from bridge.wording import Language
from tests.databases import BOTH_KINDS
from tests.unit.example import ANNA, CONFIGURATION, HERE, MIA, NOW, configuration
from tests.unit.stage import Stage

pytestmark = BOTH_KINDS

REPORT = "!melding overval\nplaats: Utrecht\ntijd: 12:00"
OUTBOX = Outbox(Vault(CONFIGURATION.database.secret))
WAITED = timedelta(hours=2, seconds=50)


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=list(Language))
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """A report that was approved, with police; once for each language."""
    language: Language = request.param
    made = Stage(configuration(network={"language": language.value}))
    await made.set()
    await made.says(ANNA, PrivateRoom(ANNA), REPORT)
    await made.says(ANNA, PrivateRoom(ANNA), "!verstuur")
    await made.says(MIA, ReviewRoom(), "!ok #1 +politie")
    yield made
    await made.close()


async def next_in(stage: Stage, place: Place) -> Row:
    """The message that waits for a room."""
    found: list[Row] = []

    async def look(work: Work) -> None:
        row = await OUTBOX.first(work, key_of(place))
        assert row is not None
        found.append(row)

    await stage.hears(look)
    return found[0]


@pytest.mark.parametrize("place", [AlertRoom(HERE), LiaisonRoom(HERE)], ids=["members", "police"])
class TestALateAlert:
    async def test_says_so_first(self, stage: Stage, place: Place) -> None:
        late = (await next_in(stage, place)).late

        assert late is not None
        assert late["body"].startswith(("NAGEKOMEN: ", "LATE: "))

    async def test_says_all_that_it_would_have_said_in_time(
        self, stage: Stage, place: Place
    ) -> None:
        row = await next_in(stage, place)

        assert row.late is not None
        assert row.late["body"].partition(": ")[2] == row.content["body"]

    async def test_makes_no_phone_ring(self, stage: Stage, place: Place) -> None:
        late = (await next_in(stage, place)).late

        assert late is not None
        assert (late["msgtype"], late["m.mentions"]) == ("m.notice", {})


class TestTheModerators:
    @pytest.mark.parametrize("kind", ["alert", "police"])
    async def test_hear_how_late_it_was(self, stage: Stage, kind: str) -> None:
        name = f"case/1/{kind}/{HERE}"

        (told,) = await stage.hears(lambda work: stage.network.sent_late(work, name, WAITED))

        assert "120" in told.text.plain

    async def test_hear_nothing_of_other_messages(self, stage: Stage) -> None:
        for name in (None, "case/1/card", "case/x/alert/utrecht", "welcome"):
            told = await stage.hears(
                lambda work, name=name: stage.network.sent_late(work, name, WAITED)  # type: ignore[misc]
            )
            assert told == []


class TestAnApprovalWithATimeOfGrace:
    GRACE = timedelta(minutes=10)
    DOWN = timedelta(hours=2)

    @pytest_asyncio.fixture
    async def held(self) -> AsyncIterator[Stage]:
        """A report that waits for a ✅, which can be taken back for a time."""
        grace = {"grace_seconds": self.GRACE // timedelta(seconds=1), "two_moderators": []}
        made = Stage(configuration(moderation=grace))
        await made.set()
        await made.says(ANNA, PrivateRoom(ANNA), REPORT)
        await made.says(ANNA, PrivateRoom(ANNA), "!verstuur")
        yield made
        await made.close()

    async def test_that_ended_while_the_service_was_down_makes_the_alert_late(
        self, held: Stage
    ) -> None:
        await held.reacts(MIA, 1, "👮")
        await held.time_passes(self.GRACE + self.DOWN)

        for place in (AlertRoom(HERE), LiaisonRoom(HERE)):
            row = await next_in(held, place)
            assert row.created_at - NOW < self.GRACE + timedelta(minutes=1)

    async def test_that_was_read_when_the_service_came_back_makes_the_alert_late(
        self, held: Stage
    ) -> None:
        await held.time_passes(self.DOWN)
        tick, card = EventID("$tick"), EventID("$card")
        room = RoomID(f"!{key_of(ReviewRoom())}")
        await held.happens(Reaction(room, tick, MIA, NOW, card, "case/1/card", "👮"))
        await held.time_passes(self.GRACE)

        row = await next_in(held, AlertRoom(HERE))
        assert row.created_at == NOW + self.GRACE

    async def test_that_ended_a_moment_ago_makes_no_alert_late(self, held: Stage) -> None:
        await held.reacts(MIA, 1, "👮")
        await held.time_passes(self.GRACE + timedelta(seconds=30))

        row = await next_in(held, AlertRoom(HERE))
        assert row.created_at - NOW > self.GRACE + timedelta(seconds=30)
