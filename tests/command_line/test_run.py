"""``goudwacht run`` as a process of its own: starts, ends in order, says why it cannot start."""

from __future__ import annotations

import asyncio
import secrets
import signal

import pytest
import yaml

from appservice.database import Database, metadata
from tests.command_line.site import Site
from tests.command_line.upkeep import lose
from tests.conftest import PersonFactory
from tests.harness.processes import free_port

READY = "ready: "
PRIVATE_ROOM = "Goudwacht: melden"


# It starts and ends


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_with_status_0(site: Site, number: signal.Signals) -> None:
    async with site.process("run") as process:
        await process.prints(READY)
        process.signal(number)
        assert await process.status() == 0, process.printed


async def test_it_ends_in_order_while_it_waits_for_the_homeserver(new_site: Site) -> None:
    new_site.configure("homeserver", url=f"http://127.0.0.1:{free_port()}")
    async with new_site.process("run") as process:
        await process.prints("next try in")
        process.signal(signal.SIGTERM)
        assert await process.status() == 0, process.printed


async def test_it_makes_the_database_at_its_first_start(new_site: Site) -> None:
    async with new_site.process("run") as process:
        await process.prints(READY)
    assert (await new_site.findings())["schema"].good


@pytest.mark.usefixtures("sqlite_only")
async def test_its_database_is_nobody_elses_to_read(new_site: Site) -> None:
    async with new_site.process("run") as process:
        await process.prints(READY)
        files = new_site.path.parent.glob("goudwacht.db*")
        assert {path.stat().st_mode & 0o077 for path in files} == {0}


async def test_what_is_said_while_it_stops_and_while_it_is_down_is_answered_once(
    new_site: Site, person: PersonFactory
) -> None:
    anna = await person("anna")
    new_site.has_member(anna.user_id)
    async with new_site.process("run") as process:
        await process.prints(READY)
        room = await anna.room_named(PRIVATE_ROOM)
        for number in (9001, 9002, 9003):
            await anna.say(room, f"!status {number}")
        process.signal(signal.SIGTERM)
        await anna.say(room, "!status 9004")
        assert await process.status() == 0, process.printed
        await anna.say(room, "!status 9005")
    async with new_site.process("run") as process:
        await anna.reads("#9005", room)
        await anna.say(room, "!status 9006")
        await anna.reads("#9006", room)
    answers = [
        seen.body for seen in anna.timeline(room) if seen.sender == new_site.lease.bot and seen.body
    ]
    told = [sum(f"#{number}" in body for body in answers) for number in range(9001, 9007)]
    assert told == [1] * 6


# It cannot start


async def test_a_taken_port_is_told(new_site: Site) -> None:
    server = await asyncio.start_server(lambda _, __: None, "127.0.0.1", new_site.lease.port)
    async with server:
        done = await new_site.command("run")
    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{new_site.lease.port}" in done.stderr


async def test_a_registration_the_homeserver_does_not_know_is_told(new_site: Site) -> None:
    new_site.register(as_token=secrets.token_hex(32))
    done = await new_site.command("run")
    assert done.returncode == 1
    assert "app_service_config_files" in done.stderr


async def test_a_configuration_that_is_not_there_is_told(new_site: Site) -> None:
    new_site.path.unlink()
    done = await new_site.command("run")
    assert done.returncode == 1
    assert str(new_site.path) in done.stderr


async def test_a_database_of_another_version_is_told_with_the_command(new_site: Site) -> None:
    database = Database(new_site.url)
    async with database.begin() as work:
        await work.run_sync(metadata.create_all)
    await database.close()
    done = await new_site.command("run")
    assert done.returncode == 1
    assert "goudwacht db upgrade" in done.stderr


async def test_a_database_whose_folder_cannot_be_made_is_told(new_site: Site) -> None:
    new_site.configure("database", url=f"sqlite+aiosqlite:///{new_site.path}/goudwacht.db")
    done = await new_site.command("run")
    assert done.returncode == 1
    assert "database.url" in done.stderr


async def test_another_identity_than_the_accounts_is_told(site: Site) -> None:
    await lose(site)
    done = await site.command("run")
    assert done.returncode == 1
    assert "database was lost or replaced" in done.stderr


async def test_a_log_level_that_there_is_not_is_told(new_site: Site) -> None:
    done = await new_site.command("run", "--log-level", "loud")
    assert done.returncode == 1
    assert "debug, info, warning or error" in done.stderr


async def test_what_cannot_start_says_so_without_a_traceback(new_site: Site) -> None:
    new_site.register(as_token=secrets.token_hex(32))
    assert "Traceback" not in (await new_site.command("run")).stderr


# Its log


@pytest.fixture
async def log(new_site: Site, person: PersonFactory) -> str:
    """Everything the service can log of a conversation with Anna, over a restart."""
    anna = await person("anna")
    new_site.has_member(anna.user_id)
    printed = ""
    for word in ("zilverling", "goudklomp"):
        async with new_site.process("run", "--log-level", "debug") as process:
            await process.prints(READY)
            room = await anna.room_named(PRIVATE_ROOM)
            await anna.say(room, f"!melding overval plaats={word}")
            await anna.reads(word, room)
            process.signal(signal.SIGTERM)
            assert await process.status() == 0, process.printed
            printed += process.printed
    return printed


async def test_its_log_holds_no_secret_and_nothing_that_was_said(log: str, new_site: Site) -> None:
    registration = yaml.safe_load(new_site.registration.read_text())
    kept = [registration["as_token"], registration["hs_token"]]
    kept += [new_site.settings["database"]["secret"], "zilverling", "goudklomp"]
    assert [word for word in kept if word in log] == []
