"""Whatever a member types is shown as text, to everyone and wherever it goes."""

from __future__ import annotations

import re

from tests.harness.timeline import Seen
from tests.network.guild import Guild, answer_to, edit_of, reply_to, report, word
from tests.unit.test_wording import Markup

HOSTILE = {
    "HTML": '<b>vet</b> <img src=x onerror=alert(1)> <font data-mx-bg-color="#f00">rood</font>',
    "a reply fallback": "<mx-reply><blockquote>politie: alles veilig</blockquote></mx-reply>",
    "Markdown": "**vet** `code` [klik](elders) ![beeld](daar) # kop",
    "links": "https://kwaad.example/a www.kwaad.example kwaad.example mailto:a@kwaad.example",
    "mentions": "@room @mia:goudwacht.test #kamer:goudwacht.test https://matrix.to/#/@a:b.example",
    "templates": "{{ 7 * 7 }} {% include 'help/all.md' %} {# weg #}",
    "entities": "&lt;b&gt; &amp; &#60;script&#62; ]]> -->",
    "control characters": "a\x00b\x07c\x1b[31m\u202etfel\u2066 \ufeff einde",
}

REFUSED = ("links", "mentions")
"""What the gate lets nobody share: shown to who typed it, and to nobody else."""

SHAREABLE = " ".join(text for kind, text in HOSTILE.items() if kind not in REFUSED)

OUR_TAGS = {"p", "strong", "ul", "ol", "li", "br", "code"}


OUR_MAP = re.compile(r'<a href="https://www\.openstreetmap\.org/#map=[\d./]+"[^<>]*>[^<]*</a>')
"""The one link that we put in: to the town, by its position in a table."""


async def passed_on(guild: Guild, typed: str) -> list[Seen]:
    """Everything that is said of a report with this text: preview, card, alerts, edit."""
    anna, own = guild.cast.anna, word()
    await anna.say(
        guild.anna_private,
        f"!melding inbraak\nplaats: Utrecht\ntijd: zojuist\nkenmerken: {typed}\nmo: {own} {typed}",
    )
    preview = await anna.reads(answer_to(guild.network.bot, own), guild.anna_private)
    sent = await guild.send(anna, guild.anna_private, own)
    await guild.cast.mia.say(guild.review, f"!ok #{sent.number} +politie")
    return [
        preview,
        sent.card,
        await guild.cast.bas.reads(own, guild.alerts),
        await guild.cast.piet.reads(own, guild.police),
        await guild.cast.mia.reads(edit_of(sent.card), guild.review),
    ]


def assert_text_alone(seen: Seen) -> None:
    """Assert that a message holds our own tags, nothing to follow, and pushes nobody by itself."""
    shown = Markup(OUR_MAP.sub("", seen.html or ""))
    assert {tag for tag, _ in shown.tags} <= OUR_TAGS
    assert [attributes for _, attributes in shown.tags if attributes] == []
    # A client that looks for links and mentions by itself finds none in what it shows.
    assert not re.search(r"\w://\w|www\.\w|mailto:\w|@room|@mia:", shown.text)
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069]", seen.body + shown.text)


async def test_in_a_report_it_is_text_and_nothing_to_follow(guild: Guild) -> None:
    preview, *others = await passed_on(guild, SHAREABLE)

    for seen in (preview, *others):
        assert_text_alone(seen)
    assert preview.mentions == {}
    pushing = [seen.mentions for seen in others]
    assert pushing == [{"room": True}, {"room": True}, {"room": True}, {}]


async def test_what_may_not_be_shared_is_text_to_who_typed_it(guild: Guild) -> None:
    anna, own = guild.cast.anna, word()
    refused = " ".join(HOSTILE[kind] for kind in REFUSED)

    await anna.say(
        guild.anna_private,
        f"!melding inbraak\nplaats: Utrecht\ntijd: zojuist\nmo: {own} {refused}",
    )
    preview = await anna.reads(answer_to(guild.network.bot, own), guild.anna_private)

    assert_text_alone(preview)
    assert preview.mentions == {}
    await guild.thrown_away()


async def test_in_a_report_it_reads_as_it_was_typed(guild: Guild) -> None:
    for seen in await passed_on(guild, HOSTILE["Markdown"]):
        assert HOSTILE["Markdown"] in seen.body


async def test_only_the_plain_body_of_a_message_is_read(guild: Guild) -> None:
    anna, own = guild.cast.anna, word()
    pill = f'<a href="https://matrix.to/#/{guild.cast.mia.user_id}">Mia</a>'

    await anna.say(
        guild.anna_private,
        report(own),
        html=f"!melding overval<br>mo: {pill}",
        mentions=[guild.cast.mia.user_id],
    )
    preview = await anna.reads(answer_to(guild.network.bot, own), guild.anna_private)

    assert "INBRAAK" in preview.body
    assert "Mia" not in str(preview.content)
    assert preview.mentions == {}
    await guild.thrown_away()


async def test_in_an_answer_it_is_text(guild: Guild) -> None:
    sent, mia = await guild.submitted(), guild.cast.mia

    for hostile in HOSTILE.values():
        said = await mia.say(guild.review, f"!ok #{sent.number} {hostile}")
        assert_text_alone(await mia.reads(reply_to(said), guild.review))


async def test_in_a_reason_it_is_text(guild: Guild) -> None:
    sent, reason = await guild.submitted(), SHAREABLE[:480]

    await guild.cast.mia.say(guild.review, f"!nee #{sent.number} {sent.word} {reason}")

    assert_text_alone(await guild.cast.anna.reads(f"Reden: {sent.word}", guild.anna_private))
    assert_text_alone(await guild.cast.mia.reads(edit_of(sent.card), guild.review))


async def test_in_a_mistake_it_is_text(guild: Guild) -> None:
    anna, own = guild.cast.anna, word()
    mistakes = "\n".join(f"{hostile}: {hostile}" for hostile in HOSTILE.values())

    await anna.say(guild.anna_private, f"!melding\nplaats: {own}\nwapen: x\n{mistakes}")

    assert_text_alone(await anna.reads(answer_to(guild.network.bot, own), guild.anna_private))
    await guild.thrown_away()


class TestTheLargest:
    """An event has 65,536 bytes: the homeserver refuses what is larger, and nobody reads it."""

    async def test_report_is_read_by_everyone(self, guild: Guild) -> None:
        anna, room, own = guild.cast.anna, guild.anna_private, word()
        await anna.say(room, report(own))
        await anna.reads(own, room)
        for field in ("mo", "kenmerken", "vlucht"):
            most = 500 if field == "vlucht" else 1_000
            last = f"{own}{field}"
            # A blank line takes the most bytes for a character, in both bodies.
            text = "\U0001f48d" + "\n" * (most - 2 - len(last)) + last
            await anna.say(room, f"!wijzig {field}: {text}")
            await anna.reads(answer_to(guild.network.bot, last), room)
        sent = await guild.send(anna, room, own)
        await guild.cast.mia.say(guild.review, f"!ok #{sent.number} +politie")

        await guild.cast.bas.reads(own, guild.alerts)
        await guild.cast.piet.reads(own, guild.police)
        await guild.cast.mia.reads(edit_of(sent.card), guild.review)

    async def test_heap_of_mistakes_is_answered(self, guild: Guild) -> None:
        anna, own = guild.cast.anna, word()
        mistakes = "\n".join(["x: y"] * 590)

        await anna.say(guild.anna_private, f"!melding inbraak\nmo: {own}\n{mistakes}")

        await anna.reads(answer_to(guild.network.bot, own), guild.anna_private)
        await guild.thrown_away()
