"""PRIVACY.md says what is so: its days hold, and nothing is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary

import bridge.migrations  # noqa: F401 - declares every table
from appservice.database import metadata
from bridge.configuration.settings import RetentionSettings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "PRIVACY.md").read_text()


@pytest.mark.parametrize("name", list(RetentionSettings.model_fields))
def test_the_days_are_those_that_hold_when_nobody_sets_others(name: str) -> None:
    (row,) = [line for line in PAGE.splitlines() if f"(`{name}`)" in line and line.startswith("|")]

    assert re.search(rf"\b{getattr(RetentionSettings(), name)} days\b", row)


ENDS = {
    "cases": "its key is deleted (bridge/privacy/clearing.py)",
    "bulletins": "dropped when sent or thrown away, or by the sweep (bulletins.forget_before)",
    "case_keys": "deleted with the case (bridge/privacy/clearing.py)",
    "drafts": "deleted when sent or thrown away, or with the case (bridge/privacy/clearing.py)",
    "desk_notes": "deleted with the case (Notes.forget)",
    "police_words": "deleted with the case (OfficersWords.forget)",
    "audit_log": "reasons are erased with the case (Audit.forget_reasons)",
    "audit_people": "deleted with the person (Audit.forget_person)",
    "people": "deleted with the person (bridge/privacy/erasing.py)",
    "invitations": "deleted with the person (bridge/privacy/erasing.py), or when they are in",
    "inbox": "dropped when it is handled, or by the sweep (appservice/forgetting.py)",
    "outbox": "dropped when it is sent, or by the sweep (appservice/forgetting.py)",
    "cross_signing_keys": "the bot's own",
    "own_device": "the bot's own",
    "owed_session_keys": "dropped when the device has its key",
}
"""Every table with something sealed in it, and what ends it."""


def test_of_everything_that_is_sealed_it_is_known_what_ends_it() -> None:
    sealed = {
        table.name
        for table in metadata.sorted_tables
        if any(isinstance(column.type, LargeBinary) for column in table.columns)
    }

    assert sealed == set(ENDS), (
        "Have what is kept of a case erased with it: in ModeratorsRoom.forget, or `also` in "
        "bridge/network.py. Then name the table here, and in PRIVACY.md what is in it."
    )
