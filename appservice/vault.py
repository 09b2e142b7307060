"""Sealing what lies in the database under the secret from the configuration.

Text and keys are sealed with AES-256-GCM before they become a column, bound to the purpose they
were sealed for, so that a value moved to another column does not open. Olm and Megolm pickles are
sealed by vodozemac itself, under :attr:`Vault.passphrase`.
"""

from __future__ import annotations

import hmac
import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nio.crypto.sessions import derive_pickle_key

_NONCE_BYTES = 12
MINIMUM_SECRET_CHARACTERS = 32


class VaultError(Exception):
    """A sealed value does not open: the secret is not the one it was sealed under."""


class Vault:
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
        self._cipher = AESGCM(_derive(secret, b"goudwacht vault"))
        self._mac_key = _derive(secret, b"goudwacht mac")
        self.passphrase = _derive(secret, b"goudwacht pickles").hex()
        # What nio makes of a passphrase, so that its classes and vodozemac's read the same pickles.
        self.pickle_key = derive_pickle_key(self.passphrase)

    def pseudonym(self, text: str) -> str:
        """Return 20 hex digits that stand for ``text``; without the secret they tell nothing."""
        return hmac.new(self.pickle_key, text.encode(), "sha256").hexdigest()[:20]

    def mac(self, value: bytes, purpose: str) -> str:
        """Return 64 hex digits that only who has the secret can make for ``value``."""
        return hmac.new(self._mac_key, f"{purpose}\0".encode() + value, "sha256").hexdigest()

    def seal(self, value: bytes, purpose: str) -> bytes:
        """Return ``value`` sealed for ``purpose`` (28 bytes longer)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Return what was sealed for ``purpose``.

        Raises:
            VaultError: another secret, another purpose, or a damaged value.
        """
        try:
            return self._cipher.decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise VaultError(
                f"A stored value ({purpose}) does not open with database.secret. Put back the "
                "secret this database was made with; without it stored keys and reports are lost."
            ) from error

    def seal_json(self, value: Any, purpose: str) -> bytes:
        """Seal a JSON value."""
        return self.seal(json.dumps(value).encode(), purpose)

    def open_json(self, sealed: bytes, purpose: str) -> Any:
        """Open a JSON value; see :meth:`open`."""
        return json.loads(self.open(sealed, purpose))


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(
        secret.encode()
    )
