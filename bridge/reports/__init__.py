"""Reports: what a member tells, as fields.

::

    "overval plaats=Utrecht tijd=14:05" ─▶ parse ─▶ ReportFields ─▶ to_json ─▶ database
                                               └─▶ Problem, a line of the answer each

A report is made of :class:`ReportFields`; :func:`apply` adds what is said later,
:func:`missing` tells what to ask for, :func:`derived_attempt` what the police would call it.
The words people may type stand in :mod:`bridge.reports.fields`.
"""

from bridge.reports.event_time import EventTime, Precision
from bridge.reports.fields import FieldName, Loot, ReportType, Weapon
from bridge.reports.mo_tags import MoTag
from bridge.reports.parsing import Parsed, Problem, parse
from bridge.reports.report import (
    Count,
    ReportFields,
    ReportFormatError,
    apply,
    derived_attempt,
    missing,
)
from bridge.reports.values import ProblemKind

__all__ = [
    "Count",
    "EventTime",
    "FieldName",
    "Loot",
    "MoTag",
    "Parsed",
    "Precision",
    "Problem",
    "ProblemKind",
    "ReportFields",
    "ReportFormatError",
    "ReportType",
    "Weapon",
    "apply",
    "derived_attempt",
    "missing",
    "parse",
]
