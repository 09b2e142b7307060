"""A back-up was put back, or the database is lost: the bot goes on with another device.

::

    back-up put back ─▶ noticed, or told ───▶ start_new_device ─▶ start: same identity, new keys
    database lost    ─▶ another bot.device ─▶ replace_identity ─▶ start: new identity, new keys

Every ratchet of a back-up stands where it stood when the back-up was made. What the bot says next
would be encrypted with keys it has used since: clients refuse that as a replay. And room keys that
members shared since are not in it, though their clients believe that the device has them: they
would go on with a session that the bot cannot read. A new device, signed by the same identity, has
neither past; when its first start removes the former one, clients start new sessions by themselves.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from secrets import token_hex

from sqlalchemy import delete, select, update

from appservice import catching_up, landmark
from appservice.database import Database, Work
from appservice.encryption import cross_signing
from appservice.encryption.account import add_device, load_account, own_device
from appservice.encryption.debts import owed_session_keys
from appservice.encryption.devices import tracked_users
from appservice.encryption.key_requests import key_requests
from appservice.encryption.olm import olm_sessions
from appservice.encryption.outbound import outbound_group_sessions, session_shares
from appservice.encryption.to_device import to_device_outbox
from appservice.encryption.unwedging import wedged_devices
from appservice.homeserver import Homeserver
from appservice.ids import DeviceID, UserID
from appservice.inbox import Status as InboxStatus
from appservice.inbox import inbox
from appservice.key_sync import sync_position
from appservice.outbox import Status as OutboxStatus
from appservice.outbox import outbox
from appservice.rooms.errands import Errand, errands
from appservice.vault import Vault

log = logging.getLogger(__name__)

PERHAPS_SENT = "waited when the back-up was made; it may have been sent since"
PERHAPS_HANDLED = "waited when the back-up was made; it may have been handled since"

_OF_THE_DEVICE = (
    owed_session_keys,
    session_shares,
    outbound_group_sessions,
    olm_sessions,
    to_device_outbox,
    key_requests,
    wedged_devices,
    sync_position,
    own_device,
)


@dataclass(frozen=True, slots=True)
class Aside:
    """How many events and messages waited in a back-up, and were set aside."""

    events: int = 0
    messages: int = 0


class DeviceInUse(Exception):
    """The bot had the configured device before; its keys cannot be had again."""

    def __init__(self, device: DeviceID) -> None:
        super().__init__(
            f"The bot has used the device {device} before, and must go on with another. Set "
            f"bot.device in goudwacht.yaml to a name it never had, for example {device}2, then "
            "type this again."
        )


class NotLost(Exception):
    """The database holds the identity that the homeserver shows."""

    def __init__(self) -> None:
        super().__init__(
            "This database has an identity for the bot already: nothing is lost, and nothing was "
            "changed. After putting back a back-up, type: goudwacht db restored"
        )


async def start_new_device(work: Work, vault: Vault, user: UserID, configured: DeviceID) -> Aside:
    """Forget the bot's device and all its sessions, for a new one; its identity stays.

    What waited is set aside: it may have been handled, or sent, after the back-up, and nothing
    tells a second time from the first. Nor is read again what rooms have had since.

    Args:
        configured: the device's name in the configuration. Where it is the one of the back-up the
            new device is named after it, and the configuration may stay as it is.

    Raises:
        VaultError: the database was sealed under another secret.
    """
    former = (
        await work.execute(select(own_device).where(own_device.c.user_id == user))
    ).one_or_none()
    if former is None:
        return Aside()
    await load_account(work, vault, user)
    for table in _OF_THE_DEVICE:
        await work.execute(delete(table))
    # A homeserver knows a transaction id of one device: there is nothing to recall by it any more.
    await work.execute(delete(errands).where(errands.c.kind == Errand.RECALL))
    device = configured
    if configured in (former.device_id, former.configured):
        # A name that no back-up has: the same one may be put back twice.
        device = DeviceID(f"{configured}_{token_hex(4)}")
    await add_device(work, vault, user, device, configured)
    await catching_up.forget(work, user)
    await landmark.was_put_back(work)
    # Whoever got another device since the back-up: a look at all of them finds it.
    await work.execute(update(tracked_users).values(changes=tracked_users.c.changes + 1))
    waiting = await work.execute(
        update(outbox)
        .where(outbox.c.status == OutboxStatus.WAITING)
        .values(status=OutboxStatus.SET_ASIDE, fault=PERHAPS_SENT)
    )
    return Aside(await _set_events_aside(work), waiting.rowcount)


async def notice(
    database: Database,
    vault: Vault,
    homeserver: Homeserver,
    configured: DeviceID,
    landmarks: landmark.Landmark,
) -> None:
    """Go on with a new device where the homeserver has seen a later state of the database.

    Args:
        homeserver: the way out as the bot; needs no device.
        configured: the device's name in the configuration.
        landmarks: tells what the homeserver has seen.

    Raises:
        HomeserverUnreachable: try again later.
        VaultError: the database was sealed under another secret.
    """
    if not await landmarks.is_ahead():
        return
    async with database.begin() as work:
        aside = await start_new_device(work, vault, homeserver.user, configured)
    log.warning(
        "the database is older than what the bot has done: a back-up was put back. The bot goes on "
        "with a new device; %d messages and %d events that waited are set aside: see `goudwacht "
        "outbox list` and `goudwacht inbox list`",
        aside.messages,
        aside.events,
    )


async def _set_events_aside(work: Work) -> int:
    waiting = inbox.c.status.in_((InboxStatus.WAITING, InboxStatus.HELD))
    # How rooms stand is asked at the start. What comes later than these is in no back-up: an
    # invitation handled now would hide for ever that it was followed.
    await work.execute(
        update(inbox)
        .where(waiting, inbox.c.state_key.is_not(None))
        .values(status=InboxStatus.DONE, content=None, waits_for=None)
    )
    aside = await work.execute(
        update(inbox)
        .where(waiting)
        .values(status=InboxStatus.DEAD, waits_for=None, fault=PERHAPS_HANDLED)
    )
    return aside.rowcount


async def replace_identity(
    database: Database, vault: Vault, homeserver: Homeserver, device: DeviceID
) -> None:
    """Make a new identity and publish it in place of the one that was lost.

    Raises:
        NotLost: the database has an identity.
        DeviceInUse: the homeserver knows ``device``, whose keys were lost too.
        HomeserverUnreachable, MatrixError: nothing was replaced; try again.
    """
    user = homeserver.user
    known = await homeserver.call("POST", "v3", "keys", "query", body={"device_keys": {user: []}})
    async with database.begin() as work:
        identity = await cross_signing.load(work, vault, user)
        published = (known.get("master_keys", {}).get(user) or {}).get("keys", {})
        if identity is not None and (
            not published or f"ed25519:{identity.master.public}" in published
        ):
            raise NotLost
        if device in known.get("device_keys", {}).get(user, {}):
            raise DeviceInUse(device)
        # A start that was refused has made a device here, of which nobody else ever heard.
        await work.execute(delete(own_device))
        identity = await cross_signing.load_or_make(work, vault, user)
    await homeserver.call(
        "POST", "v3", "keys", "device_signing", "upload", body=identity.upload_body()
    )
