"""How soon a homeserver that is away is asked again."""

from __future__ import annotations

import pytest

from appservice.absences import again_after

MINUTES, HOURS = 60.0, 3600.0


@pytest.mark.parametrize(
    ("away", "seconds"),
    [(0.0, 3.0), (5 * MINUTES, 3.0), (10 * MINUTES, 6.0), (12 * HOURS, 7.0), (48 * HOURS, 60.0)],
)
def test_the_longer_it_was_away_the_later(away: float, seconds: float) -> None:
    assert again_after(away) == seconds


@pytest.mark.parametrize("away", [1.0, 1 * MINUTES, 10 * MINUTES, 1 * HOURS, 23 * HOURS])
def test_after_an_absence_of_hours_nobody_waits_ten_seconds(away: float) -> None:
    assert again_after(away) < 10.0
