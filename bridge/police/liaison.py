"""The liaison room: what police officers type and tap there.

::

    !abonneer, !afmelden, !abonnementen ─▶ subscriptions of the unit
    !open, !zaak #n ─────────────────────▶ what is open, when they ask for it
    👍, !ontvangen #n ───────────────────▶ the thread of the card in the review room
    !afloop #n, !vraag #n ───────────────▶ the same: a moderator passes it on, or not
    !bulletin regions… text ─────────────▶ a preview in the review room, likewise

An officer decides nothing about a report, and nobody but the moderators reads what one writes.
What a unit may not read is answered like what is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from appservice.database import Work
from appservice.events import Reaction
from appservice.outbox import deliveries
from bridge.audit import Audit, Deed, Entry
from bridge.commands import Asked, Command, Run, Where
from bridge.gate.entering import for_moderators
from bridge.members.roster import Person, Role
from bridge.moderation.announcing import Announcing
from bridge.moderation.card import CARD
from bridge.places import LiaisonRoom, ReviewRoom
from bridge.police import records
from bridge.police.relaying import Relaying, units_told
from bridge.police.subscriptions import Wanted, read, subscribed, unsubscribed
from bridge.police.words import OfficersWords, WordKind, shown_as
from bridge.regions import NATIONWIDE, PoliceUnit, Regions
from bridge.reports.case import Case, CaseNumber, Status, message_name, numbered
from bridge.reports.records import CaseRecords
from bridge.reports.reporting import case_number
from bridge.speech import Refused, Say, Speaker
from bridge.typed_text import legible

RECEIVED = "👍"

MAXIMUM = 1_000
"""Characters of what an officer writes to the moderators: they may pass it on as it is."""

_SHOWN_AT_ONCE = 20
"""Of the open cases: an event has 65,536 bytes."""


class Liaisons:
    """Answers liaison rooms.

    Args:
        cases: every case.
        regions: every region and unit.
        relaying: knows what the police may read.
        speaker: says the answers.
        audit: hears what was asked.
        words: keeps what officers tell.
        announcing: has moderators look at an officer's bulletin.
    """

    def __init__(
        self,
        cases: CaseRecords,
        regions: Regions,
        relaying: Relaying,
        speaker: Speaker,
        audit: Audit,
        words: OfficersWords,
        announcing: Announcing,
    ) -> None:
        self._announcing = announcing
        self._words = words
        self._cases = cases
        self._regions = regions
        self._relaying = relaying
        self._speaker = speaker
        self._audit = audit

    @property
    def commands(self) -> Sequence[Command]:
        """What can be asked for in a liaison room, in the order of the help."""

        def command(name: str, dutch: str, english: str, run: Run) -> Command:
            who, where = frozenset({Role.LIAISON}), Where.POLICE
            words = (english,) if english else ()
            return Command(name, (dutch,), words, who, where, run)

        return (
            command("received", "ontvangen", "received", self.received),
            command("police_outcome", "afloop", "outcome", self.outcome),
            command("police_ask", "vraag", "ask", self.ask),
            command("police_bulletin", "bulletin", "", self.bulletin),
            command("open_cases", "open", "open", self.open),
            command("case", "zaak", "case", self.case),
            command("subscribe", "abonneer", "subscribe", self.subscribe),
            command("unsubscribe", "afmelden", "unsubscribe", self.unsubscribe),
            command("subscriptions", "abonnementen", "subscriptions", self.subscriptions),
        )

    async def subscribe(self, asked: Asked) -> None:
        """``!abonneer midden-nederland overval,plofkraak``, ``!abonneer alles``."""
        if not asked.argument.strip():
            raise Refused("police/how_to_subscribe", regions=self._regions.codes)
        unit = self._unit(asked)
        wish = read(asked.argument, self._regions)
        before = await records.wanted_by(asked.work, unit)
        wanted = subscribed(before, wish, unit)
        await self._keep(asked, unit, wanted, Deed.SUBSCRIBED)
        fitting = await self._open(asked.work, wanted)
        await self._answer(
            asked, "police/subscribed", {"wanted": self._shown(wanted), "open": len(fitting)}
        )

    async def unsubscribe(self, asked: Asked) -> None:
        """``!afmelden``, ``!afmelden amsterdam``, ``!afmelden verdacht``."""
        unit = self._unit(asked)
        wish = read(asked.argument, self._regions)
        before = await records.wanted_by(asked.work, unit)
        wanted = unsubscribed(before, wish, self._regions.codes)
        await self._keep(asked, unit, wanted, Deed.UNSUBSCRIBED)
        await self._answer(asked, "police/subscriptions", {"wanted": self._shown(wanted)})

    async def subscriptions(self, asked: Asked) -> None:
        """``!abonnementen``."""
        wanted = await records.wanted_by(asked.work, self._unit(asked))
        await self._answer(asked, "police/subscriptions", {"wanted": self._shown(wanted)})

    async def open(self, asked: Asked) -> None:
        """``!open``: the open cases that the unit may read and wants, newest first."""
        wanted = await records.wanted_by(asked.work, self._unit(asked))
        found = await self._open(asked.work, wanted)
        shown = found[:_SHOWN_AT_ONCE]
        await self._answer(asked, "police/open", {"cases": shown, "more": len(found) - len(shown)})

    async def case(self, asked: Asked) -> None:
        """``!zaak #n``: a case once more, or one from before the subscription."""
        unit, number = self._unit(asked), _number(asked)
        case = await self._cases.by_number(asked.work, number)
        told = await self._was_told(asked.work, case, unit)
        if case is not None and case.merged_into is not None and told:
            into = case.merged_into
            await self._answer(asked, "police/merged", {"number": number, "into": into})
            return
        if case is None or not await self._may_read(asked.work, case, unit, told=told):
            raise Refused("police/no_such_case", number=number)
        await self._speaker.say(asked.work, self._relaying.again(case, unit), asked.now)

    async def received(self, asked: Asked) -> None:
        """``!ontvangen #n``."""
        unit, number = self._unit(asked), _number(asked)
        case = await self._cases.by_number(asked.work, number)
        if case is None or not await self._was_told(asked.work, case, unit):
            raise Refused("police/no_such_case", number=number)
        await self._note(asked.work, case, unit, asked.person, asked.now)
        await self._answer(asked, "police/receipt_noted", {"number": number})

    async def outcome(self, asked: Asked) -> None:
        """``!afloop #n text``: how it ended, for a moderator to pass on."""
        await self._to_the_desk(asked, outcome=True)

    async def ask(self, asked: Asked) -> None:
        """``!vraag #n text``: a question to the reporter, for a moderator to put."""
        await self._to_the_desk(asked, outcome=False)

    async def bulletin(self, asked: Asked) -> None:
        """``!bulletin [region…] text``: what other shops should know, for a moderator to send."""
        await self._announcing.of_police(asked, self._unit(asked))

    async def _to_the_desk(self, asked: Asked, *, outcome: bool) -> None:
        """Put what an officer wrote into the thread of the card; nobody else reads it."""
        unit, number = self._unit(asked), _number(asked)
        _, text = case_number(asked.argument)
        case = await self._cases.by_number(asked.work, number)
        if case is None or not await self._was_told(asked.work, case, unit):
            raise Refused("police/no_such_case", number=number)
        if not text:
            raise Refused("police/text_missing", number=number)
        if len(text) > MAXIMUM:
            raise Refused("police/text_too_long", maximum=MAXIMUM)
        for_moderators([text])
        kind = WordKind.OUTCOME if outcome else WordKind.QUESTION
        text, event = legible(text), asked.message.event_id
        word = await self._words.add(asked.work, case, unit.code, kind, text, event, asked.now)
        if word is None:
            raise Refused("police/no_such_case", number=number)
        values = {"unit": unit, "by": asked.person.user, "text": text}
        await self._speaker.say(asked.work, shown_as(case, word, values), asked.now)
        await self._answer(asked, "police/passed_on", {"number": number, "outcome": outcome})

    async def react(
        self, work: Work, person: Person, place: LiaisonRoom, reaction: Reaction, now: datetime
    ) -> None:
        """Take 👍 on a relayed alert for its receipt; any other reaction is a remark.

        A reaction is not encrypted: the officer's own homeserver could make one up. It tells the
        moderators no more than that this homeserver has the message.
        """
        unit = self._regions.unit(place.unit)
        # Some keyboards put the colour of a skin behind it.
        if unit is None or unit.code not in person.liaison_for or reaction.key[:1] != RECEIVED:
            return
        match (reaction.target_name or "").split("/"):
            case ["case", number, "police", code] if number.isdecimal() and code == unit.code:
                case = await self._cases.by_number(work, CaseNumber(int(number)))
                if case is not None:
                    await self._note(work, case, unit, person, now)

    async def _note(
        self, work: Work, case: Case, unit: PoliceUnit, person: Person, now: datetime
    ) -> None:
        name = message_name(case, f"received/{unit.code}")
        told = Say(
            ReviewRoom(),
            "review/received",
            {
                "number": numbered(case),
                "unit": unit,
                "by": person.user,
                "at": now,
            },
            name=name,
            thread=message_name(case, CARD),
            quiet=True,
        )
        if any(found.name == name for found in await deliveries(work, name)):
            # The first receipt counts; nobody needs to hear of the second.
            return
        await self._speaker.say(work, [told], now)
        details = {"unit": str(unit.code)}
        entry = Entry(Deed.RECEIVED, person.user, numbered(case), details=details)
        await self._audit.record(work, entry, now)

    async def _open(self, work: Work, wanted: Wanted) -> Sequence[Case]:
        there = await self._cases.of_status(work, Status.SUBMITTED, Status.PUBLISHED)
        return [
            case
            for case in reversed(there)
            if case.with_others and self._relaying.fits(case, wanted)
        ]

    async def _was_told(self, work: Work, case: Case | None, unit: PoliceUnit) -> bool:
        """Tell whether a unit was sent a case, if there is one."""
        return case is not None and unit in await units_told(work, case, self._regions)

    async def _may_read(self, work: Work, case: Case, unit: PoliceUnit, *, told: bool) -> bool:
        if told:
            return case.with_others
        wanted = await records.wanted_by(work, unit)
        open_ = case.with_others and case.status is not Status.CLOSED
        return open_ and self._relaying.fits(case, wanted)

    async def _keep(self, asked: Asked, unit: PoliceUnit, wanted: Wanted, deed: Deed) -> None:
        await records.want(asked.work, unit, wanted)
        types = {str(kind.value) for kinds in wanted.values() for kind in kinds or ()}
        entry = Entry(
            deed,
            asked.person.user,
            details={"unit": str(unit.code), "regions": list(wanted), "types": sorted(types)},
        )
        await self._audit.record(asked.work, entry, asked.now)

    def _unit(self, asked: Asked) -> PoliceUnit:
        place = asked.place
        unit = self._regions.unit(place.unit) if isinstance(place, LiaisonRoom) else None
        if unit is None or unit.code not in asked.person.liaison_for:
            raise Refused("police/no_unit")
        return unit

    def _shown(self, wanted: Wanted) -> list[tuple[str | None, list[object]]]:
        """Return, for each region wanted, its name (None: every region) and types (none: all)."""
        return [
            (
                None if code == NATIONWIDE else self._regions.name(code),
                sorted(types or (), key=str),
            )
            for code, types in wanted.items()
        ]

    async def _answer(self, asked: Asked, template: str, values: dict[str, object]) -> None:
        say = Say(asked.place, template, values, reply_to=asked.message.event_id, quiet=True)
        await self._speaker.say(asked.work, [say], asked.now)


def _number(asked: Asked) -> CaseNumber:
    number, _ = case_number(asked.argument)
    if number is None:
        raise Refused("police/which")
    return number
