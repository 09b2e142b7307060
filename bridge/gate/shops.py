"""The name of a shop: many are called after their owner, and none after a telephone number.

A trade name is public in the register of companies, its owner gave it to the federation, and only
moderators read it here: a person's name, or that of a site, may stand in it. Nothing else may that
the gate is certain of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bridge.gate.finding import Finding, Personal
from bridge.gate.screening import screened

_OF_A_SHOP: Final = frozenset({Personal.NAME, Personal.LINK})


def unfit(
    name: str, screener: Callable[[str], tuple[Finding, ...]] = screened
) -> tuple[Finding, ...]:
    """Return what in the name of a shop is no name: a telephone number, an account, a home.

    Raises:
        ScreeningFailed: it could not be judged.
    """
    return tuple(one for one in screener(name) if one.certain and one.kind not in _OF_A_SHOP)
