"""Homeservers of a run, one after another, each with registrations for as many services as asked.

::

    with_leases(12) ──▶ the homeserver that runs, if 12 of its leases are left
                    └─▶ or else a new one, in whose place the former stops

Synapse reads registrations only when it starts, and asks of each of them, at each event, whether
it concerns its service: one homeserver that knows the services of all tests of a run makes each of
them a third slower than a few that know some of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.harness.leases import AppserviceLease, write_lease
from tests.harness.processes import free_port
from tests.harness.synapse import Synapse

SERVER_NAME = "goudwacht.test"

LEASES = 16
"""How many services a homeserver knows at the least."""


@dataclass(frozen=True)
class Home:
    """A homeserver that runs, and the leases on it that nobody had yet."""

    synapse: Synapse
    leases: list[AppserviceLease]

    def lease(self) -> AppserviceLease:
        """A registration that no test had before."""
        return self.leases.pop()


class Homes:
    """Starts them.

    Args:
        directory: for their files.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers: Iterator[int] = itertools.count(1)
        self._current: Home | None = None
        self._kept: list[Home] = []

    async def with_leases(self, wanted: int) -> Home:
        """A homeserver with at least ``wanted`` leases left, which all are for whoever asks."""
        if self._current is not None and len(self._current.leases) >= wanted:
            return self._current
        await self._stop()
        self._current = await self._start(max(wanted, LEASES))
        return self._current

    async def to_keep(self, wanted: int) -> Home:
        """A homeserver with ``wanted`` leases that runs to the end."""
        home = await self._start(wanted)
        self._kept.append(home)
        return home

    async def stop(self) -> None:
        """Stop them all."""
        await self._stop()
        for home in self._kept:
            await home.synapse.stop()

    async def _stop(self) -> None:
        if self._current is not None:
            await self._current.synapse.stop()
            self._current = None

    async def _start(self, leases: int) -> Home:
        port = free_port()
        numbers = list(itertools.islice(self._numbers, leases))
        directory = self._directory / f"homeserver {numbers[0]}"
        registrations = directory / "registrations"
        registrations.mkdir(parents=True)
        written = [
            write_lease(
                registrations,
                number,
                homeserver=f"http://127.0.0.1:{port}",
                server_name=SERVER_NAME,
            )
            for number in numbers
        ]
        synapse = Synapse(
            directory,
            server_name=SERVER_NAME,
            port=port,
            registrations=[lease.registration_path for lease in written],
            at_once=True,
        )
        await synapse.start()
        return Home(synapse, written)
