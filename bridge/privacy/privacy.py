"""What is kept for how long, made together: every night's sweep, erasing somebody, own rights."""

from __future__ import annotations

from collections.abc import Sequence

from appservice.vault import Vault
from bridge.audit import Audit
from bridge.configuration import Configuration
from bridge.moderation.notes import Notes
from bridge.privacy.clearing import Also, Clearing
from bridge.privacy.erasing import Erasing
from bridge.privacy.own_data import OwnRights, drop_unsent
from bridge.privacy.sweep import Sweep
from bridge.privacy.terms import Terms
from bridge.reports.records import CaseRecords
from bridge.speech import Speaker


class Privacy:
    """The parts, each a topic of its own.

    Args:
        configuration: how long each kind is kept, and what the police read.
        vault: seals the key of what stays.
        cases: keeps the reports.
        notes: keeps what was said of them.
        audit: hears of what is erased, and is cut off itself.
        speaker: tells the desk, and whoever asks.
        also: erases what other topics keep about a case.
    """

    def __init__(
        self,
        configuration: Configuration,
        vault: Vault,
        cases: CaseRecords,
        notes: Notes,
        audit: Audit,
        speaker: Speaker,
        also: Sequence[Also],
    ) -> None:
        bot, zone = configuration.bot_user, configuration.network.timezone
        terms = Terms.of(configuration.retention)
        clearing = Clearing(
            vault, cases, audit, zone, configuration.police.reading, [*also, drop_unsent]
        )
        self.erasing = Erasing(cases, clearing, audit, bot)
        self.rights = OwnRights(cases, notes, audit, speaker, terms)
        self.sweep = Sweep(cases, clearing, audit, speaker, terms, bot, zone)
