"""Which devices may have our room keys, and whose words count.

A device is *signed* when its owner's self-signing key, itself signed by the owner's pinned
master key, has signed it (client-server API, "Cross-signing"; MSC4153). Everything here is
a function of what the key query brought; :mod:`appservice.encryption.devices` keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeGuard

import vodozemac

from appservice.canonical_json import signable
from appservice.ids import DeviceID, UserID
from appservice.outside_text import storable


class KeySharing(StrEnum):
    """With which devices of a recipient a room key is shared."""

    CROSS_SIGNED = "cross_signed"
    """Only devices their owner has cross-signed (MSC4153): the default."""

    ALL = "all"
    """Every device the homeserver names. A malicious homeserver can then add one and read."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The public cross-signing keys of one user, checked against each other."""

    master: str
    self_signing: str


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """One device of another user, its own signature checked."""

    user: UserID
    device: DeviceID
    curve25519: str
    ed25519: str
    signed: bool
    """Cross-signed by the identity its owner had at that look."""


def identity_of(user: UserID, answer: Mapping[str, Any]) -> Identity | None:
    """Read a user's identity from the raw answer of ``/keys/query``.

    Returns:
        None when the user has none, or when the self-signing key is not signed by the master key.
    """
    master = _only_key(user, "master", _object(answer.get("master_keys")).get(user))
    self_signing = _object(_object(answer.get("self_signing_keys")).get(user))
    public = _only_key(user, "self_signing", self_signing)
    if (
        master is None
        or public is None
        or not signature_is_good(self_signing, user, master, master)
    ):
        return None
    return Identity(master=master, self_signing=public)


def devices_of(
    user: UserID, answer: Mapping[str, Any], identity: Identity | None
) -> list[DeviceKeys]:
    """Read a user's devices from the raw answer of ``/keys/query``.

    Devices whose own signature is wrong, that claim to be another's, or whose keys are none, are
    left out.
    """
    devices = []
    for name, raw in _object(_object(answer.get("device_keys")).get(user)).items():
        keys = _object(_object(raw).get("keys"))
        ed25519, curve25519 = keys.get(f"ed25519:{name}"), keys.get(f"curve25519:{name}")
        if (
            not storable(name)
            or not isinstance(ed25519, str)
            or not _is_curve25519(curve25519)
            or raw.get("user_id") != user
            or raw.get("device_id") != name
            or not signature_is_good(raw, user, name, ed25519)
        ):
            continue
        signed = identity is not None and signature_is_good(
            raw, user, identity.self_signing, identity.self_signing
        )
        devices.append(DeviceKeys(user, DeviceID(name), curve25519, ed25519, signed))
    return devices


def signature_is_good(value: Mapping[str, Any], user: str, key_id: str, key: str) -> bool:
    """Tell whether ``value`` is signed by ``user``'s Ed25519 ``key``, named ``ed25519:key_id``."""
    signature = _object(_object(value.get("signatures")).get(user)).get(f"ed25519:{key_id}")
    if not isinstance(signature, str):
        return False
    try:
        vodozemac.Ed25519PublicKey.from_base64(key).verify_signature(
            signable(value), vodozemac.Ed25519Signature.from_base64(signature)
        )
    except (ValueError, RecursionError):
        # vodozemac's exceptions are all ValueErrors; so is JSON that has no canonical form.
        return False
    return True


def _is_curve25519(value: object) -> TypeGuard[str]:
    try:
        return isinstance(value, str) and bool(vodozemac.Curve25519PublicKey.from_base64(value))
    except ValueError:
        return False


def _only_key(user: UserID, usage: str, raw: object) -> str | None:
    value = _object(raw)
    keys = _object(value.get("keys"))
    uses = value.get("usage")
    if value.get("user_id") != user or not isinstance(uses, list) or usage not in uses:
        return None
    if len(keys) != 1:
        return None
    name, key = next(iter(keys.items()))
    return key if isinstance(key, str) and name == f"ed25519:{key}" else None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
