"""Who is removed, and who leaves by themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appservice.events import Membership, MembershipChange
from appservice.ids import EventID, RoomID, UserID
from bridge.places import AlertRoom, LiaisonRoom, Place, PrivateRoom, key_of
from tests.unit.coordination import (
    NEW,
    REVIEW,
    belongs,
    invited,
    is_in,
    is_out,
    person,
    templates,
    waiting_for,
)
from tests.unit.example import (
    ANNA,
    CORA,
    ELSEWHERE,
    HERE,
    MIA,
    PIET,
    SHOP,
    configuration,
)
from tests.unit.stage import Stage


class TestWhoIsRemoved:
    async def test_belongs_nowhere(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!verwijder {ANNA}")

        assert await belongs(stage, ANNA) == set()

    async def test_is_not_let_in_again_by_a_restart(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!verwijder {ANNA}")
        stage.restart()
        await stage.hears(stage.network.started)

        assert await belongs(stage, ANNA) == set()

    async def test_has_no_draft_any_more(self, stage: Stage) -> None:
        await stage.says(ANNA, PrivateRoom(ANNA), "!melding overval\nplaats: Utrecht\ntijd: 12:00")
        await stage.says(CORA, REVIEW, f"!verwijder {ANNA}")
        await invited(stage, f"{ANNA} {HERE}")

        said = await stage.says(ANNA, PrivateRoom(ANNA), "!verstuur")
        assert "report/submitted" not in templates(said)

    async def test_gets_no_message_that_waited(self, stage: Stage) -> None:
        await stage.says(ANNA, PrivateRoom(ANNA), "!help")
        await stage.says(CORA, REVIEW, f"!verwijder {ANNA}")

        assert await waiting_for(stage, key_of(PrivateRoom(ANNA))) == []

    async def test_is_reported_out_once_in_no_room(self, stage: Stage) -> None:
        await stage.hears(lambda work: is_in(work, ANNA, AlertRoom(HERE)))
        await stage.says(CORA, REVIEW, f"!verwijder {ANNA}")
        before = await stage.time_passes(timedelta(minutes=1))
        await stage.hears(lambda work: is_out(work, ANNA, AlertRoom(HERE)))
        after = await stage.time_passes(timedelta(minutes=1))
        later = await stage.time_passes(timedelta(minutes=1))

        assert [templates(said) for said in (before, after, later)] == [[], ["members/out"], []]

    async def test_is_called_out_when_still_in_a_room_after_a_while(self, stage: Stage) -> None:
        await stage.hears(lambda work: is_in(work, ANNA, AlertRoom(HERE)))
        await stage.says(CORA, REVIEW, f"!verwijder {ANNA}")

        said = await stage.time_passes(timedelta(minutes=11))
        assert templates(said) == ["members/still_in"]

    async def test_moderates_nothing_any_more(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!verwijder {MIA}")

        assert templates(await stage.says(MIA, REVIEW, "!open")) == []

    async def test_was_not_the_last_coordinator(self, stage: Stage) -> None:
        said = await stage.says(CORA, REVIEW, f"!verwijder {CORA}")

        assert templates(said) == ["members/last_coordinator"]
        assert person(stage, CORA) is not None

    async def test_was_known(self, stage: Stage) -> None:
        assert templates(await stage.says(CORA, REVIEW, f"!verwijder {NEW}")) == ["members/unknown"]

    async def test_may_be_on_a_homeserver_that_takes_no_part_any_more(self) -> None:
        stage = Stage(configuration(federation={}))
        await stage.set()
        try:
            said = await stage.says(CORA, REVIEW, f"!verwijder {PIET}")
            assert templates(said) == ["members/removing"]
        finally:
            await stage.close()


class TestWhoLeavesByThemselves:
    async def test_is_taken_out_everywhere_and_noted(self, stage: Stage) -> None:
        said = await stage.leaves(ANNA, AlertRoom(HERE))

        assert templates(said) == ["members/left"]
        assert await belongs(stage, ANNA) == set()

    async def test_can_be_let_in_again_with_the_words_of_the_note(self, stage: Stage) -> None:
        said = await stage.leaves(ANNA, PrivateRoom(ANNA))
        note = next(one for one in said if one.template == "members/left")
        assert SHOP in note.text.plain
        assert f"!uitnodigen {ANNA} {HERE}" in note.text.plain

    @pytest.mark.parametrize(
        ("who", "place", "words"),
        [
            (MIA, REVIEW, f"!rol {MIA} moderator"),
            (PIET, LiaisonRoom(HERE), f"!regio politie {HERE} {PIET}"),
        ],
    )
    async def test_comes_back_as_what_they_were(
        self, stage: Stage, who: UserID, place: Place, words: str
    ) -> None:
        said = await stage.leaves(who, place)

        assert words in next(one for one in said if one.template == "members/left").text.plain

    async def test_is_nobody_whom_the_bot_takes_out_of_a_room(self, stage: Stage) -> None:
        bot = UserID("@goudwacht:example.org")
        event = MembershipChange(
            RoomID(f"!{key_of(AlertRoom(HERE))}"), EventID("$k"), bot, ANNA, Membership.LEAVE
        )

        assert templates(await stage.happens(event)) == []
        assert person(stage, ANNA) is not None

    async def test_is_nobody_who_leaves_a_room_that_is_not_theirs(self, stage: Stage) -> None:
        assert templates(await stage.leaves(ANNA, AlertRoom(ELSEWHERE))) == []
        assert person(stage, ANNA) is not None

    async def test_stays_when_they_are_the_last_coordinator(self, stage: Stage) -> None:
        said = await stage.leaves(CORA, REVIEW)

        assert templates(said) == ["members/last_coordinator"]
        assert "review" in await belongs(stage, CORA)
