"""Every text is said in a play of the network, in both languages, and fits into an event."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import insert, update

import bridge
from appservice.database import Work
from appservice.encryption.devices import tracked_users
from appservice.events import Membership, MembershipChange, Tampered
from appservice.faults import Direction, SetAside
from appservice.ids import EventID, RoomAlias, RoomID, UserID
from appservice.lookups import Existence
from appservice.rooms import records
from appservice.rooms.directory import Published
from appservice.rooms.keeper import RepairRefused
from appservice.rooms.plan import Remove
from appservice.rooms.upgrades import UpgradeFault, UpgradeRefused
from bridge.places import AlertRoom, LiaisonRoom, PrivateRoom, ReviewRoom, key_of
from bridge.regions import NATIONWIDE
from bridge.wording import Language, Wording, templates_directory
from tests.unit.example import (
    ANNA,
    BAS,
    CONFIGURATION,
    CORA,
    HERE,
    MAX,
    MIA,
    NORA,
    NOW,
    OLGA,
    PIET,
    configuration,
)
from tests.unit.stage import CLEAR, UNSIGNED, Said, Stage

MINE, REVIEW, POLICE = PrivateRoom(ANNA), ReviewRoom(), LiaisonRoom(HERE)
CARL = UserID("@carl:example.org")
ELSEWHERE_ENTIRELY = RoomID("!a-room-of-somebodys-own")

REPORT = "!melding overval\nplaats: Utrecht\ntijd: 12:00"


async def played(stage: Stage) -> None:
    """Everything that can happen to a network, as far as it makes anyone say something."""
    await stage.joins(ANNA, MINE)
    for typed in (
        *(
            "hallo",
            "!hlep",
            "!help",
            "!verstuur",
            "!melding",
            "!verstuur",
            "!mijn",
            "!taal",
            "!taal frans",
        ),
        *("!status", "!status #9", "!melding overvaal\ndaaders: 2", "!verstuur", "!annuleer"),
        *(REPORT + "\nstraat: Dam 1\nstraat delen: ja\nbuit: niets", "!verstuur"),
        *("!mijn", "!status #1", REPORT, "!verstuur", REPORT, "!verstuur", REPORT, "!verstuur"),
        "x" * 9_000,
    ):
        await stage.says(ANNA, MINE, typed)
    for field in ("mo", "kenmerken", "vlucht", "preventie", "buit"):
        most = 990 if field in ("mo", "kenmerken") else 490
        await stage.says(ANNA, MINE, f"!melding\n{field}: " + "x" * most)
    await stage.says(ANNA, MINE, "melding", secrecy=CLEAR)
    await stage.says(ANNA, MINE, "dader.jpg", msgtype="m.image")
    await stage.says(ANNA, MINE, "!mijn", replaces=EventID("$earlier"))
    await stage.cannot_be_read(ANNA, MINE)
    await stage.is_left_out(ANNA, MINE)
    for typed in ("!inzage", "!inzage", "!wis", "!wis"):
        await stage.says(ANNA, MINE, typed)
    await stage.says(ANNA, ELSEWHERE_ENTIRELY, REPORT)

    await stage.says(OLGA, PrivateRoom(OLGA), REPORT)
    await stage.says(OLGA, PrivateRoom(OLGA), "!verstuur")
    await stage.says(OLGA, REVIEW, "!ok #5")
    for typed in (
        *("!help", "!open", "!ok", "!ok #99", "!ok #1 amstredam", "!ok #1 amsterdam +politie"),
        *("!nee #1", "!nee #1 " + "x" * 600, "!ok #1 landelijk +politie", "!ok #1", "!hlep"),
        "!nee #2 te vaag",
    ):
        await stage.says(MIA, REVIEW, typed)
    await the_desk(stage)
    await stage.says(MIA, REVIEW, "!ok #3", secrecy=UNSIGNED)
    await stage.reacts(MIA, 3, "❌")
    await stage.says(MIA, REVIEW, "!nee #3 dubbel")
    await stage.reacts(MAX, 3, "✅")
    for typed in (
        *("!help", "!abonneer", "!abonneer amstrdam", "!abonneer amsterdam overval", "!open"),
        *("!abonnementen", "!zaak", "!zaak #2", "!zaak #1", "!ontvangen #99", "!ontvangen #1"),
        *(
            "!afloop #1",
            "!afloop #1 " + "x" * 1_001,
            "!afloop #1 aangehouden",
            "!vraag #1 hoe laat?",
        ),
        *("!abonneer alles", "!open", "!afmelden", "!open", "!abonnementen"),
    ):
        await stage.says(PIET, POLICE, typed)
    await stage.says(ANNA, MINE, REPORT + "\nmo: bel 06-12345678")
    await stage.says(ANNA, MINE, "!verstuur")
    await stage.says(ANNA, MINE, "!annuleer")
    for typed in ("!status #1", "!status #2", "!taal nl", "!taal en", "!status #2"):
        await stage.says(ANNA, MINE, typed)

    for direction in Direction:
        await stage.hears(
            lambda work, way=direction: stage.network.set_aside(work, SetAside(way, 7))  # type: ignore[misc]
        )
    for kind in ("alert", "police"):
        await stage.hears(
            lambda work, kind=kind: stage.network.sent_late(  # type: ignore[misc]
                work, f"case/1/{kind}/{HERE}", timedelta(minutes=42)
            )
        )
    for fault in UpgradeFault:
        replaced = fault is UpgradeFault.NOT_OURS
        refused = UpgradeRefused(key_of(REVIEW), MIA, fault, replaced)
        await stage.hears(
            lambda work, refused=refused: stage.network.upgrade_refused(work, refused)  # type: ignore[misc]
        )
    await stage.network.sweep.whole(stage.database, NOW + timedelta(days=400))


async def the_desk(stage: Stage) -> None:
    """What moderators do besides saying yes or no."""
    for typed in (
        *("!claim #3", "!vraag #3 " + "x" * 1_200, "!vraag #3 welke kant op?", "!wijzig #3 tijd"),
        *(
            "!wijzig #3 straat: Dam 1",
            "!wijzig #3 straat: Dam 1",
            "!update #3 nieuws",
            "!afloop #1",
        ),
    ):
        await stage.says(MIA, REVIEW, typed)
    await stage.says(MAX, REVIEW, "!claim #3")
    await stage.says(ANNA, MINE, "x" * 1_200)
    await stage.says(ANNA, MINE, "in een auto met 12-ZFR-3")
    await stage.says(ANNA, MINE, "naar het station")
    for typed in ("!samen #3 #3", "!samen #3 #4", "!claim #4", "!wijzig #4 poging: ja"):
        await stage.says(MIA, REVIEW, typed)
    card = (await stage.delivered())["case/1/card"]
    await stage.says(MIA, REVIEW, "!update #3 nieuws", thread=card)
    for typed in (
        *("!update #1 een Poolse jongen", "!update #1 met kenteken 12-ZFR-3", "!leden"),
        "!update #1 een Poolse jongen reden: Sanne zag hem",
    ):
        await stage.says(MIA, REVIEW, typed)
    for number in range(20):
        await stage.says(MIA, REVIEW, f"!update #1 nieuws {number}")
    await stage.says(MIA, REVIEW, "!afloop #1 aangehouden")
    await stage.says(MIA, REVIEW, "!intrekken #1 vergissing")
    await stage.says(MIA, REVIEW, "!dossier #1")
    await bulletins(stage)


async def bulletins(stage: Stage) -> None:
    """What is said of what moderators tell a region."""
    for typed in (
        *("!bulletin", "!bulletin amsterdam", "!bulletin amsterdam +politie let op", "!verstuur x"),
        *("!bulletin amsterdam\nlet op", "!verstuur", "!verstuur 1", "!oefening amsterdam"),
        *("!verstuur", "!oefening landelijk sluit de deur", "!annuleer"),
    ):
        await stage.says(MIA, REVIEW, typed)


async def two_by_two(stage: Stage) -> None:
    """What is said where two moderators are needed, and a ✅ can be taken back."""
    await stage.says(ANNA, MINE, REPORT)
    await stage.says(ANNA, MINE, "!verstuur")
    await stage.says(MIA, REVIEW, "!ok #1 +politie")
    await stage.reacts(MIA, 1, "✅")
    await stage.reacts(MAX, 1, "✅")
    await stage.says(MIA, REVIEW, "!nee #1 toch niet")
    await stage.says(MIA, REVIEW, "!bulletin landelijk\nlet op")
    await stage.says(MIA, REVIEW, "!verstuur")
    await stage.says(ANNA, MINE, REPORT)
    await stage.says(ANNA, MINE, "!verstuur")
    for _ in range(2):
        await stage.time_passes(timedelta(hours=73))


async def coordinated(stage: Stage) -> None:
    """Everything that coordinators do, one of them confirming what another began."""
    new, agent = UserID("@nel:example.org"), UserID("@agent:police.example")
    for typed in (
        *("!uitnodigen nel", f"!uitnodigen {new}", f"!uitnodigen {new} {HERE} {'x' * 200}"),
        *(f"!uitnodigen {PIET} {HERE}", f"!uitnodigen {ANNA} {HERE}", f"!rol {MIA} lid"),
        f"!uitnodigen {new} {HERE} Juwelier Nel, bel 06-12345678",
        *(f"!uitnodigen @goudwacht:example.org {HERE}", f"!uitnodigen @a:b.example {HERE}"),
        *(f"!rol {MIA} moderator", f"!rol {MIA} baas", f"!rol {ANNA} moderator"),
        *(f"!verwijder {new}", f"!bevestig {new}", f"!vertrouw {ANNA}", f"!vertrouw {CORA}"),
        *("!regio", "!regio hulp", "!regio nieuw Noord/Zuid Naam", f"!regio nieuw {HERE} Weer"),
        *(
            "!regio hernoem amsterdam",
            f"!regio politie amsterdam {agent}",
            "!regio sluit amsterdam",
        ),
        *(
            "!regio nieuw texel Texel",
            "!regio buren texel amsterdam",
            "!regio hernoem texel Eiland",
        ),
        *("!regio politie texel aan", f"!uitnodigen {BAS} {HERE}", "!leden", f"!leden {HERE}"),
        *(f"!leden {ANNA}", "!leden texel", "!help", "!server", "!server weg"),
        *(f"!server uit {name}" for name in ("example.org", "elsewhere.example", "police.example")),
        "!server aan police.example",
    ):
        await stage.says(CORA, REVIEW, typed)
    for found in (Existence.NOBODY, Existence.SILENT):
        await stage.says(CORA, REVIEW, f"!uitnodigen {new} {HERE}")
        await stage.is_found(new, found)
    await stage.says(CORA, REVIEW, f"!uitnodigen {new} texel")
    await stage.is_found(new)
    await stage.says(CORA, REVIEW, f"!bevestig {new}")
    await stage.says(CORA, REVIEW, "!regio sluit texel")
    await stage.says(CARL, REVIEW, f"!bevestig {new}")
    await stage.says(CORA, REVIEW, f"!uitnodigen {new} {HERE}")
    await stage.is_found(new)
    await stage.says(CORA, REVIEW, f"!verwijder {new}")
    await stage.says(CORA, REVIEW, f"!uitnodigen {new} {HERE} Juwelier Nel")
    await stage.is_found(new)
    await stage.says(CARL, REVIEW, f"!bevestig {new}")

    async def changes(work: Work) -> None:
        row = {"changes": 1, "seen": 1, "master_key": "old", "identity_changed": True}
        await work.execute(insert(tracked_users).values(user_id=ANNA, **row))

    await stage.hears(changes)
    await stage.is_left_out(ANNA, MINE)
    await stage.says(CORA, REVIEW, f"!vertrouw {ANNA}")
    await stage.hears(lambda work: work.execute(update(tracked_users).values(offered_key="new")))
    await stage.says(CORA, REVIEW, f"!vertrouw {ANNA}")
    await stage.hears(
        lambda work: records.set_membership(work, RoomID("!review"), MAX, "join"),
    )
    for user in (MAX, ANNA):
        await stage.says(CORA, REVIEW, f"!verwijder {user}")
    await stage.time_passes(timedelta(minutes=11))
    await stage.leaves(OLGA, PrivateRoom(OLGA))
    await stage.joins(ANNA, REVIEW)
    for kind in ("m.room.power_levels", "m.room.join_rules"):
        raised = (MAX,) if kind == "m.room.power_levels" else ()
        await stage.happens(Tampered(RoomID("!review"), EventID(f"${kind}"), MAX, kind, raised))
    for amiss in (
        RepairRefused(key_of(REVIEW), Remove(ANNA)),
        Published(
            key_of(REVIEW), listed=True, aliases=(RoomAlias("#x:example.org"),), unlisted=True
        ),
        Published(key_of(AlertRoom(HERE)), listed=True, aliases=()),
        Published(
            key_of(AlertRoom(HERE)),
            listed=False,
            aliases=tuple(RoomAlias(f"#x{number}:example.org") for number in range(9)),
            unnamed=True,
        ),
    ):
        await stage.hears(lambda work, amiss=amiss: stage.network.room_amiss(work, amiss))  # type: ignore[misc]
    await stage.says(CARL, REVIEW, f"!verwijder {CORA}")
    await stage.leaves(CARL, REVIEW)
    await stage.says(CARL, REVIEW, f"!regio sluit amsterdam naar {HERE}")
    await stage.says(CARL, REVIEW, f"!regio sluit {HERE}")


async def confirmed_by_tap(stage: Stage) -> None:
    """What a tap on an invitation says where reactions do not count."""
    await stage.taps(CORA, "invitation/@nel:example.org/1")


async def told_to_type(stage: Stage) -> None:
    """What is said where reactions do not count."""
    await stage.says(MIA, REVIEW, "!bulletin amsterdam\nlet op")
    await stage.reacts(MIA, 1, "✅", on="bulletin/1/card")
    await stage.says(ANNA, MINE, REPORT)
    await stage.says(ANNA, MINE, "!verstuur")
    await stage.reacts(MIA, 1, "✅")
    await stage.says(MIA, REVIEW, "!ok #1 +politie")
    await stage.says(PIET, POLICE, "!afloop #1 aangehouden")
    await stage.reacts(MIA, 1, "✅", on="case/1/from police/1")


async def two_units(stage: Stage) -> None:
    """What is said where there is more than one liaison room."""
    await stage.says(NORA, POLICE, "!open")
    await stage.says(ANNA, MINE, REPORT)
    await stage.says(ANNA, MINE, "!verstuur")
    await stage.says(MIA, REVIEW, "!ok #1 +politie")
    await stage.says(ANNA, MINE, "!intrekken #1 een vergissing")
    await stage.says(NORA, LiaisonRoom(NATIONWIDE), "!ontvangen #1")


async def hurried(stage: Stage) -> None:
    """What is said to who is in a hurry, or never comes back."""
    twice = ("!intrekken #1", "!intrekken #1")
    for typed in (REPORT, "!verstuur", *twice, REPORT, "!verstuur", *("daders: 2",) * 100):
        await stage.says(ANNA, MINE, typed)
    await stage.answers(ANNA, "✅")
    await stage.time_passes(timedelta(hours=1))
    await stage.time_passes(timedelta(hours=80))


async def shut_out(stage: Stage) -> None:
    """What is said at the start where somebody's homeserver is not allowed."""
    assert stage.said


async def tipped(stage: Stage) -> None:
    """What is said of tips, and after a robbery."""
    await stage.says(ANNA, MINE, REPORT)
    await stage.says(ANNA, MINE, "!verstuur")
    await stage.says(MIA, REVIEW, "!ok #1")
    for typed in (
        "!tip",
        "!tip #9 scooter",
        "!tip #1 niet ik",
        "!tip #1 kenteken 12-ZFR-3",
        "!tip #1 " + "x" * 1_200,
    ):
        await stage.says(ANNA, MINE, typed)
    await stage.taps(ANNA, f"case/1/alert/{HERE}", "dat was Kevin", AlertRoom(HERE))
    await stage.taps(ANNA, f"case/1/alert/{HERE}", "👀", AlertRoom(HERE))
    await stage.says(ANNA, MINE, "!tip #1 niet ik")
    for number in range(11):
        await stage.says(ANNA, MINE, f"!tip #1 tip {number}")


async def police_first(stage: Stage) -> None:
    """What is said where reconnaissance is the police's before the members'."""
    await stage.says(PIET, POLICE, "!afmelden")
    for _ in range(2):
        await stage.says(ANNA, MINE, REPORT.replace("overval", "voorverkenning"))
        await stage.says(ANNA, MINE, "!verstuur")
    await stage.reacts(MIA, 1, "✅")
    await stage.says(PIET, POLICE, "!abonneer alles")
    for typed in ("!ok #1", "!politie #1", "!politie #1", "!samen #2 #1", "!nee #1 onderzoek"):
        await stage.says(MIA, REVIEW, typed)
    await stage.says(ANNA, MINE, REPORT)
    await stage.says(ANNA, MINE, "!verstuur")
    await stage.says(MIA, REVIEW, "!politie #3")
    for typed in ("!vraag #1 hoe laat?", "!vraag #1 welke kant op?", "!afloop #1 aangehouden"):
        await stage.says(PIET, POLICE, typed)
    for number, key in ((1, "✅"), (1, "✅"), (2, "❌"), (3, "❌")):
        await stage.reacts(MIA, 1, key, on=f"case/1/from police/{number}")
    await stage.says(MIA, REVIEW, "!antwoord #1 naar het station")
    for typed in (
        "!antwoord #2 niets",
        "!weiger #1",
        "!weiger #1 onderzoek loopt",
        "!weiger #2 niets",
    ):
        await stage.says(MIA, REVIEW, typed)
    for typed in ("!bulletin", *("!bulletin let op een vrouw met een kinderwagen",) * 6):
        await stage.says(PIET, POLICE, typed)
    await stage.reacts(MIA, 1, "✅", on="bulletin/1/card")
    await stage.reacts(MIA, 1, "❌", on="bulletin/2/card")
    await stage.says(MIA, REVIEW, "!annuleer 2 al bekend")


async def joined_up(stage: Stage) -> None:
    """What is said of two shared reports of one event, and of a report whose region closes."""
    for _ in range(4):
        await stage.says(ANNA, MINE, REPORT)
        await stage.says(ANNA, MINE, "!verstuur")
    await stage.reacts(MIA, 4, "✅", event=EventID("$tick"))
    await stage.takes_back(MIA, REVIEW, EventID("$tick"))
    for typed in ("!ok #2 +politie", "!samen #1 #2", "!ok #1 +politie", "!samen #1 #2"):
        await stage.says(MIA, REVIEW, typed)
    bot = UserID("@goudwacht:example.org")
    for number in range(3):
        room, event = RoomID(f"!own{number}"), EventID(f"$own{number}")
        await stage.happens(MembershipChange(room, event, ANNA, bot, Membership.INVITE))
    await stage.says(CORA, REVIEW, f"!regio sluit {HERE} naar amsterdam")
    await stage.says(MIA, REVIEW, "!ok #3")


PLAYS = (
    played,
    told_to_type,
    hurried,
    shut_out,
    two_by_two,
    coordinated,
    confirmed_by_tap,
    two_units,
    tipped,
    police_first,
    joined_up,
)


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
    yield [one for stage in stages for one in stage.said]
    for stage in stages:
        await stage.close()


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


LARGEST = 65_536 - 4_096
"""Bytes of an event ("Size limits"), less what others add to ours: hashes, signatures, ids."""

FILLINGS = {
    "emoji": "\U0001f48d",
    "letters of four bytes with dots": "\U00010400。",
    "blank lines": "\n",
    "lines": "x\n",
    "ampersands": "&",
    "angle brackets": "<",
    "quotes": '"',
    "backslashes": "\\",
    "at signs": "@ ",
    "links": "a:b ",
}


def size(one: Said) -> int:
    """The bytes of an event with this text, encrypted: base64 of JSON."""
    bodies = {"body": one.text.plain, "formatted_body": one.text.html}
    return (len(json.dumps(bodies, ensure_ascii=False).encode()) + 500) * 4 // 3


class TestTheLargest:
    @pytest_asyncio.fixture(loop_scope="session")
    async def stage(self) -> AsyncIterator[Stage]:
        stage = Stage(CONFIGURATION)
        await stage.set()
        yield stage
        await stage.close()

    @pytest.mark.parametrize("kind", FILLINGS)
    async def test_report_fits_wherever_it_goes(self, stage: Stage, kind: str) -> None:
        await stage.says(ANNA, MINE, REPORT)
        longest = {
            "mo": 998,
            "kenmerken": 998,
            "vlucht": 498,
            "buit": 498,
            "preventie": 498,
            "aangiftenummer": 498,
            "plaats": 198,
            "straat": 198,
        }
        for field, characters in longest.items():
            text = (FILLINGS[kind] * characters)[:characters]
            await stage.says(ANNA, MINE, f"!wijzig {field}: X{text}X")
            if field == "plaats":
                await stage.says(ANNA, MINE, "ok")
        for typed in ("!verstuur", "!status #1", "!mijn", "!inzage"):
            await stage.says(ANNA, MINE, typed)
        await stage.says(MIA, REVIEW, "!ok #1 landelijk +politie")

        assert [(one.template, size(one)) for one in stage.said if size(one) > LARGEST] == []
        assert {"alert/alert", "police/alert", "review/card"} <= {o.template for o in stage.said}

    @pytest.mark.parametrize(
        "mistakes", ["x: y\n" * 590, "é=é\n" * 700, "x\n" * 1_400, "112=x " * 480, "mo=x " * 480]
    )
    async def test_heap_of_mistakes_is_answered(self, stage: Stage, mistakes: str) -> None:
        (answer,) = await stage.says(ANNA, MINE, f"!melding inbraak\n{mistakes}")

        assert size(answer) <= LARGEST

    async def test_word_that_is_no_region_is_answered(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, REPORT)
        await stage.says(ANNA, MINE, "!verstuur")
        (answer,) = await stage.says(MIA, REVIEW, "!ok #1 " + "\U0001f48d" * 7_900)

        assert size(answer) <= LARGEST

    async def test_desk_is_listed(self, stage: Stage) -> None:
        for _ in range(40):
            await stage.says(ANNA, MINE, REPORT.replace("Utrecht", "\U0001f48d" * 199))
            await stage.says(ANNA, MINE, "ok")
            await stage.says(ANNA, MINE, "!verstuur")

        (desk,) = await stage.says(MIA, REVIEW, "!open")
        (mine,) = await stage.says(ANNA, MINE, "!mijn")

        assert (desk.template, size(desk) <= LARGEST) == ("review/open", True)
        assert (mine.template, size(mine) <= LARGEST) == ("report/mine", True)


def is_sentence(text: str) -> bool:
    """Tell three words or more, with a capital in front or a full stop behind, from other texts."""
    words = re.findall(r"\w+", text[:2_000])
    pattern = any(sign in text for sign in ("(?", "|", "\\"))
    if len(words) < 3 or max(map(len, words)) < 3 or " " not in text or pattern:
        return False
    return words[0][0].isupper() or text.rstrip(" \n\"')")[-1:] in (".", "!", "?")


# gate/lines.py is the command that screens lines, for an operator.
FOR_OPERATORS = (
    *("command_line", "configuration", "doctor", "migrations", "wording.py"),
    "lines.py",
)
"""What stands in a terminal or a log, and not in a room."""


def texts_in(path: Path) -> Iterator[str]:
    """The string constants of a module: not docstrings, errors, log lines and typed words."""
    tree = ast.parse(path.read_text())
    others: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            others.add(node.value)
        if isinstance(node, ast.Raise):
            others.update(ast.walk(node))
        if isinstance(node, ast.Call) and ast.unparse(node.func).partition(".")[0] in (
            "words",
            "log",
        ):
            others.update(ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in others:
            yield node.value


@pytest.mark.parametrize(
    "text", ["Welkom bij het netwerk", "dat is te lang om te lezen.", "- Zaak, gedeeld met leden"]
)
def test_a_sentence_is_known_when_it_stands_there(text: str) -> None:
    assert is_sentence(text)


def test_no_sentence_that_people_read_stands_in_python() -> None:
    package = Path(bridge.__file__).parent
    modules = [
        path
        for path in package.rglob("*.py")
        if not set(path.relative_to(package).parts) & set(FOR_OPERATORS)
    ]

    texts = [text for path in modules for text in texts_in(path)]
    # What has the signs of a pattern is one, of what people type.
    assert [text for text in texts if is_sentence(text)] == []
    assert len(texts) > 200, "the search would not find anything"
