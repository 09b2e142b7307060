"""Whose device is not verified hears that it gets no keys, and that word does not outlive it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest_asyncio
from sqlalchemy import select, update

from appservice.encryption.devices import devices
from appservice.outbox import outbox
from bridge.places import AlertRoom, LiaisonRoom, PrivateRoom, key_of
from tests.unit.coordination import has_devices, in_the_database, names_of, templates
from tests.unit.example import ANNA, HERE, PIET
from tests.unit.stage import Stage

ROUND = timedelta(seconds=5)
THERE = LiaisonRoom(HERE)
WARNING = f"not verified/{PIET}/PHONE"
VERIFIED = f"{WARNING}/after all"


async def verifies(stage: Stage) -> None:
    await stage.hears(lambda work: work.execute(update(devices).values(signed=True)))


async def row(stage: Stage, name: str) -> Any:
    """What is in the outbox under a name."""
    found = await in_the_database(
        stage, lambda work: work.execute(select(outbox).where(outbox.c.name == name))
    )
    return found.one()


class TestADeviceThatIsNotVerified:
    @pytest_asyncio.fixture(loop_scope="session")
    async def unverified(self, stage: Stage) -> Stage:
        """Piet's, who was told so in the liaison room."""
        await stage.hears(lambda work: has_devices(work, PIET, signed=False, changed=False))
        await stage.is_left_out(PIET, THERE)
        await stage.delivered()
        return stage

    async def test_is_told_of_once(self, unverified: Stage) -> None:
        await unverified.is_left_out(PIET, THERE)
        await unverified.time_passes(ROUND)

        assert await names_of(unverified, WARNING) == {WARNING}

    async def test_of_a_member_is_told_of_in_their_private_room(self, stage: Stage) -> None:
        await stage.is_left_out(ANNA, AlertRoom(HERE))

        assert (await row(stage, f"not verified/{ANNA}/PHONE")).target == key_of(PrivateRoom(ANNA))

    async def test_is_said_to_be_verified_where_it_was_told_of_in_clear(
        self, unverified: Stage
    ) -> None:
        await unverified.time_passes(ROUND)
        await verifies(unverified)
        said = await unverified.time_passes(ROUND)

        edit = await row(unverified, VERIFIED)
        assert templates(said) == ["device/verified"]
        assert (edit.target, edit.clear) == (key_of(THERE), True)
        assert json.loads(edit.relation)["name"] == WARNING

    async def test_is_said_to_be_verified_once(self, unverified: Stage) -> None:
        await verifies(unverified)
        await unverified.time_passes(ROUND)
        await unverified.delivered()

        assert await unverified.time_passes(ROUND) == []
        assert await unverified.time_passes(ROUND) == []

    async def test_is_said_to_be_verified_after_a_restart_too(self, unverified: Stage) -> None:
        unverified.restart()
        await verifies(unverified)

        assert templates(await unverified.time_passes(ROUND)) == ["device/verified"]

    async def test_that_was_told_of_after_the_first_look_is_said_to_be_verified_too(
        self, stage: Stage
    ) -> None:
        await stage.time_passes(ROUND)
        await stage.hears(lambda work: has_devices(work, PIET, signed=False, changed=False))
        await stage.is_left_out(PIET, THERE)
        await stage.delivered()
        await verifies(stage)

        assert templates(await stage.time_passes(ROUND)) == ["device/verified"]
