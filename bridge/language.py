"""The languages the network speaks, and what people call them.

What they read is a folder of ``templates/`` each (:mod:`bridge.wording`); what they type stands
beside what it means: the words of commands (:mod:`bridge.commands`) and of reports
(:mod:`bridge.reports.vocabulary`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """A language the network speaks; the value names its folder under the templates."""

    NL = "nl"
    EN = "en"

    @property
    def tag(self) -> str:
        """The language as its country writes it (BCP 47): "nl-NL"."""
        return _TAGS[self]

    @property
    def locale(self) -> str:
        """The same as Babel names it, which writes dates: "nl_NL"."""
        return self.tag.replace("-", "_")

    @classmethod
    def called(cls, word: str) -> Language | None:
        """Return the language that somebody calls so; None when it is none of ours."""
        return _CALLED.get(word.strip().casefold())


_TAGS: Final = {Language.NL: "nl-NL", Language.EN: "en-GB"}

_CALLED: Final = {
    "nl": Language.NL,
    "nederlands": Language.NL,
    "dutch": Language.NL,
    "en": Language.EN,
    "engels": Language.EN,
    "english": Language.EN,
}
