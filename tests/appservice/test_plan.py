"""What a room should be, and how far it is from that: functions of their arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.ids import RoomID, UserID, server_of
from appservice.rooms.plan import (
    Invite,
    Remove,
    Repair,
    RoomKey,
    RoomPlan,
    RoomState,
    SetState,
    Speech,
    Unban,
    created,
    creation,
    drift,
    guards,
    policy,
    power_levels,
    raised,
)

BOT = UserID("@goudwacht:example.org")
ANNA, BAS = UserID("@anna:example.org"), UserID("@bas:example.org")
CHILD = RoomID("!child")

users = st.sets(st.sampled_from([UserID(f"@{name}:example.org") for name in "abcdef"]))
plans = st.builds(
    RoomPlan,
    key=st.just(RoomKey("everyone")),
    alias=st.just("gw_everyone"),
    name=st.text(),
    topic=st.text(),
    members=users.map(frozenset),
    speech=st.sampled_from(Speech),
    space=st.booleans(),
    direct=st.booleans(),
)
Events = dict[tuple[str, str], Mapping[str, Any]]


def plan(*members: UserID, speech: Speech = Speech.REACTIONS, space: bool = False) -> RoomPlan:
    key = RoomKey("everyone")
    return RoomPlan(key, "gw_everyone", "Everyone", "About", frozenset(members), speech, space)


def made(wanted: RoomPlan) -> Events:
    """The state of a room just made from a plan, nobody invited yet."""
    return dict(created(wanted, BOT).events)


def repaired(events: Events, repairs: list[Repair]) -> Events:
    """The state after the homeserver has done what is asked."""
    after = dict(events)
    for repair in repairs:
        match repair:
            case SetState(kind, key, content):
                after[kind, key] = content
            case Invite(user):
                after["m.room.member", user] = {"membership": "invite"}
            case Remove(user) | Unban(user):
                after["m.room.member", user] = {"membership": "leave"}
    return after


@given(plans)
def test_a_room_just_made_lacks_nothing_but_its_members(wanted: RoomPlan) -> None:
    invited = created(wanted, BOT).members("invite")

    assert drift(wanted, RoomState(made(wanted)), BOT) == [
        Invite(user) for user in sorted(wanted.members - {BOT} - invited)
    ]


@given(wanted=plans, other=plans, inside=users, children=st.sets(st.just(CHILD)))
def test_after_the_repairs_nothing_is_left_to_repair(
    wanted: RoomPlan, other: RoomPlan, inside: set[UserID], children: set[RoomID]
) -> None:
    events = made(other)
    for user in inside:
        events["m.room.member", user] = {"membership": "join"}

    repairs = drift(wanted, RoomState(events), BOT, children)

    assert drift(wanted, RoomState(repaired(events, repairs)), BOT, children) == []


def test_somebody_who_was_given_power_is_drift() -> None:
    events = made(plan(ANNA))
    events["m.room.power_levels", ""] = {**power_levels(plan(ANNA)), "users": {BAS: 100}}

    repairs = drift(plan(), RoomState(events), BOT)

    assert repairs == [SetState("m.room.power_levels", "", power_levels(plan()))]


def test_a_kind_of_event_that_anyone_may_send_is_drift() -> None:
    events = made(plan())
    levels = power_levels(plan())
    levels["events"]["m.room.message"] = 0
    events["m.room.power_levels", ""] = levels

    repairs = drift(plan(), RoomState(events), BOT)

    assert repairs == [SetState("m.room.power_levels", "", power_levels(plan()))]


def test_what_a_homeserver_adds_of_its_own_is_no_drift() -> None:
    events = made(plan())
    levels = power_levels(plan())
    levels["events"]["org.example.setting"] = 100
    events["m.room.power_levels", ""] = {**levels, "historical": 100}
    events["m.room.encryption", ""] = {**events["m.room.encryption", ""], "org.example": 1}
    events["m.room.create", ""] = {"room_version": "12"}

    assert drift(plan(), RoomState(events), BOT) == []


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("m.room.join_rules", {"join_rule": "public"}),
        ("m.room.history_visibility", {"history_visibility": "shared"}),
        ("m.room.guest_access", {"guest_access": "can_join"}),
        ("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}),
        ("m.room.name", {"name": "Something else"}),
    ],
)
def test_a_changed_guard_is_put_back(kind: str, content: dict[str, Any]) -> None:
    events = made(plan())
    before = events[kind, ""]
    events[kind, ""] = content

    assert drift(plan(), RoomState(events), BOT) == [SetState(kind, "", before)]


@pytest.mark.parametrize(
    ("kind", "key", "content"),
    [
        (
            "im.vector.modular.widgets",
            "w1",
            {"url": "https://elsewhere.example", "type": "m.custom"},
        ),
        ("m.room.pinned_events", "", {"pinned": ["$1"]}),
        ("m.room.third_party_invite", "token", {"display_name": "e…@example.com"}),
        ("m.room.canonical_alias", "", {"alias": "#juweliers:example.org"}),
        ("m.room.canonical_alias", "", {"alias": "#gw_everyone:x", "alt_aliases": ["#a:x"]}),
        ("m.space.child", "!elsewhere", {"via": ["example.org"]}),
        ("m.room.join_rules", "another key", {"join_rule": "public"}),
    ],
)
def test_what_somebody_added_is_emptied(kind: str, key: str, content: dict[str, Any]) -> None:
    events = {**made(plan()), (kind, key): content}

    assert drift(plan(), RoomState(events), BOT) == [SetState(kind, key, {})]


def test_what_the_homeserver_and_an_operator_give_a_room_stays() -> None:
    events = {
        **made(plan()),
        ("m.room.canonical_alias", ""): {"alias": "#gw_everyone:example.org"},
        ("m.room.avatar", ""): {"url": "mxc://example.org/picture"},
    }

    assert drift(plan(), RoomState(events), BOT) == []


def test_a_list_of_servers_where_none_is_planned_is_opened_and_not_emptied() -> None:
    # An empty one would keep every homeserver out, our own among them.
    events = {**made(plan()), ("m.room.server_acl", ""): {"allow": ["elsewhere.example"]}}

    (repair,) = drift(plan(), RoomState(events), BOT)
    assert isinstance(repair, SetState)
    assert repair.content["allow"] == ["*"]
    assert guards(plan(), "m.room.server_acl", repair.content)


def test_who_does_not_belong_is_removed_before_anyone_is_invited() -> None:
    events = made(plan())
    events["m.room.member", BAS] = {"membership": "join"}

    assert drift(plan(ANNA), RoomState(events), BOT) == [Remove(BAS), Invite(ANNA)]


def test_an_invitation_that_should_not_be_is_withdrawn() -> None:
    events = made(plan())
    events["m.room.member", BAS] = {"membership": "invite"}

    assert drift(plan(), RoomState(events), BOT) == [Remove(BAS)]


def test_a_ban_of_who_belongs_is_lifted_before_they_are_invited() -> None:
    wanted = plan(ANNA)
    state = RoomState({**made(wanted), ("m.room.member", ANNA): {"membership": "ban"}})

    assert drift(wanted, state, BOT) == [Unban(ANNA), Invite(ANNA)]


class TestGuards:
    @pytest.mark.parametrize("kind", [*policy(plan()), "m.room.power_levels"])
    def test_hold_in_a_room_as_it_was_made(self, kind: str) -> None:
        assert guards(plan(), kind, made(plan())[kind, ""])

    @pytest.mark.parametrize("kind", [*policy(plan()), "m.room.power_levels"])
    def test_do_not_hold_when_one_is_emptied(self, kind: str) -> None:
        assert not guards(plan(), kind, {})

    @pytest.mark.parametrize(
        ("kind", "change"),
        [
            ("m.room.join_rules", {"join_rule": "public"}),
            ("m.room.history_visibility", {"history_visibility": "world_readable"}),
            ("m.room.encryption", {"algorithm": "none"}),
            ("m.room.power_levels", {"users": {ANNA: 100}}),
            ("m.room.power_levels", {"invite": 0}),
            ("m.room.power_levels", {"events": {"m.room.encryption": 0}}),
        ],
    )
    def test_do_not_hold_when_one_is_weakened(self, kind: str, change: dict[str, Any]) -> None:
        assert not guards(plan(), kind, {**made(plan())[kind, ""], **change})

    def test_are_not_concerned_with_a_rooms_name(self) -> None:
        assert guards(plan(), "m.room.name", {"name": "Another"})

    def test_do_not_let_a_widget_in(self) -> None:
        assert not guards(plan(), "im.vector.modular.widgets", {"url": "https://elsewhere.example"})
        assert guards(plan(), "im.vector.modular.widgets", {})

    def test_name_whom_power_was_given(self) -> None:
        assert raised({"users": {BAS: 100, ANNA: 1, BOT: 0}}) == (ANNA, BAS)

    @given(st.dictionaries(st.text(), st.one_of(st.none(), st.integers(), st.text(), st.just({}))))
    def test_are_asked_of_anything_that_a_homeserver_may_send(self, content: Any) -> None:
        assert not guards(plan(), "m.room.power_levels", content)
        assert isinstance(raised(content), tuple)


def test_the_bot_is_neither_invited_nor_removed() -> None:
    assert drift(plan(BOT), RoomState(made(plan())), BOT) == []


def test_a_space_takes_its_rooms_in_and_lets_others_go() -> None:
    space = plan(speech=Speech.NOBODY, space=True)
    events = made(space)
    events["m.space.child", "!gone"] = {"via": ["example.org"]}

    repairs = drift(space, RoomState(events), BOT, [CHILD])

    assert repairs == [
        SetState("m.space.child", CHILD, {"via": ["example.org"], "suggested": True}),
        SetState("m.space.child", "!gone", {}),
    ]


@pytest.mark.parametrize("speech", [Speech.REACTIONS, Speech.NOBODY])
def test_where_only_the_bot_speaks_nobody_else_may_send_a_message(speech: Speech) -> None:
    levels = power_levels(plan(speech=speech))

    assert levels["events_default"] > levels["users_default"]


def test_where_people_may_react_they_may_take_it_back() -> None:
    events = power_levels(plan(speech=Speech.REACTIONS))["events"]

    assert (events["m.reaction"], events["m.room.redaction"]) == (0, 0)


def test_nobody_stands_in_the_power_levels() -> None:
    # A creator must not, in room version 12, and nobody else is to have any.
    assert power_levels(plan(ANNA))["users"] == {}


def test_every_room_is_encrypted_but_a_space() -> None:
    assert ("m.room.encryption", "") in made(plan())
    assert ("m.room.encryption", "") not in made(plan(space=True))


def test_a_room_for_one_person_invites_them_as_it_is_made() -> None:
    wanted = replace(plan(ANNA), direct=True)

    assert creation(wanted, server_of(BOT))["invite"] == [ANNA]
    assert drift(wanted, RoomState(made(wanted)), BOT) == []


def test_somebody_of_another_homeserver_is_invited_when_the_room_is_there() -> None:
    pim = UserID("@pim:police.example")
    wanted = replace(plan(pim), direct=True)

    assert creation(wanted, server_of(BOT))["invite"] == []
    assert drift(wanted, RoomState(made(wanted)), BOT) == [Invite(pim)]
