"""To-device messages as a sync brings them: whoever opens them is fetched when the first one comes.

::

    to_device of a sync ─▶ receive ─▶ opening (nio) ─▶ room keys, and whose messages did not open
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from appservice.database import Work
from appservice.encryption.account import OwnKeys
from appservice.encryption.olm import ENCRYPTED, Received
from appservice.vault import Vault


async def receive(
    work: Work, vault: Vault, own: OwnKeys, raw_events: Sequence[object], now: datetime
) -> Received:
    """Open the ``to_device`` events of one sync and store every ratchet they moved.

    What cannot be opened is dropped with a line in the log: a repeated delivery cannot be opened
    a second time, and nothing else is lost by it.

    Returns:
        The room keys that were in them, and whose messages did not open.
    """
    if not any(isinstance(raw, Mapping) and raw.get("type") == ENCRYPTED for raw in raw_events):
        return Received()
    # Here and not above: a start on which no message waits does without nio for a while.
    from appservice.encryption import opening

    return await opening.opened(work, vault, own, raw_events, now)
