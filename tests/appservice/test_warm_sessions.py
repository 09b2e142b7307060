"""Room keys are shared when people and devices come, and only then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import event, select, update

from appservice.database import Database
from appservice.encryption.outbound import (
    SESSION_LIFETIME,
    SESSION_MESSAGES,
    outbound_group_sessions,
    running,
    session_shares,
)
from appservice.events import Membership
from appservice.ids import RoomID
from appservice.vault import Vault
from tests.appservice.conftest import Together, shared
from tests.appservice.running import SECRET
from tests.appservice.wire import Wire
from tests.conftest import PersonFactory
from tests.harness.homes import Home
from tests.harness.people import Person

ROOM = RoomID("!room")
NOW = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)
VAULT = Vault(SECRET)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def warm(
    home: Home, line: Wire, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Together]:
    """Two members who have read something in every room of theirs, and so have every key."""
    async with shared(home, tmp_path_factory.mktemp("warm"), "anna", "bas", wire=line) as here:
        anna = here.members[0]
        await anna.say(here.everyone, "opwarmen")
        await anna.say(here.direct[0], "notice opwarmen")
        for member, own in zip(here.members, here.direct, strict=True):
            await member.say(own, "ook hier")
            await member.reads("echo: ook hier", own)
            await member.reads("opwarmen", here.reactions)
            await member.reads("echo: opwarmen", here.everyone)
        yield here


def asked(line: Wire, here: Together) -> tuple[int, int, int]:
    """Keys shared, one-time keys claimed and members' devices looked up so far."""
    shared = line.count("PUT", r"/sendToDevice/")
    claimed = line.count("POST", "/keys/claim")
    looked_up = [
        p
        for p in line.passed
        if "/keys/query" in p.path and here.members[0].user_id in p.body["device_keys"]
    ]
    return shared, claimed, len(looked_up)


async def shares(here: Together) -> set[tuple[str, ...]]:
    async with here.running.database.read() as work:
        return {tuple(row) for row in await work.execute(select(session_shares))}


async def test_after_a_restart_no_key_is_shared_again(warm: Together, line: Wire) -> None:
    anna, bas = warm.members
    before, had = asked(line, warm), await shares(warm)

    await warm.running.restart()
    await anna.say(warm.everyone, "na de herstart")
    await bas.reads("echo: na de herstart")

    assert asked(line, warm) == before
    assert await shares(warm) == had


async def test_after_a_restart_events_are_handled_before_any_room_was_looked_at(
    warm: Together, line: Wire
) -> None:
    anna, bas = warm.members
    await warm.running.stop()

    with line.cut("GET", r"/rooms/[^/]+/state\?") as looking:
        await warm.running.begin()
        await anna.say(warm.everyone, "meteen")
        await bas.reads("echo: meteen", warm.everyone)
        await looking.reached.wait()

    await warm.running.is_ready()


async def test_what_is_said_in_a_warm_room_is_encrypted_in_the_commit_that_decides_it(
    warm: Together,
) -> None:
    anna, bas = warm.members
    done: list[str] = []
    commits: list[list[str]] = []

    def runs(_c: object, _k: object, statement: str, *_more: object) -> None:
        done.append(" ".join(statement.split()[:3]))

    def commit(_connection: object) -> None:
        commits.append(done.copy())
        done.clear()

    engine = warm.running.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", runs)
    event.listen(engine, "commit", commit)
    try:
        await anna.say(warm.everyone, "vlug")
        await bas.reads("echo: vlug", warm.everyone)
    finally:
        event.remove(engine, "before_cursor_execute", runs)
        event.remove(engine, "commit", commit)

    (deciding,) = [one for one in commits if "INSERT INTO outbox" in one]
    assert "UPDATE inbox SET" in deciding
    assert "UPDATE outbound_group_sessions SET" in deciding


async def test_who_only_changes_their_name_is_not_looked_up_again(
    warm: Together, line: Wire
) -> None:
    anna, bas = warm.members
    before = asked(line, warm)

    await anna.call("PUT", f"/profile/{anna.user_id}/displayname", {"displayname": "Anna Z."})
    await bas.say(warm.everyone, "heet jij nu anders")
    await anna.reads("echo: heet jij nu anders")

    assert asked(line, warm) == before


async def test_who_joins_has_the_key_before_anything_is_said(
    warm: Together, line: Wire, person: PersonFactory
) -> None:
    cas = await person("cas")

    await warm.welcome(cas)

    await line.saw(
        "PUT",
        r"/sendToDevice/m\.room\.encrypted/",
        lambda passed: cas.device.device_id in passed.body["messages"].get(cas.user_id, {}),
    )


@pytest.mark.parametrize("heard_of_it", [True, False], ids=["after", "before"])
async def test_who_joins_reads_what_lands_after_it_and_was_encrypted(
    heard_of_it: bool, warm: Together, line: Wire, person: PersonFactory
) -> None:
    anna, cas = warm.members[0], await person("cas", accept_invites=False)
    await anna.say(warm.direct[0], f"invite {cas.user_id}")
    room = await cas.invited_to(f"Everyone {warm.running.lease.bot_localpart}")
    if heard_of_it:
        await cas.join(room)
    own = f"onderweg naar {cas.user_id}"
    with line.cut("PUT", "/send/") as cut:
        await anna.say(room, own)
        await cut.reached.wait()
        if not heard_of_it:
            await cas.join(room)
            await warm.network.joins_or_leaves(room, cas.user_id, Membership.JOIN)

    await cas.reads(f"echo: {own}")
    assert cas.unreadable == []


async def test_a_late_device_cannot_read_what_was_said_before_it(
    warm: Together, person: PersonFactory
) -> None:
    anna: Person = warm.members[0]
    phone = await person.at_another_device(anna, signed_by=anna)

    await anna.say(warm.everyone, "vanaf nu")
    await phone.reads("echo: vanaf nu")

    assert "echo: opwarmen" not in {event.body for event in phone.timeline(warm.everyone)}


async def test_a_share_is_written_and_sent_as_one_whatever_its_size(
    warm: Together, line: Wire, person: PersonFactory
) -> None:
    dan = await person("dan")
    phones = [await person.at_another_device(dan, signed_by=dan) for _ in range(4)]
    there = {dan.device.device_id, *(phone.device.device_id for phone in phones)}

    await warm.members[0].say(warm.direct[0], f"invite {dan.user_id}")

    # A row of the to-device outbox is one request, and is written in the commit of its share.
    await line.saw(
        "PUT",
        r"/sendToDevice/m\.room\.encrypted/",
        lambda passed: set(passed.body["messages"].get(dan.user_id, {})) == there,
    )


class TestASession:
    async def test_is_used_again(self, database: Database) -> None:
        async with database.begin() as work:
            first = await running(work, VAULT, ROOM, NOW)

            later = NOW + SESSION_LIFETIME - timedelta(seconds=1)
            assert await running(work, VAULT, ROOM, later) == first

    async def test_is_replaced_when_its_time_is_up(self, database: Database) -> None:
        async with database.begin() as work:
            first = await running(work, VAULT, ROOM, NOW)

            second = await running(work, VAULT, ROOM, NOW + SESSION_LIFETIME)
            assert second.session_id != first.session_id

    async def test_is_replaced_when_it_has_carried_its_messages(self, database: Database) -> None:
        async with database.begin() as work:
            first = await running(work, VAULT, ROOM, NOW)
            await work.execute(update(outbound_group_sessions).values(messages=SESSION_MESSAGES))

            assert (await running(work, VAULT, ROOM, NOW)).session_id != first.session_id
