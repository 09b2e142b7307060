"""Who is in a room without belonging there, and who changes its guards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appservice.events import Membership, MembershipChange, Tampered
from appservice.ids import EventID, RoomID, UserID
from appservice.rooms.keeper import RepairRefused
from appservice.rooms.plan import Remove, SetState
from bridge.places import AlertRoom, key_of
from tests.unit.coordination import (
    names_of,
    templates,
)
from tests.unit.example import (
    ANNA,
    BAS,
    HERE,
    STRANGER,
)
from tests.unit.stage import Said, Stage


class TestAStrangerInARoom:
    @pytest.mark.parametrize("membership", [Membership.JOIN, Membership.INVITE])
    async def test_is_called_out_with_who_let_them_in(
        self, stage: Stage, membership: Membership
    ) -> None:
        room = RoomID(f"!{key_of(AlertRoom(HERE))}")
        event = MembershipChange(room, EventID(f"${membership}"), BAS, STRANGER, membership)

        (said,) = await stage.happens(event)
        assert said.template == "rooms/stranger"
        assert f"door {BAS}" in said.text.plain

    async def test_is_nobody_who_belongs_there(self, stage: Stage) -> None:
        assert templates(await stage.joins(ANNA, AlertRoom(HERE))) == []


class TestARoomWhoseGuardsChanged:
    async def test_is_called_out_and_power_for_somebody_is_an_alarm(self, stage: Stage) -> None:
        room = RoomID(f"!{key_of(AlertRoom(HERE))}")
        bot = UserID("@goudwacht:example.org")
        event = Tampered(room, EventID("$p"), bot, "m.room.power_levels", (STRANGER,))

        (said,) = await stage.happens(event)
        assert said.text.plain.startswith("Alarm.")
        assert STRANGER in said.text.plain

    async def test_again_and_again_rings_once_an_hour(self, stage: Stage) -> None:
        room = RoomID(f"!{key_of(AlertRoom(HERE))}")
        for number in range(3):
            event = Tampered(room, EventID(f"$t{number}"), BAS, "m.room.power_levels", (STRANGER,))
            await stage.happens(event)
        await stage.time_passes(timedelta(hours=1))
        await stage.happens(Tampered(room, EventID("$t9"), BAS, "m.room.power_levels", (STRANGER,)))

        assert len(await names_of(stage, "tampered/")) == 2

    async def test_that_cannot_be_put_right_is_called_out_once_a_day(self, stage: Stage) -> None:
        key = key_of(AlertRoom(HERE))
        for what in (Remove(STRANGER), Remove(STRANGER), SetState("m.room.join_rules", "", {})):
            await stage.hears(
                lambda work, what=what: stage.network.room_amiss(  # type: ignore[misc]
                    work, RepairRefused(key, what)
                )
            )

        assert len(await names_of(stage, "not repaired/")) == 2


async def test_a_hundred_invitations_from_a_stranger_are_declined_unanswered(
    stage: Stage,
) -> None:
    bot = UserID("@goudwacht:example.org")
    said: list[Said] = []
    for number in range(100):
        said += await stage.happens(
            MembershipChange(
                RoomID(f"!spam{number}"), EventID(f"$s{number}"), STRANGER, bot, Membership.INVITE
            )
        )

    assert templates(said) == []
