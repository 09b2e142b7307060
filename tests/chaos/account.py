"""What every member's client saw, against what was decided. Pure.

::

    outcomes (the database's word) ──┐
                                     ├──▶ Account: lost, doubled, astray, stale, unreadable
    views (each client's timeline) ──┘
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from appservice.ids import RoomID, UserID
from tests.harness.timeline import Seen


@dataclass(frozen=True)
class Places:
    """The rooms of the network, by what they are for."""

    bot: UserID
    review: RoomID
    alerts: Mapping[str, RoomID]
    police: Mapping[str, RoomID]
    private: Mapping[UserID, RoomID]

    def shared(self) -> frozenset[RoomID]:
        """Every room where a report may come only after an approval."""
        return frozenset({*self.alerts.values(), *self.police.values()})


@dataclass(frozen=True)
class Outcome:
    """A report that was acknowledged to its reporter, and what was decided on it."""

    number: int
    word: str
    """Stands in this report and in no other."""
    reporter: UserID
    status: str
    decided_by: UserID | None
    regions: tuple[str, ...]
    police: bool

    def rooms(self, places: Places) -> set[RoomID]:
        """Where the alert belongs."""
        if self.status != "published":
            return set()
        rooms = {places.alerts[region] for region in self.regions}
        if self.police:
            rooms |= {places.police[region] for region in self.regions if region in places.police}
        return rooms


@dataclass(frozen=True)
class View:
    """What one person's client has seen."""

    user: UserID
    rooms: frozenset[RoomID]
    """The rooms they are in."""
    seen: Sequence[Seen]
    text_of: Callable[[str], str | None]
    """The body of a message as it stands now, edits applied."""


@dataclass
class Account:
    """What was found; every list but ``alerts`` should be empty. A line tells one finding."""

    reports: int = 0
    alerts: int = 0
    """Alerts as they were read: one for each reader."""
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    astray: list[str] = field(default_factory=list)
    """What somebody read and should not have."""
    stale: list[str] = field(default_factory=list)
    """Cards that show something else than the database has."""
    unreadable: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.astray, *self.stale, *self.unreadable]

    def expect(self, what: str, found: int, wanted: int) -> None:
        """Note how often something was seen that should have been seen so often."""
        if found < wanted:
            self.lost.append(f"{what}: seen {found} of {wanted} times")
        elif found > wanted and wanted == 0:
            self.astray.append(f"{what}: seen {found} times")
        elif found > wanted:
            self.doubled.append(f"{what}: seen {found} times")


def account_of(outcomes: Iterable[Outcome], places: Places, views: Sequence[View]) -> Account:
    """Compare what was decided with what everyone has seen."""
    account = Account()
    by_user = {view.user: view for view in views}
    for outcome in outcomes:
        account.reports += 1
        if outcome.status == "submitted":
            account.lost.append(f"#{outcome.number}: no decision was taken")
        _alerts(account, outcome, places, views)
        _answers(account, outcome, places, by_user[outcome.reporter])
        for view in views:
            if places.review in view.rooms:
                _card(account, outcome, places, view)
    for view in views:
        account.unreadable += [
            f"{view.user} cannot read {event.event_id} in {event.room_id}"
            for event in view.seen
            if not event.readable and not event.redacted
        ]
    return account


def _alerts(account: Account, outcome: Outcome, places: Places, views: Sequence[View]) -> None:
    belongs = outcome.rooms(places)
    for view in views:
        read = Counter(
            event.room_id for event in _said(view, places.bot) if outcome.word in event.body
        )
        for room in places.shared():
            wanted = 1 if room in belongs and room in view.rooms else 0
            account.alerts += min(read[room], wanted)
            what = f"the alert of #{outcome.number} to {view.user} in {room}"
            account.expect(what, read[room], wanted)


def _answers(account: Account, outcome: Outcome, places: Places, view: View) -> None:
    number = re.compile(rf"#{outcome.number}\b")
    room = places.private[outcome.reporter]
    answers = Counter(
        event.body
        for event in _said(view, places.bot)
        if event.room_id == room and number.search(event.body)
    )
    who = f"to the reporter of #{outcome.number}"
    for body, times in answers.items():
        account.expect(f"the answer {who} {body[:40]!r}", times, 1)
    wanted = 1 if outcome.status == "submitted" else 2
    account.expect(f"different answers {who}", len(answers), wanted)
    if any(("niet gedeeld" in body) != (outcome.status == "rejected") for body in _last(answers)):
        account.astray.append(f"the answer {who} tells of another decision")


def _last(answers: Counter[str]) -> list[str]:
    return list(answers)[1:]


def _card(account: Account, outcome: Outcome, places: Places, view: View) -> None:
    cards = [
        event
        for event in _said(view, places.bot)
        if event.room_id == places.review and outcome.word in event.body
    ]
    what = f"the card of #{outcome.number} to {view.user}"
    account.expect(what, len(cards), 1)
    for card in cards:
        edits = sum(event.edits == card.event_id for event in view.seen if event.readable)
        account.expect(f"the edit of {what}", edits, int(outcome.decided_by is not None))
        shown = view.text_of(card.event_id) or ""
        state = {"published": "Gedeeld door", "rejected": "Afgewezen door"}.get(outcome.status, "")
        if f"{state} {outcome.decided_by or ''}".strip() not in shown:
            account.stale.append(f"{what} does not say that it is {outcome.status}")


def _said(view: View, bot: UserID) -> Iterator[Seen]:
    """What the bot said and this person could read, without edits."""
    for event in view.seen:
        if event.sender == bot and event.type == "m.room.message" and event.edits is None:
            yield event
