"""What concerns the police more than the members: theirs first, after one moderator's word.

::

    ✅ on the card of a type of police.first ─┐
    🚓 on any card, !politie #n ──────────────┴─▶ tell_police ─▶ police.relaying
                                                       │
    thread of the card: members too? ✅ !ok ─▶ approve ◀┤
                                    ❌ !nee ─▶ withhold ◀┘ shared with the police alone

The members' share is a decision of its own: a ✅ that was meant for the police never reaches them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from appservice.ids import UserID
from bridge.audit import Deed, Entry
from bridge.moderation.card import APPROVE, CARD, REJECT
from bridge.moderation.decisions import Decision, may_decide
from bridge.places import PrivateRoom, ReviewRoom
from bridge.reasons import fits
from bridge.reports.case import Case, Status, message_name, numbered
from bridge.speech import React, Refused, Say

MEMBERS = "members"
"""What the question is called whether the members are to read it too."""


def tell_police(case: Case, by: UserID, now: datetime, merged: Sequence[Case] = ()) -> Decision:
    """Let the police have a report at once; the members' share stays to be decided on.

    Raises:
        Refused: it was decided already, the police have it, or it is ``by``'s own report.
    """
    may_decide(case, by, merged)
    if case.ahead_at is not None:
        raise Refused("review/police_has_it", number=numbered(case))
    told = [
        Say(
            PrivateRoom(one.reporter),
            "report/with_police",
            {"number": numbered(one)},
            name=message_name(one, "with police"),
        )
        for one in (case, *merged)
    ]
    question = Say(
        ReviewRoom(),
        "review/members_too",
        {"number": numbered(case), "by": by},
        name=message_name(case, MEMBERS),
        thread=message_name(case, CARD),
    )
    entry = Entry(Deed.POLICE_FIRST, by, numbered(case), details={"regions": [case.region]})
    return Decision(replace(case, ahead_at=now), (*told, question), entry)


def answers(case: Case) -> Sequence[React]:
    """Return the reactions that answer the question about the members, to be tapped."""
    name = message_name(case, MEMBERS)
    return [React(ReviewRoom(), name, key) for key in (APPROVE, REJECT)]


def withhold(
    case: Case, by: UserID, reason: str | None, now: datetime, merged: Sequence[Case] = ()
) -> Decision:
    """Leave a report that the police have with them: the members do not get it.

    What the police have still stands; to take it back is a withdrawal.

    Raises:
        Refused: it was decided already, it is ``by``'s own report, or the reason is too long.
    """
    fits(reason)
    may_decide(case, by, merged)
    decided = replace(
        case,
        status=Status.PUBLISHED,
        decided_by=by,
        decided_at=now,
        reason=reason,
        pending=None,
        asked_by=None,
    )
    told = tuple(
        Say(
            PrivateRoom(one.reporter),
            "report/police_alone",
            {"number": numbered(one), "reason": reason},
            name=message_name(one, "police alone"),
        )
        for one in (case, *merged)
    )
    return Decision(decided, told, Entry(Deed.POLICE_ALONE, by, numbered(case), reason=reason))


def question_number(message: str | None) -> int | None:
    """Return the number of the case about whose members this message asks; None for another."""
    match (message or "").split("/"):
        case ["case", number, "members"] if number.isdecimal():
            return int(number)
    return None
