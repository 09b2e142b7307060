"""What coordinators do, put together: people in and out, roles, trust, regions, guards of rooms."""

from __future__ import annotations

from collections.abc import Sequence

from appservice.vault import Vault
from bridge.audit import Audit
from bridge.commands import Command, Where
from bridge.configuration import Configuration
from bridge.members.departures import Departures
from bridge.members.guarding import Guarding
from bridge.members.invitations import Invitations
from bridge.members.inviting import Inviting
from bridge.members.leaving import Clear, Leaving
from bridge.members.listing import Listing
from bridge.members.register import Register
from bridge.members.roles import Roles
from bridge.members.roster import Role
from bridge.members.servers import Servers
from bridge.members.trusting import Trusting
from bridge.regions.setting_up import SettingUp
from bridge.speech import Speaker


class Coordinating:
    """The parts, each a topic of its own.

    Args:
        configuration: who may take part, and who confirms it.
        vault: seals the names of shops.
        register: who takes part, and the regions.
        speaker: says what was decided.
        audit: keeps it.
        clear: what of somebody's is thrown away when they are out.
    """

    def __init__(
        self,
        configuration: Configuration,
        vault: Vault,
        register: Register,
        speaker: Speaker,
        audit: Audit,
        clear: Sequence[Clear],
    ) -> None:
        invitations, departures = Invitations(vault), Departures()
        self.inviting = Inviting(configuration, register, invitations, departures, speaker, audit)
        self.leaving = Leaving(register, invitations, departures, clear, speaker, audit)
        self.roles = Roles(register, self.inviting, speaker, audit)
        self.trusting = Trusting(register.roster, speaker, audit)
        self.listing = Listing(register, invitations, departures, self.trusting, speaker)
        self.setting_up = SettingUp(register, self.inviting, self.leaving.take_out, speaker, audit)
        self.servers = Servers(configuration, register, speaker, audit)
        self._federates = len(configuration.servers) > 1
        self.guarding = Guarding(configuration.bot_user, speaker)

    @property
    def commands(self) -> Sequence[Command]:
        """What a coordinator can ask for in the review room, in the order of the help."""
        who, where = frozenset({Role.COORDINATOR}), Where.REVIEW
        return [
            Command("invite", ("uitnodigen",), ("invite",), who, where, self.inviting.invite),
            Command("confirm", ("bevestig",), ("confirm",), who, where, self.inviting.confirm),
            Command("revoke", ("verwijder",), ("revoke",), who, where, self.leaving.remove),
            Command("members", ("leden",), ("members",), who, where, self.listing.members),
            Command("trust", ("vertrouw",), ("trust",), who, where, self.trusting.trust),
            Command("role", ("rol",), ("role",), who, where, self.roles.change),
            Command("region", ("regio",), ("region",), who, where, self.setting_up.region),
            # Where nobody else takes part there is nobody to put out.
            *(
                [Command("server", ("server",), (), who, where, self.servers.server)]
                if self._federates
                else []
            ),
        ]
