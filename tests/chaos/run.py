"""A run: rounds of playing and killing, and the account at the end.

::

    round: play ∥ strike ─▶ quiet: database drained, every client has each room's last message
    … ─▶ a last report to everyone, with nothing killed ─▶ account

The last report is the fence: each room's messages go out in order, so that whoever has read it has
read whatever else was on its way, doubles included.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.account import Account, account_of
from tests.chaos.acting import PATIENCE, Acting, Moments, Sent
from tests.chaos.plan import Kill, Moment, PlannedReport, Round, Verdict, Victim, rounds
from tests.chaos.records import Records
from tests.chaos.town import HERE, MEMBERS_PER_REGION, MODERATORS, REGIONS, Town
from tests.chaos.victims import Victims
from tests.harness.processes import tail_of
from tests.harness.reader import NotSeenError

_FENCE = PlannedReport(0, ((0, Verdict.TYPE_EVERYWHERE),))


@dataclass(frozen=True)
class Progress:
    """How a run stands after a round."""

    rounds: int
    reports: int
    killed: int
    seconds: float


@dataclass
class Result:
    """What came of a run."""

    seed: int
    rounds: int = 0
    seconds: float = 0.0
    killed: dict[Victim, int] = field(default_factory=dict)
    account: Account = field(default_factory=Account)
    stuck: str = ""
    """Why the run ended early; empty when it did not."""

    @property
    def good(self) -> bool:
        return not self.stuck and not self.account.faults


def planned(seed: int, count: int) -> tuple[Round, ...]:
    """The rounds of a seed, for the town as it is."""
    police = [region == HERE for region in REGIONS for _ in range(MEMBERS_PER_REGION)]
    return rounds(seed, count, members=police, moderators=MODERATORS)


class Run:
    """One run in a directory of its own.

    Args:
        directory: empty.
        told: called after each round.
        seconds: no round begins when so many are over.
    """

    def __init__(
        self,
        directory: Path,
        told: Callable[[Progress], None] = lambda progress: None,
        seconds: float = math.inf,
    ) -> None:
        self._directory = directory
        self._told = told
        self._seconds = seconds
        self._sent: list[Sent] = []
        self._words = 0

    async def __call__(self, seed: int, plan: Sequence[Round]) -> Result:
        """Play the plan; return what came of it.

        Raises:
            ProcessFailedError: a homeserver or a database server did not start.
        """
        result = Result(seed)
        async with AsyncExitStack() as ends:
            town = Town(ends, self._directory)
            await town.gather()
            records = Records(town.database_url)
            ends.push_async_callback(records.close)
            victims = Victims(town.service, town.homeserver, town.database)
            began = time.monotonic()
            try:
                for number, one in enumerate(plan, start=1):
                    if time.monotonic() - began >= self._seconds:
                        break
                    await self._round(town, records, victims, one)
                    result.rounds = number
                    self._told(
                        Progress(
                            number,
                            len(self._sent),
                            victims.killed.total(),
                            time.monotonic() - began,
                        )
                    )
                await self._round(town, records, victims, Round((_FENCE,), ()))
            except* (NotSeenError, TimeoutError) as group:
                on_its_way = await records.on_its_way()
                reasons = "\n".join(str(error) for error in group.exceptions)
                result.stuck = (
                    f"round {result.rounds + 1} did not come to rest; on its way: {on_its_way}\n"
                    f"{reasons}\nthe end of the service's log:\n{tail_of(town.service.log)}"
                )
            result.seconds = time.monotonic() - began
            result.killed = dict(victims.killed)
            result.account = account_of(
                await records.outcomes(self._sent), town.places, town.views()
            )
            told = town.told_in_log(sent.word for sent in self._sent)
            result.account.astray += [f"the log tells: {line}" for line in told]
            result.account.expect("cases", await records.cases(), len(self._sent))
            result.account.expect("events set aside", await records.set_aside(), 0)
        return result

    async def _round(self, town: Town, records: Records, victims: Victims, one: Round) -> None:
        moments = Moments()
        acting = Acting(town, moments)
        async with asyncio.TaskGroup() as tasks:
            blows = [
                tasks.create_task(_strike(kill, moments, records, victims)) for kill in one.kills
            ]
            plays = []
            for report in one.reports:
                self._words += 1
                plays.append(tasks.create_task(acting.play(report, f"zilverling{self._words}q")))
            await asyncio.gather(*plays)
            moments.have_all_come()
            await asyncio.gather(*blows)
        self._sent += [play.result() for play in plays]
        await _quiet(town, records)


async def _strike(kill: Kill, moments: Moments, records: Records, victims: Victims) -> None:
    if kill.moment is Moment.SEALED:
        over = asyncio.create_task(moments.wait_for(Moment.SEALED))
        sealed = asyncio.create_task(records.until_sealed())
        await asyncio.wait({over, sealed}, return_when=asyncio.FIRST_COMPLETED)
        for task in (over, sealed):
            task.cancel()
    else:
        await moments.wait_for(kill.moment)
    await asyncio.sleep(kill.after)
    await victims.strike(kill.victims, kill.down)


async def _quiet(town: Town, records: Records) -> None:
    """Wait until nothing is on its way, to anyone."""
    async with asyncio.timeout(PATIENCE):
        await records.until_drained()
    latest = await records.latest()
    for person in town.everyone:
        for room in person.rooms.joined & latest.keys():
            await person.reads(
                lambda seen, event=latest[room]: seen.event_id == event,  # type: ignore[misc]
                room,
                PATIENCE,
            )
