"""Which errors of a database are waited for, and which are mistakes of ours."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from appservice.database import is_outage


class FromPostgres(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def from_sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("said by SQLite")
    error.sqlite_errorcode = code
    return error


def wrapped(kind: type[DBAPIError], origin: Exception, *, gone: bool = False) -> DBAPIError:
    return kind("SELECT 1", {}, origin, connection_invalidated=gone)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        PoolTimeoutError(),
        FromPostgres("57P03"),
        wrapped(DBAPIError, FromPostgres("57P01")),
        wrapped(OperationalError, FromPostgres("53300")),
        wrapped(OperationalError, FromPostgres("40001")),
        wrapped(InterfaceError, Exception("connection is closed")),
        wrapped(InternalError, Exception("cannot switch to state 12")),
        wrapped(ProgrammingError, Exception(), gone=True),
        wrapped(OperationalError, from_sqlite(sqlite3.SQLITE_BUSY)),
        wrapped(OperationalError, from_sqlite(sqlite3.SQLITE_FULL)),
    ],
    ids=repr,
)
def test_a_database_that_is_away_or_busy_is_waited_for(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError(),
        FromPostgres("42703"),
        wrapped(ProgrammingError, FromPostgres("42703")),
        wrapped(IntegrityError, FromPostgres("23502")),
        wrapped(DBAPIError, FromPostgres("22000")),
        wrapped(OperationalError, from_sqlite(sqlite3.SQLITE_ERROR)),
        wrapped(IntegrityError, sqlite3.IntegrityError()),
    ],
    ids=repr,
)
def test_a_mistake_of_ours_is_not(error: Exception) -> None:
    assert not is_outage(error)
