"""What may wait makes way for what may not: a look at a thousand rooms, for an alert.

::

    a report comes in, is handled, its messages go out ─▶ pressing
                                                             │
    a look at all rooms ─▶ before each request: is anything? ┴▶ no, and not for a moment ─▶ asked
                                                             └▶ yes: later

A homeserver answers one question after another. Between two of a look it has time for everybody
else, so that an alert that comes in waits for one answer at the most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, Final

from appservice.homeserver import DEFAULT_TIMEOUT, Homeserver
from appservice.wakes import ended

QUIET_SECONDS: Final = 0.5
"""For so long nothing has been pressing: what follows from an event has begun by then."""

MOST_SECONDS: Final = 10.0
"""What may wait waits no longer for one request: a busy network is looked after, too."""

FEW_SECONDS: Final = 1.0
"""So long for each of a few requests, which are over in no time."""

SHARE: Final = 0.25
"""The part of its time that a homeserver spends at the most on what may wait."""


class Leisure:
    """Knows whether anything is pressing.

    Args:
        clock: seconds, from any beginning.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._pressing = 0
        self._free = asyncio.Event()
        self._free.set()
        self._last = float("-inf")

    @contextmanager
    def pressing(self) -> Iterator[None]:
        """Say that what is done in the block does not wait for anything that may."""
        self._pressing += 1
        self._free.clear()
        try:
            yield
        finally:
            self._pressing -= 1
            self._last = self._clock()
            if not self._pressing:
                self._free.set()

    async def comes(self, at_most: float) -> None:
        """Return when nothing was pressing for a moment, or after ``at_most`` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most):
                while not self._free.is_set() or self._left() > 0:
                    await self._free.wait()
                    await asyncio.sleep(max(0.0, self._left()))

    def _left(self) -> float:
        return self._last + QUIET_SECONDS - self._clock()


class Unhurried(Homeserver):
    """A way out for what may wait.

    Args:
        homeserver: the way out as it is.
        leisure: is waited for before each call.
        called: while it is set nothing is waited for: there is something to do behind this.

    Attributes:
        gently: wait longer, and leave the homeserver most of its time between two calls, too. Not
            worth the while of who has but a few to make.
    """

    def __init__(self, homeserver: Homeserver, leisure: Leisure, called: asyncio.Event) -> None:
        super().__init__(homeserver.url, "", homeserver.user, homeserver.device)
        self._homeserver = homeserver
        self._leisure = leisure
        self._called = called
        self.gently = False

    async def call(
        self,
        method: str,
        *path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> dict[str, Any]:
        """See :meth:`appservice.homeserver.Homeserver.call`."""
        await self._unless_called(self._leisure.comes(MOST_SECONDS if self.gently else FEW_SECONDS))
        began = monotonic()
        answer = await self._homeserver.call(method, *path, body=body, query=query, timeout=timeout)
        if self.gently:
            rest = (monotonic() - began) * (1 / SHARE - 1)
            await self._unless_called(asyncio.sleep(rest))
        return answer

    async def _unless_called(self, wait: Coroutine[Any, Any, None]) -> None:
        waits = {asyncio.create_task(wait), asyncio.create_task(self._called.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await ended(waits)
