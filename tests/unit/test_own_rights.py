"""What somebody can see of what is stored about them, and what is left when they are erased."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import delete, insert, select, update

from appservice import inbox
from appservice.attachments import Attachment
from appservice.database import metadata
from appservice.encryption.devices import devices, tracked_users
from appservice.events import RoomEvent
from appservice.ids import EventID, RoomID, UserID
from appservice.outbox import Outbox
from appservice.rooms.errands import errands
from appservice.vault import Vault
from bridge.audit import Audit, Deed, Entry
from bridge.configuration import Configuration
from bridge.members.register import Register
from bridge.places import PrivateRoom, ReviewRoom, key_of
from bridge.privacy import remains
from bridge.privacy.erasing import StillTakesPart
from bridge.reports.case import CaseNumber, Status
from bridge.reports.case_keys import case_keys
from bridge.reports.records import CaseRecords
from tests.databases import BOTH_KINDS
from tests.unit.example import ANNA, BAS, CONFIGURATION, MIA, NOW, SHOP
from tests.unit.stage import Said, Stage

pytestmark = BOTH_KINDS

MINE, REVIEW = PrivateRoom(ANNA), ReviewRoom()
VAULT = Vault(CONFIGURATION.database.secret)
REPORT = "!melding inbraak\nplaats: Utrecht\ntijd: 12:00\naangiftenummer: PL77\nmo: {}"


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """Anna had a report shared, one rejected, one waits, and she writes another."""
    stage = Stage(CONFIGURATION)
    await stage.set()
    await stage.joins(ANNA, MINE)
    for word in ("meeuw", "uil", "zwaan"):
        await stage.says(ANNA, MINE, REPORT.format(word))
        await stage.says(ANNA, MINE, "!verstuur")
    await stage.says(MIA, REVIEW, "!ok #1")
    await stage.says(MIA, REVIEW, "!nee #2 dubbel gemeld")
    await stage.says(MIA, REVIEW, "!vraag #3 weet je nog meer?")
    await stage.says(ANNA, MINE, REPORT.format("ekster"))
    await stage.says(ANNA, MINE, "!taal nl")
    await stage.says(ANNA, MINE, "!tip #1 een grijze bus in de Kerkstraat")
    async with stage.database.begin() as work:
        event = RoomEvent(
            EventID("$typed"), RoomID(f"!private/{ANNA}"), ANNA, "m.room.encrypted", {}, NOW
        )
        await inbox.add(work, VAULT, [event], NOW)
        await work.execute(update(inbox.inbox).values(status=inbox.Status.DONE))
        phone = {"device_id": "PHONE", "curve25519": "c", "ed25519": "e", "signed": True}
        await work.execute(insert(devices).values(user_id=ANNA, **phone))
        known = {"changes": 1, "seen": 1, "identity_changed": False}
        await work.execute(insert(tracked_users).values(user_id=ANNA, **known))
    yield stage
    await stage.close()


async def shown(stage: Stage, who: UserID, asks: str = "!inzage") -> str:
    """Return what the file holds that somebody gets who asks for what is stored."""
    place = PrivateRoom(who)
    said = await stage.says(who, place, asks)
    assert [one.template for one in said] == ["privacy/own_data_file"]
    (file,) = await files_for(stage, who)
    assert (file.mimetype, file.filename) == ("text/plain", f"goudwacht-inzage-{NOW:%Y-%m-%d}.txt")
    return file.data.decode("utf-8-sig")


async def files_for(stage: Stage, who: UserID) -> list[Attachment]:
    """The files that wait for somebody, once everything was sent to them."""
    kept, files = Outbox(VAULT), []
    async with stage.database.begin() as work:
        while (row := await kept.first(work, key_of(PrivateRoom(who)))) is not None:
            if row.attachment is not None:
                files.append(row.attachment)
            await kept.close(work, row, EventID(f"${row.seq}"))
    return files


def text(said: list[Said]) -> str:
    return "\n".join(one.text.plain for one in said)


class TestWhatSomebodyIsShown:
    async def test_is_who_they_are_and_every_report(self, stage: Stage) -> None:
        told = await shown(stage, ANNA)

        wanted = [ANNA, SHOP, "PHONE", "meeuw", "uil", "zwaan", "ekster", "PL77", "dubbel gemeld"]
        assert [word for word in wanted if word not in told] == []

    async def test_is_what_was_said_of_their_reports(self, stage: Stage) -> None:
        await stage.says(MIA, REVIEW, "!vraag #3 wat was het?")
        await stage.says(ANNA, MINE, "het was een merel")
        await stage.says(MIA, REVIEW, "!update #1 er is een nachtegaal")
        told = await shown(stage, ANNA)

        wanted = ["weet je nog meer?", "het was een merel", "er is een nachtegaal"]
        assert [word for word in wanted if word not in told] == []

    async def test_is_what_the_log_says_of_them(self, stage: Stage) -> None:
        assert "ingediend, #2" in await shown(stage, ANNA)

    async def test_is_about_what_they_gave_tips(self, stage: Stage) -> None:
        assert "Tips van jou: bij #1" in await shown(stage, ANNA)

    async def test_is_a_file_and_not_in_what_is_said_beside_it(self, stage: Stage) -> None:
        (said,) = await stage.says(ANNA, MINE, "!inzage")

        assert [word for word in (SHOP, "meeuw", "PL77") if word in said.text.plain] == []

    async def test_outlives_a_restart_before_it_is_sent(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!inzage")
        stage.restart()

        (file,) = await files_for(stage, ANNA)
        assert "meeuw" in file.data.decode("utf-8-sig")

    async def test_is_not_sent_any_more_once_a_report_in_it_was_erased(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!inzage")
        await stage.network.privacy.sweep.whole(stage.database, NOW + timedelta(days=8))

        assert await files_for(stage, ANNA) == []

    async def test_can_be_asked_for_anew_when_it_was_not_sent(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!inzage")
        await stage.network.privacy.sweep.whole(stage.database, NOW + timedelta(days=8))

        told = await shown(stage, ANNA)
        assert ("meeuw" in told, "uil" in told) == (True, False)

    async def test_is_in_their_own_room_alone(self, stage: Stage) -> None:
        said = await stage.says(ANNA, MINE, "!inzage")

        assert {one.template.partition("/")[0] for one in said} == {"privacy"}

    async def test_is_nothing_of_anybody_else(self, stage: Stage) -> None:
        await stage.joins(BAS, PrivateRoom(BAS))
        told = await shown(stage, BAS, "!mydata")

        assert BAS in told
        assert [word for word in (ANNA, SHOP, "meeuw", "ekster") if word in told] == []

    async def test_is_shown_once_a_day(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!inzage")
        again = await stage.says(ANNA, MINE, "!inzage")

        assert [one.template for one in again] == ["privacy/shown_today"]

    async def test_is_recorded_as_shown(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!inzage")

        async with stage.database.read() as work:
            assert "shown" in {entry.deed for entry in await Audit(VAULT).about(work, ANNA)}


class TestWhoAsksToBeErased:
    async def test_is_told_what_stays_and_the_desk_is_told_what_to_do(self, stage: Stage) -> None:
        own, desk = await stage.says(ANNA, MINE, "!wis")

        assert "365 dagen" in own.text.plain
        assert f"goudwacht members erase {ANNA}" in desk.text.plain

    async def test_is_not_erased_by_asking(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!wis")

        assert "#1" in text(await stage.says(ANNA, MINE, "!mijn"))

    async def test_is_answered_once_a_day(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!wis")

        (again,) = await stage.says(ANNA, MINE, "!wis")
        assert again.template == "privacy/erasure_asked_today"


def without_anna() -> Configuration:
    left = tuple(member for member in CONFIGURATION.members if member.user != ANNA)
    return CONFIGURATION.model_copy(update={"members": left})


async def erase(stage: Stage, configuration: Configuration | None = None) -> int:
    async with stage.database.begin() as work:
        register = Register(VAULT)
        await register.look(work)
        await register.drop(work, ANNA)
        return await stage.network.privacy.erasing.erase(
            work, ANNA, configuration or without_anna(), NOW + timedelta(hours=1)
        )


async def naming_anna(stage: Stage) -> set[str]:
    """The tables with her name in them, but for what is still to be done in her room."""
    async with stage.database.read() as work:
        held = {
            table.name: [tuple(row) for row in await work.execute(select(table))]
            for table in metadata.sorted_tables
        }
    return {name for name, rows in held.items() if ANNA in repr(rows)} - {"errands"}


class TestErasingSomebody:
    async def test_leaves_their_name_in_no_table(self, stage: Stage) -> None:
        await stage.says(ANNA, MINE, "!inzage")
        await stage.says(ANNA, MINE, "!wis")
        await erase(stage)

        assert await naming_anna(stage) == set()

    async def test_leaves_their_name_in_no_table_of_a_copy_that_has_no_keys_of_theirs(
        self, stage: Stage
    ) -> None:
        async with stage.database.begin() as work:
            await work.execute(delete(case_keys))
        await erase(stage)

        assert await naming_anna(stage) == set()

    async def test_leaves_of_their_reports_what_others_were_told_and_no_more(
        self, stage: Stage
    ) -> None:
        assert await erase(stage) == 4

        records = CaseRecords(VAULT)
        async with stage.database.read() as work:
            found = [await records.by_number(work, CaseNumber(number)) for number in (1, 2, 3)]
        shared, rejected, waited = (case for case in found if case is not None)
        assert (shared.status, shared.fields.mo, shared.reporter) == (Status.PUBLISHED, "meeuw", "")
        assert shared.fields.declaration_reference is None
        assert {rejected.status, waited.status} == {Status.PURGED}

    async def test_leaves_figures(self, stage: Stage) -> None:
        await erase(stage)

        async with stage.database.read() as work:
            assert len(await remains.kept(work)) == 2

    async def test_takes_back_what_was_said_in_their_room(self, stage: Stage) -> None:
        await erase(stage)

        async with stage.database.read() as work:
            asked = {
                (row.kind, row.event_id)
                for row in await work.execute(select(errands))
                if row.room_id == f"!private/{ANNA}"
            }
        assert {("redact", "$typed"), ("leave", None)} <= asked

    async def test_leaves_the_log_whole_and_without_their_name(self, stage: Stage) -> None:
        await erase(stage)

        async with stage.database.read() as work:
            audit = Audit(VAULT)
            assert (await audit.check(work)).breaks == ()
            deeds = [entry.deed async for entry in audit.entries(work)]
            assert await audit.about(work, ANNA) == []
        assert {"submitted", "erased"} <= set(deeds)

    async def test_forgets_why_they_were_removed(self, stage: Stage) -> None:
        async with stage.database.begin() as work:
            why = Entry(Deed.REVOKED, by=MIA, about=ANNA, reason="komt nooit meer")
            await Audit(VAULT).record(work, why, NOW)
        await erase(stage)

        async with stage.database.read() as work:
            audit = Audit(VAULT)
            told = {entry.reason async for entry in audit.entries(work) if entry.deed == "revoked"}
            assert (await audit.check(work)).breaks == ()
        assert told == {None}

    async def test_is_safe_to_repeat(self, stage: Stage) -> None:
        await erase(stage)

        assert await erase(stage) == 0

    async def test_who_takes_part_is_refused(self, stage: Stage) -> None:
        async with stage.database.begin() as work:
            with pytest.raises(StillTakesPart):
                await stage.network.privacy.erasing.erase(work, ANNA, without_anna(), NOW)

    async def test_who_would_be_let_in_at_the_next_start_is_refused(self, stage: Stage) -> None:
        with pytest.raises(StillTakesPart):
            await erase(stage, CONFIGURATION)

    async def test_says_nothing_to_nobody_afterwards(self, stage: Stage) -> None:
        await erase(stage)
        await stage.says(MIA, REVIEW, "!afloop #1 aangehouden")

        async with stage.database.read() as work:
            outbox = metadata.tables["outbox"]
            targets = set((await work.execute(select(outbox.c.target))).scalars())
        assert "private/" not in targets
