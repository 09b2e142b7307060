"""After an alert: news, and how it ended, for everyone who read it and who told of it.

::

    !update #n text ──────┐                 ┌─▶ every alert is edited in place
    !afloop #n text ──────┼─▶ an Afterword ─┼─▶ a message in its thread, which pushes
    !intrekken #n reason ─┘                 └─▶ the reporters, and who gave a tip

A withdrawal has more to it than its telling: :mod:`bridge.moderation.withdrawal`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from appservice.database import Work
from appservice.ids import UserID
from bridge.audit import Deed, Entry
from bridge.commands import Asked
from bridge.gate.leaving import with_reason
from bridge.moderation.decisions import Decision
from bridge.moderation.desk import Desk
from bridge.moderation.reach import reached
from bridge.places import AlertRoom, LiaisonRoom, PrivateRoom, SharedRoom
from bridge.police.relay import relayed
from bridge.reasons import MAXIMUM_REASON
from bridge.relay.alert import alerts
from bridge.reports.case import (
    SHARED,
    Afterword,
    AfterwordKind,
    Case,
    Status,
    message_name,
    numbered,
)
from bridge.reports.shown import USUAL, PoliceReading
from bridge.speech import Refused, Say

MAXIMUM = 1_000
"""Characters of what is told afterwards."""
MOST = 20
"""Of them to one alert: an event has 65,536 bytes."""

Followers = Callable[[Work, Case], Awaitable[Sequence[UserID]]]
"""Who else wants to hear of a case: members who gave a tip."""


async def nobody(_work: Work, _case: Case) -> Sequence[UserID]:
    """Nobody else."""
    return ()


@dataclass(frozen=True, slots=True)
class Readers:
    """Who hears what is told of a case after its alert.

    Attributes:
        reach: the rooms that have the alert.
        merged: reports that go on as this one, whose reporters hear it too.
        followers: who gave a tip about it.
        police: what those of them who are police officers read of it.
    """

    reach: Sequence[SharedRoom] = ()
    merged: Sequence[Case] = ()
    followers: Sequence[UserID] = ()
    police: PoliceReading = USUAL


async def readers_of(desk: Desk, work: Work, case: Case, followers: Followers) -> Readers:
    """Return who hears what is told of a case."""
    merged = await desk.merged(work, case)
    following = [user for one in (case, *merged) for user in await followers(work, one)]
    reach = await reached(work, case)
    reading = desk.rules.police_reading
    return Readers(reach, merged, tuple(dict.fromkeys(following)), reading)


@dataclass(frozen=True, slots=True)
class Telling:
    """A kind of thing told after an alert.

    Attributes:
        when: tells of which cases it can be told.
        then: where it stands afterwards; None when nothing changes.
        reasoned: its text is why it was done, and stands in the audit log.
    """

    kind: AfterwordKind
    deed: Deed
    when: Callable[[Case], bool]
    then: Status | None = None
    maximum: int = MAXIMUM
    reasoned: bool = False


UPDATE = Telling(AfterwordKind.UPDATE, Deed.UPDATED, lambda case: case.status in SHARED)
OUTCOME = Telling(
    AfterwordKind.OUTCOME, Deed.CLOSED, lambda case: case.status is Status.PUBLISHED, Status.CLOSED
)
WITHDRAWAL = Telling(
    AfterwordKind.WITHDRAWAL,
    Deed.WITHDRAWN,
    lambda case: case.with_others,
    Status.WITHDRAWN,
    MAXIMUM_REASON,
    reasoned=True,
)


def tell(
    case: Case, what: Telling, by: UserID, text: str, now: datetime, readers: Readers
) -> Decision:
    """Tell everyone who has an alert something new: news, how it ended, or that it is withdrawn.

    Raises:
        Refused: the case does not stand so that this can be told, the text is too long, or there
            were too many.
    """
    if len(text) > what.maximum:
        raise Refused("review/text_too_long", maximum=what.maximum)
    if not what.when(case):
        raise Refused("review/not_shared", number=numbered(case), case=case)
    if len(case.afterwords) >= MOST:
        raise Refused("review/too_many_updates", number=numbered(case), maximum=MOST)
    word = Afterword(what.kind, text, now, by)
    if what.then is not None:
        case = replace(case, status=what.then, pending=None)
    case = replace(case, afterwords=(*case.afterwords, word))
    entry = Entry(what.deed, by, numbered(case), reason=text if what.reasoned else None)
    return Decision(case, _said(case, word, readers), entry)


def _said(case: Case, word: Afterword, readers: Readers) -> tuple[Say, ...]:
    reporters = {one.reporter: numbered(one) for one in (case, *readers.merged)}
    private = {**dict.fromkeys(readers.followers, numbered(case)), **reporters}
    values = {"kind": word.kind, "text": word.text}
    return (
        *edits(case, readers.reach, readers.police),
        *(
            Say(
                place,
                "alert/afterword",
                {"number": numbered(case), **values},
                name=_later(case, place, word),
                thread=alert_name(case, place),
                alerts_room=True,
            )
            for place in readers.reach
        ),
        *(
            Say(
                PrivateRoom(user),
                "report/afterword",
                {"number": number, "own": user in reporters, **values},
                name=message_name(case, f"afterword/{case.revision}/{user}"),
            )
            for user, number in private.items()
        ),
    )


def edits(case: Case, reach: Sequence[SharedRoom], reading: PoliceReading) -> tuple[Say, ...]:
    """Return an edit of the alert for every room that has it, as the case stands now."""
    made = []
    for place in reach:
        match place:
            case AlertRoom(region):
                original, template = alerts(case, [region])[0], "alert/later"
            case LiaisonRoom(region):
                original, template = relayed(case, [region], reading)[0], "police/later"
        made.append(
            Say(
                place,
                template,
                {
                    **original.values,
                    "withdrawn": case.status is Status.WITHDRAWN,
                    "closed": case.status is Status.CLOSED,
                    "afterwords": case.afterwords,
                },
                name=f"{alert_name(case, place)}/edit/{case.revision}",
                edits=alert_name(case, place),
            )
        )
    return tuple(made)


class Afterwards:
    """Answers ``!update`` and ``!afloop``.

    Args:
        desk: carries out what is decided.
        followers: knows who else wants to hear of a case.
    """

    def __init__(self, desk: Desk, followers: Followers = nobody) -> None:
        self._desk = desk
        self._followers = followers

    async def update(self, asked: Asked) -> None:
        """``!update #n text``."""
        await self._tell(asked, UPDATE)

    async def close(self, asked: Asked) -> None:
        """``!afloop #n text``."""
        await self._tell(asked, OUTCOME)

    async def _tell(self, asked: Asked, what: Telling) -> None:
        case, text = await self._desk.subject(asked)
        text, why = with_reason(text)
        if not text:
            raise Refused("review/text_missing", number=numbered(case), kind=what.kind)
        readers = await readers_of(self._desk, asked.work, case, self._followers)
        decision = tell(case, what, asked.person.user, text, asked.now, readers)
        await self._desk.carry_out(asked.work, decision, asked.now, why)


def alert_name(case: Case, place: SharedRoom) -> str:
    """Return the name of the alert of a case in a room."""
    match place:
        case AlertRoom(region):
            return message_name(case, f"alert/{region}")
        case LiaisonRoom(region):
            return message_name(case, f"police/{region}")


def _later(case: Case, place: SharedRoom, word: Afterword) -> str:
    if word.kind is AfterwordKind.WITHDRAWAL:
        # Not below the alert's own name: it stays when the alert is taken out of the room.
        return message_name(case, f"withdrawn/{alert_name(case, place)}")
    return f"{alert_name(case, place)}/later/{case.revision}"
