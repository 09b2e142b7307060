"""What was set aside: shown without its content, tried again, let go."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import select, update

from appservice.database import Database
from appservice.ids import RoomID
from appservice.outbox import Status as Outgoing
from appservice.outbox import outbox
from bridge.reports.records import cases
from tests.command_line.site import Site
from tests.conftest import PersonFactory
from tests.harness.people import Person

STATUS = "#1 inbraak, Amsterdam"
PRIVATE_ROOM = "Goudwacht: melden"


@pytest_asyncio.fixture(loop_scope="session")
async def database_of(new_site: Site) -> AsyncIterator[Database]:
    """The installation's database, opened beside the service."""
    opened = Database(new_site.url)
    yield opened
    await opened.close()


async def damaged(database: Database, fields: bytes = b"") -> bytes:
    """Put something else in the place of what the one report says; return what stood there."""
    async with database.begin() as work:
        before = (await work.execute(select(cases.c.fields))).scalar_one()
        await work.execute(update(cases).values(fields=fields or bytes(len(before))))
    return bytes(before)


async def test_operator_sees_retries_and_drops_an_event_on_which_our_code_raises(
    new_site: Site, person: PersonFactory, database_of: Database
) -> None:
    anna, mia = await person("anna"), await person("mia")
    new_site.has_member(anna.user_id)
    new_site.settings["moderators"] = [str(mia.user_id)]
    new_site.configure("bot")
    async with new_site.running():
        room = await anna.room_named(PRIVATE_ROOM)
        review = await mia.room_named("Goudwacht: beoordeling")
        await anna.say(room, "!melding inbraak\nplaats: Amsterdam\ntijd: zojuist\nmo: eekhoorn")
        await anna.reads("eekhoorn", room)
        await anna.say(room, "!verstuur")
        await anna.reads("#1 is bij", room)
        whole = await damaged(database_of)

        await anna.say(room, "!status #1")
        first = await set_aside(mia, review)
        await anna.say(room, "!status #1")
        second = await set_aside(mia, review, after=first)
        shown = await new_site.command("inbox", "list")
        await damaged(database_of, whole)
        retried = await new_site.command("inbox", "retry", first)
        await anna.reads(STATUS, room)
        let_go = await new_site.command("inbox", "drop", second)
        listed = await new_site.command("inbox", "list")
        await anna.say(room, "!status #9001")
        await anna.reads("#9001", room)

    assert [done.returncode for done in (shown, retried, let_go, listed)] == [0] * 4
    assert [part for part in (first, "VaultError", "tries: 3") if part not in shown.stdout] == []
    assert [part for part in ("eekhoorn", "!status", anna.user_id) if part in shown.stdout] == []
    assert "Nothing was set aside" in listed.stdout
    assert sum(STATUS in seen.body for seen in anna.timeline(room)) == 1


async def set_aside(mia: Person, review: RoomID, after: str = "") -> str:
    """The number of an event, as the moderators are told that it was set aside."""
    found = re.compile(r"goudwacht inbox retry (\d+)")
    told = await mia.reads(
        lambda seen: (hit := found.search(seen.body)) is not None and hit[1] != after, review
    )
    return str(found.findall(told.body)[0])


async def test_a_message_that_was_set_aside_is_sent_on_retry(
    new_site: Site, person: PersonFactory, database_of: Database
) -> None:
    anna = await person("anna")
    new_site.has_member(anna.user_id)
    async with new_site.running():
        room = await anna.room_named(PRIVATE_ROOM)
        await anna.say(room, "!status 9001")
        await anna.reads("#9001", room)
    async with database_of.begin() as work:
        # As if it had been set aside before it was sealed.
        row = select(outbox.c.seq).where(outbox.c.target.startswith("private/"))
        seq = (await work.execute(row.order_by(outbox.c.seq.desc()))).scalars().first()
        await work.execute(
            update(outbox)
            .where(outbox.c.seq == seq)
            .values(
                status=Outgoing.SET_ASIDE,
                tries=3,
                transaction_id="again",
                sealed_type="m.room.message",
                sealed='{"msgtype": "m.text", "body": "opnieuw verstuurd"}',
            )
        )
    async with new_site.running():
        done = await new_site.command("outbox", "retry", str(seq))
        assert done.returncode == 0, done.stderr

        await anna.reads("opnieuw verstuurd", room)


async def test_a_number_that_was_not_set_aside_is_named(site: Site) -> None:
    done = await site.command("inbox", "retry", "4711")

    assert done.returncode == 1
    assert "4711" in done.stderr
    assert "inbox list" in done.stderr
