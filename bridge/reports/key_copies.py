"""Copies of the reports' keys, apart from copies of the database.

A copy of the database without keys may be kept for long: of a report that was erased since, the
newest copy of the keys has none, and so nothing opens it. The keys in a copy are sealed as they are
in the database; who has the copy needs the secret, too.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error
from typing import Any

from sqlalchemy import select

from appservice.database import Work, insert_missing
from appservice.vault import Vault, VaultError
from bridge.reports import case_keys
from bridge.reports.records import FIELDS_PURPOSE, cases

_VERSION = 1


class NoKeys(ValueError):
    """A text is no copy of keys."""


async def written(work: Work) -> tuple[str, int]:
    """Return every key as text, sealed, and how many there are."""
    rows = (await work.execute(select(case_keys.case_keys))).all()
    keys = [[row.case_id, b64encode(row.key).decode(), row.stage] for row in rows]
    return json.dumps({"version": _VERSION, "keys": keys}), len(keys)


async def put_back(work: Work, vault: Vault, text: str) -> tuple[int, int]:
    """Put back the keys that open a report of this database and that it lacks.

    Returns:
        How many reports can be read again, and how many keys fit none.

    Raises:
        NoKeys: the text is no copy of keys.
    """
    back = others = 0
    for case_id, sealed, stage in _read(text):
        found = await work.execute(select(cases.c.fields).where(cases.c.id == case_id))
        fields = found.scalar_one_or_none()
        try:
            case_keys.opened(vault, case_id, sealed).open(fields or b"", FIELDS_PURPOSE)
        except VaultError:
            # The report is not in this copy, or was cut down to the alert since it was made.
            others += 1
            continue
        row = {"case_id": case_id, "key": sealed, "stage": stage}
        back += await insert_missing(work, case_keys.case_keys, [row])
    return back, others


def _read(text: str) -> list[tuple[int, bytes, str]]:
    try:
        copied: Any = json.loads(text)
        if copied["version"] != _VERSION:
            raise NoKeys
        return [
            (int(case_id), b64decode(sealed, validate=True), case_keys.Stage(stage).value)
            for case_id, sealed, stage in copied["keys"]
        ]
    except (TypeError, KeyError, ValueError, Error, RecursionError) as error:
        raise NoKeys from error
