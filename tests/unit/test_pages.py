"""What the pages and the docstrings name is there: files, tests in them, modules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
_OURS = re.compile(r"(?:appservice|bridge|docs|templates|tests)/[\w./*-]+")
_TEST = re.compile(r"(?:test_|Test)\w+")
_MODULE = re.compile(r":mod:`~?([\w.]+)`")


def named(page: Path) -> Iterator[tuple[str, str | None]]:
    """Each file of ours that a page names, alone and with each test that is named behind it."""
    for line in page.read_text().splitlines():
        file = None
        for name in re.findall(r"`([^`\s]+)`", line):
            if _OURS.fullmatch(name):
                file = name
                yield file, None
            elif file is not None and _TEST.fullmatch(name):
                yield file, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_file_that_is_named_is_there_with_its_tests(page: Path) -> None:
    gone = []
    for file, test in named(page):
        found = list(ROOT.glob(file))
        if not found or (test is not None and not _defines(found, test)):
            gone.append((file, test))
    assert gone == []


def _defines(files: list[Path], name: str) -> bool:
    return any(re.search(rf"(?:def|class) {name}\b", file.read_text()) for file in files)


@pytest.mark.parametrize("package", ["appservice", "bridge", "tests"])
def test_a_module_that_a_docstring_names_is_there(package: str) -> None:
    texts = (path.read_text() for path in (ROOT / package).rglob("*.py"))
    names = set(chain.from_iterable(map(_MODULE.findall, texts)))
    assert [name for name in sorted(names) if find_spec(name) is None] == []
