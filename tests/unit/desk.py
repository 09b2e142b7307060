"""The desk of moderators, for its tests: a report that waits there, and what is said of it."""

from __future__ import annotations

from typing import Any

from bridge.places import PrivateRoom, ReviewRoom
from tests.unit.example import ANNA
from tests.unit.stage import Said, Stage

REVIEW, MINE = ReviewRoom(), PrivateRoom(ANNA)
ONE: dict[str, Any] = {"two_moderators": []}
REPORT = "!melding overval\nplaats: Utrecht\ntijd: 12:00\nmo: vitrine ingeslagen"


async def reported(stage: Stage, report: str = REPORT) -> None:
    await stage.says(ANNA, MINE, report)
    await stage.says(ANNA, MINE, "!verstuur")


def templates(said: list[Said]) -> list[str]:
    return [one.template for one in said]


def text(said: list[Said], template: str) -> str:
    """The one text of a template that was said."""
    (found,) = [one.text.plain for one in said if one.template == template]
    return found
