"""The whole life of reports: what is erased when, from every table and every file.

Sealing is switched off here: what stands in a file stands there in clear, so that a search for a
word finds whatever was left behind.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Row, insert, select, update

from appservice import inbox
from appservice.encryption.inbound import inbound_group_sessions
from appservice.events import RoomEvent
from appservice.ids import EventID, RoomID
from appservice.outbox import Status as MessageStatus
from appservice.outbox import outbox
from appservice.rooms.errands import Errand, errands
from appservice.times import milliseconds
from appservice.vault import Seal, Vault
from bridge.audit import Audit, Deed, Entry
from bridge.places import PrivateRoom, ReviewRoom
from bridge.privacy import remains
from bridge.privacy.terms import Due, Terms, due
from bridge.reports.case import Afterword, AfterwordKind, CaseNumber, Status
from bridge.reports.case_keys import Stage as Kept
from bridge.reports.case_keys import case_keys
from bridge.reports.records import CaseRecords, cases
from tests.unit.example import ANNA, CONFIGURATION, MIA, NOW, submitted
from tests.unit.stage import Stage

MINE = PrivateRoom(ANNA)
VAULT = Vault(CONFIGURATION.database.secret)
DAY = timedelta(days=1)

# One word each for what is kept for another time.
DRAFTED, REJECTED, REASON = "zwaardvis", "kwartelei", "nachtuil"
PUBLISHED, REFERENCE, OUTCOME = "zilvermeeuw", "aangifte77", "goudvink"


class Life:
    """A network on files, its clock in the test's hands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stage = Stage(CONFIGURATION, f"sqlite+aiosqlite:///{folder / 'goudwacht.db'}")
        self.audit = Audit(VAULT)

    async def begin(self) -> None:
        await self.stage.set()
        for lines in (
            f"overval\nmo: {PUBLISHED}\naangiftenummer: {REFERENCE}\nbuit: luxe horloges",
            f"inbraak\nmo: {REJECTED}",
        ):
            await self._writes(f"!melding {lines}\nplaats: Utrecht\ntijd: 12:00")
            await self._writes("!verstuur")
        await self.stage.says(MIA, ReviewRoom(), "!ok #1")
        await self.stage.says(MIA, ReviewRoom(), f"!nee #2 {REASON}")
        await self._ends()
        await self._writes(f"!melding inbraak\nmo: {DRAFTED}")

    async def _writes(self, text: str) -> None:
        await self.stage.says(ANNA, MINE, text)
        async with self.stage.database.begin() as work:
            event = RoomEvent(
                EventID(f"$heard-{len(text)}"),
                RoomID(f"!private/{ANNA}"),
                ANNA,
                "m.room.encrypted",
                {},
                NOW,
            )
            await inbox.add(work, VAULT, [event], NOW)
            await work.execute(update(inbox.inbox).values(status=inbox.Status.DONE))

    async def _ends(self) -> None:
        records = CaseRecords(VAULT)
        async with self.stage.database.begin() as work:
            case = await records.by_number(work, CaseNumber(1))
            assert case is not None
            told = Afterword(AfterwordKind.OUTCOME, OUTCOME, NOW, MIA)
            await records.save(work, replace(case, status=Status.CLOSED, afterwords=(told,)))

    async def is_sent(self) -> None:
        """What the sender does, once everything is out."""
        async with self.stage.database.begin() as work:
            for row in (await work.execute(select(outbox))).all():
                sent = {"event_id": f"$said-{row.name or row.seq}", "room_id": f"!{row.target}"}
                await work.execute(
                    update(outbox)
                    .where(outbox.c.seq == row.seq)
                    .values(status=MessageStatus.SENT, content=None, late=None, **sent)
                )

    async def passes(self, days: float) -> None:
        """Have so many days be over since the beginning, and the night's sweep with them."""
        await self.stage.network.privacy.sweep.whole(self.stage.database, NOW + days * DAY)
        await self.stage.database.scrub()

    def traces(self, *words: str) -> set[str]:
        """Which of these words stand in any file."""
        held = b"".join(path.read_bytes() for path in self.folder.iterdir())
        return {word for word in words if word.encode() in held}

    async def redacted(self) -> set[str]:
        """The events that the homeserver is asked to redact."""
        async with self.stage.database.read() as work:
            rows = await work.execute(select(errands).where(errands.c.kind == Errand.REDACT))
            return {str(row.event_id) for row in rows}

    async def row(self, number: int) -> Row[tuple[object, ...]]:
        async with self.stage.database.read() as work:
            return (await work.execute(select(cases).where(cases.c.number == number))).one()


@pytest.fixture
def in_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    def seal(_: Seal, value: bytes, purpose: str) -> bytes:
        return b"\x01" + bytes([len(purpose)]) + purpose.encode() + value

    def opened(_: Seal, sealed: bytes, purpose: str) -> bytes:
        assert sealed[2 : 2 + sealed[1]].decode() == purpose
        return sealed[2 + sealed[1] :]

    monkeypatch.setattr(Seal, "seal", seal)
    monkeypatch.setattr(Seal, "open", opened)


@pytest_asyncio.fixture(loop_scope="session")
async def life(in_clear: None, tmp_path: Path) -> AsyncIterator[Life]:
    life = Life(tmp_path)
    await life.begin()
    yield life
    await life.stage.close()


ALL = (DRAFTED, REJECTED, REASON, PUBLISHED, REFERENCE, OUTCOME)


class TestWhatStandsInTheFiles:
    async def test_is_everything_at_first(self, life: Life) -> None:
        assert life.traces(*ALL) == set(ALL)

    async def test_is_kept_until_its_time_is_over(self, life: Life) -> None:
        await life.is_sent()
        await life.passes(6.9)

        assert life.traces(*ALL) == set(ALL)

    async def test_is_without_drafts_and_rejected_reports_after_a_week(self, life: Life) -> None:
        await life.is_sent()
        await life.passes(7.1)

        assert life.traces(*ALL) == {PUBLISHED, REFERENCE, OUTCOME}

    async def test_is_only_what_others_were_told_four_weeks_after_the_outcome(
        self, life: Life
    ) -> None:
        await life.is_sent()
        await life.passes(28.1)

        assert life.traces(*ALL) == {PUBLISHED, OUTCOME}

    async def test_is_nothing_a_year_after_it_was_shared(self, life: Life) -> None:
        await life.is_sent()
        await life.passes(28.1)
        await life.passes(365.1)

        assert life.traces(*ALL) == set()

    async def test_is_nothing_when_nobody_swept_for_years(self, life: Life) -> None:
        await life.is_sent()
        await life.passes(1_000)

        assert life.traces(*ALL) == set()

    async def test_is_nothing_either_of_what_could_never_be_sent(self, life: Life) -> None:
        async with life.stage.database.begin() as work:
            await work.execute(update(outbox).values(status=MessageStatus.SET_ASIDE))
        await life.passes(1_000)

        assert life.traces(*ALL) == set()


class TestInTheRooms:
    async def test_the_alert_stays_until_a_year_after(self, life: Life) -> None:
        await life.is_sent()
        await life.passes(364)
        before = await life.redacted()
        await life.passes(366)

        alert = "$said-case/1/alert/midden-nederland"
        assert alert not in before
        assert alert in await life.redacted()

    async def test_cards_and_answers_are_redacted_with_the_report(self, life: Life) -> None:
        await life.is_sent()
        await life.passes(7.1)
        after_a_week = await life.redacted()
        await life.passes(28.1)

        assert "$said-case/2/card" in after_a_week
        assert "$said-case/1/card" not in after_a_week
        assert "$said-case/1/card" in await life.redacted()

    async def test_everything_that_was_said_or_typed_there_is_redacted(self, life: Life) -> None:
        await life.is_sent()
        async with life.stage.database.read() as work:
            said = {
                str(row.event_id)
                for row in await work.execute(select(outbox))
                if row.type != "m.reaction"
            }
            heard = {str(row.event_id) for row in await work.execute(select(inbox.inbox))}
        await life.passes(400)

        assert said | heard <= await life.redacted()

    async def test_nothing_is_redacted_twice(self, life: Life) -> None:
        await life.is_sent()
        await life.passes(400)
        async with life.stage.database.read() as work:
            once = (await work.execute(select(errands.c.event_id))).scalars().all()
        await life.passes(400)

        async with life.stage.database.read() as work:
            again = (await work.execute(select(errands.c.event_id))).scalars().all()
        assert sorted(map(str, again)) == sorted(map(str, once)) == sorted(set(map(str, once)))


class TestWhatStays:
    async def test_is_the_number_of_a_report_and_nobodys_name(self, life: Life) -> None:
        await life.is_sent()
        await life.passes(400)

        row = await life.row(1)
        assert (row.status, row.reporter, row.decided_by, row.fields) == ("purged", "", None, b"")

    async def test_is_no_key(self, life: Life) -> None:
        await life.passes(400)

        async with life.stage.database.read() as work:
            assert (await work.execute(select(case_keys))).all() == []

    async def test_is_a_figure_without_a_text(self, life: Life) -> None:
        await life.passes(400)

        async with life.stage.database.read() as work:
            kept = {figure.status: figure for figure in await remains.kept(work)}
        assert set(kept) == {"closed", "rejected"}
        shared = kept["closed"]
        assert (shared.type, shared.region, shared.month) == (
            "overval",
            "midden-nederland",
            "2026-03",
        )
        assert (shared.loot, shared.attempt) == (("luxe horloges",), False)

    async def test_is_not_who_reported_it_once_only_the_alert_is_left(self, life: Life) -> None:
        await life.passes(28.1)

        assert (await life.row(1)).reporter == ""

    async def test_is_an_audit_log_that_is_whole(self, life: Life) -> None:
        await life.passes(400)

        async with life.stage.database.read() as work:
            standing = await life.audit.check(work)
            purged = [
                (entry.case, entry.details)
                async for entry in life.audit.entries(work)
                if entry.deed == "purged"
            ]
        assert standing.breaks == ()
        assert {case for case, _ in purged} == {1, 2, None}

    async def test_the_reasons_that_belong_to_no_case_go_by_their_age(self, life: Life) -> None:
        async with life.stage.database.begin() as work:
            why = Entry(Deed.REVOKED, by=MIA, about=ANNA, reason=REASON)
            await life.audit.record(work, why, NOW)
        await life.passes(364)
        kept = life.traces(REASON)
        await life.passes(366)

        async with life.stage.database.read() as work:
            assert (await life.audit.check(work)).breaks == ()
        assert (kept, life.traces(REASON)) == ({REASON}, set())

    async def test_is_no_audit_log_of_before_two_years(self, life: Life) -> None:
        await life.passes(731)

        async with life.stage.database.read() as work:
            dates = {entry.at async for entry in life.audit.entries(work)}
        assert all(at > NOW + 700 * DAY for at in dates)


class TestRoomKeys:
    async def test_are_kept_for_two_months(self, life: Life) -> None:
        row = {"room_id": "!r", "session_id": "s", "sender": ANNA, "pickle": "p"}
        keys = {"sender_key": "", "sender_ed25519": ""}
        async with life.stage.database.begin() as work:
            await work.execute(
                insert(inbound_group_sessions).values(**row, **keys, received_at=milliseconds(NOW))
            )
        await life.passes(59)
        before = await self.kept(life)
        await life.passes(61)

        assert (before, await self.kept(life)) == (["s"], [])

    async def kept(self, life: Life) -> list[str]:
        async with life.stage.database.read() as work:
            return list((await work.execute(select(inbound_group_sessions.c.session_id))).scalars())


def test_a_shared_report_whose_outcome_nobody_told_is_kept_as_long_as_its_alert() -> None:
    case = replace(submitted(), status=Status.PUBLISHED, decided_at=NOW)
    terms = Terms.of(CONFIGURATION.retention)

    assert due(case, Kept.WHOLE, terms, NOW + 364 * DAY) is Due.NOTHING
    assert due(case, Kept.WHOLE, terms, NOW + 366 * DAY) is Due.TEXT


def test_what_its_reporter_took_back_goes_the_next_night() -> None:
    case = replace(submitted(), status=Status.CANCELLED)

    assert due(case, Kept.WHOLE, Terms.of(CONFIGURATION.retention), NOW) is Due.TEXT


class TestASweep:
    async def test_is_told_to_the_desk_in_numbers(self, life: Life) -> None:
        before = len(life.stage.said)
        await life.passes(400)

        (told,) = [one for one in life.stage.said[before:] if one.template == "review/purged"]
        # Two that were sent and a draft.
        assert "3 meldingen" in told.text.plain

    async def test_that_found_nothing_is_told_to_nobody(self, life: Life) -> None:
        await life.passes(400)
        before = len(life.stage.said)
        await life.passes(401)

        assert life.stage.said[before:] == []

    async def test_comes_once_a_day(self, life: Life) -> None:
        async def looks(now: datetime) -> int:
            count = 0
            while True:
                async with life.stage.database.begin() as work:
                    if await life.stage.network.privacy.sweep.look(work, now) is None:
                        return count
                count += 1

        first = await looks(NOW)
        assert (first > 0, await looks(NOW + timedelta(hours=2))) == (True, 0)
        assert await looks(NOW + DAY) > 0

    @pytest.mark.parametrize("died_after", range(0, 12, 2))
    async def test_that_was_killed_goes_on_where_it_was(self, life: Life, died_after: int) -> None:
        await life.is_sent()
        now = NOW + 400 * DAY
        for _ in range(died_after):
            async with life.stage.database.begin() as work:
                await life.stage.network.privacy.sweep.look(work, now)
        life.stage.restart()
        swept: object = "begun"
        while swept is not None:
            async with life.stage.database.begin() as work:
                swept = await life.stage.network.privacy.sweep.look(work, now)
        await life.stage.database.scrub()

        assert life.traces(*ALL) == set()
        async with life.stage.database.read() as work:
            assert len(await remains.kept(work)) == 2
