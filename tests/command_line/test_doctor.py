"""``goudwacht doctor`` on a real homeserver: all good, and every fault made for real."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import pytest
from sqlalchemy import select, update

from appservice.database import Database, metadata
from appservice.encryption.account import add_device, own_device
from appservice.encryption.cross_signing import load_or_make
from appservice.ids import DeviceID
from appservice.rooms.plan import RoomKey
from appservice.vault import Vault
from bridge import migrations
from tests.command_line.site import Site
from tests.command_line.upkeep import lose
from tests.databases import DATABASES, Kind
from tests.harness.postgres import Postgres
from tests.harness.processes import free_port

TOKENS = ("as_token", "hs_token")
AFTER_THE_TOKEN = {"name", "log-in", "ping", "device", "identity", "rooms"}
ALL = AFTER_THE_TOKEN | {
    *("configuration", "files", "registration", "agreement"),
    *("database", "schema", "secret", "homeserver", "token"),
}


# Nothing wrong


async def test_nothing_is_wrong_after_a_run(site: Site) -> None:
    assert await site.faulty() == {}


async def test_nothing_is_wrong_while_the_service_runs(site: Site) -> None:
    async with site.running():
        assert await site.faulty() == {}


async def test_every_check_is_made(other_words: Site) -> None:
    findings = await other_words.findings()
    assert {name for name, finding in findings.items() if finding.good} == ALL


async def test_a_postgresql_database_is_as_good(new_site: Site, postgres: Postgres) -> None:
    new_site.configure("database", url=await postgres.fresh_database())
    await new_site.ran_once()
    assert await new_site.faulty() == {}


async def test_it_changes_nothing_in_the_database(other_words: Site) -> None:
    before = await _dump(other_words)
    await other_words.findings()
    assert await _dump(other_words) == before


async def _dump(site: Site) -> list[Any]:
    database = Database(site.url)
    try:
        async with database.read() as work:
            return [
                tuple(row)
                for table in metadata.sorted_tables
                for row in await work.execute(select(table))
            ]
    finally:
        await database.close()


# What the operator sees


async def test_the_exit_status_is_0_when_all_is_well(site: Site) -> None:
    done = await site.command("doctor")
    assert done.returncode == 0, done.stdout + done.stderr


async def test_a_check_that_went_well_is_a_line_with_a_tick(other_words: Site) -> None:
    done = await other_words.command("doctor")
    assert [line[0] for line in done.stdout.splitlines()] == ["✓"] * len(ALL)


async def test_the_exit_status_is_1_on_a_fault(new_site: Site) -> None:
    assert (await new_site.command("doctor")).returncode == 1


async def test_a_fault_is_a_line_with_a_cross_and_its_remedy_below(other_words: Site) -> None:
    other_words.path.chmod(0o644)
    lines = (await other_words.command("doctor")).stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("✗"))
    assert lines[at + 1].strip() == f"Type: chmod 600 {other_words.path}"


async def test_it_prints_no_secret(other_words: Site) -> None:
    other_words.register(as_token=secrets.token_hex(32), url="http://127.0.0.1:1")
    done = await other_words.command("doctor")
    kept = [other_words.settings["database"]["secret"]]
    for path in (other_words.registration, other_words.lease.registration_path):
        text = path.read_text()
        kept += [line.partition(": ")[2] for line in text.splitlines() if "_token" in line]
    assert not [secret for secret in kept if secret in done.stdout + done.stderr]


async def test_a_password_in_the_database_address_is_not_printed(other_words: Site) -> None:
    url = f"postgresql+asyncpg://someone:hidden-word@127.0.0.1:{free_port()}/goudwacht"
    other_words.configure("database", url=url)
    done = await other_words.command("doctor")
    assert "hidden-word" not in done.stdout + done.stderr


# The files


async def test_a_configuration_that_cannot_be_used_is_told_with_its_faults(
    other_words: Site,
) -> None:
    other_words.configure("door", prot=1)
    assert "door.prot" in (await other_words.faulty())["configuration"]


async def test_without_a_configuration_nothing_else_is_checked(other_words: Site) -> None:
    other_words.path.unlink()
    assert await other_words.not_checked() == ALL - {"configuration"}


async def test_without_a_registration_the_database_is_checked_all_the_same(
    other_words: Site,
) -> None:
    other_words.registration.unlink()
    assert await other_words.not_checked() == AFTER_THE_TOKEN | {"agreement", "token"}


async def test_a_registration_that_others_can_read_is_a_fault(other_words: Site) -> None:
    other_words.registration.chmod(0o640)
    assert "chmod 600" in (await other_words.faulty())["files"]


async def test_a_bot_outside_the_namespace_is_a_fault(other_words: Site) -> None:
    other_words.configure("bot", localpart="somebody")
    assert "namespaces.users" in (await other_words.faulty())["agreement"]


async def test_aliases_outside_the_namespace_are_a_fault(other_words: Site) -> None:
    other_words.register(namespaces={"users": [{"regex": "@.*"}], "aliases": []})
    assert "namespaces.aliases" in (await other_words.faulty())["agreement"]


async def test_a_bot_that_is_the_registrations_sender_is_a_fault(other_words: Site) -> None:
    other_words.register(sender_localpart=other_words.lease.bot_localpart)
    assert "sender_localpart" in (await other_words.faulty())["agreement"]


async def test_another_address_in_the_registration_is_a_fault(other_words: Site) -> None:
    other_words.register(url="http://localhost:1")
    assert "door.address" in (await other_words.faulty())["agreement"]


# The database


async def test_a_database_that_is_not_there_is_not_made(other_words: Site) -> None:
    other_words.configure("database", url="sqlite+aiosqlite:///elsewhere.db")
    assert "goudwacht run" in (await other_words.faulty())["database"]
    assert not other_words.path.with_name("elsewhere.db").exists()


async def test_a_database_server_that_does_not_answer_is_a_fault(other_words: Site) -> None:
    url = f"postgresql+asyncpg://goudwacht@127.0.0.1:{free_port()}/goudwacht"
    other_words.configure("database", url=url)
    assert "does not answer" in (await other_words.faulty())["database"]


async def test_a_database_that_the_server_does_not_have_is_a_fault(
    other_words: Site, postgres: Postgres
) -> None:
    url = (await postgres.fresh_database()).replace("/goudwacht_", "/nothing_")
    other_words.configure("database", url=url)
    assert "does not answer" in (await other_words.faulty())["database"]


async def test_an_empty_database_is_told(new_site: Site) -> None:
    if DATABASES.chosen is not Kind.POSTGRESQL:
        new_site.file.touch()
    assert "empty" in (await new_site.faulty())["schema"]


async def test_a_database_of_an_older_version_is_told_with_the_command(new_site: Site) -> None:
    database = Database(new_site.url)
    async with database.begin() as work:
        await work.run_sync(metadata.create_all)
    await database.close()
    assert "goudwacht db upgrade" in (await new_site.faulty())["schema"]


async def test_a_wrong_secret_is_told(other_words: Site) -> None:
    other_words.configure("database", secret=secrets.token_urlsafe(32))
    assert "database.secret" in (await other_words.faulty())["secret"]


async def test_what_needs_the_secret_is_not_checked_with_a_wrong_one(other_words: Site) -> None:
    other_words.configure("database", secret=secrets.token_urlsafe(32))
    assert await other_words.not_checked() == {"device", "identity", "rooms"}


# The homeserver


async def test_a_homeserver_that_is_down_is_told(other_words: Site) -> None:
    other_words.configure("homeserver", url=f"http://127.0.0.1:{free_port()}")
    assert "does not answer" in (await other_words.faulty())["homeserver"]


async def test_nothing_more_is_asked_of_a_homeserver_that_is_down(other_words: Site) -> None:
    other_words.configure("homeserver", url=f"http://127.0.0.1:{free_port()}")
    assert await other_words.not_checked() == AFTER_THE_TOKEN | {"token"}


async def test_what_is_no_homeserver_is_told(site: Site) -> None:
    async with site.running():
        site.configure("homeserver", url=site.lease.address)
        assert "no Matrix homeserver" in (await site.faulty())["homeserver"]


async def test_a_registration_the_homeserver_does_not_know_is_told(other_words: Site) -> None:
    other_words.register(id="nobody", **{name: secrets.token_hex(32) for name in TOKENS})
    assert "app_service_config_files" in (await other_words.faulty())["token"]


async def test_another_as_token_than_the_homeservers_is_told(other_words: Site) -> None:
    other_words.register(as_token=secrets.token_hex(32))
    assert "copy the file again" in (await other_words.faulty())["token"]


async def test_another_server_name_is_told(other_words: Site) -> None:
    other_words.configure("homeserver", name="example.org")
    assert "goudwacht.test" in (await other_words.faulty())["name"]


async def test_another_sender_in_the_homeservers_copy_is_told(other_words: Site) -> None:
    other_words.register(sender_localpart="another")
    assert "Copy the registration file" in (await other_words.faulty())["name"]


# The ping


async def test_an_address_that_leads_nowhere_is_told(other_words: Site) -> None:
    other_words.configure("door", port=free_port())
    assert "M_CONNECTION_FAILED" in (await other_words.faulty())["ping"]


async def test_another_hs_token_than_the_homeservers_is_told(other_words: Site) -> None:
    other_words.register(hs_token=secrets.token_hex(32))
    assert "copy it again" in (await other_words.faulty())["ping"]


async def test_another_id_than_the_homeservers_is_told(other_words: Site) -> None:
    other_words.register(id="another")
    assert "another `id`" in (await other_words.faulty())["ping"]


async def test_another_program_on_our_port_is_told(other_words: Site) -> None:
    server = await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", other_words.lease.port
    )
    async with server:
        assert "does not reach us" in (await other_words.faulty())["ping"]


async def test_a_host_that_is_not_this_machines_is_told(other_words: Site) -> None:
    other_words.configure("door", host="192.0.2.1")
    assert "door.host" in (await other_words.faulty())["ping"]


# The device and the identity


async def test_a_device_that_was_deleted_is_told(site: Site) -> None:
    await site.as_bot("DELETE", "devices", "GOUDWACHT", body={})
    assert "Restart the service" in (await site.faulty())["device"]


async def test_a_deleted_device_is_healed_by_the_remedy(site: Site) -> None:
    await site.as_bot("DELETE", "devices", "GOUDWACHT", body={})
    await site.ran_once()
    assert await site.faulty() == {}


async def test_another_database_than_the_accounts_is_told(site: Site) -> None:
    await lose(site)
    await _made_anew(site, with_a_device=True)
    assert "other keys" in (await site.faulty())["device"]


async def test_an_identity_that_was_replaced_is_told(site: Site) -> None:
    await _replace_identity(site)
    assert "another cross-signing identity" in (await site.faulty())["identity"]


async def test_a_configured_device_of_another_name_is_told(other_words: Site) -> None:
    other_words.configure("bot", device="ANOTHER")
    assert "bot.device" in (await other_words.faulty())["device"]


async def _made_anew(site: Site, *, with_a_device: bool = False) -> None:
    """Give the site a new database, with an identity that nobody has seen."""
    database = Database(site.url)
    vault = Vault(site.settings["database"]["secret"])
    device = DeviceID("GOUDWACHT")
    try:
        await migrations.ensure_current(database)
        async with database.begin() as work:
            await load_or_make(work, vault, site.lease.bot)
            if with_a_device:
                await add_device(work, vault, site.lease.bot, device, device)
                await work.execute(update(own_device).values(published=True))
    finally:
        await database.close()


async def _replace_identity(site: Site) -> None:
    """Upload another identity for the bot, as whoever has the as_token could."""
    database = Database("sqlite+aiosqlite://")
    try:
        await migrations.ensure_current(database)
        async with database.begin() as work:
            keys = await load_or_make(work, Vault(secrets.token_urlsafe(32)), site.lease.bot)
    finally:
        await database.close()
    await site.as_bot("POST", "keys", "device_signing", "upload", body=keys.upload_body())


# The rooms


async def test_rooms_that_were_never_made_are_told(new_site: Site) -> None:
    await _made_anew(new_site)
    assert "Restart the service" in (await new_site.faulty())["rooms"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("m.room.power_levels", {"events_default": 0}),
        ("m.room.join_rules", {"join_rule": "public"}),
        ("m.room.history_visibility", {"history_visibility": "world_readable"}),
    ],
)
async def test_a_room_that_was_opened_behind_our_back_is_told_and_healed(
    site: Site, kind: str, content: dict[str, object]
) -> None:
    room = await site.room("alerts_amsterdam")
    await site.as_bot("PUT", "rooms", room, "state", kind, body=content)
    assert f"alerts/amsterdam: somebody changed its {kind}" in (await site.faulty())["rooms"]
    await site.ran_once()
    assert await site.faulty() == {}


async def test_a_room_the_bot_is_not_in_any_more_is_told(site: Site) -> None:
    await site.as_bot("POST", "rooms", await site.room("review"), "leave", body={})
    assert "review: the bot is not in its room" in (await site.faulty())["rooms"]


async def test_the_service_starts_without_a_room_it_lost(site: Site) -> None:
    await site.as_bot("POST", "rooms", await site.room("review"), "leave", body={})
    async with site.running():
        assert set(await site.faulty()) == {"rooms"}


async def test_a_configuration_the_service_has_not_seen_is_told(other_words: Site) -> None:
    other_words.configure("network", name="Zilverwacht")
    key = RoomKey("space")
    assert f"{key}: not as the configuration says now" in (await other_words.faulty())["rooms"]
