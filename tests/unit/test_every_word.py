"""Every text is said in a play of the network, in both languages, and fits into an event."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import update

from appservice.encryption.devices import devices
from bridge.places import LiaisonRoom
from bridge.regions import NATIONWIDE
from bridge.wording import Language, Wording, templates_directory
from tests.unit.coordination import has_devices
from tests.unit.example import (
    CORA,
    HERE,
    NORA,
    PIET,
    configuration,
)
from tests.unit.plays import CARL, PLAYS
from tests.unit.sizes import LARGEST, size
from tests.unit.stage import Said, Stage


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=list(Language))
async def said(request: pytest.FixtureRequest) -> AsyncIterator[list[Said]]:
    """All that a network says, once for each language it may speak."""
    language: Language = request.param
    network = {"language": language.value}
    stages = [
        Stage(configuration(network=network)),
        Stage(
            configuration(network=network, reactions={"trusted_homeservers": ["elsewhere.example"]})
        ),
        Stage(
            configuration(
                network=network,
                reports={"most_a_minute": 1},
                reactions={"trusted_homeservers": ["elsewhere.example"]},
            )
        ),
        Stage(configuration(network=network, federation={})),
        Stage(configuration(network=network, moderation={"grace_seconds": 60})),
        Stage(
            configuration(
                network=network,
                coordinators=[CORA, CARL],
                invitations={"second_coordinator": True},
            )
        ),
        Stage(
            configuration(network=network, reactions={"trusted_homeservers": ["elsewhere.example"]})
        ),
        Stage(
            configuration(
                network=network,
                moderation={"two_moderators": []},
                liaisons=[{"user": PIET, "region": HERE}, {"user": NORA, "region": NATIONWIDE}],
            )
        ),
        Stage(configuration(network=network)),
        Stage(configuration(network=network, police={"first": ["voorverkenning"]})),
        Stage(configuration(network=network)),
    ]
    for stage, play in zip(stages, PLAYS, strict=True):
        await stage.set()
        await play(stage)
    await is_verified_after_all(stages[0])
    yield [one for stage in stages for one in stage.said]
    for stage in stages:
        await stage.close()


async def is_verified_after_all(stage: Stage) -> None:
    """Have an officer read that their device gets no keys, and then verify it."""
    await stage.hears(lambda work: has_devices(work, PIET, signed=False, changed=False))
    await stage.is_left_out(PIET, LiaisonRoom(HERE))
    await stage.delivered()
    await stage.hears(lambda work: work.execute(update(devices).values(signed=True)))
    await stage.time_passes(timedelta(seconds=5))


def test_every_text_is_said(said: list[Said]) -> None:
    language = said[0].language
    own = Wording(templates_directory()).template_names(language)
    # A line of help, and a part, are said within another text.
    alone = {name for name in own if "/_" not in name and name.partition("/")[0] != "help"}

    unsaid = alone - {one.template for one in said if one.language is language}
    # Said only to who has a private room and no region, which the configuration never makes.
    # And when the gate itself fails, which nobody can bring about by what they write.
    # And the parts of the file that answers "!inzage": they are read in test_own_rights.py.
    file = {"privacy/own_data", "privacy/own_report", "privacy/own_entries"}
    assert unsaid - file - {"refusal/not_a_member", "gate/failed"} == set(), (
        "add to the play what says these"
    )


def test_every_text_has_words_in_both_bodies(said: list[Said]) -> None:
    assert [one.template for one in said if not (one.text.plain.strip() and one.text.html)] == []


def test_no_text_shows_what_was_to_be_filled_in(said: list[Said]) -> None:
    leftover = re.compile(r"\{[{%#]|[}%#]\}|\bNone\b|\*\*|Undefined|<enum|[\ue000\ue001]")
    assert [one.text.plain for one in said if leftover.search(one.text.plain)] == []


def test_every_text_fits_into_an_event(said: list[Said]) -> None:
    assert [one.template for one in said if size(one) > LARGEST] == []


def test_the_languages_have_the_same_texts_and_words() -> None:
    assert Wording(templates_directory()).differences() == ()
