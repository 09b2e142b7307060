"""What every answer of the desk does alike: find the case, carry out a decision, edit the card.

::

    "#42 …" or the thread of a card ─▶ Desk.subject ─▶ a pure decision ─▶ Desk.carry_out
                                                                     case · audit log · note
                                                                     messages · the card's edit
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from appservice.database import Work
from appservice.outbox import name_of
from bridge.audit import Audit, Deed, Entry
from bridge.commands import Asked
from bridge.gate.entering import for_moderators, for_the_log
from bridge.gate.leaving import judge
from bridge.members.roster import Person
from bridge.moderation.card import CARD, Cards, Surroundings
from bridge.moderation.choice import Choice, Rules
from bridge.moderation.decisions import Decision
from bridge.moderation.duplicates import RECENT, alike
from bridge.moderation.notes import Notes
from bridge.moderation.takebacks import removals
from bridge.places import LiaisonRoom, PrivateRoom, ReviewRoom
from bridge.police.relay import relayed
from bridge.regions import RegionCode
from bridge.relay.alert import alerts
from bridge.reports.case import Case, CaseNumber, Status, message_name, numbered
from bridge.reports.records import CaseRecords
from bridge.reports.reporting import case_number
from bridge.speech import React, Refused, Say, Speaker, leaves


class Police(Protocol):
    """What the desk knows of the police."""

    async def follow(self, work: Work, case: Case, now: datetime, deed: Deed | None = None) -> None:
        """Say to them what a decision on a case makes due, in its transaction."""

    async def wanting(self, work: Work, case: Case) -> Sequence[RegionCode]:
        """Return the units that would get a case if it went to the police of its region now."""

    def reads(self, case: Case) -> Sequence[str]:
        """Return what people read in the file of a case that goes to them."""


class Desk:
    """What the topics of moderation share.

    Args:
        records: keeps cases.
        notes: keeps what was said of them.
        speaker: says what follows.
        cards: makes the cards.
        rules: what the federation decided about deciding.
        audit: hears what was decided.
        police: tells the police what follows for them.
    """

    def __init__(
        self,
        records: CaseRecords,
        notes: Notes,
        speaker: Speaker,
        cards: Cards,
        rules: Rules,
        audit: Audit,
        police: Police,
    ) -> None:
        self.records = records
        self.notes = notes
        self.rules = rules
        self._speaker = speaker
        self._cards = cards
        self.audit = audit
        self.police = police

    async def post(self, work: Work, case: Case, now: datetime) -> Sequence[Say | React]:
        """Return the card of a report that just came in."""
        return self._cards.post(case, await self._around(work, case), now)

    async def case(self, work: Work, number: CaseNumber) -> Case:
        """Return the case of a number.

        Raises:
            Refused: there is none.
        """
        case = await self.records.by_number(work, number)
        if case is None:
            raise Refused("review/no_such_case", number=number)
        return case

    async def subject(self, asked: Asked) -> tuple[Case, str]:
        """Return the case somebody speaks of, and what they say of it.

        It is the one whose number they typed, or the one in whose thread they type. When these
        are two, nobody can tell which was meant.

        Raises:
            Refused: none was named, there is none, or the thread is another's.
        """
        typed, rest = case_number(asked.argument)
        here = await self._in_thread_of(asked)
        if typed is not None and here is not None and typed != here:
            raise Refused("review/other_thread", number=typed, here=here)
        number = typed if typed is not None else here
        if number is None:
            raise Refused("review/which")
        return await self.case(asked.work, number), rest

    async def merged(self, work: Work, case: Case) -> Sequence[Case]:
        """Return the reports that go on as this one."""
        return await self.records.merged_into(work, numbered(case))

    async def carry_out(
        self, work: Work, decision: Decision, now: datetime, reason: str | None = None
    ) -> Case:
        """Keep a decision and say what follows from it; return the case as it is then.

        Args:
            reason: why a moderator lets leave what is doubtful in it.

        Raises:
            Refused: something would leave that may not.
        """
        decision = await self._admitted(work, decision, now, reason)
        case = await self._kept(work, decision, now)
        around = await self._around(work, case)
        await self._speaker.say(work, decision.says, now)
        deed = None if decision.entry is None else decision.entry.deed
        await self.police.follow(work, case, now, deed)
        await self._speaker.say(work, [self._cards.update(case, around, now)], now)
        return case

    async def renew(self, work: Work, case: Case, now: datetime) -> None:
        """Edit the card to how things stand, when nothing was decided."""
        await self.carry_out(work, Decision(case), now)

    async def say(self, work: Work, says: Sequence[Say | React], now: datetime) -> None:
        """Say something that no card shows."""
        await self._speaker.say(work, says, now)

    async def tell(
        self,
        work: Work,
        case: Case,
        template: str,
        values: Mapping[str, object],
        person: Person,
        now: datetime,
    ) -> None:
        """Tell somebody something in the thread of a card."""
        say = Say(
            ReviewRoom(),
            template,
            values,
            thread=message_name(case, CARD),
            mentions=frozenset({person.user}),
        )
        await self._speaker.say(work, [say], now)

    async def _admitted(
        self, work: Work, decision: Decision, now: datetime, reason: str | None
    ) -> Decision:
        """Have the gate judge what would leave, also what an approval will share later."""
        case = decision.case
        shared = [say for say in decision.says if leaves(say)]
        pending = case.pending
        if pending is not None and case.status is Status.SUBMITTED:
            choice = Choice(pending.regions, pending.police)
            shared += [
                *alerts(case, pending.regions),
                *relayed(case, self.rules.liaisons(choice), self.rules.police_reading),
            ]
        if case.ahead_at == now:
            shared += relayed(case, [case.region], self.rules.police_reading)
        # What a moderator typed to somebody, a reason, a question; and what they made of a field.
        told = [
            value
            for say in decision.says
            if isinstance(say.to, PrivateRoom)
            for value in say.values.values()
            if type(value) is str
        ]
        told += [] if decision.note is None else decision.note.typed
        by = decision.entry.by if decision.entry is not None else pending and pending.by
        try:
            texts = [*await self._texts(work, shared), *self._files_read(case, shared)]
            passed = judge(texts, case.let_through, reason)
            for_moderators(told)
            if passed and reason is not None:
                for_the_log(reason, {*case.let_through, *(one.mark for one in passed)})
        except Refused:
            if by:
                await self.audit.record(work, Entry(Deed.GATE_REFUSED, by, case.number), now)
            raise
        if passed:
            case = replace(case, let_through=(*case.let_through, *(one.mark for one in passed)))
            if by:
                kinds = {"kinds": sorted({str(one.kind) for one in passed})}
                overruled = Entry(
                    Deed.GATE_OVERRULED, by, case.number, details=kinds, reason=reason
                )
                await self.audit.record(work, overruled, now)
        let_through = frozenset(case.let_through)
        says = tuple(
            replace(say, let_through=let_through) if leaves(say) else say for say in decision.says
        )
        return replace(decision, case=case, says=says)

    def _files_read(self, case: Case, shared: Sequence[Say]) -> Sequence[str]:
        """Return what people read in the file that goes with what the police are told."""
        theirs = case.number is not None and any(isinstance(say.to, LiaisonRoom) for say in shared)
        return self.police.reads(case) if theirs else ()

    async def admit(
        self, work: Work, says: Sequence[Say], reason: str | None
    ) -> tuple[tuple[Say, ...], Sequence[str]]:
        """Have the gate judge what would leave and belongs to no case.

        Returns:
            The messages as they may be said, and the kinds of what ``reason`` let through.

        Raises:
            Refused: something would leave that may not.
        """
        texts = await self._texts(work, [say for say in says if leaves(say)])
        passed = judge(texts, (), reason)
        marks = frozenset(one.mark for one in passed)
        if passed and reason is not None:
            for_the_log(reason, marks)
        admitted = tuple(replace(say, let_through=marks) if leaves(say) else say for say in says)
        return admitted, sorted({str(one.kind) for one in passed})

    async def _texts(self, work: Work, says: Sequence[Say]) -> Sequence[str]:
        """Return the texts of messages; those that say the same in many rooms, once."""
        different: list[Say] = []
        for say in says:
            if not any(
                (one.template, one.values) == (say.template, say.values)
                and type(one.to) is type(say.to)
                for one in different
            ):
                different.append(say)
        return [await self._speaker.text_of(work, say) for say in different]

    async def _kept(self, work: Work, decision: Decision, now: datetime) -> Case:
        case = replace(decision.case, revision=decision.case.revision + 1)
        await self.records.save(work, case)
        if decision.entry is not None:
            await self.audit.record(work, decision.entry, now)
        if decision.note is not None:
            await self.notes.add(work, case, decision.note, now)
        return case

    async def _around(self, work: Work, case: Case) -> Surroundings:
        recent = await self.records.sent_since(work, case.opened_at - RECENT)
        return Surroundings(
            alike(case, recent),
            tuple(await self.merged(work, case)),
            await removals(work, numbered(case), self.rules.regions),
        )

    async def _in_thread_of(self, asked: Asked) -> CaseNumber | None:
        for event in (asked.message.thread, asked.message.reply_to):
            if event is None:
                continue
            match (await name_of(asked.work, event) or "").split("/"):
                case ["case", number, *_] if number.isdecimal():
                    return CaseNumber(int(number))
        return None
