"""What is logged in the whole suite, held against what must be in no log.

::

    every record of ours ──▶ Watch ◀── every secret, every token, every text somebody typed
                               └──▶ after each test: nothing of these may stand in a line

Watched are the services that run in this process, which are nearly all; those that run in a process
of their own are read by the tests that start them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import bridge.commands
import bridge.hearing
from appservice.homeserver import Homeserver
from appservice.ids import UserID
from appservice.vault import Vault

LOGGERS = ("appservice", "bridge")

_USER = re.compile(r"@[a-z0-9._=/+-]+:[A-Za-z0-9.-]+(?::\d+)?")
_LEAST = 12
"""Characters of a line that count as somebody's text: "!verstuur" may stand in an advice."""

_LEAST_OF_A_SECRET = 20
"""Characters; a token that a test makes up is shorter than any real one."""


class Watch(logging.Handler):
    """Keeps what our loggers say, and what they must not say."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[int, str]] = []
        self.secrets: set[str] = set()
        self.texts: set[str] = set()
        self.bots: set[str] = set()
        self.setFormatter(logging.Formatter("%(message)s"))

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
        """Listen to everything from level info on."""
        for name in LOGGERS:
            logger = logging.getLogger(name)
            if self not in logger.handlers:
                logger.addHandler(self)
            if logger.level == logging.NOTSET:
                logger.setLevel(logging.INFO)

    def end(self) -> list[str]:
        """Return the lines with something in them that must not be there, and begin anew."""
        lines, self.lines = self.lines, []
        texts, self.texts = self.texts, set()
        return [line for level, line in lines if self._tells(level, line, texts)]

    def _tells(self, level: int, line: str, texts: set[str]) -> bool:
        if any(word in line for word in self.secrets | texts):
            return True
        return level >= logging.INFO and any(user not in self.bots for user in _USER.findall(line))


def watching(patch: Callable[[Any, str, Any], None]) -> Watch:
    """Return a watch that learns of every secret and text, by ``patch`` (monkeypatch.setattr)."""
    watch = Watch()
    vault, homeserver = Vault.__init__, Homeserver.__init__
    typed = bridge.commands.typed

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

    patch(Vault, "__init__", learn_secret)
    patch(Homeserver, "__init__", learn_token)
    patch(bridge.hearing, "typed", learn_text)
    return watch
