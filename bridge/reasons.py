"""Why somebody decided something, as they type it: how long that may be."""

from __future__ import annotations

from typing import Final

from bridge.speech import Refused

MAXIMUM_REASON: Final = 500
"""Characters: it is kept in the audit log, and somebody reads it."""


def fits(reason: str | None) -> None:
    """Check that a reason, if there is one, is no longer than somebody reads.

    Raises:
        Refused: it is.
    """
    if reason is not None and len(reason) > MAXIMUM_REASON:
        raise Refused("review/reason_too_long", maximum=MAXIMUM_REASON)
