"""``python -m tests.bench``: the command behind ``make bench``."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import platform
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench import gate, police
from tests.bench.measuring import Figures, Measuring, ms, spread
from tests.bench.town import Town

SIZES, QUICK_SIZES = (10, 100, 1000), (10, 100)
TIMES, QUICK_TIMES = 20, 6

RATIO = 1.15
"""An alert takes at most so much longer than the floor."""
GROWTH = 1.2
"""An alert to the most members takes at most so much longer than one to the fewest."""
STARTUP_SECONDS = 2.0


def main() -> None:
    """Measure; print a table and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer members, fewer times")
    parser.add_argument("--sizes", type=int, nargs="*", help="how many members")
    parser.add_argument("--times", type=int, help="how often an alert is timed at each size")
    parser.add_argument("--only", choices=("members", "police", "gate"), help="one part of it")
    parser.add_argument("--out", type=Path, default=Path("var/bench.json"))
    asked = parser.parse_args()
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    logging.disable(logging.CRITICAL)
    sizes = asked.sizes or (QUICK_SIZES if asked.quick else SIZES)
    times = asked.times or (QUICK_TIMES if asked.quick else TIMES)
    began = time.monotonic()

    def told(what: str) -> None:
        console.print(f"{time.monotonic() - began:6.0f} s  {what}")

    shown = Console(highlight=False)
    figures: dict[str, Any] = {"machine": machine()}
    if asked.only in (None, "gate"):
        told("sentences are screened")
        figures["gate"] = gate.measured()
        shown.print(gate.table(figures["gate"]))
    if asked.only in (None, "members"):
        found = asyncio.run(_measure(sizes, times, told))
        figures |= as_json(found)
        shown.print(table(found))
    if asked.only in (None, "police"):
        theirs = asyncio.run(police.measured(times, told))
        figures["police"] = police.as_json(theirs)
        shown.print(police.table(theirs))
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(figures, indent=2) + "\n")
    console.print(f"written to {asked.out}")


async def _measure(sizes: Any, times: int, told: Any) -> list[Figures]:
    with tempfile.TemporaryDirectory(prefix="goudwacht-") as directory:
        async with AsyncExitStack() as ends:
            town = Town(ends, Path(directory))
            await town.open()
            measuring, found = Measuring(town, times, told), []
            for size in sizes:
                one = await measuring.of(size)
                # A thousand members take their time to arrive: nothing is kept back until then.
                told(f"{size} members: alert {ms(one.alert)}, {one.ratio:.2f} times the floor")
                found.append(one)
            return found


def machine() -> dict[str, Any]:
    """What it was measured on."""
    return {
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
    }


def as_json(found: list[Figures]) -> dict[str, Any]:
    """The figures, with what they are to be compared with; times in milliseconds."""
    return {
        "targets": {"ratio": RATIO, "growth": GROWTH, "startup_seconds": STARTUP_SECONDS},
        "growth": _growth(found),
        "sizes": [
            {
                "members": one.members,
                "devices": 2 * one.members,
                "floor_ms": spread(one.floor),
                "alert_ms": spread(one.alert),
                "ratio": round(one.ratio, 3),
                "startup_ms": spread(one.startup),
                "cpu_ms_per_alert": round(one.cpu_per_alert * 1000, 1),
                "keys_shared_again": one.keys_shared_again,
                "preparing_seconds": round(one.preparing, 1),
            }
            for one in found
        ],
    }


def table(found: list[Figures]) -> Table:
    """The same, to be read by a person."""
    shown = Table(title="From the tap to the last reader; medians", title_justify="left")
    shown.add_column("")
    for one in found:
        shown.add_column(f"{one.members} members", justify="right")
    shown.add_column("target", justify="right")
    rows: list[tuple[str, list[str], str]] = [
        ("floor", [ms(one.floor) for one in found], ""),
        ("alert", [ms(one.alert) for one in found], ""),
        ("alert ÷ floor", [f"{one.ratio:.2f}" for one in found], f"≤ {RATIO}"),
        (
            "alert, most ÷ fewest members",
            ["" for _ in found[1:]] + [f"{_growth(found):.2f}"],
            f"≤ {GROWTH}",
        ),
        (
            "start to the first handled event",
            [ms(one.startup) for one in found],
            f"< {STARTUP_SECONDS * 1000:.0f} ms",
        ),
        ("keys shared again by a restart", [str(one.keys_shared_again) for one in found], "0"),
        (
            "the service's processor time for a report and its alert",
            [f"{one.cpu_per_alert * 1000:.0f} ms" for one in found],
            "",
        ),
    ]
    for name, cells, target in rows:
        shown.add_row(name, *cells, target)
    return shown


def _growth(found: list[Figures]) -> float:
    return round(statistics.median(found[-1].alert) / statistics.median(found[0].alert), 3)


if __name__ == "__main__":
    main()
