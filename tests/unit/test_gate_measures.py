"""Ages, sizes, amounts and times beside "ca." and its like are no number plates.

a word for "about" × numbers × a sentence around them ─▶ screen ─▶ no plate
"""

from __future__ import annotations

from itertools import cycle

import pytest

from bridge.gate import Level, Personal, screen

ABOUT = [
    *("ca.", "ca", "Ca.", "CA.", "c.", "circa", "+/-", "±", "~", "rond", "omstreeks", "ong."),
    *("plm.", "va.", "tm.", "tot", "om", "tussen", "tss.", "gem.", "max.", "lft.", "lg."),
    *("nr.", "rd.", "approx.", "about", "around", "between", "avg", "est.", "abt.", "age"),
]  # fmt: skip
NUMBERS = [
    *("25-30", "25-30 jaar", "25 - 30 jr", "25/30", "25 à 30", "30-35jr", "25-30 yo", "25 to 30"),
    *("180-185 cm", "1.80 m", "17.30 uur", "17:30", "17.30-18.15", "17.30u", "12.500", "10-15k"),
    *("500-600 gr", "14-16 kt", "14 kt 50 gr", "18-21 ct", "16-18", "23-11-26", "10-15 meter"),
]
FRAMES = [
    "Dader 1: {}, slank, grijze hoodie",
    "weg in een zwarte golf, dader {}",
    "kenteken onbekend, man {}",
]


@pytest.mark.parametrize("about", ABOUT)
def test_what_is_told_about_a_number_is_no_plate(about: str) -> None:
    for number, frame in zip(NUMBERS, cycle(FRAMES), strict=False):
        text = frame.format(f"{about} {number}")
        plates = [one.text for one in screen(text) if one.kind is Personal.PLATE]
        assert plates == [], text


@pytest.mark.parametrize("plate", ["CA-25-30", "ca-25-30", "GEM-12-T", "hg-12-kl", "12-34-ST"])
def test_the_same_letters_in_a_plate_are_refused(plate: str) -> None:
    (found,) = screen(f"De scooter was {plate} en reed weg")
    assert (found.kind, found.level) == (Personal.PLATE, Level.CERTAIN)
