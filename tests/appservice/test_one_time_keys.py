"""The bot's stock of one-time keys at the homeserver, so that anyone can write to it."""

from __future__ import annotations

import asyncio
import itertools
import json

from appservice.ids import UserID
from tests.appservice.conftest import ServiceFactory
from tests.appservice.running import Running
from tests.appservice.wire import Passed, Wire
from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease
from tests.harness.people import Person

_limits = itertools.count(1)


def stock_after(passed: Passed) -> int:
    counts = passed.answer["one_time_key_counts"]
    return int(counts.get("signed_curve25519", 0))


async def unused_fallback_keys(running: Running) -> list[str]:
    # A limit of its own: Synapse gives a remembered answer to a sync it was asked for before.
    limit = next(_limits)
    query = {"filter": json.dumps({"room": {"rooms": [], "timeline": {"limit": limit}}})}
    answer = await running.ask("GET", "sync", query=query)
    return list(answer["device_unused_fallback_key_types"])


async def use_up(member: Person, bot: UserID) -> None:
    """Claim one-time keys of the bot until the homeserver gives out the fallback key."""
    claim = {"one_time_keys": {bot: {"GOUDWACHT": "signed_curve25519"}}}
    while True:
        answer = await member.call("POST", "/keys/claim", claim)
        (key,) = answer["one_time_keys"][bot]["GOUDWACHT"].values()
        if key.get("fallback") is True:
            return


async def test_there_is_a_stock_of_one_time_keys_from_the_start(
    service: ServiceFactory, lease: AppserviceLease, wire: Wire
) -> None:
    await service(lease, [], wire=wire)

    await wire.saw("POST", "/keys/upload", lambda passed: stock_after(passed) >= 50)


async def test_there_is_a_fallback_key_from_the_start(
    service: ServiceFactory, lease: AppserviceLease
) -> None:
    running = await service(lease, [])

    assert await unused_fallback_keys(running) == ["signed_curve25519"]


async def test_the_stock_is_filled_up_when_it_has_been_used(
    service: ServiceFactory, lease: AppserviceLease, wire: Wire, person: PersonFactory
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna, wire=wire)
    claim = {"one_time_keys": {here.bot: {"GOUDWACHT": "signed_curve25519"}}}
    await asyncio.gather(*(anna.call("POST", "/keys/claim", claim) for _ in range(30)))
    used = len(wire.passed)

    # Whoever claims a key writes next: that is what wakes the sync.
    await anna.say(here.everyone, "hier is een sleutel gebruikt")

    await wire.saw(
        "POST",
        "/keys/upload",
        lambda passed: wire.passed.index(passed) >= used and stock_after(passed) >= 50,
    )


async def test_a_used_fallback_key_is_replaced(
    service: ServiceFactory, lease: AppserviceLease, wire: Wire, person: PersonFactory
) -> None:
    anna = await person("anna")
    here = await service.together(lease, anna, wire=wire)
    await use_up(anna, here.bot)
    used = len(wire.passed)

    await anna.say(here.everyone, "hier is een sleutel gebruikt")

    await wire.saw("POST", "/keys/upload", lambda passed: wire.passed.index(passed) >= used)
    assert await unused_fallback_keys(here.running) == ["signed_curve25519"]


async def test_who_finds_no_one_time_key_writes_with_the_fallback_key(
    service: ServiceFactory, lease: AppserviceLease, person: PersonFactory
) -> None:
    anna, bas = await person("anna"), await person("bas")
    here = await service.together(lease, anna)
    await use_up(anna, here.bot)

    await here.welcome(bas)
    await bas.say(here.everyone, "met de reservesleutel")

    await here.network.hears("met de reservesleutel")
