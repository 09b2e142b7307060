"""Fixtures: installations, new or with a past."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio

from tests.command_line.site import Site
from tests.databases import DATABASES, Kind
from tests.harness.homes import Home
from tests.harness.leases import AppserviceLease


@pytest_asyncio.fixture(loop_scope="session")
async def new_site(tmp_path: Path, lease: AppserviceLease) -> Site:
    """An installation on which the service never ran."""
    return await _new(tmp_path, lease)


@pytest_asyncio.fixture(loop_scope="session")
async def site(new_site: Site) -> Site:
    """An installation on which the service ran once."""
    await new_site.ran_once()
    return new_site


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def _past(tmp_path_factory: pytest.TempPathFactory, home: Home) -> Site:
    site = await _new(tmp_path_factory.mktemp("site"), home.lease())
    await site.ran_once()
    return site


@pytest.fixture
def other_words(_past: Site, tmp_path: Path) -> Site:
    """Files of one's own for an installation that others share: only files may be changed."""
    return _past.with_files_in(tmp_path)


async def _new(directory: Path, lease: AppserviceLease) -> Site:
    on_server = DATABASES.chosen is Kind.POSTGRESQL
    return Site(directory, lease, await DATABASES.empty(directory) if on_server else None)
