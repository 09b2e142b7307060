"""The service on a real homeserver, with real members: what goes in, what comes out."""

from __future__ import annotations

import pytest

from appservice.events import Message, Reaction, Redaction
from tests.appservice.conftest import ServiceFactory, Together
from tests.appservice.network import SPACE
from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease
from tests.harness.people import Person
from tests.harness.synapse import Synapse


async def test_an_encrypted_message_reaches_the_network_decrypted(
    here: Together, anna: Person
) -> None:
    event_id = await anna.say(here.everyone, "goedemorgen")

    heard = await here.network.hears("goedemorgen")
    assert (heard.event_id, heard.sender) == (event_id, anna.user_id)
    assert heard.secrecy.encrypted
    assert heard.secrecy.device_signed


async def test_a_message_in_clear_is_told_from_an_encrypted_one(
    here: Together, anna: Person
) -> None:
    await anna.say_in_clear(here.everyone, "onversleuteld")

    assert not (await here.network.hears("onversleuteld")).secrecy.encrypted


async def test_every_member_reads_what_the_network_says(
    here: Together, anna: Person, person: PersonFactory
) -> None:
    bas = await person("bas")
    await here.welcome(bas)

    await anna.say(here.everyone, "allemaal")

    for reader in (anna, bas):
        echo = await reader.reads("echo: allemaal", here.everyone)
        assert (echo.sender, echo.encrypted, reader.unreadable) == (here.bot, True, [])


async def test_a_reaction_names_the_message_it_is_to(here: Together, anna: Person) -> None:
    await anna.say(here.direct[0], "notice brand")
    notice = await anna.reads("brand", here.reactions)

    event_id = await anna.react(here.reactions, notice.event_id, "✅")

    reaction = await here.network.sees(Reaction, lambda event: event.event_id == event_id)
    assert (reaction.target_name, reaction.key) == ("notice/brand", "✅")


async def test_a_message_is_edited_by_the_name_it_was_given(here: Together, anna: Person) -> None:
    await anna.say(here.direct[0], "notice rook")
    notice = await anna.reads("rook", here.reactions)

    await anna.react(here.reactions, notice.event_id, "✅")

    edit = await anna.reads(lambda event: event.edits == notice.event_id)
    assert (edit.encrypted, anna.text_of(notice.event_id)) == (True, "rook (✅)")


async def test_a_members_edit_names_the_message_it_replaces(here: Together, anna: Person) -> None:
    said = await anna.say(here.direct[0], "veertig")

    await anna.edit(here.direct[0], said, "vijftig")

    assert (await here.network.hears("vijftig")).replaces == said


async def test_a_redaction_names_what_was_taken_back(here: Together, anna: Person) -> None:
    said = await anna.say(here.direct[0], "vergissing")

    await anna.redact(here.direct[0], said)

    await here.network.sees(Redaction, lambda event: event.redacts == said)


async def test_one_mistake_in_the_network_costs_one_event_and_no_more(
    here: Together, anna: Person
) -> None:
    here.network.fails_on = "struikelblok"

    await anna.say(here.everyone, "struikelblok")
    await anna.say(here.everyone, "wat erna komt")

    await here.network.hears("wat erna komt")
    assert "struikelblok" not in here.network.messages()


async def test_what_is_said_in_a_strangers_room_is_not_read(
    here: Together, person: PersonFactory
) -> None:
    stranger = await person("stranger")
    room = await stranger.create_room("Val", invite=[here.bot])
    await here.running.ask("POST", "rooms", room, "join", body={})
    await stranger.sees_in(room, here.bot)

    event_id = await stranger.say(room, "lees dit")

    message = await here.network.sees(Message, lambda event: event.event_id == event_id)
    assert (message.body, message.secrecy.encrypted) == ("", True)


async def test_the_homeservers_database_never_holds_what_was_said(
    here: Together, anna: Person, synapse: Synapse
) -> None:
    await anna.say(here.everyone, "zilveren-kandelaar-4711")
    await anna.reads("echo: zilveren-kandelaar-4711")

    stored = b"".join(path.read_bytes() for path in synapse.directory.glob("homeserver.db*"))
    assert here.everyone.encode() in stored, "the search would not find anything"
    assert b"zilveren-kandelaar-4711" not in stored


@pytest.mark.usefixtures("sqlite_only")
async def test_the_services_own_database_never_holds_what_was_said(
    here: Together, anna: Person
) -> None:
    await anna.say(here.everyone, "gouden-lepel-1813")
    await anna.reads("echo: gouden-lepel-1813")

    stored = b"".join(path.read_bytes() for path in here.running.database_files())
    assert here.everyone.encode() in stored, "the search would not find anything"
    assert b"gouden-lepel-1813" not in stored


async def test_nothing_is_handled_twice(here: Together) -> None:
    seen = [event.event_id for event in here.network.seen]

    assert len(seen) == len(set(seen))


async def test_rooms_stand_in_the_space(here: Together, synapse: Synapse) -> None:
    child = await here.running.ask(
        "GET",
        *("rooms", await here.running.room(SPACE), "state", "m.space.child", here.everyone),
    )

    assert child["via"] == [synapse.server_name]


async def test_an_own_room_is_a_direct_chat_in_the_members_client(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna", accept_invites=False)
    running = await service(lease, [anna])

    room = await anna.invited_to(f"Direct {lease.bot_localpart}")

    invitation = await running.ask("GET", "rooms", room, "state", "m.room.member", anna.user_id)
    assert (invitation["membership"], invitation["is_direct"]) == ("invite", True)


async def test_a_room_is_invite_only_encrypted_and_shows_no_earlier_history(
    here: Together,
) -> None:
    answer = await here.running.ask("GET", "rooms", here.everyone, "state")

    state = {event["type"]: event["content"] for event in answer["chunk"]}
    assert state["m.room.join_rules"]["join_rule"] == "invite"
    assert state["m.room.history_visibility"]["history_visibility"] == "joined"
    assert state["m.room.encryption"]["algorithm"] == "m.megolm.v1.aes-sha2"
