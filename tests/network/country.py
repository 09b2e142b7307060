"""A network across two homeservers: ours, and one of the police and of some who take part.

::

    anna, mia ── clients ──▶ ours ◀── TLS ──▶ theirs ◀── clients ── ans, max, piet
                              ▲
                           Network
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from appservice.ids import RoomID
from tests.conftest import PersonFactory
from tests.databases import DATABASES
from tests.harness.federation import peers
from tests.harness.leases import AppserviceLease, write_lease
from tests.harness.people import Person
from tests.harness.processes import free_port
from tests.harness.synapse import Synapse
from tests.harness.timeline import Seen
from tests.network.guild import number_in, people, report, word
from tests.network.network import HERE, Network


@dataclass(frozen=True)
class Country:
    """A running network, whose police are on another homeserver, with some of its members."""

    network: Network
    theirs: Synapse
    forger: AppserviceLease
    """An application service on their homeserver that may speak for all of its users."""
    anna: Person
    """A jeweller."""
    ans: Person
    """A jeweller with an account on the other homeserver."""
    mia: Person
    """A moderator."""
    piet: Person
    """A police officer, on the other homeserver."""
    max: Person
    """A moderator with an account there, too."""
    private: RoomID
    review: RoomID
    alerts: RoomID
    police: RoomID

    async def submitted(self, kind: str = "inbraak") -> tuple[str, Seen]:
        """A report of Anna's that waits for a moderator: a word in it, and its card."""
        own = word()
        await self.anna.say(self.private, report(own).replace("inbraak", kind))
        await self.anna.reads(own, self.private)
        await self.anna.say(self.private, "!verstuur")
        return own, await self.mia.reads(own, self.review)

    async def shared(self) -> tuple[str, float]:
        """A report that Mia shares with the police too: a word, and seconds until Anna read it."""
        own, card = await self.submitted()
        began = time.monotonic()
        await self.mia.say(self.review, f"!ok #{number_in(card)} +politie")
        await self.anna.reads(own, self.alerts)
        return own, time.monotonic() - began


@asynccontextmanager
async def set_up(directory: Path, own: Callable[[str], Path]) -> AsyncIterator[Country]:
    """Start all of it, and stop it in the end.

    Args:
        directory: for the homeservers, whose names have to be short.
        own: makes a directory of this name for anything else.
    """
    ours, theirs = peers(directory, 2, hosts=("127.0.0.1", "localhost"))
    port = free_port()
    lease = write_lease(
        directory, 1, homeserver=f"http://127.0.0.1:{port}", server_name=ours.server_name
    )
    here = Synapse(
        directory / "ours",
        port=port,
        registrations=[lease.registration_path],
        peer=ours,
        at_once=True,
    )
    forger = write_lease(
        directory, 2, homeserver=ours.server_name, server_name=theirs.server_name, everyone=True
    )
    there = Synapse(
        directory / "theirs",
        registrations=[forger.registration_path],
        peer=theirs,
        at_once=True,
    )
    near = PersonFactory(here, own("near"))
    far = PersonFactory(there, own("far"))
    files = own("network")
    network = Network(here, lease, files, await DATABASES.empty(files))
    try:
        await asyncio.gather(here.start(), there.start())
        anna, ans, mia, piet, max_ = await asyncio.gather(
            near("anna"), far("ans"), near("mia"), far("piet"), far("max")
        )
        await network.start(
            **people(
                members=[(anna, HERE, {}), (ans, HERE, {})],
                moderators=[mia, max_],
                liaisons=[piet],
            ),
            coordinators=[str(mia.user_id)],
            federation={"allowed_servers": [theirs.server_name]},
            police={"first": ["voorverkenning"]},
        )
        yield Country(
            network,
            there,
            forger,
            anna,
            ans,
            mia,
            piet,
            max_,
            await network.private(anna),
            await network.review(mia),
            await network.alerts(anna),
            await network.police(piet),
        )
    finally:
        await near.see_off()
        await far.see_off()
        await network.stop()
        await asyncio.gather(here.stop(), there.stop())
