"""Number plates: every Dutch series in the ways people type them, and foreign ones.

A Dutch plate has six signs in three groups, each of letters or of digits (source: RDW, sidecodes 1
to 14). Typed with dashes or in one piece it is one wherever it stands; typed loosely ("9 tkk 12")
where no group reads as a word; and after the word "kenteken" anything with letters and digits is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bridge.gate import plates_abroad
from bridge.gate.finding import Mark, Personal, certain
from bridge.gate.lexicon import is_word, words_for
from bridge.gate.numbers import REFERENCE
from bridge.gate.phones import said_digits
from bridge.gate.plates_abroad import is_about
from bridge.gate.reading import Reading

_SHAPES: Final = (
    "LL-99-99", "99-99-LL", "99-LL-99", "LL-99-LL", "LL-LL-99", "99-LL-LL", "99-LLL-9", "9-LLL-99",
    "LL-999-L", "L-999-LL", "LLL-99-L", "L-99-LLL", "9-LL-999", "999-LL-9",
)  # fmt: skip
"""Sidecodes 1 to 14."""


def _pattern(between: str) -> str:
    shapes = []
    for shape in _SHAPES:
        groups = [
            f"{'[A-Za-z]' if group[0] == 'L' else '[0-9]'}{{{len(group)}}}"
            for group in shape.split("-")
        ]
        shapes.append(between.join(groups))
    return rf"(?<![^\W_])(?<![€.,/\-]\b)(?<!\d:)(?:{'|'.join(shapes)})(?![^\W_])(?![.,]\d)"


# A dash with a space behind it at the beginning of a line is a list's.
_BROKEN = r"[-.·/_]?[ ]?\n[ ]?(?:[-.·/_](?! ))?"
_SIGNED = re.compile(_pattern(r"(?:[ ]?[-.·/_*=|][ ]?|[-.·/_]\n|\n[-.·/_](?! ))"))
_LOOSE = re.compile(_pattern(rf"(?:[ ]{{1,2}}|[ ]?[-.·/_][ ]?|{_BROKEN})"))
_JOINED = re.compile(_pattern(""))
_WHOLE = re.compile(_pattern("-"), re.IGNORECASE)
_TORN = re.compile(
    r"(?<![^\W_])[A-Za-z0-9]{1,3}(?:-[A-Za-z0-9]{1,3}){0,2}-?[ ]*\n[ ]*-?"
    r"[A-Za-z0-9]{1,3}(?:-[A-Za-z0-9]{1,3}){0,2}(?![^\W_])"
)
"""One whose line ends within a group: "8-KL", and "F-92" below it."""
_SPLIT = re.compile(_pattern(rf"(?:[ ]{{1,2}}|[ ]{{0,2}}[-.·/_][ ]{{0,2}}|{_BROKEN}|)"))

_CUE = re.compile(
    r"\b(?:kente?k\w*|kent\.?|nummer ?(?:plaat|plaatje|bord)\w*"
    r"|(?:\w{1,12}-)?plaat(?:je|jes)?"
    r"|platen|(?<!strike )(?<!face )(?<!back )plates?|number ?plates?"
    r"|licen[cs]e ?plates?|licen[cs]e|licence|registration|registered"
    r"|reg\.?|vrm|nummerplaten|tablic\w*|rejestrac\w*|plaques?|plaka\w*|immatricul\w*|targa"
    r"|kennzeichen|nummernschild|inmatricular\w*|numere|matricula)(?![^\W_])",
    re.IGNORECASE,
)
_WINDOW = re.compile(r"(?:(?!\n\n).){0,45}[^\W_]*", re.DOTALL)
"""Behind the cue, to the end of a word and of the paragraph."""
_PARTIAL = re.compile(
    r"\b(?:begin\w{0,5}|eind(?:e|igt|igend|igde)?|start\w{0,3}|end(?:s|ed|ing)?|eerste|laatste"
    r"|first"
    r"|last|iets met|gedeeltelijk\w*|partial\w*|nog|bevat\w*|contain\w*)\b",
    re.IGNORECASE,
)
_PART = re.compile(r"[A-Za-z0-9]+")
_UNITS: Final = words_for("units")
_MONTHS: Final = frozenset(
    ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
)


def find(reading: Reading) -> Iterator[Mark]:
    """Return the number plates."""
    text = reading.text
    for found in _SIGNED.finditer(text):
        if _plausible(text, found, strict=False):
            yield certain(Personal.PLATE, *found.span())
    for found in _JOINED.finditer(text):
        yield from _joined(text, found)
    loose: re.Match[str] | None
    for found in _TORN.finditer(text):
        whole = re.sub(r"[ ]*\n[ ]*", "", found[0])
        if _WHOLE.fullmatch(whole) and not _is_reference(text, found):
            yield certain(Personal.PLATE, *found.span())
    at = 0
    while (loose := _LOOSE.search(text, at)) is not None:
        at = loose.start() + 1  # "in 14 VP NH": one may begin within what is none
        named = plates_abroad.NAMED_BEHIND.match(text, loose.end()) is not None
        named = named and not is_about(text, *loose.span())
        if (named and not _is_reference(text, loose)) or _plausible(text, loose, strict=True):
            yield certain(Personal.PLATE, *loose.span())
            at = loose.end()
    yield from plates_abroad.find(text)
    yield from _after_cue(text)


def _joined(text: str, found: re.Match[str]) -> Iterator[Mark]:
    if _is_reference(text, found):
        return
    groups = re.findall(r"[A-Za-z]+|\d+", found[0])
    if len(groups) == 3:
        # "10cm25" is a measure, and "k481td" is none.
        measures = [group for group in groups if _reads_as_word(group)]
        if plates_abroad.seen_with_a_vehicle(text, *found.span()) and len(groups[1]) > 1:
            measures = []
        model = plates_abroad.MODELS.fullmatch(found[0]) is not None
        if model and not plates_abroad.seen_with_a_vehicle(text, *found.span()):
            return
        if not measures or found[0].isupper() or (groups[0].isalpha() and len(measures[0]) == 1):
            yield certain(Personal.PLATE, *found.span())
    elif plates_abroad.NAMED_BEHIND.match(text, found.end()):
        yield certain(Personal.PLATE, *found.span())


def _plausible(text: str, found: re.Match[str], *, strict: bool) -> bool:
    """Whether three groups are a plate, and not a time, a date, an amount or words."""
    if _is_reference(text, found) or is_about(text, *found.span()) or _sentences(found[0]):
        return False
    letters = re.findall(r"[A-Za-z]+", found[0])
    if any(group.lower() in _MONTHS for group in letters):
        return False
    vehicle = plates_abroad.seen_with_a_vehicle(text, *found.span())
    if found[0].isupper() and (vehicle or "\n" in found[0]):
        return True
    signs = {sign.strip() for sign in re.findall(r"[^A-Za-z0-9]+", found[0])}
    if strict and len(signs) > 1 and "\n" not in found[0]:
        return False  # "RM 67-02" is a watch
    if vehicle and _of_a_vehicle(found[0], letters, strict=strict):
        return True
    if any(group.lower() in _UNITS for group in letters) and (strict or not found[0].isupper()):
        return False
    if not strict:
        return not any(len(group) == 3 and _reads_as_word(group) for group in letters if
                       not group.isupper())  # fmt: skip
    if any(_reads_as_word(group) for group in letters):
        return False
    if plates_abroad.seen_with_a_vehicle(text, *found.span()):
        return True
    if any(len(group) == 1 and group.lower() in "aeiouxk" for group in letters):
        return False
    return found[0].upper() == found[0] or not re.search(r"[aeiou]", "".join(letters).lower())


def _sentences(plate: str) -> bool:
    """Whether the signs between three groups end sentences: "DADER 1 = CA. 25", "CA. 17.30"."""
    between = re.findall(r"[^A-Za-z0-9\n]+", plate)
    spaced = any(" " in sign and sign.strip() for sign in between)
    if "\n" in plate or len(set(between)) < 2 or not spaced:
        return False
    return ". " in between or len({sign.strip() for sign in between}) > 1


def _of_a_vehicle(plate: str, letters: list[str], *, strict: bool) -> bool:
    """Whether what stands beside a vehicle is its plate: signed, or with digits: "k 527 rs"."""
    words = any(len(group) > 1 and _reads_as_word(group) for group in letters)
    return not strict or (not words and sum(map(str.isdigit, plate)) > 2)


def _after_cue(text: str) -> Iterator[Mark]:
    """Return what follows the word "kenteken", when it has letters and digits in it."""
    for cue in _CUE.finditer(text):
        begin, end = cue.end(), _WINDOW.match(text, cue.end()).end()  # type: ignore[union-attr]
        whole = _SPLIT.search(text, begin, end)
        if whole is not None and not (is_about(text, *whole.span()) or _is_told(whole[0])):
            yield certain(Personal.PLATE, *whole.span())
        elif (spoken := _spoken(text, begin)) is not None:
            yield certain(Personal.PLATE, *spoken)
        row: list[re.Match[str]] = []
        for part in _PART.finditer(text, begin, end):
            fits = _could_be_part(part[0])
            if row and (not fits or part.start() - row[-1].end() > 3):
                break
            if fits:
                row.append(part)
        row = row[:4]
        while row and row[-1][0].lower() in _UNITS:
            row.pop()
        made = "".join(part[0] for part in row)
        model = len(made) < 6 and plates_abroad.MODELS.fullmatch(made) is not None
        mixed = not made.isalpha() and not made.isdigit() and not model
        partial = _PARTIAL.search(text[begin : end + 15]) is not None
        if row and is_about(text, row[0].start(), row[-1].end()):
            continue
        if (4 <= len(made) <= 9 and mixed) or (2 <= len(made) <= 6 and partial):
            yield certain(Personal.PLATE, row[0].start(), row[-1].end())


def _is_told(stretch: str) -> bool:
    """Whether a word stands in what a plate's shape was found in: "rond 25"."""
    words = re.findall(r"[A-Za-z]{4,}", stretch)
    return any(is_word(word) and not word.isupper() for word in words)


def _spoken(text: str, begin: int) -> tuple[int, int] | None:
    """Return where a plate is written out as it is said: "zes tkb vier acht", "tango victor 3"."""
    signs, first, last, said = "", begin, begin, False
    for part in _PART.finditer(text, begin, begin + 90):
        word = part[0].lower()
        sign = said_digits(word) or _SAID_LETTERS.get(word)
        if sign is not None and word.isalpha() and len(word) > 1:
            said = True
        elif part[0].isdigit() or (
            part[0].isalpha() and len(word) <= 3 and (len(word) == 1 or not _reads_as_word(word))
        ):
            sign = word
        elif signs or word not in _BEFORE_SPOKEN:
            break
        else:
            continue
        first = part.start() if not signs else first
        signs, last = signs + sign, part.end()
    mixed = not signs.isalpha() and not signs.isdigit()
    return (first, last) if said and mixed and 5 <= len(signs) <= 8 else None


_SAID_LETTERS: Final = {
    word: word[0]
    for word in [
        "alfa",
        "alpha",
        "bravo",
        "charlie",
        "delta",
        "echo",
        "foxtrot",
        "golf",
        "hotel",
        "india",
        "juliett",
        "kilo",
        "lima",
        "mike",
        "november",
        "oscar",
        "papa",
        "quebec",
        "romeo",
        "sierra",
        "tango",
        "uniform",
        "victor",
        "whiskey",
        "xray",
        "yankee",
        "zulu",
    ]
}
_BEFORE_SPOKEN: Final = frozenset(
    ["is", "was", "als", "iets", "met", "dus", "nummer", "number", "reads", "read", "as", "with"]
)


def _could_be_part(part: str) -> bool:
    if part.isdigit():
        return len(part) <= 6
    if part.isalpha():
        longest = 4 if part.isupper() else 3
        return len(part) <= longest and not (_reads_as_word(part) and not part.isupper())
    return len(part) <= 9


def _reads_as_word(group: str) -> bool:
    return group.lower() in _UNITS or (len(group) > 1 and is_word(group))


def _is_reference(text: str, found: re.Match[str]) -> bool:
    return REFERENCE.search(text[max(0, found.start() - 60) : found.start()]) is not None
