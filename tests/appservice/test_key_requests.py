"""A room key that does not come is asked for; a broken Olm session is renewed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from appservice import handling, patience
from appservice.database import Database
from appservice.encryption import devices, key_requests, olm, unwedging
from appservice.encryption.trust import DeviceKeys
from appservice.events import Unreadable
from appservice.ids import DeviceID, UserID
from tests.appservice.conftest import ServiceFactory, Together
from tests.appservice.test_metrics import page
from tests.appservice.wire import Passed, Wire
from tests.conftest import PersonFactory
from tests.harness.leases import AppserviceLease
from tests.harness.messages import text
from tests.harness.people import Person

ANNA = UserID("@anna:example.org")


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the service does after a while it does now."""
    monkeypatch.setattr(patience, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(key_requests, "REQUEST_AFTER", timedelta(0))


def asks(action: str, user: str) -> Callable[[Passed], bool]:
    def question(passed: Passed) -> bool:
        said: dict[str, Any] = passed.body["messages"].get(user, {})
        return [content["action"] for content in said.values()] == [action]

    return question


@pytest.mark.usefixtures("_at_once")
async def test_a_key_that_does_not_come_is_asked_for_until_it_does(
    service: ServiceFactory, lease: AppserviceLease, wire: Wire, person: PersonFactory
) -> None:
    anna = await person("anna")
    there = await service.together(lease, anna, wire=wire)
    path = "/sendToDevice/m.room_key_request/"

    event_id, hand_out_key = await anna.say_before_key(there.everyone, "nog even geduld")
    asked = await wire.saw("PUT", path, asks("request", anna.user_id))
    await hand_out_key()

    assert (await there.network.hears("nog even geduld")).event_id == event_id
    cancelled = await wire.saw("PUT", path, asks("request_cancellation", anna.user_id))
    ids = [one.body["messages"][anna.user_id]["*"]["request_id"] for one in (asked, cancelled)]
    assert ids[0] == ids[1]
    assert wire.count("PUT", path) == 2
    _, counts, _ = await page(there)
    assert counts["appservice_key_requests_total"] >= 1


async def test_a_forwarded_key_is_not_taken(
    here: Together, anna: Person, person: PersonFactory
) -> None:
    bas = await person("bas")
    await here.welcome(bas)
    event_id, key = await anna.device.send_without_key(
        here.everyone, "m.room.message", text("door Bas doorgegeven")
    )
    forwarded: dict[str, Any] = {
        **key,
        "sender_key": anna.device.identity_keys["curve25519"],
        "sender_claimed_ed25519_key": anna.device.identity_keys["ed25519"],
        "forwarding_curve25519_key_chain": [],
    }

    await bas.device.share_key(forwarded, "m.forwarded_room_key")
    await bas.say(here.everyone, "erachteraan")

    await here.network.hears("erachteraan")
    assert "door Bas doorgegeven" not in here.network.messages()
    await anna.device.share_key(key)
    assert (await here.network.hears("door Bas doorgegeven")).event_id == event_id


@pytest.mark.usefixtures("_at_once")
async def test_a_key_that_never_comes_makes_the_event_unreadable_in_the_end(
    service: ServiceFactory,
    lease: AppserviceLease,
    person: PersonFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handling, "KEY_PATIENCE", timedelta(0))
    anna = await person("anna")
    there = await service.together(lease, anna)

    event_id, _ = await anna.say_before_key(there.everyone, "voor niemand")

    await there.network.sees(Unreadable, lambda event: event.event_id == event_id)


async def test_an_olm_session_whose_messages_do_not_open_is_renewed(
    here: Together, anna: Person
) -> None:
    bots = next(iter((await here.running.identity()).devices.values()))["curve25519:GOUDWACHT"]
    await anna.say(here.everyone, "nog verbonden")
    await here.network.hears("nog verbonden")
    async with here.running.database.begin() as work:
        # As after a back-up was put back that knows nothing of this session.
        of_hers = olm.olm_sessions.c.curve25519 == anna.device.identity_keys["curve25519"]
        await work.execute(delete(olm.olm_sessions).where(of_hers))
    event_id, hand_out_key = await anna.say_before_key(here.everyone, "weer verbonden")
    before = anna.device.olm_sessions_with(bots)

    await hand_out_key()

    await anna.until(
        lambda: anna.device.olm_sessions_with(bots) > before or None, "to be given a new session"
    )
    await hand_out_key()
    assert (await here.network.hears("weer verbonden")).event_id == event_id


class TestARenewal:
    async def test_is_for_a_device_that_is_known(self, database: Database) -> None:
        async with database.begin() as work:
            assert await unwedging.note(work, [(ANNA, "unknown")], datetime.now(UTC)) == 0

    async def test_happens_once_an_hour_at_the_most(self, database: Database) -> None:
        now = datetime.now(UTC)
        device = DeviceKeys(ANNA, DeviceID("PHONE"), "curve", "ed", True)
        async with database.begin() as work:
            await devices.mark_outdated(work, [ANNA])
            await work.execute(
                devices.devices.insert().values(
                    user_id=ANNA,
                    device_id=device.device,
                    curve25519=device.curve25519,
                    ed25519=device.ed25519,
                    signed=True,
                )
            )
            assert await unwedging.note(work, [(ANNA, "curve")], now) == 1
            await work.execute(
                update(unwedging.wedged_devices).values(
                    wedged_at=None, renewed_at=round(now.timestamp() * 1000)
                )
            )
            soon, later = now + timedelta(minutes=59), now + timedelta(minutes=61)
            assert await unwedging.note(work, [(ANNA, "curve")], soon) == 0
            assert await unwedging.note(work, [(ANNA, "curve")], later) == 1
