"""The floor: ``python -m tests.bench.floor``, with a :class:`Task` as JSON on standard input.

A bare application service, without database and without encryption. To the transaction of a
reaction it answers at once with one PUT for each room, of what was made for it beforehand.
"""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp import web


@dataclass(frozen=True)
class Task:
    """What the floor is to do.

    Attributes:
        homeserver: the client API, a URL.
        port: where transactions come.
        as_token: the service's own.
        user, device: who sends.
        answers: for each reaction what to send: pairs of room and content.
    """

    homeserver: str
    port: int
    as_token: str
    user: str
    device: str
    answers: list[list[tuple[str, dict[str, Any]]]]


async def run(task: Task) -> None:
    """Answer reactions until killed."""
    answers = iter(task.answers)
    headers = {"Authorization": f"Bearer {task.as_token}"}
    identity = {
        "user_id": task.user,
        "device_id": task.device,
        "org.matrix.msc3202.device_id": task.device,
    }
    sending: set[asyncio.Task[None]] = set()
    async with aiohttp.ClientSession(headers=headers) as http:

        async def send(room: str, content: dict[str, Any]) -> None:
            address = f"{task.homeserver}/_matrix/client/v3/rooms/{quote(room)}/send"
            async with http.put(
                f"{address}/m.room.encrypted/{uuid.uuid4()}", params=identity, json=content
            ) as answer:
                await answer.read()

        async def transaction(request: web.Request) -> web.Response:
            body = json.loads(await request.read())
            for event in body["events"]:
                if event["type"] == "m.reaction":
                    for room, content in next(answers, []):
                        one = asyncio.create_task(send(room, content))
                        sending.add(one)
                        one.add_done_callback(sending.discard)
            return web.json_response({})

        async def idle(_request: web.Request) -> web.Response:
            await asyncio.gather(*sending)
            return web.json_response({})

        application = web.Application(client_max_size=64 * 2**20)
        application.router.add_put("/_matrix/app/v1/transactions/{txn_id}", transaction)
        application.router.add_get("/idle", idle)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", task.port).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(Task(**json.loads(sys.stdin.read()))))
