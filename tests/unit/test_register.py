"""Who takes part lives in the database; the configuration begins it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from sqlalchemy import select

from appservice.database import Database
from appservice.vault import Vault
from bridge.members import records
from bridge.members.register import Register, not_taken_over
from bridge.members.roster import Person, Role
from bridge.regions import Region, RegionCode
from bridge.wording import Language
from tests.databases import BOTH_KINDS, DATABASES
from tests.unit.example import (
    ANNA,
    BAS,
    CONFIGURATION,
    CORA,
    ELSEWHERE,
    HERE,
    NOW,
    OLGA,
    PIET,
    ROSTER,
    SHOP,
    STRANGER,
    configuration,
)

pytestmark = BOTH_KINDS

VAULT = Vault(CONFIGURATION.database.secret)


@pytest_asyncio.fixture(loop_scope="session")
async def database() -> AsyncIterator[Database]:
    """With nothing in it."""
    made = await DATABASES.with_tables()
    yield made
    await DATABASES.gone(made)


async def started(database: Database, **sections: Any) -> Register:
    """The register after a start with these sections in the configuration."""
    register = Register(VAULT)
    async with database.begin() as work:
        await register.seed(work, configuration(**sections), NOW)
    return register


class TestTheFirstStart:
    async def test_takes_over_everyone_in_the_configuration(self, database: Database) -> None:
        register = await started(database)

        assert {p.user: p for p in register.roster.people} == {p.user: p for p in ROSTER.people}

    async def test_takes_over_the_regions_in_their_order(self, database: Database) -> None:
        register = await started(database)

        assert tuple(register.regions) == CONFIGURATION.regions

    async def test_leaves_nothing_to_be_taken_over(self, database: Database) -> None:
        await started(database)

        async with database.read() as work:
            assert await not_taken_over(work, CONFIGURATION) == []

    async def test_stores_no_shop_that_can_be_read(self, database: Database) -> None:
        await started(database)

        async with database.read() as work:
            stored = (await work.execute(select(records.people))).all()
        assert SHOP not in str(stored)


class TestALaterStart:
    async def test_does_not_let_in_again_who_was_removed(self, database: Database) -> None:
        register = await started(database)
        async with database.begin() as work:
            await register.drop(work, ANNA)

        again = await started(database)

        assert again.roster.person(ANNA) is None

    async def test_keeps_who_is_no_longer_in_the_configuration(self, database: Database) -> None:
        await started(database)

        again = await started(database, members=[])

        assert again.roster.person(BAS) is not None

    async def test_takes_over_a_coordinator_named_since(self, database: Database) -> None:
        await started(database)

        again = await started(database, coordinators=[CORA, OLGA])

        person = again.roster.person(OLGA)
        assert person is not None
        assert person.roles == {Role.MEMBER, Role.MODERATOR, Role.COORDINATOR}

    async def test_makes_nobody_both_member_and_police(self, database: Database) -> None:
        await started(database)

        again = await started(
            database,
            members=[],
            liaisons=[{"user": PIET, "region": HERE}, {"user": ANNA, "region": HERE}],
        )

        person = again.roster.person(ANNA)
        assert person is not None
        assert person.roles == {Role.MEMBER}

    async def test_puts_nobody_into_a_region_that_was_closed(self, database: Database) -> None:
        register = await started(database)
        async with database.begin() as work:
            await register.close_region(work, ELSEWHERE)

        again = await started(database, members=[{"user": STRANGER, "region": ELSEWHERE}])

        assert again.roster.person(STRANGER) is None


class TestAnotherHand:
    async def test_is_seen_at_the_next_look(self, database: Database) -> None:
        here, there = await started(database), await started(database)
        new = Person(STRANGER, frozenset({Role.MEMBER}), HERE, None, Language.NL)
        async with database.begin() as work:
            await there.put(work, new, NOW)

        async with database.begin() as work:
            assert await here.look(work)

        assert here.roster.person(STRANGER) == new

    async def test_that_changed_nothing_costs_no_reading(self, database: Database) -> None:
        register = await started(database)

        async with database.read() as work:
            assert not await register.look(work)

    async def test_whose_transaction_was_rolled_back_is_forgotten(self, database: Database) -> None:
        register = await started(database)
        try:
            async with database.begin() as work:
                await register.drop(work, ANNA)
                raise RuntimeError
        except RuntimeError:
            pass

        async with database.begin() as work:
            await register.look(work)

        assert register.roster.person(ANNA) is not None


class TestAClosedRegion:
    async def test_is_no_region_any_more_and_keeps_its_name(self, database: Database) -> None:
        register = await started(database)
        async with database.begin() as work:
            await register.close_region(work, ELSEWHERE)

        assert ELSEWHERE not in register.regions
        assert register.regions.name(ELSEWHERE) == "Amsterdam"

    async def test_is_nobodys_neighbour(self, database: Database) -> None:
        register = await started(database)
        async with database.begin() as work:
            await register.close_region(work, ELSEWHERE)

        region = register.regions.get(HERE)
        assert region is not None
        assert region.neighbours == ()

    async def test_gives_its_code_to_no_other(self, database: Database) -> None:
        register = await started(database)
        async with database.begin() as work:
            await register.close_region(work, ELSEWHERE)
            added = await register.add_region(work, Region(code=ELSEWHERE, name="Nieuw"))

        assert not added


async def test_a_new_region_comes_last(database: Database) -> None:
    register = await started(database)
    async with database.begin() as work:
        await register.add_region(work, Region(code=RegionCode("aalsmeer"), name="Aalsmeer"))

    assert register.regions.codes == (HERE, ELSEWHERE, "aalsmeer")
