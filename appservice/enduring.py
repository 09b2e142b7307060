"""Going on over what goes away and comes back: the homeserver, and the database server.

Nothing is given up for their absence. A step is tried again until it was made; a part of the
service is started again until the service ends. Another instance taking over is the exception.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from time import monotonic
from typing import Any, TypeVar

from appservice.active import NoLongerActive
from appservice.backoff import Backoff
from appservice.database import is_outage
from appservice.faults import fault_of
from appservice.homeserver import HomeserverUnreachable

log = logging.getLogger(__name__)

DATABASE_PAUSE = 5.0
"""The longest wait for a database server, seconds: it is near, and everything waits for it."""

_T = TypeVar("_T")


async def until_reached(step: Callable[[], Awaitable[_T]]) -> _T:
    """Take a step that is safe to repeat, as often as homeserver and database are away."""
    backoff, near = Backoff(), Backoff(cap=DATABASE_PAUSE)
    while True:
        try:
            return await step()
        except HomeserverUnreachable as error:
            pause = backoff.wait()
            log.warning("%s; next try in %.1f s", error, pause)
        except NoLongerActive:
            raise
        except Exception as error:
            if not is_outage(error):
                raise
            pause = near.wait()
            _tell_outage(error, pause)
        await asyncio.sleep(pause)


class Later(Exception):
    """A step cannot be taken now; who raises it has said why."""


async def drained(step: Callable[[], Awaitable[bool]]) -> None:
    """Take steps until one finds nothing left to do, over a homeserver that is away.

    Args:
        step: False when there was nothing to do; raises :class:`HomeserverUnreachable`, or
            :class:`Later`, to be called again after a pause that grows while it does.
    """
    backoff = Backoff()
    while True:
        try:
            if not await step():
                return
            backoff.reset()
        except HomeserverUnreachable as error:
            pause = backoff.wait()
            log.warning("%s; next try in %.1f s", error, pause)
            await asyncio.sleep(pause)
        except Later:
            await asyncio.sleep(backoff.wait())


async def steadily(part: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a part of the service for ever, over a database that goes away and comes back."""
    backoff, near = Backoff(), Backoff(cap=DATABASE_PAUSE)
    while True:
        started = monotonic()
        try:
            await part()
        except NoLongerActive:
            raise
        except Exception as error:
            if monotonic() - started > DATABASE_PAUSE:
                # It went well for a while: this is a new trouble, not the same one going on.
                backoff.reset()
                near.reset()
            if is_outage(error):
                pause = near.wait()
                _tell_outage(error, pause)
            else:
                # A mistake of ours in one part must not stop the others.
                pause = backoff.wait()
                log.error("failed (%s); tried again in %.1f s", fault_of(error), pause)
            await asyncio.sleep(pause)


def _tell_outage(error: Exception, pause: float) -> None:
    log.error(
        "the database failed (%s); tried again in %.1f s. `goudwacht doctor` tells more",
        type(error).__name__,
        pause,
    )
