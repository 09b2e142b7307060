"""What is measured of the police on a homeserver of their own.

::

    reconnaissance: sent ─▶ card ─▶ ✅ as soon as it is read ─▶ read by the police
    an alert: ✅ ─▶ read by a member, the police's homeserver up · down for the whole of it · up
    their homeserver answers /versions again ─▶ the police have read all they missed
"""

from __future__ import annotations

import asyncio
import itertools
import re
import statistics
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import yaml
from rich.table import Table

from appservice.ids import RoomID
from bridge.command_line.init import CONFIGURATION_FILE
from tests.bench.measuring import ms, spread
from tests.harness.people import Person
from tests.harness.timeline import Seen
from tests.play.cast import ANNA, BRAM, MILA, PIM
from tests.play.stage import Stage, fresh_password

RETURN_SECONDS = 10.0
"""So soon after their homeserver's return the police have read everything."""
FIRST_SECONDS = 1.0
"""So soon after a reconnaissance was sent the police read it, when a moderator taps ✅ at once."""
DOWN_RATIO = 1.1
"""Members wait at most so much longer while it is down."""

_words = itertools.count(1)
_towns = itertools.cycle(("Utrecht", "Amersfoort", "Zeist", "Nieuwegein", "Houten", "Veenendaal"))


@dataclass
class PoliceFigures:
    """What was measured; times in seconds."""

    first: list[float] = field(default_factory=list)
    """From the sending of a reconnaissance to the police's having read it, each time."""
    up: list[float] = field(default_factory=list)
    """From the tap to a member's having read the alert."""
    down: list[float] = field(default_factory=list)
    """The same while the police's homeserver is down."""
    back: float = 0.0
    """From its first answer to ``/versions``, as any client asks it, to the police's having read
    everything."""

    @property
    def ratio(self) -> float:
        """How much longer members wait while the police's homeserver is down; medians."""
        return statistics.median(self.down) / statistics.median(self.up)


class Border:
    """The network, and the police behind another homeserver."""

    def __init__(self, stage: Stage, told: Callable[[str], None]) -> None:
        self._stage = stage
        self._told = told

    async def open(self) -> None:
        """Start everything; return when everyone is in their rooms."""
        path = self._stage.directory / CONFIGURATION_FILE
        configuration = yaml.safe_load(path.read_text())
        configuration["police"] = {"first": ["voorverkenning"]}
        configuration["reports"] = {"most_a_minute": 1_000}
        path.write_text(yaml.safe_dump(configuration, allow_unicode=True, sort_keys=False))
        await self._stage.open_homeservers()
        await self._stage.let_people_in()
        await self._stage.start_service()
        people = self._stage.people
        self._anna, self._bram = people[ANNA], people[BRAM]
        self._mila, self._pim = people[MILA], people[PIM]
        self._private = await self._anna.room_named("Goudwacht: melden", 120)
        self._review = await self._mila.room_named("Goudwacht: beoordeling", 120)
        here = "Midden-Nederland"
        self._alerts = await self._bram.room_named(f"Goudwacht: waarschuwingen {here}", 120)
        self._police = await self._pim.room_named(f"Goudwacht: politie {here}", 120)

    async def measure(self, times: int) -> PoliceFigures:
        """Measure each so often, after once untimed.

        With their homeserver up half of the alerts come before its absence and half after it: a
        machine that becomes busy, or quiet, in the meantime tells nothing for or against.
        """
        figures, theirs = PoliceFigures(), self._stage.of_police
        assert theirs is not None, "the stage is federated"
        self._told("the police on another homeserver: reconnaissance")
        figures.first = [await self._reconnaissance() for _ in range(times + 1)][1:]
        self._told("the police's homeserver up, then down, then up")
        half = (times + 1) // 2
        figures.up = await self._timed(half)
        await theirs.kill()
        missed = [await self._alert() for _ in range(times + 1)]
        figures.down = [took for _, took in missed[1:]]
        # Returns with its first answer to /versions.
        await theirs.start()
        began = time.perf_counter()
        async with asyncio.TaskGroup() as reading:
            for word, _ in missed:
                reading.create_task(self._reads(self._pim, self._police, word))
        figures.back = time.perf_counter() - began
        figures.up += await self._timed(times - half)
        return figures

    async def _timed(self, times: int) -> list[float]:
        """Seconds of so many alerts, after one untimed."""
        return [(await self._alert())[1] for _ in range(times + 1)][1:]

    async def _reconnaissance(self) -> float:
        word = await self._drafted("voorverkenning")
        began = time.perf_counter()
        card = await self._sent(word)
        await self._mila.react(self._review, card.event_id, "✅")
        await self._reads(self._pim, self._police, word)
        return time.perf_counter() - began

    async def _alert(self) -> tuple[str, float]:
        word = await self._drafted("inbraak")
        card = await self._sent(word)
        # The card's last reaction of the bot's own is not waited for: nor does a moderator.
        began = time.perf_counter()
        await self._mila.react(self._review, card.event_id, "👮")
        await self._reads(self._bram, self._alerts, word)
        return word, time.perf_counter() - began

    async def _drafted(self, kind: str) -> str:
        word = f"zilverling{next(_words)}q"
        body = f"!melding {kind}\nplaats: {next(_towns)}\ntijd: zojuist\nmo: deur open, {word}"
        await self._anna.say(self._private, body)
        await self._reads(self._anna, self._private, word)
        return word

    async def _sent(self, word: str) -> Seen:
        await self._anna.say(self._private, "!verstuur")
        return await self._reads(self._mila, self._review, word)

    async def _reads(self, who: Person, room: RoomID, word: str) -> Seen:
        """Wait for a message of the bot's with a word."""
        whole = re.compile(rf"\b{word}\b")
        bot = self._stage.bot
        return await who.reads(
            lambda seen: seen.sender == bot and whole.search(seen.body) is not None, room, 120
        )


async def measured(times: int, told: Callable[[str], None]) -> PoliceFigures:
    """Set everything up, measure, and leave nothing behind."""
    async with AsyncExitStack() as ends:
        border = Border(Stage(ends, fresh_password(), federated=True), told)
        await border.open()
        return await border.measure(times)


def as_json(found: PoliceFigures) -> dict[str, Any]:
    """The figures, with what they are to be compared with."""
    return {
        "targets": {
            "reconnaissance_ms": FIRST_SECONDS * 1000,
            "ratio": DOWN_RATIO,
            "back_seconds": RETURN_SECONDS,
        },
        "reconnaissance_ms": spread(found.first),
        "alert_up_ms": spread(found.up),
        "alert_down_ms": spread(found.down),
        "ratio": round(found.ratio, 3),
        "back_seconds": round(found.back, 1),
    }


def table(found: PoliceFigures) -> Table:
    """The same, to be read by a person."""
    shown = Table(title="The police on a homeserver of their own; medians", title_justify="left")
    shown.add_column("")
    shown.add_column("", justify="right")
    shown.add_column("target", justify="right")
    back, soon = f"{found.back:.1f} s", f"< {RETURN_SECONDS:.0f} s"
    first = f"< {FIRST_SECONDS * 1000:.0f} ms"
    for row in (
        ("reconnaissance: sent to read by the police, ✅ at once", ms(found.first), first),
        ("alert: ✅ to read by a member, their homeserver up", ms(found.up), ""),
        ("the same, their homeserver down", ms(found.down), ""),
        ("down ÷ up", f"{found.ratio:.2f}", f"≤ {DOWN_RATIO}"),
        ("their homeserver answers /versions to everything read", back, soon),
    ):
        shown.add_row(*row)
    return shown
