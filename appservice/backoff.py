"""How long to wait before trying again."""

from __future__ import annotations

import random


class Backoff:
    """Waiting times that double up to a cap, each drawn at random between half and whole.

    The jitter keeps many waiters from coming back at the same moment.

    Args:
        first: the first wait, seconds.
        cap: the longest wait, seconds.
    """

    def __init__(self, first: float = 0.5, cap: float = 60.0) -> None:
        self._first = first
        self._cap = cap
        self._next = first

    def wait(self) -> float:
        """Return how many seconds to wait now; the next answer is longer."""
        now, self._next = self._next, min(self._cap, self._next * 2)
        return random.uniform(now / 2, now)

    def reset(self) -> None:
        """Begin again: the last try succeeded."""
        self._next = self._first
