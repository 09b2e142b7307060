"""Every word a person reads comes through here.

::

    templates/nl/report/rejected.md ─┐
    templates/nl/words.yaml ─────────┼─▶ Wording.render("report/rejected", NL, reason=…) ─▶ Text
    values, as plain text ───────────┘                                     (plain, html)

A template is Markdown with Jinja in it. Every value put into one is text and never markup
(:mod:`bridge.markdown` shows how), so macros cannot carry Markdown from one place to another:
templates share parts with ``{% include "report/_fields.md" %}``. What is missing is an error.

Values that know no language find their words by themselves: a member of an enum or a yes/no
goes through words.yaml, a time is written out in the network's time zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Final, Protocol, cast, runtime_checkable
from zoneinfo import ZoneInfo

import yaml
from babel.dates import format_skeleton, format_time
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    meta,
    pass_context,
)
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import Context

from appservice.yaml_loader import read_yaml
from bridge.language import Language
from bridge.markdown import Held, MarkdownError, Text, render

__all__ = ["Language", "Markdown", "Text", "Wording", "WordingError", "templates_directory"]

_HELD: Final = "_held"
_WORDS: Final = "words.yaml"


class WordingError(Exception):
    """Something a message needs is not there; the text says what, and how to put it right."""


class Markdown(str):
    """A value that is Markdown of our own making. Never for anything a person typed."""

    __slots__ = ()


@runtime_checkable
class Span(Protocol):
    """A time from ``start`` to ``end``, both aware; the same twice for a moment."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...


Words = Mapping[str, Mapping[str, str]]
"""Section of words.yaml (``report_type``) -> key (``overval``) -> what a person reads."""


def templates_directory() -> Path:
    """Return where the templates lie: inside the installed package, else in the repository.

    Raises :class:`WordingError` when there are none in either place.
    """
    package = Path(__file__).parent
    for directory in (package / "templates", package.parent / "templates"):
        if directory.is_dir():
            return directory
    raise WordingError(
        f"no templates beside {package}: install goudwacht again, or run it from its repository"
    )


class Wording:
    """Renders the templates of a directory which holds one folder per language.

    Templates are read when first used and kept: a change shows after a restart. Raises
    :class:`WordingError` at once when a language has no readable words.yaml.
    """

    def __init__(self, directory: Path, timezone: ZoneInfo | None = None) -> None:
        self._directory = directory
        self._timezone = timezone or ZoneInfo("Europe/Amsterdam")
        self._words = {
            language: _read_words(directory / language / _WORDS) for language in Language
        }
        self._environments = {language: self._environment(language) for language in Language}

    def render(self, template: str, language: Language, /, **values: object) -> Text:
        """Return both bodies of a message that is said; see :meth:`read`."""
        return self.read(template, language, **values)

    def read(self, template: str, language: Language, /, **values: object) -> Text:
        """Return both bodies of the message ``template`` ("report/rejected") in ``language``.

        Raises :class:`WordingError` for a template that is not there or does not parse, and for
        a value that it uses and was not given, or that is None.
        """
        held = Held()
        try:
            source = (
                self._environments[language]
                .get_template(f"{template}.md")
                .render({**values, _HELD: held})
            )
            return render(source, held)
        except (TemplateError, MarkdownError, WordingError) as error:
            raise WordingError(self._remedy(template, language, error)) from error

    def word(self, language: Language, section: str, key: str) -> str:
        """Return one entry of words.yaml. Raises :class:`WordingError` when it is not there."""
        try:
            return self._words[language][section][key]
        except KeyError:
            raise WordingError(
                f"{self._directory / language / _WORDS} has no '{key}' under '{section}': "
                "add it there, in every language"
            ) from None

    def words(self, language: Language) -> Words:
        """Return all of a language's words.yaml."""
        return self._words[language]

    def local_time(self, language: Language, when: datetime | Span) -> str:
        """Return a date with its time, or from when to when, in the network's time zone.

        Whole days are written without a time. Raises :class:`WordingError` for anything that is
        no time with a zone.
        """
        if not isinstance(when, datetime):
            return self._local_span(language, when)
        return f"{self.local_date(language, when)} {self.local_clock(language, when)}"

    def local_date(self, language: Language, when: datetime) -> str:
        """Return the date of ``when`` in the network's time zone: "do 12 mrt 2026"."""
        return format_skeleton("yMMMEd", self._local(when), locale=language.locale)

    def local_clock(self, language: Language, when: datetime) -> str:
        """Return the time of day of ``when`` in the network's time zone: "14:05"."""
        return format_time(self._local(when), "HH:mm", locale=language.locale)

    def template_names(self, language: Language) -> tuple[str, ...]:
        """Return the names of all templates of a language, parts to include among them."""
        folder = self._directory / language
        return tuple(
            sorted(
                path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.md")
            )
        )

    def variables(self, template: str, language: Language) -> frozenset[str]:
        """Return the names of the values a template uses itself, those it includes aside.

        Raises :class:`WordingError` when it is not there or does not parse.
        """
        environment = self._environments[language]
        try:
            source = (self._directory / language / f"{template}.md").read_text("utf-8")
            used = meta.find_undeclared_variables(environment.parse(source, template))
        except (OSError, TemplateError) as error:
            raise WordingError(self._remedy(template, language, error)) from error
        return frozenset(used - environment.globals.keys())

    def differences(self) -> tuple[str, ...]:
        """Return, a line each, where the languages differ: files, values used, words."""
        first, *others = Language
        return tuple(line for other in others for line in self._differences(first, other))

    def _differences(self, one: Language, other: Language) -> Iterator[str]:
        names = {language: set(self.template_names(language)) for language in (one, other)}
        for language, twin in ((one, other), (other, one)):
            for name in sorted(names[language] - names[twin]):
                yield f"{twin}/{name}.md is missing: {language} has it"
        for name in sorted(names[one] & names[other]):
            for variable in sorted(self.variables(name, one) ^ self.variables(name, other)):
                yield f"{name}.md: only one of {one} and {other} uses '{variable}'"
        entries = {
            language: {(section, key) for section, keys in words.items() for key in keys}
            for language, words in self._words.items()
        }
        for section, key in sorted(entries[one] ^ entries[other]):
            yield f"{_WORDS}: only one of {one} and {other} has '{key}' under '{section}'"

    def _environment(self, language: Language) -> Environment:
        @pass_context
        def finalize(context: Context, value: object) -> str:
            if isinstance(value, Markdown):
                return value
            return cast(Held, context[_HELD]).put(self._as_text(language, value))

        # Nothing to escape: finalize hands every value to the Markdown renderer as text.
        environment = Environment(  # noqa: S701
            loader=FileSystemLoader(self._directory / language),
            extensions=[_ValuesAreText],
            undefined=StrictUndefined,
            finalize=finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.globals = {
            "language": language,
            "word": partial(self.word, language),
            "range": range,
        }
        environment.filters |= {
            "word": partial(self._as_text, language),
            "local_time": partial(self.local_time, language),
            "local_date": partial(self.local_date, language),
            "local_clock": partial(self.local_clock, language),
            "word_in": lambda value, section: self.word(language, section, str(value)),
        }
        return environment

    def _as_text(self, language: Language, value: object) -> str:
        if value is None:
            raise WordingError("a value is None: leave its place out with {% if … %}")
        if isinstance(value, bool):
            return self.word(language, "yes_no", "yes" if value else "no")
        if isinstance(value, Enum):
            return self.word(language, _section(type(value)), str(value.value))
        if isinstance(value, datetime | Span):
            return self.local_time(language, value)
        return str(value)

    def _local(self, when: object) -> datetime:
        if not isinstance(when, datetime) or when.tzinfo is None:
            raise WordingError(f"{when!r} is no time with a zone: pass an aware datetime")
        return when.astimezone(self._timezone)

    def _local_span(self, language: Language, span: Span) -> str:
        start, end = self._local(span.start), self._local(span.end)
        if start == end:
            return self.local_time(language, start)
        # An end at midnight belongs to the day that it ends.
        last = end - timedelta(minutes=1) if _is_midnight(end) else end
        same_day = start.date() == last.date()
        if _is_midnight(start) and _is_midnight(end):
            first, last_day = (self.local_date(language, day) for day in (start, last))
            return first if same_day else f"{first} – {last_day}"  # noqa: RUF001
        if same_day:
            clock = "24:00" if _is_midnight(end) else self.local_clock(language, end)
            return f"{self.local_time(language, start)}–{clock}"  # noqa: RUF001
        return f"{self.local_time(language, start)} – {self.local_time(language, end)}"  # noqa: RUF001

    def _remedy(self, template: str, language: Language, error: Exception) -> str:
        path = self._directory / language / f"{template}.md"
        if not path.is_file():
            return f"there is no template {path}: write it, in every language"
        line = f":{error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
        return f"{path}{line}: {error}. Correct the template, or give it the value it asks for"


class _ValuesAreText(Extension):
    """Refuses what would pass rendered Markdown along as a value: it would show as text."""

    _REFUSED = frozenset({"macro", "call", "import", "from", "filter"})

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        opening = False
        for token in stream:
            if opening and token.type == "name" and token.value in self._REFUSED:
                raise TemplateSyntaxError(
                    f"'{token.value}' cannot carry Markdown: share parts with 'include'",
                    token.lineno,
                    stream.name,
                    stream.filename,
                )
            opening = token.type == "block_begin"
            yield token


def _is_midnight(when: datetime) -> bool:
    return (when.hour, when.minute) == (0, 0)


def _section(kind: type[Enum]) -> str:
    """Return where words.yaml keeps the members of an enum: ReportType -> report_type."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.__name__).lower()


def _read_words(path: Path) -> Words:
    try:
        content = read_yaml(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise WordingError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise WordingError(f"{path} holds no sections: see the one that comes with goudwacht")
    for section, keys in content.items():
        if not isinstance(keys, dict):
            raise WordingError(f"{path}: '{section}' must hold 'key: word' lines")
        for key, word in keys.items():
            if not (isinstance(key, str) and isinstance(word, str)):
                raise WordingError(f"{path}: put quotes around '{key}: {word}' under '{section}'")
    return cast(Words, content)
