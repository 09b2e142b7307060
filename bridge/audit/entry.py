"""What can be recorded: a deed, who did it, to which case or person, under which rule.

Nothing in an entry has room for a sentence: every value is one word, so that no report's text and
no trait of anyone can end up in a log that is kept for years. The reason that somebody typed is
the one exception. It stands beside the chain, sealed, and can be erased without breaking it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from appservice.ids import UserID
from bridge.reports.case import CaseNumber

Detail = str | int | bool | Sequence[str]

_WORD: Final = re.compile(r"[^\s\x00-\x1f\x7f]{1,255}")
_MOST_WORDS: Final = 1_000


class Office(StrEnum):
    """Who acted, when it was nobody of the roster."""

    SERVICE = "service"
    """The service itself, by a rule and the clock."""
    OPERATOR = "operator"
    """Whoever types commands on the host."""


class Deed(StrEnum):
    """What was done. The value is stored: add, never rename."""

    SUBMITTED = "submitted"
    CLAIMED = "claimed"
    ASKED = "asked"
    ANSWERED = "answered"
    EDITED = "edited"
    SECONDED = "seconded"
    """The first of two moderators approved."""
    UNDONE = "undone"
    """A moderator took their own word back."""
    POLICE_FIRST = "police first"
    """The police got it, before the members' share was decided on."""
    POLICE_ALONE = "police alone"
    """What the police had first stays theirs: the members do not get it."""
    APPROVED = "approved"
    REJECTED = "rejected"
    REASON_GIVEN = "reason given"
    UPDATED = "updated"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    TIPPED = "tipped"
    """A member told what they saw of an alert."""
    TIP_TAKEN_BACK = "tip taken back"
    BULLETIN = "bulletin"
    DRILL = "drill"
    GATE_REFUSED = "gate refused"
    GATE_OVERRULED = "gate overruled"
    """A moderator let something doubtful pass, for a reason."""
    RECEIVED = "received"
    """The police said that they have it."""
    TURNED_DOWN = "turned down"
    """What an officer told was not passed on."""
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    INVITED = "invited"
    VOUCHED = "vouched"
    REVOKED = "revoked"
    LEFT = "left"
    """A member went by themselves."""
    ROLE_CHANGED = "role changed"
    REGION_CHANGED = "region changed"
    SERVER_CHANGED = "server changed"
    """A homeserver was put out, or let in again."""
    TRUSTED = "trusted"
    """A changed identity was accepted."""
    SHOWN = "shown"
    """Somebody was shown what is stored about them."""
    ERASURE_ASKED = "erasure asked"
    ERASED = "erased"
    PURGED = "purged"
    KEY_ROTATED = "key rotated"


_RULES: Final[Mapping[Deed, str]] = {
    Deed.SUBMITTED: "reporter-sends",
    Deed.ANSWERED: "reporter-sends",
    Deed.TIPPED: "reporter-sends",
    Deed.TIP_TAKEN_BACK: "reporter-sends",
    Deed.GATE_REFUSED: "gate",
    Deed.GATE_OVERRULED: "gate",
    Deed.RECEIVED: "liaison",
    Deed.SUBSCRIBED: "liaison",
    Deed.UNSUBSCRIBED: "liaison",
    Deed.INVITED: "by-invitation",
    Deed.VOUCHED: "by-invitation",
    Deed.REVOKED: "by-invitation",
    Deed.LEFT: "by-invitation",
    Deed.ROLE_CHANGED: "by-invitation",
    Deed.REGION_CHANGED: "coordinator-decides",
    Deed.SERVER_CHANGED: "coordinator-decides",
    Deed.TRUSTED: "coordinator-decides",
    Deed.SHOWN: "right-of-access",
    Deed.ERASURE_ASKED: "right-to-erasure",
    Deed.ERASED: "right-to-erasure",
    Deed.PURGED: "retention",
    Deed.KEY_ROTATED: "operator-decides",
}


class NotOneWord(ValueError):
    """A value has room for a sentence, and so for what somebody reported."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done.

    Attributes:
        deed: what.
        by: who did it.
        case: to which report.
        about: to which person, if to one.
        rule: one word for the rule it was done under; of the deed's own when empty.
        details: what else makes it clear, each value one word, a number, or a list of words:
            regions, police, how many.
        reason: what the one who did it typed as their reason. Not of a reporter's text.

    Raises:
        NotOneWord: a detail or the rule is more than a word.
    """

    deed: Deed
    by: UserID | Office
    case: CaseNumber | None = None
    about: UserID | None = None
    rule: str = ""
    details: Mapping[str, Detail] = field(default_factory=dict)
    reason: str | None = None

    def __post_init__(self) -> None:
        words = [self.rule] if self.rule else []
        for name, value in self.details.items():
            words.append(name)
            if isinstance(value, str):
                words.append(value)
            elif not isinstance(value, int):
                words += value
        if len(words) > _MOST_WORDS or not all(_WORD.fullmatch(word) for word in words):
            raise NotOneWord(f"an entry '{self.deed}' has details that are more than words")

    @property
    def under(self) -> str:
        """The rule it was done under: a moderator's decision unless something else is said."""
        return self.rule or _RULES.get(self.deed, "moderator-decides")


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as it is read back.

    Attributes:
        by, about: user ids; a token where the person was erased, or an :class:`Office`.
        version: of the rules, which is that of the program.
        reason: None too when it was erased, or tampered with.
    """

    seq: int
    at: datetime
    deed: str
    by: str
    case: CaseNumber | None
    about: str | None
    rule: str
    version: str
    details: Mapping[str, Detail]
    reason: str | None
    hash: str

    def to_json(self) -> dict[str, Any]:
        """Return it as ``goudwacht audit export`` writes it."""
        return {
            "seq": self.seq,
            "at": self.at.isoformat(timespec="milliseconds"),
            "deed": self.deed,
            "by": self.by,
            "case": self.case,
            "about": self.about,
            "rule": self.rule,
            "version": self.version,
            "details": dict(self.details),
            "reason": self.reason,
            "hash": self.hash,
        }
