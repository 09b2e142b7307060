"""No sentence that people read stands in Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bridge


def is_sentence(text: str) -> bool:
    """Tell three words or more, with a capital in front or a full stop behind, from other texts."""
    words = re.findall(r"\w+", text[:2_000])
    pattern = any(sign in text for sign in ("(?", "|", "\\"))
    if len(words) < 3 or max(map(len, words)) < 3 or " " not in text or pattern:
        return False
    return words[0][0].isupper() or text.rstrip(" \n\"')")[-1:] in (".", "!", "?")


# gate/lines.py is the command that screens lines, for an operator.
FOR_OPERATORS = (
    *("command_line", "configuration", "doctor", "migrations", "wording.py"),
    "lines.py",
)
"""What stands in a terminal or a log, and not in a room."""


def texts_in(path: Path) -> Iterator[str]:
    """The string constants of a module: not docstrings, errors, log lines and typed words."""
    tree = ast.parse(path.read_text())
    others: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            others.add(node.value)
        if isinstance(node, ast.Raise):
            others.update(ast.walk(node))
        if isinstance(node, ast.Call) and ast.unparse(node.func).partition(".")[0] in (
            "words",
            "log",
        ):
            others.update(ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in others:
            yield node.value


@pytest.mark.parametrize(
    "text", ["Welkom bij het netwerk", "dat is te lang om te lezen.", "- Zaak, gedeeld met leden"]
)
def test_a_sentence_is_known_when_it_stands_there(text: str) -> None:
    assert is_sentence(text)


def test_no_sentence_that_people_read_stands_in_python() -> None:
    package = Path(bridge.__file__).parent
    modules = [
        path
        for path in package.rglob("*.py")
        if not set(path.relative_to(package).parts) & set(FOR_OPERATORS)
    ]

    texts = [text for path in modules for text in texts_in(path)]
    # What has the signs of a pattern is one, of what people type.
    assert [text for text in texts if is_sentence(text)] == []
    assert len(texts) > 200, "the search would not find anything"
