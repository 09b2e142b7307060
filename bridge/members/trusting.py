"""Members whose devices get no keys: what they and the desk hear, and what puts it right.

::

    a device gets no key ─┬─ its owner has not verified it ─▶ a word to the owner, who verifies it
                          │                                        └─▶ that word says so
                          └─ their identity changed ─▶ a word to the owner, a call on the desk
                                                              │
                             !vertrouw @user, by a coordinator who knows that it is they ─▶ keys

A changed identity is what somebody sees who reset their account, and what the member of a
homeserver sees whose administrator reads along: only a person can tell which it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from appservice.database import Work
from appservice.encryption import standing
from appservice.encryption.devices import known
from appservice.encryption.standing import Standing
from appservice.encryption.trust import DeviceKeys
from appservice.handling import Handled
from appservice.ids import UserID
from appservice.outbox import deliveries, event_of
from bridge.audit import Audit, Deed, Entry, Office
from bridge.commands import Asked
from bridge.members.naming import split_user
from bridge.members.roster import Person, Roster
from bridge.places import Place, PrivateRoom, ReviewRoom, place_of
from bridge.speech import Refused, Say, Speaker

_WARNING = "not verified/"
_AFTER_ALL = "/after all"


class Trusting:
    """Tells whom no keys reach, and answers ``!vertrouw``.

    Args:
        roster: who takes part.
        speaker: tells the desk and the members.
        audit: keeps who accepted whose identity.
    """

    def __init__(self, roster: Roster, speaker: Speaker, audit: Audit) -> None:
        self._roster = roster
        self._speaker = speaker
        self._audit = audit
        self._warned: dict[str, tuple[UserID, Place]] | None = None
        """By its name, to whom and where it was said that a device gets no key, while the device is
        not verified; None until it was read."""

    async def left_out(
        self, work: Work, place: Place, devices: Sequence[DeviceKeys], now: datetime
    ) -> None:
        """Tell the owners of devices that get no key to a place, once for each cause.

        In clear: they could read nothing else, and it tells nothing.
        """
        changed = {
            user: found
            for user in {device.user for device in devices}
            if (found := await standing.changed(work, user)) is not None
        }
        says: list[Say] = []
        for device in devices:
            person = self._roster.person(device.user)
            if person is not None and device.user not in changed:
                to = _where(person, place)
                says.append(_unverified(device, to))
                if self._warned is not None:
                    self._warned.setdefault(_warning(device), (device.user, to))
        for user, identity in sorted(changed.items()):
            person = self._roster.person(user)
            if person is not None:
                says += _changed(person, identity.master, _where(person, place))
        await self._speaker.say(work, says, now)

    async def look(self, work: Work, now: datetime) -> Handled:
        """Call out changed identities that nobody heard of yet, wherever keys go to all devices."""
        for user, identity in (await standing.all_changed(work)).items():
            person = self._roster.person(user)
            if person is not None:
                says = _changed(person, identity.master, _where(person, ReviewRoom()))
                await self._speaker.say(work, says, now)
        return Handled()

    async def verified(self, work: Work, now: datetime) -> Handled:
        """Let the word that a device gets no key say that it is verified, once it is.

        Else it stands in the room as a fault that nobody has to mend any more.
        """
        if self._warned is None:
            self._warned = await self._read_warned(work)
        if not self._warned:
            return Handled()
        for device in await known(work, {user for user, _ in self._warned.values()}):
            name = _warning(device)
            if not device.signed or name not in self._warned:
                continue
            _, place = self._warned[name]
            if await event_of(work, f"{name}{_AFTER_ALL}") is not None:
                del self._warned[name]
            elif await event_of(work, name) is not None:
                await self._speaker.say(work, [_verified(device, place)], now)
        return Handled()

    async def trust(self, asked: Asked) -> None:
        """``!vertrouw @user:hs``: from now on the identity that they have now counts."""
        user, _ = split_user(asked.argument, self._roster)
        person = self._roster.person(user)
        if person is None:
            raise Refused("members/unknown", user=user)
        if user == asked.person.user:
            raise Refused("members/another_trusts", user=user)
        await self.accept(asked.work, person, asked.person.user, asked.now)
        done = Say(asked.place, "members/trusted", {"user": user}, reply_to=asked.message.event_id)
        await self._speaker.say(asked.work, [done], asked.now)

    async def accept(self, work: Work, person: Person, by: UserID | Office, now: datetime) -> None:
        """Pin the identity somebody has now, and tell them.

        Raises:
            Refused: it did not change, or there is none to pin.
        """
        identity = await standing.changed(work, person.user)
        if identity is None:
            raise Refused("members/not_changed", user=person.user)
        if identity.master is None:
            raise Refused("members/no_identity", user=person.user)
        await standing.accept(work, person.user)
        await self._audit.record(work, Entry(Deed.TRUSTED, by=by, about=person.user), now)
        if person.is_member:
            told = Say(PrivateRoom(person.user), "device/identity_trusted")
            await self._speaker.say(work, [told], now)

    async def standings(self, work: Work, people: Iterable[Person]) -> dict[UserID, Standing]:
        """Return how each one's devices stand."""
        return await standing.standings(work, [person.user for person in people])

    async def _read_warned(self, work: Work) -> dict[str, tuple[UserID, Place]]:
        told = {sent.name: place_of(sent.target) for sent in await deliveries(work, _WARNING)}
        if not told:
            return {}
        everyone = await known(work, [person.user for person in self._roster.people])
        return {
            name: (device.user, told[name])
            for device in everyone
            if (name := _warning(device)) in told
        }


def _where(person: Person, place: Place) -> Place:
    return PrivateRoom(person.user) if person.is_member else place


def _warning(device: DeviceKeys) -> str:
    return f"{_WARNING}{device.user}/{device.device}"


def _verified(device: DeviceKeys, to: Place) -> Say:
    name = _warning(device)
    values = {"user": device.user, "device": device.device}
    return Say(to, "device/verified", values, name=f"{name}{_AFTER_ALL}", edits=name, clear=True)


def _unverified(device: DeviceKeys, to: Place) -> Say:
    return Say(
        to,
        "device/not_verified",
        {"user": device.user, "device": device.device},
        name=_warning(device),
        mentions=frozenset({device.user}),
        clear=True,
    )


def _changed(person: Person, master: str | None, to: Place) -> list[Say]:
    name = f"identity/{person.user}/{master or 'none'}"
    values = {"user": person.user, "shop": person.shop}
    return [
        Say(
            to,
            "device/identity_changed",
            values,
            name=f"{name}/owner",
            mentions=frozenset({person.user}),
            clear=True,
        ),
        Say(ReviewRoom(), "members/identity_changed", values, name=name, alerts_room=True),
    ]
