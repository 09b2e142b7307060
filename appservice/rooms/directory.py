"""Where strangers look for rooms: the homeserver's list of public rooms, and its aliases.

::

    every look of the keeper ─▶ listed? other aliases than ours? ─▶ taken out ─▶ the domain is told

A room of ours stands in no list and has one alias, by which the bot finds it again. Neither is
state of the room, so that no event tells of a change: an administrator can list a room, and any
member can give it an alias (Synapse 1.163.2, ``handlers/directory.py``: who is in a room may, and
an application service may take away those of its own namespace alone). Nobody comes in by either,
the room being by invitation; but who finds it knows that there is such a room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from appservice.homeserver import Homeserver, MatrixError
from appservice.ids import RoomAlias, RoomID, server_of
from appservice.rooms.plan import RoomKey, RoomPlan


@dataclass(frozen=True, slots=True)
class Published:
    """A room of ours was to be found by anyone.

    Attributes:
        listed: it stood in the list of public rooms.
        unlisted: it does not any more.
        aliases: that somebody gave it.
        unnamed: it has none of them any more.
    """

    key: RoomKey
    listed: bool
    aliases: tuple[RoomAlias, ...]
    unlisted: bool = False
    unnamed: bool = False

    @property
    def undone(self) -> bool:
        """Whether nobody has to look any more."""
        return self.unlisted >= self.listed and (self.unnamed or not self.aliases)


async def published(homeserver: Homeserver, plan: RoomPlan, room: RoomID) -> Published | None:
    """Return how a room is to be found; None for one that is not, or is not shown to us.

    Raises:
        HomeserverUnreachable: try again later.
    """
    try:
        answer = await homeserver.call("GET", "v3", "directory", "list", "room", room)
        listed = answer.get("visibility") == "public"
        answer = await homeserver.call("GET", "v3", "rooms", room, "aliases")
    except MatrixError:
        return None
    ours = f"#{plan.alias}:{server_of(homeserver.user)}"
    aliases = tuple(RoomAlias(alias) for alias in answer.get("aliases", []) if alias != ours)
    if not listed and not aliases:
        return None
    return Published(plan.key, listed, aliases)


async def hide(homeserver: Homeserver, plan: RoomPlan, room: RoomID) -> Published | None:
    """Take a room out of the list and its aliases away; return what there was, None for nothing.

    Raises:
        HomeserverUnreachable: try again later; what was done stays done.
    """
    found = await published(homeserver, plan, room)
    if found is None:
        return None
    unlisted = found.listed and await _taken(
        homeserver, "PUT", ["list", "room", room], {"visibility": "private"}
    )
    gone = [await _taken(homeserver, "DELETE", ["room", alias]) for alias in found.aliases]
    return replace(found, unlisted=unlisted, unnamed=bool(gone) and all(gone))


async def _taken(
    homeserver: Homeserver, method: str, path: Sequence[str], body: dict[str, str] | None = None
) -> bool:
    try:
        await homeserver.call(method, "v3", "directory", *path, body=body)
    except MatrixError as error:
        # Somebody else was faster.
        return error.status == 404
    return True
