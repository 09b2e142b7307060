"""What is stored about somebody, for themselves to read (AVG, article 15).

::

    !inzage ─▶ every table that knows them ─▶ OwnData ─▶ a text file in their private room

Everything is told at once: nobody has to ask twice, and nobody decides what is shown. What others
wrote about their reports, a moderator's reason, is theirs to read as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from appservice.attachments import Attachment
from appservice.database import Work
from appservice.encryption.devices import devices
from appservice.encryption.inbound import inbound_group_sessions
from appservice.forgetting import forget_waiting
from appservice.ids import DeviceID
from appservice.inbox import inbox
from appservice.outbox import Status, outbox
from appservice.rooms.records import membership, rooms
from appservice.times import from_milliseconds
from bridge.audit import Audit, Deed, Entry, Recorded
from bridge.commands import Asked
from bridge.members.preferences import chosen_language
from bridge.members.records import people
from bridge.members.roster import Person
from bridge.moderation.notes import Note, Notes
from bridge.places import PrivateRoom, ReviewRoom, key_of
from bridge.privacy.terms import Terms
from bridge.reports.case import AfterwordKind, Case
from bridge.reports.records import CaseRecords
from bridge.reports.shown import Audience, lines
from bridge.speech import Attach, Refused, Say, Speaker
from bridge.tips.records import tips
from bridge.wording import Language

_TOLD = {
    AfterwordKind.UPDATE: Deed.UPDATED,
    AfterwordKind.OUTCOME: Deed.CLOSED,
    AfterwordKind.WITHDRAWAL: Deed.WITHDRAWN,
}
_RULE = f"\n\n{'-' * 40}\n\n"
"""Between the parts of the file."""


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was said of a report."""

    at: datetime
    deed: Deed
    text: str


@dataclass(frozen=True, slots=True)
class OwnData:
    """Everything that is stored about somebody.

    Attributes:
        since: when they were let in.
        chosen: the language they chose themselves.
        cases: what they reported or are writing, oldest first.
        said: what was said of each of these, by its id: asked, answered, told afterwards; in
            order of time.
        entries: what the audit log says they did, or was done to them.
        rooms: names of the rooms of ours they are in.
        devices: of theirs, as their homeserver tells us.
        keys: how many keys of what they wrote.
        heard: of how many events of theirs we know that they came.
        waiting: how many messages to them were not sent yet.
        tips: numbers of the cases they gave a tip about; what it said is a message.
    """

    person: Person
    since: datetime | None
    chosen: Language | None
    cases: Sequence[Case]
    said: Mapping[int, Sequence[Said]]
    entries: Sequence[Recorded]
    rooms: Sequence[str]
    devices: Sequence[DeviceID]
    keys: int
    heard: int
    waiting: int
    tips: Sequence[int]


async def gathered(
    work: Work, person: Person, records: CaseRecords, notes: Notes, audit: Audit
) -> OwnData:
    """Return everything that is stored about somebody."""
    user = person.user
    own = [case for case, _ in await records.of_reporter(work, user)]
    since = (
        await work.execute(select(people.c.since).where(people.c.user_id == user))
    ).scalar_one_or_none()
    found = await work.execute(
        select(rooms.c.key)
        .join(membership, membership.c.room_id == rooms.c.room_id)
        .where(membership.c.user_id == user)
        .order_by(rooms.c.key)
    )
    own_room = key_of(PrivateRoom(user))
    return OwnData(
        person=person,
        since=None if since is None else from_milliseconds(since),
        chosen=await chosen_language(work, user),
        cases=own,
        said={case.id: said_of(case, await notes.of(work, case)) for case in own},
        entries=await audit.about(work, user),
        rooms=list(found.scalars()),
        devices=list(
            (
                await work.execute(
                    select(devices.c.device_id)
                    .where(devices.c.user_id == user)
                    .order_by(devices.c.device_id)
                )
            ).scalars()
        ),
        keys=await _count(work, inbound_group_sessions.c.sender == user),
        heard=await _count(work, inbox.c.sender == user),
        waiting=await _count(work, outbox.c.target == own_room, outbox.c.status == Status.WAITING),
        tips=list(
            (
                await work.execute(
                    select(tips.c.case_number)
                    .where(tips.c.tipster == user)
                    .distinct()
                    .order_by(tips.c.case_number)
                )
            ).scalars()
        ),
    )


class OwnRights:
    """Answers members who ask what is stored about them, or want it erased.

    Args:
        records: the cases.
        notes: what was said of them.
        audit: hears that somebody asked.
        speaker: says the answer.
        terms: how long things are kept.
    """

    def __init__(
        self, records: CaseRecords, notes: Notes, audit: Audit, speaker: Speaker, terms: Terms
    ) -> None:
        self._records = records
        self._notes = notes
        self._audit = audit
        self._speaker = speaker
        self._terms = terms

    async def show(self, asked: Asked) -> None:
        """``!inzage``: everything, in one's private room; once a day."""
        name = self._name(asked, "inzage")
        if await _was_said(asked.work, f"{name}/0"):
            raise Refused("privacy/shown_today")
        data = await gathered(asked.work, asked.person, self._records, self._notes, self._audit)
        texts = [
            await self._speaker.text_of(asked.work, say)
            for say in told(data, self._terms, asked.now)
        ]
        filename = f"goudwacht-inzage-{asked.now:%Y-%m-%d}.txt"
        values = {"filename": filename, "terms": self._terms}
        says: list[Say | Attach] = [
            Say(asked.place, "privacy/own_data_file", values, name=f"{name}/0"),
            # With a mark of its encoding: some phones take a text file without one for another.
            Attach(
                asked.place,
                Attachment(filename, "text/plain", _RULE.join(texts).encode("utf-8-sig")),
                name=f"{name}/file",
            ),
        ]
        await self._speaker.say(asked.work, says, asked.now)
        entry = Entry(Deed.SHOWN, by=asked.person.user, about=asked.person.user)
        await self._audit.record(asked.work, entry, asked.now)

    async def ask_erasure(self, asked: Asked) -> None:
        """``!wis``: the coordinators are asked to have everything erased; once a day."""
        user, name = asked.person.user, self._name(asked, "wis")
        if await _was_said(asked.work, name):
            raise Refused("privacy/erasure_asked_today")
        says = [
            Say(asked.place, "privacy/erasure", {"terms": self._terms}, name=name),
            Say(
                ReviewRoom(),
                "privacy/erasure_wanted",
                {"user": user},
                name=f"{name}/desk",
                alerts_room=True,
            ),
        ]
        await self._speaker.say(asked.work, says, asked.now)
        entry = Entry(Deed.ERASURE_ASKED, by=user, about=user)
        await self._audit.record(asked.work, entry, asked.now)

    def _name(self, asked: Asked, what: str) -> str:
        return f"{what}/{asked.person.user}/{asked.now:%Y-%m-%d}"


async def drop_unsent(work: Work, case: Case) -> None:
    """Drop what was gathered for the reporter of a case and has not gone out: the case is in it.

    They may ask again, and then see what is stored by then.
    """
    await forget_waiting(work, f"inzage/{case.reporter}/")


def told(data: OwnData, terms: Terms, now: datetime) -> list[Say]:
    """Return the parts of what somebody reads of what is stored about them."""
    place = PrivateRoom(data.person.user)
    says = [Say(place, "privacy/own_data", {"data": data, "now": now, "terms": terms})]
    says += [
        Say(
            place,
            "privacy/own_report",
            {
                "case": case,
                "lines": lines(case.fields, Audience.MODERATORS),
                "said": data.said[case.id],
            },
        )
        for case in data.cases
    ]
    if data.entries:
        entries = [(entry.at, Deed(entry.deed), entry.case) for entry in data.entries]
        says.append(Say(place, "privacy/own_entries", {"entries": entries}))
    return says


def said_of(case: Case, notes: Mapping[tuple[Deed, datetime], Note]) -> Sequence[Said]:
    """Return what was said of a case, in order of time."""
    said = [Said(at, deed, note.text) for (deed, at), note in notes.items() if note.text]
    said += [Said(word.at, _TOLD[word.kind], word.text) for word in case.afterwords]
    return sorted(said, key=lambda one: one.at)


async def _count(work: Work, *where: object) -> int:
    found = await work.execute(select(func.count()).where(*where))  # type: ignore[arg-type]
    return int(found.scalar_one())


async def _was_said(work: Work, name: str) -> bool:
    said = await work.execute(select(outbox.c.seq).where(outbox.c.name == name))
    return said.first() is not None
