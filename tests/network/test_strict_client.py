"""People on a client that speaks with signed devices only, and shows what is amiss."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import StrictClientFactory
from tests.databases import DATABASES
from tests.harness.leases import AppserviceLease
from tests.harness.strict_client import Engine, Shield, StrictClient
from tests.harness.synapse import Synapse
from tests.harness.timeline import Seen
from tests.network.guild import edit_of, number_in, people, report, word
from tests.network.network import HERE, Network

NO_SHIELD = Shield("NONE", None)


async def test_report_approval_and_alert_are_read_without_a_shield_and_no_key_is_withheld(
    strict_client: StrictClientFactory,
    synapse: Synapse,
    lease: AppserviceLease,
    tmp_path: Path,
) -> None:
    anna, mia = [await strict_client(name, engine=Engine.JS_SDK) for name in ("anna", "mia")]
    bas, piet = [await strict_client(name, engine=Engine.RUST_CRYPTO) for name in ("bas", "piet")]
    everyone, own = (anna, bas, mia, piet), word()
    network = Network(synapse, lease, tmp_path, await DATABASES.empty(tmp_path))
    await network.start(
        **people(members=[(anna, HERE, {}), (bas, HERE, {})], moderators=[mia], liaisons=[piet])
    )
    try:
        private, review = await network.private(anna), await network.review(mia)
        alerts, police = await network.alerts(bas), await network.police(piet)
        read: list[tuple[StrictClient, Seen]] = []

        async def reads(who: StrictClient, what: object, room: str) -> Seen:
            seen = await who.reads(what, room)  # type: ignore[arg-type]
            read.append((who, seen))
            return seen

        await reads(anna, "Welkom bij", private)
        await anna.say(private, report(own))
        await reads(anna, lambda seen: seen.sender == network.bot and own in seen.body, private)
        await anna.say(private, "!verstuur")
        card = await reads(mia, own, review)
        await network.restart()
        await mia.react(review, card.event_id, "👮")
        await reads(bas, own, alerts)
        await reads(piet, own, police)
        await reads(anna, f"#{number_in(card)} is gedeeld", private)
        await reads(mia, edit_of(card), review)

        assert [await who.shield_of(seen) for who, seen in read] == [NO_SHIELD] * len(read)
        assert [who.withheld for who in everyone] == [[]] * 4
        assert [who.withholding for who in everyone] == [[]] * 4
        assert [who.unreadable for who in everyone] == [[]] * 4
    finally:
        await network.stop()
