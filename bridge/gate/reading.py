"""A text as the gate reads it: one alphabet, one kind of digit, space and dash.

::

    "К e v i n ０６‑12"  ─▶  "Kevin 06-12", and for each character where it came from

What was done to a text to slip past a rule (look-alike letters of other scripts, characters of no
width, wide digits, accents) is undone here, so that no rule has to know of it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final

_SIGNS: Final = {
    "ı": "i", "ɪ": "i", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d",
    "þ": "th", "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "ə": "e", "’": "'", "‘": "'", "ʼ": "'",
    "`": "'",
    "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "−": "-", "•": "·", "∙": "·",
    "⋅": "·", "・": "·", "․": ".", "\r": " ", "\t": " ", "\u2028": "\n", "\u2029": "\n",
    "＠": "@", "﹫": "@",
}  # fmt: skip

_LOOK_ALIKE: Final = {
    pair[0]: pair[1]
    for pair in (
        "АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ХX аa еe ѕs іi јj оo рp сc уy хx һh ԁd ԛq ԝw "
        "ӏl кk мm нn тt вb ьb ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX αa ιi κk νv οo ρp τt υu "
        "χx ωw ϲc ϳj ɑa ɡg ɩi"
    ).split()
}
_DIGITS: Final = {"З": "3", "з": "3", "О": "0", "о": "0", "Ч": "4", "ч": "4", "б": "6", "Б": "6"}
"""Letters that look like a digit among digits."""
_CYRILLIC: Final = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "e", "є": "ye",
    "ж": "zh", "з": "z", "и": "i", "і": "i", "ї": "yi", "й": "y", "к": "k", "л": "l", "м": "m",
    "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh",
    "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sht", "ъ": "a", "ы": "y", "ь": "", "э": "e",
    "ю": "yu", "я": "ya", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "dj", "џ": "dz",
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip

_WORD = re.compile(r"[^\W\d_]+")
_SPACED = re.compile(
    r"(?<![^\W_])[^\W_](?:(?:[ .·_/]|[ ]{0,2}[-_][ ]{0,2}|[ ]{2,3}|\n)[^\W_]){4,}(?![^\W_])"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules look at.

    Attributes:
        text: as it is read, with its capitals.
        at: for each character of ``text``, its offset in what was typed; and the end.
        foreign: where words of another script stand, in ``text``.
    """

    text: str
    at: tuple[int, ...]
    foreign: tuple[tuple[int, int], ...] = ()

    def typed(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch of ``text`` stands in what was typed."""
        return self.at[start], self.at[end - 1] + 1 if end > start else self.at[start]


def read(typed: str) -> Reading:
    """Return a text as the gate reads it."""
    if typed.isascii():
        return Reading(typed.replace("\r", " ").replace("\t", " "), tuple(range(len(typed) + 1)))
    plain = [_plain(sign) for sign in typed]
    text = "".join(plain)
    at = list(chain.from_iterable([index] * len(part) for index, part in enumerate(plain)))
    at.append(len(typed))
    if text.isascii():
        return Reading(text, tuple(at))
    return _in_latin(text, at)


def spaced_out(reading: Reading) -> Reading | None:
    """Return a text without the spaces between letters and digits typed one by one.

    None when there are no such: nearly always.
    """
    text: list[str] = []
    at: list[int] = []
    done = 0
    for found in _SPACED.finditer(reading.text):
        # "@ k l o k": the sign belongs to what follows.
        apart = reading.text[max(done, found.start() - 2) : found.start()] == "@ "
        keep = [*range(done, found.start() - apart)]
        keep += [i for i in range(*found.span()) if reading.text[i].isalnum()]
        text += [reading.text[i] for i in keep]
        at += [reading.at[i] for i in keep]
        done = found.end()
    if not done:
        return None
    text.append(reading.text[done:])
    at += reading.at[done:]
    return Reading("".join(text), tuple(at))


@lru_cache(maxsize=4096)
def _plain(sign: str) -> str:
    if sign.isascii():
        return " " if sign in "\r\t" else sign
    if sign in _SIGNS:
        return _SIGNS[sign]
    made = []
    for part in unicodedata.normalize("NFKD", sign):
        category = unicodedata.category(part)
        if part in _SIGNS:
            made.append(_SIGNS[part])
        elif category in ("Mn", "Me", "Cf", "Cc"):
            continue
        elif category == "Nd":
            made.append(str(unicodedata.digit(part)))
        elif category == "Pd":
            made.append("-")
        elif category == "Zs":
            made.append(" ")
        else:
            made.append(part)
    return "".join(made)


def _in_latin(text: str, at: list[int]) -> Reading:
    """Write words of other scripts in Latin letters: as they look, or as they sound."""
    parts: list[str] = []
    places: list[int] = []
    foreign: list[tuple[int, int]] = []
    length = done = 0
    for word in _WORD.finditer(text):
        if word[0].isascii():
            continue
        before = text[done : word.start()]
        parts.append(before)
        places += at[done : word.start()]
        length += len(before)
        made, looks = _latin(word[0])
        if word[0] in _DIGITS and re.search(r"\d$", text[: word.start()][-1:]):
            made, looks = [_DIGITS[word[0]]], True
        if not looks:
            foreign.append((length, length + sum(map(len, made))))
        for index, part in enumerate(made):
            parts.append(part)
            places += [at[word.start() + index]] * len(part)
            length += len(part)
        done = word.end()
    parts.append(text[done:])
    places += at[done:]
    return Reading("".join(parts), tuple(places), tuple(place for place in foreign if _long(place)))


def _latin(word: str) -> tuple[list[str], bool]:
    """Return a word letter by letter in Latin; and whether it was one that only looked foreign."""
    if any(sign.isascii() for sign in word) or all(sign in _LOOK_ALIKE for sign in word):
        return [_LOOK_ALIKE.get(sign, sign) for sign in word], True
    made = []
    for sign in word:
        sound = _CYRILLIC.get(sign.lower(), sign)
        made.append(sound.capitalize() if sign.isupper() else sound)
    return made, False


def _long(place: tuple[int, int]) -> bool:
    return place[1] - place[0] >= 2
