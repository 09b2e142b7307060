"""Where an alert is to go, as a moderator chose it, and whether one moderator may choose so.

::

    "amsterdam +buren +politie" ─▶ chosen ─▶ Choice ─▶ needs_two ─▶ decisions.approve
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from rapidfuzz import process

from bridge.configuration.police import MARKED
from bridge.configuration.settings import NATIONAL, POLICE
from bridge.members.roster import Roster
from bridge.places import with_police
from bridge.regions import NATIONWIDE, RegionCode, Regions
from bridge.reports.case import Case
from bridge.reports.fields import ReportType
from bridge.reports.shown import NO_POLICE, USUAL, PoliceReading
from bridge.speech import Refused

POLICE_WORDS = frozenset({"+politie", "+police"})
NEIGHBOUR_WORDS = frozenset({"+buren", "+neighbours"})
NATIONWIDE_WORDS = frozenset({NATIONWIDE, f"+{NATIONWIDE}", "nationwide", "+nationwide", "all"})


@dataclass(frozen=True, slots=True)
class Choice:
    """Where an alert goes: the members of regions, and the police of regions."""

    regions: tuple[RegionCode, ...]
    police: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """What the federation decided about deciding.

    Attributes:
        regions: every region.
        roster: knows which of them have police officers.
        two_moderators: what needs two: types of report, ``landelijk``, ``politie``.
        to_neighbours: types that go to the neighbouring regions by themselves.
        grace: for how long an approval by ✅ can be taken back.
        police_always: types that go to the police whenever they are shared.
        police_first: types that go to the police before the members' share is decided on;
            ``gemarkeerd``: any report that a moderator marks.
        police_reading: what the police read of a report.
    """

    regions: Regions
    roster: Roster
    two_moderators: frozenset[str] = frozenset()
    to_neighbours: frozenset[ReportType] = frozenset()
    grace: timedelta = timedelta(0)
    police_always: frozenset[ReportType] = frozenset()
    police_first: frozenset[str] = frozenset()
    police_reading: PoliceReading = USUAL

    @property
    def read_by_police(self) -> PoliceReading:
        """What police officers would read beside members, now; where there are none, nothing."""
        return self.police_reading if with_police(self.regions, self.roster) else NO_POLICE

    def has_police(self, region: RegionCode) -> bool:
        """Tell whether a unit with a liaison serves a region."""
        return region in with_police(self.regions, self.roster)

    def goes_along(self, case: Case, regions: Sequence[RegionCode] = ()) -> bool:
        """Tell whether a report goes to the police by itself when it is shared with regions."""
        there = any(map(self.has_police, (case.region, *regions)))
        return there and case.fields.type in self.police_always

    def goes_first(self, case: Case) -> bool:
        """Tell whether a report is the police's before it can be the members'."""
        kind = case.fields.type
        return kind is not None and kind.value in self.police_first and self.has_police(case.region)

    def may_go_first(self, case: Case) -> bool:
        """Tell whether a moderator may let a report go to the police first."""
        marked = MARKED in self.police_first and self.has_police(case.region)
        return marked or self.goes_first(case)

    def liaisons(self, choice: Choice) -> tuple[RegionCode, ...]:
        """Return the regions whose police get the alert."""
        there = with_police(self.regions, self.roster)
        return tuple(code for code in choice.regions if choice.police and code in there)

    def names(self, regions: Sequence[RegionCode]) -> list[str]:
        """Return how people call regions."""
        return [self.regions.name(code) for code in regions]

    def neighbours(self, region: RegionCode) -> tuple[RegionCode, ...]:
        """Return the regions around one that are there still."""
        found = self.regions.get(region)
        return () if found is None else tuple(c for c in found.neighbours if c in self.regions)


def usual(case: Case, rules: Rules, *, police: bool = False) -> Choice:
    """Return where a report goes when nobody says more: to its region.

    With the neighbours, where its type goes there by itself.
    """
    regions = [case.region]
    if case.fields.type in rules.to_neighbours:
        regions += rules.neighbours(case.region)
    return _checked(case, Choice(tuple(regions), police), rules)


def chosen(case: Case, words: Sequence[str], rules: Rules) -> Choice | None:
    """Return where a moderator wants a report to go; None when they did not say.

    Raises:
        Refused: a word is no region, or no region of these has police.
    """
    if not words:
        return None
    police, regions = False, dict[RegionCode, None]()
    for word in words:
        if word in POLICE_WORDS:
            police = True
        elif word in NATIONWIDE_WORDS:
            regions |= dict.fromkeys(rules.regions.codes)
        elif word in NEIGHBOUR_WORDS:
            regions |= dict.fromkeys([case.region, *rules.neighbours(case.region)])
        else:
            regions[region_called(word, rules)] = None
    if not regions:
        return usual(case, rules, police=police)
    return _checked(case, Choice(tuple(regions), police), rules)


def region_called(word: str, rules: Rules) -> RegionCode:
    """Return the region a word names.

    Raises:
        Refused: there is none.
    """
    if (code := RegionCode(word)) in rules.regions:
        return code
    near = process.extractOne(word, rules.regions.codes, score_cutoff=60)
    raise Refused(
        "review/unknown_region", typed=word[:40], nearest=None if near is None else near[0]
    )


def needs_two(kind: ReportType | None, choice: Choice, rules: Rules) -> bool:
    """Tell whether two moderators must approve an alert of this type that goes there."""
    aspects = set() if kind is None else {str(kind.value)}
    if len(rules.regions) > 1 and set(choice.regions) >= set(rules.regions.codes):
        aspects.add(NATIONAL)
    if choice.police:
        aspects.add(POLICE)
    return bool(aspects & rules.two_moderators)


def _checked(case: Case, choice: Choice, rules: Rules) -> Choice:
    for code in choice.regions:
        # It may have been closed since the report was sent.
        if code not in rules.regions and code == case.region:
            raise Refused("review/region_closed", number=case.number, code=code)
        if code not in rules.regions:
            raise Refused("review/unknown_region", typed=code, nearest=None)
    if choice.police and not rules.liaisons(choice):
        raise Refused("review/no_police", number=case.number)
    return choice
