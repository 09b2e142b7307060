"""Which words of a text are part of a street, a building or a place: "de Lange Nieuwstraat".

::

    words ─▶ one that ends as a street does ─▶ whom it is called after, in front of it ─▶ masked

A family's name may end so, too: "Anna van Riemsdijk", behind a given name and not behind "in".
"""

from __future__ import annotations

import re
from typing import Final

from bridge.gate.lexicon import (
    fold,
    is_given,
    is_given_name,
    is_no_person,
    is_surname,
    is_town,
    is_word,
    words_for,
)

PARTICLES: Final = words_for("particles")
_STREET_END = re.compile(
    r".*(?:straat|straatje|laan|weg|plein|gracht|kade|dijk|singel|steeg|pad|hof|plantsoen|dreef"
    r"|park|markt|brug|boulevard|allee|passage|poort|kerk|museum|school|college|lyceum|station"
    r"|haven|sluis|kanaal|terrein|viaduct|molen|vijver|rotonde|kazerne|manege|tunnel|toren|huis|ziekenhuis|theater|stadion|centrum|galerij|buurt|wijk|kwartier|hal)"
    r"(?:-?(?:zijde|kant|hoek|ingang))?"
)
_STREET_WORD: Final = words_for("street_words")
_ARTICLES: Final = frozenset({"de", "het", "een", "t", "'t", "the", "a"})
OF_FAMILIES_TOO: Final = (
    "dijk",
    "hof",
    "sluis",
    "molen",
    "poort",
    "huis",
    "haven",
    "brug",
    "toren",
)
_ENDS_OF_STREETS: Final = ("straat", "laan", "plein", "gracht", "kade", "singel", "dreef", "dijk")
_OF_STREETS: Final = words_for("of_streets")
_COMMON_STEMS: Final = words_for("street_stems")
SHOPS: Final = words_for("shops")
"""In front of a name that is a shop's, a street's or a thing's."""


_ON_A_RIVER = re.compile(
    r"(?<![^\W_])(?P<town>[A-Z][\w-]+) (?:aan|bij|op|a/d|am|an)(?: de[nr]?| het)? [A-Z][\w-]+"
)


def _named_so(tokens: list[re.Match[str]], index: int) -> bool:
    """Whether a word such as "weg" may end the name of a street: "Van Rensselaer weg"."""
    return index > 0 and tokens[index - 1][0][0].isupper()


def _on_a_river(text: str, tokens: list[re.Match[str]], branded: list[bool]) -> list[bool]:
    """Return what is masked, and what stands behind a town: "Valkenburg aan de Geul"."""
    masked = list(branded)
    for found in _ON_A_RIVER.finditer(text):
        if is_town(fold(found["town"])):
            for index, token in enumerate(tokens):
                masked[index] |= found.start() <= token.start() < found.end()
    return masked


def masked_by_streets(
    text: str, tokens: list[re.Match[str]], folded: list[str], branded: list[bool]
) -> list[bool]:
    """Return which words are part of a brand, a shop, a street or a place."""
    masked = _on_a_river(text, tokens, branded)
    for index, word in enumerate(folded):
        street = word in _STREET_WORD or (
            len(word) > 6 and word not in _STREET_WORD and _STREET_END.fullmatch(word) is not None
        )
        if not street or (is_surname(word) and not word.endswith(("straat", "laan", "weg"))):
            continue
        if not word.endswith(_ENDS_OF_STREETS) and _behind_initials(text, tokens, folded, index):
            continue  # "T.W. Kruithof", "S. van 't Hof"
        if word.endswith(OF_FAMILIES_TOO) and _behind_a_given_name(text, tokens, folded, index):
            continue  # "Anna van Riemsdijk"
        if index and tokens[index - 1][0][0].isupper() and folded[index - 1].endswith("se"):
            masked[index - 1] = True  # "Bergse Dorpsstraat"
        bare = word in _STREET_WORD and index and folded[index - 1] in PARTICLES
        if bare and is_surname(word) and folded[index - 1] in ("van", "der", "den"):
            continue  # "mevrouw van der Laan"
        masked[index] = True
        building = tokens[index][0].islower() and not word.endswith(_ENDS_OF_STREETS)
        if index and building and folded[index - 1] in _ARTICLES:
            continue  # "Kevin van de sportschool"
        if index and folded[index - 1] in _OF_STREETS:
            masked[index - 1] = True  # "de Lange Nieuwstraat"
        stem = re.sub(
            r"(?:straat|straatje|laan|weg|plein|gracht|kade|dijk|singel|steeg|pad|hof|markt|park)$",
            "",
            word,
        )
        if stem in _COMMON_STEMS:
            continue
        if tokens[index][0] == "weg" and not _named_so(tokens, index):
            continue  # "ouahbi reed weg"
        _mask_back(text, tokens, folded, masked, index)
    return masked


def _behind_initials(text: str, tokens: list[re.Match[str]], folded: list[str], index: int) -> bool:
    """Whether initials with their dots stand before a word, or before its particles."""
    back = index - 1
    while back >= 0 and folded[back] in PARTICLES and len(tokens[back][0]) > 1:
        back -= 1
    if back == index - 2 and tokens[index - 1][0] in ("t", "'t"):
        back = index - 2
    if back >= 0 and folded[back] in ("van", "t"):
        back -= 1
    return (
        back >= 0
        and len(tokens[back][0]) == 1
        and tokens[back][0].isupper()
        and text[tokens[back].end() : tokens[back].end() + 1] == "."
    )


_AT_A_PLACE = re.compile(
    r"\b(?:in|op|aan|bij|naar|thv|t\.h\.v\.|hoogte van|hoek|richting|langs|nabij|tegenover|uit|via"
    r"|achter|voor|de|het|at|on|near|along|towards)[ ]$",
    re.IGNORECASE,
)
_NUMBER_BEHIND = re.compile(r",? \d")


def _behind_a_given_name(
    text: str, tokens: list[re.Match[str]], folded: list[str], index: int
) -> bool:
    """Whether a word that ends as a street does is a family's name: "Lieven Zwartendijk"."""
    back = index - 1
    while back > 0 and folded[back] in PARTICLES:
        back -= 1
    if (
        back < 0
        or not tokens[index][0][0].isupper()
        or _NUMBER_BEHIND.match(text, tokens[index].end())
    ):
        return False
    first, word = tokens[back], folded[index]
    stem = re.sub(rf"(?:{'|'.join(OF_FAMILIES_TOO)})$", "", word)
    called_after = is_given_name(stem) or is_surname(stem) or is_surname(stem.rstrip("s"))
    return (
        first[0][0].isupper()
        and len(first[0]) > 1
        and is_given_name(folded[back])
        and not (is_word(folded[back]) or is_no_person(folded[back]) or folded[back] in SHOPS)
        and not (called_after or len(stem) < _SHORTEST_STEM)
        # "Johan Frisohof" is a street, "Willem Westerhof" is none.
        and (word.endswith("dijk") or back < index - 1 or stem in _OF_FARMS)
        and _AT_A_PLACE.search(text[max(0, first.start() - 14) : first.start()]) is None
        and text[first.end() : tokens[back + 1].start()] == " "
    )


_OF_FARMS: Final = frozenset(
    ["wester", "ooster", "noorder", "zuider", "nieuwen", "berg", "hazel", "brink", "water"]
)
"""What a family's farm was called: "Westerhof"."""
_SHORTEST_STEM: Final = 4


def _mask_back(
    text: str, tokens: list[re.Match[str]], folded: list[str], masked: list[bool], index: int
) -> None:
    """Mask whom a street is called after: the words before "straat"."""
    back = index - 1
    while back >= 0 and index - back <= 5:
        gap = text[tokens[back].end() : tokens[back + 1].start()]
        if gap not in (" ", ". ", ".", "  "):
            break
        word = folded[back]
        named = is_given(word) or is_surname(word)
        if not (tokens[back][0][0].isupper() or word in PARTICLES or named):
            break
        called_after = is_given_name(word) or is_surname(word) or len(word) <= 2 or word in SHOPS
        if tokens[back][0][0].isupper() and is_word(word) and not called_after:
            break
        masked[back] = True
        back -= 1
