"""Canonical JSON, the form in which Matrix signs (specification, appendices, "Canonical JSON")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """Return ``value`` with sorted keys, no spaces, as UTF-8."""
    return json.dumps(
        value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
    ).encode()


def signable(value: Mapping[str, Any]) -> bytes:
    """Return the bytes that a signature on ``value`` covers: all but signatures and unsigned."""
    return canonical_json({k: v for k, v in value.items() if k not in ("signatures", "unsigned")})
