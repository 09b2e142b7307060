"""Whether a room is warm: everyone who may read it has its session, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import event, insert, update
from vodozemac import InboundGroupSession, SessionKey

from appservice.database import Database, Work, upsert
from appservice.encryption import debts, lagging, outbound
from appservice.encryption.account import OwnKeys
from appservice.encryption.devices import devices, mark_outdated, tracked_users
from appservice.encryption.lagging import Lag
from appservice.encryption.outbound import (
    SESSION_LIFETIME,
    SESSION_MESSAGES,
    Share,
    outbound_group_sessions,
)
from appservice.encryption.sharing import RoomKeys
from appservice.encryption.trust import DeviceKeys, KeySharing
from appservice.homeserver import Homeserver
from appservice.ids import DeviceID, RoomID, UserID
from appservice.rooms import records
from appservice.rooms.plan import RoomKey, RoomPlan
from appservice.vault import Vault
from tests.appservice.running import SECRET

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ROOM, KEY = RoomID("!room"), RoomKey("everyone")
ANNA, BAS = UserID("@anna:example.org"), UserID("@bas:example.org")
CAS = UserID("@cas:example.org")
OWN = OwnKeys(UserID("@goudwacht:example.org"), DeviceID("BOT"), "curve", "ed", {})
VAULT = Vault(SECRET)


def device(user: UserID, name: str = "PHONE", *, signed: bool = True) -> DeviceKeys:
    return DeviceKeys(user, DeviceID(name), f"curve of {user}'s {name}", "ed", signed)


PHONES = (device(ANNA), device(BAS))


async def know(work: Work, *found: DeviceKeys) -> None:
    """Have looked up devices."""
    await upsert(
        work,
        tracked_users,
        [
            {"user_id": user, "changes": 0, "seen": 0, "identity_changed": False}
            for user in {one.user for one in found}
        ],
    )
    for one in found:
        await work.execute(
            insert(devices).values(
                user_id=one.user,
                device_id=one.device,
                curve25519=one.curve25519,
                ed25519=one.ed25519,
                signed=one.signed,
            )
        )


async def warm(work: Work) -> outbound.RunningSession:
    """A room of Anna and Bas, whose phones have its session."""
    plan = RoomPlan(KEY, "gw_everyone", "Everyone", "About it", frozenset({ANNA, BAS}))
    await records.set_plan(work, plan)
    await records.note_room(work, KEY, ROOM)
    for user in (ANNA, BAS):
        await records.set_membership(work, ROOM, user, "join")
    await know(work, *PHONES)
    session = await outbound.running(work, VAULT, ROOM, NOW)
    await outbound.note_shares(work, session.session_id, [Share(one, False) for one in PHONES])
    return session


async def behind(work: Work, now: datetime = NOW, *, all_devices: bool = False) -> list[Lag] | None:
    return await lagging.behind(work, ROOM, records.READING, now, all_devices=all_devices)


async def test_a_room_whose_readers_all_have_its_session_is_warm(database: Database) -> None:
    async with database.begin() as work:
        await warm(work)

        assert await behind(work) == []


async def test_a_new_device_lacks_it(database: Database) -> None:
    async with database.begin() as work:
        await warm(work)
        laptop = device(BAS, "LAPTOP")
        await know(work, laptop)

        assert await behind(work) == [Lag(BAS, laptop.curve25519, owed=False)]


async def test_somebody_whose_devices_may_have_changed_is_to_be_looked_up(
    database: Database,
) -> None:
    async with database.begin() as work:
        await warm(work)
        await mark_outdated(work, [BAS])

        assert await behind(work) == [Lag(BAS, None, owed=False)]


async def test_somebody_who_just_joined_is_to_be_looked_up(database: Database) -> None:
    cas = UserID("@cas:example.org")
    async with database.begin() as work:
        await warm(work)
        plan = RoomPlan(KEY, "gw_everyone", "Everyone", "", frozenset({ANNA, BAS, cas}))
        await records.set_plan(work, plan)
        await records.set_membership(work, ROOM, cas, "join")

        assert await behind(work) == [Lag(cas, None, owed=False)]


async def test_who_is_owed_it_is_named_as_such(database: Database) -> None:
    async with database.begin() as work:
        session = await warm(work)
        laptop = device(BAS, "LAPTOP")
        await know(work, laptop)
        await debts.owe(work, VAULT, session, unserved=[BAS], served=[], now=NOW)

        assert await behind(work) == [Lag(BAS, laptop.curve25519, owed=True)]


async def test_a_device_that_nobody_signed_lacks_it_only_where_all_devices_count(
    database: Database,
) -> None:
    async with database.begin() as work:
        session = await warm(work)
        laptop = device(BAS, "LAPTOP", signed=False)
        await know(work, laptop)
        await outbound.note_shares(work, session.session_id, [Share(laptop, True)])

        assert await behind(work) == []
        assert await behind(work, all_devices=True) == [Lag(BAS, laptop.curve25519, owed=False)]


async def _nobody_told_the_unsigned(work: Work, _: outbound.RunningSession) -> None:
    await know(work, device(BAS, "LAPTOP", signed=False))


async def _bas_left(work: Work, _: outbound.RunningSession) -> None:
    await records.set_membership(work, ROOM, BAS, "leave")


async def _bas_was_put_out(work: Work, _: outbound.RunningSession) -> None:
    plan = RoomPlan(KEY, "gw_everyone", "Everyone", "", frozenset({ANNA}))
    await records.set_plan(work, plan)


async def _bas_lost_his_identity(work: Work, _: outbound.RunningSession) -> None:
    await work.execute(
        update(tracked_users).where(tracked_users.c.user_id == BAS).values(identity_changed=True)
    )


async def _the_phone_has_another_key(work: Work, _: outbound.RunningSession) -> None:
    await work.execute(update(devices).where(devices.c.user_id == BAS).values(curve25519="new"))


async def _it_has_served_its_messages(work: Work, session: outbound.RunningSession) -> None:
    await work.execute(
        update(outbound_group_sessions)
        .where(outbound_group_sessions.c.session_id == session.session_id)
        .values(messages=SESSION_MESSAGES)
    )


async def _there_is_none(work: Work, _: outbound.RunningSession) -> None:
    await outbound.retire(work, ROOM)


Change = Callable[[Work, outbound.RunningSession], Awaitable[Any]]


@pytest.mark.parametrize(
    "change",
    [
        _nobody_told_the_unsigned,
        _bas_left,
        _bas_was_put_out,
        _bas_lost_his_identity,
        _the_phone_has_another_key,
        _it_has_served_its_messages,
        _there_is_none,
    ],
    ids=lambda change: change.__name__.strip("_"),
)
async def test_it_is_not_warm_when(database: Database, change: Change) -> None:
    async with database.begin() as work:
        session = await warm(work)
        await change(work, session)

        assert await behind(work) is None


async def test_it_is_not_warm_when_the_session_is_a_week_old(database: Database) -> None:
    async with database.begin() as work:
        await warm(work)

        assert await behind(work, NOW + SESSION_LIFETIME) is None


async def invited(work: Work, user: UserID) -> UserID:
    """Somebody who belongs in the room now, and has not joined it."""
    plan = RoomPlan(KEY, "gw_everyone", "Everyone", "About it", frozenset({ANNA, BAS, user}))
    await records.set_plan(work, plan)
    await records.set_membership(work, ROOM, user, "invite")
    return user


async def reads_from(work: Work, user: UserID) -> int | None:
    """The message from which on somebody is owed the session in use; None when they are not."""
    session = await outbound.running(work, VAULT, ROOM, NOW)
    keys = await debts.owed(work, VAULT, session.session_id)
    if user not in keys:
        return None
    return InboundGroupSession(SessionKey(keys[user])).first_known_index


async def said(work: Work, at: datetime = NOW) -> None:
    """Encrypt a message, as the sender does."""
    await debts.expect(work, VAULT, ROOM, records.EXPECTED, at)
    await outbound.encrypt(work, VAULT, OWN, ROOM, "m.room.message", {"body": "x"})


async def test_who_is_invited_is_owed_what_is_said_from_then_on(database: Database) -> None:
    async with database.begin() as work:
        await warm(work)
        await said(work)
        cas = await invited(work, CAS)
        for _ in range(2):
            await said(work)

        assert await reads_from(work, cas) == 1


async def test_who_is_invited_for_long_is_owed_no_more_than_the_last_minutes(
    database: Database,
) -> None:
    async with database.begin() as work:
        await warm(work)
        cas = await invited(work, CAS)
        await said(work)
        await said(work, NOW + debts.EXPECTED_FOR)
        within = await reads_from(work, cas)
        await said(work, NOW + debts.EXPECTED_FOR + timedelta(seconds=1))

        assert (within, await reads_from(work, cas)) == (0, 2)


@pytest.mark.parametrize("membership", ["invite", "leave"])
async def test_who_does_not_belong_is_owed_nothing(database: Database, membership: str) -> None:
    async with database.begin() as work:
        await warm(work)
        await records.set_membership(work, ROOM, CAS, membership)
        await said(work)

        assert await reads_from(work, CAS) is None


class NoDevices:
    """A homeserver whose users have no devices."""

    user = OWN.user

    async def call(self, method: str, *path: str, **_: object) -> dict[str, Any]:
        return {}


async def test_who_joins_costs_no_more_because_many_are_there(database: Database) -> None:
    cas, crowd = UserID("@cas:example.org"), [UserID(f"@m{n}:example.org") for n in range(200)]
    async with database.begin() as work:
        await warm(work)
        members = frozenset({ANNA, BAS, cas, *crowd})
        await records.set_plan(work, RoomPlan(KEY, "gw_everyone", "Everyone", "", members))
        for user in (cas, *crowd):
            await records.set_membership(work, ROOM, user, "join")
        await know(work, *(device(user) for user in crowd))
        session = await outbound.running(work, VAULT, ROOM, datetime.now(UTC))
        shares = [Share(device(user), False) for user in (ANNA, BAS, *crowd)]
        await outbound.note_shares(work, session.session_id, shares)
    keys = RoomKeys(
        database,
        VAULT,
        cast(Homeserver, NoDevices()),
        OWN,
        KeySharing.ALL,
        records.READING,
        records.EXPECTED,
        lambda *_: asyncio.sleep(0),
        lambda: None,
        timedelta(),
    )
    asked: list[int] = []

    def count(*executed: Any) -> None:
        asked.append(len(executed[3]))

    event.listen(database.engine.sync_engine, "before_cursor_execute", count)
    await keys.prepare(ROOM, {cas})
    event.remove(database.engine.sync_engine, "before_cursor_execute", count)

    # So many values stand in the longest question: those of one user, and not of two hundred.
    assert 0 < max(asked) < 20
    async with database.begin() as work:
        assert await behind(work, datetime.now(UTC), all_devices=True) == []
