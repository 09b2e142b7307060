"""Making checks in order, and none that follows from one that failed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from appservice.database import DatabaseError
from appservice.homeserver import HomeserverUnreachable, MatrixError
from appservice.registration import RegistrationError
from appservice.vault import VaultError
from bridge.configuration import ConfigurationError
from bridge.migrations import SchemaError
from bridge.wording import WordingError

_WITH_A_REMEDY = (
    ConfigurationError,
    DatabaseError,
    RegistrationError,
    SchemaError,
    VaultError,
    WordingError,
)
"""Exceptions whose text says what to do."""

_WHILE_CHECKING = (HomeserverUnreachable, MatrixError, SQLAlchemyError, OSError)
"""What may go wrong in the middle of a check, and is no matter of what it looks for."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        what: what is wrong.
        remedy: what to do; empty when ``what`` says so.
    """

    what: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at.

    Attributes:
        name: a word for it.
        good: what is said of it when nothing is wrong.
        find: returns what is wrong; an exception with a remedy in its text is a fault too.
        needs: names of checks without which this one means nothing.
    """

    name: str
    good: str
    find: Callable[[], Awaitable[Sequence[Fault]]]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check came to.

    Attributes:
        check: the check.
        faults: empty when all is well, or when it was not made.
        waits_for: the names of the failed checks because of which it was not made.
    """

    check: Check
    faults: tuple[Fault, ...] = ()
    waits_for: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether it was made and found nothing."""
        return not self.faults and not self.waits_for


async def examine(checks: Sequence[Check]) -> AsyncIterator[Finding]:
    """Make ``checks`` in their order, which has each after those it needs."""
    failed: set[str] = set()
    for check in checks:
        missing = tuple(name for name in check.needs if name in failed)
        finding = (
            Finding(check, waits_for=missing) if missing else Finding(check, await _faults(check))
        )
        if not finding.good:
            failed.add(check.name)
        yield finding


async def _faults(check: Check) -> tuple[Fault, ...]:
    try:
        return tuple(await check.find())
    except _WITH_A_REMEDY as error:
        return (Fault(str(error)),)
    except _WHILE_CHECKING as error:
        # SQLAlchemy's texts quote what a statement stored.
        told = type(error).__name__ if isinstance(error, SQLAlchemyError) else str(error)
        return (Fault(f"This could not be looked at: {told}.", "Try again; see also the log."),)
