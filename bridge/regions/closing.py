"""Whom the closing of a region leaves without one, and where they go.

::

    !regio sluit code naar other ─┬─ its members ──────────────────────▶ to the other, and told so
                                  ├─ its police who serve another unit ▶ stay for that
                                  └─ its police who serve no other ────▶ out, named on the desk

Nobody stays in the records with nothing to read: whoever looked at the members' list would take
them for somebody who takes part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bridge.members.roster import Person, Role, Roster
from bridge.regions import RegionCode


@dataclass(frozen=True, slots=True)
class Resettled:
    """What becomes of everybody a region had.

    Attributes:
        moved: its members, as they are in the other region.
        stay: its police who serve another unit too, as they are from now on.
        stranded: its police who serve no other.
    """

    moved: tuple[Person, ...] = ()
    stay: tuple[Person, ...] = ()
    stranded: tuple[Person, ...] = ()


def resettled(roster: Roster, region: RegionCode, into: RegionCode | None) -> Resettled:
    """Return what becomes of everybody when a region is closed.

    Those too whose homeserver may not take part now: it may again.

    Args:
        into: where its members go; None when it has none.
    """
    moved: list[Person] = []
    stay: list[Person] = []
    stranded: list[Person] = []
    everyone = sorted((*roster.people, *roster.shut_out), key=lambda person: person.user)
    for person in everyone:
        serves = person.liaison_for - {region}
        if Role.LIAISON in person.roles and region in person.liaison_for:
            (stay if serves else stranded).append(replace(person, liaison_for=serves))
        elif person.region == region:
            moved.append(replace(person, region=into))
    return Resettled(tuple(moved), tuple(stay), tuple(stranded))
