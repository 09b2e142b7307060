"""Who gets the key of a room, who does not, and who is told."""

from __future__ import annotations

import re

from appservice.encryption.trust import KeySharing
from appservice.ids import EventID
from tests.appservice.conftest import ServiceFactory, Together
from tests.appservice.network import EVERYONE
from tests.appservice.running import Options
from tests.appservice.wire import Wire
from tests.conftest import PersonFactory
from tests.harness.cross_signing import Identity
from tests.harness.leases import AppserviceLease
from tests.harness.people import Person


async def session_of(here: Together, event_id: EventID) -> str:
    """The Megolm session an event was encrypted with."""
    event = await here.running.ask("GET", "rooms", here.everyone, "event", event_id)
    return str(event["content"]["session_id"])


async def test_a_device_that_its_owner_did_not_sign_is_told_that_it_gets_no_key(
    here: Together, anna: Person, person: PersonFactory
) -> None:
    bas = await person("bas", cross_signed=False)
    await here.welcome(bas)

    await anna.say(here.everyone, "alleen voor ondertekenden")

    told = await bas.until(
        lambda: next((w for w in bas.withheld if w.room_id == here.everyone), None), "to be told"
    )
    assert (told.sender, told.code) == (here.bot, "m.unverified")


async def test_a_device_that_its_owner_did_not_sign_cannot_read(
    here: Together, anna: Person, person: PersonFactory
) -> None:
    bas = await person("bas", cross_signed=False)
    await here.welcome(bas)

    await anna.say(here.everyone, "niet voor Bas")
    echo = await anna.reads("echo: niet voor Bas")

    await bas.until(
        lambda: echo.event_id in {event.event_id for event in bas.unreadable} or None,
        "to get what cannot be read",
    )


async def test_the_owner_of_a_device_that_is_left_out_hears_of_it(
    here: Together, person: PersonFactory
) -> None:
    bas = await person("bas", cross_signed=False)

    await here.welcome(bas)

    device = await here.network.leaves_out(bas.device.device_id)
    assert device.user == bas.user_id
    await bas.reads(f"{bas.device.device_id} is not verified", await here.own_room(bas))


async def test_a_device_gets_the_key_once_its_owner_has_signed_it(
    here: Together, anna: Person, person: PersonFactory
) -> None:
    bas = await person("bas", cross_signed=False)
    await here.welcome(bas)
    await here.network.leaves_out(bas.device.device_id)

    identity = Identity.fresh(bas.user_id)
    await bas.device.publish_identity(identity, "every member's password")
    await bas.device.be_signed_by(identity)
    await anna.say(here.everyone, "nu voor iedereen")

    await bas.reads("echo: nu voor iedereen", here.everyone)


async def test_every_device_gets_the_key_where_the_operator_wants_that(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    bas = await person("bas", cross_signed=False)
    there = await service.together(lease, bas, options=Options(sharing=KeySharing.ALL))

    await bas.say(there.everyone, "zonder handtekening")

    await bas.reads("echo: zonder handtekening")
    assert there.network.left_out_devices == []


async def test_who_no_longer_belongs_is_removed(here: Together, person: PersonFactory) -> None:
    bas = await person("bas")
    await here.welcome(bas)

    await here.dismiss(bas)

    assert (await here.running.people_in(EVERYONE))[bas.user_id] == "leave"


async def test_the_key_changes_when_somebody_is_removed(
    here: Together, anna: Person, person: PersonFactory
) -> None:
    bas = await person("bas")
    await here.welcome(bas)
    await anna.say(here.everyone, "met Bas")
    before = await bas.reads("echo: met Bas")

    await here.dismiss(bas)
    await anna.say(here.everyone, "zonder Bas")
    after = await anna.reads("echo: zonder Bas")

    assert await session_of(here, before.event_id) != await session_of(here, after.event_id)


async def test_the_key_stays_when_nothing_changes(here: Together, anna: Person) -> None:
    await anna.say(here.everyone, "hetzelfde")
    first = await anna.reads("echo: hetzelfde")
    await anna.say(here.everyone, "nog eens")
    second = await anna.reads("echo: nog eens")

    assert await session_of(here, first.event_id) == await session_of(here, second.event_id)


async def test_who_joins_late_reads_what_comes_after(
    here: Together, anna: Person, person: PersonFactory
) -> None:
    await anna.say(here.everyone, "ervoor")
    await anna.reads("echo: ervoor")
    bas = await person("bas")
    await here.welcome(bas)

    await anna.say(here.everyone, "erna")

    await bas.reads("echo: erna", here.everyone)
    assert bas.unreadable == []


async def test_a_late_device_has_the_key_before_the_next_message(
    service: ServiceFactory, lease: AppserviceLease, wire: Wire, person: PersonFactory
) -> None:
    anna = await person("anna")
    there = await service.together(lease, anna, wire=wire)
    await anna.say(there.everyone, "een")
    await anna.reads("echo: een")

    phone = await person.at_another_device(anna, signed_by=anna)

    await wire.saw(
        "PUT",
        r"/sendToDevice/m\.room\.encrypted/",
        lambda passed: phone.device.device_id in passed.body["messages"].get(anna.user_id, {}),
    )


async def test_a_late_device_reads_the_next_message(
    here: Together, anna: Person, person: PersonFactory
) -> None:
    phone = await person.at_another_device(anna, signed_by=anna)

    await anna.say(here.everyone, "ook op de telefoon")

    await phone.reads("echo: ook op de telefoon", here.everyone)


async def test_a_changed_identity_gets_no_more_keys(
    here: Together, anna: Person, person: PersonFactory
) -> None:
    bas = await person("bas")
    await here.welcome(bas)
    await anna.say(here.everyone, "nog dezelfde Bas")
    await bas.reads("echo: nog dezelfde Bas")

    await bas.reset_identity()
    await here.network.leaves_out(bas.device.device_id)
    await anna.say(here.everyone, "een andere Bas")
    echo = await anna.reads("echo: een andere Bas")

    await bas.until(
        lambda: echo.event_id in {event.event_id for event in bas.unreadable} or None,
        "to get what cannot be read",
    )


async def test_a_warm_message_is_one_request(
    service: ServiceFactory, lease: AppserviceLease, wire: Wire, person: PersonFactory
) -> None:
    anna = await person("anna")
    there = await service.together(lease, anna, wire=wire)
    await anna.say(there.everyone, "eerst")
    await wire.saw("PUT", "/send/")
    # One for each of her rooms: from here on everything that can be shared ahead has been.
    await wire.saw("PUT", "/sendToDevice/", lambda _: wire.count("PUT", "/sendToDevice/") == 3)
    before = len(wire.passed)

    await anna.say(there.everyone, "daarna")
    await wire.saw("PUT", "/send/", lambda _: wire.count("PUT", "/send/") == 2)

    # After a start that goes on by itself: keys, what nobody told, where rooms are listed.
    itself = re.compile(r"/v3/(sync|directory/list/|rooms/[^/]+/(messages|aliases))")
    asked = [p for p in wire.passed[before:] if not itself.search(p.path)]
    assert [p.path for p in asked if "/send/" not in p.path] == []
    assert len(asked) == 1
