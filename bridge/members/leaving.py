"""Out: removed by a coordinator, or gone by themselves.

::

    !verwijder @user ─┐                    ┌─ drafts thrown away, what waits for them dropped
    left a room ──────┴─▶ out of the register ─▶ rooms follow ─▶ in none any more ─▶ desk is told

Who is out of the register gets no key of what is said from then on: every room's session is made
anew before its next message (:mod:`appservice.encryption.sharing`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from appservice.database import Work
from appservice.forgetting import drop_waiting
from appservice.handling import Handled
from appservice.ids import UserID
from appservice.rooms import records
from bridge.audit import Audit, Deed, Entry
from bridge.commands import Asked
from bridge.gate.entering import for_the_log
from bridge.members.decisions import may_be_removed
from bridge.members.departures import Departure, Departures
from bridge.members.invitations import Invitations
from bridge.members.naming import split_user
from bridge.members.register import Register
from bridge.members.roster import Person, Role
from bridge.places import Place, PrivateRoom, ReviewRoom, key_of
from bridge.reasons import fits
from bridge.speech import Refused, Say, Speaker

CALLED_OUT_AFTER: Final = timedelta(minutes=10)
"""After which the desk hears that somebody is still in a room: two looks of the keeper."""

Clear = Callable[[Work, UserID], Awaitable[None]]
"""Throws away what somebody had not sent yet."""


class Leaving:
    """Answers ``!verwijder``, and sees everyone out who is out.

    Args:
        register: who takes part.
        invitations: those that are not through yet.
        departures: who is being taken out.
        clear: what else of somebody's is thrown away: drafts.
        speaker: tells the desk.
        audit: keeps who removed whom.
    """

    def __init__(
        self,
        register: Register,
        invitations: Invitations,
        departures: Departures,
        clear: Sequence[Clear],
        speaker: Speaker,
        audit: Audit,
    ) -> None:
        self._register = register
        self._roster, self._regions = register.roster, register.regions
        self._invitations = invitations
        self._departures = departures
        self._clear = tuple(clear)
        self._speaker = speaker
        self._audit = audit

    async def remove(self, asked: Asked) -> None:
        """``!verwijder @user:hs [reason]``."""
        user, reason = split_user(asked.argument, self._roster)
        fits(reason)
        if reason:
            for_the_log(reason)
        invited = await self._invitations.drop(asked.work, user)
        person = self._roster.entered(user)
        if person is None and not invited:
            raise Refused("members/unknown", user=user)
        entry = Entry(Deed.REVOKED, by=asked.person.user, about=user, reason=reason or None)
        if person is None:
            await self._audit.record(asked.work, entry, asked.now)
            say = Say(asked.place, "members/not_invited", {"user": user})
            await self._say(asked.work, say, asked.now)
            return
        may_be_removed(self._roster, person)
        await self.take_out(asked.work, person, asked.now)
        await self._audit.record(asked.work, entry, asked.now)
        await self._say(
            asked.work,
            Say(
                asked.place,
                "members/removing",
                {"user": user},
                reply_to=asked.message.event_id,
            ),
            asked.now,
        )

    async def left(self, work: Work, place: Place, person: Person, now: datetime) -> bool:
        """Take out everywhere who left one room by themselves; tell whether they are out now.

        The last coordinator is not: nobody could let them in again.
        """
        plan = await records.plan_of(work, key_of(place))
        if plan is None or person.user not in plan.members:
            return False
        values = {
            "user": person.user,
            "room": plan.name,
            "shop": person.shop,
            "region": person.region if person.is_member else None,
            "serves": min(person.liaison_for, default=None),
            "coordinates": Role.COORDINATOR in person.roles,
        }
        try:
            may_be_removed(self._roster, person)
        except Refused as refused:
            await self._say(work, Say(ReviewRoom(), refused.template, refused.values), now)
            return False
        await self.take_out(work, person, now)
        await self._audit.record(work, Entry(Deed.LEFT, by=person.user, about=person.user), now)
        await self._say(work, Say(ReviewRoom(), "members/left", values), now)
        return True

    async def see_out(self, work: Work, now: datetime) -> Handled:
        """Tell the desk of who is in no room any more, and of who still is after a while."""
        for departure in await self._departures.all(work):
            rooms = await records.still_in(work, departure.user)
            values = {"user": departure.user, "count": len(rooms)}
            if not rooms:
                await self._departures.forget(work, departure.user)
                name = f"{departure.name}/out"
                await self._say(work, Say(ReviewRoom(), "members/out", values, name=name), now)
            elif now - departure.since > CALLED_OUT_AFTER:
                name = f"{departure.name}/still in"
                say = Say(ReviewRoom(), "members/still_in", values, name=name)
                await self._say(work, say, now)
        return Handled()

    async def take_out(self, work: Work, person: Person, now: datetime) -> None:
        """Take somebody out of the register, and throw away what waits from and for them."""
        user = person.user
        for clear in self._clear:
            await clear(work, user)
        await drop_waiting(work, [key_of(PrivateRoom(user))])
        await self._register.drop(work, user)
        await self._departures.put(work, Departure(user, now))

    async def _say(self, work: Work, say: Say, now: datetime) -> None:
        await self._speaker.say(work, [say], now)
