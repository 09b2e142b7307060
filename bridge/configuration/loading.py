"""From a file to a :class:`Configuration`, or to everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bridge.configuration.checks import Fault, misfits
from bridge.configuration.nearest import suggestion
from bridge.configuration.settings import Configuration
from bridge.configuration.source import NotYamlError, Place, Problem, Source


class ConfigurationError(Exception):
    """The configuration cannot be used; :attr:`problems` has every reason, in file order."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        self.path = path
        self.problems = tuple(problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        super().__init__(f"{path} cannot be used, {count}:{lines}")


def load(path: Path, *, shops: bool = True) -> Configuration:
    """Read a configuration file.

    Args:
        shops: judge the names of shops, too.

    Raises :exc:`ConfigurationError` naming every fault, also when the file is not there.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        message = "there is no such file; `goudwacht init` makes one, --config names another"
        raise ConfigurationError(path, [Problem((), None, message)]) from None
    except UnicodeDecodeError:
        raise ConfigurationError(path, [Problem((), None, "is not UTF-8 text")]) from None
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise ConfigurationError(path, [Problem((), None, message)]) from error
    return parse(text, path, shops=shops)


def parse(text: str, path: Path, *, shops: bool = True) -> Configuration:
    """Read the text of a configuration file that is, or will be, at ``path``.

    Relative paths in it start from the directory of ``path``. Raises
    :exc:`ConfigurationError` naming every fault.
    """
    try:
        source = Source(text)
    except NotYamlError as error:
        raise ConfigurationError(path, [error.problem]) from None
    values = source.values
    if not isinstance(values, dict):
        what = "is empty" if values is None else "is not a list of keys with values"
        problem = Problem((), source.line_of(()), what)
        raise ConfigurationError(path, [problem]) from None

    problems = list(source.repeated_keys())
    values, unread = _with_secret(values, path.absolute().parent)
    problems += [
        Problem(fault.place, source.line_of(fault.place), fault.message) for fault in unread
    ]
    configuration = None
    try:
        configuration = Configuration.model_validate(values)
    except ValidationError as error:
        problems += _unfit_values(error, source)
    problems += [
        Problem(fault.place, source.line_of(fault.place), fault.message)
        for fault in misfits(values, shops=shops)
    ]
    if configuration is None or problems:
        raise ConfigurationError(path, sorted(problems, key=lambda problem: problem.line or 0))
    return configuration.completed(path.absolute().parent)


def _with_secret(values: Any, directory: Path) -> tuple[Any, list[Fault]]:
    """Return the values with the database's secret read from the file that is named for it."""
    database = values.get("database")
    named = database.get("secret_file") if isinstance(database, dict) else None
    if not isinstance(database, dict) or not isinstance(named, str):
        return values, []
    place: Place = ("database", "secret_file")
    if "secret" in database:
        return values, [Fault(place, "give a secret, or a file that holds it; not both")]
    file = directory / named
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        # A short message instead of a second one that the secret is missing.
        read = {**database, "secret": "-" * 32}
        return {**values, "database": read}, [Fault(place, f"cannot be read: {why}")]
    read = {**database, "secret": secret, "secret_file": str(file)}
    return {**values, "database": read}, []


def _unfit_values(error: ValidationError, source: Source) -> Iterator[Problem]:
    for details in error.errors(include_url=False):
        place: Place = details["loc"]
        is_key = details["type"] in ("extra_forbidden", "invalid_key")
        yield Problem(place, source.line_of(place, key=is_key), _message(details, place))


def _message(details: ErrorDetails, place: Place) -> str:
    # The value of a secret stays out of what is printed and logged; an address can hold one.
    value = "" if place[:1] == ("database",) else _shown(details["input"])
    match details["type"]:
        case "extra_forbidden":
            return f"is not a key here{suggestion(place[-1], _keys_around(place))}"
        case "missing" if place == ("database", "secret"):
            return "is missing; `goudwacht init` makes one"
        case "string_too_short" if place == ("database", "secret"):
            return "is shorter than 32 characters; `goudwacht init` makes a good one"
        case "missing":
            return "is missing"
        case "enum":
            known = re.findall(r"'([^']*)'", details["ctx"]["expected"])
            return f"{value}is none of the values known{suggestion(details['input'], known)}"
        case "string_pattern_mismatch":
            return f"{value}has characters that cannot stand here ({details['ctx']['pattern']})"
        case "string_type":
            return f"{value}is not text; put it between quotes"
        case "tuple_type":
            return f"{value}is not a list"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"{value}is not a set of keys with values"
        case "value_error":
            return value + str(details["ctx"]["error"])
        case _:
            message = details["msg"]
            return f"{value}is not right: {message[:1].lower()}{message[1:]}"


def _shown(value: object) -> str:
    """Return a scalar as it may be quoted before a message, with a space behind it."""
    if isinstance(value, str):
        return f"'{value if len(value) <= 60 else value[:57] + '…'}' "
    return f"'{value}' " if isinstance(value, (bool, int, float)) else ""


def _keys_around(place: Place) -> list[str]:
    """Return the keys known where ``place`` ends, by following the models down."""
    annotation: Any = Configuration
    for step in place[:-1]:
        model = _model_in(annotation)
        if isinstance(step, str) and model is not None and step in model.model_fields:
            annotation = model.model_fields[step].annotation
    model = _model_in(annotation)
    return list(model.model_fields) if model is not None else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Find the model in ``Model``, ``tuple[Model, ...]`` or ``Model | None``."""
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, BaseModel) else None
    return next(filter(None, map(_model_in, get_args(annotation))), None)
