"""Killed at any request, the service goes on where it was, and nobody sees that it was away."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.appservice.conftest import OtherHomeserver, ServiceFactory, Together, shared
from tests.appservice.network import EVERYONE
from tests.appservice.wire import Wire
from tests.conftest import PersonFactory
from tests.harness.homes import Home
from tests.harness.leases import AppserviceLease
from tests.harness.people import Person
from tests.harness.reader import Reader

SEND = r"/send/m\.room\.encrypted/"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(
    home: Home, line: Wire, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Together]:
    """A service with one member, behind a line that can be cut."""
    async with shared(home, tmp_path_factory.mktemp("here"), "anna", wire=line) as together:
        yield together


def times_read(reader: Reader, body: str) -> int:
    return len([event for event in reader.timeline() if event.body == body])


async def said_to_the_end(here: Together, anna: Person) -> None:
    """Once this has been read, whatever would have come twice before it has come twice."""
    last = f"tot slot van {len(anna.timeline())}"
    await anna.say(here.everyone, last)
    await anna.reads(f"echo: {last}")


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
async def test_a_message_arrives_once_when_the_service_is_killed_around_its_sending(
    answered: bool, here: Together, anna: Person, line: Wire
) -> None:
    once = f"eenmaal, {answered}"
    with line.lose_answers("PUT", SEND) if answered else line.cut("PUT", SEND) as cut:
        await anna.say(here.everyone, once)
        await cut.reached.wait()
        await here.running.stop()
    await here.running.start()
    await anna.reads(f"echo: {once}")
    await said_to_the_end(here, anna)

    assert (times_read(anna, f"echo: {once}"), anna.unreadable) == (1, [])


async def test_a_retry_has_the_same_transaction_id_and_the_same_ciphertext(
    here: Together, anna: Person, line: Wire
) -> None:
    line.passed.clear()
    with line.lose_answers("PUT", SEND) as cut:
        await anna.say(here.everyone, "nog eens hetzelfde")
        await cut.reached.wait()
        await here.running.stop()
    await here.running.start()

    again = await line.saw("PUT", SEND)
    assert [(again.path, again.body)] == cut.struck
    await anna.reads("echo: nog eens hetzelfde")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("POST", "/keys/claim", id="claiming-one-time-keys"),
        pytest.param("PUT", "/sendToDevice/", id="sharing-keys"),
        pytest.param("GET", "/sync", id="taking-in-keys"),
    ],
)
async def test_nothing_is_unreadable_when_the_service_is_killed_while(
    method: str, path: str, here: Together, anna: Person, line: Wire, person: PersonFactory
) -> None:
    bas = await person("bas")
    here_i_am = f"daar ben ik, {bas.user_id}"

    with line.lose_answers(method, path) as cut:
        await anna.say(here.direct[0], f"invite {bas.user_id}")
        await cut.reached.wait()
        await here.running.stop()
    await here.running.start()
    await bas.room_named(f"Everyone {here.running.lease.bot_localpart}")
    await bas.say(here.everyone, here_i_am)

    await bas.reads(f"echo: {here_i_am}")
    await anna.reads(f"echo: {here_i_am}")
    assert anna.unreadable == bas.unreadable == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("POST", "/keys/upload", id="its-device-keys"),
        pytest.param("POST", "/keys/device_signing/upload", id="its-identity"),
        pytest.param("POST", "/createRoom", id="a-room"),
    ],
)
async def test_a_first_start_is_finished_by_the_next_when_killed_while_making(
    method: str,
    path: str,
    service: ServiceFactory,
    lease: AppserviceLease,
    wire: Wire,
    person: PersonFactory,
) -> None:
    anna = await person("anna")
    running = await service(lease, [anna], wire=wire, start=False)

    with wire.lose_answers(method, path) as cut:
        await running.begin()
        await cut.reached.wait()
        await running.stop()
    await running.start()
    await anna.say(await anna.room_named(f"Everyone {lease.bot_localpart}"), "toch begonnen")
    await anna.reads("echo: toch begonnen")

    assert len((await running.ask("GET", "joined_rooms"))["joined_rooms"]) == 4


async def test_a_message_in_a_members_own_room_waits_until_they_join(
    here: Together, anna: Person, person: PersonFactory
) -> None:
    bas, (own,) = await person("bas", accept_invites=False), here.direct
    await anna.say(own, f"invite {bas.user_id}")

    await anna.say(own, f"tell {bas.user_id} welkom bij ons")
    await here.network.hears(f"tell {bas.user_id} welkom bij ons")
    await bas.join(await bas.invited_to(f"Direct {here.running.lease.bot_localpart}"))

    await bas.reads("welkom bij ons")
    assert bas.unreadable == []


async def test_a_message_waits_for_no_room_but_its_own(
    here: Together, anna: Person, person: PersonFactory
) -> None:
    bas, (own,) = await person("bas", accept_invites=False), here.direct
    await anna.say(own, f"invite {bas.user_id}")
    await bas.invited_to(f"Direct {here.running.lease.bot_localpart}")

    await anna.say(own, f"tell {bas.user_id} welkom bij ons")
    await anna.say(own, "en ik dan")

    await anna.reads("echo: en ik dan")


async def test_a_message_arrives_once_when_the_homeserver_is_killed_as_it_takes_it(
    service: ServiceFactory, other_homeserver: OtherHomeserver, other_person: PersonFactory
) -> None:
    lease, synapse = next(other_homeserver.leases), other_homeserver.synapse
    wire = Wire(synapse.url)
    await wire.open()
    try:
        anna = await other_person("anna")
        here = await service.together(lease, anna, wire=wire)
        with wire.lose_answers("PUT", SEND) as cut:
            await anna.say(here.everyone, "eenmaal")
            await cut.reached.wait()
            await synapse.kill()
        await synapse.start()
        await anna.reads("echo: eenmaal")
        await said_to_the_end(here, anna)

        assert (times_read(anna, "echo: eenmaal"), anna.unreadable) == (1, [])
    finally:
        await wire.close()


async def test_a_homeserver_without_msc4190_gives_the_device_by_a_login(
    service: ServiceFactory, other_homeserver: OtherHomeserver, other_person: PersonFactory
) -> None:
    anna = await other_person("anna")
    here = await service.together(other_homeserver.lease_without_msc4190, anna)
    before = await here.running.identity()

    await here.running.restart()
    await anna.say(here.everyone, "zonder MSC4190")
    await anna.reads("echo: zonder MSC4190")

    assert await here.running.identity() == before
    assert list(before.devices) == ["GOUDWACHT"]


async def test_the_service_starts_when_the_homeserver_comes(
    service: ServiceFactory, other_homeserver: OtherHomeserver
) -> None:
    lease, synapse = next(other_homeserver.leases), other_homeserver.synapse
    await synapse.stop()
    running = await service(lease, [], start=False)
    await running.begin()

    await synapse.start()

    await running.is_ready()
    assert await running.room(EVERYONE)
