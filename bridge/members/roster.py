"""Who is who: every person of the network with role, region and language.

::

    register ──▶ Roster ──▶ may this person do this? · who belongs in which room?

Read from the database (:mod:`bridge.members.register`) and replaced as a whole when that changes:
whoever holds a :class:`Roster` always sees who takes part now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from appservice.ids import UserID, server_of
from bridge.regions import RegionCode
from bridge.wording import Language


class Role(StrEnum):
    """What somebody is to the network (``domain`` of the federation, "who is who")."""

    MEMBER = "member"
    MODERATOR = "moderator"
    COORDINATOR = "coordinator"
    """A moderator who also decides who takes part."""
    LIAISON = "liaison"
    """A police officer. Has none of a moderator's powers."""


MODERATING = frozenset({Role.MODERATOR, Role.COORDINATOR})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who takes part.

    Attributes:
        region: of a member, where their shop is.
        liaison_for: of a police officer, the units whose liaison room is theirs.
        shop: for the moderators' eyes only.
        language: as they were entered with; a member may choose another.
    """

    user: UserID
    roles: frozenset[Role]
    region: RegionCode | None
    shop: str | None
    language: Language
    liaison_for: frozenset[RegionCode] = frozenset()

    @property
    def moderates(self) -> bool:
        """Whether this person decides on reports."""
        return bool(self.roles & MODERATING)

    @property
    def is_member(self) -> bool:
        """Whether this person may report and reads alerts."""
        return Role.MEMBER in self.roles


class Roster:
    """Everyone who takes part, by user id.

    Args:
        people: who was entered.
        allowed: tells whether somebody's homeserver may take part. Who is on another does not,
            whatever was entered.
    """

    def __init__(
        self, people: Iterable[Person], allowed: Callable[[UserID], bool] = lambda _: True
    ) -> None:
        self._allowed = allowed
        self.withdrawn: frozenset[str] = frozenset()
        """Homeservers that a coordinator put out; counts from the next :meth:`replace` on."""
        self._people: Mapping[UserID, Person] = {}
        self._shut_out: Mapping[UserID, Person] = {}
        self.replace(people)

    def replace(self, people: Iterable[Person]) -> None:
        """Let these be who takes part from now on."""
        entered = {person.user: person for person in people}
        self._people = {user: who for user, who in entered.items() if self.may_take_part(user)}
        self._shut_out = {user: who for user, who in entered.items() if user not in self._people}

    def may_take_part(self, user: UserID) -> bool:
        """Tell whether somebody's homeserver lets them."""
        return self._allowed(user) and server_of(user) not in self.withdrawn

    def person(self, user: UserID) -> Person | None:
        """Return who this is; None for a stranger."""
        return self._people.get(user)

    def entered(self, user: UserID) -> Person | None:
        """Return who this is even if their homeserver may not take part."""
        return self._people.get(user) or self._shut_out.get(user)

    @property
    def shut_out(self) -> tuple[Person, ...]:
        """Everyone who was entered and does not take part, because of their homeserver."""
        return tuple(self._shut_out.values())

    @property
    def people(self) -> tuple[Person, ...]:
        """Everyone."""
        return tuple(self._people.values())

    @property
    def members(self) -> tuple[Person, ...]:
        """Every member."""
        return tuple(person for person in self._people.values() if person.is_member)

    def members_of(self, region: RegionCode) -> frozenset[UserID]:
        """Return the members of a region."""
        return frozenset(person.user for person in self.members if person.region == region)

    def liaisons_of(self, unit: RegionCode) -> frozenset[UserID]:
        """Return the police officers of a unit."""
        return frozenset(
            person.user for person in self._people.values() if unit in person.liaison_for
        )

    @property
    def moderators(self) -> frozenset[UserID]:
        """Everyone who decides on reports, coordinators included."""
        return frozenset(person.user for person in self._people.values() if person.moderates)

    @property
    def coordinators(self) -> frozenset[UserID]:
        """Everyone who decides who takes part."""
        return frozenset(p.user for p in self._people.values() if Role.COORDINATOR in p.roles)
