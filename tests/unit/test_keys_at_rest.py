"""The secret of the database: another one, a lost one, one in a file; copies without keys."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from appservice import scrubbing
from appservice.database import Work
from appservice.outbox import Outbox, Outgoing, outbox
from appservice.registration import Registration
from appservice.rooms.plan import RoomKey
from appservice.vault import Vault, VaultError
from bridge.command_line import key
from bridge.configuration import ConfigurationError
from bridge.reports import case_keys
from bridge.reports.case import CaseNumber, Status
from bridge.reports.records import CaseRecords
from tests.databases import BOTH_KINDS, DATABASES
from tests.unit.example import NOW
from tests.unit.house import OLD, WORD, House

pytestmark = BOTH_KINDS


async def scrub_is_wanted(work: Work, _: Vault) -> bool:
    row = (await work.execute(select(scrubbing.scrubs))).one()
    return bool(row.wanted > row.done)


@pytest.fixture
def house(tmp_path: Path, furnished_database: str) -> House:
    return House(tmp_path, furnished_database)


class TestAnotherSecret:
    def test_opens_everything_that_the_former_one_did(self, house: House) -> None:
        before = house.read()
        done = house.types("key", "rotate")

        assert done.exit_code == 0, done.output
        assert house.secret != OLD
        assert house.read() == before

    def test_leaves_the_former_one_with_nothing_to_open(self, house: House) -> None:
        house.types("key", "rotate")
        house.path.write_text(house.path.read_text().replace(house.secret, OLD))

        with pytest.raises(VaultError):
            house.read()

    def test_leaves_the_rest_of_the_file_as_it_is(self, house: House) -> None:
        before = house.path.read_text()
        house.types("key", "rotate")

        assert house.path.read_text() == before.replace(OLD, house.secret)
        assert house.path.stat().st_mode & 0o077 == 0

    def test_goes_into_the_file_that_is_named_for_it(
        self, tmp_path: Path, furnished_database: str
    ) -> None:
        house = House(tmp_path, furnished_database, in_file=True)
        before = house.path.read_text()
        done = house.types("key", "rotate")

        assert done.exit_code == 0, done.output
        assert (tmp_path / "secret").read_text().strip() == house.secret != OLD
        assert house.path.read_text() == before

    def test_is_recorded(self, house: House) -> None:
        house.types("key", "rotate")

        assert '"key rotated"' in house.types("audit", "export").output

    def test_is_shown_to_nobody(self, house: House) -> None:
        done = house.types("key", "rotate")

        assert house.secret not in done.output
        assert OLD not in done.output

    @pytest.mark.parametrize("at", ["_seal_anew", "_put_in_place", "scrub"])
    def test_is_finished_after_a_crash(
        self, house: House, monkeypatch: pytest.MonkeyPatch, at: str
    ) -> None:
        before = house.read()

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(scrubbing if at == "scrub" else key, at, killed)
            house.types("key", "rotate")
        done = house.types("key", "rotate")

        assert done.exit_code == 0, done.output
        assert house.secret != OLD
        assert house.read() == before
        assert [path.name for path in house.folder.glob("*.new")] == []
        # What the former secret opens is in no file any more, nor is that secret.
        assert OLD.encode() not in house.path.read_bytes()
        assert not house.do(scrub_is_wanted)

    def test_is_refused_for_a_log_that_was_tampered_with(self, house: House) -> None:
        house.tamper("UPDATE audit_log SET content = replace(content, 'claimed', 'x')")
        done = house.types("key", "rotate")

        assert "audit verify" in str(done.exception)
        assert house.secret == OLD


class TestALostSecret:
    @pytest.mark.parametrize("typed", [("run",), ("key", "rotate")])
    def test_is_an_error_and_changes_nothing(self, house: House, typed: tuple[str, ...]) -> None:
        other = "quite another secret, made up since then"
        house.path.write_text(house.path.read_text().replace(OLD, other))
        registration = house.folder / "registration.yaml"
        Registration.fresh(
            server_name="example.org", url="http://localhost:29350", bot_localpart="goudwacht"
        ).write(registration)
        done = house.types(*typed)

        assert isinstance(done.exception, VaultError)
        assert "Put back the secret" in str(done.exception)
        house.path.write_text(house.path.read_text().replace(other, OLD))
        assert WORD in house.read()

    def test_file_is_an_error(self, tmp_path: Path, furnished_database: str) -> None:
        house = House(tmp_path, furnished_database, in_file=True)
        (tmp_path / "secret").unlink()

        with pytest.raises(ConfigurationError, match=r"secret_file.*cannot be read"):
            _ = house.secret


def test_a_secret_and_a_file_for_it_are_one_too_many(
    tmp_path: Path, furnished_database: str
) -> None:
    house = House(tmp_path, furnished_database, in_file=True)
    text = house.path.read_text().replace("secret_file:", f"secret: {OLD}\n  secret_file:")
    house.path.write_text(text)

    with pytest.raises(ConfigurationError, match="not both"):
        _ = house.secret


@pytest.mark.usefixtures("sqlite_only")
class TestACopyWithoutKeys:
    def back_up(self, house: House) -> Path:
        done = house.types("backup", str(house.folder / "copies"))
        assert done.exit_code == 0, done.output
        (copy,) = (house.folder / "copies").glob("*.db")
        return copy

    def put_back(self, house: House, copy: Path) -> None:
        for lost in house.folder.glob("goudwacht.db*"):
            lost.unlink()
        copy.rename(house.folder / "goudwacht.db")

    def status(self, house: House) -> tuple[Status, str | None]:
        async def look(work: Work, vault: Vault) -> tuple[Status, str | None]:
            case = await CaseRecords(vault).by_number(work, CaseNumber(42))
            assert case is not None
            return case.status, case.fields.mo

        return house.do(look)

    def erase(self, house: House) -> None:
        async def gone(work: Work, _: Vault) -> None:
            await case_keys.forget(work, 1)

        house.do(gone)

    def test_says_nothing_of_any_report(self, house: House) -> None:
        self.put_back(house, self.back_up(house))

        assert self.status(house) == (Status.PURGED, None)

    def test_says_everything_with_its_keys(self, house: House) -> None:
        self.put_back(house, self.back_up(house))
        done = house.types("key", "import", str(house.folder / "copies" / "goudwacht-keys.json"))

        assert done.exit_code == 0, done.output
        assert self.status(house) == (Status.SUBMITTED, WORD)

    def test_says_nothing_of_a_report_that_was_erased_before_the_newest_copy_of_keys(
        self, house: House
    ) -> None:
        copy = self.back_up(house).rename(house.folder / "older.db")
        self.erase(house)
        self.back_up(house)
        self.put_back(house, copy)
        house.types("key", "import", str(house.folder / "copies" / "goudwacht-keys.json"))

        assert self.status(house) == (Status.PURGED, None)

    def test_holds_no_key_of_a_report_in_any_page(self, house: House) -> None:
        with closing(sqlite3.connect(house.folder / "goudwacht.db")) as database:
            ((sealed,),) = database.execute("SELECT key FROM case_keys").fetchall()

        assert sealed in (house.folder / "goudwacht.db").read_bytes()
        assert sealed not in self.back_up(house).read_bytes()

    @pytest.mark.parametrize("text", ["", "{}", '{"version": 1, "keys": [1]}', "[" * 9_000])
    def test_takes_no_other_file_for_keys(self, house: House, text: str) -> None:
        (house.folder / "keys").write_text(text)

        assert "no file that" in str(
            house.types("key", "import", str(house.folder / "keys")).exception
        )


async def test_messages_that_wait_are_sealed() -> None:
    vault, database = Vault(OLD), await DATABASES.with_tables()
    async with database.begin() as work:
        content = {"body": WORD}
        await Outbox(vault).put(work, Outgoing(RoomKey("review"), content, late=content), NOW)
        rows = repr((await work.execute(select(outbox))).all())
    await DATABASES.gone(database)
    assert WORD not in rows
