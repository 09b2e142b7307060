"""A back-up made while the service runs, and put back after the database was lost."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from tests.command_line.site import Site
from tests.conftest import PersonFactory

PRIVATE_ROOM = "Goudwacht: melden"


async def _back_up(file: Path, copy: Path) -> None:
    """What `sqlite3 goudwacht.db ".backup copy.db"` does."""

    def run() -> None:
        source, target = sqlite3.connect(file), sqlite3.connect(copy)
        source.backup(target)
        source.close()
        target.close()

    await asyncio.to_thread(run)


async def test_a_conversation_goes_on_after_a_back_up_is_put_back(
    new_site: Site, person: PersonFactory
) -> None:
    anna = await person("anna")
    new_site.has_member(anna.user_id)
    copy = new_site.file.with_name("copy.db")
    async with new_site.running():
        room = await anna.room_named(PRIVATE_ROOM)
        await anna.say(room, "!status 9001")
        await anna.reads("#9001", room)
        await _back_up(new_site.file, copy)
        await anna.say(room, "!status 9002")
        await anna.reads("#9002", room)
    for lost in new_site.file.parent.glob("goudwacht.db*"):
        lost.unlink()
    copy.rename(new_site.file)
    done = await new_site.command("db", "restored")
    assert done.returncode == 0, done.stderr
    async with new_site.running():
        await anna.say(room, "!status 9003")
        await anna.reads("#9003", room)
        assert await new_site.faulty() == {}
    assert anna.unreadable == []


async def test_one_time_keys_are_published_again_after_a_back_up_is_put_back(
    new_site: Site, person: PersonFactory
) -> None:
    await new_site.ran_once()
    copy = new_site.file.with_name("copy.db")
    await _back_up(new_site.file, copy)
    # Forty people claim a key each, so that the service publishes new ones under new names.
    await _claim(new_site, 40)
    await new_site.ran_once()
    copy.rename(new_site.file)
    await new_site.command("db", "restored")
    await _claim(new_site, 40)
    await new_site.ran_once()
    assert await _claim(new_site, 10) == 10


async def _claim(site: Site, number: int) -> int:
    """Claim one-time keys of the bot; return how many there were."""
    bot, device = site.lease.bot, "GOUDWACHT"
    wanted = {"one_time_keys": {bot: {device: "signed_curve25519"}}}
    claimed = 0
    for _ in range(number):
        answer = await site.as_bot("POST", "keys", "claim", body=wanted)
        keys = answer["one_time_keys"].get(bot, {}).get(device, {})
        claimed += not any(key.get("fallback") for key in keys.values()) and bool(keys)
    return claimed
