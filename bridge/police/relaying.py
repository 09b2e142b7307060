"""What the police units get of a case, in the transaction that decides on it.

::

    case just published ─▶ who wants it? ─▶ relayed alert + CAP file, a liaison room each
    later word, change ──▶ who got it? ───▶ CAP file that refers to the earlier ones
    it goes on as another ▶ who got it? ──▶ CAP file that cancels it

A relayed alert goes out with the members' and never holds it up: each room is sent to on its own.
Which units got a case is read from the outbox: of what it was never sent, a unit hears no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from appservice.attachments import Attachment
from appservice.database import Work
from appservice.outbox import deliveries
from bridge.audit import Deed
from bridge.configuration import Configuration
from bridge.members.roster import Roster
from bridge.moderation.afterwards import edits
from bridge.places import LiaisonRoom, active_units
from bridge.police import records
from bridge.police.cap import Kind, Origin, Turn, Words, message
from bridge.police.relay import relayed, values
from bridge.police.subscriptions import Wanted, wants
from bridge.police.words import OfficersWords, WordKind, WordStanding, answer
from bridge.regions import PoliceUnit, RegionCode, Regions
from bridge.reports.case import (
    AfterwordKind,
    Case,
    CaseNumber,
    Status,
    message_name,
    numbered,
)
from bridge.speech import Attach, Say, Speaker
from bridge.wording import Wording

_KINDS: Final = {
    AfterwordKind.UPDATE: Kind.UPDATE,
    AfterwordKind.OUTCOME: Kind.OUTCOME,
    AfterwordKind.WITHDRAWAL: Kind.WITHDRAWAL,
}
_ANSWERS: Final = {Deed.CLOSED: WordKind.OUTCOME, Deed.ASKED: WordKind.QUESTION}
"""What a moderator did, and what of the police's is answered by it."""


class Relaying:
    """Follows cases for the police.

    Args:
        configuration: what always goes to the police, and who the network is.
        roster: who the liaisons are.
        regions: which units serve which.
        speaker: says it.
        wording: words for the CAP file.
        words: what officers told.
    """

    def __init__(
        self,
        configuration: Configuration,
        roster: Roster,
        regions: Regions,
        speaker: Speaker,
        wording: Wording,
        words: OfficersWords,
    ) -> None:
        self._words = words
        self._always = frozenset(configuration.police.always)
        self._reading = configuration.police.reading
        self._language = configuration.network.language
        self._origin = Origin(
            configuration.homeserver.name,
            f"{configuration.bot.localpart}@{configuration.homeserver.name}",
            configuration.network.name,
            configuration.network.timezone,
        )
        self._roster = roster
        self._regions = regions
        self._speaker = speaker
        self._wording = wording

    async def follow(self, work: Work, case: Case, now: datetime, deed: Deed | None = None) -> None:
        """Say to the police what a decision on a case makes due; safe to call again.

        Args:
            case: as it is after the decision.
            now: when that was taken.
            deed: what was decided.
        """
        if not self.relays(case):
            return
        # Only the decision itself relays: who subscribes later asks for what is open.
        if now in (case.decided_at, case.ahead_at) and case.with_others:
            if case.ahead_at not in (None, now):
                await self._correct(work, case, now)
            units = await self.audience(work, case)
            says = relayed(case, [unit.code for unit in units], self._reading)
            await self._speaker.say(work, says, now)
        told = await units_told(work, case, self._regions)
        if deed is not None and (kind := _ANSWERS.get(deed)) is not None:
            await self._settle(work, case, kind, now)
        turns = self._turns(case)
        if deed is Deed.MERGED and case.merged_into is not None:
            turns.append(Turn(Kind.WITHDRAWAL, now, self._goes_on(case, case.merged_into)))
        put = await _put(work, case)
        for unit in told:
            for end in range(1, len(turns) + 1):
                if _file_name(case, turns[:end], unit) not in put:
                    await self._speaker.say(work, [self.file(case, turns[:end], unit)], now)

    async def _settle(self, work: Work, case: Case, kind: WordKind, now: datetime) -> None:
        """Tell officers that their question was put; that an outcome was told, they read anyway."""
        for word in await self._words.of(work, case):
            if word.kind is not kind or word.standing is not WordStanding.OPEN:
                continue
            await self._words.settle(work, word, WordStanding.PASSED_ON)
            if kind is WordKind.QUESTION:
                await self._speaker.say(work, [answer(case, word, "police/question_put")], now)

    async def _correct(self, work: Work, case: Case, now: datetime) -> None:
        """Edit what was told first: it says that the members do not know yet."""
        rooms = [LiaisonRoom(unit.code) for unit in await units_told(work, case, self._regions)]
        passed = frozenset(case.let_through)
        corrected = [replace(say, let_through=passed) for say in edits(case, rooms, self._reading)]
        await self._speaker.say(work, corrected, now)

    async def audience(self, work: Work, case: Case) -> Sequence[PoliceUnit]:
        """Return the units that get a case: those who want what may go to the police."""
        return [
            unit
            for unit in active_units(self._regions, self._roster)
            if self.fits(case, await records.wanted_by(work, unit))
        ]

    async def wanting(self, work: Work, case: Case) -> Sequence[RegionCode]:
        """Return the units that would get a case if it went to the police of its region now."""
        ahead = replace(case, ahead_at=case.ahead_at or case.opened_at)
        return [unit.code for unit in await self.audience(work, ahead)]

    def relays(self, case: Case) -> bool:
        """Tell whether a case may go to the police."""
        return bool(self._concerns(case))

    def fits(self, case: Case, wanted: Wanted) -> bool:
        """Tell whether a case may go to the police, to who wants this."""
        return wants(wanted, self._concerns(case), case.fields.type)

    def _concerns(self, case: Case) -> Sequence[RegionCode]:
        """Return the regions with whose police a case may be shared.

        The moderators chose so, or its type always goes there; what they let go there first
        concerns the police of its own region alone.
        """
        always = case.fields.type in self._always and case.status is not Status.SUBMITTED
        if case.police or always:
            return (case.region, *case.regions)
        return () if case.ahead_at is None else (case.region,)

    def again(self, case: Case, unit: PoliceUnit) -> tuple[Say | Attach, ...]:
        """Return what a unit asked to read again, or for the first time; it rings no phone."""
        room, turns = LiaisonRoom(unit.code), self._turns(case)
        text = Say(room, "police/alert", values(case, self._reading), quiet=True)
        return (text, replace(self.file(case, turns, unit), name=None))

    def file(self, case: Case, turns: Sequence[Turn], unit: PoliceUnit) -> Attach:
        """Return the CAP file of the last of ``turns`` for a unit."""
        name = _file_name(case, turns, unit)
        return Attach(
            LiaisonRoom(unit.code),
            self._file(case, turns),
            name,
            reads=_read_in(self._in_words(case), turns),
            let_through=frozenset(case.let_through),
        )

    def reads(self, case: Case) -> tuple[str, ...]:
        """Return what people read in the latest file of a case, for the gate to judge."""
        return _read_in(self._in_words(case), self._turns(case))

    def _file(self, case: Case, turns: Sequence[Turn]) -> Attachment:
        data = message(case, turns, self._in_words(case), self._origin)
        filename = f"goudwacht-{numbered(case)}-{len(turns) - 1}.cap.xml"
        return Attachment(filename, "application/cap+xml", data)

    def _turns(self, case: Case) -> list[Turn]:
        """Return everything that was said of a case, in the order of its files."""
        turns = [Turn(Kind.ALERT, case.ahead_at or case.decided_at or case.opened_at)]
        for place in range(len(case.afterwords) + 1):
            # What came with a case that goes on as this one is older than what was told before it.
            turns += [
                Turn(Kind.UPDATE, max(one.at, turns[-1].at), self._changed())
                for one in case.corrected
                if one.behind == place
            ]
            for word in case.afterwords[place : place + 1]:
                turns.append(Turn(_KINDS[word.kind], max(word.at, turns[-1].at), word.text))
        return turns

    def _changed(self) -> str:
        """Return the note of the file by which a case says something else."""
        return self._wording.render("police/cap_changed", self._language).plain.strip()

    def _goes_on(self, case: Case, into: CaseNumber) -> str:
        """Return the note of the file by which a case goes on as another."""
        rendered = self._wording.render(
            "police/cap_merged", self._language, number=numbered(case), into=into
        )
        return rendered.plain.strip()

    def _in_words(self, case: Case) -> Words:
        said = values(case, self._reading)
        language = self._language

        def words(template: str) -> str:
            return self._wording.render(template, language, **said).plain.strip()

        regions = dict.fromkeys((case.region, *case.regions))
        area = ", ".join(filter(None, [case.fields.place, *map(self._regions.name, regions)]))
        kind = self._wording.word(language, "report_type", str(case.fields.type))
        return Words(
            language.tag,
            kind,
            words("police/cap_headline"),
            words("police/cap_description"),
            words("police/cap_restriction"),
            area,
        )


def _read_in(words: Words, turns: Sequence[Turn]) -> tuple[str, ...]:
    note = turns[-1].text
    texts = (words.event, words.headline, words.description, words.restriction, words.area, note)
    return tuple(text for text in texts if text)


async def units_told(work: Work, case: Case, regions: Regions) -> list[PoliceUnit]:
    """Return the units that were sent a case, and are there still."""
    prefix = message_name(case, "police/")
    codes = [RegionCode(found.name[len(prefix) :]) for found in await deliveries(work, prefix)]
    return [unit for code in codes if (unit := regions.unit(code)) is not None]


async def _put(work: Work, case: Case) -> set[str]:
    kinds = ("police/", "withdrawn/")
    return {
        found.name for kind in kinds for found in await deliveries(work, message_name(case, kind))
    }


def _file_name(case: Case, turns: Sequence[Turn], unit: PoliceUnit) -> str:
    if turns[-1].kind is Kind.WITHDRAWAL:
        return message_name(case, f"withdrawn/cap/{unit.code}")
    # Below the alert's own name: it is taken out of the room with that; a withdrawal stays.
    return message_name(case, f"police/{unit.code}/cap/{len(turns) - 1}")
