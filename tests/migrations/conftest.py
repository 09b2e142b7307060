"""Fixtures: databases of both kinds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from appservice.database import Database
from tests.databases import Kind, kinds
from tests.harness.postgres import Postgres


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Migrations are tested on each kind."""
    if "server" in metafunc.fixturenames:
        metafunc.parametrize("server", kinds(metafunc.config), ids=str, indirect=True)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Postgres | None:
    """The database server; None for SQLite, which needs none."""
    if request.param is Kind.SQLITE:
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
