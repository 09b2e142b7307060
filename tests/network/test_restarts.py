"""A restart between any two steps changes nothing that anyone can see.

On PostgreSQL, as the guild is; a service on SQLite is restarted in test_whole_life.py.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from tests.network.guild import Guild, edit_of, number_in, report, word


async def played(guild: Guild, between: Callable[[], Awaitable[None]]) -> None:
    """One report that is published and one that is rejected, with ``between`` at every step.

    Asserts that everyone read what they should, once, and that nothing is left unreadable.
    """
    former = guild.unreadable()  # of who was put out, or has a device that came too late
    cast, network = guild.cast, guild.network
    anna, mia, room, review = cast.anna, cast.mia, guild.anna_private, guild.review
    own, other, why = word(), word(), word()

    await anna.say(room, report(own))
    await between()
    await anna.reads(lambda seen: seen.sender == network.bot and own in seen.body, room)
    await between()
    await anna.say(room, "daders: 3")
    await between()
    await anna.say(room, "!verstuur")
    await between()
    card = await mia.reads(own, review)
    number = number_in(card)
    await between()
    await mia.react(review, card.event_id, "👮")
    await between()
    await cast.bas.reads(own, guild.alerts)
    await cast.piet.reads(own, guild.police)
    await anna.reads(f"#{number} is gedeeld", room)
    await mia.reads(edit_of(card), review)
    await between()

    await anna.say(room, report(other))
    await anna.say(room, "!verstuur")
    await between()
    second = await mia.reads(other, review)
    await mia.react(review, second.event_id, "❌")
    await between()
    await anna.reads(f"#{number_in(second)} is niet gedeeld", room)
    await between()
    await mia.say(review, f"!nee #{number_in(second)} {why}")
    await between()
    await anna.reads(why, room)
    await guild.quiet()

    assert "Daders: 3" in card.body
    assert len(guild.said_in(mia, review, own)) == 1
    assert len(guild.said_in(mia, review, other)) == 1
    assert len(guild.said_in(cast.bas, guild.alerts, own)) == 1
    assert len(guild.said_in(cast.piet, guild.police, own)) == 1
    assert len(guild.said_in(anna, room, f"#{number} is gedeeld")) == 1
    assert len(guild.said_in(anna, room, f"#{number_in(second)} is niet gedeeld")) == 1
    assert len(guild.said_in(anna, room, why)) == 1
    assert guild.heard(other, but_in=(room, review)) == []
    assert guild.heard(why, but_in=(room, review)) == []
    assert [seen for seen in guild.unreadable() if seen not in former] == []


async def test_the_flow_goes_on_over_a_restart_between_any_two_steps(guild: Guild) -> None:
    before = await guild.network.identity()

    await played(guild, guild.network.restart)

    assert await guild.network.identity() == before


async def test_the_flow_goes_on_when_what_was_typed_waited_for_the_service(guild: Guild) -> None:
    anna, own = guild.cast.anna, word()

    await guild.network.stop()
    await anna.say(guild.anna_private, report(own))
    await anna.say(guild.anna_private, "!verstuur")
    await guild.network.start()
    card = await guild.cast.mia.reads(own, guild.review)
    await guild.network.stop()
    await guild.cast.mia.react(guild.review, card.event_id, "✅")
    await guild.cast.max.react(guild.review, card.event_id, "❌")
    await guild.network.start()

    await guild.cast.bas.reads(own, guild.alerts)
    told = await guild.cast.max.reads(f"#{number_in(card)} is al beslist", guild.review)
    assert told.mentions == {"user_ids": [guild.cast.max.user_id]}


async def test_a_report_under_a_key_made_while_the_service_was_down_reaches_the_desk(
    guild: Guild,
) -> None:
    anna, own = guild.cast.anna, word()

    await guild.network.stop()
    _, hand_out_the_key = await anna.say_before_key(guild.anna_private, report(own))
    await hand_out_the_key()
    await anna.say(guild.anna_private, "!verstuur")
    await guild.network.start()

    await guild.cast.mia.reads(own, guild.review)


async def test_nobody_is_welcomed_twice(guild: Guild) -> None:
    await guild.network.restart()
    await guild.quiet()

    welcome = re.compile("Welkom bij|Welcome to")
    members = (guild.cast.anna, guild.cast.bas, guild.cast.cas, guild.cast.olga)
    welcomed = [sum(seen.fits(welcome) for seen in who.timeline()) for who in members]
    assert welcomed == [1, 1, 1, 1]


async def test_rooms_are_found_again_and_not_made_twice(guild: Guild) -> None:
    before = [set(who.rooms.joined) for who in guild.cast.everyone]
    await guild.network.restart()
    await guild.quiet()

    assert [set(who.rooms.joined) for who in guild.cast.everyone] == before
