"""Mistakes of our own: tried again a few times, then set aside so that everything else goes on.

::

    event or message ─▶ our code raises ─▶ tried again ─▶ … ─▶ SetAside ─▶ domain tells people

A database or a homeserver that is away is no mistake: that is waited for.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from enum import StrEnum

TRIES = 3
"""How often something is tried on which our own code raises."""

_PLACES = 30
"""Enough to reach from a database driver back to the decision that called it."""


class Direction(StrEnum):
    """Which way something was going."""

    IN = "in"
    """An event of the inbox."""
    OUT = "out"
    """A message of the outbox."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """Something that was set aside.

    Attributes:
        direction: which way it was going.
        seq: its number in the inbox or outbox.
        name: of a message, the name that the domain gave it.
    """

    direction: Direction
    seq: int
    name: str | None = None


def fault_of(error: BaseException) -> str:
    """Return where an exception came from: its class and the places of its traceback.

    Places only: the text of an exception may quote what a person wrote.
    """
    frames = list(traceback.walk_tb(error.__traceback__))[-_PLACES:]
    places = (
        f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}:{line}"
        for frame, line in reversed(frames)
    )
    return " < ".join((type(error).__name__, *places))
