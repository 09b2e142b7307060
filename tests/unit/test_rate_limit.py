"""A homeserver that asks for patience, in either of the two ways to say so."""

from __future__ import annotations

import time

import pytest
from aiohttp import web

from appservice.homeserver import Homeserver
from appservice.ids import UserID
from tests.harness.processes import free_port

BOT = UserID("@bot:example.org")


@pytest.mark.parametrize(
    ("header", "body"),
    [({}, {"retry_after_ms": 20}), ({"Retry-After": "0"}, {"retry_after_ms": 600_000})],
    ids=["in the body alone", "in the header, which counts more"],
)
async def test_is_asked_again_when_it_said(header: dict[str, str], body: dict[str, int]) -> None:
    asked: list[float] = []

    async def answer(_request: web.Request) -> web.Response:
        asked.append(time.monotonic())
        if len(asked) == 1:
            return web.json_response(body, status=429, headers=header)
        return web.json_response({"here": True})

    application = web.Application()
    application.router.add_get("/{anything:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    homeserver = Homeserver(f"http://127.0.0.1:{port}", "token", BOT)
    try:
        assert await homeserver.call("GET", "v3", "anything") == {"here": True}
    finally:
        await homeserver.close()
        await runner.cleanup()
    assert len(asked) == 2
