"""What a report says is nowhere but with those who may read it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.network.guild import SHOP, Guild, reply_to, report, word
from tests.network.network import SECRET

KEPT_OUT = ("grijze bestelbus", "Zenith El Primero", "Steenweg", "PL0900-2026123456")


async def everything_said(guild: Guild) -> list[str]:
    """A report published and one rejected, a draft left; returns what nobody else may find."""
    anna, mia, reason = guild.cast.anna, guild.cast.mia, word()
    sent = await guild.published(
        "vlucht: grijze bestelbus",
        "buit: luxe horloges, Zenith El Primero",
        "straat: Steenweg 12",
        "aangifte: ja, PL0900-2026123456",
    )
    rejected = await guild.submitted()
    await mia.say(guild.review, f"!nee #{rejected.number} {reason}")
    await anna.reads(reason, guild.anna_private)
    draft = word()
    await anna.say(guild.anna_private, report(draft))
    await anna.reads(
        lambda seen: seen.sender == guild.network.bot and draft in seen.body, guild.anna_private
    )
    await guild.thrown_away()
    return [sent.word, rejected.word, reason, draft, SHOP, *KEPT_OUT]


def found_in(files: list[Path], texts: list[str]) -> list[str]:
    """Which of these texts stand in any of these files, as they are or as JSON has them."""
    stored = b"".join(path.read_bytes() for path in files)
    return [text for text in texts if text.encode() in stored]


async def test_a_report_is_in_no_database_and_no_log(guild: Guild) -> None:
    texts = await everything_said(guild)
    synapse = guild.network.synapse
    with sqlite3.connect(synapse.database) as database:
        database.execute("PRAGMA wal_checkpoint(PASSIVE)")

    homeservers = [*synapse.directory.glob("homeserver.db*"), synapse.log]
    # The search finds what is there: the name of a room is no secret.
    assert found_in(homeservers, [guild.network.name]) == [guild.network.name]
    assert found_in(homeservers, texts) == []
    stored = "\n".join(await guild.network.stored())
    assert guild.network.bot in stored
    assert [text for text in texts if text in stored] == []
    assert [text for text in texts if text in "\n".join(guild.network.log.lines)] == []


async def test_the_log_names_nobody_and_no_secret(guild: Guild) -> None:
    await everything_said(guild)
    await guild.network.restart()
    said = await guild.cast.anna.say_in_clear(guild.anna_private, report(word()))
    await guild.cast.anna.reads(reply_to(said), guild.anna_private)

    logged = "\n".join(guild.network.log.lines)
    lease = guild.network.lease
    private = [
        *(who.user_id for who in guild.cast.everyone),
        *(lease.as_token, lease.hs_token, SECRET),
        *(SHOP, *KEPT_OUT),
    ]
    assert "made room" in logged
    assert [text for text in private if text in logged] == []


async def test_the_reporter_is_named_to_moderators_alone(guild: Guild) -> None:
    await guild.published()
    await guild.quiet()

    readers = {
        who.user_id
        for who in guild.cast.everyone
        for seen in who.timeline()
        if seen.sender == guild.network.bot and SHOP in str(seen.content)
    }
    assert readers == {guild.cast.mia.user_id, guild.cast.max.user_id, guild.cast.olga.user_id}
