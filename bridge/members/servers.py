"""Whose homeserver may not take part: what the moderators' room hears of it, and ``!server``.

::

    federation.allowed_servers ─▶ those that may ─▶ !server uit ─▶ those that do ─▶ roster, ACLs

Which homeservers may is the operator's word; a coordinator can put one of them out at once, when a
force or a member leaves it or it is not to be trusted any more, and let it in again. The roster
leaves out everybody else, and the rooms' server ACLs keep their homeservers out.
"""

from __future__ import annotations

from typing import Final

from appservice.ids import server_of
from bridge.audit import Audit, Deed, Entry
from bridge.commands import Asked
from bridge.configuration import Configuration
from bridge.members.register import Register
from bridge.members.roster import Roster
from bridge.places import ReviewRoom
from bridge.speech import Refused, Say, Speaker

_ON: Final = {"aan": True, "on": True, "uit": False, "off": False}


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


class Servers:
    """Answers ``!server``.

    Args:
        configuration: which may take part, and which is our own.
        register: keeps which are out, and who with them.
        speaker: answers.
        audit: keeps who decided it.
    """

    def __init__(
        self, configuration: Configuration, register: Register, speaker: Speaker, audit: Audit
    ) -> None:
        self._own = configuration.homeserver.name
        self._allowed = configuration.servers
        self._register = register
        self._speaker = speaker
        self._audit = audit

    async def server(self, asked: Asked) -> None:
        """``!server``, ``!server uit police.example``, ``!server aan police.example``.

        Raises:
            Refused: it is our own, it is none that may take part, or no coordinator would be left.
        """
        word, _, rest = asked.argument.partition(" ")
        server, on = rest.strip().casefold(), _ON.get(word.casefold())
        if not word:
            await self._list(asked)
            return
        if on is None or not server:
            raise Refused("members/how_server", servers=self._others)
        if server == self._own:
            raise Refused("members/own_server", server=server)
        if server not in self._others:
            raise Refused("members/which_server", typed=server[:80], servers=self._others)
        roster = self._register.roster
        if not on and all(server_of(user) == server for user in roster.coordinators):
            raise Refused("members/last_coordinator", user=asked.person.user)
        concerned = sorted(
            person.user
            for person in (*roster.people, *roster.shut_out)
            if server_of(person.user) == server
        )
        await self._register.let_server(asked.work, server, on=on)
        details = {"server": server, "change": "on" if on else "off"}
        entry = Entry(Deed.SERVER_CHANGED, by=asked.person.user, details=details)
        await self._audit.record(asked.work, entry, asked.now)
        await self._say(asked, "members/server", server=server, on=on, people=concerned)

    @property
    def _others(self) -> tuple[str, ...]:
        return tuple(server for server in self._allowed if server != self._own)

    async def _list(self, asked: Asked) -> None:
        out = self._register.roster.withdrawn
        servers = [(server, server in out) for server in self._others]
        await self._say(asked, "members/servers", own=self._own, servers=servers)

    async def _say(self, asked: Asked, template: str, **values: object) -> None:
        say = Say(asked.place, template, values, reply_to=asked.message.event_id)
        await self._speaker.say(asked.work, [say], asked.now)
