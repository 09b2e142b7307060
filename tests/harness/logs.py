"""What is logged in the whole suite, held against what must be in no log.

::

    every record, as it is printed ─┐
    what `goudwacht run` printed ───┴▶ Watch ◀── every secret, every token, every text of a person
                                         └──▶ after each test: nothing of these stands in a line

Watched are the services that run in this process, which are nearly all, at every level; libraries
from warnings on. Those in a process of their own hand in what they printed (:func:`printed`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

import bridge.commands
import bridge.hearing
from appservice.homeserver import Homeserver
from appservice.ids import UserID
from appservice.vault import Vault
from bridge.command_line.log import SILENT, Line
from tests.harness import messages, people

LOGGERS = ("appservice", "bridge")

_LEVEL = re.compile(r"\S+ \S+ ([A-Z]+) \S+: ")
_USER = re.compile(r"@[a-z0-9._=/+-]+:[A-Za-z0-9.-]+(?::\d+)?")
_LEAST = 12
"""Characters of a line that count as somebody's text: "!verstuur" may stand in an advice."""

_LEAST_OF_A_SECRET = 20
"""Characters; a token that a test makes up is shorter than any real one."""


_PRINTED: list[tuple[str, frozenset[str], frozenset[str]]] = []


def printed(text: str, *, secrets: Collection[str], bots: Collection[str]) -> None:
    """Have what a service in a process of its own printed be looked at after the test.

    Args:
        secrets: what must not stand in it, whatever else must not.
        bots: user ids that may.
    """
    _PRINTED.append((text, frozenset(secrets), frozenset(bots)))


def amiss(
    lines: Iterable[tuple[int, str]],
    words: Collection[str],
    bots: Collection[str],
) -> list[str]:
    """Return the lines that tell what no log may.

    Args:
        lines: each with its level.
        words: secrets, tokens and texts.
        bots: user ids that may stand in a line.
    """
    return [
        line
        for level, line in lines
        if any(word in line for word in words)
        or (level >= logging.INFO and any(user not in bots for user in _USER.findall(line)))
    ]


def lines_of(text: str) -> list[tuple[int, str]]:
    """Return the lines of a log with their levels; what is no line of one counts as an error."""
    levels = logging.getLevelNamesMapping()
    return [
        (levels.get(found[1], logging.ERROR) if found else logging.ERROR, line)
        for line in text.splitlines()
        for found in (_LEVEL.match(line),)
    ]


class Watch(logging.Handler):
    """Keeps what is logged, and what must not be."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[int, str]] = []
        self.secrets: set[str] = set()
        self.texts: set[str] = set()
        self.bots: set[str] = set()
        self.setFormatter(Line("%(message)s"))
        self.addFilter(lambda record: record.name.partition(".")[0] not in SILENT)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.levelno, self.format(record)))

    def learn(self, secret: str) -> None:
        """Note a secret or a token."""
        if len(secret) >= _LEAST_OF_A_SECRET:
            self.secrets.add(secret)

    def heard(self, body: str) -> None:
        """Note what somebody typed."""
        self.texts |= {line.strip() for line in body.splitlines() if len(line.strip()) >= _LEAST}

    def begin(self) -> None:
        """Listen to everything of ours, and to what libraries warn of."""
        everything = logging.getLogger()
        if self not in everything.handlers:
            everything.addHandler(self)
        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.DEBUG)

    def end(self) -> list[str]:
        """Return the lines with something in them that must not be there, and begin anew."""
        lines, self.lines = self.lines, []
        texts, self.texts = self.texts, set()
        found = amiss(lines, self.secrets | texts, self.bots)
        while _PRINTED:
            text, secrets, bots = _PRINTED.pop()
            found += amiss(lines_of(text), self.secrets | texts | secrets, self.bots | bots)
        return found


def watching(patch: Callable[[Any, str, Any], None]) -> Watch:
    """Return a watch that learns of every secret and text, by ``patch`` (monkeypatch.setattr)."""
    watch = Watch()
    vault, homeserver = Vault.__init__, Homeserver.__init__
    typed, say = bridge.commands.typed, messages.text

    def learn_secret(self: Vault, secret: str) -> None:
        watch.learn(secret)
        vault(self, secret)

    def learn_token(
        self: Homeserver, url: str, token: str, user: UserID, *more: Any, **rest: Any
    ) -> None:
        watch.learn(token)
        watch.bots.add(user)
        homeserver(self, url, token, user, *more, **rest)

    def learn_text(body: str) -> tuple[str, str] | None:
        watch.heard(body)
        return typed(body)

    def learn_said(body: str, *more: Any, **rest: Any) -> dict[str, Any]:
        watch.heard(body)
        return say(body, *more, **rest)

    patch(Vault, "__init__", learn_secret)
    patch(people, "text", learn_said)
    patch(Homeserver, "__init__", learn_token)
    patch(bridge.hearing, "typed", learn_text)
    return watch
