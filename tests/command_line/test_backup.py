"""A back-up made while the service runs is put back; and a database is lost without one."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from appservice import inbox
from appservice.database import Database
from appservice.events import RoomEvent
from appservice.ids import EventID, RoomID, UserID
from appservice.outbox import Outbox, Outgoing
from appservice.rooms.plan import RoomKey
from appservice.vault import Vault
from tests.command_line.site import Site
from tests.conftest import PersonFactory
from tests.harness.people import Person

PRIVATE_ROOM = "Goudwacht: melden"


async def _back_up(site: Site) -> Path:
    """What `sqlite3 goudwacht.db ".backup copy.db"` does."""
    copy = site.file.with_name("copy.db")

    def run() -> None:
        source, target = sqlite3.connect(site.file), sqlite3.connect(copy)
        source.backup(target)
        source.close()
        target.close()

    await asyncio.to_thread(run)
    return copy


def _lose(site: Site) -> None:
    for lost in site.file.parent.glob("goudwacht.db*"):
        lost.unlink()


async def _restore(site: Site, copy: Path) -> str:
    """Put a back-up back, as docs/operating.md says; return what was printed."""
    _lose(site)
    copy.rename(site.file)
    site.configure("bot", device="GOUDWACHT2")
    done = await site.command("db", "restored")
    assert done.returncode == 0, done.stderr
    return done.stdout


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
        copy = await _back_up(new_site)
        await anna.join(room)
        await _asks(anna, room, 9001)
        await _asks(anna, room, 9002)
        _, identity = await _keys(new_site)
    await _restore(new_site, copy)
    async with new_site.running():
        await _asks(anna, room, 9003)
        await _asks(anna, room, 9004)
        assert await new_site.faulty() == {}
        assert await _keys(new_site) == ({"GOUDWACHT2"}, identity)
    assert anna.unreadable == []


async def test_a_conversation_goes_on_after_a_back_up_made_just_now(
    new_site: Site, person: PersonFactory
) -> None:
    anna = await person("anna")
    new_site.has_member(anna.user_id)
    async with new_site.running():
        room = await anna.room_named(PRIVATE_ROOM)
        await _asks(anna, room, 9001)
    copy = await _back_up(new_site)
    await _restore(new_site, copy)
    async with new_site.running():
        await _asks(anna, room, 9002)
    assert anna.unreadable == []


async def test_what_waited_in_a_back_up_is_set_aside(site: Site) -> None:
    await _waits(site)
    copy = await _back_up(site)
    printed = await _restore(site, copy)
    assert "1 messages waited" in printed
    assert "1 events waited" in printed
    messages = await site.command("outbox", "list")
    assert "may have been sent since" in " ".join(messages.stdout.split())
    events = await site.command("inbox", "list")
    assert "may have been handled since" in " ".join(events.stdout.split())


async def _waits(site: Site) -> None:
    """Put a message in the outbox, and one in the inbox, of a service that does not run."""
    database = Database(f"sqlite+aiosqlite:///{site.file}")
    outbox = Outbox(Vault(site.settings["database"]["secret"]))
    message = Outgoing(target=RoomKey("review"), content={"body": "x"})
    now = datetime.now(UTC)
    event = RoomEvent(
        EventID("$1"), RoomID("!1"), UserID("@anna:example.org"), "m.room.message", {}, now
    )
    async with database.begin() as work:
        await outbox.put(work, message, now)
        await inbox.add(work, [event], now)
    await database.close()


async def test_the_device_of_a_back_up_is_refused_with_what_to_set(site: Site) -> None:
    done = await site.command("db", "restored")
    assert done.returncode == 1
    assert "Set bot.device in goudwacht.yaml" in done.stderr


async def test_a_back_up_is_not_put_back_under_a_running_service(site: Site) -> None:
    async with site.process("run") as process:
        await process.prints("ready: ")
        done = await site.command("db", "restored")
    assert done.returncode == 1
    assert "The service is running on this database" in done.stderr


# The database is lost


async def test_without_a_back_up_the_bot_goes_on_with_a_new_identity(
    new_site: Site, person: PersonFactory
) -> None:
    anna = await person("anna")
    new_site.has_member(anna.user_id)
    async with new_site.running():
        room = await anna.room_named(PRIVATE_ROOM)
        await _asks(anna, room, 9001)
        _, identity = await _keys(new_site)
    _lose(new_site)
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
