"""Homeservers that federate, on loopback, with TLS that is verified.

::

    peers(directory, 2) ──▶ one certificate authority ──▶ Peer ──▶ Synapse(…, peer=peer)
                                                     └──▶ Peer ──▶ Synapse(…, peer=peer)

A homeserver is named by its address and port, so that no name need be looked up; each knows its
peers alone, and nothing outside this machine.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import trustme

from tests.harness.processes import free_port

_ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Peer:
    """What one homeserver needs in order to speak to the others."""

    server_name: str
    port: int
    """Where the other homeservers find it."""
    certificate: Path
    private_key: Path
    authority: Path
    known: tuple[str, ...]
    """The names of all peers."""

    def listener(self) -> Mapping[str, Any]:
        """Its part of ``listeners`` in homeserver.yaml."""
        return {
            "port": self.port,
            "bind_addresses": [_ADDRESS],
            "type": "http",
            "tls": True,
            "resources": [{"names": ["federation"]}],
        }

    def settings(self) -> Mapping[str, Any]:
        """The other parts of homeserver.yaml."""
        return {
            "tls_certificate_path": str(self.certificate),
            "tls_private_key_path": str(self.private_key),
            "federation_custom_ca_list": [str(self.authority)],
            # A whitelist of addresses does not help where the name is an address.
            "ip_range_blacklist": [],
            "federation_domain_whitelist": list(self.known),
            # How long it waits before it tries again who was away is as everywhere else: the
            # service has to do with that.
        }


def peers(directory: Path, number: int, *, hosts: Sequence[str] = ()) -> list[Peer]:
    """Make homeservers that know and believe each other; ``directory`` is made if missing.

    Args:
        hosts: names of this machine, one a homeserver, where a test wants to tell them apart by
            more than the port.
    """
    directory.mkdir(parents=True, exist_ok=True)
    authority, authority_file = trustme.CA(), directory / "authority.pem"
    authority.cert_pem.write_to_path(str(authority_file))
    ports = [free_port() for _ in range(number)]
    hosts = hosts or [_ADDRESS] * number
    names = tuple(f"{host}:{port}" for host, port in zip(hosts, ports, strict=True))
    made = []
    for name, host, port in zip(names, hosts, ports, strict=True):
        issued = authority.issue_cert(host)
        certificate, private_key = directory / f"{port}.pem", directory / f"{port}.key"
        certificate.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(private_key))
        made.append(Peer(name, port, certificate, private_key, authority_file, names))
    return made


def gave_up_on(server: str, database: Path, after: timedelta) -> None:
    """Let a homeserver that is not running have tried another in vain for so long.

    It tries again after as long once more, since it doubles that time at each try.

    Args:
        server: the other.
        database: its own.
    """
    now, milliseconds = int(time.time() * 1000), int(after.total_seconds() * 1000)
    row = {"server": server, "last": now - 1, "again": milliseconds, "since": now - milliseconds}
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        connection.execute(
            "UPDATE destinations SET retry_last_ts = :last, retry_interval = :again,"
            " failure_ts = :since WHERE destination = :server",
            row,
        )
