"""A message that could not go out in time says so when it does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import update

from appservice.database import Database
from appservice.outbox import outbox
from tests.appservice.conftest import Together, shared
from tests.appservice.wire import Wire
from tests.databases import DATABASES, Kind
from tests.harness.homes import Home

SEND = r"/send/m\.room\.encrypted/"
AN_HOUR, MILLISECOND = timedelta(hours=1), timedelta(milliseconds=1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(
    home: Home, line: Wire, database_kind: Kind, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Together]:
    """A service with one member, behind a line that can be cut."""
    directory = tmp_path_factory.mktemp("here")
    url = await DATABASES.empty(directory, database_kind)
    async with shared(home, directory, "anna", wire=line, url=url) as together:
        yield together


async def an_hour_passes(here: Together) -> None:
    """The service is stopped, and started when what waits has waited for an hour."""
    await here.running.stop()
    database = Database(here.running.database_url)
    async with database.begin() as work:
        await work.execute(
            update(outbox).values(created_at=outbox.c.created_at - AN_HOUR // MILLISECOND)
        )
    await database.close()
    await here.running.start()


def said(here: Together, *words: str) -> list[str]:
    """What the member has read in the room for notices, of what has one of these words in it."""
    return [
        event.body
        for event in here.members[0].timeline(here.reactions)
        if event.type == "m.room.message" and any(word in event.body for word in words)
    ]


async def test_what_waited_too_long_says_so_in_its_order_and_the_network_hears_of_it(
    here: Together, line: Wire
) -> None:
    anna = here.members[0]
    here.network.late.clear()
    with line.cut("PUT", SEND) as cut:
        # The first is sealed and on its way by then, the second is neither.
        await anna.say(here.direct[0], "notice eerst")
        await cut.reached.wait()
        await anna.say(here.direct[0], "notice daarna")
        # When the next one is heard, the former is committed.
        await anna.say(here.direct[0], "klaar")
        await here.network.hears("klaar")
        await here.running.stop()
    await an_hour_passes(here)
    await anna.say(here.direct[0], "notice op tijd")
    await anna.reads("op tijd", here.reactions)

    assert said(here, "eerst", "daarna", "op tijd") == ["late: eerst", "late: daarna", "op tijd"]
    assert here.network.late == ["notice/eerst", "notice/daarna"]
    assert anna.unreadable == []


async def test_what_was_asked_for_an_hour_before_the_service_heard_of_it_says_so(
    here: Together,
) -> None:
    anna = here.members[0]
    await here.running.stop()
    await anna.say(here.direct[0], "notice ooit")
    here.running.ahead = AN_HOUR
    try:
        await here.running.start()
        await anna.reads("ooit", here.reactions)
    finally:
        await here.running.stop()
        here.running.ahead = timedelta()
        await here.running.start()

    assert (said(here, "ooit"), here.network.late[-1:]) == (["late: ooit"], ["notice/ooit"])


async def test_what_was_taken_in_time_is_not_said_again(here: Together, line: Wire) -> None:
    anna = here.members[0]
    with line.lose_answers("PUT", SEND) as cut:
        await anna.say(here.direct[0], "notice eenmaal")
        await cut.reached.wait()
        await here.running.stop()
    await an_hour_passes(here)
    await anna.say(here.direct[0], "notice tot slot")
    await anna.reads("tot slot", here.reactions)

    assert said(here, "eenmaal", "tot slot") == ["eenmaal", "tot slot"]


async def test_a_network_that_cannot_tell_of_it_costs_no_message(
    here: Together, line: Wire
) -> None:
    anna, before = here.members[0], list(here.network.late)
    with line.cut("PUT", SEND) as cut:
        await anna.say(here.direct[0], "notice toch")
        await cut.reached.wait()
        await here.running.stop()
    here.network.cannot_tell = True
    try:
        await an_hour_passes(here)
        await anna.reads("late: toch", here.reactions)
    finally:
        here.network.cannot_tell = False

    assert here.network.late == before
