"""Whose homeserver may not take part: what the moderators' room hears of it.

Which homeservers may is the operator's word (``federation.allowed_servers``). The roster leaves
out everybody else, and the rooms' server ACLs keep their homeservers out.
"""

from __future__ import annotations

from appservice.ids import server_of
from bridge.members.roster import Roster
from bridge.places import ReviewRoom
from bridge.speech import Say


def shut_out(roster: Roster) -> tuple[Say, ...]:
    """Return what is said, once, of each person whom their homeserver keeps from taking part."""
    return tuple(
        Say(
            ReviewRoom(),
            "review/server_not_allowed",
            {"user": person.user, "server": server_of(person.user)},
            name=f"not allowed/{person.user}",
        )
        for person in roster.shut_out
    )
