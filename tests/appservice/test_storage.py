"""Inbox, outbox and the records of rooms, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from appservice import inbox, outbox
from appservice.database import Database
from appservice.events import RoomEvent
from appservice.ids import EventID, RoomID, UserID
from appservice.outbox import Outbox, Outgoing, Relation, Sealed
from appservice.rooms import records, shared
from appservice.rooms.plan import RoomKey, RoomPlan, Speech
from appservice.vault import Vault
from tests.appservice.running import SECRET

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ANNA, BAS = UserID("@anna:example.org"), UserID("@bas:example.org")
ROOM = RoomID("!room")
KEY = RoomKey("everyone")
VAULT = Vault(SECRET)
OUTBOX = Outbox(VAULT)


def event(name: str) -> RoomEvent:
    return RoomEvent(EventID(f"${name}"), ROOM, ANNA, "m.room.message", {"body": name}, NOW)


def saying(words: str, **other: object) -> Outgoing:
    return Outgoing(KEY, {"msgtype": "m.text", "body": words}, **other)  # type: ignore[arg-type]


def plan(*members: UserID, key: RoomKey = KEY, parent: RoomKey | None = None) -> RoomPlan:
    return RoomPlan(
        key,
        f"gw_{key}",
        "Everyone",
        "About it",
        frozenset(members),
        Speech.REACTIONS,
        parent=parent,
    )


async def waiting(database: Database) -> EventID | None:
    async with database.read() as work:
        entry = await inbox.next_waiting(work, VAULT)
    return None if entry is None else entry.event.event_id


async def keep(database: Database, *names: str) -> list[int]:
    """Put events into the inbox; return their places."""
    async with database.begin() as work:
        await inbox.add(work, VAULT, [event(name) for name in names], NOW)
        rows = await work.execute(inbox.inbox.select().order_by(inbox.inbox.c.seq))
        return [row.seq for row in rows]


# -- inbox -------------------------------------------------------------------------------------


async def test_events_leave_the_inbox_in_the_order_in_which_they_came(
    database: Database,
) -> None:
    first, _ = await keep(database, "first", "second")
    assert await waiting(database) == "$first"

    async with database.begin() as work:
        await inbox.done(work, first)

    assert await waiting(database) == "$second"


async def test_an_event_that_was_handled_is_recognised_and_not_kept_again(
    database: Database,
) -> None:
    (place,) = await keep(database, "first")
    async with database.begin() as work:
        await inbox.done(work, place)

    await keep(database, "first")

    assert await waiting(database) is None


async def test_what_a_handled_event_said_is_dropped(database: Database) -> None:
    (place,) = await keep(database, "first")

    async with database.begin() as work:
        await inbox.done(work, place)
        row = (await work.execute(inbox.inbox.select())).one()

    assert row.content is None


async def test_a_held_event_lets_the_next_one_go_first(database: Database) -> None:
    first, _ = await keep(database, "first", "second")

    async with database.begin() as work:
        await inbox.hold(work, first, "key")

    assert await waiting(database) == "$second"


async def test_a_held_event_goes_on_when_what_it_waits_for_comes(database: Database) -> None:
    (place,) = await keep(database, "first")
    async with database.begin() as work:
        await inbox.hold(work, place, "key one")

    async with database.begin() as work:
        released = await inbox.release(work, ["key two", "key one"])

    assert (released, await waiting(database)) == (1, "$first")


async def test_a_held_event_goes_on_for_nothing_else(database: Database) -> None:
    (place,) = await keep(database, "first")

    async with database.begin() as work:
        await inbox.hold(work, place, "key one")
        await inbox.release(work, ["key two"])

    assert await waiting(database) is None


async def test_events_that_wait_for_the_same_kind_of_thing_go_on_together(
    database: Database,
) -> None:
    first, second, third = await keep(database, "first", "second", "third")

    async with database.begin() as work:
        await inbox.hold(work, first, "devices @a:b")
        await inbox.hold(work, second, "key devices")
        await inbox.hold(work, third, "devices_@c:d")
        released = await inbox.release_beginning(work, "devices ")

    assert (released, await waiting(database)) == (1, "$first")


async def test_an_event_is_overdue_only_after_its_time(database: Database) -> None:
    (place,) = await keep(database, "first")

    async with database.begin() as work:
        await inbox.hold(work, place, "key")
        minutes = timedelta(minutes=5)
        early = await inbox.held_longer_than(work, VAULT, minutes, NOW + minutes)
        late = await inbox.held_longer_than(
            work, VAULT, minutes, NOW + minutes + timedelta(seconds=1)
        )

    assert ([e.seq for e in early], [e.seq for e in late]) == ([], [place])


async def test_an_event_that_is_given_up_is_not_handled_again(database: Database) -> None:
    (place,) = await keep(database, "first")

    async with database.begin() as work:
        await inbox.failed(work, place, "KeyError at handle:1", give_up=True)

    assert await waiting(database) is None


async def test_what_an_event_says_is_sealed(database: Database) -> None:
    async with database.begin() as work:
        await inbox.add(work, VAULT, [event("zilvermeeuw")], NOW)
        kept = (await work.execute(inbox.inbox.select())).one()

    assert (b"zilvermeeuw" in kept.content, VAULT.owns(kept.content)) == (False, True)


async def test_an_event_that_was_damaged_says_nothing_and_holds_up_nothing(
    database: Database,
) -> None:
    (place,) = await keep(database, "first")
    async with database.begin() as work:
        await work.execute(inbox.inbox.update().values(content=b"something else"))
        entry = await inbox.next_waiting(work, VAULT)

    assert entry is not None
    assert (entry.seq, entry.event.content) == (place, {})


async def test_a_failed_transaction_leaves_nothing_behind(database: Database) -> None:
    try:
        async with database.begin() as work:
            await inbox.add(work, VAULT, [event("first")], NOW)
            raise LookupError
    except LookupError:
        pass

    assert await waiting(database) is None


# -- outbox ------------------------------------------------------------------------------------


async def test_messages_leave_in_the_order_in_which_they_were_put(database: Database) -> None:
    async with database.begin() as work:
        await OUTBOX.put(work, saying("one"), NOW)
        await OUTBOX.put(work, saying("two"), NOW)
        row = await OUTBOX.first(work, KEY)

    assert row is not None
    assert row.content["body"] == "one"


async def test_a_message_put_twice_under_one_name_is_one(database: Database) -> None:
    async with database.begin() as work:
        first = await OUTBOX.put(work, saying("one", name="alert/1"), NOW)
        second = await OUTBOX.put(work, saying("two", name="alert/1"), NOW)
        count = len((await work.execute(outbox.outbox.select())).all())

    assert (first, second, count) == (True, False, 1)


async def test_messages_without_a_name_are_each_their_own(database: Database) -> None:
    async with database.begin() as work:
        await OUTBOX.put(work, saying("one"), NOW)
        await OUTBOX.put(work, saying("one"), NOW)
        rows = (await work.execute(outbox.outbox.select())).all()

    assert len({row.transaction_id for row in rows}) == 2


async def test_a_relation_comes_back_as_it_was(database: Database) -> None:
    relation = Relation("m.replace", name="alert/1")

    async with database.begin() as work:
        await OUTBOX.put(work, saying("two", relation=relation), NOW)
        row = await OUTBOX.first(work, KEY)

    assert row is not None
    assert row.relation == relation


async def test_sealing_fixes_the_bytes_and_drops_the_text(database: Database) -> None:
    sealed = Sealed(ROOM, "m.room.encrypted", {"ciphertext": "xyz"})

    async with database.begin() as work:
        await OUTBOX.put(work, saying("one"), NOW)
        row = await OUTBOX.first(work, KEY)
        assert row is not None
        await OUTBOX.seal(work, row, sealed)
        again = await OUTBOX.first(work, KEY)

    assert again is not None
    assert (again.sealed, again.content, again.transaction_id) == (sealed, {}, row.transaction_id)


async def test_a_sent_message_is_known_by_name_and_by_event(database: Database) -> None:
    async with database.begin() as work:
        await OUTBOX.put(work, saying("one", name="alert/1"), NOW)
        row = await OUTBOX.first(work, KEY)
        assert row is not None
        await OUTBOX.close(work, row, EventID("$sent"))

        assert await outbox.event_of(work, "alert/1") == "$sent"
        assert await outbox.name_of(work, EventID("$sent")) == "alert/1"
        assert await OUTBOX.targets(work) == []


async def test_a_message_is_in_flight_between_sealing_and_the_answer(
    database: Database,
) -> None:
    async with database.begin() as work:
        await OUTBOX.put(work, saying("one"), NOW)
        row = await OUTBOX.first(work, KEY)
        assert row is not None
        before = await outbox.in_flight(work, ROOM)
        await OUTBOX.seal(work, row, Sealed(ROOM, "m.room.message", {}))
        during = await outbox.in_flight(work, ROOM)
        await OUTBOX.close(work, row, EventID("$sent"))
        after = await outbox.in_flight(work, ROOM)

    assert (before, during, after) == (False, True, False)


async def test_what_waits_in_the_outbox_cannot_be_read_in_the_database(
    database: Database,
) -> None:
    async with database.begin() as work:
        await OUTBOX.put(work, saying("gouden-lepel"), NOW)
        row = (await work.execute(outbox.outbox.select())).one()

    assert b"gouden-lepel" not in row.content


# -- rooms -------------------------------------------------------------------------------------


async def test_a_plan_comes_back_as_it_was(database: Database) -> None:
    wanted = plan(ANNA, BAS, parent=RoomKey("space"))

    async with database.begin() as work:
        await records.set_plans(work, [wanted])

        assert await records.plan_of(work, KEY) == wanted


async def test_a_new_plan_keeps_the_room_that_was_made(database: Database) -> None:
    async with database.begin() as work:
        await records.set_plans(work, [plan(ANNA)])
        await records.note_room(work, KEY, ROOM)
        await records.set_plans(work, [plan(BAS)])

        assert await records.plans(work) == [(plan(BAS), ROOM)]


async def test_a_room_that_is_planned_no_more_is_closed_to_everyone(
    database: Database,
) -> None:
    async with database.begin() as work:
        await records.set_plans(work, [plan(ANNA, parent=RoomKey("space"))])
        await records.note_room(work, KEY, ROOM)
        await records.set_membership(work, ROOM, ANNA, "join")
        await records.set_plans(work, [])

        assert await records.key_of(work, ROOM) is None
        assert await records.readers(work, ROOM) == set()
        assert await records.plans(work) == [(plan(), ROOM)]


async def test_only_who_is_in_the_room_and_belongs_there_may_have_its_keys(
    database: Database,
) -> None:
    carla = UserID("@carla:example.org")

    async with database.begin() as work:
        await records.set_plans(work, [plan(ANNA, BAS)])
        await records.note_room(work, KEY, ROOM)
        for user, membership in ((ANNA, "join"), (BAS, "invite"), (carla, "join")):
            await records.set_membership(work, ROOM, user, membership)

        assert await records.readers(work, ROOM) == {ANNA}


async def test_a_space_has_no_keys_to_share(database: Database) -> None:
    space = RoomPlan(
        RoomKey("space"), "gw_space", "Space", "", frozenset({ANNA}), Speech.NOBODY, space=True
    )

    async with database.begin() as work:
        await records.set_plans(work, [plan(ANNA), space])
        for key, room in ((KEY, ROOM), (space.key, RoomID("!space"))):
            await records.note_room(work, key, room)
            await records.set_membership(work, room, ANNA, "join")

        assert await shared.rooms_shared_with(work, [ANNA]) == {ROOM}


async def test_what_was_learned_while_the_state_was_asked_for_is_kept(
    database: Database,
) -> None:
    async with database.begin() as work:
        before = await records.memberships(work, ROOM)
        # Anna joined after the homeserver had answered that she was invited.
        await records.set_membership(work, ROOM, ANNA, "join")

        await records.correct_memberships(work, ROOM, before, {ANNA: "invite", BAS: "join"})

        assert await records.memberships(work, ROOM) == {ANNA: "join", BAS: "join"}


async def test_who_is_gone_from_the_state_is_gone_from_the_records(
    database: Database,
) -> None:
    async with database.begin() as work:
        await records.set_membership(work, ROOM, ANNA, "join")
        before = await records.memberships(work, ROOM)

        await records.correct_memberships(work, ROOM, before, {ANNA: "leave"})

        assert await records.memberships(work, ROOM) == {}
