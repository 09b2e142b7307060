"""``goudwacht init``: write a configuration and a registration that belong together.

flags, answers ──▶ Answers ──▶ goudwacht.yaml    (checked as it will be loaded,
                          └──▶ registration.yaml  before either is written)
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.prompt import Prompt

from appservice.encryption.trust import KeySharing
from appservice.private_file import write_private
from appservice.registration import Registration
from bridge.command_line.failure import CommandError
from bridge.configuration import Configuration, ConfigurationError, load, parse
from bridge.wording import Language

CONFIGURATION_FILE: Final = "goudwacht.yaml"
REGISTRATION_FILE: Final = "registration.yaml"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What the operator decides at the start; where no guess would do there is no default."""

    homeserver_url: str
    server_name: str
    door_address: str = "http://localhost:29350"
    door_host: str = "127.0.0.1"
    door_port: int = 29350
    bot: str = "goudwacht"
    network_name: str = "Goudwacht"
    language: Language = Language.NL
    timezone: str = "Europe/Amsterdam"
    database_url: str = "sqlite+aiosqlite:///goudwacht.db"
    share_keys_with: KeySharing = KeySharing.CROSS_SIGNED
    coordinators: tuple[str, ...] = ()
    moderators: tuple[str, ...] = ()


_QUESTIONS: Final = {
    "homeserver_url": "Address of the homeserver (as in http://localhost:8008)",
    "server_name": "Its server name, the end of every user id on it (as in example.org)",
    "door_address": "Address at which the homeserver reaches this service",
    "network_name": "Name of the network",
    "language": "Language of shared rooms",
}
_NO_GUESS: Final = ("homeserver_url", "server_name")


def init(
    homeserver_url: Annotated[
        str | None, typer.Option(help="Where the homeserver's client-server API answers.")
    ] = None,
    server_name: Annotated[
        str | None, typer.Option(help="The end of every user id on the homeserver.")
    ] = None,
    door_address: Annotated[
        str | None, typer.Option(help="Where the homeserver reaches this service.")
    ] = None,
    door_host: Annotated[
        str, typer.Option(help="The interface on which to listen.")
    ] = Answers.door_host,
    door_port: Annotated[
        int, typer.Option(help="The port on which to listen.")
    ] = Answers.door_port,
    bot: Annotated[
        str, typer.Option(help="The bot's user id, between @ and the colon.")
    ] = Answers.bot,
    network_name: Annotated[str | None, typer.Option(help="The name of the network.")] = None,
    language: Annotated[Language | None, typer.Option(help="The language of shared rooms.")] = None,
    timezone: Annotated[
        str, typer.Option(help="The time zone of what people read.")
    ] = Answers.timezone,
    database_url: Annotated[
        str, typer.Option(help="SQLite or PostgreSQL, as an SQLAlchemy address.")
    ] = Answers.database_url,
    share_keys_with: Annotated[
        KeySharing, typer.Option(help="Which devices receive room keys.")
    ] = Answers.share_keys_with,
    coordinator: Annotated[
        list[str] | None, typer.Option(help="A user id. Repeat for more.")
    ] = None,
    moderator: Annotated[list[str] | None, typer.Option(help="A user id. Repeat for more.")] = None,
    directory: Annotated[
        Path, typer.Option(help="Where to write both files.", file_okay=False)
    ] = Path(),
    force: Annotated[
        bool, typer.Option("--force", help="Replace both files; the former are kept beside them.")
    ] = False,
) -> None:
    """Write goudwacht.yaml and registration.yaml with fresh tokens.

    On a terminal it asks for what no flag says.
    """
    _refuse_to_replace(directory, force=force)
    given: dict[str, Any] = {
        "homeserver_url": homeserver_url,
        "server_name": server_name,
        "door_address": door_address,
        "network_name": network_name,
        "language": language,
        "coordinators": tuple(coordinator or ()),
        "moderators": tuple(moderator or ()),
    }
    given = {name: value for name, value in given.items() if value is not None}
    defaults: dict[str, Any] = {
        "door_address": f"http://localhost:{door_port}",
        "network_name": Answers.network_name,
        "language": Answers.language,
    }
    if sys.stdin.isatty():
        given |= _ask(given, defaults)
    elif missing := [name for name in _NO_GUESS if name not in given]:
        flags = ", ".join("--" + name.replace("_", "-") for name in missing)
        raise CommandError(f"Missing: {flags}. On a terminal `goudwacht init` asks for them.")
    answers = Answers(
        **(defaults | given),
        door_host=door_host,
        door_port=door_port,
        bot=bot,
        timezone=timezone,
        database_url=database_url,
        share_keys_with=share_keys_with,
    )
    kept = write(answers, directory, force=force)
    next_steps = {
        "configuration": directory / CONFIGURATION_FILE,
        "registration": directory / REGISTRATION_FILE,
        "kept": kept,
        "nobody_decides": not answers.coordinators and not answers.moderators,
    }
    typer.echo(_rendered("next_steps.txt.j2", next_steps), nl=False)


def write(answers: Answers, directory: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Write both files into ``directory``, which is made if it is not there.

    Returns the paths under which files that were in the way are kept, none without ``force``.
    Raises :exc:`CommandError` when the answers make no working configuration, or when there are
    files already and ``force`` is not given: then nothing was written.
    """
    _refuse_to_replace(directory, force=force)
    text = configuration_text(answers, secrets.token_urlsafe(32))
    registration = _agreeing_registration(text, directory / CONFIGURATION_FILE)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        kept = tuple(filter(None, (_keep(path) for path in _files(directory))))
        registration.write(directory / REGISTRATION_FILE, force=force)
        write_private(directory / CONFIGURATION_FILE, text, force=force)
    except OSError as error:
        raise CommandError(
            f"{directory} cannot be written: {error.strerror}. Name another with --directory."
        ) from error
    configuration = load(directory / CONFIGURATION_FILE)
    Registration.load(configuration.registration)
    return kept


def configuration_text(answers: Answers, secret: str) -> str:
    """Return the text of a commented ``goudwacht.yaml``."""
    return _rendered("goudwacht.yaml.j2", asdict(answers) | {"secret": secret})


def _ask(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    console = Console()
    answers: dict[str, Any] = {}
    for name, question in _QUESTIONS.items():
        if name in given:
            continue
        choices = [*Language] if name == "language" else None
        while not answers.get(name):
            default = defaults.get(name, "")
            answer = Prompt.ask(
                question,
                console=console,
                choices=choices,
                default=default,
                show_default=bool(default),
            )
            answers[name] = answer.strip()
    if not given["coordinators"] and not given["moderators"]:
        question = "User id of a coordinator, who decides on reports (empty: later)"
        user = Prompt.ask(question, console=console, default="", show_default=False).strip()
        answers["coordinators"] = (user,) if user else ()
    return answers


def _agreeing_registration(text: str, path: Path) -> Registration:
    """Make the registration for a configuration that is not written yet."""
    try:
        configuration: Configuration = parse(text, path)
    except ConfigurationError as error:
        faults = "".join(
            f"\n  {'.'.join(map(str, problem.place))}: {problem.message}"
            for problem in error.problems
        )
        raise CommandError(f"Nothing was written; these answers do not work:{faults}") from None
    return Registration.fresh(
        server_name=configuration.homeserver.name,
        url=configuration.door.address,
        bot_localpart=configuration.bot.localpart,
    )


def _files(directory: Path) -> tuple[Path, Path]:
    return directory / CONFIGURATION_FILE, directory / REGISTRATION_FILE


def _refuse_to_replace(directory: Path, *, force: bool) -> None:
    there = [str(path) for path in _files(directory) if path.exists()]
    if there and not force:
        raise CommandError(
            f"Already there: {', '.join(there)}. The homeserver knows the tokens in them, and the "
            "database opens with the secret. --force replaces them and keeps the former beside; "
            "--directory names another place."
        )


def _keep(path: Path) -> Path | None:
    """Give a file that is in the way a second name, so that nothing in it is lost."""
    if not path.exists():
        return None
    number = 1
    while True:
        kept = path.with_name(f"{path.name}.old{number if number > 1 else ''}")
        try:
            kept.hardlink_to(path)
        except FileExistsError:
            number += 1
        else:
            kept.chmod(0o600)
            return kept


def _rendered(template: str, values: Mapping[str, object]) -> str:
    environment = Environment(  # noqa: S701 - YAML and plain text: HTML escaping would spoil them
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # A JSON string is a quoted YAML string: whatever was answered stays one value.
    environment.filters["quoted"] = lambda value: json.dumps(str(value), ensure_ascii=False)
    return environment.get_template(template).render(values)
