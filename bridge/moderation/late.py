"""Alerts that went out late: what the moderators hear of them."""

from __future__ import annotations

from datetime import timedelta

from bridge.moderation.card import CARD
from bridge.places import ReviewRoom
from bridge.regions import RegionCode, Regions
from bridge.speech import Say


def late_alert(message: str | None, waited: timedelta, regions: Regions) -> Say | None:
    """Return what is said of a late alert in the thread of its card; None for other messages.

    Args:
        message: outbox name of what goes out late.
        waited: since its approval.
        regions: every region, for their names.
    """
    match (message or "").split("/", 3):
        case ["case", number, "alert" | "police" as kind, code] if number.isdecimal():
            return Say(
                ReviewRoom(),
                "review/sent_late",
                {
                    "number": int(number),
                    "region": regions.name(RegionCode(code)),
                    "police": kind == "police",
                    "waited": int(waited.total_seconds() // 60),
                },
                name=f"{message}/late",
                thread=f"case/{number}/{CARD}",
            )
    return None
