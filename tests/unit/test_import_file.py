"""A list of members from a spreadsheet: every way Excel writes one, and the fate of every row."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.ids import UserID
from bridge.members.import_file import (
    MAXIMUM_BYTES,
    Fate,
    FileError,
    Row,
    judged,
    repeated,
    rows_of,
)
from bridge.members.roster import Role
from bridge.regions import Regions
from bridge.wording import Language
from tests.unit.example import (
    ANNA,
    CONFIGURATION,
    ELSEWHERE,
    HERE,
    MIA,
    PIET,
    ROSTER,
    SHOP,
)

REGIONS = Regions(CONFIGURATION.regions)
NEW = "@nel:example.org"

SHEET = f"gebruiker;regio;winkel\r\n{NEW};Midden-Nederland;Juwelier Café Ô\r\n"


def verdict(
    user: str = NEW, region: str = "amsterdam", shop: str = "", language: str = ""
) -> object:
    return judged(
        Row(2, user, region, shop, language),
        ROSTER,
        REGIONS,
        CONFIGURATION.bot_user,
        CONFIGURATION.may_take_part,
        Language.NL,
    )


class TestAFile:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    def test_is_read_in_every_encoding_that_excel_writes(self, encoding: str) -> None:
        assert rows_of(SHEET.encode(encoding)) == [
            Row(2, NEW, "Midden-Nederland", "Juwelier Café Ô", "")
        ]

    @pytest.mark.parametrize("separator", [";", ",", "\t"])
    def test_may_be_separated_by_any_of_three_signs(self, separator: str) -> None:
        (row,) = rows_of(SHEET.replace(";", separator).encode())

        assert row.region == "Midden-Nederland"

    def test_may_begin_with_excels_own_word_for_the_separator(self) -> None:
        (row,) = rows_of(f"sep=;\r\n{SHEET}".encode())

        assert (row.line, row.user) == (3, NEW)

    def test_may_have_its_columns_in_any_order_and_others_between(self) -> None:
        (row,) = rows_of(f"Region,Phone,USER\nAmsterdam,0900,{NEW}\n".encode())

        assert (row.user, row.region) == (NEW, "Amsterdam")

    def test_has_rows_with_the_lines_they_begin_on(self) -> None:
        sheet = f'gebruiker;regio;winkel\n\n{NEW};amsterdam;"Juwelier\nNel"\n;;\n@x:example.org;b\n'

        assert [row.line for row in rows_of(sheet.encode())] == [3, 6]

    @pytest.mark.parametrize(
        "content", [b"", b"\n\n", b"naam;plaats\nNel;Utrecht\n", b"x" * (MAXIMUM_BYTES + 1)]
    )
    def test_without_what_is_needed_is_refused(self, content: bytes) -> None:
        with pytest.raises(FileError):
            rows_of(content)

    @given(st.binary(max_size=300))
    def test_of_any_bytes_is_read_or_refused(self, content: bytes) -> None:
        with suppress(FileError):
            assert all(row.line > 1 for row in rows_of(b"gebruiker;regio\n" + content))


class TestARow:
    def test_of_somebody_new_makes_a_member(self) -> None:
        result = verdict(shop="Juwelier Nel", language="en")

        assert isinstance(result, tuple)
        person, fate = result
        assert fate is Fate.NEW
        assert (person.user, person.roles, person.region, person.shop, person.language) == (
            NEW,
            {Role.MEMBER},
            ELSEWHERE,
            "Juwelier Nel",
            Language.EN,
        )

    def test_of_a_member_as_they_are_changes_nothing(self) -> None:
        assert verdict(ANNA, HERE, SHOP) == (ROSTER.person(ANNA), Fate.SAME)

    def test_without_a_shop_keeps_the_one_there_is(self) -> None:
        assert verdict(ANNA, HERE) == (ROSTER.person(ANNA), Fate.SAME)

    def test_of_a_member_in_another_region_moves_them(self) -> None:
        result = verdict(ANNA, ELSEWHERE)

        assert isinstance(result, tuple)
        assert (result[0].region, result[1]) == (ELSEWHERE, Fate.CHANGED)

    def test_of_a_moderator_makes_them_a_member_too(self) -> None:
        result = verdict(MIA, HERE)

        assert isinstance(result, tuple)
        assert result[0].roles == {Role.MEMBER, Role.MODERATOR}

    @pytest.mark.parametrize(
        ("row", "fate"),
        [
            ({"user": "nel"}, Fate.NO_USER),
            ({"user": ""}, Fate.NO_USER),
            ({"user": "@nel:elsewhere.example"}, Fate.SERVER),
            ({"user": PIET}, Fate.IS_POLICE),
            ({"user": CONFIGURATION.bot_user}, Fate.IS_BOT),
            ({"region": "breda"}, Fate.NO_REGION),
            ({"language": "frans"}, Fate.NO_LANGUAGE),
            ({"shop": "x" * 101}, Fate.LONG_SHOP),
        ],
    )
    def test_that_cannot_be_taken_says_why(self, row: dict[str, str], fate: Fate) -> None:
        assert verdict(**row) is fate

    def test_that_names_somebody_a_second_time_is_known(self) -> None:
        rows = [Row(2, NEW, "a", "", ""), Row(3, NEW.upper(), "b", "", "")]

        assert repeated(rows) == {3}

    def test_is_taken_with_a_capital_that_a_spreadsheet_made(self) -> None:
        result = verdict("@Nel:example.org")

        assert isinstance(result, tuple)
        assert result[0].user == UserID(NEW)
