"""The log of ``goudwacht run``: a line a message, and no text of an exception in it.

The text of an exception may quote what a person wrote, or an address with a token in it: whoever
logs one, a library or asyncio, is given its class and the places it came from
(:func:`appservice.faults.fault_of`).
"""

from __future__ import annotations

import asyncio
import logging
from copy import copy
from types import TracebackType
from typing import Any

from appservice.faults import fault_of
from bridge.command_line.failure import CommandError

log = logging.getLogger(__name__)

SILENT = ("nio", "peewee", "aiosqlite", "sqlalchemy", "alembic")
"""These name users, rooms and keys at every turn; ours say what an operator needs."""

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_Raised = tuple[type[BaseException], BaseException, TracebackType | None]


class Line(logging.Formatter):
    """A line of the log; of an exception where it came from, and not what it says."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, whatever another formatter made of the record before."""
        own = copy(record)
        own.exc_text = None
        return super().format(own)

    def formatException(  # noqa: N802 - logging's own name
        self, ei: _Raised | tuple[None, None, None]
    ) -> str:
        """Return where an exception came from."""
        return "" if ei[1] is None else fault_of(ei[1])


def set_up_logging(level: str) -> None:
    """Log to standard error, a line a message.

    Raises:
        CommandError: there is no such level.
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise CommandError(f"'{level}' is no log level. Use debug, info, warning or error.")
    printing = logging.StreamHandler()
    printing.setFormatter(Line(_FORMAT))
    logging.basicConfig(level=number, handlers=[printing])
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def without_words(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what nobody caught in an event loop, for :meth:`~asyncio.loop.set_exception_handler`."""
    error = context.get("exception")
    where = "" if error is None else f" ({fault_of(error)})"
    log.error("in the event loop: %s%s", context.get("message", ""), where)
