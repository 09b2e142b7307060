"""Invitations that are not through yet, in the database.

::

    LOOKING (is there such a user?) ─▶ VOUCHING (a second coordinator) ─▶ in the register
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text, delete, insert, select

from appservice.database import Work, metadata
from appservice.ids import EventID, UserID
from appservice.times import from_milliseconds, milliseconds
from appservice.vault import Vault
from bridge.members.roster import Role
from bridge.regions import RegionCode

invitations = Table(
    "invitations",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("region", Text),
    Column("shop", LargeBinary),
    Column("stage", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("event_id", Text, nullable=False),
)

_SHOP: Final = "shop of an invitation"


class Stage(StrEnum):
    """What an invitation waits for."""

    LOOKING = "looking"
    VOUCHING = "vouching"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody who is to be let in.

    Attributes:
        role: as what.
        region: a member's, or the one that a police officer is to serve.
        by: the coordinator who asked.
        event: their message.
    """

    user: UserID
    role: Role
    region: RegionCode | None
    shop: str | None
    by: UserID
    asked_at: datetime
    event: EventID
    stage: Stage = Stage.LOOKING

    @property
    def name(self) -> str:
        """Begins the names of messages about it."""
        return f"invitation/{self.user}/{milliseconds(self.asked_at)}"


def user_in(message: str | None) -> UserID | None:
    """Return whose invitation is confirmed by a reaction to this message; None for any other."""
    kind, _, rest = (message or "").partition("/")
    user, _, _ = rest.rpartition("/")
    return UserID(user) if kind == "invitation" and user else None


class Invitations:
    """Reads and writes invitations.

    Args:
        vault: seals the name of the shop.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def put(self, work: Work, invitation: Invitation) -> None:
        """Store an invitation, in place of one that is there."""
        await self.drop(work, invitation.user)
        shop = invitation.shop
        await work.execute(
            insert(invitations).values(
                user_id=invitation.user,
                role=invitation.role,
                region=invitation.region,
                shop=None if shop is None else self._vault.seal(shop.encode(), _SHOP),
                stage=invitation.stage,
                asked_by=invitation.by,
                asked_at=milliseconds(invitation.asked_at),
                event_id=invitation.event,
            )
        )

    async def drop(self, work: Work, user: UserID) -> bool:
        """Forget an invitation; tell whether there was one."""
        done = await work.execute(delete(invitations).where(invitations.c.user_id == user))
        return bool(done.rowcount)

    async def of(self, work: Work, user: UserID) -> Invitation | None:
        """Return the invitation of somebody."""
        row = (await work.execute(select(invitations).where(invitations.c.user_id == user))).first()
        return None if row is None else self._invitation(row)

    async def all(self, work: Work) -> Sequence[Invitation]:
        """Return every invitation, oldest first."""
        rows = await work.execute(select(invitations).order_by(invitations.c.asked_at))
        return [self._invitation(row) for row in rows]

    def _invitation(self, row: Any) -> Invitation:
        return Invitation(
            user=UserID(row.user_id),
            role=Role(row.role),
            region=None if row.region is None else RegionCode(row.region),
            shop=None if row.shop is None else self._vault.open(row.shop, _SHOP).decode(),
            by=UserID(row.asked_by),
            asked_at=from_milliseconds(row.asked_at),
            event=EventID(row.event_id),
            stage=Stage(row.stage),
        )
