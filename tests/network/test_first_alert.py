"""From a report to an alert: what each person types, and what each of them then reads."""

from __future__ import annotations

from tests.network.guild import SHOP, Guild, Sent, answer_to, edit_of, number_in, word
from tests.network.network import ELSEWHERE, HERE

POLICE = "police"

EVERY_FIELD = (
    "!melding poging overval",
    "plaats: Utrecht, Steenweg 12",
    "straat delen: nee",
    "tijd: zojuist",
    "daders: 2-3",
    "kenmerken: lang, donkere jas",
    "mo: als klant binnen, vitrine ingeslagen met een moker, {word}",
    "wapen: mes",
    "letsel: nee",
    "buit: luxe horloges, Zenith El Primero",
    "vlucht: scooter, richting station",
    "preventie: mistgordijn",
    "beeld: ja",
    "112: ja",
    "aangifte: ja, PL0900-2026123456",
)

FOR_MEMBERS = (
    "OVERVAL, Utrecht",
    "Tijd:",
    "Daders: 2–3",
    "Kenmerken: lang, donkere jas",
    "Mo: als klant binnen, vitrine ingeslagen met een moker",
    "Tags: als klant, vitrine ingeslagen, moker, scooter",
    "Wapen: steekwapen",
    "Buit: luxe horloges, Zenith El Primero",
    "Vlucht: scooter, richting station",
    "Preventie: mistgordijn",
)

FOR_POLICE = (*FOR_MEMBERS, "Letsel: nee", "Beeld: ja", "112: ja")

FOR_MODERATORS = (
    "Straat: Steenweg 12",
    *("Straat delen: nee", *FOR_POLICE),
    *("Aangifte: ja", "Aangiftenummer: PL0900-2026123456"),
)

UNSHARED = ("Steenweg", "PL0900", "Aangifte")


async def every_field_sent(guild: Guild) -> Sent:
    own = word()
    await guild.cast.anna.say(guild.anna_private, "\n".join(EVERY_FIELD).format(word=own))
    await guild.cast.anna.reads("Klopt het?", guild.anna_private)
    return await guild.send(guild.cast.anna, guild.anna_private, own)


def lacking(body: str, wanted: tuple[str, ...]) -> list[str]:
    # A card's heading has the number before the type.
    return [part for part in wanted if part.casefold() not in body.casefold()]


class TestTheReporter:
    async def test_is_shown_what_others_would_read_before_it_is_sent(self, guild: Guild) -> None:
        own = word()
        await guild.cast.anna.say(guild.anna_private, "\n".join(EVERY_FIELD).format(word=own))
        preview = await guild.cast.anna.reads(answer_to(guild.network.bot, own), guild.anna_private)

        others, _, rest = preview.body.partition("Moderatoren zien ook, en de politie")
        police, _, moderators = rest.partition("Alleen de moderatoren zien ook:")
        assert lacking(others, FOR_MEMBERS) == []
        assert [part for part in UNSHARED if part in others] == []
        assert lacking(police, ("Beeld: ja",)) == []
        assert lacking(moderators, ("Straat: Steenweg 12", "PL0900")) == []
        await guild.thrown_away()

    async def test_gets_the_number_that_the_card_has(self, guild: Guild) -> None:
        sent = await guild.submitted()

        told = await guild.cast.anna.reads(
            f"#{sent.number} is bij de moderatoren", guild.anna_private
        )

        assert told.encrypted

    async def test_reads_with_whom_it_was_shared(self, guild: Guild) -> None:
        sent = await guild.published()

        told = await guild.cast.anna.reads(f"#{sent.number} is gedeeld", guild.anna_private)

        assert "met de leden in Midden-Nederland, Amsterdam, en met de politie" in told.body


class TestTheCard:
    async def test_has_every_field(self, guild: Guild) -> None:
        sent = await every_field_sent(guild)

        # Type, place and whether it stayed an attempt are its heading.
        heading = ("OVERVAL", "Soort", "Plaats", "Poging")
        wanted = [part for part in FOR_MODERATORS if not part.startswith(heading)]
        assert lacking(sent.card.body, tuple(wanted)) == []
        assert f"#{sent.number} OVERVAL, Utrecht" in sent.card.body

    async def test_names_the_reporter_and_the_shop_to_the_moderators(self, guild: Guild) -> None:
        sent = await guild.submitted()

        assert guild.cast.anna.user_id in sent.card.body
        assert SHOP in sent.card.body

    async def test_pushes_every_moderator(self, guild: Guild) -> None:
        sent = await guild.submitted()

        assert sent.card.mentions == {"room": True}

    async def test_offers_the_answers_to_be_tapped(self, guild: Guild) -> None:
        sent = await guild.submitted()

        for key in ("✅", "👮", "❌"):
            await guild.cast.mia.reads(
                lambda seen, key=key: (  # type: ignore[misc]
                    seen.reacts_to == sent.card.event_id and seen.key == key
                ),
                guild.review,
            )

    async def test_says_who_decided(self, guild: Guild) -> None:
        sent = await guild.submitted()
        await guild.cast.max.react(guild.review, sent.card.event_id, "✅")

        edited = await guild.cast.mia.reads(edit_of(sent.card), guild.review)

        assert f"Gedeeld door {guild.cast.max.user_id}" in edited.body
        assert "✅ delen" not in edited.body

    async def test_keeps_its_fields_when_it_is_edited(self, guild: Guild) -> None:
        sent = await every_field_sent(guild)
        await guild.cast.mia.react(guild.review, sent.card.event_id, "❌")

        edited = await guild.cast.max.reads(edit_of(sent.card), guild.review)

        assert lacking(edited.body, ("Steenweg 12", "PL0900", sent.word)) == []


class TestAnApprovedReport:
    async def test_is_read_once_by_whom_the_moderator_chose(self, guild: Guild) -> None:
        # Every way to choose: tests/unit/test_ways_to_approve.py.
        chosen = {
            "✅\ufe0f": (HERE,),
            "👮": (HERE, POLICE),
            "!ok #{number} Amsterdam": (ELSEWHERE,),
            "!ok #{number} +buren": (HERE, ELSEWHERE),
        }
        shared = {}
        for answer in chosen:
            sent = shared[answer] = await guild.submitted()
            if answer.startswith("!"):
                await guild.cast.mia.say(guild.review, answer.format(number=sent.number))
            else:
                await guild.cast.mia.react(guild.review, sent.card.event_id, answer)
        await guild.quiet()

        rooms = {
            HERE: (guild.cast.bas, guild.alerts),
            ELSEWHERE: (guild.cast.cas, guild.alerts_elsewhere),
            POLICE: (guild.cast.piet, guild.police),
        }
        read = {
            answer: {
                place: len(guild.said_in(who, room, sent.word))
                for place, (who, room) in rooms.items()
            }
            for answer, sent in shared.items()
        }
        assert read == {
            answer: {place: int(place in places) for place in rooms}
            for answer, places in chosen.items()
        }

    async def test_is_told_to_members_and_police_as_far_as_each_may_know(
        self, guild: Guild
    ) -> None:
        sent = await every_field_sent(guild)
        await guild.cast.mia.react(guild.review, sent.card.event_id, "👮")

        alert = await guild.cast.bas.reads(sent.word, guild.alerts)
        relayed = await guild.cast.piet.reads(sent.word, guild.police)

        assert lacking(alert.body, FOR_MEMBERS) == []
        assert lacking(relayed.body, FOR_POLICE) == []
        for unshared in (*UNSHARED, "Letsel", "Beeld"):
            assert unshared not in str(alert.content)
        for unshared in UNSHARED:
            assert unshared not in str(relayed.content)

    async def test_is_a_push_with_a_plain_and_an_html_body(self, guild: Guild) -> None:
        sent = await guild.published()

        alert = await guild.cast.bas.reads(sent.word, guild.alerts)

        assert alert.encrypted
        assert alert.mentions == {"room": True}
        assert alert.content["format"] == "org.matrix.custom.html"
        assert alert.html is not None
        assert alert.html.startswith("<p><strong>INBRAAK, Utrecht</strong></p>")
        assert "<strong>" not in alert.body

    async def test_tells_neither_the_reporter_nor_the_shop(self, guild: Guild) -> None:
        await guild.published()
        await guild.quiet()

        names = (SHOP, guild.cast.anna.user_id, guild.cast.anna.user_id[1:].partition(":")[0])
        assert [
            seen.body for seen in guild.shared() for name in names if name in str(seen.content)
        ] == []

    async def test_shows_the_street_only_if_the_reporter_says_so(self, guild: Guild) -> None:
        sent = await guild.submitted("straat: Steenweg 12", "straat delen: ja")
        await guild.cast.mia.say(guild.review, f"!ok #{sent.number}")

        alert = await guild.cast.bas.reads(sent.word, guild.alerts)

        assert "INBRAAK, Utrecht, Steenweg 12" in alert.body


class TestARejectedReport:
    async def test_tells_its_reporter_why_and_nobody_else(self, guild: Guild) -> None:
        sent = await guild.submitted()

        await guild.cast.mia.say(guild.review, f"!nee #{sent.number} dit is te vaag")
        told = await guild.cast.anna.reads("dit is te vaag", guild.anna_private)
        await guild.quiet()

        assert f"#{sent.number} is niet gedeeld" in told.body
        known = (guild.anna_private, guild.review)
        assert guild.heard(sent.word, but_in=known) == []
        assert guild.heard("dit is te vaag", but_in=known) == []
        assert guild.heard(f"#{sent.number} ", but_in=known) == []

    async def test_by_a_tap_asks_for_the_reason_and_tells_it_afterwards(self, guild: Guild) -> None:
        sent = await guild.submitted()
        await guild.cast.mia.react(guild.review, sent.card.event_id, "❌")
        await guild.cast.anna.reads(f"#{sent.number} is niet gedeeld", guild.anna_private)
        asked = await guild.cast.mia.reads(
            f"!nee #{sent.number} reden", guild.review, after=sent.card
        )

        reason = f"geen plaats delict {word()}"
        await guild.cast.mia.say(guild.review, f"!nee #{sent.number} {reason}")

        told = await guild.cast.anna.reads(reason, guild.anna_private)
        assert f"reden waarom melding #{sent.number} niet is gedeeld" in told.body
        edited = await guild.cast.max.reads(
            lambda seen: seen.edits == sent.card.event_id and reason in seen.body, guild.review
        )
        assert f"Afgewezen door {guild.cast.mia.user_id}" in edited.body
        assert asked.mentions == {"user_ids": [guild.cast.mia.user_id]}

    async def test_in_english_words(self, guild: Guild) -> None:
        sent = await guild.submitted()

        await guild.cast.mia.say(guild.review, f"!reject {sent.number} too vague {sent.word}")

        await guild.cast.anna.reads(f"Reden: too vague {sent.word}", guild.anna_private)


async def test_a_report_in_english_is_answered_in_english_and_shared_in_dutch(
    guild: Guild,
) -> None:
    own, bas = word(), guild.cast.bas
    await bas.say(
        guild.bas_private,
        f'!report robbery place=Utrecht time="just now" offenders=2 weapon=gun mo="{own} smashed"',
    )
    preview = await bas.reads(answer_to(guild.network.bot, own), guild.bas_private)
    await bas.say(guild.bas_private, "!send")
    card = await guild.cast.mia.reads(own, guild.review)
    await guild.cast.mia.say(guild.review, f"!ok #{number_in(card)}")
    alert = await guild.cast.anna.reads(own, guild.alerts)

    assert "ROBBERY" in preview.body
    assert "Weapon: firearm" in preview.body
    assert "OVERVAL, Utrecht" in alert.body
    assert "Wapen: vuurwapen" in alert.body
    await bas.reads(f"Report #{number_in(card)} has been shared", guild.bas_private)


async def test_everyone_read_everything(guild: Guild) -> None:
    await guild.quiet()

    assert guild.unreadable() == []
