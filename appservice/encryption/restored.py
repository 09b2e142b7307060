"""After a back-up was put back: what an older database would say twice is said anew.

Every ratchet in it stands where it stood when the back-up was made. What the bot says next would
be encrypted with keys it has used since: clients refuse that as a replay, and cannot open it in
Olm. So the bot starts new sessions, to rooms and to devices; its identity and its device stay.
"""

from __future__ import annotations

from sqlalchemy import delete

from appservice.database import Work
from appservice.encryption.account import load_account, save_account
from appservice.encryption.olm import olm_sessions
from appservice.encryption.outbound import (
    outbound_group_sessions,
    owed_session_keys,
    session_shares,
)
from appservice.ids import UserID
from appservice.vault import Vault

_KEYS_SKIPPED = 2_000
"""One-time keys that may have been published since the back-up: about as many new sessions of
members' devices. A homeserver refuses another key under a name it knows."""


async def start_new_sessions(work: Work, vault: Vault, user: UserID) -> None:
    """Forget every session with which the bot sends, and one-time keys it may have used.

    Raises:
        VaultError: the database was sealed under another secret.
    """
    for table in (owed_session_keys, session_shares, outbound_group_sessions, olm_sessions):
        await work.execute(delete(table))
    account = await load_account(work, vault, user)
    account.generate_one_time_keys(_KEYS_SKIPPED)
    account.mark_keys_as_published()
    await save_account(work, vault, user, account)
