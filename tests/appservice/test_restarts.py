"""A restart between any two steps changes nothing that anyone can see."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from appservice.database import Database
from appservice.encryption.account import IdentityError
from appservice.events import Message, Reaction
from appservice.ids import DeviceID
from appservice.rooms.records import rooms
from tests.appservice.conftest import ServiceFactory
from tests.appservice.network import EVERYONE
from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease


async def test_the_bots_identity_is_the_same_after_every_restart(
    service: ServiceFactory, lease: AppserviceLease
) -> None:
    running = await service(lease, [])
    first = await running.identity()

    for _ in range(2):
        await running.restart()
        assert await running.identity() == first


async def test_rooms_are_found_again(service: ServiceFactory, lease: AppserviceLease) -> None:
    running = await service(lease, [])
    before = (await running.ask("GET", "joined_rooms"))["joined_rooms"]

    await running.restart()

    assert sorted((await running.ask("GET", "joined_rooms"))["joined_rooms"]) == sorted(before)


async def test_a_room_that_was_made_but_not_recorded_is_found_by_its_alias(
    service: ServiceFactory, lease: AppserviceLease
) -> None:
    running = await service(lease, [])
    made = await running.room(EVERYONE)
    await running.stop()
    database = Database(running.database_url)
    async with database.begin() as work:
        await work.execute(update(rooms).values(room_id=None))
    await database.close()

    await running.start()

    assert await running.room(EVERYONE) == made


async def test_the_whole_conversation_survives_a_restart_between_any_two_steps(
    service: ServiceFactory,
    lease: AppserviceLease,
    person: PersonFactory,
    database_url: str,
) -> None:
    anna, bas = await person("anna"), await person("bas")
    here = await service.together(lease, anna, bas, url=database_url)
    await here.running.restart()

    await anna.say(here.everyone, "een")
    await bas.reads("echo: een", here.everyone)
    await here.running.restart()

    await anna.say(here.everyone, "twee")
    await here.running.restart()
    await bas.reads("echo: twee", here.everyone)

    await anna.say(here.direct[0], "notice brand")
    notice = await bas.reads("brand", here.reactions)
    await here.running.restart()
    await bas.react(here.reactions, notice.event_id, "✅")
    await anna.reads(lambda event: event.edits == notice.event_id)
    await here.running.restart()
    await anna.say(here.everyone, "drie")
    await bas.reads("echo: drie", here.everyone)

    assert anna.unreadable == bas.unreadable == []
    said = [e.body for e in bas.timeline() if e.sender == here.bot and e.type == "m.room.message"]
    assert sorted(said) == sorted(["echo: een", "echo: twee", "brand", "brand (✅)", "echo: drie"])


async def test_what_was_said_while_the_service_was_down_is_handled_when_it_is_back(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna)
    await here.running.stop()

    # The key comes by sync and the event by transaction: both wait at the homeserver.
    await anna.say(here.everyone, "is daar iemand")
    await here.running.start()

    assert (await here.network.hears("is daar iemand")).secrecy.encrypted
    await anna.reads("echo: is daar iemand")


async def test_who_joined_while_the_service_was_down_reads_what_comes_after(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna, bas = await person("anna"), await person("bas", accept_invites=False)
    running = await service(lease, [anna, bas])
    room = await running.room(EVERYONE)
    await bas.invited_to(f"Everyone {lease.bot_localpart}")
    await running.stop()
    await bas.join(room)
    await running.start()

    await anna.say(room, "welkom")

    await bas.reads("echo: welkom", room)


async def test_nothing_is_handled_twice_after_a_restart(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna)
    await anna.say(here.direct[0], "notice brand")
    notice = await anna.reads("brand", here.reactions)
    await anna.react(here.reactions, notice.event_id, "✅")
    await here.network.sees(Reaction)
    # The network sees an event before that is committed: who reads a later answer is behind it.
    await anna.say(here.direct[0], "voor de herstart")
    await anna.reads("echo: voor de herstart")

    await here.running.restart()
    await anna.say(here.everyone, "na de herstart")
    await here.network.hears("na de herstart")

    seen = [event.event_id for event in here.network.seen]
    assert len(seen) == len(set(seen))
    assert len([event for event in here.network.seen if isinstance(event, Message)]) == 3


async def test_another_device_id_on_the_same_database_is_refused(
    service: ServiceFactory, lease: AppserviceLease
) -> None:
    running = await service(lease, [])
    await running.stop()

    running.device = DeviceID("ANOTHER")

    with pytest.raises(IdentityError, match="GOUDWACHT"):
        await running.start()


async def test_a_lost_database_is_refused_instead_of_showing_members_another_bot(
    service: ServiceFactory, lease: AppserviceLease, tmp_path: Path
) -> None:
    running = await service(lease, [])
    await running.stop()

    running.database_url = f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"

    with pytest.raises(IdentityError, match="lost or replaced"):
        await running.start()
