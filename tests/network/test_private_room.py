"""What a member types in their private room, and what they are told."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
import pytest_asyncio

from tests.harness.files import opened
from tests.harness.timeline import Seen
from tests.network.guild import Guild, answer_to, reply_to, report, word


@pytest_asyncio.fixture(scope="module", autouse=True, loop_scope="session")
async def nothing_under_way(guild: Guild) -> None:
    """What was said for another module's test is no answer to what is typed in this one's."""
    await guild.quiet()


async def told(guild: Guild, typed: str, *expected: str) -> Seen:
    """What the bot answers Anna, once it holds all that is expected, and nothing before it."""
    anna, room = guild.cast.anna, guild.anna_private
    said = await anna.say(room, typed)
    sent = await anna.reads(lambda seen: seen.event_id == said, room)
    bot = guild.network.bot
    answer = await anna.reads(
        lambda seen: seen.sender == bot and seen.type == "m.room.message", room, after=sent
    )
    assert [part for part in expected if part not in answer.body] == [], answer.body
    return answer


async def test_what_is_stored_about_a_member_is_a_file_that_they_can_open(guild: Guild) -> None:
    anna, room = guild.cast.anna, guild.anna_private
    message = await told(guild, "!inzage", "goudwacht-inzage-")
    seen = await anna.reads(
        lambda seen: seen.content.get("msgtype") == "m.file", room, after=message
    )
    text = (await opened(anna, guild.network.synapse, seen)).decode("utf-8-sig")

    assert anna.user_id in text


class TestAReport:
    async def test_is_dutch_lines_or_english_pairs_alike(self, guild: Guild) -> None:
        own = word()
        lines = await told(
            guild,
            f"!melding overval\nplaats: Utrecht\ntijd: zojuist\ndaders: 2\nmo: ruit in, {own}",
            "OVERVAL",
        )
        await told(guild, "!annuleer", "Weggegooid")
        pairs = await told(
            guild,
            f'!report robbery place=Utrecht time="just now" offenders=two mo="ruit in, {own}"',
        )
        await told(guild, "!cancel", "Weggegooid")

        def without_time(seen: Seen) -> str:
            return re.sub(r"Tijd: .*", "", seen.body)

        assert without_time(pairs) == without_time(lines)

    async def test_with_mistakes_names_the_line_and_the_nearest_word(self, guild: Guild) -> None:
        await told(
            guild,
            "!melding overval\nplaats: Utrecht\ndaaders: 2\nwapen: pistol",
            "regel 3: “daaders”",
            "dit veld ken ik niet. Bedoel je daders",
        )
        await told(guild, "!annuleer", "Weggegooid")

    async def test_keeps_what_was_typed_over_mistakes_and_messages(self, guild: Guild) -> None:
        own = word()
        await told(guild, f"!melding\nplaats: Utrecht\nmo: ruit in, {own}", "Wat is er gebeurd?")
        await told(guild, "!verstuur", "Ik kan het nog niet versturen", "typte is bewaard")
        await told(guild, "soort: overval", "Is het nog aan de gang, of wanneer")
        await told(guild, "!wijzig tijd: zojuist", "OVERVAL, Utrecht", own, "Klopt het?")
        await told(guild, "!annuleer", "Weggegooid")

    async def test_is_changed_by_what_is_typed_later(self, guild: Guild) -> None:
        await told(guild, "!melding overval\nplaats: Utrecht\ntijd: zojuist\ndaders: 2")
        await told(guild, "daders: 3", "Daders: 3")
        answer = await told(guild, "!edit offenders: 4", "Daders: 4")
        assert "Daders: 3" not in answer.body
        await told(guild, "!annuleer", "Weggegooid")

    async def test_is_thrown_away_on_request(self, guild: Guild) -> None:
        own = word()
        await told(guild, report(own), own)
        await told(guild, "!annuleer", "Weggegooid. Er is niets verstuurd")
        await told(guild, "!verstuur", "Er staat geen melding klaar")

    async def test_alone_asks_what_happened_and_says_to_call_112_first(self, guild: Guild) -> None:
        answer = await told(guild, "!melding", "Wat is er gebeurd?", "1. overval")
        await told(guild, "stop", "Weggegooid")

        assert answer.body.startswith("Is het nu aan de gang of net gebeurd? Bel eerst 112.")


class TestADialogue:
    async def test_is_gone_through_by_tapping_typing_and_editing(self, guild: Guild) -> None:
        anna, room, bot = guild.cast.anna, guild.anna_private, guild.network.bot
        asked = await told(guild, "!melding", "Wat is er gebeurd?")
        await anna.react(room, asked.event_id, "2️⃣")
        await anna.reads("Is het nog aan de gang, of wanneer", room, after=asked)
        await told(guild, "net", "In welke plaats?")
        await told(guild, "Utrecht", "INBRAAK, Utrecht", "Klopt het?")
        own = word()
        said = await anna.say(room, f"mo: deur open, {own}")
        first = await anna.reads(answer_to(bot, own), room)
        other = word()
        await anna.edit(room, said, f"mo: ruit in, {other}")
        preview = await anna.reads(answer_to(bot, other), room, after=first)

        await anna.react(room, preview.event_id, "✅")

        card = await guild.cast.mia.reads(other, guild.review)
        await anna.reads(re.compile(r"#\d+ is bij de moderatoren"), room, after=preview)
        assert "INBRAAK, Utrecht" in card.body
        assert own not in card.body


class TestHelp:
    async def test_names_what_this_person_may_do_here_and_nothing_else(self, guild: Guild) -> None:
        answer = await told(guild, "!help", "!melding", "!verstuur", "!status", "!taal")

        assert "!ok" not in answer.body
        assert "!nee" not in answer.body

    async def test_is_offered_to_words_that_are_no_command(self, guild: Guild) -> None:
        await told(guild, "hallo, is daar iemand?", "!melding", "!help", "112")

    async def test_an_unknown_command_is_answered_with_the_nearest_one(self, guild: Guild) -> None:
        await told(guild, "!meldign", "Ik ken !meldign hier niet", "Bedoel je !melding?")

    @pytest.mark.parametrize("typed", ["!ok #1", "!approve #1", "!nee #1 daarom", "!open"])
    async def test_a_moderators_command_is_unknown_to_a_member(
        self, guild: Guild, typed: str
    ) -> None:
        await told(guild, typed, "hier niet")


class TestStatus:
    async def test_of_ones_own_report_tells_how_it_stands(self, guild: Guild) -> None:
        sent = await guild.submitted()
        await told(guild, f"!status #{sent.number}", f"#{sent.number} inbraak, Utrecht: wacht op")

        await guild.cast.mia.say(guild.review, f"!nee #{sent.number} omdat {sent.word}")
        await guild.cast.anna.reads(f"omdat {sent.word}", guild.anna_private)

        await told(guild, f"!status {sent.number}", "afgewezen", f"omdat {sent.word}")

    async def test_of_another_members_report_tells_nothing(self, guild: Guild) -> None:
        sent = await guild.submitted()
        bas, room, bot = guild.cast.bas, guild.bas_private, guild.network.bot
        marker = word()
        await bas.say(room, f"!{marker}")
        before = await bas.reads(answer_to(bot, marker), room)

        await bas.say(room, f"!status #{sent.number}")
        others = await bas.reads(lambda seen: seen.sender == bot, room, after=before)
        await bas.say(room, "!status #987654")
        nobodys = await bas.reads(lambda seen: seen.sender == bot, room, after=others)

        assert others.body == nobodys.body.replace("987654", str(sent.number))

    async def test_mine_lists_ones_own_reports_alone(self, guild: Guild) -> None:
        sent = await guild.submitted()
        own = await told(guild, "!mijn", f"#{sent.number} inbraak")
        assert own.body.startswith(f"- #{sent.number}")

        cas, bot = guild.cast.cas, guild.network.bot
        await cas.say(guild.cas_private, "!mijn")
        await cas.reads(answer_to(bot, "Je hebt nog niets gemeld"), guild.cas_private)


async def test_the_language_is_the_members_choice(guild: Guild) -> None:
    await told(guild, "!taal en", "From now on I speak English with you")
    await told(guild, "!help", "This is what you can do here")
    await told(guild, "!language nederlands", "Ik spreek vanaf nu Nederlands")
    await told(guild, "!taal frans", "!taal nl")


class TestRefused:
    async def test_a_message_in_clear_is_removed_and_not_read(self, guild: Guild) -> None:
        anna, own = guild.cast.anna, word()
        said = await anna.say_in_clear(guild.anna_private, report(own))

        answer = await anna.reads(reply_to(said), guild.anna_private)
        assert "was niet versleuteld" in answer.body
        await anna.until(
            lambda: anna.text_of(said) is None or None, "to see the message in clear removed"
        )
        await told(guild, "!verstuur", "Er staat geen melding klaar")
        assert answer.encrypted

    @pytest.mark.parametrize("msgtype", ["m.image", "m.video", "m.audio", "m.file", "m.location"])
    async def test_a_file_is_removed(self, guild: Guild, msgtype: str) -> None:
        await self.is_removed(
            guild,
            "m.room.message",
            {"msgtype": msgtype, "body": "dader.jpg", "url": "mxc://goudwacht.test/a"},
        )

    async def test_a_voice_message_is_removed(self, guild: Guild) -> None:
        voice = {"msgtype": "m.audio", "body": "voice", "org.matrix.msc3245.voice": {}}
        await self.is_removed(guild, "m.room.message", voice)

    async def test_a_file_with_a_caption_that_reads_like_a_command_is_removed(
        self, guild: Guild
    ) -> None:
        content = {"msgtype": "m.image", "body": "!melding overval", "filename": "dader.jpg"}
        await self.is_removed(guild, "m.room.message", content)
        await told(guild, "!verstuur", "Er staat geen melding klaar")

    async def test_a_sticker_is_removed(self, guild: Guild) -> None:
        await self.is_removed(guild, "m.sticker", {"body": "juwelen", "url": "mxc://a.test/b"})

    async def is_removed(self, guild: Guild, kind: str, content: Mapping[str, object]) -> None:
        anna, room = guild.cast.anna, guild.anna_private
        said = await anna.send_event(room, kind, content)
        sent = await anna.reads(lambda seen: seen.event_id == said, room)
        await anna.reads("bestanden neem ik niet aan", room, after=sent)
        await anna.until(lambda: anna.text_of(said) is None or None, "to see the file removed")

    async def test_an_edited_message_of_a_report_that_was_sent_changes_nothing(
        self, guild: Guild
    ) -> None:
        anna, own = guild.cast.anna, word()
        said = await anna.say(guild.anna_private, report(own, "daders: 2"))
        await anna.reads(answer_to(guild.network.bot, own), guild.anna_private)
        sent = await guild.send(anna, guild.anna_private, own)

        await anna.edit(guild.anna_private, said, report(own, "daders: 3"))
        await anna.reads("Een bewerkt bericht lees ik niet", guild.anna_private)

        assert "Daders: 2" in sent.card.body

    async def test_a_message_of_sixty_kilobytes_is_told_to_be_too_long(self, guild: Guild) -> None:
        await told(guild, "!melding overval\nmo: " + "x" * 40_000, "te lang", "8000")
        await told(guild, "!verstuur", "Er staat geen melding klaar")

    @pytest.mark.parametrize("typed", ["\x01\x02\x1b[31m", "\u202e\u2066", "   ", "!", "!!!"])
    async def test_a_message_of_nothing_legible_is_answered(self, guild: Guild, typed: str) -> None:
        await told(guild, typed, "!help")
