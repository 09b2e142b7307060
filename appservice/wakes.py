"""What every part that works for ever does: wait to be called, begin tasks, and end them with it.

::

    wake.set() ─▶ woken ─▶ look what there is to do ─▶ OneEach ─▶ in the end, cancelled
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Iterable
from contextlib import suppress
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)


async def woken(wake: asyncio.Event, within: float) -> None:
    """Return when ``wake`` is set, or after ``within`` seconds.

    Nobody can call from another process, such as a command of the operator's: who waits looks by
    itself now and then.
    """
    with suppress(TimeoutError):
        # Not wait_for: before Python 3.12 it may swallow the cancelling of this task.
        async with asyncio.timeout(within):
            await wake.wait()


async def ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and return when they are over, however they ended."""
    stopped = list(tasks)
    for task in stopped:
        task.cancel()
    await asyncio.gather(*stopped, return_exceptions=True)


class OneEach(Generic[K]):
    """Tasks beside each other, at most one for each key: a room, a user, a homeserver.

    Args:
        run: what a task does for its key.
        over: hears of each that ended by itself, and of the error it raised, if it did. Where
            nobody hears, the loop's own handler is told of an error.
    """

    def __init__(
        self,
        run: Callable[[K], Coroutine[Any, Any, None]],
        over: Callable[[K, BaseException | None], None] | None = None,
    ) -> None:
        self._run = run
        self._told = over
        self._tasks: dict[K, asyncio.Task[None]] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._tasks

    def __len__(self) -> int:
        return len(self._tasks)

    def begin(self, key: K) -> None:
        """Begin the task of a key, unless it is at it."""
        if key not in self._tasks:
            self._tasks[key] = task = asyncio.create_task(self._run(key))
            task.add_done_callback(lambda done: self._over(key, done))

    async def end(self) -> None:
        """Cancel them all and return when they are over."""
        await ended(self._tasks.values())

    def _over(self, key: K, task: asyncio.Task[None]) -> None:
        self._tasks.pop(key, None)
        if self._told is not None and not task.cancelled():
            self._told(key, task.exception())
