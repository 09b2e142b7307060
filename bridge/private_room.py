"""The private room as a whole: its topics, the words that call them, what they look after.

::

    typed in a member's own room ─▶ commands ─▶ dialogue · reporting · retraction · own rights …
    plain words ──────────────────▶ answer ──▶ whoever asked last
    ✅, a number, 👀 ─────────────▶ react ───▶ dialogue, tips
    time ─────────────────────────▶ chores ──▶ drafts that lie idle
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from appservice.chores import Look
from appservice.database import Work
from appservice.events import Reaction
from appservice.vault import Vault
from bridge.audit import Audit
from bridge.commands import Asked, Command, Run, Where
from bridge.configuration import Configuration
from bridge.dialogue.commands import commands as dialogue_commands
from bridge.dialogue.dialogue import Dialogue
from bridge.dialogue.drafts import Drafts
from bridge.dialogue.idle import IdleDrafts
from bridge.language import Language
from bridge.members.preferences import choose_language
from bridge.members.roster import Person, Role
from bridge.moderation.retraction import Retraction
from bridge.moderation.room import ModeratorsRoom
from bridge.places import PrivateRoom
from bridge.privacy.own_data import OwnRights
from bridge.regions import Regions
from bridge.reports.aftercare import aftercare
from bridge.reports.case import Case
from bridge.reports.records import CaseRecords
from bridge.reports.reporting import Reporting
from bridge.speech import React, Refused, Say, Speaker
from bridge.tips import Tipping


class PrivateRooms:
    """Everything that happens between a member and the bot.

    Args:
        configuration: how members make reports, and what the network is called.
        vault: seals what they are writing.
        regions: every region.
        cases: keeps their reports.
        speaker: says the answers.
        audit: hears what they asked for.
        moderators: get their reports, and may have asked them something.
        tipping: takes what they saw.
        rights: shows them what is kept about them.
    """

    def __init__(
        self,
        configuration: Configuration,
        vault: Vault,
        regions: Regions,
        cases: CaseRecords,
        speaker: Speaker,
        audit: Audit,
        moderators: ModeratorsRoom,
        tipping: Tipping,
        rights: OwnRights,
    ) -> None:
        self._network = configuration.network.name
        self._speaker = speaker
        self._moderators = moderators
        self._tipping = tipping
        self._rights = rights
        self._reporting = Reporting(cases, speaker)
        self._retraction = Retraction(moderators.desk)
        self.drafts = Drafts(vault, cases)
        self.dialogue = Dialogue(
            cases,
            self.drafts,
            speaker,
            self._submitted,
            configuration.network.timezone,
            audit,
            regions,
            configuration.reactions.trusted_homeservers,
            configuration.reports.most_a_minute,
            lambda: moderators.desk.rules.read_by_police,
        )
        self._idle = IdleDrafts(cases, self.drafts, speaker, configuration.reports)

    @property
    def commands(self) -> Sequence[Command]:
        """What members can type, in the order of the help."""
        return [
            *dialogue_commands(self.dialogue),
            _command("mine", "mijn", "mine", self._reporting.mine),
            _command("status", "status", "", self._reporting.status),
            _command("tip", "tip", "", self._tipping.tip),
            _command("retract", "intrekken", "withdraw", self._retraction.retract),
            _command("language", "taal", "language", self._language),
            _command("own_data", "inzage", "mydata", self._rights.show),
            _command("erasure", "wis", "erase", self._rights.ask_erasure),
        ]

    @property
    def chores(self) -> Sequence[tuple[str, Look]]:
        """What is looked after as time passes."""
        return (("reminding of drafts", self._idle.look),)

    async def answer(self, asked: Asked) -> bool:
        """Take words without a command for what they most likely are; False when for nothing."""
        questions, dialogue = self._moderators.questions.answer, self.dialogue.answer
        asked_last = await self.dialogue.asked_last(asked)
        first, second = (dialogue, questions) if asked_last else (questions, dialogue)
        for answer in (self._tipping.answer, first, second, self._tipping.answer_to_tap):
            if await answer(asked):
                return True
        return False

    async def react(self, work: Work, person: Person, reaction: Reaction, now: datetime) -> None:
        """Take a member's reaction in their own room for the answer it stands for."""
        await self.dialogue.react(work, person, reaction, now)
        await self._tipping.tapped_privately(work, person, reaction, now)

    def welcome(self, place: PrivateRoom) -> Say:
        """Return the first words to a member; said once, however often they come back."""
        return Say(
            place, "member/welcome", {"network": self._network}, name=f"welcome/{place.user}"
        )

    async def _language(self, asked: Asked) -> None:
        """``!taal en``."""
        language = Language.called(asked.argument)
        if language is None:
            raise Refused("member/which_language")
        await choose_language(asked.work, asked.person.user, language)
        await self._speaker.say(asked.work, [Say(asked.place, "member/language_set")], asked.now)

    async def _submitted(self, work: Work, case: Case, now: datetime) -> Sequence[Say | React]:
        return [*await self._moderators.desk.post(work, case, now), *aftercare(case)]


def _command(name: str, dutch: str, english: str, run: Run) -> Command:
    words = (english,) if english else ()
    return Command(name, (dutch,), words, frozenset({Role.MEMBER}), Where.PRIVATE, run)
