"""What is told of the play while it goes on: who did what where, and what they read.

::

    Anna reports a robbery                                       scene
     12.4 s  Anna writes in Goudwacht: melden                    says
             │ !melding overval
     12.9 s  Anna reads in Goudwacht: melden                     reads
             │ …

Lines are at most 100 columns wide; nothing but a file or a terminal is needed to read them.
"""

from __future__ import annotations

import textwrap
import time

from rich.console import Console
from rich.text import Text

WIDTH = 100
_MARGIN = " " * 9


class Transcript:
    """Prints what happens, with the seconds since ``started`` before each line.

    Args:
        console: where it goes.
        started: when the clock began, of :func:`time.monotonic`; now when not given.
    """

    def __init__(self, console: Console, started: float | None = None) -> None:
        self._console = console
        self._started = time.monotonic() if started is None else started

    def scene(self, title: str) -> None:
        """Begin a scene."""
        self._print("")
        self._print(title, style="bold")

    def says(self, who: str, where: str, body: str) -> None:
        """Tell that somebody wrote something."""
        self._happened(f"{who} writes in {where}")
        self._quoted(body)

    def taps(self, who: str, key: str, what: str) -> None:
        """Tell that somebody reacted to something."""
        self._happened(f"{who} taps {key} on {what}")

    def reads(self, who: str, where: str, body: str) -> None:
        """Tell what somebody's client decrypted."""
        self._happened(f"{who} reads in {where}")
        self._quoted(body)

    def checked(self, what: str) -> None:
        """Tell that something was looked at and is as it should be."""
        self._wrapped(f"{self._clock()}✓ ", what, style="green")

    def detail(self, what: str) -> None:
        """Say more of what was told last."""
        self._wrapped(f"{_MARGIN}  ", what)

    def missed(self, what: str, instead: str) -> None:
        """Tell that something was not as it should be, and what was there instead."""
        self._wrapped(f"{self._clock()}✗ ", what, style="bold red")
        self._quoted(instead)

    def _happened(self, what: str) -> None:
        self._wrapped(self._clock(), what, style="cyan")

    def _clock(self) -> str:
        return f"{time.monotonic() - self._started:5.1f} s  "

    def _quoted(self, body: str) -> None:
        for line in body.splitlines():
            self._wrapped(f"{_MARGIN}│ ", line, again=f"{_MARGIN}│ ")

    def _wrapped(self, first: str, text: str, *, again: str | None = None, style: str = "") -> None:
        rest = " " * len(first) if again is None else again
        lines = textwrap.wrap(
            text,
            WIDTH,
            initial_indent=first,
            subsequent_indent=rest,
            drop_whitespace=True,
            break_on_hyphens=False,
        )
        for line in lines or [first.rstrip()]:
            self._print(line, style)

    def _print(self, line: str, style: str = "") -> None:
        # As text, not markup: what people write may have brackets in it.
        self._console.print(Text(line, style=style), soft_wrap=True)
