"""After an alert: news, and how it ended, for everyone who read it and who told of it.

::

    !update #n text ──┐                 ┌─▶ every alert is edited in place
    !afloop #n text ──┴─▶ an Afterword ─┼─▶ a message in its thread, which pushes
                                        └─▶ the reporters, and who gave a tip
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from appservice.database import Work
from appservice.ids import UserID
from bridge.audit import Deed, Entry
from bridge.commands import Asked
from bridge.gate.leaving import with_reason
from bridge.moderation.decisions import Decision
from bridge.moderation.desk import Desk
from bridge.moderation.reach import reached
from bridge.places import AlertRoom, LiaisonRoom, Place, PrivateRoom
from bridge.police.relay import relayed
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
from bridge.speech import Refused, Say

MAXIMUM = 1_000
"""Characters of what is told afterwards."""
_MOST = 20
"""Of them to one alert: an event has 65,536 bytes."""

Followers = Callable[[Work, Case], Awaitable[Sequence[UserID]]]
"""Who else wants to hear of a case: members who gave a tip."""


async def nobody(_work: Work, _case: Case) -> Sequence[UserID]:
    """Nobody else."""
    return ()


def told_later(
    case: Case,
    word: Afterword,
    reach: Sequence[Place],
    merged: Sequence[Case] = (),
    followers: Sequence[UserID] = (),
) -> tuple[Case, tuple[Say, ...]]:
    """Add to what the readers of an alert were told; return the case and what is said.

    Raises:
        Refused: the text is too long, or there were too many.
    """
    if len(word.text) > MAXIMUM:
        raise Refused("review/text_too_long", maximum=MAXIMUM)
    if len(case.afterwords) >= _MOST:
        raise Refused("review/too_many_updates", number=numbered(case), maximum=_MOST)
    case = replace(case, afterwords=(*case.afterwords, word))
    reporters = {one.reporter: numbered(one) for one in (case, *merged)}
    private = {**dict.fromkeys(followers, numbered(case)), **reporters}
    values = {"kind": word.kind, "text": word.text}
    return case, (
        *edits(case, reach),
        *(
            Say(
                place,
                "alert/afterword",
                {"number": numbered(case), **values},
                name=_later(case, place, word),
                thread=_alert(case, place),
                alerts_room=True,
            )
            for place in reach
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


def edits(case: Case, reach: Sequence[Place]) -> tuple[Say, ...]:
    """Return an edit of the alert for every room that has it, as the case stands now."""
    made = []
    for place in reach:
        match place:
            case AlertRoom(region):
                original, template = alerts(case, [region])[0], "alert/later"
            case LiaisonRoom(region):
                original, template = relayed(case, [region])[0], "police/later"
            case _:
                continue
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
                name=f"{_alert(case, place)}/edit/{case.revision}",
                edits=_alert(case, place),
            )
        )
    return tuple(made)


def update(
    case: Case,
    by: UserID,
    text: str,
    now: datetime,
    reach: Sequence[Place],
    merged: Sequence[Case] = (),
    followers: Sequence[UserID] = (),
) -> Decision:
    """Tell everyone who has an alert something new.

    Raises:
        Refused: it was not shared or was withdrawn, or the text is too long.
    """
    if case.status not in SHARED:
        raise Refused("review/not_shared", number=numbered(case), case=case)
    word = Afterword(AfterwordKind.UPDATE, text, now, by)
    case, says = told_later(case, word, reach, merged, followers)
    return Decision(case, says, Entry(Deed.UPDATED, by, numbered(case)))


def close(
    case: Case,
    by: UserID,
    text: str,
    now: datetime,
    reach: Sequence[Place],
    merged: Sequence[Case] = (),
    followers: Sequence[UserID] = (),
) -> Decision:
    """Tell everyone how it ended; nothing more is asked of the case.

    Raises:
        Refused: it was not shared, is closed or withdrawn, or the text is too long.
    """
    if case.status is not Status.PUBLISHED:
        raise Refused("review/not_shared", number=numbered(case), case=case)
    word = Afterword(AfterwordKind.OUTCOME, text, now, by)
    case, says = told_later(replace(case, status=Status.CLOSED), word, reach, merged, followers)
    return Decision(case, says, Entry(Deed.CLOSED, by, numbered(case)))


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
        await self._tell(asked, update)

    async def close(self, asked: Asked) -> None:
        """``!afloop #n text``."""
        await self._tell(asked, close)

    async def _tell(self, asked: Asked, what: Callable[..., Decision]) -> None:
        case, text = await self._desk.subject(asked)
        text, why = with_reason(text)
        if not text:
            raise Refused("review/text_missing", number=numbered(case))
        decision = what(
            case,
            asked.person.user,
            text,
            asked.now,
            await reached(asked.work, case),
            await self._desk.merged(asked.work, case),
            await self._followers(asked.work, case),
        )
        await self._desk.carry_out(asked.work, decision, asked.now, why)


def _alert(case: Case, place: Place) -> str:
    match place:
        case AlertRoom(region):
            return message_name(case, f"alert/{region}")
        case LiaisonRoom(region):
            return message_name(case, f"police/{region}")
        case _:
            raise ValueError(f"{place} has no alert")


def _later(case: Case, place: Place, word: Afterword) -> str:
    if word.kind is AfterwordKind.WITHDRAWAL:
        # Not below the alert's own name: it stays when the alert is taken out of the room.
        return message_name(case, f"withdrawn/{_alert(case, place)}")
    return f"{_alert(case, place)}/later/{case.revision}"
