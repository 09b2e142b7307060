"""``goudwacht doctor``: a line a check, ✓ or ✗, and for every fault its remedy."""

from __future__ import annotations

import asyncio
from pathlib import Path
from textwrap import indent

import typer
from rich.console import Console

from bridge.command_line.options import DEFAULT_CONFIGURATION, ConfigurationOption
from bridge.doctor import Finding, Installation, checks, examine

_NAME_WIDTH = 14


def doctor(config: ConfigurationOption = DEFAULT_CONFIGURATION) -> None:
    """Check everything, and say what to do about what is wrong; exit status 1 if anything is.

    Changes nothing, and works whether the service runs or not.
    """
    if not asyncio.run(_all_well(config)):
        raise typer.Exit(1)


async def _all_well(path: Path) -> bool:
    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    installation = Installation(path)
    well = True
    try:
        async for finding in examine(checks(installation)):
            well = well and finding.good
            text, style = told(finding)
            console.print(text, style=style)
    finally:
        await installation.close()
    return well


def told(finding: Finding) -> tuple[str, str]:
    """Return the lines for a finding and their colour."""
    name = finding.check.name.ljust(_NAME_WIDTH)
    if finding.waits_for:
        return f"- {name} not checked: first {', '.join(finding.waits_for)}", "dim"
    if finding.good:
        return f"✓ {name} {finding.check.good}", "green"
    lines = []
    for fault in finding.faults:
        what, _, more = fault.what.partition("\n")
        lines.append(f"✗ {name} {what}")
        lines += [indent(text, " " * 4) for text in (more, fault.remedy) if text]
    return "\n".join(lines), "red"
