"""What was set aside: shown without its content, tried again, let go."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import select, update

from appservice.database import Database
from appservice.ids import UserID
from appservice.inbox import Status, inbox
from appservice.outbox import Status as Outgoing
from appservice.outbox import outbox
from tests.command_line.site import Site
from tests.conftest import PersonFactory

PRIVATE_ROOM = "Goudwacht: melden"
FAULT = "KeyError < bridge.network.handle:1"


@pytest_asyncio.fixture(loop_scope="session")
async def database_of(new_site: Site) -> AsyncIterator[Database]:
    """The installation's database, opened beside the service."""
    opened = Database(new_site.url)
    yield opened
    await opened.close()


async def set_aside_newest(database: Database, sender: UserID) -> int:
    """Make the newest encrypted event of somebody one that was set aside."""
    async with database.begin() as work:
        newest = select(inbox.c.seq).where(
            inbox.c.type == "m.room.encrypted", inbox.c.sender == sender
        )
        seq = int((await work.execute(newest.order_by(inbox.c.seq.desc()))).scalars().first() or 0)
        await work.execute(
            update(inbox)
            .where(inbox.c.seq == seq)
            .values(status=Status.DEAD, tries=3, fault=FAULT, content='{"body": "geheim"}')
        )
    return seq


async def test_operator_sees_retries_and_drops_what_was_set_aside(
    new_site: Site, person: PersonFactory, database_of: Database
) -> None:
    anna = await person("anna")
    new_site.has_member(anna.user_id)
    async with new_site.running():
        room = await anna.room_named(PRIVATE_ROOM)
        await anna.say(room, "!status 9001")
        await anna.reads("#9001", room)
        seq = await set_aside_newest(database_of, anna.user_id)

        shown = await new_site.command("inbox", "list")
        assert shown.returncode == 0, shown.stderr
        assert str(seq) in shown.stdout
        assert FAULT in shown.stdout
        assert "tries: 3" in shown.stdout
        assert "geheim" not in shown.stdout

        retried = await new_site.command("inbox", "retry", str(seq))
        assert retried.returncode == 0, retried.stderr
        # It is no event that can be read: what it came to is that its sender is asked to repeat it.
        await anna.reads("ontcijferen", room)

        await anna.say(room, "!status 9002")
        await anna.reads("#9002", room)
        seq = await set_aside_newest(database_of, anna.user_id)
        assert (await new_site.command("inbox", "drop", str(seq))).returncode == 0
        assert "Nothing was set aside" in (await new_site.command("inbox", "list")).stdout


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
