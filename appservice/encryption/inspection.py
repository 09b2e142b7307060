"""What the homeserver says of the bot's device and identity, held against the database.

::

    own account, own identity ──┐
                                ├─▶ standing (pure) ─▶ DeviceFault, IdentityFault, or neither
    answer of /keys/query ──────┘

Changes nothing on either side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from appservice.database import Database
from appservice.encryption import cross_signing
from appservice.encryption.account import load_account, own_device
from appservice.encryption.cross_signing import CrossSigningKeys
from appservice.encryption.trust import identity_of, signature_is_good
from appservice.homeserver import Homeserver
from appservice.ids import DeviceID, UserID
from appservice.vault import Vault


class DeviceFault(StrEnum):
    """What is wrong with the bot's device."""

    RENAMED = "renamed"
    """The database has one of another name than was asked for."""
    GONE = "gone"
    """The homeserver does not have it."""
    REPLACED = "replaced"
    """The homeserver has other keys for it."""


class IdentityFault(StrEnum):
    """What is wrong with the bot's cross-signing identity."""

    NOT_PUBLISHED = "not published"
    """The homeserver has none."""
    REPLACED = "replaced"
    """The homeserver has another one."""
    DEVICE_NOT_SIGNED = "device not signed"
    """It did not sign the bot's device."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database holds of the bot."""

    device: DeviceID
    configured: DeviceID
    """The device's name in the configuration."""
    curve25519: str
    ed25519: str
    identity: CrossSigningKeys


@dataclass(frozen=True, slots=True)
class Standing:
    """How the bot stands at the homeserver.

    Attributes:
        device: what is wrong with the device.
        identity: what is wrong with the identity. Whether it signed a device that is not there
            is nobody's question.
    """

    device: DeviceFault | None
    identity: IdentityFault | None


async def load_stored(database: Database, vault: Vault, user: UserID) -> Stored | None:
    """Return what the database holds of the bot; None when the service never ran on it.

    Raises:
        VaultError: it was sealed under another secret.
    """
    async with database.read() as work:
        device = (
            await work.execute(
                select(own_device.c.device_id, own_device.c.configured).where(
                    own_device.c.user_id == user
                )
            )
        ).one_or_none()
        identity = await cross_signing.load(work, vault, user)
        if device is None or identity is None:
            return None
        account = await load_account(work, vault, user)
    return Stored(
        DeviceID(device.device_id),
        DeviceID(device.configured),
        account.curve25519_key.to_base64(),
        account.ed25519_key.to_base64(),
        identity,
    )


async def inspect(homeserver: Homeserver, stored: Stored, device: DeviceID) -> Standing:
    """Ask the homeserver for the bot's keys and compare.

    Args:
        homeserver: the way out as the bot; needs no device.
        stored: what the database holds.
        device: the device's id by the configuration.

    Raises:
        MatrixError: the homeserver refuses to tell.
        HomeserverUnreachable: it does not answer.
    """
    answer = await homeserver.call(
        "POST", "v3", "keys", "query", body={"device_keys": {homeserver.user: []}}
    )
    return standing(homeserver.user, stored, device, answer)


def standing(user: UserID, stored: Stored, device: DeviceID, answer: Mapping[str, Any]) -> Standing:
    """Compare the raw ``answer`` of ``/keys/query`` with what is stored."""
    published = answer.get("device_keys", {}).get(user, {}).get(stored.device)
    return Standing(
        _device_fault(stored, device, published), _identity_fault(user, stored, published, answer)
    )


def _device_fault(
    stored: Stored, device: DeviceID, published: Mapping[str, Any] | None
) -> DeviceFault | None:
    if device not in (stored.device, stored.configured):
        return DeviceFault.RENAMED
    if published is None:
        return DeviceFault.GONE
    name = stored.device
    keys = {f"curve25519:{name}": stored.curve25519, f"ed25519:{name}": stored.ed25519}
    return None if published.get("keys") == keys else DeviceFault.REPLACED


def _identity_fault(
    user: UserID,
    stored: Stored,
    published: Mapping[str, Any] | None,
    answer: Mapping[str, Any],
) -> IdentityFault | None:
    if answer.get("master_keys", {}).get(user) is None:
        return IdentityFault.NOT_PUBLISHED
    identity, ours = identity_of(user, answer), stored.identity
    own = ours.self_signing.public
    if identity is None or (identity.master, identity.self_signing) != (ours.master.public, own):
        return IdentityFault.REPLACED
    if published is not None and not signature_is_good(published, user, own, own):
        return IdentityFault.DEVICE_NOT_SIGNED
    return None
