"""The network: every topic, made once and joined to what the application service tells.

::

    an event of a room of ours ─▶ hearing ────────▶ a topic
    of another room ────────────▶ strange_rooms
    time ───────────────────────▶ chores ─────────▶ each topic looks for what is due
    a user looked up, a room amiss, a message set aside ─▶ the topic that asked, or is to know

Afterwards the rooms follow whoever takes part now. Decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from appservice.chores import Chore, Look
from appservice.database import Work
from appservice.encryption.trust import DeviceKeys, KeySharing
from appservice.events import Event
from appservice.faults import SetAside
from appservice.forgetting import drop_waiting
from appservice.handling import Handled
from appservice.ids import EventID, RoomID, UserID
from appservice.lookups import Existence
from appservice.outbox import Outbox
from appservice.rooms import records
from appservice.rooms.directory import Published
from appservice.rooms.keeper import RepairRefused
from appservice.rooms.upgrades import UpgradeRefused
from appservice.vault import Vault
from bridge.audit import Audit
from bridge.configuration import Configuration
from bridge.gate import screen
from bridge.hearing import Hearing, Topics
from bridge.members.coordinating import Coordinating
from bridge.members.register import Register
from bridge.members.roster import Roster
from bridge.members.servers import shut_out
from bridge.moderation.late import late_alert
from bridge.moderation.room import ModeratorsRoom
from bridge.places import ReviewRoom, place_of, plans
from bridge.police.liaison import Liaisons
from bridge.police.relaying import Relaying
from bridge.police.returning import Returning
from bridge.police.words import OfficersWords
from bridge.privacy.privacy import Privacy
from bridge.private_room import PrivateRooms
from bridge.regions import Regions
from bridge.reports import parse
from bridge.reports.records import CaseRecords
from bridge.speech import Say, Speaker
from bridge.strange_rooms import StrangeRooms
from bridge.tips import Tipping
from bridge.tips import records as tips
from bridge.wording import Wording


class Network:
    """The domain that :class:`appservice.service.Service` serves.

    Args:
        configuration: names, language, and whom the records begin with.
        vault: seals what people write.
        wording: every word that is said.
        clock: tells the time, UTC.
    """

    def __init__(
        self,
        configuration: Configuration,
        vault: Vault,
        wording: Wording,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._configuration = configuration
        self._vault = vault
        self._wording = wording
        self._clock = clock
        trusted = configuration.reactions.trusted_homeservers
        self._register = Register(vault, configuration.may_take_part, configuration.police.units)
        self._roster, self._regions = self._register.roster, self._register.regions
        self._speaker = speaker = Speaker(
            Outbox(vault), wording, self._roster, configuration.network.language
        )
        cases, audit, words = CaseRecords(vault), Audit(vault), OfficersWords(vault)
        relaying = Relaying(configuration, self._roster, self._regions, speaker, wording, words)
        tipping = Tipping(cases, speaker, self._roster, audit, trusted)
        self._moderators = ModeratorsRoom(
            configuration,
            self._regions,
            self._roster,
            cases,
            vault,
            speaker,
            audit,
            relaying,
            words,
            tipping.followers,
        )
        also = (self._moderators.forget, tips.forget)
        notes = self._moderators.notes
        self.privacy = Privacy(configuration, vault, cases, notes, audit, speaker, also)
        self._private = PrivateRooms(
            configuration,
            vault,
            self._regions,
            cases,
            speaker,
            audit,
            self._moderators,
            tipping,
            self.privacy.rights,
        )
        self._strange = StrangeRooms(configuration.bot_user, self._roster, speaker)
        clear = (self._private.drafts.throw_away, self._strange.forget)
        self._coordinating = Coordinating(
            configuration, vault, self._register, speaker, audit, clear
        )
        announcing = self._moderators.announcing
        liaisons = Liaisons(cases, self._regions, relaying, speaker, audit, words, announcing)
        late_after = timedelta(minutes=configuration.network.late_after_minutes)
        self._returning = Returning(cases, self._regions, self._roster, speaker, late_after)
        topics = Topics(self._private, tipping, self._moderators, self._coordinating, liaisons)
        self._hearing = Hearing(
            topics,
            self._roster,
            self._regions,
            speaker,
            trusted,
            all_devices=configuration.encryption.share_keys_with is KeySharing.ALL,
        )
        self._planned: str | None = None

    @property
    def roster(self) -> Roster:
        """Who takes part now."""
        return self._roster

    @property
    def regions(self) -> Regions:
        """Which regions there are now."""
        return self._regions

    def read_ahead(self) -> None:
        """Read the rules of the gate, and of reports in free words."""
        screen("jan de vries")
        parse("overval utrecht", self._clock(), self._configuration.network.timezone)

    @property
    def chores(self) -> Sequence[Chore]:
        """What the topics look after by themselves; see :mod:`appservice.chores`."""
        return (
            Chore("erasing what had its time", self._sweep),
            *(self._chore(*chore) for chore in self._moderators.chores),
            Chore("following the register", self._follow_register),
            self._chore("calling out changed identities", self._coordinating.trusting.look),
            self._chore("saying what is verified now", self._coordinating.trusting.verified),
            self._chore("seeing people out", self._coordinating.leaving.see_out),
            *(self._chore(*chore) for chore in self._private.chores),
        )

    def _chore(self, name: str, run: Look) -> Chore:
        async def informed(work: Work, now: datetime) -> Handled:
            # It may come before the first event: who takes part is not read yet.
            await self._register.look(work)
            return await run(work, now)

        return Chore(name, informed)

    async def _sweep(self, work: Work, now: datetime) -> Handled:
        swept = await self.privacy.sweep.look(work, now)
        return Handled(erased=swept is not None and swept.over and bool(swept.erased))

    async def started(self, work: Work) -> None:
        """Record which rooms there should be; see :class:`appservice.network.Network`."""
        await self._register.seed(work, self._configuration, self._clock())
        await self._rooms_follow(work)
        await self._speaker.say(work, shut_out(self._roster), self._clock())

    async def _follow_register(self, work: Work, now: datetime) -> Handled:
        await self._register.look(work)
        followed = await self._rooms_follow(work)
        # Whatever was put out since for a room that is closed has nobody to read it.
        await drop_waiting(work, await records.closed(work))
        return followed

    async def _rooms_follow(self, work: Work) -> Handled:
        """Plan the rooms anew if who takes part, or a region, is other than when they were."""
        if self._planned is not None and self._planned == self._register.mark:
            return Handled()
        wanted = plans(
            self._configuration,
            self._regions,
            self._roster,
            self._wording,
            self._vault.pseudonym,
        )
        await records.set_plans(work, wanted)
        await drop_waiting(work, await records.closed(work))
        self._planned = self._register.mark
        return Handled(rooms_changed=True)

    async def left_out(self, work: Work, room: RoomID, devices: Sequence[DeviceKeys]) -> None:
        """Tell the owners of devices that get no keys what to do, once a device."""
        await self._register.look(work)
        key = await records.key_of(work, room)
        if key is not None:
            trusting = self._coordinating.trusting
            await trusting.left_out(work, place_of(key), devices, self._clock())

    async def looked_up(self, work: Work, user: UserID, found: Existence) -> Handled:
        """Go on with an invitation once it is known whether there is such a user."""
        await self._register.look(work)
        await self._coordinating.inviting.looked_up(work, user, found, self._clock())
        return await self._rooms_follow(work)

    async def homeserver_back(self, work: Work, server: str, since: datetime) -> None:
        """Say to the police on a homeserver that was away what they missed."""
        await self._register.look(work)
        await self._returning.back(work, server, since, self._clock())

    async def room_amiss(self, work: Work, what: RepairRefused | Published) -> None:
        """Tell the moderators' room of what the keeper cannot put right, or found published."""
        await self._coordinating.guarding.amiss(work, what, self._clock())

    async def upgrade_refused(self, work: Work, refused: UpgradeRefused) -> None:
        """Tell the moderators' room that somebody closed a room of ours."""
        plan = await records.plan_of(work, refused.key)
        values = {
            "room": refused.key if plan is None else plan.name,
            "sender": refused.sender,
            "fault": refused.fault.value,
            "replaced": refused.replaced,
        }
        say = Say(ReviewRoom(), "review/upgrade_refused", values)
        await self._speaker.say(work, [say], self._clock())

    async def set_aside(self, work: Work, what: SetAside) -> None:
        """Tell the moderators' room of something the service could not handle, or not send."""
        prefix = "set aside/"
        if what.name is not None and what.name.startswith(prefix):
            # To tell that the telling failed would fail likewise, for ever.
            return
        say = Say(
            ReviewRoom(),
            f"review/set_aside_{what.direction}",
            {"number": what.seq},
            name=f"{prefix}{what.direction}/{what.seq}",
        )
        await self._speaker.say(work, [say], self._clock())

    async def sent_late(self, work: Work, name: str | None, waited: timedelta) -> None:
        """Tell the moderators of an alert that goes out late, in the thread of its card."""
        late = late_alert(name, waited, self._regions)
        if late is not None:
            await self._speaker.say(work, [late], self._clock())

    async def redacted(self, work: Work, room: RoomID, event: EventID, *, taken: bool) -> None:
        """Hear what became of a redaction."""
        await self._register.look(work)
        await self._moderators.withdrawal.redacted(work, event, self._clock(), taken=taken)

    async def handle(self, work: Work, event: Event) -> Handled:
        """Answer one event; see :class:`appservice.handling.Domain`."""
        await self._register.look(work)
        handled = await self._handle(work, event)
        followed = await self._rooms_follow(work)
        rooms_changed = handled.rooms_changed or followed.rooms_changed
        return replace(handled, rooms_changed=rooms_changed)

    async def _handle(self, work: Work, event: Event) -> Handled:
        key = await records.key_of(work, event.room_id)
        if key is None:
            return await self._strange.happens(work, event, self._clock())
        return await self._hearing.happens(work, key, place_of(key), event, self._clock())
