"""The service on a real homeserver, with real members: what goes in, what comes out."""

from __future__ import annotations

from appservice.events import Message, Reaction, Redaction
from tests.appservice.conftest import ServiceFactory
from tests.appservice.network import EVERYONE, SPACE
from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease
from tests.harness.synapse import Synapse


async def test_an_encrypted_message_reaches_the_network_decrypted(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna)

    event_id = await anna.say(here.everyone, "goedemorgen")

    heard = await here.network.hears("goedemorgen")
    assert (heard.event_id, heard.sender) == (event_id, anna.user_id)
    assert heard.secrecy.encrypted
    assert heard.secrecy.device_signed


async def test_a_message_in_clear_is_told_from_an_encrypted_one(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna)

    await anna.say_in_clear(here.everyone, "onversleuteld")

    assert not (await here.network.hears("onversleuteld")).secrecy.encrypted


async def test_every_member_reads_what_the_network_says(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna, bas = await person("anna"), await person("bas")
    here = await service.together(lease, anna, bas)

    await anna.say(here.everyone, "goedemorgen")

    for reader in (anna, bas):
        echo = await reader.reads("echo: goedemorgen", here.everyone)
        assert (echo.sender, echo.encrypted, reader.unreadable) == (here.bot, True, [])


async def test_a_reaction_names_the_message_it_is_to(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna)
    await anna.say(here.direct[0], "notice brand")
    notice = await anna.reads("brand", here.reactions)

    await anna.react(here.reactions, notice.event_id, "✅")

    reaction = await here.network.sees(Reaction)
    assert (reaction.target_name, reaction.key) == ("notice/brand", "✅")


async def test_a_message_is_edited_by_the_name_it_was_given(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna)
    await anna.say(here.direct[0], "notice brand")
    notice = await anna.reads("brand", here.reactions)

    await anna.react(here.reactions, notice.event_id, "✅")

    edit = await anna.reads(lambda event: event.edits == notice.event_id)
    assert (edit.encrypted, anna.text_of(notice.event_id)) == (True, "brand (✅)")


async def test_a_members_edit_names_the_message_it_replaces(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna)
    said = await anna.say(here.direct[0], "veertig")

    await anna.edit(here.direct[0], said, "vijftig")

    assert (await here.network.hears("vijftig")).replaces == said


async def test_a_redaction_names_what_was_taken_back(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna)
    said = await anna.say(here.direct[0], "vergissing")

    await anna.redact(here.direct[0], said)

    assert (await here.network.sees(Redaction)).redacts == said


async def test_one_mistake_in_the_network_costs_one_event_and_no_more(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna)
    here.network.fails_on = "struikelblok"

    await anna.say(here.everyone, "struikelblok")
    await anna.say(here.everyone, "wat erna komt")

    await here.network.hears("wat erna komt")
    assert here.network.messages() == ["wat erna komt"]


async def test_what_is_said_in_a_strangers_room_is_not_read(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    running = await service(lease, [])
    stranger = await person("stranger")
    room = await stranger.create_room("Val", invite=[running.bot])
    await running.ask("POST", "rooms", room, "join", body={})
    await stranger.sees_in(room, running.bot)

    event_id = await stranger.say(room, "lees dit")

    message = await running.network.sees(Message, lambda m: m.event_id == event_id)
    assert (message.body, message.secrecy.encrypted) == ("", True)


async def test_the_homeservers_database_never_holds_what_was_said(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory, synapse: Synapse
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna)

    await anna.say(here.everyone, "zilveren-kandelaar-4711")
    await anna.reads("echo: zilveren-kandelaar-4711")

    stored = b"".join(path.read_bytes() for path in synapse.directory.glob("homeserver.db*"))
    assert here.everyone.encode() in stored, "the search would not find anything"
    assert b"zilveren-kandelaar-4711" not in stored


async def test_rooms_stand_in_the_space(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna)

    children = await here.running.ask(
        "GET", "rooms", await here.running.room(SPACE), "state", "m.space.child", here.everyone
    )

    assert children["via"] == [lease.server_name]


async def test_an_own_room_is_a_direct_chat_in_the_members_client(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna = await person("anna", accept_invites=False)
    running = await service(lease, [anna])

    room = await anna.invited_to(f"Direct {lease.bot_localpart}")

    invitation = await running.ask("GET", "rooms", room, "state", "m.room.member", anna.user_id)
    assert (invitation["membership"], invitation["is_direct"]) == ("invite", True)


async def test_a_room_is_invite_only_encrypted_and_shows_no_earlier_history(
    service: ServiceFactory, lease: AppserviceLease
) -> None:
    running = await service(lease, [])

    answer = await running.ask("GET", "rooms", await running.room(EVERYONE), "state")

    state = {event["type"]: event["content"] for event in answer["chunk"]}
    assert state["m.room.join_rules"]["join_rule"] == "invite"
    assert state["m.room.history_visibility"]["history_visibility"] == "joined"
    assert state["m.room.encryption"]["algorithm"] == "m.megolm.v1.aes-sha2"
