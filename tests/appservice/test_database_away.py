"""The database goes away, or is busy, while the service runs: it goes on by itself."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from pathlib import Path

import aiohttp

from tests.appservice.conftest import ServiceFactory, Together
from tests.appservice.wire import Wire
from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease
from tests.harness.people import Person
from tests.harness.postgres import Postgres


async def _delivered(lease: AppserviceLease) -> int:
    """Have the homeserver's part deliver an event that nobody minds; return the status."""
    event = {
        "event_id": f"${uuid.uuid4().hex}",
        "room_id": "!elsewhere",
        "sender": f"@somebody:{lease.server_name}",
        "type": "m.room.topic",
        "state_key": "",
        "content": {},
        "origin_server_ts": 1,
    }
    url = f"{lease.address}/_matrix/app/v1/transactions/{uuid.uuid4().hex}"
    headers = {"Authorization": f"Bearer {lease.hs_token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.put(url, json={"events": [event]}) as answer,
    ):
        return answer.status


def _echoes(anna: Person, *words: str) -> dict[str, int]:
    read = [seen.body for seen in anna.timeline()]
    return {word: read.count(f"echo: {word}") for word in words}


async def _on_server(
    service: ServiceFactory, lease: AppserviceLease, postgres: Postgres, wire: Wire, anna: Person
) -> Together:
    return await service.together(lease, anna, wire=wire, url=await postgres.fresh_database())


async def test_what_is_said_while_the_server_is_dead_is_answered_once_when_it_is_back(
    service: ServiceFactory,
    lease: AppserviceLease,
    postgres: Postgres,
    wire: Wire,
    person: PersonFactory,
) -> None:
    anna = await person("anna")
    here = await _on_server(service, lease, postgres, wire, anna)
    await anna.say(here.everyone, "vooraf")
    # Not waited for: wherever in it the server dies, nothing of it may be lost.
    await postgres.kill()
    await anna.say(here.everyone, "intussen")
    assert await _delivered(lease) == 500
    await postgres.start()
    await anna.reads("echo: vooraf")
    await anna.reads("echo: intussen")
    await anna.say(here.everyone, "achteraf")
    await anna.reads("echo: achteraf")
    once = {"vooraf": 1, "intussen": 1, "achteraf": 1}
    assert (_echoes(anna, *once), anna.unreadable) == (once, [])


async def test_the_homeserver_is_called_when_the_server_is_back(
    service: ServiceFactory,
    lease: AppserviceLease,
    postgres: Postgres,
    wire: Wire,
    person: PersonFactory,
) -> None:
    await _on_server(service, lease, postgres, wire, await person("anna"))
    await postgres.kill()
    assert await _delivered(lease) == 500
    called = asyncio.create_task(wire.saw("POST", "/ping"))
    await postgres.start()
    await called


async def test_a_back_up_that_locks_a_database_file_is_waited_for(
    service: ServiceFactory, lease: AppserviceLease, tmp_path: Path, person: PersonFactory
) -> None:
    anna = await person("anna")
    file = tmp_path / "goudwacht.db"
    here = await service.together(lease, anna, url=f"sqlite+aiosqlite:///{file}")
    back_up = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    # Not in the loop: the service, which shares it, may be in the middle of a write of its own.
    await asyncio.to_thread(back_up.execute, "BEGIN EXCLUSIVE")
    await anna.say(here.everyone, "intussen")
    delivering = asyncio.create_task(_delivered(lease))
    done, _ = await asyncio.wait({delivering}, timeout=1)
    back_up.execute("COMMIT")
    back_up.close()
    assert not done
    assert await delivering == 200
    await anna.reads("echo: intussen")
    assert _echoes(anna, "intussen") == {"intussen": 1}
