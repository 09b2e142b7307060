"""Takes tips: a command, a tap on an alert, a reply in one's private room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from appservice.database import Work
from appservice.events import Reaction
from appservice.ids import UserID, server_of
from appservice.outbox import name_of
from bridge.audit import Audit, Deed, Entry
from bridge.commands import Asked
from bridge.gate.entering import for_moderators
from bridge.members.roster import Person, Roster
from bridge.reports.case import SHARED, Case, CaseNumber, numbered
from bridge.reports.records import CaseRecords
from bridge.reports.reporting import case_number
from bridge.reports.vocabulary import folded
from bridge.speech import Refused, Speaker
from bridge.tips import records
from bridge.tips.tip import (
    MAXIMUM,
    NOT_ME,
    SEEN,
    Tip,
    alert_of,
    seen,
    taken_back,
    tip_of,
    told,
    undone,
)

_NOT_ME_WORDS: Final = frozenset(
    {"niet ik", "ik niet", "was ik niet", "not me", "wasnt me", "vergissing", "mistake"}
)
_MOST: Final = 10
_WITHIN: Final = timedelta(hours=1)
"""So many tips may somebody give in so much time."""
_ANSWERED_WITHIN: Final = timedelta(hours=2)
"""So long a plain message is taken for the answer to the question after a tap."""


class Tipping:
    """Takes tips and passes them on.

    Args:
        cases: keeps the cases they are about.
        speaker: says what follows.
        roster: knows who takes part.
        audit: hears that there was one.
        trusted: homeservers whose users' taps count.
    """

    def __init__(
        self,
        cases: CaseRecords,
        speaker: Speaker,
        roster: Roster,
        audit: Audit,
        trusted: Collection[str],
    ) -> None:
        self._cases = cases
        self._speaker = speaker
        self._roster = roster
        self._audit = audit
        self._trusted = frozenset(trusted)

    async def tip(self, asked: Asked) -> None:
        """``!tip #n text``; "niet ik" for the text takes tips back."""
        number, text = case_number(asked.argument)
        if number is None or not text:
            raise Refused("tip/which")
        if folded(text) in _NOT_ME_WORDS:
            await self._take_back(asked.work, number, asked.person.user, asked.now)
            return
        await self._tell(asked, number, text)

    async def answer(self, asked: Asked) -> bool:
        """Take a reply to a question or thanks of ours for a tip; False when it is none."""
        about = await self._replied_to(asked)
        if about is None:
            return False
        await self._tell(asked, about, asked.argument)
        return True

    async def answer_to_tap(self, asked: Asked) -> bool:
        """Take a plain message for what somebody saw who just tapped; False when nobody did."""
        open_tap = await records.untold(asked.work, asked.person.user, asked.now - _ANSWERED_WITHIN)
        if open_tap is None:
            return False
        await self._tell(asked, open_tap.case, asked.argument)
        return True

    async def tapped(self, work: Work, person: Person, tap: Reaction, now: datetime) -> None:
        """Take 👀 on an alert; a second one by the same person says nothing more."""
        number = alert_of(tap.target_name)
        if tap.emoji != SEEN or number is None:
            return
        if server_of(tap.sender) not in self._trusted or not person.is_member:
            return
        case = await self._alert_for(work, number, person)
        if case is None or await records.of_case(work, numbered(case), person.user):
            return
        number = numbered(case)
        if await records.how_many(work, person.user, now - _WITHIN) >= _MOST:
            return
        tip = await records.add(work, number, person.user, now, told=False)
        await self._speaker.say(work, seen(tip), now)

    async def tapped_privately(
        self, work: Work, person: Person, tap: Reaction, now: datetime
    ) -> None:
        """Take ❌ on our question or thanks for "not me"."""
        about = tip_of(tap.target_name)
        if server_of(tap.sender) not in self._trusted:
            return
        if about is None or tap.emoji != NOT_ME:
            return
        if await records.of_case(work, about[0], person.user):
            await self._take_back(work, about[0], person.user, now)

    async def followers(self, work: Work, case: Case) -> Sequence[UserID]:
        """Return who gave a tip about a case and still takes part."""
        if case.number is None:
            return ()
        found = []
        for user in await records.tipsters(work, case.number):
            person = self._roster.person(user)
            if person is not None and person.is_member:
                found.append(user)
        return found

    async def _tell(self, asked: Asked, number: CaseNumber, text: str) -> None:
        work, user, now = asked.work, asked.person.user, asked.now
        case = await self._alert_for(work, number, asked.person)
        if case is None:
            raise Refused("tip/no_alert", number=number)
        number = numbered(case)
        if len(text) > MAXIMUM:
            raise Refused("tip/too_long", maximum=MAXIMUM)
        for_moderators([text], "tip/personal", number=number)
        tip = await self._tapped_before(work, number, user)
        if tip is not None:
            await records.note_told(work, tip)
        elif await records.how_many(work, user, now - _WITHIN) >= _MOST:
            raise Refused("tip/too_many")
        else:
            tip = await records.add(work, number, user, now, told=True)
        await self._audit.record(work, Entry(Deed.TIPPED, user, number), now)
        await self._speaker.say(work, told(tip, text), now)

    async def _take_back(self, work: Work, number: CaseNumber, user: UserID, now: datetime) -> None:
        given = await records.of_case(work, number, user)
        if not given:
            raise Refused("tip/nothing_to_undo", number=number)
        await records.take_back(work, number, user)
        await self._audit.record(work, Entry(Deed.TIP_TAKEN_BACK, user, number), now)
        edits = [say for tip in given for say in taken_back(tip)]
        await self._speaker.say(work, [*edits, undone(number, user)], now)

    async def _alert_for(self, work: Work, number: CaseNumber, person: Person) -> Case | None:
        """Return a case whose alert this member could read; others are as if they did not exist."""
        case = await self._cases.by_number(work, number)
        if case is not None and case.regions and case.merged_into is not None:
            # Its alert points to the other one.
            case = await self._cases.by_number(work, case.merged_into)
        if case is None or case.status not in SHARED or person.region not in case.regions:
            return None
        return case

    async def _tapped_before(self, work: Work, number: CaseNumber, user: UserID) -> Tip | None:
        for tip in await records.of_case(work, number, user):
            if not tip.told:
                return tip
        return None

    async def _replied_to(self, asked: Asked) -> CaseNumber | None:
        for event in (asked.message.reply_to, asked.message.thread):
            if event is not None:
                about = tip_of(await name_of(asked.work, event))
                if about is not None:
                    return about[0]
        return None
