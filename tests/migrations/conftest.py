"""Fixtures: databases of both kinds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from appservice.database import Database
from tests.harness.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Postgres | None:
    """The database server; None for SQLite, which needs none."""
    if request.param == "sqlite":
        return None
    found: Postgres = request.getfixturevalue("postgres")
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def database(server: Postgres | None, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database of each kind."""
    file = f"sqlite+aiosqlite:///{tmp_path / 'goudwacht.db'}"
    opened = Database(file if server is None else await server.fresh_database())
    try:
        yield opened
    finally:
        await opened.close()
