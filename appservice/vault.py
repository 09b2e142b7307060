"""Sealing what lies in the database under the secret from the configuration.

Text and keys are sealed with AES-256-GCM before they become a column, bound to the purpose they
were sealed for, so that a value moved to another column does not open. Olm and Megolm pickles are
sealed by vodozemac itself, under :attr:`Vault.passphrase`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
MINIMUM_SECRET_CHARACTERS = 32


class VaultError(Exception):
    """A sealed value does not open: the secret is not the one it was sealed under."""


class Seal:
    """Seals and opens values under one key, each bound to its purpose.

    A sealed value begins with what it was sealed for, in clear: under another key it can be sealed
    anew by who does not know which topic it belongs to (:mod:`appservice.rotation`).

    Args:
        key: 32 bytes.
        kind: first byte of what it seals, which tells a vault's values from a data key's.
        lost: what to tell when a value does not open.
    """

    def __init__(self, key: bytes, kind: bytes, lost: str) -> None:
        self._cipher = AESGCM(key)
        self._kind = kind
        self._lost = lost

    def seal(self, value: bytes, purpose: str) -> bytes:
        """Return ``value`` sealed for ``purpose``.

        Raises:
            ValueError: the purpose has more than 255 bytes.
        """
        label = self._kind + len(purpose.encode()).to_bytes(1, "big") + purpose.encode()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return label + nonce + self._cipher.encrypt(nonce, value, label)

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Return what was sealed for ``purpose``.

        Raises:
            VaultError: another secret, another purpose, or a damaged value.
        """
        label = self._kind + len(purpose.encode()).to_bytes(1, "big") + purpose.encode()
        start = len(label) + _NONCE_BYTES
        try:
            if not sealed.startswith(label):
                raise InvalidTag
            return self._cipher.decrypt(sealed[len(label) : start], sealed[start:], label)
        except (InvalidTag, ValueError) as error:
            raise VaultError(
                f"A stored value ({purpose}) does not open with {self._lost}"
            ) from error

    def seal_json(self, value: Any, purpose: str) -> bytes:
        """Seal a JSON value."""
        return self.seal(json.dumps(value).encode(), purpose)

    def open_json(self, sealed: bytes, purpose: str) -> Any:
        """Open a JSON value; see :meth:`open`."""
        return json.loads(self.open(sealed, purpose))

    def owns(self, sealed: bytes) -> bool:
        """Tell whether a value looks like one of this kind of seal."""
        return sealed.startswith(self._kind) and len(sealed) > 2 + _NONCE_BYTES


def purpose_of(sealed: bytes) -> str:
    """Return what a value was sealed for.

    Raises:
        VaultError: it was never sealed.
    """
    try:
        return sealed[2 : 2 + sealed[1]].decode()
    except (IndexError, UnicodeDecodeError) as error:
        raise VaultError("A stored value was never sealed; the database was changed.") from error


class DataKey(Seal):
    """A key of its own for one report: without it, nothing of that report can be opened."""

    def __init__(self, key: bytes) -> None:
        super().__init__(key, b"\x02", "its own key. The database was changed beside the service.")


class Vault(Seal):
    """Seals and opens values under one secret.

    Args:
        secret: at least 32 characters; ``goudwacht init`` makes one.

    Raises:
        VaultError: the secret is too short to protect anything.
    """

    def __init__(self, secret: str) -> None:
        if len(secret) < MINIMUM_SECRET_CHARACTERS:
            raise VaultError(
                f"database.secret has {len(secret)} characters; it needs at least "
                f"{MINIMUM_SECRET_CHARACTERS}. `goudwacht init` writes a good one."
            )
        super().__init__(
            _derive(secret, b"goudwacht vault"),
            b"\x01",
            "database.secret. Put back the secret this database was made with; without it stored "
            "keys and reports are lost.",
        )
        self._mac_key = _derive(secret, b"goudwacht mac")
        self.passphrase = _derive(secret, b"goudwacht pickles").hex()
        # As nio's ``derive_pickle_key``, so that its classes and vodozemac's read the same pickles.
        # To import nio takes a third of a second, and every start needs this.
        self.pickle_key = hashlib.sha256(self.passphrase.encode()).digest()

    def pseudonym(self, text: str) -> str:
        """Return 20 hex digits that stand for ``text``; without the secret they tell nothing."""
        return hmac.new(self.pickle_key, text.encode(), "sha256").hexdigest()[:20]

    def mac(self, value: bytes, purpose: str) -> str:
        """Return 64 hex digits that only who has the secret can make for ``value``."""
        return hmac.new(self._mac_key, f"{purpose}\0".encode() + value, "sha256").hexdigest()


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(
        secret.encode()
    )
