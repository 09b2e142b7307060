"""Letting people in.

::

    !uitnodigen @user region shop ─▶ may they? ─▶ is there such a user? ─▶ (✅ of a second) ─▶ in
                                                     appservice.lookups     coordinator

The last step writes the register; that the rooms follow is :mod:`bridge.network`'s.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

from appservice import lookups
from appservice.database import Work
from appservice.events import Reaction
from appservice.ids import UserID, server_of
from appservice.lookups import Existence
from bridge.audit import Audit, Deed, Entry
from bridge.commands import Asked
from bridge.configuration import Configuration
from bridge.gate.entering import for_the_register
from bridge.members.decisions import let_in, may_be_invited
from bridge.members.departures import Departures
from bridge.members.invitations import Invitation, Invitations, Stage, user_in
from bridge.members.naming import MAXIMUM_SHOP, split_user
from bridge.members.register import Register
from bridge.members.roster import Role
from bridge.places import PrivateRoom, ReviewRoom
from bridge.regions import RegionCode
from bridge.speech import React, Refused, Say, Speaker
from bridge.typed_text import legible

VOUCH: Final = "✅"


class Inviting:
    """Answers ``!uitnodigen``, and lets in who may come.

    Args:
        configuration: who may take part, and whether a second coordinator has to confirm.
        register: who takes part.
        invitations: those that are not through yet.
        departures: of who comes back, nothing is left to be done.
        speaker: tells the desk.
        audit: keeps who let in whom.
    """

    def __init__(
        self,
        configuration: Configuration,
        register: Register,
        invitations: Invitations,
        departures: Departures,
        speaker: Speaker,
        audit: Audit,
    ) -> None:
        self._configuration = configuration
        self._register = register
        self._roster, self._regions = register.roster, register.regions
        self._invitations = invitations
        self._departures = departures
        self._speaker = speaker
        self._audit = audit

    async def invite(self, asked: Asked) -> None:
        """``!uitnodigen @user:hs region [shop]``."""
        user, rest = split_user(asked.argument, self._roster)
        region, shop = self._regions.first_in(rest)
        if region is None:
            word = rest.split()[0] if rest else ""
            near = self._regions.nearest(word) if word else None
            codes = list(self._regions.codes)
            raise Refused("members/which_region", typed=word[:40], nearest=near, codes=codes)
        shop = legible(shop).replace("\n", " ").strip()
        if len(shop) > MAXIMUM_SHOP:
            raise Refused("members/shop_too_long", maximum=MAXIMUM_SHOP)
        for_the_register(shop, user=user, region=region)
        await self.ask(asked, user, Role.MEMBER, region, shop or None)

    async def ask(
        self,
        asked: Asked,
        user: UserID,
        role: Role,
        region: RegionCode | None = None,
        shop: str | None = None,
    ) -> None:
        """Let somebody in as soon as it is known that they exist and may.

        Raises:
            Refused: they may not, or are in already.
        """
        invitation = Invitation(
            user, role, region, shop, asked.person.user, asked.now, asked.message.event_id
        )
        if user == self._configuration.bot_user:
            raise Refused("members/is_the_bot")
        if not self._roster.may_take_part(user):
            raise Refused("members/server_not_allowed", server=server_of(user))
        may_be_invited(self._roster, user, role, region)
        if self._roster.person(user) is not None:
            # They are in: another region, or another role. Nobody has to be looked for.
            await self._let_in(asked.work, invitation, asked.now)
            return
        await self._invitations.put(asked.work, invitation)
        await lookups.ask(asked.work, user)

    async def looked_up(self, work: Work, user: UserID, found: Existence, now: datetime) -> None:
        """Go on with an invitation once it is known whether there is such a user."""
        invitation = await self._invitations.of(work, user)
        if invitation is None or invitation.stage is not Stage.LOOKING:
            return
        if found is not Existence.THERE:
            await self._invitations.drop(work, user)
            template = "nobody" if found is Existence.NOBODY else "server_silent"
            await self._tell(work, invitation, f"members/{template}", now)
        elif invitation.by not in self._roster.coordinators:
            # Who asked was removed in the meantime.
            await self._invitations.drop(work, user)
        elif self._configuration.invitations.second_coordinator:
            await self._invitations.put(work, replace(invitation, stage=Stage.VOUCHING))
            card = self._say(invitation, "members/vouch", name=invitation.name)
            await self._speaker.say(work, [card, React(ReviewRoom(), invitation.name, VOUCH)], now)
        else:
            try:
                await self._let_in(work, invitation, now)
            except Refused as refused:
                say = Say(ReviewRoom(), refused.template, refused.values)
                await self._speaker.say(work, [say], now)

    async def react(
        self, work: Work, reaction: Reaction, trusted: Collection[str], now: datetime
    ) -> bool:
        """Take a second coordinator's ✅ on an invitation; tell whether it was one."""
        user = user_in(reaction.target_name)
        if user is None or reaction.emoji != VOUCH:
            return False
        if reaction.sender in self._roster.coordinators:
            try:
                if server_of(reaction.sender) not in trusted:
                    raise Refused("members/vouch_by_typing", user=user)
                await self._confirm(work, user, reaction.sender, now)
            except Refused as refused:
                say = Say(
                    ReviewRoom(),
                    refused.template,
                    refused.values,
                    mentions=frozenset({reaction.sender}),
                )
                await self._speaker.say(work, [say], now)
        return True

    async def confirm(self, asked: Asked) -> None:
        """``!bevestig @user:hs``: what a ✅ on the invitation does."""
        user, _ = split_user(asked.argument, self._roster)
        await self._confirm(asked.work, user, asked.person.user, asked.now)

    async def _confirm(self, work: Work, user: UserID, by: UserID, now: datetime) -> None:
        invitation = await self._invitations.of(work, user)
        if invitation is None or invitation.stage is not Stage.VOUCHING:
            raise Refused("members/nothing_to_confirm", user=user)
        if invitation.by == by:
            raise Refused("members/another_confirms", user=user)
        if invitation.by not in self._roster.coordinators:
            await self._invitations.drop(work, user)
            raise Refused("members/nothing_to_confirm", user=user)
        await self._audit.record(work, Entry(Deed.VOUCHED, by=by, about=user), now)
        await self._let_in(work, invitation, now)

    async def _let_in(self, work: Work, invitation: Invitation, now: datetime) -> None:
        user, region = invitation.user, invitation.region
        await self._invitations.drop(work, user)
        if region is not None and region not in self._regions:
            # It was closed in the meantime.
            await self._tell(work, invitation, "members/region_closed", now)
            return
        before = self._roster.person(user)
        may_be_invited(self._roster, user, invitation.role, region)
        person = let_in(
            self._roster,
            user,
            invitation.role,
            region,
            invitation.shop,
            self._configuration.network.language,
        )
        await self._departures.forget(work, user)
        await self._register.put(work, person, now)
        details: dict[str, str] = {"role": invitation.role.value}
        if region is not None:
            details["region"] = region
        entry = Entry(Deed.INVITED, by=invitation.by, about=user, details=details)
        await self._audit.record(work, entry, now)
        if before is None:
            await self._tell(work, invitation, "members/invited", now)
            return
        await self._tell(work, invitation, "members/moved", now)
        if before.is_member and region is not None and region != before.region:
            values = {"region": self._regions.name(region), "closed": False}
            told = Say(PrivateRoom(user), "member/region_moved", values)
            await self._speaker.say(work, [told], now)

    async def _tell(self, work: Work, invitation: Invitation, template: str, now: datetime) -> None:
        await self._speaker.say(work, [self._say(invitation, template)], now)

    def _say(self, invitation: Invitation, template: str, name: str | None = None) -> Say:
        region = invitation.region
        return Say(
            ReviewRoom(),
            template,
            {
                "user": invitation.user,
                "by": invitation.by,
                "server": server_of(invitation.user),
                "role": invitation.role,
                "region": None if region is None else self._regions.name(region),
                "shop": invitation.shop,
            },
            name=name or f"{invitation.name}/{template.rpartition('/')[2]}",
            reply_to=invitation.event,
        )
