"""The audit log: what can be recorded, what shows tampering, what can be erased from it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from appservice.database import Database, Work
from appservice.vault import Vault
from bridge.audit import Audit, Break, Deed, Entry, Fault, Office, Standing
from bridge.audit.chain import BEGINNING, Link, breaks, hash_of, head, linked
from bridge.audit.entry import NotOneWord
from bridge.audit.rows import audit_head, audit_log, audit_people
from bridge.places import PrivateRoom, ReviewRoom
from bridge.reports.case import CaseNumber
from tests.databases import BOTH_KINDS, DATABASES
from tests.unit.example import ANNA, BAS, CONFIGURATION, CORA, MIA, NOW
from tests.unit.stage import Stage

pytestmark = BOTH_KINDS

VAULT = Vault("a secret that is long enough for the tests")
CASE = CaseNumber(7)


@pytest_asyncio.fixture(loop_scope="session")
async def database() -> AsyncIterator[Database]:
    opened = await DATABASES.with_tables()
    yield opened
    await DATABASES.gone(opened)


@pytest_asyncio.fixture(loop_scope="session")
async def work(database: Database) -> AsyncIterator[Work]:
    """A log of six entries, a minute apart."""
    audit = Audit(VAULT)
    async with database.begin() as work:
        for number, entry in enumerate(
            (
                Entry(Deed.SUBMITTED, by=ANNA, case=CASE),
                Entry(Deed.APPROVED, by=MIA, case=CASE, details={"regions": ["amsterdam"]}),
                Entry(Deed.SUBMITTED, by=BAS, case=CaseNumber(8)),
                Entry(Deed.REJECTED, by=MIA, case=CaseNumber(8), reason="te vaag, sorry"),
                Entry(Deed.INVITED, by=CORA, about=BAS),
                Entry(Deed.PURGED, by=Office.SERVICE, case=CASE, details={"messages": 12}),
            )
        ):
            await audit.record(work, entry, NOW + timedelta(minutes=number))
        yield work


async def check(work: Work, *noted: tuple[int, str]) -> Standing:
    return await Audit(VAULT).check(work, noted)


async def found(work: Work, *noted: tuple[int, str]) -> list[Break]:
    return list((await check(work, *noted)).breaks)


class TestAnEntry:
    @pytest.mark.parametrize("said", ["twee mannen", "regel\nanders", "", "x" * 256])
    def test_has_no_room_for_a_sentence(self, said: str) -> None:
        with pytest.raises(NotOneWord):
            Entry(Deed.EDITED, by=MIA, details={"field": said})
        with pytest.raises(NotOneWord):
            Entry(Deed.EDITED, by=MIA, details={"fields": [said]})

    def test_that_is_refused_shows_nothing_of_what_it_was_given(self) -> None:
        with pytest.raises(NotOneWord) as refused:
            Entry(Deed.EDITED, by=MIA, details={"field": "Jan Jansen"})
        assert "Jansen" not in str(refused.value)

    @pytest.mark.parametrize("deed", Deed)
    def test_is_under_a_rule(self, deed: Deed) -> None:
        assert Entry(deed, by=MIA).under


class TestWhatIsReadBack:
    async def test_is_who_did_what_to_which_case_under_which_rule(self, work: Work) -> None:
        entry = [e async for e in Audit(VAULT).entries(work, case=CASE)][1]

        assert (entry.deed, entry.by, entry.case) == ("approved", MIA, CASE)
        assert (entry.rule, entry.version) == ("moderator-decides", "0.1.0")
        assert (entry.at, entry.details) == (NOW + timedelta(minutes=1), {"regions": ["amsterdam"]})

    async def test_of_a_person_is_what_they_did_and_what_was_done_to_them(self, work: Work) -> None:
        assert [e.deed for e in await Audit(VAULT).about(work, BAS)] == ["submitted", "invited"]

    async def test_fits_a_line_of_json(self, work: Work) -> None:
        async for entry in Audit(VAULT).entries(work):
            assert json.loads(json.dumps(entry.to_json()))["deed"] == entry.deed


class TestALogThatNobodyTouched:
    async def test_is_whole(self, work: Work) -> None:
        standing = await check(work)

        assert (standing.entries, standing.last, standing.breaks) == (6, 6, ())

    async def test_is_whole_when_it_is_empty(self, database: Database) -> None:
        async with database.read() as work:
            assert await check(work) == Standing(0, 0, BEGINNING, ())

    async def test_holds_nobodys_name_and_no_reason_in_clear(self, work: Work) -> None:
        for table in (audit_log, audit_people, audit_head):
            rows = repr((await work.execute(select(table))).all())
            assert [word for word in (ANNA, MIA, BAS, "vaag") if word in rows] == []

    async def test_has_what_was_noted_earlier(self, work: Work) -> None:
        earlier = await check(work)
        await Audit(VAULT).record(work, Entry(Deed.CLAIMED, by=MIA, case=CASE), NOW)

        assert await found(work, (earlier.last, earlier.hash)) == []


class TestTampering:
    async def change(self, work: Work, seq: int, **values: Any) -> None:
        await work.execute(update(audit_log).where(audit_log.c.seq == seq).values(**values))

    async def renumber(self, work: Work, seq: int, becomes: int) -> None:
        await work.execute(update(audit_log).where(audit_log.c.seq == seq).values(seq=becomes))

    @pytest.mark.parametrize("column", ["at", "case_number"])
    async def test_with_that_by_which_an_entry_is_looked_for_is_found(
        self, work: Work, column: str
    ) -> None:
        await self.change(work, 4, **{column: 1})

        assert await found(work) == [Break(4, Fault.CHANGED)]

    async def test_with_what_was_done_is_found_where_it_was(self, work: Work) -> None:
        row = (await work.execute(select(audit_log).where(audit_log.c.seq == 4))).one()
        await self.change(work, 4, content=row.content.replace("rejected", "approved"))

        assert await found(work) == [Break(4, Fault.CHANGED)]

    @pytest.mark.parametrize("content", ["", "x", "[]", "{}", "null", "[" * 9_000])
    async def test_that_leaves_nothing_to_read_is_found_where_it_was(
        self, work: Work, content: str
    ) -> None:
        await self.change(work, 4, content=content)

        assert {each.seq for each in await found(work)} == {4}
        assert [e.seq async for e in Audit(VAULT).entries(work)] == [1, 2, 3, 5, 6]

    async def test_by_who_can_compute_hashes_is_found_where_it_was(self, work: Work) -> None:
        row = (await work.execute(select(audit_log).where(audit_log.c.seq == 4))).one()
        content = json.loads(row.content) | {"deed": "approved"}
        own = hash_of(row.previous, 4, content)
        await self.change(work, 4, content=json.dumps(content), hash=own)
        await self.change(work, 5, previous=own)

        assert await found(work) == [Break(4, Fault.FORGED), Break(5, Fault.CHANGED)]

    async def test_by_who_has_another_secret_is_found(self, work: Work) -> None:
        other = Audit(Vault("another secret that somebody has made up"))
        await other.record(work, Entry(Deed.APPROVED, by=MIA, case=CASE), NOW)

        assert Break(7, Fault.FORGED) in await found(work)

    async def test_by_taking_an_entry_away_is_found_where_it_was(self, work: Work) -> None:
        await work.execute(delete(audit_log).where(audit_log.c.seq == 3))

        assert await found(work) == [Break(3, Fault.MISSING)]

    @pytest.mark.parametrize("first", [1, 3, 5])
    async def test_by_putting_two_in_another_order_is_found_where_they_were(
        self, work: Work, first: int
    ) -> None:
        for was, becomes in ((first, 99), (first + 1, first), (99, first + 1)):
            await self.renumber(work, was, becomes)

        assert {first, first + 1} <= {each.seq for each in await found(work)}

    @pytest.mark.parametrize("seq", [1, 3, 6])
    async def test_by_putting_one_there_a_second_time_is_found(self, work: Work, seq: int) -> None:
        row = (await work.execute(select(audit_log).where(audit_log.c.seq == seq))).one()
        await work.execute(insert(audit_log).values(**row._asdict() | {"seq": 7}))

        assert 7 in {each.seq for each in await found(work)}

    @pytest.mark.parametrize("seq", [1, 6])
    async def test_by_cutting_off_an_end_is_found(self, work: Work, seq: int) -> None:
        await work.execute(delete(audit_log).where(audit_log.c.seq == seq))

        assert await found(work) == [Break(seq, Fault.MISSING)]

    async def test_by_cutting_off_the_end_with_its_head_is_found(self, work: Work) -> None:
        row = (await work.execute(select(audit_log).where(audit_log.c.seq == 5))).one()
        await work.execute(delete(audit_log).where(audit_log.c.seq == 6))
        await work.execute(update(audit_head).values(last=5, hash=row.hash))

        assert Break(5, Fault.HEAD) in await found(work)

    async def test_by_taking_everything_away_but_the_head_is_found(self, work: Work) -> None:
        await work.execute(delete(audit_log))

        assert await found(work) == [Break(seq, Fault.MISSING) for seq in range(1, 7)]

    async def test_by_taking_the_head_away_is_found(self, work: Work) -> None:
        await work.execute(delete(audit_head))

        assert await found(work) == [Break(0, Fault.HEAD)]

    async def test_by_putting_back_an_older_log_is_found_by_who_noted_the_end(
        self, work: Work
    ) -> None:
        older = (await work.execute(select(audit_head))).one()._asdict()
        await Audit(VAULT).record(work, Entry(Deed.CLAIMED, by=MIA, case=CASE), NOW)
        noted = await check(work)
        await work.execute(delete(audit_log).where(audit_log.c.seq == 7))
        await work.execute(update(audit_head).values(**older))

        assert await found(work) == []
        assert await found(work, (noted.last, noted.hash)) == [Break(7, Fault.NOT_AS_NOTED)]

    async def test_with_a_name_is_found_wherever_it_stands(self, work: Work) -> None:
        tokens = await work.execute(select(audit_people.c.token, audit_people.c.person))
        (one, _), (_, other) = list(tokens)[:2]
        await work.execute(
            update(audit_people).where(audit_people.c.token == one).values(person=other)
        )

        assert {each.fault for each in await found(work)} == {Fault.PERSON}

    async def test_with_a_reason_is_found(self, work: Work) -> None:
        await self.change(work, 4, reason=b"something else that was never sealed")

        assert await found(work) == [Break(4, Fault.REASON)]


class TestWhatMayGo:
    async def test_the_name_of_a_person_and_the_log_stays_whole(self, work: Work) -> None:
        assert await Audit(VAULT).forget_person(work, BAS)

        entries = [e async for e in Audit(VAULT).entries(work)]
        assert (await found(work), len(entries)) == ([], 6)
        assert BAS not in {who for entry in entries for who in (entry.by, entry.about)}

    async def test_a_person_who_comes_back_is_somebody_new_to_the_log(self, work: Work) -> None:
        await Audit(VAULT).forget_person(work, BAS)
        await Audit(VAULT).record(work, Entry(Deed.INVITED, by=CORA, about=BAS), NOW)

        assert [e.seq for e in await Audit(VAULT).about(work, BAS)] == [7]

    async def test_the_reasons_of_a_case_and_the_log_stays_whole(self, work: Work) -> None:
        await Audit(VAULT).forget_reasons(work, CaseNumber(8))

        assert [e.reason async for e in Audit(VAULT).entries(work)] == [None] * 6
        assert await found(work) == []

    async def test_what_is_old_and_the_rest_stays_whole(self, work: Work) -> None:
        gone = await Audit(VAULT).forget_before(work, NOW + timedelta(minutes=2))

        assert (gone, [e.seq async for e in Audit(VAULT).entries(work)]) == (2, [3, 4, 5, 6])
        assert await found(work) == []

    @pytest.mark.parametrize(
        "how", [{"at": 0}, {"content": '{"at": 0, "by": null}', "at": 0}], ids=["column", "content"]
    )
    async def test_not_what_somebody_made_look_old(self, work: Work, how: dict[str, Any]) -> None:
        await work.execute(update(audit_log).where(audit_log.c.seq <= 4).values(**how))
        await Audit(VAULT).forget_before(work, NOW + timedelta(minutes=2))

        assert 3 in {each.seq for each in await found(work)}

    async def test_everything_and_the_next_still_links(self, work: Work) -> None:
        await Audit(VAULT).forget_before(work, NOW + timedelta(days=999))
        seq = await Audit(VAULT).record(work, Entry(Deed.CLAIMED, by=MIA, case=CASE), NOW)

        assert (seq, await found(work)) == (7, [])

    async def test_nothing_a_second_time(self, work: Work) -> None:
        await Audit(VAULT).forget_before(work, NOW + timedelta(minutes=2))

        assert await Audit(VAULT).forget_before(work, NOW + timedelta(minutes=2)) == 0


@given(
    length=st.integers(min_value=1, max_value=8),
    at=st.integers(min_value=0),
    what=st.sampled_from(["content", "hash", "mac", "previous", "seq"]),
)
def test_no_change_of_one_value_goes_unseen(length: int, at: int, what: str) -> None:
    links: list[Link] = []
    for seq in range(1, length + 1):
        previous = links[-1].hash if links else BEGINNING
        links.append(linked(previous, seq, {"deed": str(seq)}, VAULT.mac))
    end = head(1, BEGINNING, length, links[-1].hash, VAULT.mac)
    assert list(breaks(end, links, VAULT.mac)) == []

    place = at % length
    stored = {name: getattr(links[place], name) for name in Link.__slots__}
    stored[what] = {"content": {"deed": "x"}, "seq": length + 5}.get(what, "f" * 64)
    links[place] = Link(**stored)

    assert list(breaks(end, sorted(links, key=lambda link: link.seq), VAULT.mac)) != []


async def test_what_moderators_and_reporters_do_is_recorded() -> None:
    stage = Stage(CONFIGURATION)
    await stage.set()
    mine = PrivateRoom(ANNA)
    for _ in range(2):
        await stage.says(ANNA, mine, "!melding inbraak\nplaats: Utrecht\ntijd: 12:00\nmo: gevel")
        await stage.says(ANNA, mine, "!verstuur")
    await stage.says(MIA, ReviewRoom(), "!ok #1")
    await stage.reacts(MIA, 2, "❌")
    await stage.says(MIA, ReviewRoom(), "!nee #2 dubbel gemeld")

    async with stage.database.read() as work:
        audit = Audit(Vault(CONFIGURATION.database.secret))
        entries = [(e.deed, e.by, e.case) async for e in audit.entries(work)]
        rows = repr((await work.execute(text("SELECT * FROM audit_log"))).all())
    await stage.close()
    assert entries == [
        ("submitted", ANNA, 1),
        ("submitted", ANNA, 2),
        ("approved", MIA, 1),
        ("rejected", MIA, 2),
        ("reason given", MIA, 2),
    ]
    assert "gevel" not in rows
