"""``!regio``: regions set up, renamed, joined to their neighbours and closed by a coordinator.

::

    !regio                                  which there are
    !regio nieuw code Name                  !regio hernoem code Name
    !regio buren code other other …         !regio politie code aan | uit | @officer:police.example
    !regio sluit code [naar other]          its members go to the other one

The rooms follow the records; what waited for a room that is closed is dropped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from appservice.database import Work
from bridge.audit import Audit, Deed, Entry
from bridge.commands import Asked
from bridge.members.inviting import Inviting
from bridge.members.naming import split_user
from bridge.members.register import Register
from bridge.members.roster import Person, Role
from bridge.places import PrivateRoom, with_police
from bridge.regions import Region, RegionCode
from bridge.regions.changes import new_region, renamed, with_neighbours
from bridge.regions.closing import resettled
from bridge.speech import Refused, Say, Speaker

_WORDS: Final = {
    "nieuw": "new",
    "new": "new",
    "hernoem": "rename",
    "rename": "rename",
    "buren": "neighbours",
    "neighbours": "neighbours",
    "politie": "police",
    "police": "police",
    "sluit": "close",
    "close": "close",
}
_ON: Final = {"aan": True, "on": True, "uit": False, "off": False}
_INTO: Final = frozenset({"naar", "to"})


TakingOut = Callable[[Work, Person, datetime], Awaitable[None]]
"""Takes somebody out of the register, and so out of every room."""


class SettingUp:
    """Answers ``!regio``.

    Args:
        register: the regions, and who is in them.
        inviting: lets police officers in.
        take_out: takes out who has nothing to read any more.
        speaker: answers.
        audit: keeps who changed what.
    """

    def __init__(
        self,
        register: Register,
        inviting: Inviting,
        take_out: TakingOut,
        speaker: Speaker,
        audit: Audit,
    ) -> None:
        self._register = register
        self._roster, self._regions = register.roster, register.regions
        self._inviting = inviting
        self._take_out = take_out
        self._speaker = speaker
        self._audit = audit

    async def region(self, asked: Asked) -> None:
        """``!regio …``."""
        word, _, rest = asked.argument.partition(" ")
        rest = rest.strip()
        match _WORDS.get(word.casefold()):
            case "new":
                await self._new(asked, rest)
            case "rename":
                await self._rename(asked, rest)
            case "neighbours":
                await self._neighbours(asked, rest)
            case "police":
                await self._police(asked, rest)
            case "close":
                await self._close(asked, rest)
            case _ if not word:
                await self._list(asked)
            case _:
                raise Refused("regions/how")

    async def _new(self, asked: Asked, text: str) -> None:
        code, _, name = text.partition(" ")
        if not name.strip():
            raise Refused("regions/how")
        region = new_region(self._regions, code, name.strip())
        if not await self._register.add_region(asked.work, region):
            # A closed one has it: rooms stand under it.
            raise Refused("regions/taken", typed=code[:40])
        await self._done(asked, region.code, "new", "regions/made")

    async def _rename(self, asked: Asked, text: str) -> None:
        code, _, name = text.partition(" ")
        region = renamed(self._regions, self._meant(code), name.strip())
        await self._register.change_region(asked.work, region)
        await self._done(asked, region.code, "rename", "regions/renamed")

    async def _neighbours(self, asked: Asked, text: str) -> None:
        own, *others = text.split() or [""]
        region = self._meant(own)
        neighbours = [self._meant(other).code for other in others]
        for changed in with_neighbours(self._regions, region, neighbours):
            await self._register.change_region(asked.work, changed)
        await self._done(asked, region.code, "neighbours", "regions/neighbours")

    async def _police(self, asked: Asked, text: str) -> None:
        code, _, what = text.partition(" ")
        region = self._meant(code)
        what = what.strip()
        if what.startswith(("@", "https://", "<https://")):
            if not region.police:
                raise Refused("regions/police_is_off", code=region.code)
            user, _ = split_user(what, self._roster)
            await self._inviting.ask(asked, user, Role.LIAISON, region.code)
            return
        on = _ON.get(what.casefold())
        if on is None:
            raise Refused("regions/how")
        changed = region.model_copy(update={"police": on})
        await self._register.change_region(asked.work, changed)
        await self._done(asked, region.code, "police-on" if on else "police-off", "regions/police")

    async def _close(self, asked: Asked, text: str) -> None:
        words = [word for word in text.split() if word.casefold() not in _INTO]
        region = self._meant(words[0] if words else "")
        into = self._meant(words[1]) if len(words) > 1 else None
        if len(self._regions) == 1:
            raise Refused("regions/last")
        people = resettled(self._roster, region.code, None if into is None else into.code)
        if people.moved and (into is None or into.code == region.code):
            raise Refused("regions/has_members", code=region.code, count=len(people.moved))
        await self._register.put_all(asked.work, (*people.moved, *people.stay), asked.now)
        for person in people.stranded:
            await self._take_out(asked.work, person, asked.now)
            entry = Entry(
                Deed.REVOKED,
                by=asked.person.user,
                about=person.user,
                details={"region": str(region.code)},
            )
            await self._audit.record(asked.work, entry, asked.now)
        await self._register.close_region(asked.work, region.code)
        values = {
            "into": None if into is None else into.name,
            "into_code": None if into is None else into.code,
            "moved": len(people.moved),
            "stranded": [person.user for person in people.stranded],
        }
        await self._done(asked, region.code, "close", "regions/closed", values)
        if into is not None:
            await self._tell_moved(asked, people.moved, into)

    async def _tell_moved(self, asked: Asked, moved: Sequence[Person], into: Region) -> None:
        values = {"region": into.name, "closed": True}
        says = [
            Say(PrivateRoom(person.user), "member/region_moved", values)
            for person in moved
            if self._roster.person(person.user) is not None
        ]
        await self._speaker.say(asked.work, says, asked.now)

    async def _list(self, asked: Asked) -> None:
        there = with_police(self._regions, self._roster)
        values = {
            "regions": [
                {
                    "code": region.code,
                    "name": region.name,
                    "neighbours": [self._regions.name(code) for code in region.neighbours],
                    "police": region.code in there,
                    "count": len(self._roster.members_of(region.code)),
                }
                for region in self._regions
            ]
        }
        await self._say(asked, "regions/all", values)

    def _meant(self, word: str) -> Region:
        code = self._regions.named(word)
        region = None if code is None else self._regions.get(code)
        if region is None:
            near = self._regions.nearest(word) if word else None
            codes = list(self._regions.codes)
            raise Refused("members/which_region", typed=word[:40], nearest=near, codes=codes)
        return region

    async def _done(
        self,
        asked: Asked,
        code: RegionCode,
        change: str,
        template: str,
        more: Mapping[str, object] | None = None,
    ) -> None:
        details = {"region": str(code), "change": change}
        entry = Entry(Deed.REGION_CHANGED, by=asked.person.user, details=details)
        await self._audit.record(asked.work, entry, asked.now)
        region = self._regions.get(code)
        neighbours = () if region is None else region.neighbours
        values = {
            "code": code,
            "name": self._regions.name(code),
            "neighbours": [self._regions.name(other) for other in neighbours],
            "police": region is not None and region.police,
        }
        await self._say(asked, template, {**values, **(more or {})})

    async def _say(self, asked: Asked, template: str, values: Mapping[str, object]) -> None:
        say = Say(asked.place, template, values, reply_to=asked.message.event_id)
        await self._speaker.say(asked.work, [say], asked.now)
