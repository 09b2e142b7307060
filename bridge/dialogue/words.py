"""The words that steer a dialogue, whatever the question: back, stop, don't know, send."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from bridge.reports.vocabulary import Vocabulary, folded, words


class Word(StrEnum):
    """What such a word asks for."""

    BACK = "back"
    STOP = "stop"
    UNKNOWN = "unknown"
    SEND = "send"
    MORE = "more"
    CLEAR = "clear"


_ALWAYS: Final = Vocabulary(
    {
        Word.BACK: words("terug, vorige, ga terug, stap terug", "back, go back, previous, undo"),
        Word.STOP: words(
            "stop, stoppen, annuleer, annuleren, weggooien, gooi weg, laat maar",
            "stop, cancel, quit, abort, discard, throw away, never mind, nevermind",
        ),
        Word.UNKNOWN: words(
            "weet niet, weet ik niet, ik weet het niet, weet het niet, geen idee, onbekend, "
            "overslaan, sla over, weet ik niet meer, ?, ??, wn",
            "unknown, do not know, don't know, dont know, i don't know, i dont know, no idea, "
            "not sure, skip, idk, dunno",
        ),
    }
)

_WHEN_READY: Final = Vocabulary(
    {
        Word.SEND: words(
            "verstuur, versturen, verstuur maar, verstuur nu, verzend, verzenden, stuur, sturen, "
            "stuur maar, nu versturen, ja, ja graag, ja hoor, jazeker, ok, oke, okay, prima, "
            "klopt, goed, goed zo, akkoord, is goed, j",
            "send, send it, send now, yes, yes please, submit, y, yep, fine, correct, go",
        ),
        Word.MORE: words(
            "meer, aanvullen, toevoegen, wijzig, wijzigen, veranderen, aanpassen, nee, nog iets, "
            "meer toevoegen, iets toevoegen",
            "more, add, add more, change, edit, no, something else",
        ),
    }
)

_CLEARED: Final = Vocabulary(
    {
        Word.CLEAR: words(
            "wis, wissen, leeg, leegmaken, verwijder, haal weg, weg, -",
            "clear, empty, remove, delete, none of that, -",
        )
    }
)

_CLEAR_FIELD: Final = re.compile(
    r"(?:wis|wissen|leeg|verwijder|haal weg|clear|remove|delete|empty)\s+(?P<field>.+)"
)
_NUMBER: Final = re.compile(
    r"(?:(?:nummer|nr|optie|keuze|number|no|option|choice)\.?\s*)?"
    r"(?P<number>\d{1,2})\s*[.):]?(?P<rest>(?:\s.*)?)",
    re.DOTALL,
)


def steering(typed: str) -> Word | None:
    """Return what a text asks for whatever the question was; None for an answer."""
    return _ALWAYS.exact(typed)


def when_ready(typed: str) -> Word | None:
    """Return whether a text says to send a report, or to add to it."""
    return _WHEN_READY.exact(typed.strip().rstrip("."))


def says_clear(typed: str) -> bool:
    """Tell whether a text, given for a field, asks to leave it empty."""
    return typed.strip() == "-" or _CLEARED.exact(typed) is not None


def field_to_clear(typed: str) -> str | None:
    """Return the name in "wis daders"."""
    found = _CLEAR_FIELD.fullmatch(folded(typed))
    return None if found is None else found["field"]


def number(typed: str) -> tuple[int, str] | None:
    """Return the number at the start of "3", "3.", "optie 3" or "3 twee man", and what follows."""
    found = _NUMBER.fullmatch(typed.strip())
    return None if found is None else (int(found["number"]), found["rest"].strip())
