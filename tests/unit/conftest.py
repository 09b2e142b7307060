"""What tests of the whole network without a homeserver begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.databases import DATABASES
from tests.unit.example import configuration
from tests.unit.house import furnish
from tests.unit.stage import Stage


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """The example's network; who needs another one makes a fixture of that name."""
    made = Stage(configuration())
    await made.set()
    yield made
    await made.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def _furnished(_kind_of_module: None, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = await DATABASES.empty(tmp_path_factory.mktemp("furnished"))
    await furnish(url)
    return url


@pytest_asyncio.fixture(loop_scope="session")
async def furnished_database(_furnished: str, tmp_path: Path) -> str:
    """The address of a database for a :class:`tests.unit.house.House`."""
    return await DATABASES.copy_of(_furnished, tmp_path)
