"""What moderators do with what an officer told: pass it on as it is, or not; the officer hears.

::

    ✅ ─▶ outcome: everyone who got the alert · question: the reporter ─┐
    !afloop, !vraag, in a moderator's own words ───────────────────────┼─▶ liaison room
    !antwoord #n text ─▶ the officers who asked, and nobody else ──────┤
    ❌, !weiger #n reason ─▶ nobody ────────────────────────────────────┘

It passes the gate as if the moderator had typed it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from appservice.database import Work
from appservice.events import Reaction
from appservice.ids import server_of
from bridge.audit import Deed, Entry
from bridge.commands import Asked
from bridge.gate.leaving import with_reason
from bridge.members.roster import Person
from bridge.moderation.afterwards import OUTCOME, Followers, readers_of, tell
from bridge.moderation.card import APPROVE, REJECT
from bridge.moderation.decisions import Decision
from bridge.moderation.desk import Desk
from bridge.moderation.questions import MAXIMUM, ask
from bridge.places import LiaisonRoom
from bridge.police.words import OfficersWords, Word, WordKind, WordStanding, answer
from bridge.reasons import fits
from bridge.reports.case import Case, CaseNumber, message_name, numbered
from bridge.speech import Refused, Say


def word_of(message: str | None) -> tuple[CaseNumber, int] | None:
    """Return case and number of the officer's word that this message shows; None for another."""
    match (message or "").split("/"):
        case ["case", case, "from police", word] if case.isdecimal() and word.isdecimal():
            return CaseNumber(int(case)), int(word)
    return None


class FromPolice:
    """Answers what officers told.

    Args:
        desk: carries out what is decided.
        words: what officers told.
        followers: knows who else wants to hear of a case.
        trusted: homeservers whose users' reactions count.
    """

    def __init__(
        self, desk: Desk, words: OfficersWords, followers: Followers, trusted: Collection[str]
    ) -> None:
        self._desk = desk
        self._words = words
        self._followers = followers
        self._trusted = frozenset(trusted)

    async def react(self, work: Work, person: Person, reaction: Reaction, now: datetime) -> bool:
        """Take ✅ or ❌ on what an officer told; False when it is on another message."""
        about = word_of(reaction.target_name)
        if about is None:
            return False
        key = reaction.emoji
        if key not in (APPROVE, REJECT):
            return True
        case = await self._desk.case(work, about[0])
        try:
            if server_of(reaction.sender) not in self._trusted:
                raise Refused("review/word_not_trusted", number=numbered(case))
            word = await self._meant(work, case, about[1])
            if key == APPROVE:
                decision = await self._passing(work, case, word, person, now)
                await self._desk.carry_out(work, decision, now)
            else:
                await self._turn_down(work, case, word, person, None, now)
                values = {"number": numbered(case)}
                await self._desk.tell(work, case, "review/word_why", values, person, now)
        except Refused as refused:
            await self._desk.tell(work, case, refused.template, refused.values, person, now)
        return True

    async def turn_down(self, asked: Asked) -> None:
        """``!weiger #n reason``: what the police told last of a case is not passed on."""
        case, reason = await self._desk.subject(asked)
        number = numbered(case)
        if not reason:
            raise Refused("review/word_reason", number=number)
        fits(reason)
        told = await self._words.of(asked.work, case)
        open_ = [word for word in told if word.standing is WordStanding.OPEN]
        # Turned down by a tap, it has no reason yet.
        down = [word for word in told if word.standing is WordStanding.TURNED_DOWN]
        if not open_ and not down:
            raise Refused("review/no_word", number=number)
        word = (open_ or down)[-1]
        await self._turn_down(asked.work, case, word, asked.person, reason, asked.now)
        say = Say(
            asked.place, "review/word_told", {"number": number}, reply_to=asked.message.event_id
        )
        await self._desk.say(asked.work, [say], asked.now)

    async def answer(self, asked: Asked) -> None:
        """``!antwoord #n text [reden: …]``: to the officers who asked, and to nobody else."""
        case, text = await self._desk.subject(asked)
        text, why = with_reason(text)
        number = numbered(case)
        questions = [
            word
            for word in await self._words.of(asked.work, case)
            if word.kind is WordKind.QUESTION and word.standing is not WordStanding.TURNED_DOWN
        ]
        if not questions:
            raise Refused("review/no_question", number=number)
        if not text:
            raise Refused("review/text_missing", number=number)
        if len(text) > MAXIMUM:
            raise Refused("review/text_too_long", maximum=MAXIMUM)
        last = {word.unit: word.event for word in questions}
        says, kinds = await self._desk.admit(
            asked.work,
            [
                Say(
                    LiaisonRoom(unit),
                    "police/answer",
                    {"number": number, "text": text},
                    name=message_name(case, f"to police/{asked.message.event_id}/{unit}"),
                    reply_to=event,
                    alerts_room=True,
                )
                for unit, event in last.items()
            ],
            why,
        )
        for word in questions:
            await self._words.settle(asked.work, word, WordStanding.PASSED_ON)
        by, audit = asked.person.user, self._desk.audit
        if kinds:
            overruled = Entry(Deed.GATE_OVERRULED, by, number, details={"kinds": kinds}, reason=why)
            await audit.record(asked.work, overruled, asked.now)
        await audit.record(
            asked.work, Entry(Deed.UPDATED, by, number, details={"to": "police"}), asked.now
        )
        told = Say(
            asked.place, "review/police_told", {"number": number}, reply_to=asked.message.event_id
        )
        await self._desk.say(asked.work, [*says, told], asked.now)

    async def _meant(self, work: Work, case: Case, number: int) -> Word:
        for word in await self._words.of(work, case):
            if word.number == number and word.standing is WordStanding.OPEN:
                return word
        raise Refused("review/no_word", number=numbered(case))

    async def _passing(
        self, work: Work, case: Case, word: Word, person: Person, now: datetime
    ) -> Decision:
        if word.kind is WordKind.QUESTION:
            merged = await self._desk.merged(work, case)
            return ask(case, person.user, word.text, merged)
        readers = await readers_of(self._desk, work, case, self._followers)
        return tell(case, OUTCOME, person.user, word.text, now, readers)

    async def _turn_down(
        self,
        work: Work,
        case: Case,
        word: Word,
        person: Person,
        reason: str | None,
        now: datetime,
    ) -> None:
        say = answer(case, word, "police/turned_down", reason)
        says, _ = await self._desk.admit(work, [say], None)
        await self._words.settle(work, word, WordStanding.TURNED_DOWN)
        entry = Entry(
            Deed.TURNED_DOWN,
            person.user,
            numbered(case),
            details={"unit": str(word.unit), "kind": word.kind.value},
            reason=reason,
        )
        await self._desk.audit.record(work, entry, now)
        await self._desk.say(work, says, now)
