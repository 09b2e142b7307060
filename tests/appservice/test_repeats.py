"""What is no message is safe to repeat: its answer lost, and asked for again, it has happened once.

Making a room, a device and an identity again is in :mod:`tests.appservice.test_crashes`.
"""

from __future__ import annotations

import asyncio
from urllib.parse import unquote

import pytest

from appservice import scrubbing
from appservice.database import Database
from appservice.forgetting import forget_named
from appservice.ids import RoomID
from appservice.rooms import errands
from appservice.rooms.errands import Errand
from tests.appservice.conftest import ServiceFactory, Together
from tests.appservice.wire import Wire
from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease
from tests.harness.people import Person
from tests.harness.timeline import Seen

SEND = r"/send/m\.room\.encrypted/"


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
        pytest.param("PUT", r"/state/m\.room\.member/", id="to-a-room-of-their-own"),
    ],
)
async def test_an_invitation_whose_answer_was_lost_comes_once(
    method: str,
    path: str,
    service: ServiceFactory,
    lease: AppserviceLease,
    wire: Wire,
    person: PersonFactory,
) -> None:
    anna, bas = await person("anna"), await person("bas")
    here = await service.together(lease, anna, wire=wire)

    with wire.lose_answers(method, path) as cut:
        await anna.say(here.direct[0], f"invite {bas.user_id}")
        await cut.reached.wait()
        await here.running.stop()
    await here.running.start()
    await bas.room_named(f"Everyone {lease.bot_localpart}")
    await bas.room_named(f"Direct {lease.bot_localpart}")
    await anna.sees_in(here.everyone, bas.user_id)

    assert len(moves_of(bas, here, "invite", anna)) == 1


async def test_a_removal_whose_answer_was_lost_happens_once(
    service: ServiceFactory, lease: AppserviceLease, wire: Wire, person: PersonFactory
) -> None:
    anna, bas = await person("anna"), await person("bas")
    here = await service.together(lease, anna, bas, wire=wire)

    with wire.lose_answers("POST", "/kick") as cut:
        await anna.say(here.direct[0], f"remove {bas.user_id}")
        await cut.reached.wait()
        await here.running.stop()
    await here.running.start()
    await bas.removed_from(here.everyone)
    await anna.say(here.everyone, "tot slot")
    await anna.reads("echo: tot slot")

    assert len(moves_of(bas, here, "leave", anna)) == 1


async def test_a_redaction_whose_answer_was_lost_happens_once(
    service: ServiceFactory, lease: AppserviceLease, wire: Wire, person: PersonFactory
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna, wire=wire)
    said = await anna.say(here.everyone, "dit gaat weg")
    await anna.reads("echo: dit gaat weg")
    async with here.running.database.begin() as work:
        await errands.put(work, Errand.REDACT, here.everyone, said)

    with wire.lose_answers("PUT", "/redact/") as cut:
        await here.running.restart()
        await cut.reached.wait()
        await here.running.stop()
    await here.running.start()
    again = await wire.saw("PUT", "/redact/")
    await anna.say(here.everyone, "tot slot")
    await anna.reads("echo: tot slot")

    redactions = [e for e in anna.timeline(here.everyone) if e.type == "m.room.redaction"]
    assert [event.event_id for event in redactions] == [again.answer["event_id"]]
    assert anna.text_of(said) is None


@pytest.mark.parametrize("taken", [True, False], ids=["and-taken", "and-lost"])
async def test_a_message_that_is_erased_on_its_way_is_taken_back(
    taken: bool,
    service: ServiceFactory,
    lease: AppserviceLease,
    wire: Wire,
    person: PersonFactory,
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna, wire=wire)

    with wire.lose_answers("PUT", SEND) if taken else wire.cut("PUT", SEND) as cut:
        await anna.say(here.everyone, "dit gaat weg")
        await cut.reached.wait()
        async with here.running.database.begin() as work:
            assert await forget_named(work, "echo/") == 1
        await here.running.stop()
    await here.running.start()
    recalled = await wire.saw("PUT", "/redact/")

    await anna.until(lambda: _is_redacted(anna, recalled.path) or None, "it redacted")
    await anna.say(here.everyone, "tot slot")
    await anna.reads("echo: tot slot")
    assert (anna.latest_text(here.everyone), anna.unreadable) == ("echo: tot slot", [])
    assert [seen for seen in anna.timeline() if seen.body == "echo: dit gaat weg"] == []


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
    service: ServiceFactory, lease: AppserviceLease, wire: Wire, person: PersonFactory
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna, wire=wire)
    said = await anna.say(here.everyone, "dit gaat weg")
    await anna.reads("echo: dit gaat weg")
    async with here.running.database.begin() as work:
        await errands.put(work, Errand.JOIN, RoomID("!far:elsewhere.example"))
        await errands.put(work, Errand.REDACT, here.everyone, said)

    with wire.cut("POST", "/join") as joining:
        await here.running.restart()
        await joining.reached.wait()
        await anna.until(lambda: True if anna.text_of(said) is None else None, "it redacted")
