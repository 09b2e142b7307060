"""The door: who gets in, what is taken, and how everything else is refused."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appservice import inbox
from appservice.database import Database
from appservice.door import Door
from appservice.ids import UserID
from appservice.vault import Vault
from tests.appservice.anything import JSON
from tests.harness.processes import free_port

TOKEN = "the homeserver's own token"
VAULT = Vault("a secret for the tests, long enough to seal with")
BOT = UserID("@goudwacht:example.org")
LIMIT = 1_000_000
TRANSACTION = "/_matrix/app/v1/transactions/1"


class Caller:
    """Calls a door over HTTP, as the homeserver does."""

    def __init__(self, address: str, http: aiohttp.ClientSession, database: Database) -> None:
        self.address, self.http, self.database = address, http, database
        self.arrivals = 0

    def arrived(self) -> None:
        self.arrivals += 1

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        data: bytes | None = None,
        token: str | None = TOKEN,
    ) -> tuple[int, Any]:
        """Return the status and the JSON of the answer."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        raw = json.dumps(body).encode() if data is None else data
        async with self.http.request(
            method, self.address + path, data=raw, headers=headers
        ) as answer:
            assert answer.content_type == "application/json"
            return answer.status, json.loads(await answer.read() or b"null")

    async def bring(self, *events: object) -> int:
        """Bring a transaction with these events; return the status."""
        return (await self.call("PUT", TRANSACTION, {"events": list(events)}))[0]

    async def kept(self) -> list[str]:
        """The ids of the events in the inbox, in their order."""
        async with self.database.read() as work:
            rows = await work.execute(inbox.inbox.select().order_by(inbox.inbox.c.seq))
            return [row.event_id for row in rows]


@pytest_asyncio.fixture(loop_scope="session")
async def door(database: Database) -> AsyncIterator[Caller]:
    """A door on an empty database, and who knocks."""
    async with opened(database) as caller:
        yield caller


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[Caller]:
    port = free_port()
    async with aiohttp.ClientSession() as http:
        caller = Caller(f"http://127.0.0.1:{port}", http, database)
        served = Door(database, VAULT, TOKEN, BOT, LIMIT, caller.arrived)
        runner = web.AppRunner(served.application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield caller
        finally:
            await runner.cleanup()


def event(number: int, **other: object) -> dict[str, object]:
    return {
        "event_id": f"$event{number}",
        "room_id": "!room",
        "sender": "@anna:example.org",
        "type": "m.room.message",
        "content": {"body": f"message {number}"},
        "origin_server_ts": 1_700_000_000_000 + number,
        **other,
    }


# -- who gets in -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", TRANSACTION),
        ("POST", "/_matrix/app/v1/ping"),
        ("GET", f"/_matrix/app/v1/users/{BOT}"),
        ("GET", "/_matrix/app/v1/rooms/%23x:example.org"),
        ("GET", "/_matrix/app/v1/thirdparty/location"),
    ],
)
async def test_without_a_token_nothing_is_answered(door: Caller, method: str, path: str) -> None:
    status, answer = await door.call(method, path, {"events": []}, token=None)

    assert (status, answer["errcode"]) == (401, "M_MISSING_TOKEN")


@pytest.mark.parametrize("token", ["wrong", TOKEN + "x", TOKEN[:-1], "é", " "])
async def test_with_a_wrong_token_nothing_is_answered(door: Caller, token: str) -> None:
    status, answer = await door.call("POST", "/_matrix/app/v1/ping", {}, token=token)

    assert (status, answer["errcode"]) in [(403, "M_FORBIDDEN"), (401, "M_MISSING_TOKEN")]


async def test_with_a_wrong_token_nothing_is_kept(door: Caller) -> None:
    await door.call("PUT", TRANSACTION, {"events": [event(1)]}, token="wrong")

    assert await door.kept() == []


async def test_tokens_are_compared_in_constant_time(
    door: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[object] = []
    compare_digest = hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        compared.append(one)
        return compare_digest(one, other)

    monkeypatch.setattr("appservice.door.hmac.compare_digest", compare)
    await door.call("POST", "/_matrix/app/v1/ping", {}, token="wrong")

    assert compared == [b"wrong"]


async def test_a_token_in_the_query_is_taken_as_older_homeservers_send_it(
    door: Caller,
) -> None:
    status, _ = await door.call(
        "POST", f"/_matrix/app/v1/ping?access_token={TOKEN.replace(' ', '%20')}", {}, token=None
    )

    assert status == 200


async def test_the_health_of_the_service_is_told_to_anyone(door: Caller) -> None:
    assert await door.call("GET", "/health", token=None) == (200, {"status": "ok"})


# -- what is taken -----------------------------------------------------------------------------


async def test_events_are_kept_in_their_order_before_they_are_answered_for(
    door: Caller,
) -> None:
    assert await door.bring(event(2), event(1), event(3)) == 200

    assert await door.kept() == ["$event2", "$event1", "$event3"]


async def test_what_the_bot_said_itself_is_not_kept(door: Caller) -> None:
    said, done = event(1, sender=BOT), event(2, sender=BOT, type="m.room.topic", state_key="")

    assert await door.bring(said, event(3)) == 200
    assert await door.bring(done) == 200

    # What it did to a room is: whoever has its token could undo a room's guards.
    assert await door.kept() == ["$event3", "$event2"]


async def test_a_transaction_that_comes_twice_is_kept_once(door: Caller) -> None:
    await door.bring(event(1), event(2))

    assert await door.bring(event(1), event(2)) == 200

    assert await door.kept() == ["$event1", "$event2"]


async def test_an_event_that_is_twice_in_a_transaction_is_kept_once(door: Caller) -> None:
    assert await door.bring(event(1), event(1)) == 200

    assert await door.kept() == ["$event1"]


async def test_nobody_is_woken_for_what_came_before(door: Caller) -> None:
    await door.bring(event(1))
    await door.bring(event(1))

    assert door.arrivals == 1


async def test_a_thousand_events_are_taken_at_once(door: Caller) -> None:
    many = [event(number) for number in range(1000)]

    assert await door.bring(*many) == 200

    assert await door.kept() == [f"$event{number}" for number in range(1000)]


async def test_the_same_transaction_at_the_same_time_is_kept_once(door: Caller) -> None:
    await asyncio.gather(*(door.bring(event(1), event(2)) for _ in range(5)))

    assert await door.kept() == ["$event1", "$event2"]


def deep(levels: int) -> dict[str, object]:
    content: dict[str, object] = {}
    for _ in range(levels):
        content = {"in": content}
    return content


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param("no object", id="no object"),
        pytest.param({}, id="nothing in it"),
        pytest.param(event(9, event_id=None), id="no id"),
        pytest.param(event(9, event_id="$" + "x" * 300), id="a long id"),
        pytest.param(event(9, sender="@a\x00:b"), id="a NUL"),
        pytest.param(event(9, room_id="!\ud800"), id="half a surrogate pair"),
        pytest.param(event(9, type=7), id="a number as type"),
        pytest.param(event(9, content=[]), id="a list as content"),
        pytest.param(event(9, content=deep(300)), id="deep content"),
        pytest.param(event(9, state_key=1), id="a number as state key"),
        pytest.param(event(9, origin_server_ts="now"), id="a text as time"),
        pytest.param(event(9, origin_server_ts=10**30), id="a time beyond all times"),
        pytest.param(event(9, origin_server_ts=True), id="a truth as time"),
    ],
)
async def test_one_bad_event_does_not_cost_the_good_ones(door: Caller, bad: object) -> None:
    assert await door.bring(event(1), bad, event(2)) == 200

    assert await door.kept() == ["$event1", "$event2"]


async def test_an_event_a_million_deep_does_not_cost_the_good_ones(
    door: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    bottomless = json.dumps(event(9, content={"in": "HERE"})).replace(
        '"HERE"', '{"a":' * 90_000 + "1" + "}" * 90_000
    )
    good = [json.dumps(event(number, content={"body": '[{"events": ['})) for number in (1, 2)]
    body = f'{{"ephemeral": [], "events": [{good[0]}, {bottomless}, {good[1]}]}}'

    status, _ = await door.call("PUT", TRANSACTION, data=body.encode())

    assert status == 200
    assert await door.kept() == ["$event1", "$event2"]
    assert [record.message for record in caplog.records if record.name == "appservice.door"] == [
        "1 of 3 events are malformed (not an object)"
    ]


async def test_an_event_of_65_kilobytes_is_kept_whole(door: Caller) -> None:
    content = {"body": "x" * 65_000}

    assert await door.bring(event(1, content=content), event(2)) == 200

    async with door.database.read() as work:
        entry = await inbox.next_waiting(work, VAULT)
    assert entry is not None
    assert entry.event.content == content


async def test_another_content_under_the_same_id_changes_nothing(door: Caller) -> None:
    await door.bring(event(1), event(1, content={"body": "in the same transaction"}), event(2))
    await door.bring(event(1, content={"body": "in another"}), event(3))

    assert await door.kept() == ["$event1", "$event2", "$event3"]
    async with door.database.read() as work:
        entry = await inbox.next_waiting(work, VAULT)
    assert entry is not None
    assert entry.event.content == {"body": "message 1"}


async def test_content_comes_back_as_it_was(door: Caller) -> None:
    content = {"body": "NUL \x00, emoji 💍, half \ud83d", "n": 1.5, "list": [None, True, {}]}

    await door.bring(event(1, content=content))

    async with door.database.read() as work:
        entry = await inbox.next_waiting(work, VAULT)
    assert entry is not None
    assert entry.event.content == content


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "errcode"),
    [
        pytest.param(b"{", "M_NOT_JSON", id="half an object"),
        pytest.param(b"", "M_NOT_JSON", id="nothing"),
        pytest.param(b"\xff\xfe\x00", "M_NOT_JSON", id="no text"),
        pytest.param(b"[" * 50_000 + b"]" * 50_000, "M_NOT_JSON", id="deep"),
        pytest.param(b'{"events": ' + b"9" * 9_000 + b"}", "M_NOT_JSON", id="a huge number"),
        pytest.param(b"[]", "M_BAD_JSON", id="a list"),
        pytest.param(b"{}", "M_BAD_JSON", id="no events"),
        pytest.param(b'{"events": {}}', "M_BAD_JSON", id="events that are no list"),
    ],
)
async def test_a_body_that_is_no_transaction_is_refused(
    door: Caller, data: bytes, errcode: str
) -> None:
    status, answer = await door.call("PUT", TRANSACTION, data=data)

    assert (status, answer["errcode"]) == (400, errcode)


async def test_a_body_over_the_limit_is_refused(door: Caller) -> None:
    status, answer = await door.call("PUT", TRANSACTION, data=b" " * (LIMIT + 1))

    assert (status, answer["errcode"]) == (413, "M_TOO_LARGE")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", TRANSACTION), ("GET", "/_matrix/app/v1/ping"), ("PUT", "/health")]
)
async def test_another_method_is_refused(door: Caller, method: str, path: str) -> None:
    status, answer = await door.call(method, path, {})

    assert (status, answer["errcode"]) == (405, "M_UNRECOGNIZED")


@pytest.mark.parametrize("path", ["/", "/_matrix/app/v1/", "/_matrix/client/v3/sync", "/%00"])
async def test_another_path_is_refused(door: Caller, path: str) -> None:
    status, answer = await door.call("GET", path)

    assert (status, answer["errcode"]) == (404, "M_UNRECOGNIZED")


async def test_the_bot_exists(door: Caller) -> None:
    assert await door.call("GET", f"/_matrix/app/v1/users/{BOT}") == (200, {})


@pytest.mark.parametrize(
    "path", ["users/@somebody:example.org", "rooms/%23goudwacht_x:example.org"]
)
async def test_nobody_and_nothing_else_exists(door: Caller, path: str) -> None:
    status, answer = await door.call("GET", f"/_matrix/app/v1/{path}")

    assert (status, answer["errcode"]) == (404, "M_NOT_FOUND")


async def test_when_the_database_is_away_the_homeserver_is_asked_to_come_again(
    tmp_path: Path,
) -> None:
    without_tables = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")

    async with opened(without_tables) as door:
        status, answer = await door.call("PUT", TRANSACTION, {"events": [event(1)]})
    await without_tables.close()

    assert (status, answer["errcode"]) == (500, "M_UNKNOWN")


# -- anything at all ---------------------------------------------------------------------------

ANY_EVENT = st.fixed_dictionaries(
    {},
    optional={
        name: JSON | st.text()
        for name in ("event_id", "room_id", "sender", "type", "content", "state_key")
    }
    | {"origin_server_ts": JSON | st.integers()},
)
often = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@often
@given(events=st.lists(ANY_EVENT | JSON, max_size=5))
async def test_no_event_whatever_is_in_it_keeps_a_transaction_from_being_taken(
    door: Caller, events: list[object]
) -> None:
    assert await door.bring(*events) == 200


@often
@given(data=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
async def test_no_body_makes_the_door_stumble(door: Caller, data: bytes) -> None:
    status, _ = await door.call("PUT", TRANSACTION, data=data)

    assert status in (200, 400)
