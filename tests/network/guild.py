"""A guild of jewellers: people in the rooms of a running network, and what they do together.

::

    anna, bas (one region) · cas (another) · mia, max · olga · piet ── clients ──▶ homeserver
                                                                                     ▲
                                                      Network (tests.network.network) ┘

A test says what one of them types, and waits for what others read. Several tests share one
guild: each speaks of its own report, told from others by a :func:`word` that stands in it.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from appservice.ids import RoomID, UserID
from tests.conftest import PersonFactory
from tests.harness.people import Person
from tests.harness.reader import Reader
from tests.harness.timeline import Seen
from tests.network.network import ELSEWHERE, HERE, Network

SHOP = "Juwelier Zilverberg"
"""Anna's: nobody but the moderators may ever read it."""

_words = itertools.count(1)


def word() -> str:
    """A word that stands in no other message."""
    return f"zilverling{next(_words)}q"


@dataclass(frozen=True)
class Sent:
    """A report that waits for a moderator."""

    number: int
    word: str
    card: Seen


@dataclass(frozen=True)
class Cast:
    """Who takes part; the names are the same in every test."""

    anna: Person
    """A jeweller; most reports are hers."""
    bas: Person
    """A jeweller in the same region, who reads English."""
    cas: Person
    """A jeweller in another region."""
    mia: Person
    """A coordinator, and so a moderator."""
    max: Person
    """A moderator."""
    olga: Person
    """A jeweller who is a moderator too."""
    piet: Person
    """A police officer."""

    @classmethod
    async def arrive(cls, person: PersonFactory) -> Cast:
        names = ("anna", "bas", "cas", "mia", "max", "olga", "piet")
        return cls(*await asyncio.gather(*(person(name) for name in names)))

    @property
    def everyone(self) -> tuple[Person, ...]:
        return (self.anna, self.bas, self.cas, self.mia, self.max, self.olga, self.piet)


def people(
    *,
    members: Iterable[tuple[Reader, str, dict[str, str]]],
    moderators: Iterable[Reader],
    liaisons: Iterable[Reader] = (),
) -> dict[str, Any]:
    """The part of goudwacht.yaml that says who takes part."""
    return {
        "moderators": [str(one.user_id) for one in moderators],
        "members": [
            {"user": str(one.user_id), "region": region, **more} for one, region, more in members
        ],
        "liaisons": [{"user": str(one.user_id), "region": HERE} for one in liaisons],
        "moderation": {"two_moderators": [], "redact_after_hours": 0},
        "reports": {"most_a_minute": 1_000},
    }


def everyone(cast: Cast) -> dict[str, Any]:
    """What goudwacht.yaml says of a cast."""
    return people(
        members=[
            (cast.anna, HERE, {"shop": SHOP}),
            (cast.bas, HERE, {"language": "en"}),
            (cast.cas, ELSEWHERE, {}),
            (cast.olga, HERE, {"shop": "Juwelier Olga"}),
        ],
        moderators=[cast.max, cast.olga],
        liaisons=[cast.piet],
    ) | {"coordinators": [str(cast.mia.user_id)]}


class Guild:
    """A running network with its whole cast in their rooms."""

    def __init__(self, network: Network, cast: Cast) -> None:
        self.network = network
        self.cast = cast

    async def gather(self) -> None:
        """Start the service, and wait until everyone is where they belong."""
        cast, network = self.cast, self.network
        await network.start(**everyone(cast))
        self.anna_private = await network.private(cast.anna)
        self.bas_private = await network.private(cast.bas, "en")
        self.cas_private = await network.private(cast.cas)
        self.olga_private = await network.private(cast.olga)
        self.review = await network.review(cast.mia)
        self.alerts = await network.alerts(cast.anna)
        self.alerts_elsewhere = await network.alerts(cast.cas, "Amsterdam")
        self.police = await network.police(cast.piet)
        for moderator in (cast.max, cast.olga):
            await network.review(moderator)
        for member in (cast.bas, cast.olga):
            await network.alerts(member)
        for member in (cast.anna, cast.bas, cast.cas, cast.olga):
            await member.reads(re.compile("Welkom bij|Welcome to"))
        self._places = {who: frozenset(who.rooms.joined) for who in cast.everyone}

    async def gather_again(self) -> None:
        """Start anew with everyone in their place, and wait until the service has seen them.

        Whoever was removed is let in again, and whoever was moved goes back.
        """
        cast, mia = self.cast, self.cast.mia
        await self.network.restart(**everyone(cast), reactions={"trusted_homeservers": []})
        for typed in (
            f"!uitnodigen {cast.bas.user_id} {HERE}",
            f"!uitnodigen {cast.cas.user_id} {ELSEWHERE}",
            f"!rol {cast.max.user_id} moderator",
        ):
            said = await mia.say(self.review, typed)
            await mia.reads(reply_to(said), self.review)
        for who, rooms in self._places.items():
            await who.until(
                lambda who=who, rooms=rooms: rooms <= who.rooms.joined or None,  # type: ignore[misc]
                "to be back in every room",
            )
        # Events are handled in their order: who is answered now is answered after every join.
        said = await cast.anna.say(self.anna_private, "!nonsens")
        await cast.anna.reads(reply_to(said), self.anna_private)

    async def submitted(self, *lines: str) -> Sent:
        """A report of Anna's, sent; ``lines`` are added to it."""
        own = word()
        await self.cast.anna.say(self.anna_private, report(own, *lines))
        await self.cast.anna.reads(own, self.anna_private)
        return await self.send(self.cast.anna, self.anna_private, own)

    async def send(self, who: Reader, room: RoomID, own: str) -> Sent:
        """Send the draft in somebody's room; ``own`` is a word in it."""
        assert isinstance(who, Person)
        await who.say(room, "!verstuur")
        card = await self.cast.mia.reads(own, self.review)
        number = number_in(card)
        # Nothing of this is on its way any more when the test goes on.
        await who.reads(re.compile(rf"#{number} is (bij|with)"), room)
        return Sent(number, own, card)

    async def remove(self, who: Person) -> None:
        """Have the coordinator remove somebody."""
        said = await self.cast.mia.say(self.review, f"!verwijder {who.user_id}")
        await self.cast.mia.reads(reply_to(said), self.review)

    async def thrown_away(self) -> None:
        """Have Anna throw her draft away."""
        anna, room = self.cast.anna, self.anna_private
        said = await anna.say(room, "!annuleer")
        asked = await anna.reads(lambda seen: seen.event_id == said, room)
        await anna.reads("Weggegooid", room, after=asked)

    async def published(self, *lines: str) -> Sent:
        """A report that everyone has read: members of both regions, and the police."""
        sent = await self.submitted(*lines)
        await self.cast.mia.say(self.review, f"!ok #{sent.number} landelijk +politie")
        for who, room in (
            (self.cast.anna, self.alerts),
            (self.cast.bas, self.alerts),
            (self.cast.olga, self.alerts),
            (self.cast.cas, self.alerts_elsewhere),
            (self.cast.piet, self.police),
        ):
            await who.reads(sent.word, room)
        return sent

    async def quiet(self) -> None:
        """Wait until everything that was on its way to anyone, in any room, has been read.

        Each room's messages go out in order: who reads a later one has read the earlier ones.
        """
        later = await self.published()
        cast = self.cast
        for member, room in (
            (cast.bas, self.bas_private),
            (cast.cas, self.cas_private),
            (cast.olga, self.olga_private),
        ):
            own = word()
            await member.say(room, f"!{own}")
            await member.reads(answer_to(self.network.bot, own), room)
        await cast.anna.reads(f"#{later.number}", self.anna_private)
        await cast.mia.reads(edit_of(later.card), self.review)

    def heard(self, own: str, *, but_in: Sequence[RoomID] = ()) -> list[Seen]:
        """Every event with a word of a report in it, whoever read it, but in these rooms."""
        return [
            seen
            for who in self.cast.everyone
            for seen in who.timeline()
            if seen.room_id not in but_in and own in str(seen.content)
        ]

    def unreadable(self) -> list[Seen]:
        """What the bot said and one of them cannot read; strangers' messages are nobody's loss.

        Nor is what was said while they were put out: they get no key from the word on that says so.
        """
        return [
            seen
            for who in self.cast.everyone
            for seen in who.unreadable
            if seen.sender == self.network.bot and not self._goes_behind(who, seen)
        ]

    def _goes_behind(self, who: Reader, seen: Seen) -> bool:
        """Whether somebody was put out of a room behind this, and read nothing of it between."""
        said = who.timeline(seen.room_id)
        for event in said[said.index(seen) + 1 :]:
            if event.type == "m.room.member" and event.state_key == who.user_id:
                return event.content.get("membership") == "leave"
            if event.sender == self.network.bot and event.decrypted_at is not None:
                return False
        return False

    def shared(self) -> list[Seen]:
        """Everything the bot said in the alert rooms and the liaison room, by all who read it."""
        rooms = (self.alerts, self.alerts_elsewhere, self.police)
        return [
            seen
            for who in self.cast.everyone
            for seen in who.timeline()
            if seen.room_id in rooms
            and seen.sender == self.network.bot
            and seen.type == "m.room.message"
        ]

    def said_in(self, who: Reader, room: RoomID, own: str) -> list[Seen]:
        """The bot's messages in one room with a word in them, as one person read them; no edits."""
        return [
            seen
            for seen in who.timeline(room)
            if seen.sender == self.network.bot and own in seen.body and seen.edits is None
        ]


async def still_waits(guild: Guild, sent: Sent, by: Person | None = None) -> None:
    """Assert that nothing before this decided on a report: a decision counts only now."""
    who, why = by or guild.cast.max, word()
    await who.say(guild.review, f"!nee #{sent.number} {why}")
    first = await who.reads(edit_of(sent.card), guild.review)
    assert f"Afgewezen door {who.user_id}" in first.body
    assert why in first.body


async def refused(guild: Guild, who: Person, typed: str, *expected: str) -> Seen:
    """What somebody is answered in the review room."""
    said = await who.say(guild.review, typed)
    answer = await who.reads(reply_to(said), guild.review)
    assert [part for part in expected if part not in answer.body] == [], answer.body
    return answer


def report(own: str, *lines: str) -> str:
    """A report as a member types it, with all that it needs."""
    needed = ["!melding inbraak", "plaats: Utrecht", "tijd: zojuist", f"mo: deur open, {own}"]
    return "\n".join([*needed, *lines])


def number_in(seen: Seen) -> int:
    """The first number of a report in a message."""
    found = re.search(r"#(\d+)", seen.body)
    assert found is not None, seen.body
    return int(found[1])


def edit_of(original: Seen) -> Any:
    """Asks of an event whether it edits another."""
    return lambda seen: seen.edits == original.event_id


def answer_to(bot: UserID, own: str) -> Any:
    """Asks of an event whether the bot said this word in it."""
    return lambda seen: seen.sender == bot and own in seen.body


def reply_to(event_id: str) -> Any:
    """Asks of an event whether it answers another."""

    def answers(seen: Seen) -> bool:
        relation = seen.content.get("m.relates_to")
        relation = relation if isinstance(relation, dict) else {}
        return (relation.get("m.in_reply_to") or {}).get("event_id") == event_id

    return answers
