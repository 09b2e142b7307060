"""Which words are a command, and for whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.ids import UserID
from bridge.commands import Asked, Command, Commands, Where, typed, where_of
from bridge.members.roster import MODERATING, Person, Role
from bridge.places import AlertRoom, LiaisonRoom, NetworkSpace, Place, PrivateRoom, ReviewRoom
from bridge.reports.reporting import case_number
from tests.unit.example import ANNA, HERE, MIA, OLGA, PIET, ROSTER


class TestTyped:
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ("!melding", ("melding", "")),
            ("!Melding Overval", ("melding", "Overval")),
            ("  !melding overval\nplaats: Utrecht ", ("melding", "overval\nplaats: Utrecht")),
            ("! melding overval", ("melding", "overval")),
            ("!ok #42", ("ok", "#42")),
            ("!ok#42", ("ok", "#42")),
            ("!melding\n\nplaats: Utrecht", ("melding", "plaats: Utrecht")),
        ],
    )
    def test_a_word_after_an_exclamation_mark_is_a_command(
        self, body: str, expected: tuple[str, str]
    ) -> None:
        assert typed(body) == expected

    @pytest.mark.parametrize(
        "body",
        ["", " ", "!", "!!", "!!!melding", "melding", "ik typ !ok #1", "!_x", "! ! ok", "\n"],
    )
    def test_anything_else_is_none(self, body: str) -> None:
        assert typed(body) is None

    @given(st.text())
    def test_no_text_is_a_mistake(self, body: str) -> None:
        found = typed(body)
        assert found is None or found[0]

    @given(st.text(max_size=100))
    def test_what_follows_the_word_is_kept(self, argument: str) -> None:
        found = typed(f"!melding {argument}")
        assert found == ("melding", argument.strip())


class TestCaseNumber:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("#42", (42, "")),
            ("42 reden", (42, "reden")),
            (" #42  te vaag ", (42, "te vaag")),
            ("reden", (None, "reden")),
            ("", (None, "")),
            ("#", (None, "#")),
            ("#4x", (None, "#4x")),
            ("1234567890123", (None, "1234567890123")),
        ],
    )
    def test_stands_first(self, text: str, expected: tuple[int | None, str]) -> None:
        assert case_number(text) == expected

    @given(st.text())
    def test_no_text_is_a_mistake(self, text: str) -> None:
        number, _ = case_number(text)
        assert number is None or 0 <= number < 10**9


async def nothing(_: Asked) -> None:
    """Stands for what a command does."""


COMMANDS = Commands(
    [
        Command(
            "report", ("melding",), ("report",), frozenset({Role.MEMBER}), Where.PRIVATE, nothing
        ),
        Command("approve", ("ok",), ("approve",), MODERATING, Where.REVIEW, nothing),
        Command("help", ("help",), (), MODERATING, Where.REVIEW, nothing),
        Command("help", ("help",), (), frozenset({Role.LIAISON}), Where.POLICE, nothing),
    ]
)


def person(user: UserID) -> Person:
    found = ROSTER.person(user)
    assert found is not None
    return found


class TestFinding:
    @pytest.mark.parametrize("word", ["melding", "report"])
    def test_both_languages_call_it(self, word: str) -> None:
        found = COMMANDS.find(person(ANNA), Where.PRIVATE, word)
        assert found is not None
        assert found.name == "report"

    @pytest.mark.parametrize(
        ("user", "where", "word"),
        [
            (ANNA, Where.REVIEW, "ok"),
            (ANNA, Where.PRIVATE, "ok"),
            (MIA, Where.PRIVATE, "melding"),
            (OLGA, Where.PRIVATE, "ok"),
            (PIET, Where.POLICE, "ok"),
            (PIET, Where.REVIEW, "help"),
        ],
    )
    def test_what_one_may_not_do_here_is_not_there(
        self, user: UserID, where: Where, word: str
    ) -> None:
        assert COMMANDS.find(person(user), where, word) is None
        assert word not in [w for c in COMMANDS.of(person(user), where) for w in c.words]

    def test_who_is_two_things_has_the_words_of_both_each_in_its_room(self) -> None:
        assert COMMANDS.find(person(OLGA), Where.PRIVATE, "melding") is not None
        assert COMMANDS.find(person(OLGA), Where.REVIEW, "ok") is not None

    @pytest.mark.parametrize(
        ("word", "nearest"), [("meldign", "melding"), ("reprot", "report"), ("xyzzy", None)]
    )
    def test_the_nearest_word_is_offered(self, word: str, nearest: str | None) -> None:
        assert COMMANDS.nearest(person(ANNA), Where.PRIVATE, word) == nearest

    def test_a_word_one_may_not_use_is_not_offered(self) -> None:
        assert COMMANDS.nearest(person(ANNA), Where.PRIVATE, "approve") != "approve"


@pytest.mark.parametrize(
    ("place", "where"),
    [
        (PrivateRoom(ANNA), Where.PRIVATE),
        (ReviewRoom(), Where.REVIEW),
        (LiaisonRoom(HERE), Where.POLICE),
        (AlertRoom(HERE), None),
        (NetworkSpace(), None),
    ],
)
def test_nothing_can_be_asked_where_alerts_are_read(place: Place, where: Where | None) -> None:
    assert where_of(place) is where
