"""A back-up made while the service runs is put back; and a database is lost without one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio

from appservice import inbox
from appservice.database import Database
from appservice.events import RoomEvent
from appservice.ids import EventID, RoomID, UserID
from appservice.outbox import Outbox, Outgoing
from appservice.rooms.plan import RoomKey
from appservice.vault import Vault
from tests.command_line.site import Site
from tests.command_line.upkeep import back_up, lose, put_back, restored
from tests.conftest import PersonFactory
from tests.harness.people import Person

PRIVATE_ROOM = "Goudwacht: melden"


@pytest_asyncio.fixture(loop_scope="session")
async def anna(new_site: Site, person: PersonFactory) -> Person:
    """A member of a service that has not run yet."""
    she = await person("anna")
    new_site.has_member(she.user_id)
    return she


async def _reports(anna: Person, room: RoomID, word: str) -> int:
    """Have a report sent to the moderators; return its number."""
    await anna.say(room, f"!melding inbraak\nplaats: Amsterdam\ntijd: zojuist\nmo: {word}")
    await anna.reads(word, room)
    known = len(anna.timeline(room))
    await anna.say(room, "!verstuur")
    told = re.compile(r"#(\d+)")
    await anna.until(
        lambda: any(seen.fits(told) for seen in list(anna.timeline(room))[known:]) or None,
        "to hear a number",
    )
    (number,) = {
        int(found[1])
        for seen in list(anna.timeline(room))[known:]
        if (found := told.search(seen.body))
    }
    return number


async def _keys(site: Site) -> tuple[set[str], Any]:
    """The bot's devices and its identity, by the word of the homeserver."""
    bot = site.lease.bot
    known = await site.as_bot("POST", "keys", "query", body={"device_keys": {bot: []}})
    return set(known["device_keys"][bot]), known["master_keys"][bot]["keys"]


async def _asks(anna: Person, room: RoomID, number: int) -> None:
    await anna.say(room, f"!status {number}")
    await anna.reads(f"#{number}", room)


# A back-up is put back


async def test_a_conversation_goes_on_after_an_older_back_up(
    new_site: Site, person: PersonFactory
) -> None:
    anna = await person("anna", accept_invites=False)
    new_site.has_member(anna.user_id)
    async with new_site.running():
        room = await anna.invited_to(PRIVATE_ROOM)
        # That she comes in, and the keys of everything they say to each other, are not in it.
        copy = await back_up(new_site)
        await anna.join(room)
        await _asks(anna, room, 9001)
        await _asks(anna, room, 9002)
        _, identity = await _keys(new_site)
    await restored(new_site, copy)
    async with new_site.running():
        await _asks(anna, room, 9003)
        await _asks(anna, room, 9004)
        assert await new_site.faulty() == {}
        devices, same = await _keys(new_site)
    assert (len(devices), devices & {"GOUDWACHT"}, same) == (1, set(), identity)
    assert anna.unreadable == []


async def test_a_conversation_goes_on_after_a_back_up_made_just_now(
    new_site: Site, anna: Person
) -> None:
    async with new_site.running():
        room = await anna.room_named(PRIVATE_ROOM)
        await _asks(anna, room, 9001)
    copy = await back_up(new_site)
    await restored(new_site, copy)
    async with new_site.running():
        await _asks(anna, room, 9002)
    assert anna.unreadable == []


async def test_a_report_in_a_back_up_can_be_read_again_and_one_erased_since_cannot(
    new_site: Site, anna: Person
) -> None:
    async with new_site.running():
        room = await anna.room_named(PRIVATE_ROOM)
        kept, erased = await _reports(anna, room, "das"), await _reports(anna, room, "marter")
        copy = await back_up(new_site)
        await anna.say(room, f"!intrekken #{erased}")
        await anna.reads("ingetrokken", room)
        assert (await new_site.command("purge")).returncode == 0
        # Of the two only these keys are the newest; the copy of the database is the former.
        newest = replace(await back_up(new_site), database=copy.database)
    await restored(new_site, newest)
    async with new_site.running():
        await anna.say(room, f"!status #{kept}")
        await anna.reads(f"#{kept} inbraak, Amsterdam", room)
        await anna.say(room, f"!status #{erased}")
        await anna.reads(f"geen melding #{erased}", room)


async def test_a_back_up_is_noticed_at_the_start_by_what_the_bot_has_said_since(
    new_site: Site, anna: Person
) -> None:
    async with new_site.running():
        room = await anna.room_named(PRIVATE_ROOM)
        await _asks(anna, room, 9001)
        copy = await back_up(new_site)
        await _asks(anna, room, 9002)
        _, identity = await _keys(new_site)
    await put_back(new_site, copy)
    async with new_site.running():
        await _asks(anna, room, 9003)
        assert await new_site.faulty() == {}
        devices, same = await _keys(new_site)
    assert len(devices) == 1
    assert devices != {"GOUDWACHT"}
    assert same == identity
    assert anna.unreadable == []
    async with new_site.running():
        await _asks(anna, room, 9004)
        assert (await _keys(new_site))[0] == devices


async def test_a_back_up_is_noticed_by_a_start_since_when_nothing_was_said(site: Site) -> None:
    copy = await back_up(site)
    await site.ran_once()
    before, identity = await _keys(site)
    await put_back(site, copy)
    await site.ran_once()
    after, same = await _keys(site)
    assert not before & after
    assert same == identity


async def test_a_database_that_is_no_back_up_is_taken_for_none(
    new_site: Site, anna: Person
) -> None:
    for number in range(9001, 9004):
        async with new_site.running():
            await _asks(anna, await anna.room_named(PRIVATE_ROOM), number)
            assert (await _keys(new_site))[0] == {"GOUDWACHT"}


async def test_no_number_of_a_report_is_given_again_after_a_back_up(
    new_site: Site, anna: Person
) -> None:
    async with new_site.running():
        room = await anna.room_named(PRIVATE_ROOM)
        numbers = [await _reports(anna, room, "eekhoorn")]
        copy = await back_up(new_site)
        numbers += [await _reports(anna, room, "wezel"), await _reports(anna, room, "bunzing")]
    await put_back(new_site, copy)
    async with new_site.running():
        numbers.append(await _reports(anna, room, "marter"))
    # The same one once more, told this time: what was given since the first is not in it either.
    await restored(new_site, copy)
    async with new_site.running():
        numbers.append(await _reports(anna, room, "das"))
    assert numbers == sorted(set(numbers))


async def test_what_waited_in_a_back_up_is_set_aside(site: Site) -> None:
    await _waits(site)
    copy = await back_up(site)
    printed = await restored(site, copy)
    assert "1 messages waited" in printed
    assert "1 events waited" in printed
    messages = await site.command("outbox", "list")
    assert "may have been sent since" in " ".join(messages.stdout.split())
    events = await site.command("inbox", "list")
    assert "may have been handled since" in " ".join(events.stdout.split())


async def _waits(site: Site) -> None:
    """Put a message in the outbox, and one in the inbox, of a service that does not run."""
    database = Database(site.url)
    vault = Vault(site.settings["database"]["secret"])
    outbox = Outbox(vault)
    message = Outgoing(target=RoomKey("review"), content={"body": "x"})
    now = datetime.now(UTC)
    event = RoomEvent(
        EventID("$1"), RoomID("!1"), UserID("@anna:example.org"), "m.room.message", {}, now
    )
    async with database.begin() as work:
        await outbox.put(work, message, now)
        await inbox.add(work, vault, [event], now)
    await database.close()


async def test_the_bot_gets_a_device_of_another_name_without_a_word_in_the_configuration(
    site: Site,
) -> None:
    done = await site.command("db", "restored")
    assert done.returncode == 0, done.stderr
    await site.ran_once()
    (device,) = (await _keys(site))[0]
    assert device.startswith("GOUDWACHT_")


async def test_a_back_up_is_not_put_back_under_a_running_service(site: Site) -> None:
    async with site.process("run") as process:
        await process.prints("ready: ")
        done = await site.command("db", "restored")
    assert done.returncode == 1
    assert "The service is running on this database" in done.stderr


# The database is lost


async def test_without_a_back_up_the_bot_goes_on_with_a_new_identity(
    new_site: Site, anna: Person
) -> None:
    async with new_site.running():
        room = await anna.room_named(PRIVATE_ROOM)
        await _asks(anna, room, 9001)
        _, identity = await _keys(new_site)
    await lose(new_site)
    refused = await new_site.command("run")
    assert "goudwacht db lost" in refused.stderr
    new_site.configure("bot", device="GOUDWACHT2")
    done = await new_site.command("db", "lost")
    assert done.returncode == 0, done.stderr
    async with new_site.running():
        await _asks(anna, room, 9002)
        assert await new_site.faulty() == {}
        devices, anew = await _keys(new_site)
    assert devices == {"GOUDWACHT2"}
    assert anew != identity
    assert anna.unreadable == []


async def test_an_identity_that_is_there_is_never_replaced(site: Site) -> None:
    before = await _keys(site)
    site.configure("bot", device="GOUDWACHT2")
    done = await site.command("db", "lost")
    assert done.returncode == 1
    assert "nothing is lost" in done.stderr
    assert await _keys(site) == before
