"""Erasing a person (AVG, article 17): everything that names them, and what only they said.

::

    out of the roster ─▶ their reports: cut down to what others were told, or to a figure
                      ─▶ their tips: taken back from the moderators' room
                      ─▶ their conversation: redacted in the rooms ─▶ keys, devices, choices
                      ─▶ the audit log: what was done stays, by nobody

What stays, and why, is :data:`STAYS`: an operator reads it, and PRIVACY.md says the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Column, delete, or_, select, update

from appservice import forgetting, scrubbing
from appservice.database import Work, metadata
from appservice.encryption.devices import devices
from appservice.encryption.olm import olm_sessions
from appservice.ids import RoomID, UserID
from appservice.outbox import outbox
from appservice.rooms import errands
from appservice.rooms.errands import Errand
from appservice.rooms.records import rooms
from bridge.audit import Audit, Deed, Entry, Office
from bridge.configuration import Configuration
from bridge.members.invitations import invitations
from bridge.members.records import people
from bridge.members.register import seeds
from bridge.moderation.bulletins import forget_maker
from bridge.places import PrivateRoom, key_of
from bridge.privacy.clearing import Clearing
from bridge.privacy.terms import Due
from bridge.reports.case import NOBODY, Case, Status
from bridge.reports.case_keys import Stage
from bridge.reports.records import CaseRecords, cases
from bridge.tips import records as tips

RULE = "right-to-erasure"

STAYS = (
    "alerts that others had, until their time is over: there is no name or shop in them",
    "figures: choices and numbers alone",
    "the audit log, until its time is over: what was done, by somebody without a name",
    "what the homeserver keeps of the account, of rooms and of redacted messages, for its time",
    "what others' devices have already received: nobody can take that back",
    "copies of the database made earlier: use them only to erase again after putting one back",
)

_BY_PERSON = ("user_id", "sender", "state_key", "tipster")
"""Columns by which tables know a person. One that is not among them shows in a test."""

_DECIDERS = ("decided_by", "decided_with", "claimed_by", "asked_by")


class StillTakesPart(Exception):
    """Somebody has to be out of every room before they can be erased."""


class Erasing:
    """Erases people.

    Args:
        records: the cases.
        clearing: erases one.
        audit: hears of it, and forgets the name.
        bot: the bot's user id.
    """

    def __init__(self, records: CaseRecords, clearing: Clearing, audit: Audit, bot: UserID) -> None:
        self._records = records
        self._clearing = clearing
        self._audit = audit
        self._bot = bot

    async def knows(self, work: Work, user: UserID) -> bool:
        """Tell whether anything is stored about somebody, or the log has their name."""
        held = [
            select(table.c[name]).where(table.c[name] == user).limit(1)
            for table in metadata.sorted_tables
            for name in (*_BY_PERSON, *_DECIDERS, "reporter")
            if name in table.c
        ]
        for query in held:
            if (await work.execute(query)).first() is not None:
                return True
        return await self._audit.knows(work, user)

    async def erase(
        self, work: Work, user: UserID, configuration: Configuration, now: datetime
    ) -> int:
        """Erase somebody; return how many reports of theirs were erased or cut down.

        Raises:
            StillTakesPart: they are in the records, or the configuration names them.
        """
        entered = await work.execute(select(people.c.user_id).where(people.c.user_id == user))
        if entered.first() is not None or user in named_in(configuration):
            raise StillTakesPart
        reports = await self._reports(work, user, now)
        for tip in await tips.by(work, user):
            await forgetting.forget_named(work, tip.name(""))
        await self._conversation(work, user, now)
        await self._decisions(work, user)
        await work.execute(delete(invitations).where(invitations.c.asked_by == user))
        await work.execute(delete(seeds).where(seeds.c.entry.contains(user, autoescape=True)))
        await self._everywhere(work, user)
        await scrubbing.want(work)
        await self._audit.record(
            work,
            Entry(Deed.ERASED, by=Office.OPERATOR, about=user, details={"reports": reports}),
            now,
        )
        await self._audit.forget_person(work, user)
        return reports

    async def _reports(self, work: Work, user: UserID, now: datetime) -> int:
        done = 0
        for case, stage in await self._records.of_reporter(work, user):
            what = _of(case, stage)
            if what is Due.NOTHING:
                continue
            await self._clearing.clear(work, case, what, now, rule=RULE)
            done += 1
        return done

    async def _conversation(self, work: Work, user: UserID, now: datetime) -> None:
        room, later = key_of(PrivateRoom(user)), now + timedelta(days=1)
        await forgetting.drop_waiting(work, [room])
        await forgetting.forget_named(work, "", only_to=room)
        erase: Sequence[Callable[[], Awaitable[int]]] = (
            lambda: forgetting.forget_sent(work, [room], later, 500, but_named="case/"),
            lambda: forgetting.forget_heard(work, later, 500, bot=self._bot, sender=user),
            lambda: forgetting.forget_room_keys(work, later, sender=user),
        )
        for part in erase:
            while await part():
                pass
        # What still waits for them, and messages to others whose name has theirs in it.
        await work.execute(delete(outbox).where(outbox.c.target == room))
        await work.execute(
            update(outbox).where(outbox.c.name.contains(user, autoescape=True)).values(name=None)
        )
        known = await work.execute(select(rooms.c.room_id).where(rooms.c.key == room))
        for own in known.scalars():
            if own is not None:
                await errands.put(work, Errand.LEAVE, RoomID(own))
        await work.execute(delete(rooms).where(rooms.c.key == room))

    async def _decisions(self, work: Work, user: UserID) -> None:
        for name in _DECIDERS:
            column: Column[str] = cases.c[name]
            await work.execute(update(cases).where(column == user).values({name: None}))
        await forget_maker(work, user)
        await work.execute(
            update(cases)
            .where(cases.c.pending.contains(user, autoescape=True))
            .values(pending=None)
        )
        for case in await self._records.of_status(
            work, *(status for status in Status if status is not Status.PURGED)
        ):
            words = tuple(
                replace(word, by=NOBODY) if word.by == user else word for word in case.afterwords
            )
            if words != case.afterwords:
                await self._records.save(work, replace(case, afterwords=words))

    async def _everywhere(self, work: Work, user: UserID) -> None:
        keys = select(devices.c.curve25519).where(devices.c.user_id == user)
        await work.execute(delete(olm_sessions).where(olm_sessions.c.curve25519.in_(keys)))
        for table in metadata.sorted_tables:
            by_person = [table.c[name] for name in _BY_PERSON if name in table.c]
            if by_person:
                await work.execute(delete(table).where(or_(*(col == user for col in by_person))))


def named_in(configuration: Configuration) -> frozenset[UserID]:
    """Return everyone whom a start of the service would let in."""
    return frozenset(
        [
            *(member.user for member in configuration.members),
            *configuration.moderators,
            *configuration.coordinators,
            *(liaison.user for liaison in configuration.liaisons),
        ]
    )


def _of(case: Case, stage: Stage) -> Due:
    """Return what goes of a report whose reporter is erased: the alert is everyone's by now."""
    if case.number is None:
        return Due.ROW
    if case.status in (Status.PUBLISHED, Status.CLOSED):
        return Due.PRIVATE_PART if stage is Stage.WHOLE else Due.NOTHING
    # One that is erased already and has their name still is of a copy that was put back.
    return Due.TEXT
