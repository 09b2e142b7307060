"""The review room: what moderators type and tap there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from rapidfuzz import process

from appservice.database import Work
from appservice.events import Reaction
from appservice.ids import server_of
from bridge.audit import Audit
from bridge.commands import Asked
from bridge.members.roster import Person, Roster
from bridge.moderation.card import (
    APPROVE,
    APPROVE_WITH_POLICE,
    REJECT,
    Cards,
    card_number,
)
from bridge.moderation.decisions import Decision, approve, reject
from bridge.places import ReviewRoom, with_police
from bridge.regions import NATIONWIDE, RegionCode, Regions
from bridge.reports.case import Case, CaseNumber, message_name
from bridge.reports.records import CaseRecords
from bridge.reports.reporting import case_number
from bridge.speech import Refused, Say, Speaker

POLICE_WORDS = frozenset({"+politie", "+police"})
NEIGHBOUR_WORDS = frozenset({"+buren", "+neighbours"})
NATIONWIDE_WORDS = frozenset({NATIONWIDE, "nationwide", "all"})

_SHOWN_AT_ONCE = 20
"""Of the reports that wait: an event has 65,536 bytes."""

# The selector that some keyboards put behind an emoji says nothing about which it is.
_VARIATION_SELECTOR = "\ufe0f"


class Reviewing:
    """Answers the review room.

    Args:
        records: keeps cases.
        speaker: says what was decided.
        cards: edits the card.
        regions: every region.
        roster: knows which of them have police officers.
        trusted: homeservers whose users' reactions count. A reaction is not encrypted, and who
            runs the homeserver of its sender can make one up.
        audit: hears what was decided.
    """

    def __init__(
        self,
        records: CaseRecords,
        speaker: Speaker,
        cards: Cards,
        regions: Regions,
        roster: Roster,
        trusted: Collection[str],
        audit: Audit,
    ) -> None:
        self._records = records
        self._speaker = speaker
        self._cards = cards
        self._regions = regions
        self._roster = roster
        self._trusted = frozenset(trusted)
        self._audit = audit

    async def react(self, work: Work, person: Person, reaction: Reaction, now: datetime) -> None:
        """Take a reaction on a card for the decision it stands for; any other is a remark."""
        number = card_number(reaction.target_name)
        key = reaction.key.replace(_VARIATION_SELECTOR, "")
        if number is None or key not in (APPROVE, APPROVE_WITH_POLICE, REJECT):
            return
        case = await self._case(work, CaseNumber(number))
        try:
            if server_of(reaction.sender) not in self._trusted:
                raise Refused("review/reaction_not_trusted", number=number)
            if key == REJECT:
                decision = reject(case, person.user, None, self._cards, now)
            else:
                police = key == APPROVE_WITH_POLICE
                decision = self._approve(case, person, [case.region], now, police=police)
        except Refused as refused:
            await self._thread(work, case, refused.template, refused.values, person, now)
            return
        await self._carry_out(work, decision, now)
        if key == REJECT:
            values = {"number": number}
            await self._thread(work, case, "review/add_reason", values, person, now)

    async def approve(self, asked: Asked) -> None:
        """``!ok #n [regions] [+politie] [+buren]``."""
        number, rest = case_number(asked.argument)
        if number is None:
            raise Refused("review/which")
        case = await self._case(asked.work, number)
        words = rest.casefold().split()
        police = bool(POLICE_WORDS & set(words))
        regions = self._chosen(case, [word for word in words if word not in POLICE_WORDS])
        decision = self._approve(case, asked.person, regions, asked.now, police=police)
        await self._carry_out(asked.work, decision, asked.now)

    async def reject(self, asked: Asked) -> None:
        """``!nee #n reason``."""
        number, reason = case_number(asked.argument)
        if number is None:
            raise Refused("review/which")
        if not reason:
            raise Refused("review/reason_missing", number=number)
        case = await self._case(asked.work, number)
        decision = reject(case, asked.person.user, reason, self._cards, asked.now)
        await self._carry_out(asked.work, decision, asked.now)

    async def waiting(self, asked: Asked) -> None:
        """``!open``: what waits for a decision, oldest first."""
        found = await self._records.waiting(asked.work)
        shown = found[:_SHOWN_AT_ONCE]
        values = {"cases": shown, "more": len(found) - len(shown)}
        say = Say(asked.place, "review/open", values)
        await self._speaker.say(asked.work, [say], asked.now)

    def _approve(
        self,
        case: Case,
        person: Person,
        regions: Sequence[RegionCode],
        now: datetime,
        *,
        police: bool,
    ) -> Decision:
        for code in regions:
            # It may have been closed since the report was sent.
            if code not in self._regions:
                raise Refused("review/unknown_region", typed=code, nearest=None)
        there = with_police(self._regions, self._roster)
        liaisons = [code for code in regions if code in there] if police else []
        if police and not liaisons:
            raise Refused("review/no_police", number=case.number)
        return approve(case, person.user, regions, liaisons, self._regions, self._cards, now)

    def _chosen(self, case: Case, words: Sequence[str]) -> list[RegionCode]:
        """Return the regions a moderator named; the report's own when none."""
        chosen: dict[RegionCode, None] = {}
        for word in words:
            if word in NATIONWIDE_WORDS:
                chosen |= dict.fromkeys(self._regions.codes)
            elif word in NEIGHBOUR_WORDS:
                own = self._regions.get(case.region)
                neighbours = () if own is None else own.neighbours
                chosen |= dict.fromkeys([case.region, *neighbours])
            elif (code := RegionCode(word)) in self._regions:
                chosen[code] = None
            else:
                near = process.extractOne(word, self._regions.codes, score_cutoff=60)
                raise Refused(
                    "review/unknown_region",
                    typed=word[:40],
                    nearest=None if near is None else near[0],
                )
        return list(chosen) or [case.region]

    async def _case(self, work: Work, number: CaseNumber) -> Case:
        case = await self._records.by_number(work, number)
        if case is None:
            raise Refused("review/no_such_case", number=number)
        return case

    async def _carry_out(self, work: Work, decision: Decision, now: datetime) -> None:
        await self._records.save(work, decision.case)
        await self._audit.record(work, decision.entry, now)
        await self._speaker.say(work, decision.says, now)

    async def _thread(
        self,
        work: Work,
        case: Case,
        template: str,
        values: Mapping[str, object],
        person: Person,
        now: datetime,
    ) -> None:
        say = Say(
            ReviewRoom(),
            template,
            values,
            thread=message_name(case, "card"),
            mentions=frozenset({person.user}),
        )
        await self._speaker.say(work, [say], now)
