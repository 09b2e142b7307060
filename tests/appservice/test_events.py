"""Reading events that anybody may have made: nothing in one is taken on trust."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from appservice.events import (
    IN_CLEAR,
    MAXIMUM_DEPTH,
    BadEvent,
    Message,
    RoomEvent,
)
from appservice.ids import EventID, RoomID, UserID
from appservice.outside_text import storable
from appservice.reading import message_of
from tests.appservice.anything import JSON

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def event(content: dict[str, Any]) -> RoomEvent:
    return RoomEvent(
        EventID("$event"), RoomID("!room"), UserID("@anna:b"), "m.room.message", content, WHEN
    )


def message(**content: Any) -> Message:
    return message_of(event(content), "m.room.message", content, IN_CLEAR)


@given(JSON)
def test_whatever_comes_is_an_event_or_a_bad_event(raw: object) -> None:
    with contextlib.suppress(BadEvent):
        RoomEvent.parse(raw)


@given(st.dictionaries(st.sampled_from(["event_id", "room_id", "sender", "type"]), st.text()))
def test_what_an_event_is_known_by_can_be_stored(fields: dict[str, str]) -> None:
    raw = {
        "event_id": "$e",
        "room_id": "!r",
        "sender": "@a:b",
        "type": "t",
        "content": {},
        "origin_server_ts": 0,
        **fields,
    }
    with contextlib.suppress(BadEvent):
        parsed = RoomEvent.parse(raw)
        assert all(
            storable(value)
            for value in (parsed.event_id, parsed.room_id, parsed.sender, parsed.type)
        )


def test_content_as_deep_as_the_limit_is_taken() -> None:
    content: dict[str, Any] = {}
    for _ in range(MAXIMUM_DEPTH - 2):
        content = {"in": content}

    raw = {"event_id": "$e", "room_id": "!r", "sender": "@a:b", "type": "t", "content": content}

    assert RoomEvent.parse({**raw, "origin_server_ts": 0}).content == content


@given(st.dictionaries(st.text(), JSON))
def test_any_content_is_some_message(content: dict[str, Any]) -> None:
    read = message_of(event(content), "m.room.message", content, IN_CLEAR)

    assert isinstance(read.body, str)


@given(st.text())
def test_a_body_can_always_be_stored(body: str) -> None:
    assert storable(message(body=body).body, limit=10**6)


def test_a_text_message_is_read() -> None:
    read = message(msgtype="m.text", body="hallo")

    assert (read.msgtype, read.body, read.replaces) == ("m.text", "hallo", None)


def test_an_edit_says_what_its_new_content_says() -> None:
    read = message(
        msgtype="m.text",
        body="* nieuw",
        **{
            "m.new_content": {"msgtype": "m.text", "body": "nieuw"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": "$first"},
        },
    )

    assert (read.body, read.replaces) == ("nieuw", "$first")


def test_new_content_without_a_relation_is_no_edit() -> None:
    read = message(body="oud", **{"m.new_content": {"body": "nieuw"}})

    assert (read.body, read.replaces) == ("oud", None)


def test_a_reply_names_what_it_answers() -> None:
    read = message(body="ja", **{"m.relates_to": {"m.in_reply_to": {"event_id": "$question"}}})

    assert read.reply_to == "$question"


def test_in_a_thread_the_fallback_is_no_reply() -> None:
    relation = {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": "$last"},
    }

    read = message(body="ja", **{"m.relates_to": relation})

    assert (read.thread, read.reply_to) == ("$root", None)


def test_a_reply_in_a_thread_is_a_reply() -> None:
    relation = {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": False,
        "m.in_reply_to": {"event_id": "$question"},
    }

    read = message(body="ja", **{"m.relates_to": relation})

    assert (read.thread, read.reply_to) == ("$root", "$question")


def test_a_relation_to_something_that_is_no_event_id_is_none() -> None:
    relation = {"rel_type": "m.replace", "event_id": "no event"}

    assert message(body="x", **{"m.relates_to": relation}).replaces is None


def test_a_sticker_is_told_from_a_text_by_its_type() -> None:
    content = {"msgtype": "m.text", "body": "een sticker"}

    assert message_of(event(content), "m.sticker", content, IN_CLEAR).msgtype == "m.sticker"
