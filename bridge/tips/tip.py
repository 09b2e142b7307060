"""What is said when somebody gives a tip, or takes it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from appservice.ids import UserID
from bridge.moderation.card import CARD
from bridge.places import PrivateRoom, ReviewRoom
from bridge.reports.case import CaseNumber
from bridge.speech import React, Say

NOT_ME = "❌"
SEEN = "👀"
MAXIMUM = 1_000
"""Characters of a tip."""


@dataclass(frozen=True, slots=True)
class Tip:
    """A tip about a case.

    Attributes:
        id: of its row.
        tapped: it began with a tap on the alert.
        told: something was typed; a tap alone tells nothing yet.
    """

    id: int
    case: CaseNumber
    tipster: UserID
    at: datetime
    tapped: bool
    told: bool

    def name(self, what: str) -> str:
        """Return the outbox name of a message about it; erased with the case's messages."""
        return f"case/{self.case}/tip/{self.id}/{what}"


def seen(tip: Tip) -> tuple[Say | React, ...]:
    """Return what a tap says: to the moderators, and the question to who tapped."""
    return (
        _to_moderators(tip, "tip/seen", "seen"),
        *_to_tipster(tip, "tip/tell", "tell"),
    )


def told(tip: Tip, text: str) -> tuple[Say | React, ...]:
    """Return what a tip in words says: it goes to the moderators, and thanks go back."""
    return (
        _to_moderators(tip, "tip/tip", "text", text=text),
        *_to_tipster(tip, "tip/thanks", "thanks"),
    )


def taken_back(tip: Tip) -> tuple[Say, ...]:
    """Return the edits of what the moderators read of a tip that was none."""
    said = (("seen", tip.tapped), ("text", tip.told))
    return tuple(_edit(tip, what) for what, was_said in said if was_said)


def undone(case: CaseNumber, tipster: UserID) -> Say:
    """Return what somebody hears who took their tips about a case back."""
    return Say(PrivateRoom(tipster), "tip/undone", {"number": case})


def tip_of(name: str | None) -> tuple[CaseNumber, int] | None:
    """Return the case and the row of the tip that a message of ours is about; None for others."""
    match (name or "").split("/"):
        case ["case", number, "tip", row, *_] if number.isdecimal() and row.isdecimal():
            return CaseNumber(int(number)), int(row)
    return None


def alert_of(name: str | None) -> CaseNumber | None:
    """Return the case whose alert this message is, or what was said after it; None for others."""
    match (name or "").split("/"):
        case ["case", number, "alert", *_] if number.isdecimal():
            return CaseNumber(int(number))
    return None


def _to_moderators(tip: Tip, template: str, what: str, **values: str) -> Say:
    return Say(
        ReviewRoom(),
        template,
        {"number": tip.case, "tipster": tip.tipster, **values},
        name=tip.name(what),
        thread=f"case/{tip.case}/{CARD}",
    )


def _to_tipster(tip: Tip, template: str, what: str) -> tuple[Say | React, ...]:
    place, name = PrivateRoom(tip.tipster), tip.name(what)
    return (
        Say(place, template, {"number": tip.case}, name=name),
        React(place, name, NOT_ME),
    )


def _edit(tip: Tip, what: str) -> Say:
    return Say(
        ReviewRoom(),
        "tip/taken_back",
        {"number": tip.case, "tipster": tip.tipster},
        name=tip.name(f"{what}/back"),
        edits=tip.name(what),
    )
