"""Registrations of application services, made before the homeserver starts.

Synapse reads them only at its start, and it is started once a run: so a number of them is
written beforehand, and each test that needs a service takes one that nobody had before it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from appservice.ids import UserID
from tests.harness.processes import free_port


@dataclass(frozen=True)
class AppserviceLease:
    """What one service under test needs to know of its homeserver, and the other way round."""

    id: str
    bot_localpart: str
    registration_path: Path
    as_token: str = field(repr=False)
    hs_token: str = field(repr=False)
    port: int
    """The loopback port at which the homeserver looks for the service."""
    homeserver: str
    """The homeserver's client API, a URL."""
    server_name: str

    @property
    def bot(self) -> UserID:
        return UserID(f"@{self.bot_localpart}:{self.server_name}")

    @property
    def address(self) -> str:
        """The service's own URL, as the homeserver calls it."""
        return f"http://127.0.0.1:{self.port}"


def write_lease(
    directory: Path,
    number: int,
    *,
    homeserver: str,
    server_name: str,
    msc4190: bool = True,
    rate_limited: bool = False,
    everyone: bool = False,
) -> AppserviceLease:
    """Write the registration of service ``number`` into ``directory``.

    Args:
        directory: exists already.
        number: part of every name of the service, so that no two of them meet.
        homeserver: its client API, a URL.
        server_name: of the homeserver.
        msc4190: whether the service makes its device without a log-in.
        rate_limited: whether the homeserver limits the service as it does people.
        everyone: whether it may speak for every user of the homeserver.
    """
    name = f"gw{number}"
    lease = AppserviceLease(
        id=name,
        bot_localpart=name,
        registration_path=directory / f"{name}.yaml",
        as_token=secrets.token_hex(32),
        hs_token=secrets.token_hex(32),
        port=free_port(),
        homeserver=homeserver,
        server_name=server_name,
    )
    registration = _registration(lease, msc4190=msc4190) | {"rate_limited": rate_limited}
    if everyone:
        registration["namespaces"]["users"] = [{"exclusive": False, "regex": "@.*"}]
        registration["url"] = None
    lease.registration_path.write_text(yaml.safe_dump(registration))
    return lease


def _registration(lease: AppserviceLease, *, msc4190: bool) -> dict[str, Any]:
    server = lease.server_name.replace(".", r"\.")
    return {
        "id": lease.id,
        "url": lease.address,
        "as_token": lease.as_token,
        "hs_token": lease.hs_token,
        # Never the bot itself: Synapse answers the sender's /sync with 500.
        "sender_localpart": f"{lease.bot_localpart}_as",
        "namespaces": {
            "users": [{"exclusive": True, "regex": f"^@{lease.bot_localpart}:{server}$"}],
            "aliases": [{"exclusive": True, "regex": f"^#{lease.bot_localpart}_.*:{server}$"}],
            "rooms": [],
        },
        "receive_ephemeral": False,
        "io.element.msc4190": msc4190,
    }
