"""Which tests of a run go to one worker, where there are several: what they share is made once.

::

    tests/network/*.py ─▶ one worker, whose guild they share      any other file ─▶ whoever is free
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = ("tests/network/",)
"""Folders whose tests share what takes long to make: a guild has seven people in eight rooms."""

LONGEST = (*TOGETHER, "tests/test_chaos.py", "tests/test_demo.py")
"""Begun last, they would go on alone when the other workers have nothing left."""


class ByWhatIsShared(LoadFileScheduling):  # type: ignore[misc]  # it has no types
    """Gives each worker files as they come, and such a folder as a whole."""

    def _split_scope(self, nodeid: str) -> str:
        shared = next((folder for folder in TOGETHER if nodeid.startswith(folder)), None)
        return shared or str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByWhatIsShared | None:
    """Have files shared out like this; anything else that was asked for stands."""
    return ByWhatIsShared(config, log) if config.getvalue("dist") == "loadfile" else None


def longest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The same tests, beginning with what keeps one worker longest."""

    def place(item: pytest.Item) -> int:
        begins = [item.nodeid.startswith(name) for name in LONGEST]
        return begins.index(True) if True in begins else len(LONGEST)

    return sorted(items, key=place)
