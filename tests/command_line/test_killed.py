"""``goudwacht run`` killed (SIGKILL) between a commit and what it sends; and what is sent late."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import pytest_asyncio
from sqlalchemy import update

from appservice.database import Database
from appservice.ids import RoomID
from appservice.outbox import Status, outbox
from tests.appservice.wire import Cut, Wire
from tests.command_line.site import Process, Site
from tests.conftest import PersonFactory
from tests.harness.files import opened
from tests.harness.people import Person
from tests.harness.reader import Reader
from tests.harness.synapse import Synapse
from tests.harness.timeline import Seen

AN_HOUR = 3_600_000
PRIVATE_ROOM = "Goudwacht: melden"
REPORT = "!melding inbraak\nplaats: Amsterdam\ntijd: zojuist\nmo: deur open, zilverling"
WORD = "zilverling"


def alerts(reader: Reader, room: RoomID) -> int:
    """How often somebody was sent the alert; edits of it left out."""
    return sum(WORD in seen.body and seen.edits is None for seen in reader.timeline(room))


def sending_to(room: RoomID) -> str:
    """The pattern of a message to a room."""
    return rf"/rooms/[^/]*{re.escape(room[1:])}/send/"


async def killed_at(cut: Cut, process: Process) -> None:
    """Kill it as soon as it has come to a request that does not get through."""
    async with asyncio.timeout(20):
        await cut.reached.wait()
    process.signal(signal.SIGKILL)
    await process.status()


@pytest_asyncio.fixture(loop_scope="session")
async def wire(new_site: Site) -> AsyncIterator[Wire]:
    """A line to the homeserver that can be cut."""
    line = Wire(new_site.lease.homeserver)
    await line.open()
    new_site.configure("homeserver", url=line.url)
    yield line
    await line.close()


@pytest_asyncio.fixture(loop_scope="session")
async def trio(new_site: Site, person: PersonFactory) -> Sequence[Person]:
    """A member, a moderator and an officer of one region."""
    anna, mia, piet = await asyncio.gather(*(person(name) for name in ("anna", "mia", "piet")))
    new_site.settings |= {
        "regions": [{"code": "amsterdam", "name": "Amsterdam", "police": True}],
        "moderators": [str(mia.user_id)],
        "liaisons": [{"user": str(piet.user_id), "region": "amsterdam"}],
    }
    new_site.has_member(anna.user_id)
    new_site.configure("moderation", two_moderators=[])
    return anna, mia, piet


async def reported(trio: Sequence[Person]) -> tuple[RoomID, RoomID]:
    """Have a report wait for the moderators; return their room and that of the police."""
    anna, mia, piet = trio
    private = await anna.room_named(PRIVATE_ROOM)
    review = await mia.room_named("Goudwacht: beoordeling")
    police = await piet.room_named("Goudwacht: politie Amsterdam")
    await anna.say(private, REPORT)
    await anna.reads(WORD, private)
    await anna.say(private, "!verstuur")
    await mia.reads(WORD, review)
    return review, police


async def test_an_alert_on_its_way_to_the_police_comes_once(
    new_site: Site, trio: Sequence[Person], wire: Wire
) -> None:
    _, mia, piet = trio
    async with new_site.process("run") as process:
        review, police = await reported(trio)
        with wire.cut("PUT", sending_to(police)) as cut:
            await mia.say(review, "!ok #1 +politie")
            await killed_at(cut, process)
    before = alerts(piet, police)
    async with new_site.running():
        await piet.reads(WORD, police)
        # Whatever would have come twice has come before this.
        await mia.say(review, "!update #1 tot slot")
        await piet.reads("tot slot", police)

    assert (before, alerts(piet, police), piet.unreadable) == (0, 1, [])


async def test_an_alert_that_waited_an_hour_says_so_and_the_moderators_are_told(
    new_site: Site, trio: Sequence[Person], wire: Wire
) -> None:
    _, mia, piet = trio
    async with AsyncExitStack() as service:
        await service.enter_async_context(new_site.running())
        review, police = await reported(trio)
        with wire.cut("PUT", sending_to(police)) as cut:
            await mia.say(review, "!ok #1 +politie")
            async with asyncio.timeout(20):
                await cut.reached.wait()
            await service.aclose()
    await an_hour_passes(new_site)
    async with new_site.running():
        alert = await piet.reads(WORD, police)
        told = await mia.reads("als nagekomen gemerkt", review)

    assert alert.body.startswith("NAGEKOMEN: ")
    assert "#1 aan de politie" in told.body


async def an_hour_passes(site: Site) -> None:
    """Have everything that waits to be sent wait for an hour longer."""
    database = Database(site.url)
    async with database.begin() as work:
        await work.execute(
            update(outbox)
            .where(outbox.c.status == Status.WAITING)
            .values(created_at=outbox.c.created_at - AN_HOUR)
        )
    await database.close()


async def test_a_file_of_what_is_stored_comes_once_wherever_its_sending_broke_off(
    new_site: Site, person: PersonFactory, wire: Wire, synapse: Synapse
) -> None:
    anna = await person("anna")
    new_site.has_member(anna.user_id)
    async with new_site.process("run") as process:
        room = await anna.room_named(PRIVATE_ROOM)
        with wire.lose_answers("POST", "/media/v3/upload") as uploading:
            await anna.say(room, "!inzage")
            await killed_at(uploading, process)
    with wire.cut("PUT", sending_to(room)) as sending:
        async with new_site.process("run") as process:
            await killed_at(sending, process)
    async with new_site.running():
        file = await anna.reads(is_file, room)
        await anna.say(room, "!status 9001")
        await anna.reads("#9001", room)

    assert anna.user_id in (await opened(anna, synapse, file)).decode("utf-8-sig")
    assert ([seen for seen in anna.timeline(room) if is_file(seen)], anna.unreadable) == (
        [file],
        [],
    )


def is_file(seen: Seen) -> bool:
    return seen.content.get("msgtype") == "m.file"
