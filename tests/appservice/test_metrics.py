"""What monitoring may know: counts, for whom it is meant."""

from __future__ import annotations

import aiohttp
import pytest

from tests.appservice.conftest import Together
from tests.harness.people import Person


async def page(
    here: Together, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, float], str]:
    """The status, the samples and the text of /metrics."""
    address = f"http://127.0.0.1:{here.running.lease.port}/metrics"
    async with aiohttp.ClientSession() as http, http.get(address, headers=headers) as answer:
        text = await answer.text()
        if answer.status != 200:
            return answer.status, {}, text
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return 200, {name: float(value) for name, _, value in lines}, text


async def test_a_caller_on_this_machine_sees_what_was_handled_and_sent(
    here: Together, anna: Person
) -> None:
    _, before, _ = await page(here)
    for said in ("een", "twee"):
        # Messages of a room go one after another: who reads the second knows the first was counted.
        await anna.say(here.everyone, f"tel {said}")
        await anna.reads(f"echo: tel {said}", here.everyone)

    _, after, text = await page(here)

    for name in ("appservice_events_handled_total", "appservice_messages_sent_total"):
        assert after[name] > before[name]
    assert after['appservice_events{status="held"}'] == 0
    assert after["appservice_to_device_waiting"] == 0
    assert after["appservice_ready"] == 1
    # No ids of people, rooms or events.
    assert not set(text) & set("@!$")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_a_proxy_on_this_machine_does_not_open_it_to_others(
    here: Together, header: str
) -> None:
    status, _, _ = await page(here, {header: "for=203.0.113.7"})

    assert status == 401


async def test_the_homeservers_token_opens_it_from_anywhere(here: Together) -> None:
    token = here.running.lease.hs_token
    status, _, _ = await page(
        here, {"X-Forwarded-For": "203.0.113.7", "Authorization": f"Bearer {token}"}
    )

    assert status == 200
