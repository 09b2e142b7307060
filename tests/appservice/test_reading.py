"""Which encrypted events are read, which wait, and which never count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from appservice.events import Unreadable
from appservice.ids import EventID, RoomID
from tests.appservice.conftest import ServiceFactory, Together
from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease
from tests.harness.messages import text
from tests.harness.people import Person


async def ciphertext_of(someone: Person, room: RoomID, event_id: EventID) -> dict[str, Any]:
    """The content of an event as the homeserver has it."""
    event = await someone.call("GET", f"/rooms/{room}/event/{event_id}")
    return dict(event["content"])


async def test_an_event_that_comes_before_its_key_is_read_when_the_key_comes(
    here: Together, anna: Person
) -> None:
    event_id, hand_out_key = await anna.say_before_key(here.everyone, "nog even geduld")
    await anna.say(here.everyone, "erachteraan")
    await here.network.hears("erachteraan")

    await hand_out_key()

    assert (await here.network.hears("nog even geduld")).event_id == event_id


async def test_the_same_ciphertext_a_second_time_is_a_replay_and_is_not_read(
    here: Together, anna: Person
) -> None:
    said = await anna.say(here.everyone, "betaal de kassier")
    await here.network.hears("betaal de kassier")

    replay = await anna.device.send_in_clear(
        here.everyone, "m.room.encrypted", await ciphertext_of(anna, here.everyone, said)
    )

    await here.network.sees(Unreadable, lambda event: event.event_id == replay)
    assert here.network.messages().count("betaal de kassier") == 1


async def test_an_event_under_another_members_key_is_not_read(
    here: Together, anna: Person, person: PersonFactory
) -> None:
    bas = await person("bas")
    await here.welcome(bas)
    said = await anna.say(here.everyone, "ik ben Anna")
    await here.network.hears("ik ben Anna")

    await bas.device.send_in_clear(
        here.everyone, "m.room.encrypted", await ciphertext_of(bas, here.everyone, said)
    )
    await bas.say(here.everyone, "ik ben Bas")

    await here.network.hears("ik ben Bas")
    assert here.network.messages().count("ik ben Anna") == 1


async def test_a_damaged_event_is_unreadable(here: Together, anna: Person) -> None:
    said = await anna.say(here.everyone, "heel")
    content = await ciphertext_of(anna, here.everyone, said)

    damaged = await anna.device.send_in_clear(
        here.everyone, "m.room.encrypted", {**content, "ciphertext": "AwgA" * 40}
    )

    await here.network.sees(Unreadable, lambda event: event.event_id == damaged)


async def test_an_unsigned_devices_words_are_told_from_a_signed_ones(
    here: Together, person: PersonFactory
) -> None:
    bas = await person("bas", cross_signed=False)
    await here.welcome(bas)

    await bas.say(here.everyone, "zonder handtekening")

    secrecy = (await here.network.hears("zonder handtekening")).secrecy
    assert (secrecy.device_known, secrecy.device_signed) == (True, False)


async def test_events_made_of_rubbish_hold_up_nothing(there: Together) -> None:
    (anna,) = there.members
    rubbish = "x\u0000y"
    megolm = {"algorithm": "m.megolm.v1.aes-sha2", "session_id": rubbish, "ciphertext": rubbish}

    await anna.device.send_in_clear(there.everyone, "m.room.encrypted", megolm)
    await anna.device.send_in_clear(there.everyone, "m.room.message", text(rubbish))
    await anna.say(there.everyone, "gewone woorden")

    await there.network.hears("gewone woorden")


async def test_to_device_messages_made_of_rubbish_hold_up_no_keys(there: Together) -> None:
    (anna,), name = there.members, there.running.lease.id
    own = next(iter((await there.running.identity()).devices.values()))
    ciphertext = {own["curve25519:GOUDWACHT"]: {"type": 0, "body": "x\u0000y"}}
    for sender_key in ("x\u0000y", "A" * 43):
        content = {
            "algorithm": "m.olm.v1.curve25519-aes-sha2",
            "sender_key": sender_key,
            "ciphertext": ciphertext,
        }
        await anna.call(
            "PUT",
            f"/sendToDevice/m.room.encrypted/{len(sender_key)}{name}",
            {"messages": {there.bot: {"GOUDWACHT": content}}},
        )

    await anna.say(there.everyone, "toch leesbaar")

    await there.network.hears("toch leesbaar")


async def test_what_another_homeserver_lets_through_holds_up_nothing_either(
    there: Together,
) -> None:
    (anna,), lease = there.members, there.running.lease
    rubbish = "$x\u0000y"
    annotation = {"rel_type": "m.annotation", "event_id": rubbish, "key": rubbish}
    contents = {
        "m.reaction": {"m.relates_to": annotation},
        "m.room.redaction": {"redacts": rubbish},
    }
    events = [
        {
            "event_id": f"${kind}",
            "room_id": there.everyone,
            "sender": anna.user_id,
            "type": kind,
            "content": content,
            "origin_server_ts": 0,
        }
        for kind, content in contents.items()
    ]
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {lease.hs_token}"}) as http:
        address = f"{lease.address}/_matrix/app/v1/transactions/rubbish"
        async with http.put(address, json={"events": events}) as answer:
            assert answer.status == 200

    await anna.say(there.everyone, "nog meer gewone woorden")

    await there.network.hears("nog meer gewone woorden")


async def test_an_event_whose_key_never_comes_is_unreadable_in_the_end(
    service: ServiceFactory,
    lease: AppserviceLease,
    person: PersonFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("appservice.handling.KEY_PATIENCE", timedelta(0))
    monkeypatch.setattr("appservice.patience.LOOK_SECONDS", 0.1)
    anna = await person("anna")
    there = await service.together(lease, anna)

    event_id, _ = await anna.say_before_key(there.everyone, "de sleutel is weg")

    await there.network.sees(Unreadable, lambda event: event.event_id == event_id)
