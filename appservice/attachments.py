"""Files beside messages: encrypted here, uploaded as noise, opened by who reads the message.

::

    Attachment ─▶ AES-CTR under a key of its own ─▶ POST /media/v3/upload ─▶ mxc://…
                            └── key, hash and address ──▶ ``file`` of the encrypted message

Source: client-server API, "Sending encrypted attachments". The homeserver has nothing but
ciphertext without a name or a type. A crash after the upload uploads once more, under another key;
what nobody was sent the key of can never be read.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appservice.homeserver import Homeserver, MatrixError


class UploadRefused(Exception):
    """The homeserver does not take a file, and says so for a reason that does not pass."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes out with a message.

    Attributes:
        filename: as its readers see it.
        mimetype: what it is.
        data: all of it.
    """

    filename: str
    mimetype: str
    data: bytes

    def to_json(self) -> dict[str, str]:
        """Return it as it is kept until it is sent."""
        return {
            "filename": self.filename,
            "mimetype": self.mimetype,
            "data": b64encode(self.data).decode(),
        }

    @staticmethod
    def from_json(kept: Mapping[str, str]) -> Attachment:
        """Return what :meth:`to_json` kept."""
        return Attachment(kept["filename"], kept["mimetype"], b64decode(kept["data"]))

    def content(self) -> dict[str, Any]:
        """Return the content of a message that is this file, but for where it lies."""
        return {
            "msgtype": "m.file",
            "body": self.filename,
            "filename": self.filename,
            "info": {"mimetype": self.mimetype, "size": len(self.data)},
            "m.mentions": {},
        }


async def upload(homeserver: Homeserver, attachment: Attachment) -> dict[str, Any]:
    """Upload a file, encrypted; return the ``EncryptedFile`` by which it is found and opened.

    Raises:
        UploadRefused: the homeserver answered that it does not take it.
        HomeserverUnreachable: try again later.
    """
    from nio.crypto.attachments import encrypt_attachment

    ciphertext, key = encrypt_attachment(attachment.data)
    try:
        address = await homeserver.upload(ciphertext)
    except MatrixError as error:
        raise UploadRefused(error.errcode) from None
    return {"v": "v2", "url": address, **key}
