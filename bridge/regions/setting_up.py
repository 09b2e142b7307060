"""``!regio``: regions set up, renamed, joined to their neighbours and closed by a coordinator.

::

    !regio                                  which there are
    !regio nieuw code Name                  !regio hernoem code Name
    !regio buren code other other …         !regio politie code aan | uit | @officer:police.example
    !regio sluit code [naar other]          its members go to the other one

The rooms follow the records; what waited for a room that is closed is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bridge.audit import Audit, Deed, Entry
from bridge.commands import Asked
from bridge.members.inviting import Inviting
from bridge.members.naming import split_user
from bridge.members.register import Register
from bridge.members.roster import Role
from bridge.regions import Region, RegionCode
from bridge.regions.changes import new_region, renamed, with_neighbours
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


class SettingUp:
    """Answers ``!regio``.

    Args:
        register: the regions, and who is in them.
        inviting: lets police officers in.
        speaker: answers.
        audit: keeps who changed what.
    """

    def __init__(
        self, register: Register, inviting: Inviting, speaker: Speaker, audit: Audit
    ) -> None:
        self._register = register
        self._roster, self._regions = register.roster, register.regions
        self._inviting = inviting
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
        moving = self._roster.members_of(region.code)
        if moving and (into is None or into.code == region.code):
            raise Refused("regions/has_members", code=region.code, count=len(moving))
        moved = []
        for user in sorted(moving | self._roster.liaisons_of(region.code)):
            person = self._roster.person(user)
            if person is None:
                continue
            if person.region == region.code and into is not None:
                person = replace(person, region=into.code)
            moved.append(replace(person, liaison_for=person.liaison_for - {region.code}))
        await self._register.put_all(asked.work, moved, asked.now)
        await self._register.close_region(asked.work, region.code)
        await self._done(asked, region.code, "close", "regions/closed")

    async def _list(self, asked: Asked) -> None:
        values = {
            "regions": [
                {
                    "code": region.code,
                    "name": region.name,
                    "neighbours": [self._regions.name(code) for code in region.neighbours],
                    "police": region.police,
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

    async def _done(self, asked: Asked, code: RegionCode, change: str, template: str) -> None:
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
        await self._say(asked, template, values)

    async def _say(self, asked: Asked, template: str, values: Mapping[str, object]) -> None:
        say = Say(asked.place, template, values, reply_to=asked.message.event_id)
        await self._speaker.say(asked.work, [say], asked.now)
