"""Asking the homeserver to call us: the proof that both ways are open.

::

    POST /appservice/{id}/ping ─▶ homeserver ─▶ POST {url}/_matrix/app/v1/ping ─▶ door
                                      └──── what came of it ────▶ NotReached, or nothing

(Client-server API, "POST /_matrix/client/v1/appservice/{appserviceId}/ping".) A homeserver that had
given up on us sends what it kept after a ping that succeeds.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from appservice.door import BASE
from appservice.homeserver import Homeserver, HomeserverUnreachable, MatrixError

_TRIES_WHILE_SENDING: Final = 5
_PAUSE_WHILE_SENDING: Final = 0.4
"""Seconds. After the last try the homeserver is still sending: then all is well too."""

_TOLD: Final = {
    "M_CONNECTION_FAILED": (
        "it cannot connect. `url` in the registration file must be an address that opens from "
        "where the homeserver runs; door.host and door.port say where we listen"
    ),
    "M_CONNECTION_TIMEOUT": (
        "nothing answered in time. Look for a firewall between the homeserver and `url` in the "
        "registration file"
    ),
    "M_BAD_STATUS": (
        "something answered there, and refused. Either `url` in the registration file leads to "
        "another program, or the homeserver has an older copy of that file: copy it again and "
        "restart the homeserver"
    ),
    "M_URL_NOT_SET": (
        "its copy of the registration file has no `url`. Copy the file again and restart the "
        "homeserver"
    ),
    "M_FORBIDDEN": (
        "it knows this as_token under another `id`. Copy the registration file again and restart "
        "the homeserver"
    ),
}


class NotReached(Exception):
    """The homeserver answers us and does not reach us; the text says what to do.

    Attributes:
        errcode: the Matrix error code.
        sending_already: it did reach us, and stumbled over sending us at this very moment what it
            had kept (Synapse 1.163.2: the timer it wants to cancel before that has been already).
    """

    def __init__(self, errcode: str, said: str) -> None:
        told = _TOLD.get(errcode, "its log tells more")
        super().__init__(f"The homeserver does not reach us ({errcode}, {said}): {told}.")
        self.errcode = errcode
        self.sending_already = said.startswith(("AlreadyCancelled", "AlreadyCalled"))


async def ping(homeserver: Homeserver, registration_id: str) -> None:
    """Have the homeserver call our door, and return when it has.

    Raises:
        NotReached: it answered that it could not.
        HomeserverUnreachable: it did not answer at all.
    """
    for _ in range(_TRIES_WHILE_SENDING):
        try:
            await _once(homeserver, registration_id)
        except NotReached as error:
            if not error.sending_already:
                raise
            await asyncio.sleep(_PAUSE_WHILE_SENDING)
        else:
            return


async def _once(homeserver: Homeserver, registration_id: str) -> None:
    try:
        await homeserver.call("POST", "v1", "appservice", registration_id, "ping")
    except MatrixError as error:
        raise NotReached(error.errcode, error.said) from error
    except HomeserverUnreachable as error:
        # What went wrong behind the homeserver it tells with a 502 or 504.
        if error.errcode not in _TOLD:
            raise
        raise NotReached(error.errcode, error.said) from error


@asynccontextmanager
async def door_for_a_ping(host: str, port: int, hs_token: str) -> AsyncIterator[None]:
    """Listen where the service would, and answer a ping with the right token, nothing else.

    Transactions are refused with 503: the homeserver sends them again to the service.

    Raises:
        OSError: somebody listens there already, most often the service.
    """

    async def answer(request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(token.encode(errors="replace"), hs_token.encode()):
            return web.json_response({"errcode": "M_FORBIDDEN", "error": "no"}, status=403)
        return web.json_response({})

    async def refuse(_: web.Request) -> web.Response:
        return web.json_response({"errcode": "M_UNKNOWN", "error": "later"}, status=503)

    application = web.Application()
    application.router.add_post(f"{BASE}/ping", answer)
    application.router.add_route("*", "/{anything:.*}", refuse)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()
