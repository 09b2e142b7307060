"""Chaos: twenty rounds of it; and that it would tell of a loss, a double, an unreadable message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from appservice.ids import EventID, RoomID, UserID
from tests.chaos.account import Account, Outcome, Places, View, account_of
from tests.chaos.plan import Victim, kills_of
from tests.chaos.run import Run, planned
from tests.harness.timeline import Seen, Timeline, seen

ROUNDS = 20
SEED = 4

BOT, ANNA, BAS = UserID("@bot:a"), UserID("@anna:a"), UserID("@bas:a")
MIA, PIET = UserID("@mia:a"), UserID("@piet:a")
REVIEW, ALERTS, ELSEWHERE, POLICE = (RoomID(f"!{name}") for name in ("r", "a", "e", "p"))
PRIVATE = RoomID("!anna")
PLACES = Places(
    bot=BOT,
    review=REVIEW,
    alerts={"here": ALERTS, "there": ELSEWHERE},
    police={"here": POLICE},
    private={ANNA: PRIVATE},
)
PUBLISHED = Outcome(7, "zilver", ANNA, "published", MIA, ("here",), police=False)
REJECTED = replace(PUBLISHED, status="rejected", regions=())


async def test_twenty_rounds_of_killing_lose_double_and_garble_nothing(run_directory: Path) -> None:
    directory = run_directory / "chaos"
    directory.mkdir()

    result = await Run(directory)(SEED, planned(SEED, ROUNDS))

    assert result.stuck == ""
    assert result.account.faults == []
    assert result.rounds == ROUNDS
    assert all(result.killed[victim] > 0 for victim in Victim)


class TestThePlan:
    def test_is_the_same_for_the_same_seed(self) -> None:
        assert planned(5, 30) == planned(5, 30)
        assert planned(5, 30) != planned(6, 30)

    def test_of_more_rounds_begins_with_the_same_ones(self) -> None:
        assert planned(5, 30)[:10] == planned(5, 10)

    def test_kills_each_process_and_the_service_most_often(self) -> None:
        service, *others = (kills_of(planned(1, 100), victim) for victim in Victim)
        assert min(others) > 0
        assert service > max(others)


class TestTheAccount:
    """Each fault is one that a client could see; the account tells each."""

    def test_is_clean_when_everyone_saw_what_was_decided(self) -> None:
        account = _account(PUBLISHED, *_all_of_it())
        assert account.faults == []
        assert (account.reports, account.alerts) == (1, 2)

    def test_is_clean_when_a_rejected_report_stays_with_its_reporter(self) -> None:
        assert _account(REJECTED, *_rejection()).faults == []

    def test_tells_an_alert_that_came_twice(self) -> None:
        account = _account(PUBLISHED, *_all_of_it(), _event("again", ALERTS, "zilver"))
        assert len(account.doubled) == 2  # to each of its two readers

    def test_tells_an_alert_that_never_came(self) -> None:
        account = _account(PUBLISHED, *(e for e in _all_of_it() if e.room_id != ALERTS))
        assert len(account.lost) == 2

    @pytest.mark.parametrize("room", [ELSEWHERE, POLICE])
    def test_tells_an_alert_in_a_room_it_was_not_for(self, room: RoomID) -> None:
        account = _account(PUBLISHED, *_all_of_it(), _event("astray", room, "zilver"))
        assert len(account.astray) == 1

    def test_tells_a_rejected_report_that_was_shared(self) -> None:
        account = _account(REJECTED, *_rejection(), _event("astray", ALERTS, "zilver"))
        assert len(account.astray) == 2

    def test_tells_an_answer_that_came_twice(self) -> None:
        again = _event("again", PRIVATE, "Melding #7 is gedeeld")
        assert len(_account(PUBLISHED, *_all_of_it(), again).doubled) == 1

    def test_tells_an_answer_that_never_came(self) -> None:
        account = _account(PUBLISHED, *(e for e in _all_of_it() if "is gedeeld" not in e.body))
        assert len(account.lost) == 1

    def test_tells_an_answer_of_another_decision(self) -> None:
        assert len(_account(REJECTED, *_rejection("Melding #7 is gedeeld")).astray) == 1

    def test_tells_a_card_that_shows_another_state(self) -> None:
        account = _account(PUBLISHED, *(e for e in _all_of_it() if e.edits is None))
        assert len(account.stale) == 1

    def test_tells_a_card_that_came_twice(self) -> None:
        again = _event("again", REVIEW, "#7 zilver\nGedeeld door @mia:a")
        assert len(_account(PUBLISHED, *_all_of_it(), again).doubled) == 1

    def test_tells_a_report_on_which_no_decision_took_effect(self) -> None:
        waiting = replace(PUBLISHED, status="submitted", decided_by=None, regions=())
        events = (_event("card", REVIEW, "#7 zilver"), _event("sent", PRIVATE, "Melding #7 is bij"))
        assert len(_account(waiting, *events).lost) == 1

    def test_tells_a_message_that_somebody_cannot_read(self) -> None:
        garbled = _event("garbled", ALERTS, "", kind="m.room.encrypted")
        assert len(_account(PUBLISHED, *_all_of_it(), garbled).unreadable) == 2


def _all_of_it() -> tuple[Seen, ...]:
    return (
        _event("sent", PRIVATE, "Melding #7 is bij de moderatoren"),
        _event("shared", PRIVATE, "Melding #7 is gedeeld"),
        _event("card", REVIEW, "#7 zilver"),
        _event("edit", REVIEW, "#7 zilver\nGedeeld door @mia:a", edits="card"),
        _event("alert", ALERTS, "zilver"),
    )


def _rejection(answer: str = "Melding #7 is niet gedeeld") -> tuple[Seen, ...]:
    return (
        _event("sent", PRIVATE, "Melding #7 is bij de moderatoren"),
        _event("rejected", PRIVATE, answer),
        _event("card", REVIEW, "#7 zilver"),
        _event("edit", REVIEW, "#7 zilver\nAfgewezen door @mia:a", edits="card"),
    )


def _event(
    name: str, room: RoomID, body: str, *, kind: str = "m.room.message", edits: str | None = None
) -> Seen:
    content: dict[str, object] = {"body": body}
    if edits is not None:
        content = {
            "body": "*",
            "m.new_content": {"body": body},
            "m.relates_to": {"rel_type": "m.replace", "event_id": EventID(edits)},
        }
    event = {"event_id": name, "sender": BOT, "type": kind, "content": content}
    return seen(room, event, encrypted=True, decrypted_at=0.0)


def _account(outcome: Outcome, *events: Seen) -> Account:
    """The account of one report, everyone having seen what there is in their rooms."""
    rooms = {
        ANNA: {PRIVATE, ALERTS},
        BAS: {ALERTS},
        UserID("@cas:a"): {ELSEWHERE},
        MIA: {REVIEW},
        PIET: {POLICE},
    }
    return account_of(
        [outcome], PLACES, [_view(user, frozenset(here), events) for user, here in rooms.items()]
    )


def _view(user: UserID, rooms: frozenset[RoomID], events: tuple[Seen, ...]) -> View:
    timeline = Timeline()
    for event in events:
        if event.room_id in rooms:
            timeline.add(event)
    return View(user, rooms, tuple(timeline), timeline.text_of)
