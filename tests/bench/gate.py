"""The gate's part of the bench: what it finds, how fast, and in how much memory.

::

    a process that only screens (tests.gate.figures --json) ─▶ shares, milliseconds, MiB ─▶ table
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from rich.table import Table

from tests.gate.figures import MEBIBYTES, MILLISECONDS

TARGETS = {
    "certain_refused": (0.99, "certain, refused", "≥ 99 %"),
    "doubtful_flagged": (0.90, "doubtful, flagged", "≥ 90 %"),
    "clean_refused": (0.02, "harmless, refused", "≤ 2 %"),
    "clean_flagged": (0.08, "harmless, flagged", "≤ 8 %"),
}


def measured() -> dict[str, Any]:
    """Screen every list of sentences in a process of its own; return its figures.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    command = [sys.executable, "-m", "tests.gate.figures", "--json"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def table(found: dict[str, Any]) -> Table:
    """The same, to be read by a person."""
    lists = found["lists"]
    shown = Table(title="The gate, on sentences written apart from its rules", title_justify="left")
    shown.add_column("")
    for name, one in lists.items():
        shown.add_column(f"{name}\n{one['sentences']}", justify="right")
    shown.add_column("target", justify="right")
    for key, (_, title, target) in TARGETS.items():
        shown.add_row(title, *(f"{one[key]:.1%}" for one in lists.values()), target)
    times = [f"{one['milliseconds']:.2f} ms" for one in lists.values()]
    shown.add_row("a sentence", *times, f"< {MILLISECONDS:.0f} ms")
    room = [f"{found['mebibytes']:.0f} MiB", *("" for _ in range(len(lists) - 1))]
    shown.add_row("the process", *room, f"< {MEBIBYTES:.0f} MiB")
    return shown
