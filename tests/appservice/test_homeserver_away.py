"""A homeserver that is away, or asks for patience: nothing is lost, and order is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import aiohttp

from appservice.backoff import Backoff
from appservice.outbox import Outgoing
from tests.appservice.conftest import OtherHomeserver, ServiceFactory, Together
from tests.appservice.network import EVERYONE, REACTIONS
from tests.appservice.wire import Wire
from tests.conftest import PersonFactory
from tests.harness.people import Person
from tests.harness.synapse import Synapse


def said_in(here: Together, room: str) -> list[str]:
    """What the first member has read of the bot in a room."""
    return [
        event.body
        for event in here.members[0].timeline(room)
        if event.sender == here.bot and event.type == "m.room.message"
    ]


async def decided(here: Together, *messages: tuple[str, str]) -> None:
    """Have the network decide to say something, as it may at any moment: room and words."""
    rooms = {"everyone": EVERYONE, "reactions": REACTIONS}
    async with here.running.database.begin() as work:
        for room, words in messages:
            content = {"msgtype": "m.text", "body": words}
            await here.running.outbox.put(work, Outgoing(rooms[room], content), datetime.now(UTC))


async def limited(synapse: Synapse, admin: Person, user: str) -> None:
    """Let one user send a message a second, and no two at once."""
    limit = f"{synapse.url}/_synapse/admin/v1/users/{user}/override_ratelimit"
    headers = {"Authorization": f"Bearer {admin.device.access_token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(limit, json={"messages_per_second": 1, "burst_count": 1}) as answer,
    ):
        assert answer.status == 200, await answer.text()


async def test_what_was_decided_while_the_homeserver_was_away_goes_out_in_order_once(
    service: ServiceFactory, other_homeserver: OtherHomeserver, other_person: PersonFactory
) -> None:
    synapse = other_homeserver.synapse
    here = await service.together(next(other_homeserver.leases), await other_person("anna"))

    await synapse.kill()
    await decided(here, ("everyone", "een"), ("reactions", "brand"), ("everyone", "twee"))
    await here.running.stop()
    await here.running.begin()
    await decided(here, ("everyone", "drie"))
    await synapse.start()
    await here.members[0].reads("drie", here.everyone)
    await here.members[0].reads("brand", here.reactions)

    assert said_in(here, here.everyone) == ["een", "twee", "drie"]
    assert said_in(here, here.reactions) == ["brand"]
    assert here.members[0].unreadable == []


async def test_the_running_service_goes_on_by_itself_when_the_homeserver_is_back(
    service: ServiceFactory, other_homeserver: OtherHomeserver, other_person: PersonFactory
) -> None:
    synapse = other_homeserver.synapse
    here = await service.together(next(other_homeserver.leases), await other_person("anna"))
    anna = here.members[0]

    await synapse.kill()
    await decided(here, ("everyone", "een"), ("everyone", "twee"))
    await synapse.start()
    await anna.reads("twee", here.everyone)
    await anna.say(here.everyone, "weer terug")
    await anna.reads("echo: weer terug")

    assert said_in(here, here.everyone) == ["een", "twee", "echo: weer terug"]


async def test_a_homeserver_that_asks_for_patience_is_obeyed_and_order_is_kept(
    service: ServiceFactory, other_homeserver: OtherHomeserver, other_person: PersonFactory
) -> None:
    synapse, lease = other_homeserver.synapse, other_homeserver.rate_limited_lease
    warden = await other_person("warden", admin=True)
    wire = Wire(synapse.url)
    await wire.open()
    try:
        here = await service.together(lease, await other_person("anna"), wire=wire)
        await limited(synapse, warden, here.bot)
        await decided(here, *(("everyone", f"nummer {number}") for number in range(4)))
        await here.members[0].reads("nummer 3", here.everyone)

        assert said_in(here, here.everyone) == [f"nummer {number}" for number in range(4)]
        sends = [p for p in wire.passed if p.method == "PUT" and "/send/" in p.path]
        refused = [(one, after) for one, after in pairwise(sends) if one.status == 429]
        assert refused
        for one, after in refused:
            assert after.path == one.path
            assert after.asked_at - one.asked_at >= one.answer["retry_after_ms"] / 1000
    finally:
        await wire.close()


class TestBackingOff:
    def test_pauses_grow_up_to_the_cap(self) -> None:
        backoff = Backoff(first=1.0, cap=8.0)

        for whole in (1.0, 2.0, 4.0, 8.0, 8.0, 8.0):
            assert whole / 2 <= backoff.wait() <= whole

    def test_not_everyone_comes_back_at_the_same_moment(self) -> None:
        assert len({Backoff(first=1.0).wait() for _ in range(20)}) > 1

    def test_a_success_begins_anew(self) -> None:
        backoff = Backoff(first=1.0)
        for _ in range(5):
            backoff.wait()

        backoff.reset()

        assert backoff.wait() <= 1.0
