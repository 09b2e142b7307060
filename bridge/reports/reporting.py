"""A member's side of a report: writing it, looking it over, sending it, asking after it.

::

    !melding ─▶ parse ─▶ draft ─▶ preview ─▶ !verstuur ─▶ case with a number ─▶ review room

Each method answers one command of the private room (:mod:`bridge.commands`).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from appservice.database import Work
from bridge.audit import Audit, Deed, Entry
from bridge.commands import Asked
from bridge.places import PrivateRoom
from bridge.reports.case import Case, CaseNumber, Status, cancel, message_name, numbered, submit
from bridge.reports.parsing import MAX_REPORT, Parsed, Problem, parse
from bridge.reports.records import CaseRecords
from bridge.reports.report import ReportFields, apply, derived_attempt, length, missing
from bridge.reports.shown import Audience, lines, street
from bridge.speech import React, Refused, Say, Speaker

_SHOWN_AT_ONCE = 10
"""Of one's own reports, and of the problems of one message: an event has 65,536 bytes."""
_NUMBER = re.compile(r"\s*#?(?P<number>\d{1,9})\b")

Submitted = Callable[[Work, Case, datetime], Awaitable[Sequence[Say | React]]]
"""What is said elsewhere when a report comes in."""


def case_number(text: str) -> tuple[CaseNumber | None, str]:
    """Read ``#42`` at the start of a text; return it and what follows."""
    match = _NUMBER.match(text)
    if match is None:
        return None, text
    return CaseNumber(int(match["number"])), text[match.end() :].strip()


class Reporting:
    """Answers members about their reports.

    Args:
        records: keeps cases.
        speaker: says the answers.
        submitted: what the review room hears of a new report.
        zone: of the times people type.
        audit: hears what was sent.
    """

    def __init__(
        self,
        records: CaseRecords,
        speaker: Speaker,
        submitted: Submitted,
        zone: ZoneInfo,
        audit: Audit,
    ) -> None:
        self._records = records
        self._speaker = speaker
        self._submitted = submitted
        self._zone = zone
        self._audit = audit

    async def report(self, asked: Asked) -> None:
        """Begin a report; one that was not sent yet is gone on with."""
        draft = await self._records.draft_of(asked.work, asked.person.user)
        if not asked.argument and draft is None:
            await self._answer(asked, Say(asked.place, "report/how"))
            return
        await self._write(asked, draft)

    async def edit(self, asked: Asked) -> None:
        """Change or add fields of the draft."""
        await self._write(asked, await self._draft(asked))

    async def more(self, asked: Asked) -> bool:
        """Take a message without a command as more of the draft; False when there is none."""
        draft = await self._records.draft_of(asked.work, asked.person.user)
        if draft is None:
            return False
        await self._write(asked, draft)
        return True

    async def send(self, asked: Asked) -> None:
        """Send the draft to the moderators."""
        draft = await self._draft(asked)
        number = await self._records.next_number(asked.work)
        case = await self._records.save(asked.work, submit(draft, number, asked.now))
        entry = Entry(Deed.SUBMITTED, by=case.reporter, case=case.number)
        await self._audit.record(asked.work, entry, asked.now)
        told = Say(
            asked.place,
            "report/submitted",
            {"number": numbered(case)},
            name=message_name(case, "submitted"),
        )
        await self._answer(asked, told, *await self._submitted(asked.work, case, asked.now))

    async def cancel(self, asked: Asked) -> None:
        """Throw the draft away."""
        draft = await self._draft(asked)
        await self._records.save(asked.work, cancel(draft))
        await self._answer(asked, Say(asked.place, "report/cancelled"))

    async def mine(self, asked: Asked) -> None:
        """List one's own last reports."""
        found = await self._records.sent_by(asked.work, asked.person.user, _SHOWN_AT_ONCE)
        await self._answer(asked, Say(asked.place, "report/mine", {"cases": found}))

    async def status(self, asked: Asked) -> None:
        """Tell how one's own report stands."""
        number, _ = case_number(asked.argument)
        if number is None:
            raise Refused("report/which")
        case = await self._records.by_number(asked.work, number)
        # Somebody else's report is answered like one that does not exist: it tells nothing.
        if case is None or case.reporter != asked.person.user:
            raise Refused("report/not_yours", number=number)
        await self._answer(asked, Say(asked.place, "report/status", {"case": case}))

    async def _write(self, asked: Asked, draft: Case | None) -> None:
        parsed = parse(asked.argument, _typed_at(asked), self._zone)
        if draft is None:
            region = asked.person.region
            if region is None:
                raise Refused("refusal/not_a_member")
            draft = Case(
                id=0,
                number=None,
                reporter=asked.person.user,
                region=region,
                status=Status.DRAFT,
                fields=ReportFields(),
                opened_at=asked.now,
            )
        fields = apply(draft.fields, parsed.fields)
        if length(fields) > MAX_REPORT:
            # It was typed in several messages; as an alert it still has to fit into one event.
            raise Refused("report/too_long", maximum=MAX_REPORT)
        draft = replace(
            draft,
            fields=fields,
            verified=draft.verified and asked.message.secrecy.device_signed,
        )
        draft = await self._records.save(asked.work, draft)
        await self._answer(asked, preview(draft, parsed))

    async def _draft(self, asked: Asked) -> Case:
        draft = await self._records.draft_of(asked.work, asked.person.user)
        if draft is None:
            raise Refused("report/nothing_open")
        return draft

    async def _answer(self, asked: Asked, *says: Say | React) -> None:
        await self._speaker.say(asked.work, says, asked.now)


def preview(draft: Case, parsed: Parsed) -> Say:
    """Return the draft as it stands, what of the last message was not understood, what lacks."""
    problems: tuple[Problem, ...] = parsed.problems[:_SHOWN_AT_ONCE]
    return Say(
        PrivateRoom(draft.reporter),
        "report/preview",
        {
            "fields": draft.fields,
            "attempt": derived_attempt(draft.fields) is True,
            "street": street(draft.fields),
            "public": lines(draft.fields, Audience.MEMBERS),
            "only_moderators": _only_moderators(draft.fields),
            "problems": problems,
            "more_problems": len(parsed.problems) - len(problems),
            "missing": missing(draft.fields),
        },
    )


def _only_moderators(report: ReportFields) -> Sequence[object]:
    public = {line.name for line in lines(report, Audience.MEMBERS)}
    heading = {"type", "attempt", "place", "publish_street"}
    if street(report) is not None:
        heading.add("street")
    return [
        line
        for line in lines(report, Audience.MODERATORS)
        if line.name not in public and line.name.value not in heading
    ]


def _typed_at(asked: Asked) -> datetime:
    """Return when somebody typed: "just now" in a message that was long on its way is then.

    A sender's clock is believed only when it is behind ours, and by less than a week.
    """
    sent = asked.message.sent_at
    return sent if asked.now - timedelta(days=7) < sent < asked.now else asked.now
