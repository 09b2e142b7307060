"""``goudwacht audit``: hold the audit log against what was written, and write it out.

::

    verify  every link, the names and reasons beside it, and entries that were noted earlier
    export  one JSON object a line, names opened

Both work while the service runs.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Annotated

import typer

from appservice.vault import Vault
from bridge.audit import Audit, Recorded, Standing
from bridge.command_line.failure import CommandError
from bridge.command_line.opened import opened
from bridge.command_line.options import DEFAULT_CONFIGURATION, ConfigurationOption
from bridge.configuration import load

app = typer.Typer(no_args_is_help=True, help="The log of who decided what.")

_NOTED = re.compile(r"(\d{1,18}):([0-9a-f]{64})")

NotedOption = Annotated[
    list[str] | None,
    typer.Option(help="NUMBER:HASH that an earlier verify printed; may be given more than once."),
]


@app.command()
def verify(noted: NotedOption = None, config: ConfigurationOption = DEFAULT_CONFIGURATION) -> None:
    """Look for entries that were changed, added, or taken away; exit status 1 if there are."""
    kept = []
    for one in noted or ():
        match = _NOTED.fullmatch(one)
        if match is None:
            raise CommandError(f"'{one}' is no NUMBER:HASH as `goudwacht audit verify` prints it.")
        kept.append((int(match[1]), match[2]))
    standing = asyncio.run(_check(config, kept))
    for line in told(standing):
        typer.echo(line)
    if standing.breaks:
        raise typer.Exit(1)


@app.command()
def export(config: ConfigurationOption = DEFAULT_CONFIGURATION) -> None:
    """Write the log to standard output, one JSON object a line, oldest first.

    A reason or a name that was tampered with is left out: see verify.
    """
    for entry in asyncio.run(_entries(config)):
        typer.echo(json.dumps(entry.to_json(), ensure_ascii=False))


def told(standing: Standing) -> list[str]:
    """Return the lines for what a check found."""
    if standing.breaks:
        advice = (
            f"{len(standing.breaks)} found. Somebody wrote to the database beside the service, or "
            "it has another secret. Keep the file as it is, and compare it with a back-up."
        )
        return [*(f"entry {one.seq}: {one.fault.value}" for one in standing.breaks), advice]
    good = (
        f"{standing.entries} entries, all as they were written. Keep the next line elsewhere, to "
        "give it to --noted another time:"
    )
    return [good, f"{standing.last}:{standing.hash}"]


async def _check(config: ConfigurationOption, noted: list[tuple[int, str]]) -> Standing:
    configuration = load(config)
    # What was tampered with is told below: nothing has to open here.
    async with opened(configuration, sealed=True) as database, database.read() as work:
        return await Audit(Vault(configuration.database.secret)).check(work, noted)


async def _entries(config: ConfigurationOption) -> list[Recorded]:
    configuration = load(config)
    async with opened(configuration, sealed=True) as database, database.read() as work:
        audit = Audit(Vault(configuration.database.secret))
        await audit.ensure_opens(work)
        return [entry async for entry in audit.entries(work)]
