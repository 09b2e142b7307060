"""Who may decide on a report, where and by what; everything else decides nothing."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.conftest import PersonFactory
from tests.harness.device import HomeserverRefusedError
from tests.harness.messages import reaction_to
from tests.network.guild import Guild, edit_of, refused, reply_to, report, still_waits, word


async def waiting(guild: Guild) -> str:
    """What a moderator reads of the reports that wait; all that came before has been handled."""
    max_ = guild.cast.max
    asked = await max_.say(guild.review, "!open")
    question = await max_.reads(lambda seen: seen.event_id == asked, guild.review)
    answer = await max_.reads(re.compile("sinds|Er wacht niets"), guild.review, after=question)
    return answer.body


class TestAnApprovalCountsOnly:
    async def test_from_a_moderator_and_not_from_a_stranger_of_that_name_let_into_the_review_room(
        self, guild: Guild, person: PersonFactory
    ) -> None:
        stranger, mia = await person("stranger"), guild.cast.mia
        name = await mia.call("GET", f"/profile/{mia.user_id}/displayname")
        await stranger.call("PUT", f"/profile/{stranger.user_id}/displayname", name)
        sent = await guild.submitted()
        # They would be put out at once; so they come while nobody looks.
        await guild.network.stop()
        await guild.network.ask(
            "POST", "rooms", guild.review, "invite", body={"user_id": stranger.user_id}
        )
        room = await guild.network.review(stranger)
        await stranger.react(room, sent.card.event_id, "✅")
        await stranger.say(room, f"!ok #{sent.number}")
        await guild.network.start()
        await stranger.removed_from(room)

        await still_waits(guild, sent)

    async def test_in_the_review_room_and_not_in_any_other(self, guild: Guild) -> None:
        # Olga moderates, and is in these rooms as a member. Her own homeserver refuses to relate
        # events over rooms; another one need not, and sends whatever it likes.
        sent = await guild.submitted()
        for room in (guild.olga_private, guild.alerts, guild.alerts_elsewhere, guild.police):
            await guild.network.delivered(
                guild.cast.olga.user_id, room, "m.reaction", reaction_to(sent.card.event_id, "✅")
            )

        await still_waits(guild, sent)

    async def test_in_the_review_room_and_not_typed_in_a_room_of_ones_own(
        self, guild: Guild
    ) -> None:
        sent = await guild.submitted()

        said = await guild.cast.olga.say(guild.olga_private, f"!ok #{sent.number}")
        answer = await guild.cast.olga.reads(reply_to(said), guild.olga_private)

        assert "Ik ken !ok hier niet" in answer.body
        await still_waits(guild, sent)

    async def test_in_the_review_room_and_not_typed_in_one_that_a_moderator_made(
        self, guild: Guild
    ) -> None:
        sent = await guild.submitted()
        mia = guild.cast.mia
        room = await mia.create_room("Beoordeling", invite=[guild.network.bot])
        await mia.sees_in(room, guild.network.bot)

        await mia.say(room, f"!ok #{sent.number}")

        await still_waits(guild, sent)

    async def test_on_the_card_and_not_on_an_alert(self, guild: Guild) -> None:
        earlier, sent = await guild.published(), await guild.submitted()
        alert = await guild.cast.olga.reads(earlier.word, guild.alerts)

        await guild.cast.olga.react(guild.alerts, alert.event_id, "✅")

        await still_waits(guild, sent)

    async def test_on_the_card_and_not_on_another_message(self, guild: Guild) -> None:
        sent = await guild.submitted()
        remark = await guild.cast.mia.say(guild.review, f"wat vinden we van #{sent.number}?")

        await guild.cast.mia.react(guild.review, remark, "✅")

        await still_waits(guild, sent)

    async def test_on_the_card_and_not_on_what_the_bot_said_beside_it(self, guild: Guild) -> None:
        sent = await guild.submitted()
        answer = await refused(guild, guild.cast.mia, f"!nee #{sent.number}", "reden")

        await guild.cast.mia.react(guild.review, answer.event_id, "✅")

        await still_waits(guild, sent)

    async def test_on_the_card_and_not_on_an_edit_of_another(self, guild: Guild) -> None:
        earlier, sent = await guild.submitted(), await guild.submitted()
        await guild.cast.mia.react(guild.review, earlier.card.event_id, "❌")
        edit = await guild.cast.mia.reads(edit_of(earlier.card), guild.review)

        await guild.cast.mia.react(guild.review, edit.event_id, "✅")

        await still_waits(guild, sent)
        assert guild.heard(earlier.word, but_in=(guild.anna_private, guild.review)) == []

    async def test_by_its_own_sign(self, guild: Guild) -> None:
        sent = await guild.submitted()

        for key in ("👍", "✔️", "ok", "", "✅✅", "x" * 200):
            await guild.cast.mia.react(guild.review, sent.card.event_id, key)

        await still_waits(guild, sent)

    async def test_from_another_person_than_the_reporter(self, guild: Guild) -> None:
        olga, own = guild.cast.olga, word()
        await olga.say(guild.olga_private, report(own))
        await olga.reads("Klopt het?", guild.olga_private)
        sent = await guild.send(olga, guild.olga_private, own)

        await olga.react(guild.review, sent.card.event_id, "✅")
        told = await olga.reads(f"#{sent.number} is je eigen melding", guild.review)
        await refused(guild, olga, f"!ok #{sent.number}", "je eigen melding")
        await refused(guild, olga, f"!nee #{sent.number} daarom", "je eigen melding")

        assert told.mentions == {"user_ids": [olga.user_id]}
        await still_waits(guild, sent)

    async def test_typed_anew_and_not_by_an_edit(self, guild: Guild) -> None:
        sent = await guild.submitted()
        remark = await guild.cast.mia.say(guild.review, "een ogenblik")

        await guild.cast.mia.edit(guild.review, remark, f"!ok #{sent.number}")

        await guild.cast.mia.reads("Een bewerkt bericht lees ik niet", guild.review)
        await still_waits(guild, sent)

    async def test_typed_encrypted_and_not_in_clear(self, guild: Guild) -> None:
        sent, mia = await guild.submitted(), guild.cast.mia

        said = await mia.say_in_clear(guild.review, f"!ok #{sent.number}")

        await mia.reads("was niet versleuteld", guild.review)
        await mia.until(lambda: mia.text_of(said) is None or None, "to see it removed")
        await still_waits(guild, sent)

    async def test_typed_on_a_verified_device(self, guild: Guild, person: PersonFactory) -> None:
        sent = await guild.submitted()
        laptop = await person.at_another_device(guild.cast.mia)

        await laptop.say(guild.review, f"!ok #{sent.number}")

        await guild.cast.mia.reads("Dit apparaat is niet geverifieerd", guild.review)
        await still_waits(guild, sent)

    async def test_typed_as_a_command_of_its_own_and_not_within_a_sentence(
        self, guild: Guild
    ) -> None:
        sent = await guild.submitted()

        await guild.cast.mia.say(guild.review, f"zal ik !ok #{sent.number} typen?")

        await still_waits(guild, sent)


class TestTwoModeratorsAtOnce:
    async def test_the_first_wins_and_the_second_is_told_who_decided(self, guild: Guild) -> None:
        sent = await guild.submitted()
        mia, max_ = guild.cast.mia, guild.cast.max

        await asyncio.gather(
            mia.react(guild.review, sent.card.event_id, "✅"),
            max_.react(guild.review, sent.card.event_id, "❌"),
        )
        told = await mia.reads(f"#{sent.number} is al beslist", guild.review)
        edited = await mia.reads(edit_of(sent.card), guild.review)
        await guild.quiet()

        approved = "Gedeeld door" in edited.body
        first, second = (mia, max_) if approved else (max_, mia)
        assert f"door {first.user_id}" in told.body
        assert told.mentions == {"user_ids": [second.user_id]}
        assert f"door {first.user_id}" in edited.body
        assert len(guild.said_in(guild.cast.bas, guild.alerts, sent.word)) == int(approved)

    async def test_what_was_published_stays_published_once(self, guild: Guild) -> None:
        sent, max_ = await guild.published(), guild.cast.max

        await refused(guild, max_, f"!ok #{sent.number}", "al beslist: gedeeld")
        await refused(guild, max_, f"!nee #{sent.number} toch niet", "al beslist: gedeeld")
        await guild.quiet()

        assert len(guild.said_in(guild.cast.bas, guild.alerts, sent.word)) == 1

    async def test_a_reason_is_given_by_who_rejected_and_once(self, guild: Guild) -> None:
        sent = await guild.submitted()
        await guild.cast.mia.react(guild.review, sent.card.event_id, "❌")
        await guild.cast.mia.reads(edit_of(sent.card), guild.review)

        await refused(guild, guild.cast.max, f"!nee #{sent.number} ik ook", "al beslist")
        await guild.cast.mia.say(guild.review, f"!nee #{sent.number} reden {sent.word}")
        await guild.cast.anna.reads(f"reden {sent.word}", guild.anna_private)

        await refused(guild, guild.cast.mia, f"!nee #{sent.number} nog een", "al beslist")


class TestWhatCannotBeDone:
    async def test_an_unknown_number(self, guild: Guild) -> None:
        await refused(guild, guild.cast.mia, "!ok #987654", "Er is geen melding #987654")

    async def test_no_number(self, guild: Guild) -> None:
        for typed in ("!ok", "!ok alles", "!nee", "!ok #"):
            await refused(guild, guild.cast.mia, typed, "Welke melding?")

    async def test_no_reason(self, guild: Guild) -> None:
        sent = await guild.submitted()
        await refused(guild, guild.cast.mia, f"!nee #{sent.number}", "Zet de reden erbij")
        await still_waits(guild, sent)

    async def test_a_reason_longer_than_a_phone_shows(self, guild: Guild) -> None:
        sent = await guild.submitted()
        await refused(guild, guild.cast.mia, f"!nee #{sent.number} " + "x" * 501, "500 tekens")
        await still_waits(guild, sent)

    async def test_an_unknown_region_names_the_nearest_and_shares_nothing(
        self, guild: Guild
    ) -> None:
        sent = await guild.submitted()
        await refused(guild, guild.cast.mia, f"!ok #{sent.number} amsterdm", "Bedoel je amsterdam?")
        await still_waits(guild, sent)

    async def test_police_where_there_is_no_liaison(self, guild: Guild) -> None:
        sent = await guild.submitted()
        await refused(
            guild, guild.cast.mia, f"!ok #{sent.number} amsterdam +politie", "geen politiekamer"
        )
        await still_waits(guild, sent)

    async def test_a_draft_of_somebody(self, guild: Guild) -> None:
        anna, own = guild.cast.anna, word()
        await anna.say(guild.anna_private, report(own))
        await anna.reads(own, guild.anna_private)
        listed = await waiting(guild)
        await guild.thrown_away()
        await guild.quiet()

        assert own not in listed
        assert guild.heard(own, but_in=(guild.anna_private,)) == []


class TestTheLiaison:
    async def test_has_none_of_a_moderators_words(self, guild: Guild) -> None:
        sent, piet = await guild.submitted(), guild.cast.piet

        for typed in (f"!ok #{sent.number}", f"!nee #{sent.number} reden", "!dossier", "!mijn"):
            said = await piet.say(guild.police, typed)
            assert "hier niet" in (await piet.reads(reply_to(said), guild.police)).body

        await still_waits(guild, sent)

    async def test_talks_with_colleagues_without_being_answered(self, guild: Guild) -> None:
        piet, own = guild.cast.piet, word()
        await piet.say(guild.police, f"gezien, {own}")
        await piet.say(guild.police, "!help")
        answer = await piet.reads(
            lambda seen: seen.sender == guild.network.bot,
            guild.police,
            after=await piet.reads(own, guild.police),
        )

        assert "Dit kun je hier doen" in answer.body


async def test_a_member_cannot_post_in_the_alert_room(guild: Guild) -> None:
    for post in (guild.cast.anna.say, guild.cast.anna.say_in_clear):
        with pytest.raises(HomeserverRefusedError):
            await post(guild.alerts, "te koop: gouden ring")


async def test_a_member_may_react_to_an_alert_and_take_that_back(guild: Guild) -> None:
    sent, anna = await guild.published(), guild.cast.anna
    alert = await anna.reads(sent.word, guild.alerts)

    tapped = await anna.react(guild.alerts, alert.event_id, "👍")
    await guild.cast.bas.reads(lambda seen: seen.event_id == tapped, guild.alerts)
    await anna.redact(guild.alerts, tapped)

    await guild.cast.bas.reads(
        lambda seen: seen.type == "m.room.redaction" and seen.content.get("redacts") == tapped,
        guild.alerts,
    )
