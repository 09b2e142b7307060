"""Options that more than one command takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigurationOption = Annotated[
    Path,
    typer.Option(
        "--config",
        "-c",
        envvar="GOUDWACHT_CONFIG",
        help="The configuration file.",
        dir_okay=False,
    ),
]
"""Use: ``def run(config: ConfigurationOption = DEFAULT_CONFIGURATION) -> None``."""

DEFAULT_CONFIGURATION = Path("goudwacht.yaml")
