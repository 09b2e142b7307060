"""``!bulletin`` and ``!oefening``: writing one, looking it over, sending it.

::

    !bulletin amsterdam +buren     first line: where (region words, +buren, landelijk, +politie)
    the text, in lines             ─▶ preview ─▶ ✅ or !verstuur · ❌ or !annuleer
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from rapidfuzz import process

from appservice.database import Work
from appservice.events import Reaction
from appservice.ids import EventID, UserID, server_of
from bridge.audit import Deed, Entry
from bridge.commands import Asked
from bridge.gate.entering import for_moderators
from bridge.gate.leaving import with_reason
from bridge.members.roster import Person, Roster
from bridge.moderation.bulletins import (
    MAXIMUM,
    Bulletin,
    BulletinKind,
    BulletinRecords,
    Outcome,
    drop,
    preview,
    send,
)
from bridge.moderation.card import APPROVE, REJECT
from bridge.moderation.choice import (
    NATIONWIDE_WORDS,
    NEIGHBOUR_WORDS,
    POLICE_WORDS,
    Choice,
    Rules,
    region_called,
)
from bridge.moderation.desk import Desk
from bridge.places import ReviewRoom, with_police
from bridge.regions import PoliceUnit, RegionCode
from bridge.speech import Refused, Say

_MOST_WAITING = 5
"""Bulletins of one unit, for the moderators to read."""
_ALIKE = 80
"""Of 100: so much like a region's name, a first word was meant to be one."""


def addressed(text: str, rules: Rules) -> tuple[Choice, str]:
    """Read for whom a bulletin is, at the beginning of its text; return the rest too.

    Raises:
        Refused: it begins with no region, or none of them has police.
    """
    regions: dict[RegionCode, None] = {}
    police, rest = False, text.strip()
    while match := re.match(r"\S+", rest):
        word = match[0].casefold().rstrip(",:")
        if word in POLICE_WORDS:
            police = True
        elif word in NATIONWIDE_WORDS:
            regions |= dict.fromkeys(rules.regions.codes)
        elif word in NEIGHBOUR_WORDS:
            around = [n for region in regions for n in rules.neighbours(region)]
            regions |= dict.fromkeys(around)
        elif RegionCode(word) in rules.regions:
            regions[RegionCode(word)] = None
        else:
            break
        gap = re.match(r"[^\S\n]*\n?\s*", rest[match.end() :])
        ended = gap is not None and "\n" in gap[0]
        rest = rest[match.end() :].lstrip()
        if ended:
            break
    if not regions:
        first = rest.split(maxsplit=1)
        if not first:
            raise _how(rules)
        region_called(first[0].casefold(), rules)
    choice = Choice(tuple(regions), police)
    if police and not rules.liaisons(choice):
        raise Refused("review/bulletin_no_police")
    return choice, rest


def _of_unit(text: str, unit: PoliceUnit, rules: Rules) -> tuple[Choice, str]:
    """Read for whom an officer's bulletin is: their own regions when it names none."""
    first = (text.split(maxsplit=1) or [""])[0].casefold().rstrip(",:")
    known = {*NATIONWIDE_WORDS, *POLICE_WORDS, *NEIGHBOUR_WORDS, *rules.regions.codes}
    if first in known or process.extractOne(first, known, score_cutoff=_ALIKE):
        return addressed(text, rules)
    return Choice(unit.regions), text.strip()


def _how(rules: Rules) -> Refused:
    return Refused("review/bulletin_how", police=bool(with_police(rules.regions, rules.roster)))


def bulletin_number(message: str | None) -> int | None:
    """Return the number of the bulletin whose preview this is; None for any other message."""
    match (message or "").split("/"):
        case ["bulletin", number, "card"] if number.isdecimal():
            return int(number)
    return None


class Announcing:
    """Answers what moderators say of bulletins.

    Args:
        desk: says and records what follows.
        records: keeps bulletins.
        roster: knows who moderates.
        trusted: homeservers whose users' reactions count.
    """

    def __init__(
        self, desk: Desk, records: BulletinRecords, roster: Roster, trusted: Collection[str]
    ) -> None:
        self._desk = desk
        self._records = records
        self._roster = roster
        self._trusted = frozenset(trusted)

    async def bulletin(self, asked: Asked) -> None:
        """``!bulletin region… text``."""
        choice, text = addressed(asked.argument, self._desk.rules)
        if not text:
            raise _how(self._desk.rules)
        await self.propose(asked.work, BulletinKind.BULLETIN, asked.person, choice, text, asked.now)

    async def of_police(self, asked: Asked, unit: PoliceUnit) -> None:
        """``!bulletin [region…] text`` of an officer: for a moderator to send, or not.

        Raises:
            Refused: there is no text, or something in it that nobody may share, or enough wait.
        """
        rules = self._desk.rules
        choice, text = _of_unit(asked.argument, unit, rules)
        if not text:
            raise Refused("police/how_to_announce", regions=rules.regions.codes)
        if await self._records.waiting_of(asked.work, unit.code) >= _MOST_WAITING:
            raise Refused("police/bulletins_wait", maximum=_MOST_WAITING)
        bulletin = await self.propose(
            asked.work,
            BulletinKind.BULLETIN,
            asked.person,
            choice,
            text,
            asked.now,
            unit.code,
            asked.message.event_id,
        )
        values = {"number": bulletin.number, "regions": rules.names(choice.regions)}
        event = asked.message.event_id
        say = Say(asked.place, "police/bulletin_waits", values, reply_to=event, quiet=True)
        await self._desk.say(asked.work, [say], asked.now)

    async def drill(self, asked: Asked) -> None:
        """``!oefening region… [text]``."""
        choice, text = addressed(asked.argument, self._desk.rules)
        await self.propose(
            asked.work, BulletinKind.DRILL, asked.person, choice, text or None, asked.now
        )

    async def propose(
        self,
        work: Work,
        kind: BulletinKind,
        by: Person,
        choice: Choice,
        text: str | None,
        now: datetime,
        unit: RegionCode | None = None,
        event: EventID | None = None,
    ) -> Bulletin:
        """Show moderators a bulletin to be sent.

        Args:
            unit: whose officer wrote it, in ``event``.

        Raises:
            Refused: it is too long, or there is in it what nobody may share.
        """
        if text is not None and len(text) > MAXIMUM:
            raise Refused("review/text_too_long", maximum=MAXIMUM)
        if text is not None:
            for_moderators([text])
        first = by.user if by.moderates else None
        bulletin = await self._records.add(
            work, Bulletin(0, kind, by.user, first, choice, text, unit=unit, event=event), now
        )
        await self._desk.say(work, preview(bulletin, self._desk.rules), now)
        return bulletin

    async def send(self, asked: Asked) -> None:
        """``!verstuur [number] [reden: …]``."""
        number, why = with_reason(asked.argument)
        bulletin = await self._meant(replace(asked, argument=number))
        outcome = self._sent(bulletin, asked.person.user)
        outcome = await self._admitted(asked.work, outcome, asked.now, why)
        await self._carry_out(asked.work, outcome, asked.now)

    async def drop(self, asked: Asked) -> None:
        """``!annuleer [number [reason]]``; an officer reads the reason."""
        number, _, reason = asked.argument.strip().partition(" ")
        bulletin = await self._meant(replace(asked, argument=number))
        reason = reason.strip()
        outcome = drop(bulletin, self._desk.rules, asked.person.user, reason or None)
        outcome = await self._admitted(asked.work, outcome, asked.now, None)
        await self._carry_out(asked.work, outcome, asked.now)

    async def react(self, work: Work, person: Person, reaction: Reaction, now: datetime) -> bool:
        """Take a reaction on a preview for what it stands for; False when it is on another."""
        number = bulletin_number(reaction.target_name)
        if number is None:
            return False
        key = reaction.emoji
        bulletin = await self._records.get(work, number)
        if bulletin is None or key not in (APPROVE, REJECT):
            return True
        try:
            if server_of(reaction.sender) not in self._trusted:
                raise Refused("review/bulletin_not_trusted", number=number)
            outcome = (
                self._sent(bulletin, person.user)
                if key == APPROVE
                else drop(bulletin, self._desk.rules, person.user)
            )
            outcome = await self._admitted(work, outcome, now, None)
        except Refused as refused:
            say = Say(
                ReviewRoom(),
                refused.template,
                refused.values,
                thread=bulletin.card,
                mentions=frozenset({person.user}),
            )
            await self._desk.say(work, [say], now)
            return True
        await self._carry_out(work, outcome, now)
        if bulletin.unit is not None and key == REJECT:
            say = Say(ReviewRoom(), "review/bulletin_why", {"number": number}, thread=bulletin.card)
            await self._desk.say(work, [say], now)
        return True

    def _sent(self, bulletin: Bulletin, by: UserID) -> Outcome:
        return send(bulletin, by, self._desk.rules, self._moderates)

    def _moderates(self, user: UserID) -> bool:
        person = self._roster.person(user)
        return person is not None and person.moderates

    async def _meant(self, asked: Asked) -> Bulletin:
        number = re.fullmatch(r"#?(\d{1,9})", asked.argument.strip())
        found = (
            await self._records.last_of(asked.work, asked.person.user)
            if number is None
            else await self._records.get(asked.work, int(number[1]))
        )
        if found is None or (number is None and asked.argument.strip()):
            raise Refused("review/bulletin_which")
        return found

    async def _admitted(
        self, work: Work, outcome: Outcome, now: datetime, reason: str | None
    ) -> Outcome:
        says, kinds = await self._desk.admit(work, outcome.says, reason)
        if kinds and outcome.entry is not None:
            overruled = Entry(
                Deed.GATE_OVERRULED, outcome.entry.by, details={"kinds": kinds}, reason=reason
            )
            await self._desk.audit.record(work, overruled, now)
        return replace(outcome, says=says)

    async def _carry_out(self, work: Work, outcome: Outcome, now: datetime) -> None:
        await self._records.save(work, outcome.bulletin)
        if outcome.entry is not None:
            await self._desk.audit.record(work, outcome.entry, now)
        await self._desk.say(work, outcome.says, now)
