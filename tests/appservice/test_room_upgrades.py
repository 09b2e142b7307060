"""A room of ours that is replaced: followed when the bot did it, reported when another did."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from appservice.ids import RoomID, UserID
from appservice.outbox import Outgoing, Relation
from appservice.rooms.plan import RoomState
from appservice.rooms.upgrades import (
    UpgradeFault,
    creators,
    may_close,
    names_predecessor,
    replacement_of,
)
from tests.appservice.conftest import ServiceFactory, Together
from tests.appservice.network import EVERYONE, REACTIONS
from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease
from tests.harness.people import Person

BOT, ANNA, BAS = (UserID(f"@{name}:example.org") for name in ("bot", "anna", "bas"))
OLD, NEW = RoomID("!old"), RoomID("!new")


def state(**contents: dict[str, Any]) -> RoomState:
    events = {(f"m.room.{kind}", ""): content for kind, content in contents.items()}
    return RoomState({("m.room.create", ""): {"room_version": "12"}, **events})


class TestWhoMayClose:
    def test_the_creator_whatever_the_power_levels_say(self) -> None:
        assert may_close(state(power_levels={"events": {"m.room.tombstone": 150}}), BOT, BOT)

    def test_nobody_in_a_room_as_we_make_it(self) -> None:
        ours = state(power_levels={"users": {}, "events": {"m.room.tombstone": 100}})
        assert not may_close(ours, ANNA, BOT)

    def test_somebody_whom_the_room_gives_the_power(self) -> None:
        levels = {"users": {ANNA: 100}, "events": {"m.room.tombstone": 100}}
        assert may_close(state(power_levels=levels), ANNA, BOT)
        assert not may_close(state(power_levels=levels), BAS, BOT)

    @pytest.mark.parametrize("levels", [{"users": []}, {"users": {ANNA: "100"}}, {"events": 1}, {}])
    def test_nobody_by_power_levels_made_of_rubbish(self, levels: dict[str, Any]) -> None:
        assert not may_close(state(power_levels=levels), ANNA, BOT)


def test_creators_stand_above_all_only_since_version_12() -> None:
    new = state(create={"room_version": "12", "additional_creators": [ANNA]})
    assert creators(new, BOT) == {BOT, ANNA}
    assert creators(state(create={"room_version": "11"}), BOT) == frozenset()


def test_the_new_room_must_name_the_old_one() -> None:
    assert names_predecessor(state(create={"predecessor": {"room_id": OLD}}), OLD)
    assert not names_predecessor(state(create={"predecessor": {"room_id": NEW}}), OLD)
    assert not names_predecessor(state(create={"predecessor": OLD}), OLD)


def test_a_tombstone_of_rubbish_names_no_room() -> None:
    for content in ({}, {"replacement_room": 1}, {"replacement_room": "#x:y"}):
        assert replacement_of(content) is None


async def closes(here: Together, sender: UserID, replacement: str) -> None:
    """Deliver a tombstone as a homeserver that did not check it would."""
    event = {
        "event_id": f"${uuid.uuid4().hex}",
        "room_id": here.everyone,
        "sender": sender,
        "type": "m.room.tombstone",
        "state_key": "",
        "content": {"body": "", "replacement_room": replacement},
        "origin_server_ts": 1_700_000_000_000,
    }
    lease = here.running.lease
    address = f"http://127.0.0.1:{lease.port}/_matrix/app/v1/transactions/{uuid.uuid4()}"
    headers = {"Authorization": f"Bearer {lease.hs_token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.put(address, json={"events": [event]}) as answer,
    ):
        assert answer.status == 200


async def test_an_upgrade_by_the_bot_is_followed_with_policy_and_members(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna")
    there = await service.together(lease, anna)

    answer = await there.running.ask(
        "POST", "rooms", there.everyone, "upgrade", body={"new_version": "12"}
    )

    new = RoomID(answer["replacement_room"])
    await anna.until(lambda: new in anna.rooms.joined or None, "to be in the new room")
    assert await there.running.room(EVERYONE) == new
    await anna.say(new, "verhuisd")
    echo = await anna.reads("echo: verhuisd", new)
    assert echo.encrypted
    levels = await there.running.ask("GET", "rooms", new, "state", "m.room.power_levels")
    assert (levels["users"], levels["invite"]) == ({}, 100)


async def test_what_would_have_been_edited_in_the_old_room_is_said_anew_in_the_new_one(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna")
    there = await service.together(lease, anna)
    await anna.say(there.direct[0], "notice brand")
    notice = await anna.reads("brand", there.reactions)

    answer = await there.running.ask(
        "POST", "rooms", there.reactions, "upgrade", body={"new_version": "12"}
    )
    new = RoomID(answer["replacement_room"])
    await anna.until(lambda: new in anna.rooms.joined or None, "to be in the new room")
    async with there.running.database.begin() as work:
        edit = Outgoing(
            REACTIONS,
            {"msgtype": "m.text", "body": "geblust"},
            relation=Relation("m.replace", name="notice/brand"),
        )
        await there.running.outbox.put(work, edit, datetime.now(UTC))

    await anna.say(there.direct[0], "notice rook")
    await anna.reads("rook", new)
    assert (await anna.reads("geblust", new)).edits is None
    assert anna.text_of(notice.event_id) == "brand"


async def test_a_closing_by_who_has_no_power_to_is_reported_and_not_followed(
    here: Together, anna: Person
) -> None:
    room = await anna.create_room("Val", invite=[here.bot])

    await closes(here, anna.user_id, room)

    refused = await here.network.refuses_upgrade(EVERYONE)
    assert (refused.sender, refused.fault) == (anna.user_id, UpgradeFault.NO_POWER)
    assert await here.running.room(EVERYONE) == here.everyone


async def test_a_replacement_that_is_not_the_bots_alone_is_reported_and_not_followed(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna")
    there = await service.together(lease, anna)
    room = await anna.create_room("Val", invite=[there.bot])

    await closes(there, there.bot, room)

    assert (await there.network.refuses_upgrade(EVERYONE)).fault is UpgradeFault.NOT_OURS
    assert await there.running.room(EVERYONE) == there.everyone
    await anna.say(there.everyone, "nog hier")
    await anna.reads("echo: nog hier", there.everyone)


async def test_a_room_closed_by_who_has_the_power_to_goes_on_in_one_of_the_bots_own(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna, bas = await person("anna"), await person("bas")
    there = await service.together(lease, anna, bas)
    # Somebody gave it to her behind our back, as an administrator of the homeserver can.
    levels = await there.running.ask("GET", "rooms", there.everyone, "state", "m.room.power_levels")
    await there.running.stop()
    await there.running.ask(
        "PUT",
        *("rooms", there.everyone, "state", "m.room.power_levels"),
        body={**levels, "users": {anna.user_id: 100}},
    )
    before = set(bas.rooms.joined)
    hers = await anna.create_room("Val", invite=[there.bot])
    tombstone = f"/rooms/{quote(there.everyone, safe='')}/state/m.room.tombstone"
    await anna.call("PUT", tombstone, {"body": "", "replacement_room": hers})
    await there.running.start()

    refused = await there.network.refuses_upgrade(EVERYONE)
    assert (refused.sender, refused.fault) == (anna.user_id, UpgradeFault.NOT_OURS)
    assert refused.replaced
    new = await bas.until(
        lambda: next((room for room in bas.rooms.joined if room not in before), None),
        "to be in the new room",
    )
    assert new != hers
    await bas.say(new, "verder")
    assert (await anna.reads("echo: verder", new)).encrypted
    after = await there.running.ask("GET", "rooms", new, "state", "m.room.power_levels")
    assert after["users"] == {}
