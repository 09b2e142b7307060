"""The way out to the homeserver: the client-server API as the bot's own device.

One call, :meth:`Homeserver.call`; each topic names its own paths, so that what a topic asks of the
homeserver stands beside why it asks. Every call carries the as_token and masquerades as the bot
*and its device*: only with the device does Synapse recognise a repeated transaction id after its
own restart (seen on 1.163.2), and a retry is then not a second alert.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import aiohttp

from appservice.ids import DeviceID, UserID

log = logging.getLogger(__name__)

DEFAULT_TIMEOUT: Final = 60.0
"""Seconds a call may take, unless told otherwise."""

MAXIMUM_RATE_LIMIT_WAIT: Final = 600.0
"""Seconds waited for one 429 at the most, whatever the answer asks for."""

_RATE_LIMIT_TRIES: Final = 5


NEVER = frozenset({"M_TOO_LARGE", "M_BAD_JSON", "M_NOT_JSON", "M_INVALID_PARAM"})
"""Refusals that the same bytes would meet for ever."""


class MatrixError(Exception):
    """The homeserver answered no.

    Attributes:
        status: the HTTP status.
        errcode: the Matrix error code, such as ``M_FORBIDDEN``; ``M_UNKNOWN`` when it gave none.
        said: what the homeserver said with it.
    """

    def __init__(self, status: int, errcode: str, message: str, what: str) -> None:
        super().__init__(f"{what}: {status} {errcode}: {message}")
        self.status = status
        self.errcode = errcode
        self.said = message


class HomeserverUnreachable(Exception):
    """The homeserver did not answer, or answered that it cannot (5xx, a 429 that stays).

    Attributes:
        errcode: the Matrix error code of a 5xx; empty when there was none.
        said: what the homeserver said with it.
    """

    def __init__(self, message: str, errcode: str = "", said: str = "") -> None:
        super().__init__(message)
        self.errcode = errcode
        self.said = said


@dataclass(frozen=True, slots=True)
class _Request:
    """One question, as often as it has to be asked."""

    method: str
    address: str
    body: Mapping[str, Any] | bytes | None
    query: Mapping[str, str]
    timeout: float
    what: str
    """Names it in errors and logs, without an id."""

    def payload(self) -> dict[str, Any]:
        if isinstance(self.body, bytes):
            return {"data": self.body}
        empty = self.body is None and self.method == "GET"
        return {"json": None if empty else dict(self.body or {})}


class Homeserver:
    """Calls the client-server API as one user on one device.

    Args:
        url: base address, such as ``http://localhost:8008``.
        token: the as_token, or an access token of the bot's own.
        user: the bot.
        device: the bot's device; None before there is one.
        masquerade: False when ``token`` is the bot's own (no MSC4190 on this homeserver).
    """

    def __init__(
        self,
        url: str,
        token: str,
        user: UserID,
        device: DeviceID | None = None,
        *,
        masquerade: bool = True,
    ) -> None:
        self.url = url.rstrip("/")
        self.user = user
        self.device = device
        self._token = token
        self._masquerade = masquerade
        self._session: aiohttp.ClientSession | None = None

    def on_device(self, device: DeviceID) -> Homeserver:
        """Return the same way out, masquerading as ``device`` too."""
        return Homeserver(self.url, self._token, self.user, device)

    def with_token(self, token: str) -> Homeserver:
        """Return a way out with the bot's own access token (a homeserver without MSC4190)."""
        return Homeserver(self.url, token, self.user, masquerade=False)

    async def call(
        self,
        method: str,
        *path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> dict[str, Any]:
        """Call ``/_matrix/client/`` + ``path`` and return the answer's JSON object.

        An answer that is a JSON array (``/state``) comes back as ``{"chunk": [...]}``.

        Args:
            method: GET, PUT, POST or DELETE.
            path: unquoted segments, such as ``"v3", "rooms", room, "state"``.
            body: JSON object to send.
            query: further query parameters.
            timeout: seconds until the homeserver counts as unreachable.

        Raises:
            MatrixError: the answer was a 4xx other than 429.
            HomeserverUnreachable: no answer, a 5xx, or rate limited again and again.
        """
        what = f"{method} /{'/'.join(path[:3])}"
        address = f"{self.url}/_matrix/client/{'/'.join(quote(p, safe='') for p in path)}"
        return await self._answered(_Request(method, address, body, query or {}, timeout, what))

    async def _answered(self, request: _Request) -> dict[str, Any]:
        what = request.what
        for _ in range(_RATE_LIMIT_TRIES):
            status, answer = await self._once(request)
            if status == 429:
                await asyncio.sleep(_retry_after(answer))
                continue
            if status >= 500:
                errcode = str(answer.get("errcode", ""))
                raise HomeserverUnreachable(
                    f"{what}: the homeserver answered {status} {errcode}".rstrip(),
                    errcode,
                    str(answer.get("error", "")),
                )
            if status >= 400:
                raise MatrixError(
                    status,
                    str(answer.get("errcode", "M_UNKNOWN")),
                    str(answer.get("error", "")),
                    what,
                )
            return answer
        raise HomeserverUnreachable(
            f"{what}: rate limited {_RATE_LIMIT_TRIES} times; set rate_limited: false in the "
            "registration file on the homeserver"
        )

    async def upload(self, data: bytes, timeout: float = DEFAULT_TIMEOUT) -> str:
        """Upload a file of unknown kind and return its ``mxc://`` address; raises as :meth:`call`.

        Args:
            data: what the homeserver keeps and hands to anyone who asks: ciphertext.
        """
        address = f"{self.url}/_matrix/media/v3/upload"
        answer = await self._answered(_Request("POST", address, data, {}, timeout, "POST /upload"))
        return str(answer.get("content_uri", ""))

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _once(self, request: _Request) -> tuple[int, dict[str, Any]]:
        if self._session is None:
            # aiohttp's own limit of 100 connections would let slow remote look-ups hold up a send.
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            async with self._session.request(
                request.method,
                request.address,
                params={**self._identity(), **request.query},
                **request.payload(),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=request.timeout),
            ) as response:
                raw = await response.read()
                status, wait = response.status, response.headers.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise HomeserverUnreachable(
                f"{request.what}: {self.url} did not answer ({type(error).__name__})"
            ) from error
        try:
            answer = json.loads(raw) if raw else {}
        except ValueError:
            answer = {}
        if status == 429 and wait.isdecimal():
            # Of the two ways to say it the specification prefers this one (since its v1.10); a
            # proxy in front of the homeserver knows no other.
            answer = {"retry_after_ms": int(wait) * 1000}
        if isinstance(answer, list):
            return status, {"chunk": answer}
        return status, answer if isinstance(answer, dict) else {}

    def _identity(self) -> dict[str, str]:
        if not self._masquerade:
            return {}
        identity: dict[str, str] = {"user_id": self.user}
        if self.device is not None:
            # The second name is the one homeservers knew before the parameter was in the spec.
            identity["device_id"] = self.device
            identity["org.matrix.msc3202.device_id"] = self.device
        return identity


def _retry_after(answer: Mapping[str, Any]) -> float:
    milliseconds = answer.get("retry_after_ms", 1000)
    if not isinstance(milliseconds, int | float) or milliseconds < 0:
        return 1.0
    return min(float(milliseconds) / 1000, MAXIMUM_RATE_LIMIT_WAIT)
