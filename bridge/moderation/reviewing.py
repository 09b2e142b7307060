"""The review room: what moderators type and tap to decide on a report.

::

    ✅ 👮 ❓ ❌ on the card ─┐
    !ok !nee !claim !open ──┴─▶ decisions ─▶ the desk carries them out
    ✅ removed ─▶ take_back · the time of grace ends ─▶ publish
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from functools import partial

from appservice.database import Work
from appservice.events import Reaction, Redaction
from appservice.handling import Handled
from appservice.ids import UserID, server_of
from appservice.lateness import waiting_since
from bridge.commands import Asked
from bridge.gate.leaving import with_reason
from bridge.members.roster import Person, Roster
from bridge.moderation import ticks
from bridge.moderation.card import (
    APPROVE,
    APPROVE_WITH_POLICE,
    ASK,
    POLICE_FIRST,
    REJECT,
    card_number,
)
from bridge.moderation.choice import Choice, chosen, usual
from bridge.moderation.claims import claim
from bridge.moderation.decisions import Decision, approve, publish, reject, take_back
from bridge.moderation.desk import Desk
from bridge.moderation.police_first import answers, question_number, tell_police, withhold
from bridge.moderation.questions import ask
from bridge.reports.case import Approval, Case, CaseNumber, Status, Wait
from bridge.speech import Refused, Say

_SHOWN_AT_ONCE = 20
"""Of the reports that wait: an event has 65,536 bytes."""

_APPROVING = frozenset({APPROVE, APPROVE_WITH_POLICE, POLICE_FIRST})
_KEYS = frozenset({APPROVE, APPROVE_WITH_POLICE, POLICE_FIRST, ASK, REJECT})


class Reviewing:
    """Answers the review room.

    Args:
        desk: carries out what is decided.
        roster: knows who moderates.
        trusted: homeservers whose users' reactions count. A reaction is not encrypted, and who
            runs the homeserver of its sender can make one up.
    """

    def __init__(self, desk: Desk, roster: Roster, trusted: Collection[str]) -> None:
        self._desk = desk
        self._roster = roster
        self._trusted = frozenset(trusted)

    async def react(self, work: Work, person: Person, reaction: Reaction, now: datetime) -> None:
        """Take a reaction on a card for the decision it stands for; any other is a remark."""
        target = reaction.target_name
        number = card_number(target) or question_number(target)
        key = reaction.emoji
        if number is None or key not in _KEYS:
            return
        case = await self._desk.case(work, CaseNumber(number))
        try:
            if server_of(reaction.sender) not in self._trusted:
                raise Refused("review/reaction_not_trusted", number=number)
            decision = await self._tapped(work, case, person, reaction, key, now)
        except Refused as refused:
            await self._desk.tell(work, case, refused.template, refused.values, person, now)
            return
        try:
            decided = await self._carry_out(work, decision, now)
            if key in _APPROVING:
                await ticks.keep(work, reaction, decided)
        except Refused as refused:
            await self._desk.tell(work, case, refused.template, refused.values, person, now)
            return
        if decided.status is Status.REJECTED:
            values = {"number": number}
            await self._desk.tell(work, case, "review/add_reason", values, person, now)

    async def unreact(self, work: Work, redaction: Redaction, now: datetime) -> None:
        """Undo an approval when its ✅ is removed by who gave it.

        When it has taken effect, tell them how to take an alert back.
        """
        number = await ticks.removed(work, redaction)
        person = self._roster.person(redaction.sender)
        if number is None or person is None:
            return
        case = await self._desk.case(work, number)
        decision = take_back(case, redaction.redacts, redaction.sender)
        if decision is not None:
            await self._desk.carry_out(work, decision, now)
        elif case.with_others and person.user in (case.decided_by, case.decided_with):
            values = {"number": number}
            await self._desk.tell(work, case, "review/shared_already", values, person, now)

    async def approve(self, asked: Asked) -> None:
        """``!ok #n [regions] [+buren] [landelijk] [+politie] [reden: …]``."""
        case, rest = await self._desk.subject(asked)
        rest, why = with_reason(rest)
        if await self._police_first(asked.work, case):
            # Typed for the members, it would tell them first; typed for the police, by two at
            # once, the second would tell the members.
            raise Refused("review/police_first", number=case.number)
        words = rest.casefold().replace(",", " ").split()
        choice = chosen(case, words, self._desk.rules)
        decision = await self._approve(asked.work, case, asked.person.user, choice, asked.now)
        await self._desk.carry_out(asked.work, decision, asked.now, why)

    async def police_first(self, asked: Asked) -> None:
        """``!politie #n [reden: …]``: to the police at once, the members' share stays open."""
        case, rest = await self._desk.subject(asked)
        if not self._desk.rules.may_go_first(case):
            raise Refused("review/not_police_first", number=case.number)
        decision = await self._tell_police(asked.work, case, asked.person.user, asked.now)
        _, why = with_reason(rest)
        await self._carry_out(asked.work, decision, asked.now, why)

    async def reject(self, asked: Asked) -> None:
        """``!nee #n reason``."""
        case, reason = await self._desk.subject(asked)
        if not reason:
            raise Refused("review/reason_missing", number=case.number)
        decision = await self._reject(asked.work, case, asked.person.user, reason, asked.now)
        await self._desk.carry_out(asked.work, decision, asked.now)

    async def claim(self, asked: Asked) -> None:
        """``!claim #n``."""
        case, _ = await self._desk.subject(asked)
        await self._desk.carry_out(asked.work, claim(case, asked.person.user), asked.now)

    async def waiting(self, asked: Asked) -> None:
        """``!open``: what waits for a decision, oldest first."""
        found = await self._desk.records.waiting(asked.work)
        shown = found[:_SHOWN_AT_ONCE]
        values = {"cases": shown, "more": len(found) - len(shown)}
        await self._desk.say(asked.work, [Say(asked.place, "review/open", values)], asked.now)

    async def end_grace(self, work: Work, now: datetime) -> Handled:
        """Share what was approved by a ✅ that nobody removed in time."""
        for case in await self._desk.records.of_status(work, Status.SUBMITTED):
            pending = case.pending
            if pending is None or pending.waits_for is not Wait.GRACE:
                continue
            if pending.due is None or pending.due > now:
                continue
            decision = take_back(case, pending.reaction, pending.by) if pending.reaction else None
            if self._moderates(pending.by):
                merged = await self._desk.merged(work, case)
                decision = publish(case, pending, self._desk.rules, now, merged)
            if decision is not None:
                # A service that was down reads the ✅, or sees its time end, long after it was.
                due = min(pending.due, pending.at + self._desk.rules.grace)
                share = partial(self._shared, work, case, pending, decision, now)
                await waiting_since(work, due, now, share)
        return Handled()

    async def _shared(
        self, work: Work, case: Case, pending: Approval, decision: Decision, now: datetime
    ) -> None:
        """Share what an approval waited for; when it may not leave any more, undo the approval."""
        try:
            await self._desk.carry_out(work, decision, now)
        except Refused as refused:
            undone = replace(case, pending=None)
            person = self._roster.person(pending.by)
            if person is not None:
                template, values = refused.template, refused.values
                await self._desk.tell(work, case, template, values, person, now)
            await self._desk.carry_out(work, Decision(undone), now)

    async def _tapped(
        self,
        work: Work,
        case: Case,
        person: Person,
        reaction: Reaction,
        key: str,
        now: datetime,
    ) -> Decision:
        by = person.user
        if key == REJECT:
            return await self._reject(work, case, by, None, now)
        if key == ASK:
            return ask(case, by, None, await self._desk.merged(work, case))
        rules = self._desk.rules
        if question_number(reaction.target_name) is None:
            if rules.goes_first(case) or (key == POLICE_FIRST and rules.may_go_first(case)):
                return await self._tell_police(work, case, by, now)
            if key == POLICE_FIRST:
                raise Refused("review/not_police_first", number=case.number)
        choice = usual(case, rules, police=True) if key == APPROVE_WITH_POLICE else None
        return await self._approve(work, case, by, choice, now, reaction)

    async def _tell_police(self, work: Work, case: Case, by: UserID, now: datetime) -> Decision:
        merged = await self._desk.merged(work, case)
        if case.ahead_at is None and not await self._desk.police.wanting(work, case):
            raise Refused("review/police_want_none", number=case.number)
        return tell_police(case, by, now, merged)

    async def _police_first(self, work: Work, case: Case) -> bool:
        """Tell whether the police are to have a report before anything is shared."""
        waits = case.status is Status.SUBMITTED and case.ahead_at is None
        if not waits or not self._desk.rules.goes_first(case):
            return False
        return bool(await self._desk.police.wanting(work, case))

    async def _reject(
        self, work: Work, case: Case, by: UserID, reason: str | None, now: datetime
    ) -> Decision:
        merged = await self._desk.merged(work, case)
        if case.ahead_at is not None:
            return withhold(case, by, reason, now, merged)
        return reject(case, by, reason, now, merged)

    async def _carry_out(
        self, work: Work, decision: Decision, now: datetime, reason: str | None = None
    ) -> Case:
        case = await self._desk.carry_out(work, decision, now, reason)
        if case.ahead_at == now:
            await self._desk.say(work, answers(case), now)
        return case

    async def _approve(
        self,
        work: Work,
        case: Case,
        by: UserID,
        choice: Choice | None,
        now: datetime,
        reaction: Reaction | None = None,
    ) -> Decision:
        return approve(
            case,
            by,
            choice,
            self._desk.rules,
            now,
            moderates=self._moderates,
            merged=await self._desk.merged(work, case),
            reaction=None if reaction is None else reaction.event_id,
            said_at=None if reaction is None else reaction.sent_at,
        )

    def _moderates(self, user: UserID) -> bool:
        person = self._roster.person(user)
        return person is not None and person.moderates
