"""``!leden``: who takes part, and with whom something is the matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from appservice.database import Work
from appservice.encryption.standing import Standing
from appservice.ids import UserID
from appservice.rooms import records
from bridge.commands import Asked
from bridge.members.departures import Departures
from bridge.members.invitations import Invitations
from bridge.members.naming import split_user
from bridge.members.register import Register
from bridge.members.roster import Person, Role
from bridge.members.trusting import Trusting
from bridge.regions import RegionCode
from bridge.speech import Refused, Say, Speaker

_SHOWN_AT_ONCE: Final = 60
"""People in one answer: an event has 65,536 bytes, and a phone a small screen."""


class MemberState(StrEnum):
    """The one thing about somebody that a coordinator should know; worst first."""

    IDENTITY_CHANGED = "identity_changed"
    UNVERIFIED = "unverified"
    NOT_JOINED = "not_joined"
    """Invited, and not in every room yet."""
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list."""

    user: UserID
    shop: str | None
    region: str | None
    roles: tuple[Role, ...]
    state: MemberState


class Listing:
    """Answers ``!leden``.

    Args:
        register: who takes part.
        invitations: those that are not through yet.
        departures: who is being taken out.
        trusting: knows whom no keys reach.
        speaker: answers.
    """

    def __init__(
        self,
        register: Register,
        invitations: Invitations,
        departures: Departures,
        trusting: Trusting,
        speaker: Speaker,
    ) -> None:
        self._roster, self._regions = register.roster, register.regions
        self._invitations = invitations
        self._departures = departures
        self._trusting = trusting
        self._speaker = speaker

    async def members(self, asked: Asked) -> None:
        """``!leden``, ``!leden region``, ``!leden @user:hs``."""
        if asked.argument.startswith(("@", "https://", "<https://")):
            await self._one(asked)
        elif asked.argument:
            await self._of_region(asked)
        else:
            await self._all(asked)

    async def listed(self, work: Work, people: Iterable[Person]) -> Sequence[Listed]:
        """Return people with what is the matter with each."""
        wanted = tuple(people)
        stand = await self._trusting.standings(work, wanted)
        absent = await records.absent(work)
        return [
            Listed(
                person.user,
                person.shop,
                None if person.region is None else self._regions.name(person.region),
                tuple(sorted(person.roles)),
                state_of(stand[person.user], joined=person.user not in absent),
            )
            for person in wanted
        ]

    async def _all(self, asked: Asked) -> None:
        found = await self.listed(asked.work, self._roster.people)
        wrong = [one for one in found if one.state is not MemberState.GOOD]
        wrong.sort(key=lambda one: list(MemberState).index(one.state))
        waiting = await self._invitations.all(asked.work)
        leaving = await self._departures.all(asked.work)
        values = {
            "regions": [
                {"name": region.name, "count": len(self._roster.members_of(region.code))}
                for region in self._regions
            ],
            "coordinators": sorted(self._roster.coordinators),
            "moderators": sorted(self._roster.moderators - self._roster.coordinators),
            "police": sorted(p.user for p in self._roster.people if Role.LIAISON in p.roles),
            "wrong": wrong[:_SHOWN_AT_ONCE],
            "more": max(0, len(wrong) - _SHOWN_AT_ONCE),
            "invited": [one.user for one in waiting[:_SHOWN_AT_ONCE]],
            "leaving": [one.user for one in leaving[:_SHOWN_AT_ONCE]],
        }
        await self._say(asked, "members/all", values)

    async def _of_region(self, asked: Asked) -> None:
        code = self._regions.named(asked.argument)
        if code is None:
            near = self._regions.nearest(asked.argument)
            codes = list(self._regions.codes)
            typed = asked.argument[:40]
            raise Refused("members/which_region", typed=typed, nearest=near, codes=codes)
        found = await self.listed(asked.work, self._in(code))
        values = {
            "region": self._regions.name(code),
            "people": found[:_SHOWN_AT_ONCE],
            "more": max(0, len(found) - _SHOWN_AT_ONCE),
        }
        await self._say(asked, "members/region", values)

    async def _one(self, asked: Asked) -> None:
        user, _ = split_user(asked.argument, self._roster)
        person = self._roster.person(user)
        if person is None:
            raise Refused("members/unknown", user=user)
        (one,) = await self.listed(asked.work, [person])
        await self._say(asked, "members/one", {"person": one})

    def _in(self, code: RegionCode) -> list[Person]:
        there = self._roster.members_of(code) | self._roster.liaisons_of(code)
        return [person for person in self._roster.people if person.user in there]

    async def _say(self, asked: Asked, template: str, values: Mapping[str, object]) -> None:
        say = Say(asked.place, template, values, reply_to=asked.message.event_id)
        await self._speaker.say(asked.work, [say], asked.now)


def state_of(stand: Standing, *, joined: bool) -> MemberState:
    """Return what should be known of somebody first."""
    if stand is Standing.CHANGED:
        return MemberState.IDENTITY_CHANGED
    if not joined:
        return MemberState.NOT_JOINED
    return MemberState.UNVERIFIED if stand is Standing.UNVERIFIED else MemberState.GOOD
