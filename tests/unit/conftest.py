"""What tests of the whole network without a homeserver begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.unit.example import configuration
from tests.unit.stage import Stage


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """The example's network; who needs another one makes a fixture of that name."""
    made = Stage(configuration())
    await made.set()
    yield made
    await made.close()
