"""What people do in a round: a member reports, moderators answer the card.

::

    !melding ─▶ preview ─▶ !verstuur ─▶ "#42 is with the moderators" ─▶ acknowledged
                                  card ─▶ tap or type ─▶ …

Whoever gets no answer from the homeserver repeats the same message under the same transaction
id. Each step that a kill may wait for is told to :class:`Moments`.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appservice.ids import EventID, RoomID, UserID
from tests.chaos.account import Places
from tests.chaos.plan import Moment, PlannedReport, Verdict
from tests.chaos.town import Town
from tests.harness.device import HomeserverRefusedError
from tests.harness.messages import reaction_to, text
from tests.harness.people import Person
from tests.harness.timeline import Seen

PATIENCE = 90.0
"""Seconds for any answer: all three processes may start anew in between."""

_REPEAT_SECONDS = 0.1


@dataclass(frozen=True)
class Sent:
    """A report that was acknowledged to its reporter."""

    number: int
    word: str
    reporter: UserID


class Moments:
    """Which moments of a round have come."""

    def __init__(self) -> None:
        self._come = {moment: asyncio.Event() for moment in Moment}
        self._come[Moment.BEGIN].set()

    def has_come(self, moment: Moment) -> None:
        self._come[moment].set()

    def have_all_come(self) -> None:
        """The round's play is over: nobody need wait for a moment that did not come."""
        for event in self._come.values():
            event.set()

    async def wait_for(self, moment: Moment) -> None:
        await self._come[moment].wait()


class Acting:
    """Plays one round.

    Args:
        town: the people.
        moments: told of what happened.
    """

    def __init__(self, town: Town, moments: Moments) -> None:
        self._town = town
        self._places: Places = town.places
        self._moments = moments

    async def play(self, planned: PlannedReport, word: str) -> Sent:
        """Play one report from its first word to its last answer.

        Raises:
            NotSeenError: somebody waited in vain.
        """
        async with asyncio.TaskGroup() as acts:
            report = acts.create_task(self._report(planned.reporter, word))
            for moderator, verdict in planned.verdicts:
                acts.create_task(self._decide(moderator, verdict, word))
        sent = report.result()
        member = self._town.members[planned.reporter]
        await member.until(
            lambda: True if len(self._answers(member, sent.number)) >= 2 else None,
            f"to hear what became of #{sent.number}",
            PATIENCE,
        )
        return sent

    async def _report(self, reporter: int, word: str) -> Sent:
        member = self._town.members[reporter]
        room = self._places.private[member.user_id]
        await _say(member, room, f"!melding inbraak\nplaats: Utrecht\ntijd: zojuist\nmo: {word}")
        await member.reads(lambda seen: self._is_ours(seen) and word in seen.body, room, PATIENCE)
        known = {number for seen in member.timeline(room) for number in _numbers(seen)}
        await _say(member, room, "!verstuur")
        self._moments.has_come(Moment.REPORT_SENT)
        answer = await member.reads(
            lambda seen: self._is_ours(seen) and bool(_numbers(seen) - known), room, PATIENCE
        )
        return Sent((_numbers(answer) - known).pop(), word, member.user_id)

    async def _decide(self, moderator: int, verdict: Verdict, word: str) -> None:
        who, room = self._town.moderators[moderator], self._places.review
        card = await who.reads(
            lambda seen: self._is_ours(seen) and word in seen.body, room, PATIENCE
        )
        self._moments.has_come(Moment.CARD_READ)
        if verdict.tapped:
            await _send(who, room, "m.reaction", reaction_to(card.event_id, verdict.value))
        else:
            # A card opens with its own number; others on it are of reports that look like it.
            number = int(re.findall(r"#(\d+)", card.body)[0])
            await _say(who, room, verdict.value.replace("#n", f"#{number}"))
        self._moments.has_come(Moment.DECISION_SENT)

    def _answers(self, member: Person, number: int) -> list[Seen]:
        room = self._places.private[member.user_id]
        return [
            seen
            for seen in member.timeline(room)
            if self._is_ours(seen) and number in _numbers(seen)
        ]

    def _is_ours(self, seen: Seen) -> bool:
        return seen.sender == self._places.bot and seen.type == "m.room.message"


def _numbers(seen: Seen) -> set[int]:
    return {int(number) for number in re.findall(r"#(\d+)", seen.body)}


async def _say(who: Person, room: RoomID, body: str) -> EventID:
    return await _send(who, room, "m.room.message", text(body))


async def _send(who: Person, room: RoomID, kind: str, content: Mapping[str, Any]) -> EventID:
    transaction = str(uuid.uuid4())
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await who.send_event(room, kind, content, transaction=transaction)
            except HomeserverRefusedError as refusal:
                if refusal.status in (401, 403):
                    raise
                await asyncio.sleep(_REPEAT_SECONDS)
