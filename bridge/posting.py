"""What may be posted in our rooms: words, and no pictures of anybody (source: the warning app, S0).

::

    a message ──▶ words ──▶ read
                  a vote, a call, a check of devices ──▶ people among themselves, or nothing to do
                  anything else, or with a file in it ──▶ removed, and a word why
    a reaction ─▶ one emoji ──▶ stays
                  words, a picture ──▶ removed, and a word why: reactions are not encrypted

What is not known is taken for a picture: clients learn new kinds of these every year.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto
from typing import Final

_WORDS: Final = frozenset({"m.text", "m.notice", "m.emote"})
_CHECKS: Final = "m.key.verification."
_TALK: Final = (
    *("m.poll.", "org.matrix.msc3381."),
    *("m.call.", "org.matrix.call.", "m.rtc.", "org.matrix.msc4075."),
)

_LONGEST_EMOJI: Final = 12
"""Code points: a family of four with a colour of skin each has eleven."""
_JOINER: Final = "\u200d"
_BEHIND = re.compile(
    "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]+$|(?<=^\U0001f3f4)[\U000e0020-\U000e007f]+$"
)
"""What may follow a sign and be none: how it is drawn, a colour of skin, whose flag it is."""
_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_LETTERS = re.compile("[\u2460-\u24ff\U0001f100-\U0001f1ff]")
"""Letters in circles and squares: one is a sign, more are a word."""
_SIGNS: Final = "\u203c\u2049\u3030"
"""Those that Unicode takes for punctuation."""


class Posted(Enum):
    """What somebody posted."""

    WORDS = auto()
    TALK = auto()
    """A poll or a call."""
    CHECK = auto()
    """Clients that verify each other."""
    THING = auto()
    """A picture, sound, a file, a sticker, a place, or what nobody knows yet."""


def posted(msgtype: str, *, media: bool) -> Posted:
    """Return what a message is.

    Args:
        msgtype: as :attr:`appservice.events.Message.msgtype`.
        media: as :attr:`appservice.events.Message.media`.
    """
    if media:
        return Posted.THING
    if msgtype in _WORDS:
        return Posted.WORDS
    if msgtype.startswith(_CHECKS):
        return Posted.CHECK
    return Posted.TALK if msgtype.startswith(_TALK) else Posted.THING


def is_emoji(key: str) -> bool:
    """Tell whether a reaction is one emoji, with which nothing can be said of anybody."""
    if len(key) > _LONGEST_EMOJI:
        return False
    if _KEYCAP.fullmatch(key) or _FLAG.fullmatch(key):
        return True
    signs = [_BEHIND.sub("", part) for part in key.split(_JOINER)]
    return all(
        len(sign) == 1
        and (unicodedata.category(sign) in ("So", "Sm") or sign in _SIGNS)
        and not (len(signs) > 1 and _LETTERS.match(sign))
        for sign in signs
    )
