"""What every section of ``goudwacht.yaml`` is, and values that several of them have."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bridge.configuration.nearest import suggestion
from bridge.reports.fields import ReportType


class Section(BaseModel):
    """A section: frozen, and it refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _report_type(value: object) -> object:
    known = [kind.value for kind in ReportType]
    if value not in known:
        raise ValueError("is no type of report" + suggestion(value, known))
    return value


TypeOfReport = Annotated[ReportType, BeforeValidator(_report_type)]
