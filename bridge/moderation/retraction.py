"""A reporter who wants their own report back.

::

    !intrekken #n ─┬─ nobody else has read it ─▶ withdrawn at once, the card says so
                   └─ others have ─────────────▶ the moderators are asked, in the card's thread

What others have read only a moderator takes back: they have to be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bridge.audit import Deed, Entry
from bridge.commands import Asked
from bridge.gate.entering import for_moderators
from bridge.moderation.card import CARD
from bridge.moderation.decisions import Decision
from bridge.moderation.desk import Desk
from bridge.moderation.notes import Note
from bridge.places import PrivateRoom, ReviewRoom
from bridge.reasons import fits
from bridge.reports.case import Case, Status, message_name, numbered
from bridge.reports.reporting import case_number
from bridge.speech import Refused, Say


def retract(case: Case, reason: str, merged: Sequence[Case] = ()) -> Decision:
    """Withdraw a report for its reporter, or ask the moderators to.

    Args:
        reason: in the reporter's words; may be empty.
        merged: reports of others that go on as this one: then it is not the reporter's alone.

    Raises:
        Refused: there is nothing left to withdraw, the reason is too long, or there is in it what
            the moderators may not be told either.
    """
    number = numbered(case)
    fits(reason)
    for_moderators([reason], "gate/not_passed_on")
    shared = case.with_others or case.status is Status.MERGED or bool(merged)
    if not shared and case.status is not Status.SUBMITTED:
        raise Refused("report/nothing_to_withdraw", case=case)
    note = Note(Deed.WITHDRAWN, reason) if reason else None
    told = Say(
        PrivateRoom(case.reporter),
        "report/withdrawal_asked" if shared else "report/withdrawn",
        {"number": number},
    )
    asked = Say(
        ReviewRoom(),
        "review/withdrawal_asked" if shared else "review/withdrawn_by_reporter",
        {"number": number, "reason": reason or None},
        name=message_name(case, "wants withdrawal"),
        thread=message_name(case, CARD),
        mentions=frozenset() if case.decided_by is None else frozenset({case.decided_by}),
    )
    if shared:
        return Decision(case, (asked, told), note=note)
    withdrawn = replace(case, status=Status.CANCELLED, pending=None, claimed_by=None, asked_by=None)
    entry = Entry(Deed.WITHDRAWN, case.reporter, number, rule="reporter-withdraws")
    return Decision(withdrawn, (asked, told), entry, note)


class Retraction:
    """Answers ``!intrekken`` in a private room."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def retract(self, asked: Asked) -> None:
        """``!intrekken #n [reason]``."""
        number, reason = case_number(asked.argument)
        if number is None:
            raise Refused("report/which")
        case = await self._desk.records.by_number(asked.work, number)
        # Somebody else's report is answered like one that does not exist: it tells nothing.
        if case is None or case.reporter != asked.person.user:
            raise Refused("report/not_yours", number=number)
        merged = await self._desk.merged(asked.work, case)
        await self._desk.carry_out(asked.work, retract(case, reason, merged), asked.now)
