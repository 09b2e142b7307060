"""A real homeserver for the tests: Synapse from PyPI, on loopback, with SQLite.

::

    Synapse(directory) ── start ──▶ homeserver.yaml ──▶ process ──▶ /versions answers ──▶ use it
                            ▲                              │
                            └──── stop / kill ◀────────────┘   same port, same directory

Synapse reads registrations of application services only when it starts: give them all at
construction. The configuration is written anew at each start. A new one begins with the tables that
another one made (:mod:`tests.harness.empty_homeserver`).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import os
import secrets
import signal
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from tests.harness.empty_homeserver import keep, put_in_place
from tests.harness.federation import Peer
from tests.harness.forks import HOMESERVER
from tests.harness.processes import (
    Child,
    ProcessFailedError,
    die_with_parent,
    end,
    free_port,
    slay,
    tail_of,
)

_POLL = 0.05
_RECOVERING = "SELECT 1 FROM application_services_state WHERE as_id = :service AND state = 'down'"
_UNLIMITED = {"per_second": 10_000, "burst_count": 10_000}


class Synapse:
    """One homeserver process and its data directory.

    Args:
        directory: where its configuration, database, media and log go; made if missing.
        server_name: the part behind the colon of its user ids.
        port: the loopback port of its client API; a free one when not given. It stays the
            same over restarts.
        registrations: files that register application services.
        peer: lets it federate, under the name in it instead of ``server_name``; without, it
            speaks to no other homeserver.
        settings: sections of homeserver.yaml that are to differ.
        at_once: whether it is forked from one that has been imported, which saves its start the
            most of its time.
    """

    def __init__(
        self,
        directory: Path,
        *,
        server_name: str = "goudwacht.test",
        port: int | None = None,
        registrations: Sequence[Path] = (),
        peer: Peer | None = None,
        settings: Mapping[str, Any] | None = None,
        at_once: bool = False,
    ) -> None:
        self.directory = directory
        self.server_name = server_name if peer is None else peer.server_name
        self.port = free_port() if port is None else port
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = directory / "homeserver.db"
        self.log = directory / "homeserver.log"
        self._registrations = tuple(registrations)
        self._peer = peer
        self._settings = dict(settings or {})
        self._at_once = at_once
        self._process: Child | None = None
        self._registration_secret = secrets.token_hex(16)

    @property
    def pid(self) -> int | None:
        """The id of the running process; None when it is not running."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process is not None else None

    async def start(self, timeout: float = 60.0, *, ahead: float = 0.0) -> None:
        """Start the process and return with its first answer to ``/versions``.

        Args:
            ahead: seconds by which its clock is wrong.

        Raises:
            ProcessFailedError: it ended, or did not answer within ``timeout`` seconds; the
                message holds the end of its log.
        """
        if self.pid is not None:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        self._write_configuration()
        made_here = not self.database.exists() and not put_in_place(self.database)
        with self.log.open("ab") as log:
            self._process = await self._begin(log.fileno(), ahead)
        try:
            await asyncio.wait_for(self._until_healthy(self._process), timeout)
        except TimeoutError:
            await self.kill()
            raise ProcessFailedError(
                f"Synapse did not answer on {self.url} within {timeout:.0f} s; the end of "
                f"{self.log}:\n{tail_of(self.log)}"
            ) from None
        except BaseException:
            await self.kill()
            raise
        if made_here:
            await keep(self.database)

    async def stop(self) -> None:
        """Stop the process in order; nothing happens when it is not running."""
        if self._process is not None:
            self.resume()
            await end(self._process, patience=15)
            self._process = None

    async def kill(self) -> None:
        """Kill the process on the spot (SIGKILL), as a crash would."""
        if self._process is not None:
            await slay(self._process)
            self._process = None

    def hang(self) -> None:
        """Have the process do nothing (SIGSTOP): it accepts connections and never answers."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let the process go on (SIGCONT)."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGCONT)

    async def ended(self) -> None:
        """Return when the process has ended, whoever ended it."""
        if self._process is not None:
            await self._process.wait()

    async def recovered(self, service: str) -> None:
        """Wait until an application service that was away has been sent what was kept for it.

        Synapse 1.163.2 may keep a transaction that it makes in the last moment of a recovery
        until the next one (appservice/scheduler.py: it reads the state before it stores the
        transaction), so that nobody should write in that moment.
        """
        database = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)
        with contextlib.closing(database), contextlib.closing(database.cursor()) as cursor:
            async with asyncio.timeout(60):
                # Another program's database tells no news.
                while cursor.execute(_RECOVERING, {"service": service}).fetchone():  # noqa: ASYNC110
                    await asyncio.sleep(0.02)

    async def register(self, localpart: str, password: str, *, admin: bool = False) -> None:
        """Make an account through the shared-secret endpoint; one that exists is left as it is.

        Raises:
            ProcessFailedError: the homeserver refused for another reason.
        """
        url = f"{self.url}/_synapse/admin/v1/register"
        async with aiohttp.ClientSession() as http:
            async with http.get(url) as answer:
                nonce = (await answer.json())["nonce"]
            role = "admin" if admin else "notadmin"
            mac = hmac.new(
                self._registration_secret.encode(),
                "\x00".join((nonce, localpart, password, role)).encode(),
                hashlib.sha1,  # the endpoint's own choice: element-hq/synapse, register_api.md
            )
            account = {
                "nonce": nonce,
                "username": localpart,
                "password": password,
                "admin": admin,
                "mac": mac.hexdigest(),
            }
            async with http.post(url, json=account) as answer:
                said = await answer.json()
        if "user_id" not in said and said.get("errcode") != "M_USER_IN_USE":
            raise ProcessFailedError(f"Synapse refused the account {localpart!r}: {said}")

    async def _begin(self, log: int, ahead: float) -> Child:
        arguments = ("--config-path", str(self.directory / "homeserver.yaml"))
        if self._at_once and not ahead:
            return await HOMESERVER.start(*arguments, directory=self.directory, log=log)
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "synapse.app.homeserver", *arguments),
            cwd=self.directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the run, which then stops us in order
            preexec_fn=die_with_parent,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self._clock(ahead)},
        )

    async def _until_healthy(self, process: Child) -> None:
        async with aiohttp.ClientSession() as http:
            while True:
                if process.returncode is not None:
                    raise ProcessFailedError(
                        f"Synapse ended with status {process.returncode}; the end of {self.log}:\n"
                        f"{tail_of(self.log)}"
                    )
                try:
                    async with http.get(f"{self.url}/_matrix/client/versions") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(_POLL)

    def _clock(self, ahead: float) -> dict[str, str]:
        """Return what makes a Python process believe that it is so many seconds later."""
        if not ahead:
            return {}
        directory = self.directory / "clock"
        directory.mkdir(exist_ok=True)
        (directory / "sitecustomize.py").write_text(_CLOCK.format(ahead=ahead))
        return {"PYTHONPATH": str(directory)}

    def _write_configuration(self) -> None:
        key = self.directory / "signing.key"
        if not key.exists():
            seed = _unpadded_base64(secrets.token_bytes(32))
            key.write_text(f"ed25519 a_{secrets.token_hex(2)} {seed}\n")
        (self.directory / "log.yaml").write_text(yaml.safe_dump(_LOGGING))
        (self.directory / "homeserver.yaml").write_text(
            yaml.safe_dump(self._configuration(signing_key=key), sort_keys=False)
        )

    def _configuration(self, *, signing_key: Path) -> dict[str, Any]:
        return {
            "server_name": self.server_name,
            "public_baseurl": f"{self.url}/",
            "pid_file": str(self.directory / "homeserver.pid"),
            "signing_key_path": str(signing_key),
            "log_config": str(self.directory / "log.yaml"),
            "media_store_path": str(self.directory / "media"),
            "database": {"name": "sqlite3", "args": {"database": str(self.database)}},
            "listeners": [
                {
                    "port": self.port,
                    "bind_addresses": ["127.0.0.1"],
                    "type": "http",
                    "tls": False,
                    "resources": [{"names": ["client"]}],
                },
                *([] if self._peer is None else [self._peer.listener()]),
            ],
            "app_service_config_files": [str(path) for path in self._registrations],
            "registration_shared_secret": self._registration_secret,
            "enable_registration": False,
            "macaroon_secret_key": "only for tests",
            "form_secret": "only for tests",
            # A password is worth one cheap hash here: 0.1 s an account instead of 0.9 s.
            "bcrypt_rounds": 4,
            # No talk with the world outside this machine.
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "federation_domain_whitelist": [],
            "send_federation": self._peer is not None,
            "report_stats": False,
            "url_preview_enabled": False,
            "presence": {"enabled": False},
            "user_directory": {"enabled": False},
            "update_user_directory": False,
            # Nobody here is told by a push gateway, searches, or reads statistics.
            "push": {"enabled": False},
            "enable_search": False,
            "stats": {"enabled": False},
            # What is left to do in a new database is done at once.
            "background_updates": {"sleep_enabled": False},
            "encryption_enabled_by_default_for_room_type": "off",
            # As before Synapse 1.126: whoever has the power in a room may list it.
            "room_list_publication_rules": [{"action": "allow"}],
            **_no_rate_limits(),
            **({} if self._peer is None else self._peer.settings()),
            **self._settings,
        }


_CLOCK = """\
import time

_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + {ahead}
time.time_ns = lambda: _time_ns() + int({ahead} * 1e9)
"""
"""Read by Python before anything else; Synapse asks nobody else what time it is."""

_LOGGING = {
    "version": 1,
    "formatters": {
        "line": {"format": "%(asctime)s %(name)s %(levelname)s %(request)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    "loggers": {"synapse.storage.SQL": {"level": "WARNING"}},
    "disable_existing_loggers": False,
}


def _no_rate_limits() -> dict[str, Any]:
    single = (
        "rc_message",
        "rc_registration",
        "rc_admin_redaction",
        "rc_joins_per_room",
        "rc_key_requests",
        "rc_3pid_validation",
        "rc_third_party_invite",
        "rc_media_create",
        "rc_delayed_event_mgmt",
        "rc_room_creation",
        "rc_reports",
        "rc_user_directory",
        "rc_profile",
    )
    nested = {
        "rc_login": ("address", "account", "failed_attempts"),
        "rc_joins": ("local", "remote"),
        "rc_invites": ("per_room", "per_user", "per_issuer"),
        "rc_presence": ("per_user",),
    }
    return {
        **{name: dict(_UNLIMITED) for name in single},
        **{name: {part: dict(_UNLIMITED) for part in parts} for name, parts in nested.items()},
    }


def _unpadded_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")
