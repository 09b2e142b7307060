"""A member whose identity changed counts again when a coordinator accepts it."""

from __future__ import annotations

from datetime import timedelta

import pytest_asyncio
from sqlalchemy import select, update

from appservice.encryption.devices import tracked_users
from bridge.places import AlertRoom
from tests.unit.coordination import (
    REVIEW,
    has_devices,
    in_the_database,
    names_of,
    templates,
)
from tests.unit.example import (
    ANNA,
    CORA,
    HERE,
    MIA,
    SHOP,
)
from tests.unit.stage import Stage


class TestAChangedIdentity:
    @pytest_asyncio.fixture(loop_scope="session")
    async def changed(self, stage: Stage) -> Stage:
        """Anna's."""
        await stage.hears(lambda work: has_devices(work, ANNA, signed=True, changed=True))
        return stage

    async def test_is_told_to_the_member_and_called_out_on_the_desk(self, changed: Stage) -> None:
        said = await changed.is_left_out(ANNA, AlertRoom(HERE))

        assert templates(said) == ["device/identity_changed", "members/identity_changed"]

    async def test_is_called_out_where_keys_go_to_all_devices_too(self, changed: Stage) -> None:
        said = await changed.time_passes(timedelta(seconds=5))

        assert templates(said) == ["device/identity_changed", "members/identity_changed"]

    async def test_is_called_out_again_when_it_changes_again(self, changed: Stage) -> None:
        await changed.is_left_out(ANNA, AlertRoom(HERE))
        await changed.hears(
            lambda work: work.execute(update(tracked_users).values(offered_key="newer"))
        )
        await changed.is_left_out(ANNA, AlertRoom(HERE))

        names = await names_of(changed, "identity/")
        assert names == {
            f"identity/{ANNA}/{key}{suffix}"
            for key in ("new", "newer")
            for suffix in ("", "/owner")
        }

    async def test_counts_after_a_coordinator_accepts_it(self, changed: Stage) -> None:
        said = await changed.says(CORA, REVIEW, f"!vertrouw {ANNA}")

        row = (
            await in_the_database(changed, lambda work: work.execute(select(tracked_users)))
        ).one()
        assert templates(said) == ["device/identity_trusted", "members/trusted"]
        assert (row.master_key, row.identity_changed, row.changes > row.seen) == (
            "new",
            False,
            True,
        )

    async def test_is_not_accepted_by_a_moderator(self, changed: Stage) -> None:
        await changed.says(MIA, REVIEW, f"!vertrouw {ANNA}")

        assert templates(await changed.says(CORA, REVIEW, f"!vertrouw {ANNA}"))[1:] == [
            "members/trusted"
        ]

    async def test_is_not_accepted_where_there_is_none_to_accept(self, changed: Stage) -> None:
        await changed.hears(
            lambda work: work.execute(update(tracked_users).values(offered_key=None))
        )

        said = await changed.says(CORA, REVIEW, f"!vertrouw {ANNA}")
        assert templates(said) == ["members/no_identity"]

    async def test_of_ones_own_is_for_another_to_accept(self, changed: Stage) -> None:
        said = await changed.says(CORA, REVIEW, f"!vertrouw {CORA}")

        assert templates(said) == ["members/another_trusts"]

    async def test_that_did_not_change_needs_no_accepting(self, stage: Stage) -> None:
        said = await stage.says(CORA, REVIEW, f"!vertrouw {ANNA}")

        assert templates(said) == ["members/not_changed"]

    async def test_shows_on_the_list(self, changed: Stage) -> None:
        (said,) = await changed.says(CORA, REVIEW, "!leden")

        assert f"{ANNA} ({SHOP}): identiteit is veranderd" in said.text.plain
