"""What every part that works for ever does: wait to be called, and let go of its tasks in the end.

::

    wake.set() ─▶ woken ─▶ look what there is to do ─▶ tasks ─▶ cancelled: ended
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any


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
