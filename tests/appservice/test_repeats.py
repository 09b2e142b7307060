"""What is no message is safe to repeat: its answer lost, and asked for again, it has happened once.

Making a room, a device and an identity again is in :mod:`tests.appservice.test_crashes`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import unquote

import pytest
import pytest_asyncio

from appservice import scrubbing
from appservice.database import Database
from appservice.forgetting import forget_named
from appservice.ids import RoomID
from appservice.rooms import errands
from appservice.rooms.errands import Errand
from tests.appservice.conftest import ServiceFactory, Together, shared
from tests.appservice.wire import Wire
from tests.conftest import PersonFactory
from tests.harness.homes import Home
from tests.harness.leases import AppserviceLease
from tests.harness.people import Person
from tests.harness.timeline import Seen

SEND = r"/send/m\.room\.encrypted/"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(
    home: Home, line: Wire, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Together]:
    """A service with one member, behind a line that can be cut."""
    async with shared(home, tmp_path_factory.mktemp("here"), "anna", wire=line) as together:
        yield together


async def said_to_the_end(here: Together, anna: Person) -> str:
    """Once this has been read, whatever would have come twice before it has come twice."""
    last = f"tot slot van {len(anna.timeline())}"
    await anna.say(here.everyone, last)
    await anna.reads(f"echo: {last}")
    return f"echo: {last}"


def moves_of(someone: Person, here: Together, membership: str, witness: Person) -> list[Seen]:
    """How often a witness saw the bot give somebody a membership of the room of all."""
    return [
        event
        for event in witness.timeline(here.everyone)
        if event.type == "m.room.member"
        and (event.state_key, event.sender) == (someone.user_id, here.bot)
        and event.content.get("membership") == membership
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("POST", "/invite", id="to-a-room"),
        pytest.param("POST", "/createRoom", id="to-a-room-of-their-own"),
    ],
)
async def test_an_invitation_whose_answer_was_lost_comes_once(
    method: str, path: str, here: Together, anna: Person, line: Wire, person: PersonFactory
) -> None:
    bas, bot = await person("bas"), here.running.lease.bot_localpart

    with line.lose_answers(method, path) as cut:
        await anna.say(here.direct[0], f"invite {bas.user_id}")
        await cut.reached.wait()
        await here.running.stop()
    await here.running.start()
    await bas.room_named(f"Everyone {bot}")
    await bas.room_named(f"Direct {bot}")
    await anna.sees_in(here.everyone, bas.user_id)

    assert len(moves_of(bas, here, "invite", anna)) == 1


async def test_a_removal_whose_answer_was_lost_happens_once(
    here: Together, anna: Person, line: Wire, person: PersonFactory
) -> None:
    bas = await person("bas")
    await here.welcome(bas)

    with line.lose_answers("POST", "/kick") as cut:
        await anna.say(here.direct[0], f"remove {bas.user_id}")
        await cut.reached.wait()
        await here.running.stop()
    await here.running.start()
    await bas.removed_from(here.everyone)
    await said_to_the_end(here, anna)

    assert len(moves_of(bas, here, "leave", anna)) == 1


async def test_a_redaction_whose_answer_was_lost_happens_once(
    here: Together, anna: Person, line: Wire
) -> None:
    said = await anna.say(here.everyone, "dit gaat eenmaal weg")
    await anna.reads("echo: dit gaat eenmaal weg")
    line.passed.clear()
    async with here.running.database.begin() as work:
        await errands.put(work, Errand.REDACT, here.everyone, said)

    with line.lose_answers("PUT", "/redact/") as cut:
        await here.running.restart()
        await cut.reached.wait()
        await here.running.stop()
    await here.running.start()
    again = await line.saw("PUT", "/redact/")
    await said_to_the_end(here, anna)

    redactions = [event for event in anna.timeline(here.everyone) if redacts(event, said)]
    assert [event.event_id for event in redactions] == [again.answer["event_id"]]
    assert anna.text_of(said) is None


@pytest.mark.parametrize("taken", [True, False], ids=["and-taken", "and-lost"])
async def test_a_message_that_is_erased_on_its_way_is_taken_back(
    taken: bool, here: Together, anna: Person, line: Wire
) -> None:
    gone = f"dit gaat weg, {taken}"
    line.passed.clear()
    with line.lose_answers("PUT", SEND) if taken else line.cut("PUT", SEND) as cut:
        said = await anna.say(here.everyone, gone)
        await cut.reached.wait()
        async with here.running.database.begin() as work:
            assert await forget_named(work, f"echo/{said}") == 1
        await here.running.stop()
    await here.running.start()
    recalled = await line.saw("PUT", "/redact/")

    await anna.until(lambda: _is_redacted(anna, recalled.path) or None, "it redacted")
    last = await said_to_the_end(here, anna)
    assert (anna.latest_text(here.everyone), anna.unreadable) == (last, [])
    assert [seen for seen in anna.timeline() if seen.body == f"echo: {gone}"] == []


def redacts(event: Seen, said: str) -> bool:
    return event.type == "m.room.redaction" and said in str(event.content)


def _is_redacted(anna: Person, path: str) -> bool:
    return any(seen.redacted and seen.event_id in unquote(path) for seen in anna.timeline())


async def test_a_file_that_a_killed_service_did_not_scrub_is_scrubbed_by_the_next(
    service: ServiceFactory, lease: AppserviceLease, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = await service(lease, [])
    async with running.database.begin() as work:
        await scrubbing.want(work)
    await running.stop()
    scrubbed = asyncio.Event()

    async def scrub(_: Database) -> None:
        scrubbed.set()

    monkeypatch.setattr(Database, "scrub", scrub)
    await running.start()

    async with asyncio.timeout(20):
        await scrubbed.wait()


async def test_a_join_that_is_never_answered_holds_up_no_redaction(
    here: Together, anna: Person, line: Wire
) -> None:
    said = await anna.say(here.everyone, "dit gaat toch weg")
    await anna.reads("echo: dit gaat toch weg")
    async with here.running.database.begin() as work:
        await errands.put(work, Errand.JOIN, RoomID("!far:elsewhere.example"))
        await errands.put(work, Errand.REDACT, here.everyone, said)

    with line.cut("POST", "/join") as joining:
        await here.running.restart()
        await joining.reached.wait()
        await anna.until(lambda: True if anna.text_of(said) is None else None, "it redacted")
