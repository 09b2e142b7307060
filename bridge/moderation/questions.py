"""Asking the reporter: the question goes to their private room, the answer to the card's thread.

::

    !vraag #n text, ❓ ─▶ ask ─▶ private room ─▶ what the reporter types next ─▶ answer ─▶ thread
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from appservice.ids import UserID
from bridge.audit import Deed, Entry
from bridge.commands import Asked
from bridge.gate.entering import for_moderators
from bridge.moderation.card import CARD
from bridge.moderation.decisions import Decision, may_decide, not_own
from bridge.moderation.desk import Desk
from bridge.moderation.notes import Note
from bridge.places import PrivateRoom, ReviewRoom
from bridge.reports.case import Case, Status, message_name, numbered
from bridge.reports.fields import FieldName
from bridge.speech import Refused, Say

MAXIMUM = 1_000
"""Characters of a question, and of its answer."""

_WORTH_ASKING = (
    FieldName.OFFENDERS,
    FieldName.DESCRIPTION,
    FieldName.MO,
    FieldName.WEAPON,
    FieldName.LOOT,
    FieldName.ESCAPE,
)
"""What helps others most, in the order in which it does."""


def ask(case: Case, by: UserID, text: str | None, merged: Sequence[Case] = ()) -> Decision:
    """Ask the reporter something.

    Args:
        text: the question; None to ask what else they know.

    What was shared can be asked about too: the police may want to know more.

    Raises:
        Refused: it is over, it is ``by``'s own report, or the text is too long.
    """
    if case.status is Status.PUBLISHED:
        not_own(case, by, merged)
    else:
        may_decide(case, by, merged)
    if text is not None and len(text) > MAXIMUM:
        raise Refused("review/text_too_long", maximum=MAXIMUM)
    asked = Say(
        PrivateRoom(case.reporter),
        "report/question",
        {
            "number": numbered(case),
            "question": text,
            "lacking": [name for name in _WORTH_ASKING if not getattr(case.fields, name.value)],
        },
        name=message_name(case, f"question/{case.revision}"),
        mentions=frozenset({case.reporter}),
    )
    return Decision(
        replace(case, asked_by=by),
        (asked,),
        Entry(Deed.ASKED, by, numbered(case)),
        Note(Deed.ASKED, text),
    )


def answer(case: Case, text: str) -> Decision:
    """Take what a reporter says for the answer to the question they were asked.

    Raises:
        Refused: it is too long, or there is in it what the moderators may not be told either.
    """
    if len(text) > MAXIMUM:
        raise Refused("report/answer_too_long", number=numbered(case), maximum=MAXIMUM)
    for_moderators([text], "gate/not_passed_on")
    mentions = frozenset() if case.asked_by is None else frozenset({case.asked_by})
    passed_on = Say(
        ReviewRoom(),
        "review/answer",
        {"number": numbered(case), "answer": text, "decided": case.status is not Status.SUBMITTED},
        name=message_name(case, f"answer/{case.revision}"),
        thread=message_name(case, CARD),
        mentions=mentions,
    )
    thanks = Say(
        PrivateRoom(case.reporter),
        "report/answered",
        {"number": numbered(case)},
        name=message_name(case, f"answered/{case.revision}"),
    )
    return Decision(
        replace(case, asked_by=None),
        (passed_on, thanks),
        Entry(Deed.ANSWERED, case.reporter, numbered(case)),
        Note(Deed.ANSWERED, text),
    )


class Questions:
    """Passes questions and answers on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def ask(self, asked: Asked) -> None:
        """``!vraag #n text``; without a text: what else they know."""
        case, text = await self._desk.subject(asked)
        merged = await self._desk.merged(asked.work, case)
        decision = ask(case, asked.person.user, text or None, merged)
        await self._desk.carry_out(asked.work, decision, asked.now)

    async def answer(self, asked: Asked) -> bool:
        """Take a member's plain message for an answer; False when they were asked nothing."""
        case = await self._desk.records.with_question(asked.work, asked.person.user)
        if case is None:
            return False
        await self._desk.carry_out(asked.work, answer(case, asked.argument), asked.now)
        return True
