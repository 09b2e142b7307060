"""What coordinators decide about people: in, out, in which role, and trusted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, update

from appservice import outbox
from appservice.database import Work
from appservice.encryption.devices import devices, tracked_users
from appservice.events import Membership, MembershipChange, Tampered
from appservice.ids import EventID, RoomID, UserID
from appservice.lookups import Existence, lookups
from appservice.outbox import Status
from appservice.rooms import records
from appservice.rooms.keeper import RepairRefused
from appservice.rooms.plan import Remove, RoomKey, SetState
from bridge.members.invitations import invitations
from bridge.members.roster import Person, Role
from bridge.places import AlertRoom, LiaisonRoom, Place, PrivateRoom, ReviewRoom, key_of
from tests.unit.example import (
    ANNA,
    BAS,
    CORA,
    ELSEWHERE,
    HERE,
    MAX,
    MIA,
    OLGA,
    PIET,
    SHOP,
    STRANGER,
    configuration,
)
from tests.unit.stage import Said, Stage

REVIEW = ReviewRoom()
NEW = UserID("@nel:example.org")
CARL = UserID("@carl:example.org")
"""A second coordinator, where there is one."""


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    made = Stage(configuration())
    await made.set()
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def two_coordinators() -> AsyncIterator[Stage]:
    """Where a second coordinator confirms who is let in."""
    made = Stage(configuration(coordinators=[CORA, CARL], invitations={"second_coordinator": True}))
    await made.set()
    yield made
    await made.close()


def templates(said: list[Said]) -> list[str]:
    """What was said to people; the names of rooms aside."""
    return [one.template for one in said if not one.template.startswith("room/")]


def person(stage: Stage, user: UserID) -> Person | None:
    return stage.network.roster.person(user)


async def in_the_database(stage: Stage, look: Callable[[Work], Any]) -> Any:
    async with stage.database.read() as work:
        return await look(work)


async def belongs(stage: Stage, user: UserID) -> set[str]:
    """The keys of the rooms that somebody belongs in."""
    plans = await in_the_database(stage, records.plans)
    return {plan.key for plan, _ in plans if user in plan.members}


async def invited(stage: Stage, typed: str) -> list[Said]:
    """Have Cora invite somebody who exists."""
    said = await stage.says(CORA, REVIEW, f"!uitnodigen {typed}")
    return said + await stage.is_found(UserID(typed.split()[0]))


class TestAnInvitation:
    async def test_lets_a_member_into_space_region_and_private_room(self, stage: Stage) -> None:
        await invited(stage, f"{NEW} {HERE} Juwelier Nel")

        assert await belongs(stage, NEW) == {"space", f"alerts/{HERE}", f"private/{NEW}"}

    async def test_keeps_the_name_of_the_shop(self, stage: Stage) -> None:
        await invited(stage, f"{NEW} {HERE} Juwelier Nel")

        found = person(stage, NEW)
        assert found is not None
        assert found.shop == "Juwelier Nel"

    async def test_takes_the_region_by_its_name_too(self, stage: Stage) -> None:
        await invited(stage, f"{NEW} Midden-Nederland Juwelier Nel")

        found = person(stage, NEW)
        assert found is not None
        assert (found.region, found.shop) == (HERE, "Juwelier Nel")

    async def test_does_nothing_before_it_is_known_that_the_user_exists(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!uitnodigen {NEW} {HERE}")

        assert person(stage, NEW) is None
        asked = await in_the_database(stage, lambda work: work.execute(select(lookups)))
        assert asked.scalars().all() == [NEW]

    @pytest.mark.parametrize(
        ("found", "template"),
        [
            (Existence.NOBODY, "members/nobody"),
            (Existence.SILENT, "members/server_silent"),
        ],
    )
    async def test_of_nobody_is_told_and_forgotten(
        self, stage: Stage, found: Existence, template: str
    ) -> None:
        await stage.says(CORA, REVIEW, f"!uitnodigen {NEW} {HERE}")
        said = await stage.is_found(NEW, found)
        await stage.is_found(NEW, Existence.THERE)

        assert templates(said) == [template]
        assert person(stage, NEW) is None

    async def test_counts_once_however_often_the_answer_comes(self, stage: Stage) -> None:
        await invited(stage, f"{NEW} {HERE}")

        assert templates(await stage.is_found(NEW)) == []

    async def test_to_a_homeserver_that_takes_no_part_is_refused(self, stage: Stage) -> None:
        said = await stage.says(CORA, REVIEW, f"!uitnodigen @nel:elsewhere.example {HERE}")

        assert templates(said) == ["members/server_not_allowed"]

    async def test_names_the_regions_when_it_knows_none_such(self, stage: Stage) -> None:
        (said,) = await stage.says(CORA, REVIEW, f"!uitnodigen {NEW} amstredam")

        assert "Bedoel je amsterdam?" in said.text.plain

    @pytest.mark.parametrize(
        ("typed", "template"),
        [
            ("", "members/which_user"),
            ("nel midden-nederland", "members/which_user"),
            (f"{NEW}", "members/which_region"),
            (f"{ANNA} {HERE}", "members/already_in"),
            (f"{PIET} {HERE}", "members/police_or_member"),
            (f"@goudwacht:example.org {HERE}", "members/is_the_bot"),
            (f"{NEW} {HERE} {'x' * 101}", "members/shop_too_long"),
        ],
    )
    async def test_that_cannot_be_is_refused(self, stage: Stage, typed: str, template: str) -> None:
        assert templates(await stage.says(CORA, REVIEW, f"!uitnodigen {typed}")) == [template]

    async def test_by_a_link_or_with_a_capital_means_the_same(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!uitnodigen https://matrix.to/#/@Nel:example.org {HERE}")
        await stage.is_found(NEW)

        assert person(stage, NEW) is not None

    async def test_of_a_member_to_another_region_moves_and_tells_them(self, stage: Stage) -> None:
        said = await stage.says(CORA, REVIEW, f"!uitnodigen {ANNA} {ELSEWHERE}")

        assert templates(said) == ["members/moved", "member/region_moved"]
        assert "gesloten" not in said[-1].text.plain
        assert await belongs(stage, ANNA) == {"space", f"alerts/{ELSEWHERE}", f"private/{ANNA}"}

    async def test_of_one_removed_in_the_meantime_as_coordinator_is_dropped(
        self, two_coordinators: Stage
    ) -> None:
        stage = two_coordinators
        await stage.says(CORA, REVIEW, f"!uitnodigen {NEW} {HERE}")
        await stage.says(CARL, REVIEW, f"!verwijder {CORA}")
        await stage.is_found(NEW)

        assert person(stage, NEW) is None

    @pytest.mark.parametrize("who", [MIA, OLGA, ANNA, PIET, STRANGER])
    async def test_by_anyone_but_a_coordinator_is_none(self, stage: Stage, who: UserID) -> None:
        await stage.says(who, REVIEW, f"!uitnodigen {NEW} {HERE}")
        await stage.is_found(NEW)

        assert person(stage, NEW) is None


class TestASecondCoordinator:
    async def waits(self, stage: Stage) -> str:
        """Have Cora invite; returns the name of the message to react to."""
        await invited(stage, f"{NEW} {HERE}")
        row = (await in_the_database(stage, lambda work: work.execute(select(invitations)))).one()
        return f"invitation/{NEW}/{row.asked_at}"

    async def test_is_waited_for(self, two_coordinators: Stage) -> None:
        await self.waits(two_coordinators)

        assert person(two_coordinators, NEW) is None

    async def test_confirms_with_a_tap(self, two_coordinators: Stage) -> None:
        name = await self.waits(two_coordinators)
        await two_coordinators.taps(CARL, name)

        assert person(two_coordinators, NEW) is not None

    async def test_confirms_by_typing(self, two_coordinators: Stage) -> None:
        await self.waits(two_coordinators)
        await two_coordinators.says(CARL, REVIEW, f"!bevestig {NEW}")

        assert person(two_coordinators, NEW) is not None

    async def test_is_not_the_first_one_again(self, two_coordinators: Stage) -> None:
        name = await self.waits(two_coordinators)
        said = await two_coordinators.taps(CORA, name)
        said += await two_coordinators.says(CORA, REVIEW, f"!bevestig {NEW}")

        assert templates(said) == ["members/another_confirms"] * 2
        assert person(two_coordinators, NEW) is None

    async def test_is_no_moderator(self, two_coordinators: Stage) -> None:
        name = await self.waits(two_coordinators)
        await two_coordinators.taps(MIA, name)

        assert person(two_coordinators, NEW) is None

    async def test_confirms_nothing_once_it_was_taken_back(self, two_coordinators: Stage) -> None:
        name = await self.waits(two_coordinators)
        await two_coordinators.says(CORA, REVIEW, f"!verwijder {NEW}")
        await two_coordinators.taps(CARL, name)

        assert person(two_coordinators, NEW) is None

    async def test_of_another_homeserver_has_to_type(self) -> None:
        stage = Stage(
            configuration(
                coordinators=[CORA, CARL],
                invitations={"second_coordinator": True},
                reactions={"trusted_homeservers": ["elsewhere.example"]},
            )
        )
        await stage.set()
        try:
            name = await self.waits(stage)
            said = await stage.taps(CARL, name)
            assert templates(said) == ["members/vouch_by_typing"]
            assert person(stage, NEW) is None
        finally:
            await stage.close()


class TestWhoIsRemoved:
    async def test_belongs_nowhere(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!verwijder {ANNA}")

        assert await belongs(stage, ANNA) == set()

    async def test_is_not_let_in_again_by_a_restart(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!verwijder {ANNA}")
        stage.restart()
        await stage.hears(stage.network.started)

        assert await belongs(stage, ANNA) == set()

    async def test_has_no_draft_any_more(self, stage: Stage) -> None:
        await stage.says(ANNA, PrivateRoom(ANNA), "!melding overval\nplaats: Utrecht\ntijd: 12:00")
        await stage.says(CORA, REVIEW, f"!verwijder {ANNA}")
        await invited(stage, f"{ANNA} {HERE}")

        said = await stage.says(ANNA, PrivateRoom(ANNA), "!verstuur")
        assert "report/submitted" not in templates(said)

    async def test_gets_no_message_that_waited(self, stage: Stage) -> None:
        await stage.says(ANNA, PrivateRoom(ANNA), "!help")
        await stage.says(CORA, REVIEW, f"!verwijder {ANNA}")

        assert await waiting_for(stage, key_of(PrivateRoom(ANNA))) == []

    async def test_is_reported_out_once_in_no_room(self, stage: Stage) -> None:
        await stage.hears(lambda work: is_in(work, ANNA, AlertRoom(HERE)))
        await stage.says(CORA, REVIEW, f"!verwijder {ANNA}")
        before = await stage.time_passes(timedelta(minutes=1))
        await stage.hears(lambda work: is_out(work, ANNA, AlertRoom(HERE)))
        after = await stage.time_passes(timedelta(minutes=1))
        later = await stage.time_passes(timedelta(minutes=1))

        assert [templates(said) for said in (before, after, later)] == [[], ["members/out"], []]

    async def test_is_called_out_when_still_in_a_room_after_a_while(self, stage: Stage) -> None:
        await stage.hears(lambda work: is_in(work, ANNA, AlertRoom(HERE)))
        await stage.says(CORA, REVIEW, f"!verwijder {ANNA}")

        said = await stage.time_passes(timedelta(minutes=11))
        assert templates(said) == ["members/still_in"]

    async def test_moderates_nothing_any_more(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!verwijder {MIA}")

        assert templates(await stage.says(MIA, REVIEW, "!open")) == []

    async def test_was_not_the_last_coordinator(self, stage: Stage) -> None:
        said = await stage.says(CORA, REVIEW, f"!verwijder {CORA}")

        assert templates(said) == ["members/last_coordinator"]
        assert person(stage, CORA) is not None

    async def test_was_known(self, stage: Stage) -> None:
        assert templates(await stage.says(CORA, REVIEW, f"!verwijder {NEW}")) == ["members/unknown"]

    async def test_may_be_on_a_homeserver_that_takes_no_part_any_more(self) -> None:
        stage = Stage(configuration(federation={}))
        await stage.set()
        try:
            said = await stage.says(CORA, REVIEW, f"!verwijder {PIET}")
            assert templates(said) == ["members/removing"]
        finally:
            await stage.close()


class TestWhoLeavesByThemselves:
    async def test_is_taken_out_everywhere_and_noted(self, stage: Stage) -> None:
        said = await stage.leaves(ANNA, AlertRoom(HERE))

        assert templates(said) == ["members/left"]
        assert await belongs(stage, ANNA) == set()

    async def test_can_be_let_in_again_with_the_words_of_the_note(self, stage: Stage) -> None:
        said = await stage.leaves(ANNA, PrivateRoom(ANNA))
        note = next(one for one in said if one.template == "members/left")
        assert SHOP in note.text.plain
        assert f"!uitnodigen {ANNA} {HERE}" in note.text.plain

    @pytest.mark.parametrize(
        ("who", "place", "words"),
        [
            (MIA, REVIEW, f"!rol {MIA} moderator"),
            (PIET, LiaisonRoom(HERE), f"!regio politie {HERE} {PIET}"),
        ],
    )
    async def test_comes_back_as_what_they_were(
        self, stage: Stage, who: UserID, place: Place, words: str
    ) -> None:
        said = await stage.leaves(who, place)

        assert words in next(one for one in said if one.template == "members/left").text.plain

    async def test_is_nobody_whom_the_bot_takes_out_of_a_room(self, stage: Stage) -> None:
        bot = UserID("@goudwacht:example.org")
        event = MembershipChange(
            RoomID(f"!{key_of(AlertRoom(HERE))}"), EventID("$k"), bot, ANNA, Membership.LEAVE
        )

        assert templates(await stage.happens(event)) == []
        assert person(stage, ANNA) is not None

    async def test_is_nobody_who_leaves_a_room_that_is_not_theirs(self, stage: Stage) -> None:
        assert templates(await stage.leaves(ANNA, AlertRoom(ELSEWHERE))) == []
        assert person(stage, ANNA) is not None

    async def test_stays_when_they_are_the_last_coordinator(self, stage: Stage) -> None:
        said = await stage.leaves(CORA, REVIEW)

        assert templates(said) == ["members/last_coordinator"]
        assert "review" in await belongs(stage, CORA)


class TestARole:
    async def test_of_moderator_opens_the_review_room(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!rol {ANNA} moderator")

        assert "review" in await belongs(stage, ANNA)

    async def test_of_member_closes_it(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!rol {OLGA} lid")

        assert await belongs(stage, OLGA) == {"space", f"alerts/{HERE}", f"private/{OLGA}"}

    async def test_of_coordinator_gives_the_coordinators_words(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!rol {MIA} coordinator")

        said = await stage.says(MIA, REVIEW, f"!verwijder {ANNA}")
        assert templates(said) == ["members/removing"]

    async def test_can_be_given_to_somebody_new(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!rol {NEW} moderator")
        await stage.is_found(NEW)

        found = person(stage, NEW)
        assert found is not None
        assert found.roles == {Role.MODERATOR}

    @pytest.mark.parametrize(
        ("typed", "template"),
        [
            (f"{CORA} moderator", "members/last_coordinator"),
            (f"{PIET} moderator", "members/police_or_member"),
            (f"{MIA} moderator", "members/has_role"),
            (f"{MIA} lid", "members/no_region"),
            (f"{NEW} lid", "members/unknown"),
            (f"{MIA} baas", "members/which_role"),
        ],
    )
    async def test_that_cannot_be_is_refused(self, stage: Stage, typed: str, template: str) -> None:
        assert templates(await stage.says(CORA, REVIEW, f"!rol {typed}")) == [template]


async def has_devices(work: Work, user: UserID, *, signed: bool, changed: bool) -> None:
    """Let somebody have one device, and an identity."""
    row = {"changes": 1, "seen": 1, "master_key": "old", "offered_key": "new" if changed else None}
    await work.execute(insert(tracked_users).values(user_id=user, identity_changed=changed, **row))
    await work.execute(
        insert(devices).values(
            user_id=user, device_id="PHONE", curve25519="c", ed25519="e", signed=signed
        )
    )


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


class TestTheList:
    async def test_shows_who_has_not_joined(self, stage: Stage) -> None:
        (said,) = await stage.says(CORA, REVIEW, f"!leden {ELSEWHERE}")

        assert f"{BAS}: nog niet in alle kamers" in said.text.plain

    async def test_shows_who_has_only_unverified_devices(self, stage: Stage) -> None:
        async def arrives(work: Work) -> None:
            await has_devices(work, BAS, signed=False, changed=False)
            for plan, room in await records.plans(work):
                if BAS in plan.members and room is not None:
                    await records.set_membership(work, room, BAS, "join")

        await stage.hears(arrives)
        (said,) = await stage.says(CORA, REVIEW, f"!leden {BAS}")

        assert "Geen enkel apparaat is geverifieerd" in said.text.plain

    async def test_shows_who_waits_to_be_let_in(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!uitnodigen {NEW} {HERE}")
        (said,) = await stage.says(CORA, REVIEW, "!leden")

        assert f"Wacht op toelating: {NEW}" in said.text.plain

    async def test_is_not_for_moderators(self, stage: Stage) -> None:
        assert templates(await stage.says(MIA, REVIEW, "!leden")) == ["command/coordinators"]


class TestARegion:
    async def test_that_is_new_gets_an_alert_room(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, "!regio nieuw texel Texel en Vlieland")
        await invited(stage, f"{NEW} texel")

        assert "alerts/texel" in await belongs(stage, NEW)

    async def test_is_neighbour_of_its_neighbours(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, "!regio nieuw texel Texel")
        await stage.says(CORA, REVIEW, f"!regio buren texel {HERE}")

        regions = stage.network.regions
        found = regions.get(HERE)
        assert found is not None
        assert "texel" in found.neighbours

    async def test_under_another_name_keeps_its_room(self, stage: Stage) -> None:
        await stage.says(CORA, REVIEW, f"!regio hernoem {ELSEWHERE} Groot-Amsterdam")

        plans = await in_the_database(stage, records.plans)
        named = {plan.key: plan.name for plan, _ in plans}
        assert "Groot-Amsterdam" in named[RoomKey(f"alerts/{ELSEWHERE}")]

    async def test_with_members_is_closed_only_into_another(self, stage: Stage) -> None:
        said = await stage.says(CORA, REVIEW, f"!regio sluit {ELSEWHERE}")

        assert templates(said) == ["regions/has_members"]

    async def test_that_closed_keeps_no_message_waiting(self, stage: Stage) -> None:
        await reported_and_shared(stage)
        assert len(await waiting_for(stage, f"alerts/{ELSEWHERE}")) == 1
        await stage.says(CORA, REVIEW, f"!regio sluit {ELSEWHERE} naar {HERE}")

        assert await waiting_for(stage, f"alerts/{ELSEWHERE}") == []

    async def test_gets_a_police_officer_by_invitation(self, stage: Stage) -> None:
        agent = UserID("@agent:police.example")
        await stage.says(CORA, REVIEW, f"!regio politie {ELSEWHERE} aan")
        await stage.says(CORA, REVIEW, f"!regio politie {ELSEWHERE} {agent}")
        await stage.is_found(agent)

        assert f"police/{ELSEWHERE}" in await belongs(stage, agent)

    @pytest.mark.parametrize(
        ("typed", "template"),
        [
            ("nieuw", "regions/how"),
            ("nieuw Noord/Zuid Naam", "regions/bad_code"),
            (f"nieuw {HERE} Nog eens", "regions/taken"),
            ("nieuw landelijk Heel Nederland", "regions/taken"),
            ("hernoem amsterdam", "regions/bad_name"),
            ("hernoem amsterdam Midden-Nederland", "regions/taken"),
            ("sluit nergens", "members/which_region"),
            (f"politie {ELSEWHERE} @agent:police.example", "regions/police_is_off"),
            (f"politie {ELSEWHERE} misschien", "regions/how"),
            ("draai amsterdam", "regions/how"),
        ],
    )
    async def test_that_cannot_be_is_refused(self, stage: Stage, typed: str, template: str) -> None:
        assert templates(await stage.says(CORA, REVIEW, f"!regio {typed}")) == [template]


class TestAStrangerInARoom:
    @pytest.mark.parametrize("membership", [Membership.JOIN, Membership.INVITE])
    async def test_is_called_out_with_who_let_them_in(
        self, stage: Stage, membership: Membership
    ) -> None:
        room = RoomID(f"!{key_of(AlertRoom(HERE))}")
        event = MembershipChange(room, EventID(f"${membership}"), BAS, STRANGER, membership)

        (said,) = await stage.happens(event)
        assert said.template == "rooms/stranger"
        assert f"door {BAS}" in said.text.plain

    async def test_is_nobody_who_belongs_there(self, stage: Stage) -> None:
        assert templates(await stage.joins(ANNA, AlertRoom(HERE))) == []


class TestARoomWhoseGuardsChanged:
    async def test_is_called_out_and_power_for_somebody_is_an_alarm(self, stage: Stage) -> None:
        room = RoomID(f"!{key_of(AlertRoom(HERE))}")
        bot = UserID("@goudwacht:example.org")
        event = Tampered(room, EventID("$p"), bot, "m.room.power_levels", (STRANGER,))

        (said,) = await stage.happens(event)
        assert said.text.plain.startswith("Alarm.")
        assert STRANGER in said.text.plain

    async def test_again_and_again_rings_once_an_hour(self, stage: Stage) -> None:
        room = RoomID(f"!{key_of(AlertRoom(HERE))}")
        for number in range(3):
            event = Tampered(room, EventID(f"$t{number}"), BAS, "m.room.power_levels", (STRANGER,))
            await stage.happens(event)
        await stage.time_passes(timedelta(hours=1))
        await stage.happens(Tampered(room, EventID("$t9"), BAS, "m.room.power_levels", (STRANGER,)))

        assert len(await names_of(stage, "tampered/")) == 2

    async def test_that_cannot_be_put_right_is_called_out_once_a_day(self, stage: Stage) -> None:
        key = key_of(AlertRoom(HERE))
        for what in (Remove(STRANGER), Remove(STRANGER), SetState("m.room.join_rules", "", {})):
            await stage.hears(
                lambda work, what=what: stage.network.room_amiss(  # type: ignore[misc]
                    work, RepairRefused(key, what)
                )
            )

        assert len(await names_of(stage, "not repaired/")) == 2


async def test_a_hundred_invitations_from_a_stranger_are_declined_unanswered(
    stage: Stage,
) -> None:
    bot = UserID("@goudwacht:example.org")
    said: list[Said] = []
    for number in range(100):
        said += await stage.happens(
            MembershipChange(
                RoomID(f"!spam{number}"), EventID(f"$s{number}"), STRANGER, bot, Membership.INVITE
            )
        )

    assert templates(said) == []


async def test_a_moderators_answer_to_the_case_does_not_need_a_coordinator(stage: Stage) -> None:
    await reported_and_shared(stage)

    assert len(await waiting_for(stage, f"alerts/{HERE}")) == 1


async def reported_and_shared(stage: Stage) -> None:
    """A report of Anna's that goes to both regions."""
    await stage.says(ANNA, PrivateRoom(ANNA), "!melding inbraak\nplaats: Utrecht\ntijd: 12:00")
    await stage.says(ANNA, PrivateRoom(ANNA), "!verstuur")
    for moderator in (MIA, MAX):
        await stage.says(moderator, REVIEW, f"!ok #1 {HERE} {ELSEWHERE}")


async def waiting_for(stage: Stage, target: str) -> list[int]:
    rows = await in_the_database(
        stage,
        lambda work: work.execute(
            select(outbox.outbox.c.seq).where(
                outbox.outbox.c.target == target, outbox.outbox.c.status == Status.WAITING
            )
        ),
    )
    return list(rows.scalars())


async def names_of(stage: Stage, beginning: str) -> set[str]:
    rows = await in_the_database(
        stage,
        lambda work: work.execute(
            select(outbox.outbox.c.name).where(outbox.outbox.c.name.startswith(beginning))
        ),
    )
    return set(rows.scalars())


async def is_in(work: Work, user: UserID, place: AlertRoom) -> None:
    await records.set_membership(work, RoomID(f"!{key_of(place)}"), user, "join")


async def is_out(work: Work, user: UserID, place: AlertRoom) -> None:
    await records.set_membership(work, RoomID(f"!{key_of(place)}"), user, "leave")
