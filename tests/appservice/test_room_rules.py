"""What members may do in a room where only the bot speaks."""

from __future__ import annotations

import pytest

from appservice.events import Redaction
from tests.appservice.conftest import Together
from tests.harness.device import HomeserverRefusedError
from tests.harness.messages import text
from tests.harness.people import Person
from tests.harness.timeline import Seen


async def notice(here: Together, anna: Person, words: str) -> Seen:
    await anna.say(here.direct[0], f"notice {words}")
    return await anna.reads(words, here.reactions)


async def test_a_member_cannot_post(here: Together, anna: Person) -> None:
    with pytest.raises(HomeserverRefusedError) as refusal:
        await anna.device.send_in_clear(here.reactions, "m.room.message", text("hallo"))

    assert refusal.value.errcode == "M_FORBIDDEN"


async def test_a_member_cannot_post_encrypted_either(here: Together, anna: Person) -> None:
    with pytest.raises(HomeserverRefusedError) as refusal:
        await anna.device.send_in_clear(here.reactions, "m.room.encrypted", {"ciphertext": ""})

    assert refusal.value.errcode == "M_FORBIDDEN"


async def test_a_member_can_react_and_take_the_reaction_back(here: Together, anna: Person) -> None:
    seen = await notice(here, anna, "reageer hierop")
    reaction = await anna.react(here.reactions, seen.event_id, "👍")

    await anna.redact(here.reactions, reaction)

    await here.network.sees(Redaction, lambda event: event.redacts == reaction)


async def test_a_member_cannot_take_back_what_the_bot_said(here: Together, anna: Person) -> None:
    seen = await notice(here, anna, "blijft staan")

    with pytest.raises(HomeserverRefusedError) as refusal:
        await anna.redact(here.reactions, seen.event_id)

    assert refusal.value.errcode == "M_FORBIDDEN"


async def test_a_member_cannot_invite(here: Together, anna: Person) -> None:
    with pytest.raises(HomeserverRefusedError) as refusal:
        await anna.invite(here.everyone, "@somebody:goudwacht.test")

    assert refusal.value.errcode == "M_FORBIDDEN"
