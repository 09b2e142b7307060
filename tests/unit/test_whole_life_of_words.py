"""Every word that people typed about a report, and the end of each.

A word is planted wherever somebody can type one: what a tip, a question, an update, a
bulletin, a drill, a withdrawal and an officer say. Sealing is switched off, as in
:mod:`tests.unit.test_whole_life`, so that a search of the files finds whatever was left behind.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from sqlalchemy import delete, select, update

from appservice import inbox
from appservice.database import metadata
from appservice.events import RoomEvent
from appservice.ids import EventID, RoomID, UserID
from appservice.metrics import Metrics
from appservice.outbox import Status as MessageStatus
from appservice.outbox import outbox
from appservice.rooms.errands import errands
from bridge.members.records import people
from bridge.places import LiaisonRoom, PrivateRoom, ReviewRoom
from tests.unit.example import ANNA, BAS, CONFIGURATION, ELSEWHERE, HERE, MAX, MIA, NOW, PIET
from tests.unit.test_whole_life import MINE, VAULT, Life, in_clear

__all__ = ["in_clear"]

BOT = UserID("@goudwacht:example.org")
REVIEW, POLICE, BASS = ReviewRoom(), LiaisonRoom(HERE), PrivateRoom(BAS)
REPORT: Final = "!melding {}\nplaats: Utrecht\ntijd: 12:00\nmo: {}"

SAID: Final = {
    "report": "zandloper",
    "edit": "zeepaardje",
    "question": "koekoeksklok",
    "answer": "roodborstje",
    "approval": "wielewaal",
    "update": "boomklever",
    "tip": "kruisbek",
    "officer": "ijsvogel",
    "officer asks": "grutto",
    "outcome": "waterhoen",
    "withdrawal": "steltkluut",
    "bulletin": "scholekster",
    "drill": "kemphaan",
    "draft": "roerdomp",
    "dead letter": "houtsnip",
}
"""A word for each place in which somebody types one."""
TOO_LATE: Final = "zwartkop"
"""In an edit of a report that was sent already, which changes nothing."""


class Talk(Life):
    """A network in which a word was typed wherever one can be."""

    async def begin(self) -> None:
        stage, say = self.stage, SAID
        await stage.set()
        for who, place in ((ANNA, MINE), (BAS, BASS)):
            await stage.joins(who, place)
        first = EventID("$first")
        await stage.says(ANNA, MINE, REPORT.format("overval", say["report"]), event=first)
        edited = REPORT.format("overval", f"{say['report']} {say['edit']}, een Poolse man riep")
        await stage.says(ANNA, MINE, edited, replaces=first)
        await stage.says(ANNA, MINE, "!verstuur")
        await stage.says(MIA, REVIEW, f"!vraag #1 zag je een {say['question']}?")
        await stage.says(ANNA, MINE, f"het was een {say['answer']}")

        await stage.says(
            MIA, REVIEW, f"!ok #1 {HERE} {ELSEWHERE} +politie reden: {say['approval']}"
        )
        await stage.says(MAX, REVIEW, "!ok #1")
        await stage.says(BAS, BASS, f"!tip #1 ik zag een {say['tip']}")
        await stage.says(MIA, REVIEW, f"!update #1 er is een {say['update']}")
        await stage.says(PIET, POLICE, f"!vraag #1 was er een {say['officer asks']}?")
        await stage.says(PIET, POLICE, f"!afloop #1 wij vonden een {say['officer']}")
        await stage.says(ANNA, MINE, f"{edited} {TOO_LATE}", replaces=first)
        await stage.says(MIA, REVIEW, f"!afloop #1 aangehouden met een {say['outcome']}")
        await stage.says(ANNA, MINE, REPORT.format("inbraak", "ruit ingeslagen"))
        await stage.says(ANNA, MINE, "!verstuur")
        await stage.says(MIA, REVIEW, "!ok #2")
        await stage.says(MIA, REVIEW, f"!intrekken #2 het was een {say['withdrawal']}")
        await stage.says(MIA, REVIEW, f"!bulletin {ELSEWHERE}\nlet op een {say['bulletin']}")
        await stage.says(MAX, REVIEW, "!verstuur 1")
        await stage.says(MIA, REVIEW, f"!oefening {ELSEWHERE}\ndoe of er een {say['drill']} is")
        await stage.says(MIA, REVIEW, "!verstuur 2")
        await stage.says(ANNA, MINE, REPORT.format("inbraak", say["draft"]))
        await self._dead_letter()

    async def _dead_letter(self) -> None:
        """An event that could not be handled."""
        event = RoomEvent(
            EventID("$dead"),
            RoomID("!dead"),
            ANNA,
            "m.room.message",
            {"body": SAID["dead letter"]},
            NOW,
        )
        async with self.stage.database.begin() as work:
            await inbox.add(work, VAULT, [event], NOW)
            await work.execute(update(inbox.inbox).values(status=inbox.Status.DEAD))


@pytest_asyncio.fixture(loop_scope="session")
async def talk(in_clear: None, tmp_path: Path) -> AsyncIterator[Talk]:
    made = Talk(tmp_path)
    await made.begin()
    yield made
    await made.stage.close()


async def test_every_word_stands_in_the_files_at_first(talk: Talk) -> None:
    assert set(SAID.values()) - talk.traces(*SAID.values()) == set()


async def test_what_changes_nothing_is_not_kept(talk: Talk) -> None:
    assert talk.traces(TOO_LATE) == set()


async def test_no_word_is_left_when_all_had_its_time(talk: Talk) -> None:
    await talk.is_sent()
    await talk.passes(1_000)

    assert talk.traces(*SAID.values()) == set()


async def test_no_word_is_left_of_what_could_never_be_sent(talk: Talk) -> None:
    async with talk.stage.database.begin() as work:
        await work.execute(update(outbox).values(status=MessageStatus.SET_ASIDE))
    await talk.passes(1_000)

    assert talk.traces(*SAID.values()) == set()


async def test_no_word_is_left_of_what_waits_for_a_homeserver_that_is_gone(talk: Talk) -> None:
    await talk.passes(1_000)

    assert talk.traces(*SAID.values()) == set()


async def test_all_that_others_were_told_is_redacted(talk: Talk) -> None:
    await talk.is_sent()
    async with talk.stage.database.read() as work:
        told = {
            str(row.event_id)
            for row in await work.execute(select(outbox))
            if row.type != "m.reaction"
        }
    await talk.passes(1_000)

    assert told <= await talk.redacted()


async def test_metrics_tell_how_many_and_nothing_else(talk: Talk) -> None:
    text = (await Metrics(talk.stage.database).text()).decode()
    samples = [line.rpartition(" ")[0] for line in text.splitlines() if not line.startswith("#")]
    labels = {label for sample in samples for label in re.findall(r'="([^"]*)"', sample)}

    statuses = {str(one) for one in (*inbox.Status, *MessageStatus)}
    assert labels <= statuses
    told = [*SAID.values(), ANNA, BAS, MIA, MAX, PIET, "@", "!", "$"]
    assert [one for one in told if one in text] == []


@pytest.mark.parametrize("who", [ANNA, BAS, MIA, MAX, PIET])
async def test_who_is_erased_is_named_in_no_table_and_in_nothing_that_is_sealed(
    talk: Talk, who: UserID
) -> None:
    await talk.is_sent()
    nobody = CONFIGURATION.model_copy(
        update={"members": (), "moderators": (), "coordinators": (), "liaisons": ()}
    )
    invited = RoomEvent(EventID("$in"), RoomID("!r"), BOT, "m.room.member", {}, NOW, state_key=who)
    async with talk.stage.database.begin() as work:
        await inbox.add(work, VAULT, [invited], NOW)
        await work.execute(delete(people).where(people.c.user_id == who))
        await talk.stage.network.privacy.erasing.erase(work, who, nobody, NOW)
        # What is still to be done in their room.
        await work.execute(delete(errands))
        named = [
            (table.name, column.name)
            for table in metadata.sorted_tables
            for row in await work.execute(select(table))
            for column, value in zip(table.columns, row, strict=True)
            if who.encode() in (value if isinstance(value, bytes) else str(value).encode())
        ]

    assert named == []


async def test_the_tips_of_who_is_erased_are_taken_back(talk: Talk) -> None:
    await talk.is_sent()
    async with talk.stage.database.begin() as work:
        await work.execute(delete(people).where(people.c.user_id == BAS))
        nobody = CONFIGURATION.model_copy(update={"members": ()})
        await talk.stage.network.privacy.erasing.erase(work, BAS, nobody, NOW)

    assert "$said-case/1/tip/1/text" in await talk.redacted()
