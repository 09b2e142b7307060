"""Drafts that lie idle: their reporter is reminded once, and in the end they are thrown away.

::

    time ─▶ idle for so long ─▶ a word in the private room ─▶ idle still ─▶ thrown away, and told
"""

from __future__ import annotations

from datetime import datetime, timedelta

from appservice.database import Work
from appservice.handling import Handled
from bridge.configuration.settings import ReportSettings
from bridge.dialogue.drafts import Drafts
from bridge.places import PrivateRoom
from bridge.reports.case import cancel
from bridge.reports.records import CaseRecords
from bridge.speech import Say, Speaker


class IdleDrafts:
    """Looks after drafts that nobody goes on with.

    Args:
        records: keeps cases.
        drafts: keeps what was said for them.
        speaker: says what becomes of them.
        settings: how long a draft may lie.
    """

    def __init__(
        self, records: CaseRecords, drafts: Drafts, speaker: Speaker, settings: ReportSettings
    ) -> None:
        self._records = records
        self._drafts = drafts
        self._speaker = speaker
        self._remind_after = timedelta(minutes=settings.remind_after_minutes)
        self._hours = settings.discard_after_hours

    async def look(self, work: Work, now: datetime) -> Handled:
        """Remind of drafts that lie idle, once; throw those away that lie for too long."""
        for case, _ in await self._drafts.idle(work, now - timedelta(hours=self._hours)):
            await self._records.save(work, cancel(case))
            await self._drafts.forget(work, case)
            say = Say(PrivateRoom(case.reporter), "dialogue/expired", {"hours": self._hours})
            await self._speaker.say(work, [say], now)
        idle = await self._drafts.idle(work, now - self._remind_after, reminded=False)
        for case, draft in idle:
            await self._drafts.note_reminder(work, case)
            say = Say(
                PrivateRoom(case.reporter),
                "dialogue/idle",
                {"fields": case.fields, "hours": self._hours},
                name=f"{draft.message}/idle",
            )
            await self._speaker.say(work, [say], now)
        return Handled()
