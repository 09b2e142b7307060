"""The desk through real clients: a question and its answer, and an alert taken back."""

from __future__ import annotations

import re

from tests.harness.timeline import Seen
from tests.network.guild import Guild, edit_of


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
