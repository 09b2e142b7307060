"""Who belongs is decided by the records, and by nothing that happens in a room."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.conftest import PersonFactory
from tests.network.guild import Guild, Sent, answer_to, reply_to, report, word
from tests.network.network import ELSEWHERE, HERE


@pytest_asyncio.fixture(loop_scope="session")
async def as_configured(guild: Guild) -> AsyncIterator[Guild]:
    """The guild, for a test that changes its configuration; changed back in the end."""
    yield guild
    await guild.gather_again()


class TestAStranger:
    async def test_who_invites_the_bot_is_left_alone(
        self, guild: Guild, person: PersonFactory
    ) -> None:
        stranger = await person("stranger")
        room = await stranger.create_dm(guild.network.bot, encrypted=True)

        await stranger.until(
            lambda: guild.network.bot in stranger.rooms.members(room, "leave") or None,
            "to see the bot decline",
        )

        assert guild.network.bot not in stranger.rooms.members(room)

    async def test_is_not_told_anything_in_that_room(
        self, guild: Guild, person: PersonFactory
    ) -> None:
        stranger = await person("stranger")
        room = await stranger.create_dm(guild.network.bot)
        await stranger.say(room, report(word()))
        await stranger.until(
            lambda: guild.network.bot in stranger.rooms.members(room, "leave") or None,
            "to see the bot decline",
        )
        await guild.quiet()

        assert [
            seen
            for seen in stranger.timeline()
            if seen.sender == guild.network.bot and seen.type != "m.room.member"
        ] == []

    async def test_let_into_an_alert_room_is_called_out_and_put_out_and_reads_nothing(
        self, guild: Guild, person: PersonFactory
    ) -> None:
        stranger = await person("stranger")
        await guild.network.ask(
            "POST", "rooms", guild.alerts, "invite", body={"user_id": stranger.user_id}
        )

        await guild.cast.mia.reads(f"{stranger.user_id} hoort niet in", guild.review)
        await stranger.removed_from(guild.alerts)
        sent = await guild.published()

        assert [seen for seen in stranger.timeline() if sent.word in seen.body] == []


class TestAHomeserversAdministrator:
    async def test_who_changes_the_guards_of_a_room_raises_an_alarm_and_is_undone(
        self, guild: Guild, person: PersonFactory
    ) -> None:
        network, bas, stranger = guild.network, guild.cast.bas, await person("stranger")
        state = ("rooms", guild.alerts, "state")
        guards = ("m.room.power_levels", "m.room.join_rules", "m.room.encryption")
        before = [await network.ask("GET", *state, kind) for kind in guards]
        levels, rules, encryption = before

        # Nobody but the bot has the power: its account is what an administrator would use.
        await network.stop()
        await network.ask(
            "PUT", *state, guards[0], body={**levels, "users": {bas.user_id: 100}, "invite": 0}
        )
        await bas.invite(guild.alerts, stranger.user_id)
        await stranger.until(
            lambda: guild.alerts in stranger.rooms.joined or None, "to be in the alert room"
        )
        await network.ask("PUT", *state, guards[1], body={**rules, "join_rule": "public"})
        await network.ask(
            "PUT", *state, guards[2], body={**encryption, "rotation_period_msgs": 10_000}
        )
        await network.start()
        alarm = await guild.cast.mia.reads("Alarm.", guild.review)
        await stranger.removed_from(guild.alerts)
        sent = await guild.published()

        assert str(bas.user_id) in alarm.body
        levels, *others = [await network.ask("GET", *state, kind) for kind in guards]
        assert (levels["users"], levels["invite"], others) == ({}, 100, before[1:])
        assert [seen for seen in stranger.timeline() if sent.word in seen.body] == []


class TestAMemberInARoomOfTheirOwn:
    async def test_that_is_not_encrypted_is_sent_to_the_private_room(self, guild: Guild) -> None:
        cas, own = guild.cast.cas, word()
        room = await cas.create_dm(guild.network.bot)
        await cas.sees_in(room, guild.network.bot)

        await cas.say(room, report(own))
        told = await cas.reads("Hier lees ik geen meldingen", room)
        await cas.say(guild.cas_private, "!verstuur")
        await cas.reads("Er staat geen melding klaar", guild.cas_private)

        assert own not in told.body
        assert guild.heard(own, but_in=(room,)) == []


class TestAMemberWhoLeaves:
    async def test_is_out_of_every_room_and_the_desk_is_told(self, as_configured: Guild) -> None:
        guild, cas = as_configured, as_configured.cast.cas
        space = await guild.network.space(cas)

        await cas.leave_room(guild.alerts_elsewhere)
        note = await guild.cast.mia.reads(f"{cas.user_id} is zelf weggegaan", guild.review)
        for room in (guild.cas_private, space):
            await cas.removed_from(room)

        assert f"!uitnodigen {cas.user_id} {ELSEWHERE}" in note.body


class TestAMemberWhoIsRemoved:
    async def test_is_out_of_every_room_and_hears_nothing_more(self, as_configured: Guild) -> None:
        guild, cas = as_configured, as_configured.cast.cas
        rooms = (guild.cas_private, guild.alerts_elsewhere, await guild.network.space(cas))

        await guild.remove(cas)
        for room in rooms:
            await cas.removed_from(room)
        await guild.cast.mia.reads(f"{cas.user_id} is uit alle kamers", guild.review)
        sent = await shared_with_everyone(guild)

        assert [seen for seen in cas.timeline() if sent.word in str(seen.content)] == []

    async def test_cannot_report(self, as_configured: Guild) -> None:
        guild, cas, own = as_configured, as_configured.cast.cas, word()
        await guild.remove(cas)
        await cas.removed_from(guild.cas_private)

        room = await cas.create_dm(guild.network.bot)
        await cas.say(room, report(own))
        await cas.until(
            lambda: guild.network.bot in cas.rooms.members(room, "leave") or None,
            "to see the bot decline",
        )

        assert guild.heard(own, but_in=(room,)) == []

    async def test_gets_no_key_to_what_is_said_later(self, as_configured: Guild) -> None:
        guild, cas = as_configured, as_configured.cast.cas
        await guild.remove(cas)
        await cas.removed_from(guild.alerts_elsewhere)
        await shared_with_everyone(guild)

        # Back in the room, the homeserver shows what was said meanwhile to nobody new.
        await guild.gather_again()
        sent = await guild.published()

        assert len(guild.said_in(cas, guild.alerts_elsewhere, sent.word)) == 1
        assert cas.unreadable == []


class TestAModeratorWhoIsRemoved:
    async def test_decides_nothing_more(self, as_configured: Guild) -> None:
        guild, max_ = as_configured, as_configured.cast.max
        sent = await guild.submitted()
        await guild.network.stop()
        await guild.cast.mia.say(guild.review, f"!verwijder {max_.user_id}")
        await max_.react(guild.review, sent.card.event_id, "✅")
        await max_.say(guild.review, f"!ok #{sent.number}")
        await guild.network.start()
        await max_.removed_from(guild.review)
        await shared_with_everyone(guild)

        assert guild.said_in(guild.cast.bas, guild.alerts, sent.word) == []


async def test_who_moves_to_another_region_reads_that_regions_alerts(
    as_configured: Guild,
) -> None:
    guild, bas = as_configured, as_configured.cast.bas
    await guild.cast.mia.say(guild.review, f"!uitnodigen {bas.user_id} {ELSEWHERE}")
    await bas.removed_from(guild.alerts)
    await bas.until(lambda: guild.alerts_elsewhere in bas.rooms.joined or None, "to be let in")
    sent = await guild.submitted()
    await guild.cast.mia.say(guild.review, f"!ok #{sent.number} {HERE} {ELSEWHERE}")
    await bas.reads(sent.word, guild.alerts_elsewhere)
    await guild.cast.olga.reads(sent.word, guild.alerts)

    assert guild.said_in(bas, guild.alerts, sent.word) == []


async def test_a_tap_from_a_homeserver_that_is_not_trusted_decides_nothing(
    as_configured: Guild,
) -> None:
    guild, mia = as_configured, as_configured.cast.mia
    await guild.network.restart(reactions={"trusted_homeservers": ["elders.example"]})
    sent = await guild.submitted()

    await mia.react(guild.review, sent.card.event_id, "✅")
    told = await mia.reads("Een reactie vanaf jouw server telt niet", guild.review)
    await mia.say(guild.review, f"!nee #{sent.number} {sent.word}")
    await guild.cast.anna.reads(f"Reden: {sent.word}", guild.anna_private)

    assert told.mentions == {"user_ids": [mia.user_id]}
    assert guild.said_in(guild.cast.bas, guild.alerts, sent.word) == []


class TestAMemberWhoseIdentityChanged:
    async def test_reads_again_once_a_coordinator_accepts_it(self, as_configured: Guild) -> None:
        guild, cas, mia = as_configured, as_configured.cast.cas, as_configured.cast.mia
        await cas.reset_identity()
        call = await mia.reads(f"de identiteit van {cas.user_id}", guild.review)
        unread = await shared_with_everyone(guild)

        await mia.say(guild.review, f"!vertrouw {cas.user_id}")
        await mia.reads(f"De nieuwe identiteit van {cas.user_id} telt", guild.review)
        read = await shared_with_everyone(guild)
        await cas.reads(read.word, guild.alerts_elsewhere)

        assert call.mentions == {"room": True}
        assert guild.said_in(cas, guild.alerts_elsewhere, unread.word) == []


class TestADeviceThatItsOwnerHasNotVerified:
    async def test_gets_no_key_and_its_owner_a_plain_word_in_clear_once(
        self, guild: Guild, person: PersonFactory
    ) -> None:
        anna, room = guild.cast.anna, guild.anna_private
        phone = await person.at_another_device(anna)
        said = await anna.say(room, "!nonsens")
        await anna.reads(reply_to(said), room)

        told = await phone.reads(f"je apparaat {phone.device.device_id}", room)
        await phone.until(lambda: phone.withheld or None, "to be told that a key is withheld")
        await guild.quiet()

        assert not told.encrypted
        assert told.mentions == {"user_ids": [anna.user_id]}
        assert {note.code for note in phone.withheld} == {"m.unverified"}
        words = [seen for seen in anna.timeline() if phone.device.device_id in seen.body]
        assert [seen.room_id for seen in words] == [room]

    async def test_may_report_and_the_moderators_are_told(
        self, guild: Guild, person: PersonFactory
    ) -> None:
        phone, own = await person.at_another_device(guild.cast.anna), word()

        await phone.say(guild.anna_private, report(own))
        await guild.cast.anna.reads(answer_to(guild.network.bot, own), guild.anna_private)
        await phone.say(guild.anna_private, "!verstuur")
        card = await guild.cast.mia.reads(own, guild.review)

        assert "het apparaat van de melder is niet geverifieerd" in card.body


async def shared_with_everyone(guild: Guild) -> Sent:
    """An alert to all regions, read by those who are always there."""
    sent = await guild.submitted()
    await guild.cast.mia.say(guild.review, f"!ok #{sent.number} landelijk +politie")
    await guild.cast.bas.reads(sent.word, guild.alerts)
    await guild.cast.piet.reads(sent.word, guild.police)
    await guild.cast.anna.reads(f"#{sent.number} is gedeeld", guild.anna_private)
    return sent
