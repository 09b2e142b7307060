"""What a coordinator may decide about people, and who somebody is afterwards.

Functions of who takes part; each returns the person as they are to be, or refuses.
"""

from __future__ import annotations

from dataclasses import replace

from appservice.ids import UserID
from bridge.members.roster import MODERATING, Person, Role, Roster
from bridge.regions import RegionCode
from bridge.speech import Refused
from bridge.wording import Language


def may_be_invited(roster: Roster, user: UserID, role: Role, region: RegionCode | None) -> None:
    """Raise :exc:`~bridge.speech.Refused` when somebody cannot become what they are invited as.

    Nobody is both member and police: a liaison sees what members must not.
    """
    known = roster.entered(user)
    if known is None:
        return
    police = Role.LIAISON in known.roles
    if police != (role is Role.LIAISON):
        raise Refused("members/police_or_member", user=user)
    there = known.liaison_for if police else {known.region}
    if role in known.roles and (region is None or region in there):
        raise Refused("members/already_in", user=user)


def let_in(
    roster: Roster,
    user: UserID,
    role: Role,
    region: RegionCode | None,
    shop: str | None,
    language: Language,
) -> Person:
    """Return who somebody is once they are let in; who takes part already keeps what they are."""
    known = roster.entered(user) or Person(user, frozenset(), None, None, language)
    if role is Role.LIAISON:
        served = known.liaison_for | ({region} if region is not None else set())
        return replace(known, roles=frozenset({role}), liaison_for=frozenset(served))
    if role is Role.MEMBER:
        return replace(known, roles=known.roles | {role}, region=region, shop=shop or known.shop)
    return replace(known, roles=(known.roles - MODERATING) | {role})


def in_role(roster: Roster, person: Person, role: Role) -> Person:
    """Return somebody in another role; as a plain member without a moderator's powers.

    Raises:
        Refused: it is police, has that role, has no region to be a member of, or is the last
            coordinator.
    """
    if Role.LIAISON in person.roles:
        raise Refused("members/police_or_member", user=person.user)
    now = person.roles - MODERATING
    if role is Role.MEMBER:
        if not person.is_member:
            raise Refused("members/no_region", user=person.user)
    else:
        now = now | {role}
    if now == person.roles:
        raise Refused("members/has_role", user=person.user)
    if Role.COORDINATOR not in now:
        _not_the_last(roster, person)
    return replace(person, roles=now)


def may_be_removed(roster: Roster, person: Person) -> None:
    """Raise :exc:`~bridge.speech.Refused` for the last coordinator: nobody could let anyone in."""
    _not_the_last(roster, person)


def _not_the_last(roster: Roster, person: Person) -> None:
    if roster.coordinators == {person.user}:
        raise Refused("members/last_coordinator", user=person.user)
