"""What the desk hears of rooms that are not as they should be.

The keeper puts them right (:mod:`appservice.rooms.keeper`): strangers out, guards back. Who did
it, and what could not be put right, is for people to look at. The same is said once an hour: who
comes back again and again must not keep everyone's phone ringing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from appservice.database import Work
from appservice.events import Membership, MembershipChange, Tampered
from appservice.ids import UserID
from appservice.rooms import records
from appservice.rooms.directory import Published
from appservice.rooms.keeper import RepairRefused
from appservice.rooms.plan import Invite, Remove, RoomKey, SetState, Unban
from bridge.places import Place, ReviewRoom, key_of
from bridge.speech import Say, Speaker


class Guarding:
    """Tells the desk.

    Args:
        bot: never a stranger.
        speaker: tells the desk.
    """

    def __init__(self, bot: UserID, speaker: Speaker) -> None:
        self._bot = bot
        self._speaker = speaker

    async def moved(self, work: Work, place: Place, event: MembershipChange, now: datetime) -> bool:
        """Call out who is in a room, or invited, and does not belong there; tell whether one is."""
        if event.user == self._bot or event.membership not in (
            Membership.JOIN,
            Membership.INVITE,
        ):
            return False
        if await records.belongs(work, key_of(place), event.user):
            return False
        plan = await records.plan_of(work, key_of(place))
        if plan is None or event.user in plan.members:
            return False
        say = Say(
            ReviewRoom(),
            "rooms/stranger",
            {
                "user": event.user,
                "sender": event.sender,
                "room": plan.name,
                "invited": event.membership is Membership.INVITE,
                "alone": event.sender == event.user,
            },
            name=f"stranger/{plan.key}/{event.user}/{event.membership}/{_hour(now)}",
        )
        await self._speaker.say(work, [say], now)
        return True

    async def tampered(self, work: Work, place: Place, event: Tampered, now: datetime) -> None:
        """Call out that the guards of a room were changed; power given to somebody is an alarm."""
        people = " ".join(event.raised)
        values = {
            "sender": event.sender,
            "bot": event.sender == self._bot,
            "room": await self._name(work, key_of(place)),
            "what": event.type,
            "raised": list(event.raised),
        }
        say = Say(
            ReviewRoom(),
            "rooms/tampered",
            values,
            name=f"tampered/{key_of(place)}/{event.type}/{people}/{_hour(now)}",
            alerts_room=bool(event.raised),
        )
        await self._speaker.say(work, [say], now)

    async def amiss(self, work: Work, what: RepairRefused | Published, now: datetime) -> None:
        """Call out what the keeper cannot put right, or found where strangers look for rooms."""
        if isinstance(what, Published):
            await self._published(work, what, now)
        else:
            await self._repair_refused(work, what, now)

    async def _published(self, work: Work, found: Published, now: datetime) -> None:
        values = {
            "room": await self._name(work, found.key),
            "listed": found.listed,
            "unlisted": found.unlisted,
            "aliases": list(found.aliases),
            "unnamed": found.unnamed,
        }
        # Aliases stay where only an administrator can take them away: of each it is said once.
        what = hashlib.sha256(" ".join(sorted(found.aliases)).encode()).hexdigest()[:12]
        name = f"published/{found.key}/{what}/{now.date() if found.listed else ''}"
        await self._speaker.say(
            work, [Say(ReviewRoom(), "rooms/published", values, name=name)], now
        )

    async def _name(self, work: Work, key: RoomKey) -> str:
        plan = await records.plan_of(work, key)
        return key if plan is None else plan.name

    async def _repair_refused(self, work: Work, refused: RepairRefused, now: datetime) -> None:
        user: UserID | None = None
        match refused.what:
            case SetState(what, _, _):
                pass
            case Invite(user) | Unban(user):
                what = "invite"
            case Remove(user):
                what = "remove"
        values = {
            "room": await self._name(work, refused.key),
            "what": what,
            "user": user,
        }
        day = now.date().isoformat()
        name = f"not repaired/{refused.key}/{what}/{user or ''}/{day}"
        await self._speaker.say(
            work, [Say(ReviewRoom(), "rooms/not_repaired", values, name=name)], now
        )


def _hour(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H")
