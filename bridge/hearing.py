"""Who is heard where: what people write and tap in our rooms, taken to the topic it belongs to.

::

    Message ──▶ whose room? may it be read? ──▶ command? ──▶ Commands.find ──▶ a topic's method
                                            └▶ plain words ─▶ whoever asked last
    Reaction, Redaction ─▶ whose room? ─▶ private room, tips, police, moderation
    joined ──────────────▶ private room? ─▶ welcome

Decides nothing else. What a topic refuses is told where it was asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from appservice.database import Work
from appservice.events import (
    Event,
    Membership,
    MembershipChange,
    Message,
    Reaction,
    Redaction,
    Tampered,
    Unreadable,
)
from appservice.handling import Handled
from appservice.rooms import errands
from appservice.rooms.errands import Errand
from appservice.rooms.plan import RoomKey
from bridge.commands import Asked, Command, Commands, Where, typed, where_of
from bridge.members.coordinating import Coordinating
from bridge.members.roster import MODERATING, Person, Role, Roster
from bridge.moderation.room import ModeratorsRoom
from bridge.places import AlertRoom, LiaisonRoom, Place, PrivateRoom, ReviewRoom, has_police
from bridge.police.liaison import Liaisons
from bridge.posting import Posted, is_emoji, posted
from bridge.private_room import PrivateRooms
from bridge.regions import Regions
from bridge.speech import Refused, Say, Speaker
from bridge.tips import Tipping

MAXIMUM_CHARACTERS = 8_000
"""Characters of a message that are read at all; the longest report has fewer than half."""

_HELP = (
    (Where.PRIVATE, frozenset({Role.MEMBER})),
    (Where.REVIEW, MODERATING),
    (Where.POLICE, frozenset({Role.LIAISON})),
)


@dataclass(frozen=True, slots=True)
class Topics:
    """Who answers."""

    private: PrivateRooms
    tipping: Tipping
    moderators: ModeratorsRoom
    coordinating: Coordinating
    liaisons: Liaisons

    @property
    def commands(self) -> Sequence[Command]:
        """What can be asked for anywhere, in the order of the help."""
        return [
            *self.private.commands,
            *self.moderators.commands,
            *self.coordinating.commands,
            *self.liaisons.commands,
        ]


class Hearing:
    """Takes each event of our rooms to its topic.

    Args:
        topics: who answers; to their commands help is added.
        roster: who people are.
        regions: whether there are police.
        speaker: says what is refused.
        trusted: homeservers whose users' reactions count.
        all_devices: a message from an unverified device counts as any other.
    """

    def __init__(
        self,
        topics: Topics,
        roster: Roster,
        regions: Regions,
        speaker: Speaker,
        trusted: Collection[str],
        *,
        all_devices: bool,
    ) -> None:
        self._topics = topics
        self._roster = roster
        self._speaker = speaker
        self._trusted = trusted
        self._all_devices = all_devices
        self._police = partial(has_police, regions, roster)
        helps = [
            Command("help", ("help", "hulp"), (), who, where, self._help) for where, who in _HELP
        ]
        self._commands = Commands([*topics.commands, *helps], self._police)

    async def happens(
        self, work: Work, key: RoomKey, place: Place, event: Event, now: datetime
    ) -> Handled:
        """Answer an event of the room of a place."""
        match event:
            case MembershipChange():
                return await self._member_moved(work, place, event, now)
            case Tampered():
                await self._topics.coordinating.guarding.tampered(work, place, event, now)
                return Handled(tampered=key)
            case Message() | Unreadable() if where_of(place) is None:
                # Nobody but the bot may write here: somebody was given the power for a moment.
                await errands.put(work, Errand.REDACT, event.room_id, event.event_id)
            case Message():
                await self._message(work, place, event, now)
            case Reaction():
                await self._reaction(work, place, event, now)
            case Unreadable():
                if isinstance(place, PrivateRoom) and self._roster.person(event.sender):
                    say = Say(place, "refusal/unreadable", reply_to=event.event_id)
                    await self._speaker.say(work, [say], now)
            case Redaction():
                await self._redaction(work, place, event, now)
        return Handled()

    async def _reaction(self, work: Work, place: Place, event: Reaction, now: datetime) -> None:
        topics, person = self._topics, self._roster.person(event.sender)
        if not is_emoji(event.key):
            await self._in_words(work, place, person, event, now)
            return
        if person is None:
            return
        if place == PrivateRoom(person.user):
            await topics.private.react(work, person, event, now)
        elif isinstance(place, AlertRoom):
            await topics.tipping.tapped(work, person, event, now)
        elif isinstance(place, LiaisonRoom):
            await topics.liaisons.react(work, person, place, event, now)
        elif isinstance(place, ReviewRoom) and person.moderates:
            inviting = topics.coordinating.inviting
            if not await inviting.react(work, event, self._trusted, now):
                await topics.moderators.react(work, person, event, now)

    async def _in_words(
        self, work: Work, place: Place, person: Person | None, event: Reaction, now: datetime
    ) -> None:
        """Remove a reaction that says something: it is not encrypted, and members read it unread.

        Who made it is told once a day: others can make some up in their name.
        """
        await errands.put(work, Errand.REDACT, event.room_id, event.event_id)
        if person is None:
            return
        own = PrivateRoom(person.user)
        told_in = own if where_of(place) is None else place
        if isinstance(told_in, PrivateRoom) and (told_in != own or not person.is_member):
            return
        name = f"reaction in words/{person.user}/{now.date().isoformat()}"
        say = Say(told_in, "refusal/words_as_reaction", name=name)
        await self._speaker.say(work, [say], now)

    async def _redaction(self, work: Work, place: Place, event: Redaction, now: datetime) -> None:
        topics, person = self._topics, self._roster.person(event.sender)
        if person is not None and place == PrivateRoom(person.user):
            await topics.private.dialogue.redacted(work, person, event, now)
        elif isinstance(place, ReviewRoom):
            await topics.moderators.reviewing.unreact(work, event, now)

    async def _member_moved(
        self, work: Work, place: Place, event: MembershipChange, now: datetime
    ) -> Handled:
        topics, joined = self._topics, event.membership is Membership.JOIN
        person = self._roster.person(event.user)
        if event.membership is Membership.LEAVE and event.sender == event.user and person:
            await topics.coordinating.leaving.left(work, place, person, now)
            # The last coordinator is invited again.
            return Handled(rooms_changed=True)
        if await topics.coordinating.guarding.moved(work, place, event, now):
            return Handled(rooms_changed=True)
        if joined and isinstance(place, PrivateRoom) and event.user == place.user:
            await self._speaker.say(work, [topics.private.welcome(place)], now)
        return Handled()

    async def _message(self, work: Work, place: Place, message: Message, now: datetime) -> None:
        person, where = self._roster.person(message.sender), where_of(place)
        if person is None or where is None:
            return
        if isinstance(place, PrivateRoom) and place.user != person.user:
            return
        asked = Asked(work, person, place, message, message.body.strip(), now)
        try:
            await self._answer(asked, where)
        except Refused as refused:
            say = Say(place, refused.template, refused.values, reply_to=message.event_id)
            await self._speaker.say(work, [say], asked.now)

    async def _answer(self, asked: Asked, where: Where) -> None:
        message, private = asked.message, where is Where.PRIVATE
        command = typed(message.body)
        what = posted(message.msgtype, media=message.media)
        if what is Posted.CHECK or (what is Posted.TALK and not private):
            return
        if what is not Posted.WORDS:
            await errands.put(asked.work, Errand.REDACT, message.room_id, message.event_id)
            raise Refused("refusal/no_files", police=where is Where.POLICE)
        if not private and command is None:
            # Moderators and officers talk among themselves: only commands are for the bot.
            return
        if not message.secrecy.encrypted:
            # It stands in the homeserver's database now; take it out of there as far as we can.
            await errands.put(asked.work, Errand.REDACT, message.room_id, message.event_id)
            raise Refused("refusal/not_encrypted")
        if len(message.body) > MAXIMUM_CHARACTERS:
            raise Refused("refusal/too_long", maximum=MAXIMUM_CHARACTERS)
        if message.replaces is not None:
            if private and await self._topics.private.dialogue.edited(asked):
                return
            raise Refused("refusal/edited")
        if not private and not message.secrecy.device_signed and not self._all_devices:
            raise Refused("refusal/device_not_verified")
        if command is not None:
            await self._run(asked, where, *command)
        elif not await self._topics.private.answer(asked):
            raise Refused("command/none")

    async def _run(self, asked: Asked, where: Where, word: str, argument: str) -> None:
        command = self._commands.find(asked.person, where, word)
        if command is None:
            desk = where is Where.REVIEW and asked.person.moderates
            if desk and self._commands.is_known(where, word):
                raise Refused("command/coordinators", typed=word)
            nearest = self._commands.nearest(asked.person, where, word)
            raise Refused("command/unknown", typed=word[:40], nearest=nearest)
        await command.run(replace(asked, argument=argument))

    async def _help(self, asked: Asked) -> None:
        where = where_of(asked.place)
        commands = [] if where is None else self._commands.of(asked.person, where)
        names = [command.name for command in commands]
        values = {"commands": names, "police": self._police()}
        say = Say(asked.place, "help/all", values)
        await self._speaker.say(asked.work, [say], asked.now)
