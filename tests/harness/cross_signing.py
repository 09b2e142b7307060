"""A member's cross-signing identity, made with ``cryptography`` alone.

::

    master ──signs──▶ self-signing ──signs──▶ the member's own devices
       └────signs──▶ user-signing ──signs──▶ the master keys of people they verified

Source: Matrix client-server specification, "Cross-signing". Pure: what the homeserver must
be told is returned, and sent by :mod:`tests.harness.device`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True)
class Identity:
    """The three private keys of one user."""

    user_id: str
    master: Ed25519PrivateKey
    self_signing: Ed25519PrivateKey
    user_signing: Ed25519PrivateKey

    @classmethod
    def fresh(cls, user_id: str) -> Identity:
        """Make new keys: until they are uploaded nobody else knows of them."""
        return cls(
            user_id,
            Ed25519PrivateKey.generate(),
            Ed25519PrivateKey.generate(),
            Ed25519PrivateKey.generate(),
        )

    @classmethod
    def from_seeds(cls, user_id: str, seeds: Mapping[str, str]) -> Identity:
        """Restore what :meth:`seeds` gave."""
        return cls(user_id, **{name: _from_seed(seed) for name, seed in seeds.items()})

    def seeds(self) -> dict[str, str]:
        """The private keys as unpadded base64, by name, to be kept in a store."""
        return {
            "master": _base64(self.master.private_bytes_raw()),
            "self_signing": _base64(self.self_signing.private_bytes_raw()),
            "user_signing": _base64(self.user_signing.private_bytes_raw()),
        }

    @property
    def master_key(self) -> str:
        """The public master key, unpadded base64: who this user is."""
        return public_key(self.master)

    def upload(self) -> dict[str, Any]:
        """The body of ``POST /keys/device_signing/upload``."""
        return {
            "master_key": self._public("master", self.master, signed=False),
            "self_signing_key": self._public("self_signing", self.self_signing),
            "user_signing_key": self._public("user_signing", self.user_signing),
        }

    def sign_device(self, device_keys: Mapping[str, Any]) -> dict[str, Any]:
        """Sign one of our own devices, as it stands in an answer to ``/keys/query``."""
        return signed(device_keys, self.user_id, self.self_signing)

    def _public(self, usage: str, key: Ed25519PrivateKey, *, signed: bool = True) -> dict[str, Any]:
        public = public_key(key)
        content: dict[str, Any] = {
            "user_id": self.user_id,
            "usage": [usage],
            "keys": {f"ed25519:{public}": public},
        }
        return _with_signature(content, self.user_id, self.master) if signed else content


def public_key(key: Ed25519PrivateKey) -> str:
    """The public half, unpadded base64."""
    return _base64(key.public_key().public_bytes_raw())


def signed(content: Mapping[str, Any], user_id: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    """A copy of signed JSON that carries this one signature only, as ``/keys/signatures`` wants."""
    bare = {
        name: value for name, value in content.items() if name not in ("signatures", "unsigned")
    }
    return _with_signature(bare, user_id, key)


def _with_signature(
    content: dict[str, Any], user_id: str, key: Ed25519PrivateKey
) -> dict[str, Any]:
    signature = _base64(key.sign(canonical_json(content)))
    return {**content, "signatures": {user_id: {f"ed25519:{public_key(key)}": signature}}}


def canonical_json(content: Mapping[str, Any]) -> bytes:
    """Canonical JSON of the Matrix specification, appendices."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")


def _from_seed(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed + "=="))
