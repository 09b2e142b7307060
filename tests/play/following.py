"""After the play: tells what the five people read, and what visitors write in their name."""

from __future__ import annotations

from tests.harness.reader import GoneError
from tests.play.cast import Part, Player
from tests.play.transcript import Transcript

_FOR_EVER = 10 * 365 * 86_400.0


async def follow(part: Part, player: Player, tell: Transcript) -> None:
    """Tell of every message somebody sees from now on, until a visitor logs them out."""
    try:
        await _tell_all(part, player, tell)
    except GoneError:
        tell.detail(f"{part.name} was logged out here: what {part.name} reads is told no longer.")


async def _tell_all(part: Part, player: Player, tell: Transcript) -> None:
    told = {event.event_id for event in player.timeline() if event.readable}
    while True:
        fresh = await player.until(
            lambda: (
                [
                    event
                    for event in player.timeline()
                    if event.readable and event.event_id not in told
                ]
                or None
            ),
            "anything new",
            _FOR_EVER,
        )
        for event in fresh:
            told.add(event.event_id)
            where = player.rooms.name(event.room_id) or event.room_id
            if event.type == "m.reaction" and event.sender == player.user_id and event.key:
                tell.taps(part.name, event.key, f"a message in {where}")
            elif event.type != "m.room.message":
                continue
            elif event.sender == player.user_id:
                tell.says(part.name, where, event.body)
            else:
                tell.reads(part.name, f"{where}, edited" if event.edits else where, event.body)
