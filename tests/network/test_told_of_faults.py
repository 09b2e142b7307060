"""What the moderators' room is told of faults, without a homeserver."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from appservice.database import Database
from appservice.faults import Direction, SetAside
from appservice.ids import UserID
from appservice.outbox import Outbox, Row
from appservice.rooms.plan import RoomKey
from appservice.rooms.upgrades import UpgradeFault, UpgradeRefused
from appservice.vault import Vault
from bridge.configuration.loading import parse
from bridge.network import Network
from bridge.wording import Wording, templates_directory
from tests.databases import DATABASES

SECRET = "a secret for the tests, long enough to seal with"
CONFIGURATION = """
homeserver: {{url: "http://localhost:8008", name: example.org}}
door: {{address: "http://localhost:29350"}}
database: {{secret: "{secret}"}}
network: {{language: {language}}}
moderators: ["@mia:example.org"]
"""


@pytest_asyncio.fixture(loop_scope="session")
async def database() -> AsyncIterator[Database]:
    opened = await DATABASES.with_tables()
    yield opened
    await DATABASES.gone(opened)


@pytest.fixture(params=["nl", "en"])
def network(request: pytest.FixtureRequest) -> Network:
    text = CONFIGURATION.format(secret=SECRET, language=request.param)
    configuration = parse(text, Path("goudwacht.yaml"))
    wording = Wording(templates_directory(), configuration.network.timezone)
    return Network(configuration, Vault(SECRET), wording)


async def said(database: Database) -> Row | None:
    """What waits for the review room."""
    async with database.read() as work:
        return await Outbox(Vault(SECRET)).first(work, "review")


@pytest.mark.parametrize(
    ("direction", "command"), [(Direction.IN, "inbox"), (Direction.OUT, "outbox")]
)
async def test_what_was_set_aside_is_told_with_its_number_and_the_command(
    network: Network, database: Database, direction: Direction, command: str
) -> None:
    async with database.begin() as work:
        await network.set_aside(work, SetAside(direction, 4711, "case/1/alert"))

    row = await said(database)

    assert row is not None
    assert f"goudwacht {command} list" in row.content["body"]
    assert f"goudwacht {command} retry 4711" in row.content["body"]


async def test_that_the_telling_was_set_aside_is_not_told(
    network: Network, database: Database
) -> None:
    async with database.begin() as work:
        await network.set_aside(work, SetAside(Direction.IN, 4711))
    told = await said(database)
    assert told is not None

    async with database.begin() as work:
        await network.set_aside(work, SetAside(Direction.OUT, told.seq, told.name))
        await Outbox(Vault(SECRET)).close(work, told, None)

    assert await said(database) is None


@pytest.mark.parametrize("fault", UpgradeFault)
async def test_who_closed_a_room_is_told(
    network: Network, database: Database, fault: UpgradeFault
) -> None:
    refused = UpgradeRefused(RoomKey("alerts/amsterdam"), UserID("@mallory:example.org"), fault)
    async with database.begin() as work:
        await network.upgrade_refused(work, refused)

    row = await said(database)

    assert row is not None
    assert "@mallory:example.org" in row.content["body"]
