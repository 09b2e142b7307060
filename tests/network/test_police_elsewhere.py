"""The police on a homeserver of their own: read, answer, be away, come back, be withdrawn.

Their homeserver may be killed before, while and after an alert is relayed, and be wrong about the
time; it may make up what its users do.

Shown elsewhere: that ours may be killed in the middle of it (tests/command_line/test_killed.py),
that a homeserver which hangs holds up nobody, that a device added meanwhile reads what its owner
missed (tests/appservice/test_other_homeservers.py), and that a late alert says so
(tests/appservice/test_lateness.py).
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import capparser
import pytest
import pytest_asyncio

from appservice.ids import EventID, RoomID
from tests.conftest import PersonFactory, StrictClientFactory
from tests.harness.federation import gave_up_on
from tests.harness.files import opened
from tests.harness.people import Person
from tests.harness.strict_client import Engine, Shield, StrictClient
from tests.harness.synapse import Synapse
from tests.harness.timeline import Seen
from tests.network.country import Country, set_up
from tests.network.guild import number_in, report, word
from tests.network.network import HERE, Network

NO_SHIELD = Shield("NONE", None)
ROUNDS = 2
WRONG_BY = 90.0
"""Seconds by which their clock is ahead, for a while."""
RETURNS_WITHIN = 60.0
"""Seconds after its homeserver's return in which the police must have read what they missed: mostly
a few, and most of those are that homeserver's own start and its catching up."""
HALF_A_MINUTE = 30.0
"""Seconds that our homeserver waits for another to tell the devices of who just came."""
NOISE = 6.0
"""Seconds by which two equal ways may differ on a busy machine; who waits for a homeserver that is
down waits ten."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def country(run_directory: Path, tmp_path_factory: Any) -> AsyncIterator[Country]:
    async with set_up(run_directory / "police", tmp_path_factory.mktemp) as made:
        yield made


async def test_an_officer_reads_the_alert_and_its_file_and_says_so(country: Country) -> None:
    own, _ = await country.shared()
    alert = await country.piet.reads(own, country.police)
    file = await country.piet.reads(is_file, country.police, after=alert)
    cap = capparser.parse(stringXML=(await opened(country.piet, country.theirs, file)).decode())
    await country.piet.react(country.police, alert.event_id, "👍")
    await country.mia.reads(re.compile(rf"heeft #{number_in(alert)} ontvangen"), country.review)

    assert own in str(cap.info[0][0].description[0])


async def test_a_jeweller_there_reports_and_reads_as_those_here_do(country: Country) -> None:
    ans, own = country.ans, word()
    private, alerts = await asyncio.gather(
        country.network.private(ans), country.network.alerts(ans)
    )
    await ans.say(private, report(own))
    await ans.reads("Klopt het?", private)
    await ans.say(private, "!verstuur")
    card = await country.mia.reads(own, country.review)
    await country.mia.say(country.review, f"!ok #{number_in(card)}")
    await asyncio.gather(country.anna.reads(own, country.alerts), ans.reads(own, alerts))

    assert ans.unreadable == []


async def test_an_officer_reads_a_reconnaissance_before_any_member(country: Country) -> None:
    own, card = await country.submitted("voorverkenning")
    await country.mia.react(country.review, card.event_id, "✅")
    await country.piet.reads(own, country.police)
    question = await country.mia.reads("De leden weten nog niets", country.review, after=card)
    before = alerts(country.anna, country.alerts, own)
    await country.mia.react(country.review, question.event_id, "✅")
    await country.anna.reads(own, country.alerts)

    assert before == 0


async def test_a_tap_made_up_on_their_homeserver_approves_nothing(country: Country) -> None:
    own, card = await country.submitted()
    review = await country.network.review(country.max)
    await country.max.reads(own, review)
    reaction = {
        "m.relates_to": {"rel_type": "m.annotation", "event_id": card.event_id, "key": "✅"}
    }
    await forged(country, country.max, review, "m.reaction", reaction)

    await country.mia.reads("telt niet", country.review, after=card)
    assert [
        s for s in country.anna.timeline(country.alerts) if f"#{number_in(card)}" in s.body
    ] == []


async def test_their_homeserver_may_die_of_an_alert_and_come_back_with_a_wrong_clock(
    country: Country,
) -> None:
    own, card = await country.submitted()
    number = number_in(card)
    await country.mia.say(country.review, f"!ok #{number} +politie")
    await country.theirs.kill()
    await country.theirs.start(ahead=WRONG_BY)
    alert = await country.piet.reads(own, country.police, timeout=RETURNS_WITHIN)
    told = await country.piet.say(country.police, f"!afloop #{number} {own} aangehouden")
    word_ = await country.mia.reads("aangehouden", country.review, after=card)
    await country.mia.react(country.review, word_.event_id, "✅")
    await country.piet.reads("aangehouden", country.police, after=alert)
    sent = await country.network.ask("GET", "rooms", country.police, "event", told)

    assert sent["origin_server_ts"] / 1000 - time.time() > WRONG_BY / 2
    assert alerts(country.piet, country.police, own) == 1
    assert country.piet.unreadable == []


async def test_members_wait_for_no_homeserver_that_is_down_and_the_police_read_on_its_return(
    country: Country,
) -> None:
    up = [await country.shared() for _ in range(ROUNDS)]
    alert = await country.piet.reads(up[0][0], country.police)
    await country.theirs.kill()
    down = [await country.shared() for _ in range(ROUNDS)]
    news = word()
    await country.mia.say(country.review, f"!update #{number_in(alert)} {news}")
    await country.theirs.start()
    for own in (*(own for own, _ in down), news):
        await country.piet.reads(own, country.police, timeout=RETURNS_WITHIN)

    assert min(took for _, took in down) <= 1.1 * min(took for _, took in up) + NOISE
    assert country.piet.unreadable == []


async def test_who_joins_from_a_homeserver_that_hangs_has_nobody_here_wait(
    country: Country, tmp_path: Path
) -> None:
    far = PersonFactory(country.theirs, tmp_path)
    nel = await far("nel")
    await country.mia.say(country.review, f"!rol {nel.user_id} moderator")
    await country.mia.sees_in(country.review, nel.user_id)
    country.theirs.hang()
    try:
        began = time.monotonic()
        await country.submitted()
        took = time.monotonic() - began
    finally:
        country.theirs.resume()
        await far.see_off()

    assert took < HALF_A_MINUTE / 2


async def test_after_a_night_away_the_police_read_at_once_what_came_late(country: Country) -> None:
    network, here = country.network, country.network.synapse
    own, _ = await country.shared()
    alert, logged = await country.piet.reads(own, country.police), len(network.log.lines)
    await country.theirs.kill()
    told = [word() for _ in range(4)]
    for news in told:
        await country.mia.say(country.review, f"!update #{number_in(alert)} {news}")
        await country.anna.reads(news, country.alerts)
    await network.log.says(f"{country.theirs.server_name} is away", after=logged)
    # Ours are started anew meanwhile, and our homeserver would try theirs again in the evening.
    await asyncio.gather(network.stop(), here.stop())
    gave_up_on(country.theirs.server_name, here.database, after=timedelta(hours=12))
    await here.start()
    await asyncio.gather(network.start(), country.theirs.start())
    read = await country.piet.reads(told[-1], country.police, timeout=RETURNS_WITHIN)
    late = await country.piet.reads("NAGEKOMEN", country.police, after=alert)

    assert f"#{number_in(alert)}" in read.body
    assert f"!zaak #{number_in(alert)}" in late.body
    assert country.piet.unreadable == []


@pytest.mark.usefixtures("_able_to_be_strict")
async def test_clients_that_trust_signed_devices_alone_read_everything_there_with_no_shield(
    country: Country, tmp_path: Path
) -> None:
    network, mia, theirs = country.network, country.mia, country.theirs
    strict = StrictClientFactory(theirs, tmp_path)
    jet, rob = officers = [await strict(engine.value, engine=engine) for engine in Engine]
    try:
        for officer in officers:
            await mia.say(country.review, f"!regio politie {HERE} {officer.user_id}")
        (room,) = {await network.police(officer) for officer in officers}
        own, _ = await country.shared()
        alert = await jet.reads(own, room)
        number = number_in(alert)
        await rob.say(room, f"!zaak #{number}")
        await jet.say(room, f"!afloop #{number} {own} gepakt")
        word_ = await mia.reads(f"{own} gepakt", country.review)
        await mia.react(country.review, word_.event_id, "✅")
        await jet.reads(lambda seen: "gepakt" in seen.body and seen.sender == network.bot, room)
        await theirs.kill()
        await mia.say(country.review, f"!update #{number} {own} nog een spoor")
        missed, _ = await country.shared()
        await theirs.start()
        for officer in officers:
            later = await officer.reads(missed, room, timeout=RETURNS_WITHIN)
            await officer.reads("nog een spoor", room)
            await officer.reads(is_file, room, after=later)
        # What one of them has by now, the other has a moment later, if not yet.
        everything = {i for officer in officers for i in said_since(alert, officer, network)}
        for officer in officers:
            got = partial(readable, everything, alert, officer, network)
            said = await officer.until(got, "to read what the other got")
            assert len(said) >= len(["alert", "file", "case", "outcome", "update", "alert", "file"])
            shields = [await officer.shield_of(seen) for seen in said]
            assert shields == [NO_SHIELD] * len(shields)
            assert (officer.withheld, officer.withholding) == ([], [])
    finally:
        await strict.see_off()


async def test_no_room_lets_in_a_homeserver_that_nobody_named(country: Country) -> None:
    rooms = (country.private, country.review, country.alerts, country.police)
    kinds = ("m.room.join_rules", "m.room.history_visibility", "m.room.server_acl")
    guards = await asyncio.gather(
        *(
            country.network.ask("GET", "rooms", room, "state", kind)
            for room in rooms
            for kind in kinds
        )
    )
    said = await country.mia.say(country.review, f"!uitnodigen @derde:elders.example {HERE}")
    await country.mia.reads(
        lambda seen: "elders.example" in seen.body and seen.event_id != said, country.review
    )

    named = {country.network.lease.server_name, country.theirs.server_name}
    let_in = sorted({"127.0.0.1", "localhost", *named})
    wanted = [
        {"join_rule": "invite"},
        {"history_visibility": "joined"},
        {"allow": let_in, "deny": [], "allow_ip_literals": True},
    ]
    assert guards == wanted * len(rooms)


async def test_a_homeserver_that_is_put_out_is_out_without_a_restart(country: Country) -> None:
    network, piet, name = country.network, country.piet, country.theirs.server_name
    await country.mia.say(country.review, f"!server uit {name}")
    await piet.removed_from(country.police)
    own, card = await country.submitted()
    await country.mia.say(country.review, f"!ok #{number_in(card)}")
    await country.anna.reads(own, country.alerts)
    let_in = await asyncio.gather(
        *(
            network.ask("GET", "rooms", room, "state", "m.room.server_acl")
            for room in (country.alerts, country.police)
        )
    )

    # The liaison room is closed: nobody else was in it.
    assert [acl["allow"] for acl in let_in] == [["127.0.0.1", network.lease.server_name]] * 2
    assert [seen for seen in piet.timeline() if own in seen.body] == []
    assert await joined(piet, country.theirs, country.police, network) == 403

    await country.mia.say(country.review, f"!server aan {name}")
    room = await network.police(piet)
    own, _ = await country.shared()
    await piet.reads(own, room)


async def test_a_homeserver_that_is_withdrawn_is_out_at_once(country: Country) -> None:
    # The last test of this module: it leaves nobody there.
    network, piet = country.network, country.piet
    await network.restart(federation={"allowed_servers": []})
    await country.mia.reads(f"{piet.user_id} doet niet mee", country.review)
    await piet.removed_from(country.police)
    own, card = await country.submitted()
    await country.mia.say(country.review, f"!ok #{number_in(card)}")
    await country.anna.reads(own, country.alerts)
    acl = await network.ask("GET", "rooms", country.alerts, "state", "m.room.server_acl")

    assert acl["allow"] == ["127.0.0.1", network.lease.server_name]
    assert [seen for seen in piet.timeline() if own in seen.body] == []
    assert await joined(piet, country.theirs, country.police, network) == 403


def is_file(seen: Seen) -> bool:
    return seen.content.get("msgtype") == "m.file"


def readable(
    ids: set[EventID], first: Seen, officer: StrictClient, network: Network
) -> list[Seen] | None:
    """All of these that the service said from an alert on, once an officer can read them."""
    said = said_since(first, officer, network)
    found = [said[one] for one in ids if one in said and said[one].readable]
    return found if len(found) == len(ids) else None


def said_since(first: Seen, officer: StrictClient, network: Network) -> dict[EventID, Seen]:
    """What an officer got of what the service said in the liaison room from an alert on."""
    timeline = officer.timeline(first.room_id)
    since = [seen.event_id for seen in timeline].index(first.event_id)
    return {
        seen.event_id: seen
        for seen in timeline[since:]
        if seen.sender == network.bot and seen.encrypted
    }


def alerts(reader: Person, room: RoomID, own: str) -> int:
    """How often somebody was sent the alert with a word in it, edits and what followed left out."""
    return len(
        [
            seen
            for seen in reader.timeline(room)
            if own in seen.body
            if seen.edits is None
            and seen.sender != reader.user_id
            and "aangehouden" not in seen.body
        ]
    )


async def forged(
    country: Country, who: Person, room: RoomID, kind: str, content: dict[str, Any]
) -> None:
    """Have their homeserver send something as one of its users, who knows nothing of it."""
    url = f"{country.theirs.url}/_matrix/client/v3/rooms/{room}/send/{kind}/{uuid.uuid4().hex}"
    headers = {"Authorization": f"Bearer {country.forger.as_token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.put(url, json=content, params={"user_id": who.user_id}) as answer,
    ):
        assert answer.status == 200, await answer.text()


async def joined(who: Person, synapse: Synapse, room: RoomID, network: Network) -> int:
    """The status of an attempt to join a room whose id one knows."""
    server = network.lease.server_name
    url = f"{synapse.url}/_matrix/client/v3/join/{room}"
    headers = {"Authorization": f"Bearer {who.device.access_token}"}
    query = {"via": server, "server_name": server}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(url, json={}, params=query) as answer,
    ):
        return answer.status
