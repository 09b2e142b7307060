"""Who takes part, in the database.

One row a person; a role or a region served as police officer is a row of its own, so that somebody
may be member and moderator at once. Names of shops are sealed: with the user id they say who
warned whom.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text, delete, insert, select

from appservice.database import Work, metadata
from appservice.ids import UserID
from appservice.times import milliseconds
from appservice.vault import Vault
from bridge.members.roster import Person, Role, Roster
from bridge.regions import RegionCode
from bridge.wording import Language

people = Table(
    "people",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("region", Text),
    Column("shop", LargeBinary),
    Column("language", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
)

roles = Table(
    "roles",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("role", Text, primary_key=True),
)

liaisons = Table(
    "liaisons",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("region", Text, primary_key=True),
)

_SHOP: Final = "shop"


class People:
    """Reads and writes who takes part.

    Args:
        vault: seals the names of shops.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def read(self, work: Work, into: Roster) -> None:
        """Bring ``into`` up to date."""
        held: dict[str, set[Role]] = {}
        for row in await work.execute(select(roles)):
            held.setdefault(row.user_id, set()).add(Role(row.role))
        served: dict[str, set[RegionCode]] = {}
        for row in await work.execute(select(liaisons)):
            served.setdefault(row.user_id, set()).add(RegionCode(row.region))
        rows = await work.execute(select(people).order_by(people.c.since, people.c.user_id))
        into.replace(
            Person(
                user=UserID(row.user_id),
                roles=frozenset(held.get(row.user_id, ())),
                region=None if row.region is None else RegionCode(row.region),
                shop=None if row.shop is None else self._vault.open(row.shop, _SHOP).decode(),
                language=Language(row.language),
                liaison_for=frozenset(served.get(row.user_id, ())),
            )
            for row in rows
        )

    async def put(self, work: Work, person: Person, now: datetime) -> None:
        """Let somebody be in the records as they are here; ``now`` counts for who is new."""
        user = person.user
        since = (
            await work.execute(select(people.c.since).where(people.c.user_id == user))
        ).scalar_one_or_none()
        await self.drop(work, user)
        await work.execute(
            insert(people).values(
                user_id=user,
                region=person.region,
                shop=None if person.shop is None else self._vault.seal(person.shop.encode(), _SHOP),
                language=person.language,
                since=milliseconds(now) if since is None else since,
            )
        )
        if person.roles:
            await work.execute(
                insert(roles),
                [{"user_id": user, "role": role} for role in sorted(person.roles)],
            )
        if person.liaison_for:
            await work.execute(
                insert(liaisons),
                [{"user_id": user, "region": region} for region in sorted(person.liaison_for)],
            )

    async def drop(self, work: Work, user: UserID) -> None:
        """Take somebody out of the records."""
        for table in (people, roles, liaisons):
            await work.execute(delete(table).where(table.c.user_id == user))
