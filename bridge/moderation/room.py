"""The moderators' room as a whole: its topics, the words that call them, what they look after.

::

    typed in the review room ─▶ commands ─▶ reviewing · questions · changes · afterwards …
    ✅ 👮 ❓ ❌ on a card ─────▶ react
    time ──────────────────────▶ chores ─▶ grace · deadlines · taking back
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from appservice.chores import Look
from appservice.database import Work
from appservice.events import Reaction
from appservice.vault import Vault
from bridge.audit import Audit
from bridge.commands import Command, Run, Where
from bridge.configuration import Configuration
from bridge.members.roster import MODERATING, Person, Roster
from bridge.moderation import takebacks, ticks
from bridge.moderation.afterwards import Afterwards, Followers, nobody
from bridge.moderation.announcing import Announcing
from bridge.moderation.bulletins import BulletinRecords
from bridge.moderation.card import Cards
from bridge.moderation.changes import Changes
from bridge.moderation.choice import Rules
from bridge.moderation.deadlines import Deadlines, Patience
from bridge.moderation.desk import Desk, Police
from bridge.moderation.dossier import Dossiers
from bridge.moderation.from_police import FromPolice
from bridge.moderation.merging import Merging
from bridge.moderation.notes import Notes
from bridge.moderation.questions import Questions
from bridge.moderation.reviewing import Reviewing
from bridge.moderation.withdrawal import Withdrawal
from bridge.police.words import OfficersWords
from bridge.regions import Regions
from bridge.reports.case import Case
from bridge.reports.records import CaseRecords
from bridge.speech import Speaker


class ModeratorsRoom:
    """Everything that happens in the review room about reports.

    Args:
        configuration: how moderators decide, and how long that may take.
        regions: every region.
        roster: who moderates.
        records: keeps cases.
        vault: seals what is said of them.
        speaker: says what follows.
        audit: hears what was decided.
        police: tells the police what follows for them.
        words: what officers told.
        followers: knows who else wants to hear of a case.
    """

    def __init__(
        self,
        configuration: Configuration,
        regions: Regions,
        roster: Roster,
        records: CaseRecords,
        vault: Vault,
        speaker: Speaker,
        audit: Audit,
        police: Police,
        words: OfficersWords,
        followers: Followers = nobody,
    ) -> None:
        settings = configuration.moderation
        self._words = words
        rules = Rules(
            regions,
            roster,
            frozenset(settings.two_moderators),
            frozenset(settings.to_neighbours),
            timedelta(seconds=settings.grace_seconds),
            frozenset(configuration.police.always),
            frozenset(configuration.police.first),
            configuration.police.reading,
        )
        self.notes = Notes(vault)
        self.desk = Desk(records, self.notes, speaker, Cards(rules), rules, audit, police)
        self.reviewing = Reviewing(self.desk, roster, configuration.reactions.trusted_homeservers)
        self.questions = Questions(self.desk)
        self.withdrawal = Withdrawal(
            self.desk, timedelta(hours=settings.redact_after_hours), followers
        )
        self._deadlines = Deadlines(
            self.desk,
            roster,
            Patience(
                timedelta(minutes=settings.call_after_minutes),
                timedelta(minutes=settings.call_coordinators_after_minutes),
                timedelta(hours=settings.ask_outcome_after_hours),
            ),
        )
        self._dossiers = Dossiers(self.desk, audit)
        self.announcing = Announcing(
            self.desk, BulletinRecords(vault), roster, configuration.reactions.trusted_homeservers
        )
        self._from_police = FromPolice(
            self.desk, words, followers, configuration.reactions.trusted_homeservers
        )
        self._changes = Changes(self.desk, configuration.network.timezone)
        self._afterwards = Afterwards(self.desk, followers)
        self._merging = Merging(self.desk)

    @property
    def commands(self) -> Sequence[Command]:
        """What moderators can type, in the order of the help."""
        reviewing, after = self.reviewing, self._afterwards
        return [
            _command("approve", "ok", "approve", reviewing.approve),
            _command("police_first", "politie", "police", reviewing.police_first, police=True),
            _command("reject", "nee", "reject", reviewing.reject),
            _command("ask", "vraag", "ask", self.questions.ask),
            _command("change", "wijzig", "edit", self._changes.change),
            _command("claim", "claim", "", reviewing.claim),
            _command("open", "open", "", reviewing.waiting),
            _command("merge", "samen", "merge", self._merging.merge),
            _command("update", "update", "", after.update),
            _command("outcome", "afloop", "outcome", after.close),
            _command("withdraw", "intrekken", "withdraw", self.withdrawal.withdraw),
            _command("bulletin", "bulletin", "", self.announcing.bulletin),
            _command("drill", "oefening", "drill", self.announcing.drill),
            _command("bulletin_send", "verstuur", "send", self.announcing.send),
            _command("bulletin_drop", "annuleer", "cancel", self.announcing.drop),
            _command("answer_police", "antwoord", "answer", self._from_police.answer, police=True),
            _command("turn_down", "weiger", "decline", self._from_police.turn_down, police=True),
            _command("dossier", "dossier", "", self._dossiers.show),
        ]

    @property
    def chores(self) -> Sequence[tuple[str, Look]]:
        """What is looked after as time passes."""
        return (
            ("the time of grace", self.reviewing.end_grace),
            ("deadlines", self._deadlines.look),
            ("taking back", self.withdrawal.take_back),
        )

    async def forget(self, work: Work, case: Case) -> None:
        """Erase what the desk keeps about a case beside the case."""
        for kept in (self.notes, takebacks, ticks, self._words):
            await kept.forget(work, case)

    async def react(self, work: Work, person: Person, reaction: Reaction, now: datetime) -> None:
        """Take a moderator's reaction for the decision it stands for."""
        if await self.announcing.react(work, person, reaction, now):
            return
        if not await self._from_police.react(work, person, reaction, now):
            await self.reviewing.react(work, person, reaction, now)


def _command(
    name: str,
    dutch: str,
    english: str,
    run: Run,
    *,
    police: bool = False,
) -> Command:
    words = (english,) if english else ()
    return Command(name, (dutch,), words, MODERATING, Where.REVIEW, run, police)
