"""A member making a report: what they type and tap in their private room, and what is answered.

::

    !melding ─▶ question ─▶ answer ─▶ … ─▶ preview ─▶ ✅, !verstuur ─▶ case with a number ─▶ card
                    ▲          │
                    └──────────┘  each answer one commit: draft, case, and the next question

What follows from an answer is decided in :mod:`bridge.dialogue.turns`; here it is carried out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from appservice.database import Work
from appservice.events import Reaction, Redaction
from appservice.ids import server_of
from appservice.outbox import last_named, name_of
from bridge.audit import Audit, Deed, Entry
from bridge.commands import Asked, typed
from bridge.dialogue import turns
from bridge.dialogue.draft import MESSAGES, Draft, Input
from bridge.dialogue.drafts import Drafts
from bridge.dialogue.questions import FIRST, Question, Step, typed_for
from bridge.dialogue.saying import question
from bridge.dialogue.turns import Outcome, Turn
from bridge.dialogue.understanding import Remark, Standing, Surroundings
from bridge.gate.leaving import certain_in, shown
from bridge.members.roster import Person
from bridge.places import PrivateRoom, key_of
from bridge.regions import RegionCode, Regions
from bridge.regions.towns import dutch_towns
from bridge.reports.case import Case, Status, cancel, message_name, numbered, submit
from bridge.reports.fields import ReportType
from bridge.reports.parsing import MAX_REPORT
from bridge.reports.records import CaseRecords
from bridge.reports.report import ReportFields, length
from bridge.reports.shown import PoliceReading, texts
from bridge.speech import React, Refused, Say, Speaker

Submitted = Callable[[Work, Case, datetime], Awaitable[Sequence[Say | React]]]
"""What is said elsewhere when a report comes in."""

REPORT_WORDS = frozenset({"melding", "report"})
RECONNAISSANCE_WORDS = frozenset({"verkenning", "voorverkenning", "recon"})
EDIT_WORDS = frozenset({"wijzig", "edit"})

_BELIEVED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Speaking:
    """Who is spoken with, in which transaction, and when."""

    work: Work
    person: Person
    now: datetime

    @property
    def place(self) -> PrivateRoom:
        return PrivateRoom(self.person.user)


class Dialogue:
    """Makes reports together with members.

    Args:
        records: keeps cases.
        drafts: keeps what is said for them.
        speaker: says the answers.
        submitted: what the review room hears of a new report.
        zone: of the times people type.
        audit: keeps that a report was sent.
        regions: every region.
        trusted: homeservers whose users' reactions count: a reaction is not encrypted, and who
            runs the homeserver of its sender can make one up.
        most_a_minute: reports that one member may send.
        police: tells what the police read of a report, to be told before it is sent.
    """

    def __init__(
        self,
        records: CaseRecords,
        drafts: Drafts,
        speaker: Speaker,
        submitted: Submitted,
        zone: ZoneInfo,
        audit: Audit,
        regions: Regions,
        trusted: Collection[str],
        most_a_minute: int,
        police: Callable[[], PoliceReading],
    ) -> None:
        self._records = records
        self._drafts = drafts
        self._speaker = speaker
        self._submitted = submitted
        self._zone = zone
        self._audit = audit
        self._regions = regions
        self._trusted = frozenset(trusted)
        self._most_a_minute = most_a_minute
        self._police = police

    async def report(self, asked: Asked) -> None:
        """``!melding``: begin a report, or go on with the one that was not sent yet."""
        await self._begin(asked, asked.argument)

    async def reconnaissance(self, asked: Asked) -> None:
        """``!verkenning``: the short form for somebody who was looking around."""
        if await self._drafts.of(asked.work, asked.person.user) is None:
            await self._begin(asked, f"{ReportType.RECONNAISSANCE} {asked.argument}".strip())
        else:
            await self._begin(asked, "")

    async def edit(self, asked: Asked) -> None:
        """``!wijzig [field [value]]``: change or add something."""
        case, draft = await self._open(asked)
        around = await self._around(_speaking(asked))
        if asked.argument:
            await self._take(asked, case, draft, Question(Step.MORE), asked.argument)
        else:
            await self._carry_out(asked, case, turns.ask_which_field(draft, around))

    async def answer(self, asked: Asked) -> bool:
        """Take a message without a command as an answer; False when nothing was asked."""
        found = await self._drafts.of(asked.work, asked.person.user)
        if found is None:
            return False
        case, draft = found
        to = asked.message.reply_to or asked.message.thread
        answers = None if to is None else draft.question_of(await name_of(asked.work, to))
        await self._take(
            asked, case, draft, draft.asking if answers is None else answers[0], asked.argument
        )
        return True

    async def send(self, asked: Asked) -> None:
        """``!verstuur``: send the report to the moderators."""
        case, draft = await self._open(asked)
        await self._carry_out(asked, case, turns.send(draft, await self._around(_speaking(asked))))

    async def cancel(self, asked: Asked) -> None:
        """``!annuleer``: throw the report away."""
        case, draft = await self._open(asked)
        await self._carry_out(asked, case, Turn(draft, Standing(), Outcome.STOP))

    async def edited(self, asked: Asked) -> bool:
        """Understand an edited message anew; False when it is of no report that can be changed."""
        event = asked.message.replaces
        found = await self._drafts.of(asked.work, asked.person.user)
        text = _without_command(asked.message.body)
        if found is None or event is None or text is None:
            return False
        case, draft = found
        if event != draft.key and not draft.has(event):
            return False
        around = await self._around(_speaking(asked))
        await self._carry_out(
            asked, case, turns.reword(draft, event, text, _typed_at(asked), around)
        )
        return True

    async def redacted(
        self, work: Work, person: Person, redaction: Redaction, now: datetime
    ) -> None:
        """Leave out what was said with a message that was deleted."""
        found = await self._drafts.of(work, person.user)
        if found is None:
            return
        case, draft = found
        if redaction.redacts == draft.key or draft.has(redaction.redacts):
            speaking = _Speaking(work, person, now)
            around = await self._around(speaking)
            await self._do(speaking, case, turns.take_back(draft, redaction.redacts, around))

    async def react(self, work: Work, person: Person, reaction: Reaction, now: datetime) -> None:
        """Take a reaction to a question for the answer it stands for; any other is a remark."""
        found = await self._drafts.of(work, person.user)
        if found is None:
            return
        case, draft = found
        asked = draft.question_of(reaction.target_name)
        text = None if asked is None else typed_for(reaction.key, asked[0])
        if asked is None or text is None:
            return
        speaking = _Speaking(work, person, now)
        try:
            if server_of(reaction.sender) not in self._trusted:
                raise Refused("dialogue/reaction_not_trusted")
            around = await self._around(speaking)
            about, waits = asked
            if about.step is Step.READY and not waits:
                # It was put to a preview of something else than would be sent now.
                turn = turns.ask_again(draft, around, Remark.CHANGED_SINCE)
            else:
                at = _believed(reaction.sent_at, now)
                said = Input(reaction.event_id, about, text, at)
                turn = turns.take(draft, said, around)
            await self._do(speaking, case, turn)
        except Refused as refused:
            say = Say(speaking.place, refused.template, refused.values)
            await self._speaker.say(work, [say], now)

    async def asked_last(self, asked: Asked) -> bool:
        """Tell whether what somebody types is for their report, and not for a moderator's question.

        It is for what they reply to; otherwise for whatever asked them last.
        """
        work, to = asked.work, asked.message.reply_to or asked.message.thread
        name = None if to is None else await name_of(work, to)
        if name is None:
            patterns = (f"{MESSAGES}%", "case/%/question/%")
            name = await last_named(work, key_of(asked.place), patterns)
        return name is not None and name.startswith(MESSAGES)

    async def _begin(self, asked: Asked, argument: str) -> None:
        found = await self._drafts.of(asked.work, asked.person.user)
        around = await self._around(_speaking(asked))
        if found is not None:
            case, draft = found
            if argument:
                await self._take(asked, case, draft, FIRST, argument)
            else:
                turn = turns.ask_again(draft, around, Remark.RESUMED)
                await self._carry_out(asked, case, turn)
            return
        if asked.person.region is None:
            raise Refused("refusal/not_a_member")
        case = Case(
            id=0,
            number=None,
            reporter=asked.person.user,
            region=asked.person.region,
            status=Status.DRAFT,
            fields=ReportFields(),
            opened_at=asked.now,
        )
        before = await self._records.sent_by(asked.work, asked.person.user, 1)
        usual = before[0].fields.place if before else None
        draft = Draft(asked.message.event_id, usual_place=usual)
        if argument:
            await self._take(asked, case, draft, FIRST, argument)
        else:
            await self._carry_out(asked, case, Turn(draft.asks(FIRST), Standing()))

    async def _open(self, asked: Asked) -> tuple[Case, Draft]:
        found = await self._drafts.of(asked.work, asked.person.user)
        if found is None:
            raise Refused("report/nothing_open")
        return found

    async def _take(self, asked: Asked, case: Case, draft: Draft, to: Question, text: str) -> None:
        said = Input(asked.message.event_id, to, text, _typed_at(asked))
        around = await self._around(_speaking(asked))
        await self._carry_out(asked, case, turns.take(draft, said, around))

    async def _carry_out(self, asked: Asked, case: Case, turn: Turn) -> None:
        verified = case.verified and asked.message.secrecy.device_signed
        await self._do(_speaking(asked), replace(case, verified=verified), turn)

    async def _do(self, speaking: _Speaking, case: Case, turn: Turn) -> None:
        work, now, place = speaking.work, speaking.now, speaking.place
        match turn.outcome:
            case Outcome.ASK:
                if length(turn.standing.fields) > MAX_REPORT:
                    # It was typed in several messages; as an alert it has to fit into one event.
                    raise Refused("report/too_long", maximum=MAX_REPORT)
                case = replace(case, fields=turn.standing.fields)
                await self._drafts.save(work, case, turn.draft, now)
                around = await self._around(speaking)
                asked = question(turn, case.reporter, around, self._police())
                await self._speaker.say(work, asked, now)
            case Outcome.STOP:
                if case.id:
                    await self._records.save(work, cancel(case))
                    await self._drafts.forget(work, case)
                await self._speaker.say(work, [Say(place, "report/cancelled")], now)
            case Outcome.SEND:
                await self._send(speaking, replace(case, fields=turn.standing.fields), turn)

    async def _send(self, speaking: _Speaking, draft: Case, turn: Turn) -> None:
        work, now = speaking.work, speaking.now
        minute = now - timedelta(minutes=1)
        if await self._records.sent_count(work, draft.reporter, minute) >= self._most_a_minute:
            raise Refused("report/too_many", most=self._most_a_minute)
        if certain := certain_in(texts(draft.fields)):
            raise Refused("gate/not_sent", **shown(certain))
        number = await self._records.next_number(work)
        case = submit(draft, number, now, turn.standing.unknown)
        case = await self._records.save(work, case)
        await self._drafts.forget(work, case)
        entry = Entry(Deed.SUBMITTED, by=case.reporter, case=case.number)
        await self._audit.record(work, entry, now)
        told = Say(
            speaking.place,
            "report/submitted",
            {"number": numbered(case)},
            name=message_name(case, "submitted"),
        )
        await self._speaker.say(work, [told, *await self._submitted(work, case, now)], now)

    async def _around(self, speaking: _Speaking) -> Surroundings:
        region = speaking.person.region
        return Surroundings(
            zone=self._zone,
            language=await self._speaker.language_of(speaking.work, speaking.place),
            region="" if region is None else self._regions.name(region),
            is_town=_is_town,
            town_like=_town_like,
            elsewhere=lambda place: self._elsewhere(place, region),
        )

    def _elsewhere(self, place: str, own: RegionCode | None) -> str | None:
        region = None if own is None else self._regions.elsewhere(place, own)
        return None if region is None else region.name


def _is_town(name: str) -> bool:
    return bool(dutch_towns().exact(name))


def _town_like(name: str) -> str | None:
    like = dutch_towns().near(name, surely_a_town=True)
    return None if like is None else like.name


def _speaking(asked: Asked) -> _Speaking:
    return _Speaking(asked.work, asked.person, asked.now)


def _without_command(body: str) -> str | None:
    """Return what an edited message says for a report; None when it is another command."""
    command = typed(body)
    if command is None:
        return body.strip()
    word, argument = command
    if word in RECONNAISSANCE_WORDS:
        return f"{ReportType.RECONNAISSANCE} {argument}".strip()
    return argument if word in REPORT_WORDS | EDIT_WORDS else None


def _typed_at(asked: Asked) -> datetime:
    """Return when somebody typed: "just now" in a message that was long on its way is then."""
    return _believed(asked.message.sent_at, asked.now)


def _believed(sent: datetime, now: datetime) -> datetime:
    """A sender's clock is believed only when it is behind ours, and by less than a week."""
    return sent if now - _BELIEVED < sent < now else now
