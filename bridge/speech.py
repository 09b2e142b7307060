"""What the network says, as data, and the one place where it becomes a message.

A decision returns :class:`Say`: which template, with which values, in which place. The
:class:`Speaker` finds the language of the place, renders both bodies, and puts the message into
the outbox in the transaction of the decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from appservice.attachments import Attachment
from appservice.database import Work
from appservice.ids import EventID, RoomID, UserID
from appservice.outbox import Outbox, Outgoing, Relation
from bridge.gate.screening import screened
from bridge.members.preferences import chosen_language
from bridge.members.roster import Roster
from bridge.places import (
    AlertRoom,
    LiaisonRoom,
    NetworkSpace,
    Place,
    PrivateRoom,
    ReviewRoom,
    key_of,
)
from bridge.wording import Language, Wording

_NOWHERE = PrivateRoom(UserID(""))


@dataclass(frozen=True, slots=True)
class Say:
    """Something to be said.

    Attributes:
        to: where.
        template: which words, such as ``report/rejected``.
        values: what the template needs.
        name: for later reference; the same name is said only once, ever.
        edits: name of an earlier message that this replaces.
        thread: name of the message under whose thread this goes.
        reply_to: event this answers.
        alerts_room: everyone in the room gets a push.
        mentions: people who get a push.
        quiet: a notice: no push by itself, and other bots leave it alone.
        clear: unencrypted; only for words that tell nothing to people who can read nothing else.
        let_through: what is doubtful in it and a moderator let pass (:mod:`bridge.gate.leaving`).
        late: which words, of the same values, when it goes out late; then nobody gets a push.
    """

    to: Place
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None
    edits: str | None = None
    thread: str | None = None
    reply_to: EventID | None = None
    alerts_room: bool = False
    mentions: frozenset[UserID] = frozenset()
    quiet: bool = False
    clear: bool = False
    late: str | None = None
    let_through: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class React:
    """A reaction of the bot's own, which people tap instead of searching for it."""

    to: Place
    on: str
    """Name of the message."""
    key: str


@dataclass(frozen=True, slots=True)
class Attach:
    """A file that goes to a place, encrypted; it rings no phone."""

    to: Place
    file: Attachment
    name: str | None = None
    """As that of a :class:`Say`."""
    reads: tuple[str, ...] = ()
    """What people read in it, each by itself: the last look at what leaves is taken at these."""
    let_through: frozenset[str] = frozenset()
    """As that of a :class:`Say`."""


class NotJudged(Exception):
    """Something was about to leave in which there is personal data; it holds nothing of it.

    A fault of ours: whoever shares something asks the gate first, and tells who typed it.
    """


class Refused(Exception):
    """What somebody asked for is not done; they are told with ``template`` where they asked.

    Raised by decisions. Nothing has changed when it is.
    """

    def __init__(self, template: str, **values: Any) -> None:
        super().__init__(template)
        self.template = template
        self.values = values


class Speaker:
    """Says what decisions returned.

    Args:
        outbox: takes the messages.
        wording: has the words.
        roster: knows people's languages.
        language: of rooms that are not one person's.
    """

    def __init__(
        self, outbox: Outbox, wording: Wording, roster: Roster, language: Language
    ) -> None:
        self._outbox = outbox
        self._wording = wording
        self._roster = roster
        self._language = language

    async def say(self, work: Work, says: Iterable[Say | React | Attach], now: datetime) -> None:
        """Put messages into the outbox, in order.

        What is for the reporter of a case whose reporter is no longer kept is for nobody.
        """
        for say in says:
            if say.to == _NOWHERE:
                continue
            if isinstance(say, React):
                relation = Relation("m.annotation", name=say.on, key=say.key)
                message = Outgoing(
                    key_of(say.to),
                    {},
                    name=f"{say.on}/{say.key}",
                    type="m.reaction",
                    relation=relation,
                )
            elif isinstance(say, Attach):
                if isinstance(say.to, LiaisonRoom):
                    for text in say.reads:
                        _guard(text, say.let_through)
                message = Outgoing(
                    key_of(say.to), say.file.content(), name=say.name, attachment=say.file
                )
            else:
                message = await self._message(work, say)
            await self._outbox.put(work, message, now)

    async def say_in_strange_room(
        self, work: Work, room: RoomID, template: str, language: Language, now: datetime
    ) -> None:
        """Say something in a room that is not ours: in clear, and telling nothing."""
        text = self._wording.render(template, language)
        content = _content(text.plain, text.html, quiet=True)
        await self._outbox.put(work, Outgoing(room, content, clear=True), now)

    async def language_of(self, work: Work, place: Place) -> Language:
        """Return the language to speak in a place."""
        if isinstance(place, PrivateRoom):
            chosen = await chosen_language(work, place.user)
            if chosen is not None:
                return chosen
            person = self._roster.person(place.user)
            if person is not None:
                return person.language
        return self._language

    async def text_of(self, work: Work, say: Say) -> str:
        """Return exactly what is going to be read, without saying it."""
        language = await self.language_of(work, say.to)
        return self._wording.read(say.template, language, **say.values).plain

    async def _message(self, work: Work, say: Say) -> Outgoing:
        language = await self.language_of(work, say.to)
        text = self._wording.render(say.template, language, **say.values)
        if leaves(say):
            _guard(text.plain, say.let_through)
        content = _content(text.plain, text.html, quiet=say.quiet)
        mentions: dict[str, Any] = {}
        if say.alerts_room:
            mentions["room"] = True
        if say.mentions:
            mentions["user_ids"] = sorted(say.mentions)
        # Always there, if empty: a name or "@room" in somebody's text must not push anyone.
        content["m.mentions"] = mentions
        late = None
        if say.late is not None:
            text = self._wording.render(say.late, language, **say.values)
            late = _content(text.plain, text.html, quiet=True)
        return Outgoing(
            key_of(say.to),
            content,
            name=say.name,
            relation=_relation(say),
            clear=say.clear,
            late=late,
        )


def leaves(say: Say) -> bool:
    """Whether others read this than the moderators and who it is about."""
    match say.to:
        case AlertRoom():
            return True
        case LiaisonRoom():
            # Without such a name it answers an officer, and may say again what they typed.
            return say.name is not None and say.name.startswith(("case/", "bulletin/"))
        case PrivateRoom() | ReviewRoom() | NetworkSpace():
            return False


def _guard(text: str, let_through: frozenset[str]) -> None:
    """Look once more at what is about to leave.

    Raises:
        NotJudged: personal data stands in it that nobody let through.
        ScreeningFailed: it could not be judged.
    """
    kinds = sorted(
        {str(one.kind) for one in screened(text) if one.certain or one.mark not in let_through}
    )
    if kinds:
        raise NotJudged(f"not shared, there is personal data in it: {', '.join(kinds)}")


def _relation(say: Say) -> Relation | None:
    if say.edits is not None:
        return Relation("m.replace", name=say.edits)
    if say.thread is not None:
        return Relation("m.thread", name=say.thread)
    if say.reply_to is not None:
        return Relation("reply", event_id=say.reply_to)
    return None


def _content(plain: str, html: str, *, quiet: bool) -> dict[str, Any]:
    return {
        "msgtype": "m.notice" if quiet else "m.text",
        "body": plain,
        "format": "org.matrix.custom.html",
        "formatted_body": html,
        "m.mentions": {},
    }
