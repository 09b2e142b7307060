"""The strict clients themselves: what the other tests take for granted of them."""

from __future__ import annotations

import pytest

from tests.conftest import PersonFactory, StrictClientFactory
from tests.harness.strict_client import Engine, Shield, StrictClient

NO_SHIELD = "NONE"

pytestmark = pytest.mark.parametrize("engine", Engine, ids=lambda engine: engine.value)


async def together(
    strict_client: StrictClientFactory, engine: Engine
) -> tuple[StrictClient, StrictClient, str]:
    anna = await strict_client("anna", engine=engine)
    bas = await strict_client("bas", engine=engine)
    room = await anna.create_room("Werkplaats", invite=[bas.user_id])
    await bas.room_named("Werkplaats")
    await anna.sees_in(room, bas.user_id)
    return anna, bas, room


async def test_two_strict_clients_read_each_other_without_a_shield(
    strict_client: StrictClientFactory, engine: Engine
) -> None:
    anna, bas, room = await together(strict_client, engine)

    await anna.say(room, "Goedemorgen", html="<b>Goedemorgen</b>")
    heard = await bas.reads("Goedemorgen", room)
    await bas.say(room, "Ook goedemorgen")
    answer = await anna.reads("Ook", room)

    assert (heard.sender, heard.encrypted, heard.html) == (
        anna.user_id,
        True,
        "<b>Goedemorgen</b>",
    )
    assert (await bas.shield_of(heard), await anna.shield_of(answer)) == (
        Shield(NO_SHIELD, None),
        Shield(NO_SHIELD, None),
    )
    assert anna.withholding == bas.withholding == []
    assert anna.unreadable == bas.unreadable == []


async def test_a_strict_client_sees_edits_reactions_and_redactions(
    strict_client: StrictClientFactory, engine: Engine
) -> None:
    anna, bas, room = await together(strict_client, engine)
    said = await anna.say(room, "veertig")
    await bas.reads("veertig")

    await anna.edit(room, said, "vijftig")
    await bas.reads(lambda event: event.edits == said)
    await bas.react(room, said, "✅")
    reaction = await anna.reads(lambda event: event.reacts_to == said)
    assert (reaction.key, reaction.encrypted) == ("✅", False)
    assert bas.latest_text(room) == "vijftig"

    await anna.redact(room, said)
    await bas.reads(lambda event: event.type == "m.room.redaction")
    assert bas.text_of(said) is None


async def test_a_strict_client_and_a_signed_person_read_each_other(
    strict_client: StrictClientFactory, person: PersonFactory, engine: Engine
) -> None:
    anna, bas = await strict_client("anna", engine=engine), await person("bas")
    room = await anna.create_room("Werkplaats", invite=[bas.user_id])
    await anna.sees_in(room, bas.user_id)

    await anna.say(room, "Goedemorgen")
    await bas.reads("Goedemorgen")
    await bas.say(room, "Ook goedemorgen")
    await anna.reads("Ook")

    assert (bas.withheld, anna.withholding) == ([], [])


async def test_a_strict_client_keeps_its_keys_from_an_unsigned_device(
    strict_client: StrictClientFactory, person: PersonFactory, engine: Engine
) -> None:
    anna, bas = await strict_client("anna", engine=engine), await person("bas", cross_signed=False)
    room = await anna.create_room("Werkplaats", invite=[bas.user_id])
    await anna.sees_in(room, bas.user_id)

    await anna.say(room, "Goedemorgen")
    await bas.until(lambda: bas.withheld or None, "to be told that a key is withheld")

    assert [note.code for note in bas.withheld] == ["m.unverified"]
    assert [note.device_id for note in anna.withholding] == [bas.device.device_id]
    await bas.until(lambda: bas.unreadable or None, "to get what cannot be read")


async def test_a_strict_client_does_not_read_an_unsigned_device(
    strict_client: StrictClientFactory, person: PersonFactory, engine: Engine
) -> None:
    anna, bas = await strict_client("anna", engine=engine), await person("bas", cross_signed=False)
    room = await anna.create_room("Werkplaats", invite=[bas.user_id])
    await anna.sees_in(room, bas.user_id)

    said = await bas.say(room, "Goedemorgen")

    await anna.until(
        lambda: anna.failures.get(said) == "UNSIGNED_SENDER_DEVICE" or None,
        "to refuse a message from an unsigned device",
    )
