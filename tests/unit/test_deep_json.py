"""Finding the events of a body that no parser takes whole."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.deep_json import elements

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.lists(values), st.dictionaries(st.text().filter(lambda key: key != "events"), values))
def test_the_elements_are_those_that_a_parser_finds(
    events: list[object], others: dict[str, object]
) -> None:
    raw = json.dumps({**others, "events": events}, ensure_ascii=False).encode()

    found = elements(raw, "events")

    assert found is not None
    assert [json.loads(one) for one in found] == events


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"a": ["events", [1]]}', b'{"events": {}}'])
def test_a_body_without_the_array_has_none(raw: bytes) -> None:
    assert elements(raw, "events") is None


@given(st.binary())
def test_no_body_makes_it_stumble(raw: bytes) -> None:
    elements(raw, "events")


@pytest.mark.parametrize("raw", [b"[" * 1_000_000, b'{"a":' * 1_000_000, b'"\\' * 1_000_000])
def test_a_million_of_anything_takes_seconds_at_the_most(raw: bytes) -> None:
    before = time.process_time()
    elements(raw, "events")
    assert time.process_time() - before < 5
