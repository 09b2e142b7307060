"""``goudwacht screen``: what the gate finds in lines of text.

For who keeps the lists, and for who judges them: nothing is stored, and no configuration is read.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from bridge.gate import Finding, Level, Personal, ScreeningFailed, screen
from bridge.wording import Language, Wording, templates_directory


class CannotRead(Exception):
    """The text tells the operator which file, and why."""


FileArgument = Annotated[
    Path | None, typer.Argument(help="A file of lines, in UTF-8; standard input without it.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print a JSON list for each line.")]
LanguageOption = Annotated[Language, typer.Option(help="In which language to say why.")]


def main() -> None:
    """Run ``goudwacht screen`` by itself: without what the other commands need."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command("screen")(screen_lines)
    app.callback()(lambda: None)
    try:
        app(prog_name="goudwacht")
    except CannotRead as error:
        typer.secho(str(error), fg="red", err=True)
        raise SystemExit(1) from None


def screen_lines(
    file: FileArgument = None,
    as_json: JsonOption = False,
    language: LanguageOption = Language.NL,
) -> None:
    """Show what in each line would be refused or doubted, and why."""
    wording = Wording(templates_directory())
    for line in _read(file).split("\n")[:-1]:
        try:
            found = screen(line.removesuffix("\r"))
        except ScreeningFailed:
            # What cannot be judged is refused as a whole: the answer is no.
            found = (Finding(Personal.UNREADABLE, Level.CERTAIN, 0, len(line), line),)
        said = [(one, wording.word(language, "why", one.kind)) for one in found]
        if as_json:
            made = [
                {
                    "kind": one.kind,
                    "level": one.level,
                    "start": one.start,
                    "end": one.end,
                    "text": one.text,
                    "why": why,
                }
                for one, why in said
            ]
            typer.echo(json.dumps(made, ensure_ascii=False))
        else:
            typer.echo(line)
            for one, why in said:
                kind = wording.word(language, "personal", one.kind)
                level = wording.word(language, "level", one.level)
                typer.echo(f"  {one.start}-{one.end}  {kind} ({level}): {one.text!r}: {why}")


def _read(file: Path | None) -> str:
    try:
        raw = sys.stdin.buffer.read() if file is None else file.read_bytes()
    except OSError as error:
        raise CannotRead(f"{file} cannot be read: {error.strerror}") from None
    text = raw.decode("utf-8", errors="replace").removeprefix("\ufeff")
    return text if text.endswith("\n") or not text else f"{text}\n"
