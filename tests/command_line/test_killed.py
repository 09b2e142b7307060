"""``goudwacht run`` killed (SIGKILL) between the commit of an alert and its going to the police."""

from __future__ import annotations

import asyncio
import re
import signal

from appservice.ids import RoomID
from tests.appservice.wire import Wire
from tests.command_line.site import Site
from tests.conftest import PersonFactory
from tests.harness.reader import Reader

REPORT = "!melding inbraak\nplaats: Amsterdam\ntijd: zojuist\nmo: deur open, zilverling"
WORD = "zilverling"


def alerts(reader: Reader, room: RoomID) -> int:
    """How often somebody was sent the alert; edits of it left out."""
    return sum(WORD in seen.body and seen.edits is None for seen in reader.timeline(room))


async def test_an_alert_on_its_way_to_the_police_comes_once(
    new_site: Site, person: PersonFactory
) -> None:
    anna, mia, piet = await asyncio.gather(*(person(name) for name in ("anna", "mia", "piet")))
    new_site.settings |= {
        "regions": [{"code": "amsterdam", "name": "Amsterdam", "police": True}],
        "moderators": [str(mia.user_id)],
        "liaisons": [{"user": str(piet.user_id), "region": "amsterdam"}],
    }
    new_site.has_member(anna.user_id)
    new_site.configure("moderation", two_moderators=[])
    wire = Wire(new_site.lease.homeserver)
    await wire.open()
    try:
        new_site.configure("homeserver", url=wire.url)
        async with new_site.process("run") as process:
            private = await anna.room_named("Goudwacht: melden")
            review = await mia.room_named("Goudwacht: beoordeling")
            police = await piet.room_named("Goudwacht: politie Amsterdam")
            await anna.say(private, REPORT)
            await anna.reads(WORD, private)
            await anna.say(private, "!verstuur")
            await mia.reads(WORD, review)
            with wire.cut("PUT", rf"/rooms/[^/]*{re.escape(police[1:])}/send/") as cut:
                await mia.say(review, "!ok #1 +politie")
                async with asyncio.timeout(20):
                    await cut.reached.wait()
                process.signal(signal.SIGKILL)
                await process.status()
        before = alerts(piet, police)
        async with new_site.running():
            await piet.reads(WORD, police)
            # Whatever would have come twice has come before this.
            await mia.say(review, "!update #1 tot slot")
            await piet.reads("tot slot", police)
    finally:
        await wire.close()

    assert (before, alerts(piet, police), piet.unreadable) == (0, 1, [])
