"""Who plays: five people of two regions, and what the service must be told of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from appservice.ids import UserID
from tests.harness.people import Person
from tests.harness.strict_client import StrictClient


@dataclass(frozen=True)
class Part:
    """Somebody in the play: what they are called, and what they are to the network."""

    name: str
    localpart: str
    what: str


ANNA = Part("Anna", "anna", "jeweller in region Midden-Nederland")
BRAM = Part("Bram", "bram", "jeweller in region Midden-Nederland")
CHRIS = Part("Chris", "chris", "jeweller in region Amsterdam")
MILA = Part("Mila", "mila", "moderator")
PIM = Part("Pim", "pim", "police liaison for Midden-Nederland")
PARTS = (ANNA, BRAM, CHRIS, MILA, PIM)

SHOP = "Juwelier De Gouden Sleutel"
"""Anna's: moderators see it, nobody else may."""


Player = Person | StrictClient
"""Whoever plays a part."""


@dataclass(frozen=True)
class Cast:
    """A player for each part, and the bot they play with."""

    bot: UserID
    anna: Player
    bram: Player
    chris: Player
    mila: Player
    pim: Player

    def __iter__(self) -> Iterator[tuple[Part, Player]]:
        for part in PARTS:
            yield part, getattr(self, part.localpart)


def configured(user: Callable[[Part], str]) -> dict[str, Any]:
    """The part of ``goudwacht.yaml`` that the play needs: regions, and who is who.

    Args:
        user: gives the user id of a part.
    """
    here, elsewhere = "midden-nederland", "amsterdam"
    return {
        "regions": [
            {"code": here, "name": "Midden-Nederland", "neighbours": [elsewhere], "police": True},
            {"code": elsewhere, "name": "Amsterdam", "neighbours": [here], "police": False},
        ],
        "moderators": [user(MILA)],
        "members": [
            {"user": user(ANNA), "region": here, "shop": SHOP},
            {"user": user(BRAM), "region": here, "shop": "Juwelier Bram & Zoon"},
            {"user": user(CHRIS), "region": elsewhere, "shop": "Juwelier Chris"},
        ],
        "liaisons": [{"user": user(PIM), "region": here}],
        # She decides alone.
        "moderation": {"two_moderators": []},
    }
