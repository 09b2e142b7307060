"""The harness itself: what the other tests take for granted."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease
from tests.harness.people import Person
from tests.harness.postgres import Postgres
from tests.harness.processes import Ports, ProcessFailedError, free_port, is_running
from tests.harness.reader import NotSeenError
from tests.harness.synapse import Synapse

SECRET = "zilveren-kandelaar-4711"


async def together(person: PersonFactory) -> tuple[Person, Person, str]:
    """Anna and Bas, in an encrypted room of Anna's."""
    anna, bas = await person("anna"), await person("bas")
    room = await anna.create_room("Werkplaats", invite=[bas.user_id])
    await bas.room_named("Werkplaats")
    await anna.sees_in(room, bas.user_id)
    return anna, bas, room


async def test_two_people_read_each_others_encrypted_messages(person: PersonFactory) -> None:
    anna, bas, room = await together(person)

    await anna.say(room, "Goedemorgen", html="<b>Goedemorgen</b>")
    heard = await bas.reads("Goedemorgen", room)
    await bas.say(room, "Ook goedemorgen")
    answer = await anna.reads("Ook", room)

    assert (heard.sender, heard.encrypted, heard.html) == (
        anna.user_id,
        True,
        "<b>Goedemorgen</b>",
    )
    assert (answer.sender, answer.encrypted) == (bas.user_id, True)
    assert anna.unreadable == bas.unreadable == []


async def test_a_message_is_read_in_the_end_when_its_key_comes_after_it(
    person: PersonFactory,
) -> None:
    anna, bas, room = await together(person)

    event_id, hand_out_key = await anna.say_before_key(room, "Nog even geduld")
    await bas.until(lambda: bas.unreadable or None, "to get what cannot be read")
    await hand_out_key()
    read = await bas.reads("geduld", room)

    assert read.event_id == event_id
    assert bas.unreadable == []


async def test_the_homeservers_database_never_holds_what_was_said(
    person: PersonFactory, synapse: Synapse
) -> None:
    anna, bas, room = await together(person)

    await anna.say(room, SECRET)
    await bas.reads(SECRET, room)
    await anna.say_in_clear(room, f"in clear {SECRET[::-1]}")
    await bas.reads(SECRET[::-1], room)

    stored = b"".join(path.read_bytes() for path in synapse.directory.glob("homeserver.db*"))
    assert SECRET[::-1].encode() in stored, "the search would not find anything"
    assert SECRET.encode() not in stored


async def test_a_message_sent_in_clear_is_told_from_an_encrypted_one(
    person: PersonFactory,
) -> None:
    anna, bas, room = await together(person)

    await anna.say_in_clear(room, "onversleuteld")

    assert not (await bas.reads("onversleuteld")).encrypted


async def test_a_device_that_appears_later_reads_the_next_message(person: PersonFactory) -> None:
    anna, bas, room = await together(person)
    await anna.say(room, "eerste")
    await bas.reads("eerste")

    phone = await person.at_another_device(bas, signed_by=bas)
    await anna.say(room, "tweede")

    assert (await phone.reads("tweede", room)).encrypted


async def test_a_member_who_joins_later_reads_the_next_message(person: PersonFactory) -> None:
    anna, _, room = await together(person)
    await anna.say(room, "eerste")

    cas = await person("cas")
    await anna.invite(room, cas.user_id)
    await cas.room_named("Werkplaats")
    await anna.say(room, "tweede")

    await cas.reads("tweede", room)


async def test_edits_reactions_and_redactions_are_seen(person: PersonFactory) -> None:
    anna, bas, room = await together(person)
    said = await anna.say(room, "veertig")
    await bas.reads("veertig")

    await anna.edit(room, said, "vijftig")
    await bas.reads(lambda event: event.edits == said)
    await bas.react(room, said, "✅")
    reaction = await anna.reads(lambda event: event.reacts_to == said)
    assert (reaction.key, reaction.encrypted) == ("✅", False)
    assert bas.latest_text(room) == "vijftig"

    await anna.redact(room, said)
    await bas.reads(lambda event: event.type == "m.room.redaction")
    assert bas.text_of(said) is None


async def test_later_messages_can_be_told_from_earlier_ones(person: PersonFactory) -> None:
    anna, bas, room = await together(person)
    await anna.say(room, "ronde 1")
    first = await bas.reads(re.compile(r"ronde \d"))

    await anna.say(room, "ronde 2")

    assert (await bas.reads(re.compile(r"ronde \d"), room, after=first)).body == "ronde 2"


async def test_a_person_who_returns_reads_old_and_new_messages(person: PersonFactory) -> None:
    anna, bas, room = await together(person)
    await anna.say(room, "voor de sluiting")
    await bas.reads("voor de sluiting")
    await bas.leave()
    await anna.say(room, "tijdens de sluiting")

    bas = await person.returned(bas)
    await anna.say(room, "na de sluiting")

    for words in ("voor", "tijdens", "na"):
        await bas.reads(f"{words} de sluiting", room)
    assert bas.unreadable == []


async def test_an_identity_signs_its_devices_and_can_be_replaced(person: PersonFactory) -> None:
    anna = await person("anna")
    assert anna.identity is not None
    first = anna.identity.master_key

    await anna.reset_identity()

    known = await anna.call("POST", "/keys/query", {"device_keys": {anna.user_id: []}})
    master = known["master_keys"][anna.user_id]["keys"]
    self_signing = known["self_signing_keys"][anna.user_id]["keys"]
    device = known["device_keys"][anna.user_id][anna.device.device_id]
    assert list(master.values()) == [anna.identity.master_key] != [first]
    assert set(self_signing) & set(device["signatures"][anna.user_id])


async def test_an_invitation_waits_for_someone_who_does_not_accept_by_themselves(
    person: PersonFactory,
) -> None:
    anna, bas = await person("anna"), await person("bas", accept_invites=False)
    room = await anna.create_dm(bas.user_id)

    assert await bas.invited_to() == room
    await bas.join(room)
    await anna.sees_in(room, bas.user_id)


async def test_who_waits_in_vain_is_told_what_was_seen_instead(person: PersonFactory) -> None:
    anna, bas, room = await together(person)
    await anna.say(room, "iets anders")
    await bas.reads("iets anders")

    with pytest.raises(NotSeenError, match="iets anders"):
        await bas.reads("dit niet", room, timeout=0.1)


async def test_people_go_on_after_the_homeserver_was_killed(tmp_path: Path) -> None:
    homeserver = Synapse(tmp_path / "synapse")
    await homeserver.start()
    anna = await Person.arrive(homeserver, "anna", "a", tmp_path / "anna")
    bas = await Person.arrive(homeserver, "bas", "b", tmp_path / "bas")
    try:
        room = await anna.create_room("Werkplaats", invite=[bas.user_id])
        await anna.sees_in(room, bas.user_id)
        await homeserver.kill()
        said = asyncio.create_task(anna.say(room, "er weer"))
        await homeserver.start()
        await said
        await bas.reads("er weer", room)
    finally:
        await anna.leave()
        await bas.leave()
        await homeserver.stop()


async def test_nothing_is_left_running_after_stop(tmp_path: Path) -> None:
    homeserver, database = Synapse(tmp_path / "synapse"), Postgres(tmp_path / "pg")
    await asyncio.gather(homeserver.start(), database.start())
    pids = (homeserver.pid, database.pid)

    await asyncio.gather(homeserver.stop(), database.stop())

    assert [pid for pid in pids if pid is None or is_running(pid)] == []
    assert not database.directory.exists()


async def test_the_homeserver_dies_with_a_run_that_is_killed(tmp_path: Path) -> None:
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _RUN, str(tmp_path / "synapse"), stdout=asyncio.subprocess.PIPE
    )
    assert run.stdout is not None
    homeserver = int(await run.stdout.readline())

    run.kill()
    await run.wait()

    async with asyncio.timeout(10):
        while is_running(homeserver):  # noqa: ASYNC110 (a foreign process sets no event)
            await asyncio.sleep(0.05)


_RUN = """
import asyncio, pathlib, sys
from tests.harness.synapse import Synapse

async def run():
    homeserver = Synapse(pathlib.Path(sys.argv[1]))
    await homeserver.start()
    print(homeserver.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(run())
"""


async def test_the_homeserver_knows_the_service_of_a_lease(lease: AppserviceLease) -> None:
    url = f"{lease.homeserver}/_matrix/client/v3/account/whoami"
    headers = {"Authorization": f"Bearer {lease.as_token}"}

    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as answer:
        known_as = (await answer.json())["user_id"]

    assert known_as == f"@{lease.bot_localpart}_as:{lease.server_name}"


async def test_a_homeserver_that_cannot_start_says_why(tmp_path: Path) -> None:
    homeserver = Synapse(tmp_path, registrations=[tmp_path / "missing.yaml"])

    with pytest.raises(ProcessFailedError, match=r"missing\.yaml"):
        await homeserver.start()


async def test_each_database_is_empty_and_its_own(postgres: Postgres) -> None:
    first, second = await postgres.fresh_database(), await postgres.fresh_database()

    assert first != second
    connection = await asyncpg.connect(first.replace("+asyncpg", ""))
    assert await connection.fetchval("SELECT count(*) FROM pg_stat_user_tables") == 0
    await connection.close()


def test_no_port_is_handed_out_twice() -> None:
    other_run = Ports()
    handed_out = [free_port(), free_port(), other_run.free(), other_run.free()]
    other_run.give_back()

    assert len(set(handed_out)) == len(handed_out)
