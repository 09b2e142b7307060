"""Saying that one is at a report, so that two do not work on it. It binds nobody."""

from __future__ import annotations

from dataclasses import replace

from appservice.ids import UserID
from bridge.audit import Deed, Entry
from bridge.moderation.decisions import Decision
from bridge.places import PrivateRoom
from bridge.reports.case import Case, Status, message_name, numbered
from bridge.speech import Refused, Say


def claim(case: Case, by: UserID) -> Decision:
    """Note that a moderator is at a report; the same one again takes that back.

    Raises:
        Refused: it was decided already, somebody else is at it, or it is ``by``'s own report.
    """
    if case.status is not Status.SUBMITTED:
        raise Refused("review/already_decided", number=numbered(case), case=case)
    if case.reporter == by:
        raise Refused("review/own_report", number=numbered(case))
    if case.claimed_by == by:
        entry = Entry(Deed.UNDONE, by, numbered(case))
        return Decision(replace(case, claimed_by=None), (), entry)
    if case.claimed_by is not None:
        raise Refused("review/claimed", number=numbered(case), by=case.claimed_by)
    told = Say(
        PrivateRoom(case.reporter),
        "report/claimed",
        {"number": numbered(case)},
        name=message_name(case, "claimed"),
    )
    entry = Entry(Deed.CLAIMED, by, numbered(case))
    return Decision(replace(case, claimed_by=by), (told,), entry)
