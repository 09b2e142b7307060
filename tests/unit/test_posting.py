"""Pictures, sound, files and words in reactions: nothing of them is kept, in any room of ours."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from appservice.database import metadata
from appservice.events import IN_CLEAR, Message, Reaction, RoomEvent, Secrecy
from appservice.ids import EventID, RoomID, UserID
from appservice.reading import message_of
from appservice.rooms.errands import Errand, errands
from bridge.places import AlertRoom, LiaisonRoom, Place, PrivateRoom, ReviewRoom, key_of
from bridge.posting import Posted, is_emoji, posted
from bridge.wording import Language
from tests.unit.example import (
    ANNA,
    BAS,
    CONFIGURATION,
    ELSEWHERE,
    HERE,
    MIA,
    NOW,
    OLGA,
    PIET,
    STRANGER,
)
from tests.unit.stage import SIGNED, Stage

FILE = "mxc://example.org/a"
BODY = "zilvermeeuw.jpg"
"""Stands in everything that is posted here."""

_FILED = {"body": BODY, "url": FILE, "info": {"mimetype": "image/jpeg"}}
_SEALED_FILE = {"body": BODY, "file": {"url": FILE, "key": {}, "iv": "", "hashes": {}}}


def _said(msgtype: str, **more: Any) -> tuple[str, Mapping[str, Any]]:
    return "m.room.message", {"msgtype": msgtype, **_FILED, **more}


def _related(**relation: Any) -> tuple[str, Mapping[str, Any]]:
    return _said("m.image", **{"m.relates_to": relation})


POSTED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "a picture": _said("m.image"),
    "a picture, sealed": ("m.room.message", {"msgtype": "m.image", **_SEALED_FILE}),
    "a picture with a caption": _said("m.image", filename="a.jpg", body=f"!melding {BODY}"),
    "a video": _said("m.video"),
    "sound": _said("m.audio"),
    "a voice message": _said("m.audio", **{"org.matrix.msc3245.voice": {}}),
    "a file": _said("m.file"),
    "a sticker": ("m.sticker", _FILED),
    "a place": ("m.room.message", {"msgtype": "m.location", "body": BODY, "geo_uri": "geo:52,5"}),
    "a moving place": ("m.beacon", {"body": BODY, "m.location": {"uri": "geo:52,5"}}),
    "several pictures": _said("dm.filament.gallery", itemtypes=[_FILED]),
    "an extensible picture": ("m.image", {"m.text": BODY, "m.file": {"url": FILE}}),
    "an extensible voice": ("org.matrix.msc1767.audio", {"body": BODY, "org.msc.file": [FILE]}),
    "a picture in an answer": _related(**{"m.in_reply_to": {"event_id": "$first"}}),
    "a picture in a thread": _related(rel_type="m.thread", event_id="$first"),
    "a picture for a text": (
        "m.room.message",
        {
            "msgtype": "m.text",
            "body": BODY,
            "m.new_content": {"msgtype": "m.image", **_FILED},
            "m.relates_to": {"rel_type": "m.replace", "event_id": "$first"},
        },
    ),
    "a text for a picture": (
        "m.room.message",
        {
            "msgtype": "m.image",
            **_FILED,
            "m.new_content": {"msgtype": "m.text", "body": BODY},
            "m.relates_to": {"rel_type": "m.replace", "event_id": "$first"},
        },
    ),
    "a picture within a text": (
        "m.room.message",
        {"msgtype": "m.text", "body": BODY, "formatted_body": f'<img src="{FILE}">'},
    ),
    "a preview with a picture": (
        "m.room.message",
        {"msgtype": "m.text", "body": BODY, "com.beeper.linkpreviews": [{"og:image": FILE}]},
    ),
    "what nobody knows yet": ("org.example.hologram", {"body": BODY}),
}
"""Every way to post what is no text, as clients have them."""

ROOMS: Mapping[str, tuple[UserID, Place]] = {
    "private": (ANNA, PrivateRoom(ANNA)),
    "private, English": (BAS, PrivateRoom(BAS)),
    "review": (MIA, ReviewRoom()),
    "liaison": (PIET, LiaisonRoom(HERE)),
}


_numbers = itertools.count(1)


@pytest.fixture
def event() -> EventID:
    """An event that no other test has."""
    return EventID(f"$posted-{next(_numbers)}")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """One for all: what is posted here leaves nothing by which tests could disturb others."""
    stage = Stage(CONFIGURATION)
    await stage.set()
    yield stage
    await stage.close()


def read(
    event: EventID,
    who: UserID,
    place: Place,
    kind: str,
    content: Mapping[str, Any],
    secrecy: Secrecy = SIGNED,
) -> Message:
    raw = RoomEvent(event, RoomID(f"!{key_of(place)}"), who, kind, content, NOW)
    return message_of(raw, kind, content, secrecy)


async def is_removed(stage: Stage, event: EventID) -> bool:
    """Whether the homeserver is asked to redact an event."""
    async with stage.database.read() as work:
        asked = select(errands).where(errands.c.event_id == event)
        return {row.kind for row in await work.execute(asked)} == {Errand.REDACT}


async def stored(stage: Stage) -> str:
    async with stage.database.read() as work:
        rows = [(await work.execute(select(table))).all() for table in metadata.sorted_tables]
    return repr(rows)


class TestWhatIsNoText:
    @pytest.mark.parametrize("secrecy", [SIGNED, IN_CLEAR], ids=["encrypted", "in clear"])
    @pytest.mark.parametrize("room", ROOMS)
    @pytest.mark.parametrize("what", POSTED)
    async def test_is_removed_and_not_kept_and_its_sender_told_why(
        self, stage: Stage, event: EventID, what: str, room: str, secrecy: Secrecy
    ) -> None:
        who, place = ROOMS[room]
        (told,) = await stage.happens(read(event, who, place, *POSTED[what], secrecy))

        assert told.template == "refusal/no_files"
        assert told.language is (Language.EN if who == BAS else Language.NL)
        assert await is_removed(stage, event)
        assert [word for word in (BODY, FILE) if word in await stored(stage)] == []

    @pytest.mark.parametrize("who", [ANNA, MIA, STRANGER])
    @pytest.mark.parametrize("what", ["a picture", "a sticker", "what nobody knows yet"])
    async def test_is_removed_from_an_alert_room_without_a_word(
        self, stage: Stage, event: EventID, what: str, who: UserID
    ) -> None:
        assert await stage.happens(read(event, who, AlertRoom(HERE), *POSTED[what])) == []
        assert await is_removed(stage, event)


class TestTextsAndTalk:
    @pytest.mark.parametrize("msgtype", ["m.text", "m.notice", "m.emote"])
    async def test_words_are_read(self, stage: Stage, event: EventID, msgtype: str) -> None:
        said = await stage.says(ANNA, PrivateRoom(ANNA), "!mijn", msgtype=msgtype, event=event)

        assert [one.template for one in said] == ["report/mine"]
        assert not await is_removed(stage, event)

    @pytest.mark.parametrize("place", [ReviewRoom(), LiaisonRoom(HERE)])
    @pytest.mark.parametrize("kind", ["m.poll.start", "org.matrix.msc3381.poll.start", "m.call.x"])
    async def test_who_talk_among_themselves_are_left_to_it(
        self, stage: Stage, event: EventID, kind: str, place: Place
    ) -> None:
        who = MIA if isinstance(place, ReviewRoom) else PIET
        assert await stage.says(who, place, "!ok #1", msgtype=kind, event=event) == []
        assert not await is_removed(stage, event)

    async def test_devices_that_verify_each_other_are_left_alone(
        self, stage: Stage, event: EventID
    ) -> None:
        kind, place = "m.key.verification.request", PrivateRoom(ANNA)
        assert await stage.says(ANNA, place, "verify", msgtype=kind, event=event) == []
        assert not await is_removed(stage, event)

    def test_an_address_of_a_file_that_is_typed_is_text(self, event: EventID) -> None:
        content = {"msgtype": "m.text", "body": FILE}
        assert not read(event, ANNA, PrivateRoom(ANNA), "m.room.message", content).media


def tap(event: EventID, who: UserID, place: Place, key: str) -> Reaction:
    room, name = RoomID(f"!{key_of(place)}"), f"case/1/alert/{HERE}"
    return Reaction(room, event, who, NOW, EventID("$alert"), name, key)


class TestAReaction:
    @pytest.mark.parametrize("place", [AlertRoom(HERE), ReviewRoom(), LiaisonRoom(HERE)])
    @pytest.mark.parametrize(
        "key", ["Kevin de Vries", "06-12345678", FILE, "🅺🅴🆅🅸🅽", "👍👍", "plus 1"]
    )
    async def test_that_says_something_is_removed(
        self, stage: Stage, event: EventID, key: str, place: Place
    ) -> None:
        await stage.happens(tap(event, OLGA, place, key))

        assert await is_removed(stage, event)
        assert key not in await stored(stage)

    @pytest.mark.parametrize(
        ("who", "place", "told"),
        [
            (ANNA, AlertRoom(HERE), PrivateRoom(ANNA)),
            (BAS, AlertRoom(ELSEWHERE), PrivateRoom(BAS)),
            (MIA, ReviewRoom(), ReviewRoom()),
            (PIET, LiaisonRoom(HERE), LiaisonRoom(HERE)),
        ],
        ids=["alert", "alert, English", "review", "liaison"],
    )
    async def test_that_says_something_tells_its_sender_why_once_a_day(
        self, stage: Stage, who: UserID, place: Place, told: Place
    ) -> None:
        for number in range(2):
            await stage.happens(tap(EventID(f"$tap-{who}-{number}"), who, place, "Kevin"))

        async with stage.database.read() as work:
            outbox = metadata.tables["outbox"]
            named = outbox.c.name.startswith(f"reaction in words/{who}/")
            targets = (await work.execute(select(outbox.c.target).where(named))).scalars()
        assert list(targets) == [key_of(told)]

    async def test_of_a_stranger_is_removed_without_a_word(
        self, stage: Stage, event: EventID
    ) -> None:
        assert await stage.happens(tap(event, STRANGER, AlertRoom(HERE), "Kevin")) == []
        assert await is_removed(stage, event)

    async def test_that_is_an_emoji_stays(self, stage: Stage, event: EventID) -> None:
        assert await stage.happens(tap(event, ANNA, AlertRoom(HERE), "👍🏽")) == []
        assert not await is_removed(stage, event)


@pytest.mark.parametrize(
    "key",
    [
        *(
            "👍",
            "👍🏽",
            "👀",
            "❤️",
            "❤",
            "✅",
            "❌",
            "❓",
            "➕",
            "‼️",
            "©️",
            "㊙️",
            "🅰️",
            "〰️",
            "1️⃣",
            "#⃣",
        ),
        *("🇳🇱", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "🤷🏻‍♀️", "👨‍👩‍👧‍👦", "👩🏽‍❤️‍💋‍👨🏿"),
    ],
)
def test_one_sign_is_an_emoji(key: str) -> None:
    assert is_emoji(key)


@pytest.mark.parametrize(
    "key",
    ["", "a", "1", "ok", ":ok:", "+1", "👍👍", "🇰🇪🇻", "🅺\u200d🅴\u200d🆅", "\u200d", "👍 Kevin", "!"],
)
def test_letters_and_more_than_one_sign_are_none(key: str) -> None:
    assert not is_emoji(key)


@given(st.text(min_size=1, max_size=30))
def test_no_reaction_makes_it_stumble_and_none_has_two_letters(key: str) -> None:
    assert not is_emoji(key) or sum(sign.isalpha() for sign in key) < 2


@given(st.text(max_size=40))
def test_every_kind_of_event_with_a_file_is_a_thing(kind: str) -> None:
    assert posted(kind, media=True) is Posted.THING
