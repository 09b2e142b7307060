"""``make demo``: one report becomes one alert, on a homeserver of its own.

::

    stage ─▶ play ─▶ checks ─▶ log-ins, and it stays up until Ctrl-C
                        └────▶ ONCE=1: it ends here

With ``FEDERATED=1`` the police officer is on a homeserver of the police's own.

The exit status is 0 only if every reader saw what they should. Whatever happens, no process and no
data directory is left behind: the work runs in a task of its own, and what it began is closed when
that task is over, finished or cancelled.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from importlib.metadata import version
from typing import Any

from rich.console import Console

from tests.harness.processes import ProcessFailedError, tail_of
from tests.play.cast import PARTS
from tests.play.following import follow
from tests.play.recovery import RecoveryKey, make_recoverable
from tests.play.scenes import SECRET_WORDS, Missed, Scenes, room_name
from tests.play.stage import Stage, cancel, fresh_password
from tests.play.transcript import WIDTH, Transcript

LOG_INS = """\
Log in with any Matrix client, Element for instance, as any of the five:

  homeserver    {homeservers}
  password      {password}
  recovery key  {recovery_key}
{people}

The client asks to verify the new log-in: choose the recovery key. That signs it, and brings what
was said so far, which some clients mark as coming from a back-up. Without it the bot shares no keys
with it: those go to verified devices only.

Then try, as Anna, in "{private}":         !melding
    or, as Mila, in "{review}":    !help
"""

PATIENCE = 20.0
"""Seconds in which each message must be read; another number in the environment's PATIENCE."""


class Demo:
    """One run of the demo.

    Args:
        console: where everything is told.
        once: end after the play.
        patience: seconds in which each message must be read.
        federated: the police officer is on a homeserver of the police's own.
    """

    def __init__(
        self, console: Console, *, once: bool, patience: float, federated: bool = False
    ) -> None:
        self._console = console
        self._federated = federated
        self._once = once
        self._patience = patience
        self._tell = Transcript(console)
        self.played = False
        """Whether the play is over and everything was seen."""
        self.failed = False
        """Whether something was not as it should be; it has been told what."""

    async def run(self, ends: AsyncExitStack) -> None:
        """Set up, play, check, and unless ``once`` stay until cancelled.

        What it begins is ended by closing ``ends``.
        """
        stage = Stage(ends, fresh_password(), federated=self._federated)
        try:
            await self._play(stage)
        except* Missed as group:
            self.failed = True
            for missed in group.exceptions:
                assert isinstance(missed, Missed)
                self._tell.missed(f"Not so: {missed.what}", missed.instead)
            self._tell.missed("The end of the service's log:", tail_of(stage.service.log))
        except* ProcessFailedError as group:
            self.failed = True
            for failure in group.exceptions:
                what, _, log = str(failure).partition("\n")
                self._tell.missed(what, log)

    async def _play(self, stage: Stage) -> None:
        logging.basicConfig(filename=stage.directory / "demo.log", level=logging.INFO, force=True)
        scenes = await self._set_up(stage)
        await stage.service.while_running(scenes.perform())
        self._search(stage)
        self.played = True
        self._tell.scene("Everything was seen by whom it was for, and by nobody else")
        if not self._once:
            await self._stay(stage)

    async def _set_up(self, stage: Stage) -> Scenes:
        self._tell.scene("Setting up")
        await self._progress(
            "Starting a homeserver",
            f"Synapse {version('matrix-synapse')} with SQLite on {stage.homeserver.url}",
            stage.open_homeservers(),
        )
        if stage.of_police is not None:
            self._tell.checked(
                f"Another, the police's own, on {stage.of_police.url}: the two speak over TLS"
            )
        await self._progress(
            "Letting people in",
            f"{len(PARTS)} people, each with an encrypted client and a cross-signing identity",
            stage.let_people_in(),
        )
        for part in PARTS:
            self._tell.detail(f"{part.name}, {part.what}")
        await self._progress(
            "Starting the service", "goudwacht run, with SQLite", stage.start_service()
        )
        scenes = Scenes(stage.cast, self._tell, patience=self._patience)
        await self._progress(
            "Making rooms",
            "Rooms made, and everybody is in theirs",
            stage.service.while_running(scenes.enter()),
        )
        return scenes

    def _search(self, stage: Stage) -> None:
        """Look for the words of the reports where they must not be in clear."""
        known = room_name("review")
        if not stage.holding([known]):
            raise Missed("the search finds what is in clear", f"{known}: nowhere")
        found = stage.holding(SECRET_WORDS)
        if found:
            raise Missed("no word of the reports is on disk in clear", "\n".join(found))
        self._tell.checked(
            "No word of the reports is in clear in the homeserver's database or in any log."
        )

    async def _stay(self, stage: Stage) -> None:
        key = RecoveryKey()
        for person in stage.people.values():
            await make_recoverable(person, key)
        told = LOG_INS.format(
            homeservers=self._homeservers(stage),
            password=stage.password,
            recovery_key=key.text,
            people="\n".join(f"  {stage.user(part):<24}{part.what}" for part in PARTS),
            private=room_name("private"),
            review=room_name("review"),
        )
        self._console.print(f"\n{told}", markup=False, highlight=False, soft_wrap=True)
        self._tell.scene("It stays up until Ctrl-C. What the five read from now on")
        async with asyncio.TaskGroup() as following:
            following.create_task(stage.service.while_running(stage.homeserver_ends()))
            for part, person in stage.people.items():
                following.create_task(follow(part, person, self._tell))

    def _homeservers(self, stage: Stage) -> str:
        url = stage.homeserver.url
        return url if stage.of_police is None else f"{url}; of the police: {stage.of_police.url}"

    async def _progress(self, doing: str, done: str, work: Awaitable[None]) -> None:
        with self._console.status(f"{doing} …"):
            await work
        self._tell.checked(done)


async def demo(
    console: Console, *, once: bool, patience: float = PATIENCE, federated: bool = False
) -> int:
    """Run the demo; return the exit status."""
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[signal.Signals] = loop.create_future()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _ask, stop, number)
    run = Demo(console, once=once, patience=patience, federated=federated)
    async with AsyncExitStack() as ends:
        work = asyncio.create_task(run.run(ends))
        either: set[asyncio.Future[Any]] = {work, stop}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if stop.done():
            console.print("\nStopping …")
        await cancel(work)
    if not work.cancelled():
        work.result()  # raises what nobody expected
    if run.failed:
        return 1
    return 128 + stop.result() if stop.done() and not run.played else 0


def _ask(stop: asyncio.Future[signal.Signals], number: signal.Signals) -> None:
    if not stop.done():
        stop.set_result(number)


def main() -> None:
    """Run the demo; never returns.

    In the environment, ``ONCE=1`` ends it after the play and ``FEDERATED=1`` gives the police
    officer a homeserver of the police's own.
    """
    once, federated = (os.environ.get(name, "") not in ("", "0") for name in ("ONCE", "FEDERATED"))
    patience = float(os.environ.get("PATIENCE") or PATIENCE)
    console = Console(width=WIDTH, highlight=False)
    sys.exit(asyncio.run(demo(console, once=once, patience=patience, federated=federated)))


if __name__ == "__main__":
    main()
