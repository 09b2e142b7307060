"""What an operator types about retention, people and the audit log, and what they read then."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from appservice.vault import VaultError
from bridge.command_line.failure import CommandError
from tests.databases import BOTH_KINDS
from tests.unit.example import ANNA
from tests.unit.house import WORD, House

pytestmark = BOTH_KINDS


@pytest.fixture
def house(tmp_path: Path, furnished_database: str) -> House:
    """Its one report was sent years ago by today's clock, whichever day that is."""
    house = House(tmp_path, furnished_database)
    house.tamper("UPDATE cases SET opened_at = 0, submitted_at = 0")
    return house


class TestPurge:
    def test_says_how_much_went(self, house: House) -> None:
        done = house.types("purge")

        assert done.exit_code == 0, done.output
        assert "1 reports erased." in done.output

    def test_says_that_nothing_went(self, house: House) -> None:
        house.types("purge")

        assert house.types("purge").output == "Nothing has had its time.\n"

    def test_shows_nothing_of_what_went(self, house: House) -> None:
        assert WORD not in house.types("purge").output


@pytest.mark.parametrize(
    "typed",
    [
        *(("purge",), ("members", "erase", ANNA), ("members", "list"), ("key", "rotate")),
        ("audit", "export"),
    ],
)
def test_nothing_is_done_under_another_secret(house: House, typed: tuple[str, ...]) -> None:
    text = house.path.read_text()
    house.path.write_text(text.replace(house.secret, "another secret, made up since the first one"))
    refused = house.types(*typed)

    assert isinstance(refused.exception, VaultError)
    assert "Put back the secret" in str(refused.exception)
    house.path.write_text(text)
    assert house.types("audit", "verify").exit_code == 0


@pytest.mark.parametrize("typed", [("purge",), ("members", "erase", ANNA), ("audit", "verify")])
def test_nothing_is_done_where_no_database_is(house: House, typed: tuple[str, ...]) -> None:
    elsewhere = house.folder / "elsewhere.db"
    text = re.sub(
        r"url: (sqlite|postgresql).*",
        f"url: sqlite+aiosqlite:///{elsewhere}",
        house.path.read_text(),
    )
    house.path.write_text(text)

    assert "There is nothing in the database" in str(house.types(*typed).exception)
    assert not elsewhere.exists()


class TestErase:
    def test_says_what_stays_and_why(self, house: House) -> None:
        done = house.types("members", "erase", ANNA)

        assert done.exit_code == 0, done.output
        assert "1 reports" in done.output
        assert "nobody can take that back" in done.output

    def test_of_somebody_nothing_is_stored_about_says_so_and_is_not_recorded(
        self, house: House
    ) -> None:
        done = house.types("members", "erase", "@anan:example.org")

        assert done.exit_code == 0, done.output
        assert "Nothing is stored about @anan:example.org" in done.output
        assert "erased" not in house.types("audit", "export").output

    def test_again_finds_nothing_any_more(self, house: House) -> None:
        house.types("members", "erase", ANNA)

        assert "Nothing is stored" in house.types("members", "erase", ANNA).output

    def test_of_what_is_no_user_is_refused(self, house: House) -> None:
        assert "is no user id" in str(house.types("members", "erase", "anna").exception)

    def test_is_refused_for_who_is_named_in_the_configuration(self, house: House) -> None:
        text = house.path.read_text() + f"coordinators: ['{ANNA}']\n"
        house.path.write_text(text)
        done = house.types("members", "erase", ANNA)

        assert isinstance(done.exception, CommandError)
        assert "!verwijder" in str(done.exception)


class TestAudit:
    def test_verify_ends_well_and_prints_what_to_keep(self, house: House) -> None:
        done = house.types("audit", "verify")

        assert done.exit_code == 0, done.output
        assert house.types("audit", "verify", "--noted", done.output.split()[-1]).exit_code == 0

    def test_verify_ends_badly_and_says_where(self, house: House) -> None:
        house.tamper("UPDATE audit_log SET content = replace(content, 'claimed', 'x')")
        done = house.types("audit", "verify")

        assert done.exit_code == 1
        assert "entry 1:" in done.output

    def test_export_is_a_json_object_a_line(self, house: House) -> None:
        (line,) = house.types("audit", "export").output.splitlines()

        assert json.loads(line)["deed"] == "claimed"

    def test_a_line_of_an_export_kept_elsewhere_tells_whether_the_log_is_still_that(
        self, house: House
    ) -> None:
        entry = json.loads(house.types("audit", "export").output)
        other = "0" * len(entry["hash"])

        for kept, status in ((entry["hash"], 0), (other, 1)):
            noted = f"{entry['seq']}:{kept}"
            assert house.types("audit", "verify", "--noted", noted).exit_code == status

    def test_export_leaves_out_a_reason_that_was_tampered_with(self, house: House) -> None:
        house.tamper("UPDATE audit_log SET reason = (SELECT person FROM audit_people)")
        (line,) = house.types("audit", "export").output.splitlines()

        assert json.loads(line)["reason"] is None
        assert house.types("audit", "verify").exit_code == 1

    def test_what_was_not_noted_so_is_refused(self, house: House) -> None:
        done = house.types("audit", "verify", "--noted", "7:abc")

        assert isinstance(done.exception, CommandError)
