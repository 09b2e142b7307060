"""How a report is laid out in a message: which text belongs to which field.

::

    poging overval                    ─▶ the first words: the type
    plaats: Utrecht, Steenweg 12      ─▶ "key: value", to the end of the line …
    mo: kwamen als klant binnen,
    sloegen de vitrine in             ─▶ … and on, while no line opens another field
    daders=2 wapen="groot mes"        ─▶ "key=value" pairs, each to the next "key="

Nothing is read here: an :class:`Entry` is a field's name as typed and the text that stands for
it. In a person's own sentences (free text) a colon is a colon: there a new field opens only at
the start of a line, or with "=".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bridge.reports.fields import FIELDS, FREE_TEXT, LISTS, FieldName

_BULLET = re.compile(r"\s*(?:[-*•–]\s+)?")  # noqa: RUF001
_SIGN = re.compile("[:=：＝]")  # noqa: RUF001
_WORD = re.compile(r"[^\s,;(]+")
_QUOTES: Final = {'"': '"', "'": "'", "“": "”", "„": "”", "«": "»", "‘": "’"}  # noqa: RUF001

_LONGEST_KEY: Final = 40
_SLIP: Final = 80
"""Similarity, of 100, from which an unknown key in free text is a slip and not a sentence."""


@dataclass(slots=True)
class Entry:
    """A text and the field it belongs to: None for a key nobody knows, or for no key at all."""

    line: int
    """In the message, from 1."""
    key: str | None
    """As typed; None for text before or outside any field."""
    field: FieldName | None
    value: str


@dataclass(frozen=True, slots=True)
class _Key:
    start: int
    end: int
    typed: str
    field: FieldName | None


def entries(text: str) -> list[Entry]:
    """Cut a message into entries, in its order. Text without any key is an entry, too."""
    layout = _Layout()
    for number, line in enumerate(text.split("\n"), start=1):
        layout.add(number, line)
    return layout.done()


@dataclass(slots=True)
class _Layout:
    _entries: list[Entry] = field(default_factory=list)

    def add(self, number: int, line: str) -> None:
        keys = list(self._keys(line))
        self._continue(number, line[_opening(line) : keys[0].start] if keys else line)
        ends = [key.start for key in keys[1:]] + [len(line)]
        for key, end in zip(keys, ends, strict=False):
            self._entries.append(Entry(number, key.typed, key.field, line[key.end : end].strip()))

    def done(self) -> list[Entry]:
        for entry in self._entries:
            entry.value = _unquoted(entry.value.strip(" \n,;"))
        return self._entries

    def _continue(self, number: int, text: str) -> None:
        """Give text without a key to the field above it, if that can go on over lines."""
        last = self._entries[-1] if self._entries else None
        if last is not None and last.field in FREE_TEXT:
            last.value += "\n" + text.strip()
        elif not text.strip(" ,;"):
            return
        elif last is not None and last.field in LISTS:
            parts = (last.value.strip(" ,;"), text[_opening(text) :].strip(" ,;"))
            last.value = ", ".join(part for part in parts if part)
        elif last is not None and last.key is not None and not last.value:
            last.value = text.strip(" ,;")
        elif last is None or last.key is None or last.field is not None:
            self._entries.append(Entry(number, None, None, text.strip()))
        # What follows a key that nobody knows belongs to it, whatever it was.

    def _keys(self, line: str) -> Iterator[_Key]:
        current = self._entries[-1].field if self._entries else None
        free_until = first = _opening(line)
        for sign in _SIGN.finditer(line):
            if sign.start() < free_until:
                continue
            key = self._key(line, free_until, sign, first, current)
            if key is not None:
                yield key
                current = key.field
                free_until = _past_quotes(line, key.end)

    def _key(
        self, line: str, begin: int, sign: re.Match[str], first: int, current: FieldName | None
    ) -> _Key | None:
        """Return the key that ends in this sign; None when the sign is part of a value."""
        if line[sign.start() - 1 : sign.start()].isdigit() and line[sign.end() :][:1].isdigit():
            return None  # a clock
        window = max(begin, sign.start() - _LONGEST_KEY)
        words = [
            (found.start() + window, found[0])
            for found in _WORD.finditer(line[window : sign.start()])
        ][-3:]
        pair = sign[0] in "=＝"  # noqa: RUF001
        for start, _ in words:
            typed = line[start : sign.start()].strip()
            known = FIELDS.exact(typed)
            if known and (pair or start == first or current not in FREE_TEXT):
                return _Key(start, sign.end(), typed, known)
        start = words[-1][0] if pair and words else first
        typed = line[start : sign.start()]
        if (pair or window <= first) and _looks_like_key(typed, line[sign.end() :], current):
            return _Key(start, sign.end(), typed.strip(), None)
        return None


def _looks_like_key(typed: str, rest: str, current: FieldName | None) -> bool:
    """Whether an unknown word before a sign was meant to name a field."""
    if not re.fullmatch(r"(?=.*[^\W\d])[\w*-]+(?: [\w*-]+){0,2}", typed) or rest.startswith("//"):
        return False
    if current not in FREE_TEXT:
        return True
    return " " not in typed.strip() and bool(FIELDS.nearest(typed, None, at_least=_SLIP))


def _opening(line: str) -> int:
    """Return where the text of a line starts, after a bullet if it has one."""
    bullet = _BULLET.match(line)
    return bullet.end() if bullet else 0


def _past_quotes(line: str, start: int) -> int:
    """Return where a quoted value that opens at ``start`` is over; ``start`` if none does."""
    opening = re.compile(r"\s*(\S)").match(line, start)
    closing = _QUOTES.get(opening[1]) if opening else None
    if opening is None or closing is None:
        return start
    return max(line.find(closing, opening.end()) + 1, start)


def _unquoted(value: str) -> str:
    closing = _QUOTES.get(value[:1])
    if closing and len(value) > 1 and value.endswith(closing) and value.count(closing) <= 2:
        return value[1:-1].strip()
    return value
