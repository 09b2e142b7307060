"""The bot's own identity: three Ed25519 keys, made once and kept.

The master key signs the self-signing key, that signs the bot's device, and every strict client
(MSC4153) then reads the bot without a shield. The private halves lie sealed in the database; a
restart finds the same identity, whatever happened between making it and publishing it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Column, LargeBinary, Table, Text, insert, select
from unpaddedbase64 import encode_base64

from appservice.canonical_json import signable
from appservice.database import Work, metadata
from appservice.ids import UserID
from appservice.vault import Vault

cross_signing_keys = Table(
    "cross_signing_keys",
    metadata,
    Column("usage", Text, primary_key=True),
    Column("seed", LargeBinary, nullable=False),
)

_SEED_BYTES = 32
_USAGES = ("master", "self_signing", "user_signing")
_PURPOSE = "cross-signing key"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One Ed25519 key pair; ``repr`` shows only the public half."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> str:
        """The public half, unpadded base64: also the key's name."""
        return encode_base64(self.private.public_key().public_bytes_raw())

    def sign(self, user: UserID, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``value`` with this key's signature added."""
        signature = encode_base64(self.private.sign(signable(value)))
        signatures = {who: dict(made) for who, made in value.get("signatures", {}).items()}
        signatures.setdefault(user, {})[f"ed25519:{self.public}"] = signature
        return {**value, "signatures": signatures}

    def __repr__(self) -> str:
        return f"SigningKey({self.public})"


@dataclass(frozen=True, slots=True)
class CrossSigningKeys:
    """The bot's identity."""

    user: UserID
    master: SigningKey
    self_signing: SigningKey
    user_signing: SigningKey

    def upload_body(self) -> dict[str, Any]:
        """Return the body of ``POST /keys/device_signing/upload``."""
        return {
            "master_key": self._public("master", self.master),
            "self_signing_key": self.master.sign(
                self.user, self._public("self_signing", self.self_signing)
            ),
            "user_signing_key": self.master.sign(
                self.user, self._public("user_signing", self.user_signing)
            ),
        }

    def sign_device(self, device_keys: Mapping[str, Any]) -> dict[str, Any]:
        """Return a device's keys with the self-signing key's signature added."""
        return self.self_signing.sign(self.user, device_keys)

    def _public(self, usage: str, key: SigningKey) -> dict[str, Any]:
        return {
            "user_id": self.user,
            "usage": [usage],
            "keys": {f"ed25519:{key.public}": key.public},
        }


async def load(work: Work, vault: Vault, user: UserID) -> CrossSigningKeys | None:
    """Return the stored identity; None when none was made yet.

    Raises:
        VaultError: it was sealed under another secret.
    """
    rows = (await work.execute(select(cross_signing_keys))).all()
    if not rows:
        return None
    return _keys(user, {row.usage: vault.open(row.seed, _PURPOSE) for row in rows})


async def load_or_make(work: Work, vault: Vault, user: UserID) -> CrossSigningKeys:
    """Return the stored identity, made now if there is none yet.

    Raises:
        VaultError: it was sealed under another secret.
    """
    stored = await load(work, vault, user)
    if stored is not None:
        return stored
    seeds = {usage: secrets.token_bytes(_SEED_BYTES) for usage in _USAGES}
    await work.execute(
        insert(cross_signing_keys),
        [{"usage": usage, "seed": vault.seal(seed, _PURPOSE)} for usage, seed in seeds.items()],
    )
    return _keys(user, seeds)


def _keys(user: UserID, seeds: Mapping[str, bytes]) -> CrossSigningKeys:
    keys = {
        usage: SigningKey(Ed25519PrivateKey.from_private_bytes(seed))
        for usage, seed in seeds.items()
    }
    return CrossSigningKeys(user, keys["master"], keys["self_signing"], keys["user_signing"])
