"""Every way to share a report, tapped or typed, in either language: to which rooms it goes."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from appservice.outbox import outbox
from bridge.places import AlertRoom, LiaisonRoom, Place, PrivateRoom, ReviewRoom, key_of
from tests.unit.example import ANNA, ELSEWHERE, HERE, MIA, configuration
from tests.unit.stage import Stage

ALERTS, FURTHER, POLICE = AlertRoom(HERE), AlertRoom(ELSEWHERE), LiaisonRoom(HERE)
EVERYWHERE = (ALERTS, FURTHER, POLICE)
REPORT = "!melding inbraak\nplaats: Utrecht\ntijd: 12:00\nmo: deur open"

WAYS: dict[str, set[Place]] = {
    "✅": {ALERTS},
    "✅\ufe0f": {ALERTS},
    "👮": {ALERTS, POLICE},
    "!ok #1": {ALERTS},
    "!approve 1": {ALERTS},
    "!ok #1 +politie": {ALERTS, POLICE},
    "!approve #1 midden-nederland +police": {ALERTS, POLICE},
    "!ok #1 Amsterdam": {FURTHER},
    "!ok #1 +buren": {ALERTS, FURTHER},
    "!ok #1 landelijk +politie": {ALERTS, FURTHER, POLICE},
}


@pytest.mark.parametrize("way", WAYS)
async def test_it_goes_to_whom_the_moderator_chose(way: str) -> None:
    stage = Stage(configuration(moderation={"two_moderators": []}))
    await stage.set()
    for typed in (REPORT, "!verstuur"):
        await stage.says(ANNA, PrivateRoom(ANNA), typed)
    if way.startswith("!"):
        await stage.says(MIA, ReviewRoom(), way)
    else:
        await stage.reacts(MIA, 1, way)
    async with stage.database.read() as work:
        targets = {row.target for row in await work.execute(select(outbox.c.target))}
    await stage.close()

    assert targets & {key_of(place) for place in EVERYWHERE} == {key_of(p) for p in WAYS[way]}
