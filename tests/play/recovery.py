"""Lets a visitor's own client in: a recovery key, and behind it the identity and the room keys.

A new log-in is an unverified device, with which nobody shares room keys. A client that is given the
recovery key finds in the account data of its user, encrypted, the user's cross-signing keys, with
which it signs itself, and the key of a backup in which it finds what was said before it came::

    recovery key ──▶ secret storage ──┬─▶ cross-signing keys ──▶ the new device is verified
                                      └─▶ backup key ──────────▶ room keys so far

Source: Matrix client-server specification, "Secret storage", "Key backup", "Recovery key".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import vodozemac
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.harness.cross_signing import Identity, signed
from tests.harness.device import quoted
from tests.harness.people import Person

_STORAGE_ALGORITHM: Final = "m.secret_storage.v1.aes-hmac-sha2"
_BACKUP_ALGORITHM: Final = "m.megolm_backup.v1.curve25519-aes-sha2"
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PREFIX: Final = b"\x8b\x01"


@dataclass(frozen=True)
class RecoveryKey:
    """The key of a secret storage, 32 bytes."""

    raw: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def text(self) -> str:
        """As a person types it: base58 in groups of four."""
        content = _PREFIX + self.raw
        parity = 0
        for byte in content:
            parity ^= byte
        coded = base58(content + bytes([parity]))
        return " ".join(coded[start : start + 4] for start in range(0, len(coded), 4))

    def description(self) -> dict[str, Any]:
        """The content of ``m.secret_storage.key.<id>``: by it a client tells the right key."""
        check = self._sealed(bytes(32), "")
        return {"algorithm": _STORAGE_ALGORITHM, "iv": check["iv"], "mac": check["mac"]}

    def sealed(self, secret: str, name: str) -> dict[str, Any]:
        """The content of the account data ``name``, with ``secret`` under this key."""
        return {"encrypted": {self.id: self._sealed(secret.encode(), name)}}

    def _sealed(self, secret: bytes, name: str) -> dict[str, str]:
        both = HKDF(SHA256(), 64, salt=bytes(32), info=name.encode()).derive(self.raw)
        iv = bytearray(secrets.token_bytes(16))
        iv[8] &= 0x7F  # bit 63 stays clear: some systems' counters have a sign
        encryptor = Cipher(AES(both[:32]), CTR(bytes(iv))).encryptor()
        ciphertext = encryptor.update(secret) + encryptor.finalize()
        mac = hmac.digest(both[32:], ciphertext, hashlib.sha256)
        return {"iv": _base64(bytes(iv)), "ciphertext": _base64(ciphertext), "mac": _base64(mac)}


def base58(content: bytes) -> str:
    """Base58 with Bitcoin's alphabet."""
    number, digits = int.from_bytes(content, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    return _BASE58[0] * (len(content) - len(content.lstrip(b"\0"))) + digits


class KeyBackup:
    """A backup of room keys: anyone can add to it, who has the private key can read it."""

    def __init__(self) -> None:
        self._private = vodozemac.Curve25519SecretKey()
        self._public = self._private.public_key()

    @property
    def private_key(self) -> str:
        """For the secret storage."""
        return self._private.to_base64()

    def version(self, identity: Identity) -> dict[str, Any]:
        """The body of ``POST /room_keys/version``, signed by the owner of the backup."""
        data = {"public_key": self._public.to_base64()}
        return {
            "algorithm": _BACKUP_ALGORITHM,
            "auth_data": signed(data, identity.user_id, identity.master),
        }

    def keys(self, exported: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """The body of ``PUT /room_keys/keys``, from sessions in the format of a key export."""
        rooms: dict[str, Any] = {}
        for session in exported:
            sessions = rooms.setdefault(session["room_id"], {"sessions": {}})["sessions"]
            sessions[session["session_id"]] = self._kept(session)
        return {"rooms": rooms}

    def _kept(self, session: Mapping[str, Any]) -> dict[str, Any]:
        told = {name: session[name] for name in session if name not in ("room_id", "session_id")}
        message = vodozemac.PkEncryption.from_key(self._public).encrypt(json.dumps(told).encode())
        # Part by part: to_base64() gives the three in another order than its annotation says.
        sealed = {
            "ciphertext": _base64(bytes(message.ciphertext)),
            "mac": _base64(bytes(message.mac)),
            "ephemeral": _base64(bytes(message.ephemeral_key)),
        }
        return {
            "first_message_index": 0,
            "forwarded_count": 0,
            "is_verified": True,
            "session_data": sealed,
        }


async def make_recoverable(person: Person, key: RecoveryKey) -> None:
    """Put a person's identity and room keys where their next client finds them with ``key``.

    Raises:
        HomeserverRefusedError: the homeserver did not take something.
    """
    identity = person.identity
    assert identity is not None, f"{person.user_id} is not cross-signed"
    backup = KeyBackup()
    made = await person.call("POST", "/room_keys/version", backup.version(identity))
    exported = backup.keys(person.device.room_keys())
    await person.call("PUT", f"/room_keys/keys?version={quoted(made['version'])}", exported)
    kept = {f"m.cross_signing.{name}": seed for name, seed in identity.seeds().items()}
    kept["m.megolm_backup.v1"] = backup.private_key
    data = {name: key.sealed(secret, name) for name, secret in kept.items()}
    data[f"m.secret_storage.key.{key.id}"] = key.description()
    # Last: from here on clients offer to recover.
    data["m.secret_storage.default_key"] = {"key": key.id}
    for name, content in data.items():
        path = f"/user/{quoted(person.user_id)}/account_data/{quoted(name)}"
        await person.call("PUT", path, content)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")
