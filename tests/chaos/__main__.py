"""``python -m tests.chaos``: the command behind ``make chaos ROUNDS=n SEED=s``."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import math
import secrets
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.chaos.plan import Victim
from tests.chaos.run import Progress, Result, Run, planned

_SHOWN_FAULTS = 40


def main() -> None:
    """Run; exit status 0 only when nothing was lost, doubled or unreadable."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="a fresh one when not given")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no round after")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--keep", type=Path, help="an empty directory that is left behind")
    asked = parser.parse_args()
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    # Standard error: with --json the result alone goes to standard output.
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"seed {seed}, {asked.rounds} rounds")
    # What the clients' library thinks of a homeserver that dies is no news here.
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="goudwacht-") as temporary:
        run = Run(
            asked.keep or Path(temporary),
            lambda progress: _tell(console, progress),
            asked.minutes * 60,
        )
        result = asyncio.run(run(seed, planned(seed, asked.rounds)))
    if asked.json:
        print(json.dumps(as_json(result), indent=2))
    else:
        Console(highlight=False).print(table(result))
    for fault in result.account.faults[:_SHOWN_FAULTS]:
        console.print(fault, markup=False)
    if result.stuck:
        console.print(result.stuck, markup=False)
    sys.exit(0 if result.good else 1)


def as_json(result: Result) -> dict[str, object]:
    """The figures of a run."""
    account = result.account
    return {
        "seed": result.seed,
        "rounds": result.rounds,
        "seconds": round(result.seconds, 1),
        "killed": {victim.value: result.killed.get(victim, 0) for victim in Victim},
        "reports": account.reports,
        "alerts": account.alerts,
        "lost": len(account.lost),
        "doubled": len(account.doubled),
        "astray": len(account.astray),
        "stale": len(account.stale),
        "undecryptable": len(account.unreadable),
        "came_to_rest": not result.stuck,
    }


def table(result: Result) -> Table:
    """The same, to be read by a person."""
    shown = Table(title=f"Chaos, seed {result.seed}: {result.seconds:.0f} s", title_justify="left")
    shown.add_column("")
    shown.add_column("", justify="right")
    account = result.account
    shown.add_row("rounds", str(result.rounds))
    for victim in Victim:
        shown.add_row(f"kills of the {victim.value}", str(result.killed.get(victim, 0)))
    shown.add_section()
    shown.add_row("reports acknowledged", str(account.reports))
    shown.add_row("alerts read by members and police", str(account.alerts))
    shown.add_section()
    shown.add_row("lost", str(len(account.lost)))
    shown.add_row("doubled", str(len(account.doubled)))
    shown.add_row("read by somebody they were not for", str(len(account.astray)))
    shown.add_row("cards unlike the database", str(len(account.stale)))
    shown.add_row("undecryptable", str(len(account.unreadable)))
    return shown


def _tell(console: Console, progress: Progress) -> None:
    console.print(
        f"round {progress.rounds}: {progress.reports} reports, {progress.killed} kills, "
        f"{progress.seconds:.0f} s"
    )


if __name__ == "__main__":
    main()
