"""The known word that a mistyped one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process

_ALIKE = 60  # of 100: 'utrech' reads as 'utrecht', 'breda' as no police unit


def suggestion(typed: object, known: Iterable[str]) -> str:
    """Return ``"; nearest: 'utrecht'"``, or what there is to choose from, or nothing."""
    words = list(dict.fromkeys(known))
    found = process.extractOne(str(typed), words, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    if found is not None:
        return f"; nearest: '{found[0]}'"
    if 0 < len(words) <= 15:
        return "; known: " + ", ".join(f"'{word}'" for word in words)
    return ""
