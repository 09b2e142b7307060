"""The line between a service and its homeserver, for tests that cut it.

::

    service ──▶ Wire ──▶ homeserver          every request and every answer passes as it is

    wire.cut(...)            requests of a kind no longer get through
    wire.lose_answers(...)   they do, and their answers do not come back
    wire.without_token(...)  they do, with a token that the homeserver does not know

Nothing here answers for the homeserver: what gets through, it answered itself.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
from aiohttp import web
from yarl import URL

from tests.harness.processes import free_port

_LONGEST = 30.0
"""Seconds."""

_OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection"})


@dataclass(frozen=True)
class Passed:
    """A request that got through, and its answer."""

    method: str
    path: str
    body: Any
    status: int
    answer: Any
    asked_at: float
    """When the request came; :func:`time.monotonic`."""
    answered_at: float = field(default_factory=time.monotonic)


class Reached(asyncio.Event):
    """That something came to pass; who waits for it in vain fails, and does not wait for ever."""

    async def wait(self) -> Literal[True]:
        async with asyncio.timeout(_LONGEST):
            return await super().wait()


@dataclass
class Cut:
    """A kind of request that is in trouble."""

    method: str
    path: re.Pattern[str]
    after: bool
    reached: Reached = field(default_factory=Reached)
    """Set when the first such request came (and, where answers are lost, was answered)."""
    struck: list[tuple[str, Any]] = field(default_factory=list)
    """The path and the body of each."""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def fits(self, method: str, path: str) -> bool:
        return method == self.method and self.path.search(path) is not None

    async def strike(self, path: str, body: bytes) -> None:
        self.struck.append((path, _json(body)))
        self.reached.set()
        await self.over.wait()
        raise ConnectionResetError


class Wire:
    """A line to one homeserver.

    Args:
        homeserver: its client API, a URL.
    """

    def __init__(self, homeserver: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.passed: list[Passed] = []
        self._homeserver = homeserver
        self._cuts: list[Cut] = []
        self._tokenless: list[Cut] = []
        self._news = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self._http: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        application = web.Application(client_max_size=2**26)
        application.router.add_route("*", "/{path:.*}", self._pass_on)
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def close(self) -> None:
        for cut in self._cuts:
            cut.over.set()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._http is not None:
            await self._http.close()

    @contextmanager
    def cut(self, method: str, path: str) -> Iterator[Cut]:
        """Let no request of this kind through; ``path`` is a pattern found in the path."""
        yield from self._while(Cut(method, re.compile(path), after=False))

    @contextmanager
    def lose_answers(self, method: str, path: str) -> Iterator[Cut]:
        """Let requests of this kind through, and lose their answers."""
        yield from self._while(Cut(method, re.compile(path), after=True))

    @contextmanager
    def without_token(self, method: str, path: str) -> Iterator[Cut]:
        """Let requests of this kind through with a wrong token: the homeserver refuses them."""
        cut = Cut(method, re.compile(path), after=False)
        self._tokenless.append(cut)
        try:
            yield cut
        finally:
            self._tokenless.remove(cut)

    async def saw(
        self,
        method: str,
        path: str,
        question: Callable[[Passed], bool] = lambda _: True,
        timeout: float = 20,
    ) -> Passed:
        """Wait until a request of this kind has been answered."""
        pattern = re.compile(path)

        def found() -> Passed | None:
            for one in self.passed:
                if one.method == method and pattern.search(one.path) and question(one):
                    return one
            return None

        async with asyncio.timeout(timeout), self._news:
            while (result := found()) is None:
                await self._news.wait()
            return result

    def count(self, method: str, path: str) -> int:
        """How many requests of this kind got through so far."""
        pattern = re.compile(path)
        return sum(1 for p in self.passed if p.method == method and pattern.search(p.path))

    def _while(self, cut: Cut) -> Iterator[Cut]:
        self._cuts.append(cut)
        try:
            yield cut
        finally:
            self._cuts.remove(cut)
            cut.over.set()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        assert self._http is not None
        asked_at = time.monotonic()
        method, path = request.method, request.raw_path
        cut = next((c for c in self._cuts if c.fits(method, path)), None)
        body = await request.read()
        if cut is not None and not cut.after:
            await cut.strike(path, body)
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _OWN_HEADERS}
        refused = next((c for c in self._tokenless if c.fits(method, path)), None)
        if refused is not None:
            headers["Authorization"] = "Bearer unknown"
        async with self._http.request(
            method,
            URL(f"{self._homeserver}{path}", encoded=True),
            data=body or None,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=120),
        ) as answer:
            raw = await answer.read()
            status = answer.status
        if refused is not None:
            refused.reached.set()
        if cut is not None:
            await cut.strike(path, body)
        async with self._news:
            self.passed.append(Passed(method, path, _json(body), status, _json(raw), asked_at))
            self._news.notify_all()
        return web.Response(status=status, body=raw, content_type="application/json")


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None
