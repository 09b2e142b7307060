"""The gate: nothing personal leaves.

::

    what somebody wrote ─▶ screen ─▶ findings: kind, level, where
                                        certain  ─▶ nobody may approve it: the text has to change
                                        doubtful ─▶ a moderator's explicit word, with a reason

:func:`screen` is a function of a text and nothing else: no network, no models, no state. The kinds
and the two levels are those of the federation's rule: warn each other, keep no list of persons.
"""

from bridge.gate.finding import Finding, Level, Personal
from bridge.gate.screening import ScreeningFailed, screen

__all__ = ["Finding", "Level", "Personal", "ScreeningFailed", "screen"]
