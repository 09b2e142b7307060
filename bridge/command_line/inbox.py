"""``goudwacht inbox`` and ``goudwacht outbox``: what was set aside.

::

    list   which, since when, how often tried, and where our code raised; never what it says
    retry  try it again: the service, if it runs, does so within seconds
    drop   let go of it

Both work while the service runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from appservice import aside
from appservice.aside import Listed
from appservice.database import Database, Work
from appservice.faults import Direction
from bridge import migrations
from bridge.command_line.failure import CommandError
from bridge.command_line.options import DEFAULT_CONFIGURATION, ConfigurationOption
from bridge.configuration import load

NumberArgument = Annotated[int, typer.Argument(help="The number that `list` shows.")]


def _group(direction: Direction, what: str) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True, help=f"{what.capitalize()} that were set aside.")

    @app.command(name="list", help=f"Show the {what} that were set aside, never what they say.")
    def list_(config: ConfigurationOption = DEFAULT_CONFIGURATION) -> None:
        console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
        found = asyncio.run(_with(config, lambda work: aside.listed(work, direction)))
        for line in told(found):
            console.print(line)

    @app.command(help="Try one again; the service, if it runs, does so within seconds.")
    def retry(number: NumberArgument, config: ConfigurationOption = DEFAULT_CONFIGURATION) -> None:
        asyncio.run(_change(config, number, aside.retry, direction))
        typer.echo(f"{number} is tried again.")

    @app.command(help="Let go of one for ever.")
    def drop(number: NumberArgument, config: ConfigurationOption = DEFAULT_CONFIGURATION) -> None:
        asyncio.run(_change(config, number, aside.drop, direction))
        typer.echo(f"{number} is dropped.")

    return app


inbox = _group(Direction.IN, "events")
outbox = _group(Direction.OUT, "messages")

_T = TypeVar("_T")
_Change = Callable[[Work, Direction, int], Awaitable[bool]]


def told(found: Sequence[Listed]) -> list[str]:
    """Return the lines for what was set aside."""
    if not found:
        return ["Nothing was set aside."]
    lines = []
    for one in found:
        when = one.when.isoformat(timespec="seconds")
        lines += [
            f"{one.seq}  {when}  {one.event_id or '-'}  {one.type}  tries: {one.tries}",
            f"    {one.fault}",
        ]
    return lines


async def _change(
    config: ConfigurationOption, number: int, change: _Change, direction: Direction
) -> None:
    if not await _with(config, lambda work: change(work, direction, number)):
        command = "inbox" if direction is Direction.IN else "outbox"
        raise CommandError(
            f"Nothing under number {number} was set aside: see `goudwacht {command} list`."
        )


async def _with(config: ConfigurationOption, do: Callable[[Work], Awaitable[_T]]) -> _T:
    database = Database(load(config).database.url)
    try:
        await migrations.ensure_current(database)
        async with database.begin() as work:
            return await do(work)
    finally:
        await database.close()
