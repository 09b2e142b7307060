"""Files beside messages, as their readers open them."""

from __future__ import annotations

import aiohttp
from nio.crypto.attachments import decrypt_attachment

from tests.harness.people import Person
from tests.harness.synapse import Synapse
from tests.harness.timeline import Seen


async def opened(reader: Person, synapse: Synapse, seen: Seen) -> bytes:
    """Fetch an encrypted file through the reader's own homeserver, and open it."""
    file = seen.content["file"]
    server, _, media = str(file["url"]).removeprefix("mxc://").partition("/")
    url = f"{synapse.url}/_matrix/client/v1/media/download/{server}/{media}"
    headers = {"Authorization": f"Bearer {reader.device.access_token}"}
    async with aiohttp.ClientSession(headers=headers) as http, http.get(url) as answer:
        assert answer.status == 200, await answer.text()
        ciphertext = await answer.read()
    key, hashes, iv = file["key"]["k"], file["hashes"]["sha256"], file["iv"]
    return bytes(decrypt_attachment(ciphertext, key, hashes, iv))
