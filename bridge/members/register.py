"""Who takes part and which regions there are: the database, and what is known of it in memory.

::

    goudwacht.yaml ─(each entry once)─▶ database ──▶ Roster, Regions ──▶ everyone who asks
                                           ▲
    !uitnodigen, !regio, members import ───┘ another mark: read again

The database rules. Each entry of the configuration is taken over once, when the service first
starts with it: who was removed in chat is not let in again by a restart, and an operator whose
coordinators are all gone names a new one there. What the configuration no longer names stays.

Whoever changes the records leaves a new mark. A transaction that finds another mark than the one it
knows reads them again: so the service hears of what ``goudwacht members import`` did beside it, and
never goes on with what a transaction wrote that was rolled back.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Column, Table, Text, delete, insert, select

from appservice.database import Work, insert_missing, metadata
from appservice.ids import UserID
from appservice.vault import Vault
from bridge.configuration import Configuration
from bridge.members.records import People
from bridge.members.roster import Person, Role, Roster
from bridge.members.withdrawn import restore, withdraw, withdrawn
from bridge.regions import PoliceUnit, Region, RegionCode, Regions
from bridge.regions import records as region_records

log = logging.getLogger(__name__)

seeds = Table("seeds", metadata, Column("entry", Text, primary_key=True))
"""Which entries of the configuration were taken over."""

register_mark = Table("register_mark", metadata, Column("mark", Text, primary_key=True))
"""One row: another one after each change."""


class Register:
    """The records, and :attr:`roster` and :attr:`regions` as they were last read from them.

    Args:
        vault: seals what lies in the records.
        allowed: tells whether somebody's homeserver may take part.
        units: police units that serve other areas than one region.
    """

    def __init__(
        self,
        vault: Vault,
        allowed: Callable[[UserID], bool] = lambda _: True,
        units: Iterable[PoliceUnit] = (),
    ) -> None:
        self._people = People(vault)
        self._mark: str | None = None
        self.roster = Roster((), allowed)
        self.regions = Regions(merged=units)

    @property
    def mark(self) -> str | None:
        """Stands for what was last read; another one after every change."""
        return self._mark

    async def look(self, work: Work) -> bool:
        """Read the records again if another hand changed them; tell whether."""
        mark: str | None = (await work.execute(select(register_mark.c.mark))).scalar_one_or_none()
        if mark == self._mark:
            return False
        await self._read(work)
        self._mark = mark
        return True

    async def put(self, work: Work, person: Person, now: datetime) -> None:
        """Let somebody take part as they are here."""
        await self._people.put(work, person, now)
        await self._changed(work)

    async def put_all(self, work: Work, people: Iterable[Person], now: datetime) -> None:
        """Let several take part as they are here."""
        for person in people:
            await self._people.put(work, person, now)
        await self._changed(work)

    async def drop(self, work: Work, user: UserID) -> None:
        """Let somebody take part no longer."""
        await self._people.drop(work, user)
        await self._changed(work)

    async def add_region(self, work: Work, region: Region) -> bool:
        """Set up a region; False when its code is or was in use."""
        added = await region_records.add(work, region)
        await self._changed(work)
        return added

    async def change_region(self, work: Work, region: Region) -> None:
        """Let the region of this code be as this one is."""
        await region_records.change(work, region)
        await self._changed(work)

    async def close_region(self, work: Work, code: RegionCode) -> None:
        """Close a region; it is nobody's neighbour any more."""
        await region_records.close(work, code)
        for region in self.regions:
            if code in region.neighbours:
                left = tuple(other for other in region.neighbours if other != code)
                await region_records.change(work, region.model_copy(update={"neighbours": left}))
        await self._changed(work)

    async def let_server(self, work: Work, server: str, *, on: bool) -> None:
        """Put a homeserver out with everyone on it, or let it in again."""
        await (restore if on else withdraw)(work, server)
        await self._changed(work)

    async def seed(self, work: Work, configuration: Configuration, now: datetime) -> None:
        """Take over every entry of the configuration that was not taken over before."""
        await self.look(work)
        taken = set((await work.execute(select(seeds.c.entry))).scalars())
        changed: dict[UserID, Person] = {}
        for region in configuration.regions:
            if f"region/{region.code}" not in taken:
                await region_records.add(work, region)
        await region_records.read(work, self.regions)
        new = [f"region/{region.code}" for region in configuration.regions]
        for entry, person in entries(configuration):
            if entry in taken:
                continue
            known = changed.get(person.user) or self.roster.entered(person.user)
            found = person if known is None else together(known, person)
            if not self._fits(found):
                log.warning("an entry of the configuration does not fit the records; left out")
                continue
            changed[person.user] = found
            new.append(entry)
        for person in changed.values():
            await self._people.put(work, person, now)
        new = sorted(set(new) - taken)
        if new:
            await insert_missing(work, seeds, [{"entry": entry} for entry in new])
            await self._changed(work)

    def _fits(self, person: Person) -> bool:
        """Tell whether a region is there for somebody, and they are not police and more."""
        both = Role.LIAISON in person.roles and len(person.roles) > 1
        there = person.region is None or person.region in self.regions
        served = all(self.regions.unit(code) is not None for code in person.liaison_for)
        return there and served and not both

    async def _changed(self, work: Work) -> None:
        mark = secrets.token_urlsafe(9)
        await work.execute(delete(register_mark))
        await work.execute(insert(register_mark).values(mark=mark))
        await self._read(work)
        self._mark = mark

    async def _read(self, work: Work) -> None:
        self.roster.withdrawn = await withdrawn(work)
        await self._people.read(work, self.roster)
        await region_records.read(work, self.regions)


async def not_taken_over(work: Work, configuration: Configuration) -> list[str]:
    """Return the entries of the configuration that the next start takes over."""
    taken = set((await work.execute(select(seeds.c.entry))).scalars())
    names = [f"region/{region.code}" for region in configuration.regions]
    names += [entry for entry, _ in entries(configuration)]
    return sorted(set(names) - taken)


async def has_new_shops(work: Work, configuration: Configuration) -> bool:
    """Tell whether the next start takes over a member whose shop is named."""
    new = set(await not_taken_over(work, configuration))
    return any(one.shop and f"member/{one.user}" in new for one in configuration.members)


def entries(configuration: Configuration) -> Iterator[tuple[str, Person]]:
    """Return each entry that names a person, with that person as it says."""
    own = configuration.network.language
    for member in configuration.members:
        yield (
            f"member/{member.user}",
            Person(
                member.user,
                frozenset({Role.MEMBER}),
                member.region,
                member.shop,
                member.language,
            ),
        )
    for role, users in (
        (Role.MODERATOR, configuration.moderators),
        (Role.COORDINATOR, configuration.coordinators),
    ):
        for user in users:
            yield f"{role}/{user}", Person(user, frozenset({role}), None, None, own)
    for liaison in configuration.liaisons:
        yield (
            f"liaison/{liaison.user}/{liaison.region}",
            Person(
                liaison.user,
                frozenset({Role.LIAISON}),
                None,
                None,
                own,
                frozenset({liaison.region}),
            ),
        )


def together(known: Person, entry: Person) -> Person:
    """Return who is known with what an entry says of them beside it."""
    return replace(
        known,
        roles=known.roles | entry.roles,
        region=entry.region or known.region,
        shop=entry.shop or known.shop,
        liaison_for=known.liaison_for | entry.liaison_for,
    )
