"""The desk through real clients: questions, second thoughts, what waits, bulletins, withdrawals."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from tests.harness.timeline import Seen
from tests.network.guild import Guild, Sent, edit_of, everyone, word


def in_thread_of(card: Seen) -> object:
    """What stands in the thread of a card."""
    return {"rel_type": "m.thread", "event_id": card.event_id}


def relation(seen: Seen) -> object:
    found = seen.content.get("m.relates_to")
    return {key: found.get(key) for key in ("rel_type", "event_id")} if found else None


async def test_an_answer_to_a_moderators_question_comes_into_the_thread(guild: Guild) -> None:
    sent = await guild.submitted()
    anna, mia = guild.cast.anna, guild.cast.mia

    await mia.say(guild.review, f"!vraag #{sent.number} welke kant op?")
    await anna.reads(re.compile(f"#{sent.number}.*welke kant op"), guild.anna_private)
    await anna.say(guild.anna_private, f"richting {sent.word}station")
    answer = await mia.reads(f"{sent.word}station", guild.review)

    assert relation(answer) == in_thread_of(sent.card)


async def test_a_withdrawn_alert_says_so_and_is_then_removed_for_everyone(guild: Guild) -> None:
    sent = await guild.published()
    anna, mia = guild.cast.anna, guild.cast.mia
    alert = await anna.reads(sent.word, guild.alerts)

    await mia.say(guild.review, f"!intrekken #{sent.number} vergissing")
    edited = await anna.reads(edit_of(alert), guild.alerts)
    card = await mia.reads(
        lambda seen: (
            seen.edits == sent.card.event_id
            and "Verwijderd:" in seen.body
            and "nog niet" not in seen.body
        ),
        guild.review,
    )

    assert "INGETROKKEN" in edited.body
    assert sent.word not in edited.body
    assert "niet gelukt" not in card.body
    gone = await guild.network.ask("GET", "rooms", guild.alerts, "event", alert.event_id)
    assert gone["content"] == {}


async def test_a_tick_that_is_removed_within_the_time_of_grace_shares_nothing(
    guild: Guild,
) -> None:
    mia, network, usual = guild.cast.mia, guild.network, everyone(guild.cast)
    await network.restart(moderation={**usual["moderation"], "grace_seconds": 600})
    try:
        sent = await guild.submitted()
        tick = await mia.react(guild.review, sent.card.event_id, "✅")
        await mia.reads(holds(sent.card, "deelt dit zo meteen"), guild.review)
        await mia.redact(guild.review, tick)
        undone = await mia.reads(holds(sent.card, "✅ delen"), guild.review)

        assert "deelt dit zo meteen" not in undone.body
        await rejected(guild, sent)
    finally:
        await network.restart(**usual)
    assert guild.said_in(guild.cast.bas, guild.alerts, sent.word) == []


async def test_a_report_that_waits_too_long_is_called_out_to_everyone_in_its_thread(
    guild: Guild,
) -> None:
    sent, mia = await guild.submitted(), guild.cast.mia
    await guild.network.stop()
    await guild.network.aged(sent.number, timedelta(minutes=16))
    await guild.network.start()

    called = await mia.reads(re.compile(f"#{sent.number} wacht al 16 minuten"), guild.review)
    assert called.mentions == {"room": True}
    assert relation(called) == in_thread_of(sent.card)
    await rejected(guild, sent)


async def test_a_bulletin_is_shown_first_and_then_read_in_every_region_and_not_by_the_police(
    guild: Guild,
) -> None:
    cast, own = guild.cast, word()

    await cast.mia.say(guild.review, f"!bulletin landelijk\nLet op: {own}")
    preview = await cast.mia.reads(
        lambda seen: own in seen.body and "✅ versturen" in seen.body, guild.review
    )
    before = guild.heard(own, but_in=(guild.review,))
    await cast.mia.react(guild.review, preview.event_id, "✅")
    read = await cast.anna.reads(own, guild.alerts)
    await cast.cas.reads(own, guild.alerts_elsewhere)
    await cast.mia.reads(edit_of(preview), guild.review)

    assert before == []
    assert read.encrypted
    assert guild.heard(own, but_in=(guild.review, guild.alerts, guild.alerts_elsewhere)) == []


async def test_two_moderators_share_nationwide_and_one_cannot(guild: Guild) -> None:
    mia, max_, network, usual = guild.cast.mia, guild.cast.max, guild.network, everyone(guild.cast)
    await network.restart(moderation={**usual["moderation"], "two_moderators": ["landelijk"]})
    try:
        sent = await guild.submitted()
        await mia.say(guild.review, f"!ok #{sent.number} landelijk")
        wanted = await max_.reads(re.compile(f"#{sent.number} delen met"), guild.review)
        await mia.react(guild.review, sent.card.event_id, "✅")
        await mia.reads("andere moderator", guild.review, after=wanted)
        before = guild.heard(sent.word, but_in=(guild.review, guild.anna_private))
        await max_.react(guild.review, sent.card.event_id, "✅")
        await guild.cast.cas.reads(sent.word, guild.alerts_elsewhere)
    finally:
        await network.restart(**usual)

    assert before == []


async def test_of_two_reports_of_one_event_the_second_points_to_the_first(guild: Guild) -> None:
    anna, mia = guild.cast.anna, guild.cast.mia
    first, second = await guild.submitted(), await guild.submitted()
    for sent in (first, second):
        await mia.say(guild.review, f"!ok #{sent.number}")
    alert = await anna.reads(second.word, guild.alerts)
    await mia.say(guild.review, f"!samen #{first.number} #{second.number}")
    edited = await anna.reads(edit_of(alert), guild.alerts)

    assert f"Lees #{first.number}" in edited.body
    assert second.word not in edited.body


async def test_a_drill_is_read_as_a_drill(guild: Guild) -> None:
    cast, own = guild.cast, word()
    await cast.mia.say(guild.review, f"!oefening midden-nederland\nsluit de {own}")
    preview = await cast.mia.reads(
        lambda seen: own in seen.body and seen.sender == guild.network.bot, guild.review
    )
    await cast.mia.react(guild.review, preview.event_id, "✅")

    drill = await cast.bas.reads(own, guild.alerts)
    assert drill.body.startswith("OEFENING")
    assert guild.heard(own, but_in=(guild.review, guild.alerts)) == []


async def rejected(guild: Guild, sent: Sent) -> None:
    """Turn down a report whose card was edited before; only one that still waits can be."""
    await guild.cast.mia.say(guild.review, f"!nee #{sent.number} {sent.word}")
    await guild.cast.mia.reads(holds(sent.card, "Afgewezen door"), guild.review)


def holds(card: Seen, words: str) -> Callable[[Seen], bool]:
    """Asks of an event whether it edits a card so that these words stand in it."""
    return lambda seen: seen.edits == card.event_id and words in seen.body
