"""The door: what the homeserver may ask of an application service.

::

    PUT  /_matrix/app/v1/transactions/{txnId}   room events ─▶ inbox, then 200
    POST /_matrix/app/v1/ping                   the homeserver reaches us
    GET  /_matrix/app/v1/users|rooms/{id}       what of our namespace exists
    GET  /health                                for the operator's monitoring; tells nothing
    GET  /metrics                               counts, for this machine or with the hs_token

(Specification, "Application Service API".)

Nothing is answered 200 before it is committed. One bad event in a transaction does not cost the
good ones.
"""

from __future__ import annotations

import asyncio
import errno
import hmac
import ipaddress
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from appservice import inbox
from appservice.database import Database, DatabaseError
from appservice.deep_json import elements
from appservice.events import BadEvent, RoomEvent
from appservice.ids import UserID
from appservice.leisure import Leisure
from appservice.metrics import Metrics
from appservice.vault import Vault

log = logging.getLogger(__name__)

BASE: Final = "/_matrix/app/v1"

_AGAIN_SECONDS = 0.2

_FORWARDED: Final = frozenset({"forwarded", "x-forwarded-for", "x-real-ip", "via"})


class Door:
    """The HTTP side of the application service.

    Args:
        database: has the inbox.
        vault: seals what is put there.
        hs_token: what the homeserver proves itself with.
        bot: the one user of our namespace.
        max_body_bytes: a larger body is refused with 413.
        arrived: called after new events are committed.
        metrics: what ``/metrics`` shows; without, there is no such page.
        not_stored: called when events could not be committed.
        leisure: of what may wait while events come in.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        hs_token: str,
        bot: UserID,
        max_body_bytes: int,
        arrived: Callable[[], None],
        metrics: Metrics | None = None,
        not_stored: Callable[[], None] = lambda: None,
        leisure: Leisure | None = None,
    ) -> None:
        self._database = database
        self._vault = vault
        self._hs_token = hs_token.encode()
        self._bot = bot
        self._arrived = arrived
        self._metrics = metrics
        self._not_stored = not_stored
        self._leisure = leisure or Leisure()
        self.application = web.Application(
            client_max_size=max_body_bytes, middlewares=[_errors_as_matrix]
        )
        self.application.add_routes(
            [
                web.put(f"{BASE}/transactions/{{txn_id}}", self._transactions),
                web.post(f"{BASE}/ping", self._ping),
                web.get(f"{BASE}/users/{{user_id}}", self._user),
                web.get(f"{BASE}/rooms/{{alias}}", self._room),
                web.get("/health", self._health),
                web.get("/metrics", self._show_metrics),
                # Homeservers older than the specification's v1.0 of this API.
                web.put("/transactions/{txn_id}", self._transactions),
                web.get("/users/{user_id}", self._user),
                web.get("/rooms/{alias}", self._room),
            ]
        )
        for kind in ("protocol/{name}", "user/{name}", "location/{name}", "location", "user"):
            self.application.router.add_get(f"{BASE}/thirdparty/{kind}", self._nothing)

    async def _transactions(self, request: web.Request) -> web.Response:
        self._check_token(request)
        events = await _events(request)
        good: list[RoomEvent] = []
        bad: list[str] = []
        for raw in events:
            try:
                good.append(RoomEvent.parse(raw))
            except BadEvent as error:
                bad.append(str(error))
        # What the bot said itself asks for no answer.
        good = [event for event in good if not event.is_said_by(self._bot)]
        if bad:
            log.warning("%d of %d events are malformed (%s)", len(bad), len(events), bad[0])
        if not good:
            return web.json_response({})
        try:
            with self._leisure.pressing():
                async with self._database.begin() as work:
                    new = await inbox.add(work, self._vault, good, datetime.now(UTC))
        except Exception:
            self._not_stored()
            raise
        if new:
            self._arrived()
        return web.json_response({})

    async def _ping(self, request: web.Request) -> web.Response:
        self._check_token(request)
        return web.json_response({})

    async def _user(self, request: web.Request) -> web.Response:
        self._check_token(request)
        if request.match_info["user_id"] != self._bot:
            raise _Refusal(404, "M_NOT_FOUND", "no such user")
        return web.json_response({})

    async def _room(self, request: web.Request) -> web.Response:
        # Aliases are made with their rooms; one the homeserver has to ask for does not exist.
        return await self._nothing(request)

    async def _nothing(self, request: web.Request) -> web.Response:
        self._check_token(request)
        raise _Refusal(404, "M_NOT_FOUND", "not here")

    async def _health(self, _request: web.Request) -> web.Response:
        try:
            await self._database.check()
        except DatabaseError:
            return web.json_response({"status": "database unavailable"}, status=503)
        return web.json_response({"status": "ok"})

    async def _show_metrics(self, request: web.Request) -> web.Response:
        if not _from_this_machine(request):
            self._check_token(request)
        if self._metrics is None:
            raise _Refusal(404, "M_NOT_FOUND", "not here")
        return web.Response(
            body=await self._metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    def _check_token(self, request: web.Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            token = request.query.get("access_token", "")
        if not token:
            raise _Refusal(401, "M_MISSING_TOKEN", "no hs_token")
        if not hmac.compare_digest(token.strip().encode(errors="replace"), self._hs_token):
            log.warning("a request with a wrong hs_token was refused")
            raise _Refusal(403, "M_FORBIDDEN", "wrong hs_token")


def _from_this_machine(request: web.Request) -> bool:
    """Tell whether the caller is on this machine, and is no proxy that speaks for another."""
    if _FORWARDED & {name.lower() for name in request.headers}:
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


class _Refusal(Exception):
    def __init__(self, status: int, errcode: str, error: str) -> None:
        super().__init__(error)
        self.response = web.json_response({"errcode": errcode, "error": error}, status=status)


async def _events(request: web.Request) -> list[Any]:
    """Return the events of a transaction; None stands for one nested too deeply to be parsed."""
    raw = await request.read()
    try:
        body = json.loads(raw)
    except RecursionError:
        return await asyncio.to_thread(_shallow_events, raw)
    except ValueError as error:
        raise _Refusal(400, "M_NOT_JSON", "not JSON") from error
    if not isinstance(body, dict):
        raise _Refusal(400, "M_BAD_JSON", "not an object")
    events = body.get("events")
    if not isinstance(events, list):
        raise _Refusal(400, "M_BAD_JSON", "events is not an array")
    return events


def _shallow_events(raw: bytes) -> list[Any]:
    sources = elements(raw, "events")
    if sources is None:
        raise _Refusal(400, "M_NOT_JSON", "nested too deeply")
    events: list[Any] = []
    for source in sources:
        try:
            events.append(json.loads(source))
        except RecursionError:
            events.append(None)
        except ValueError as error:
            raise _Refusal(400, "M_NOT_JSON", "not JSON") from error
    return events


@web.middleware
async def _errors_as_matrix(request: web.Request, handler: Any) -> web.StreamResponse:
    """Answer every error in Matrix's form, and none with a trace."""
    try:
        response: web.StreamResponse = await handler(request)
        return response
    except _Refusal as refusal:
        return refusal.response
    except web.HTTPRequestEntityTooLarge:
        return _error(413, "M_TOO_LARGE", "the body is too large")
    except web.HTTPMethodNotAllowed:
        return _error(405, "M_UNRECOGNIZED", "not with this method")
    except web.HTTPNotFound:
        return _error(404, "M_UNRECOGNIZED", "no such endpoint")
    except web.HTTPException as refusal:
        return _error(refusal.status, "M_UNKNOWN", "the request is not understood")
    except (SQLAlchemyError, OSError) as error:
        log.error(
            "the database does not take events (%s); the homeserver will send them again. Check it "
            "with `goudwacht doctor`",
            type(error).__name__,
        )
        return _error(500, "M_UNKNOWN", "cannot store this now; send it again")
    except Exception as error:
        log.error("a request raised %s; please report this", type(error).__name__)
        return _error(500, "M_UNKNOWN", "a mistake of ours; send it again")


def _error(status: int, errcode: str, error: str) -> web.Response:
    return web.json_response({"errcode": errcode, "error": error}, status=status)


async def opened(door: Door, host: str, port: int, patience: float) -> web.AppRunner:
    """Let a door listen; clean up what is returned to close it.

    Args:
        host, port: its address.
        patience: seconds to wait while another process has the address.

    Raises:
        OSError: the address is taken.
    """
    runner = web.AppRunner(door.application, access_log=None)
    await runner.setup()
    given_up = asyncio.get_running_loop().time() + patience
    while True:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            if not taken or asyncio.get_running_loop().time() >= given_up:
                await runner.cleanup()
                raise
            await asyncio.sleep(_AGAIN_SECONDS)
        else:
            return runner
