"""Plays of a network, in which between them every text there is is said."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, update

from appservice.database import Work
from appservice.encryption.devices import tracked_users
from appservice.events import Membership, MembershipChange, Tampered
from appservice.faults import Direction, SetAside
from appservice.ids import EventID, RoomAlias, RoomID, UserID, server_of
from appservice.lookups import Existence
from appservice.rooms import records
from appservice.rooms.directory import Published
from appservice.rooms.keeper import RepairRefused
from appservice.rooms.plan import Remove
from appservice.rooms.upgrades import UpgradeFault, UpgradeRefused
from bridge.places import AlertRoom, LiaisonRoom, PrivateRoom, ReviewRoom, key_of
from bridge.regions import NATIONWIDE
from tests.unit.example import (
    ANNA,
    BAS,
    CORA,
    HERE,
    MAX,
    MIA,
    NORA,
    NOW,
    OLGA,
    PIET,
)
from tests.unit.stage import CLEAR, UNSIGNED, Stage

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
    for away in (timedelta(minutes=1), timedelta(days=1)):
        await stage.hears(
            lambda work, away=away: stage.network.homeserver_back(  # type: ignore[misc]
                work, server_of(PIET), NOW - away
            )
        )
    for fault in UpgradeFault:
        replaced = fault is UpgradeFault.NOT_OURS
        refused = UpgradeRefused(key_of(REVIEW), MIA, fault, replaced)
        await stage.hears(
            lambda work, refused=refused: stage.network.upgrade_refused(work, refused)  # type: ignore[misc]
        )
    await stage.network.privacy.sweep.whole(stage.database, NOW + timedelta(days=400))


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
    shared, merged = ("!ok #2 +politie", "!ok #1 +politie"), "!samen #1 #2"
    for typed in (shared[0], merged, shared[1], "!wijzig #1 daders: 3", merged):
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
