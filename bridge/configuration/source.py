"""YAML with a memory of lines: a fault is told with the line on which it stands.

text ──compose──▶ nodes ──construct──▶ plain values
                    └──line_of(("members", 2, "region"))──▶ 31
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from appservice.yaml_loader import loader_for

Step = str | int
Place = tuple[Step, ...]
"""Keys and positions on the way to a value: ``("members", 2, "region")``. Positions start at 0."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where."""

    place: Place
    """Empty for the file as a whole."""

    line: int | None
    """In the file, from 1; None when the file has no lines to speak of."""

    message: str
    """What is wrong and, where it can be told, what would be right."""

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line is not None else ""
        what = ".".join(map(str, self.place))
        return f"{where}{what}: {self.message}" if what else f"{where}{self.message}"


class NotYamlError(Exception):
    """The text is not YAML at all; :attr:`problem` says where it stops to be."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Source:
    """The values of a YAML text and the line of each.

    Raises :exc:`NotYamlError`.
    """

    def __init__(self, text: str) -> None:
        try:
            self._root, self.values = _read(text)
        except yaml.YAMLError as error:
            raise NotYamlError(_syntax(error)) from None
        except RecursionError:
            raise NotYamlError(Problem((), None, "is nested too deeply")) from None

    def line_of(self, place: Place, *, key: bool = False) -> int | None:
        """Return the line of the value at ``place``, or of the nearest thing around it.

        With ``key`` the line of the key itself: its value may start on a later one.
        """
        node, line = self._root, 1 if self._root is not None else None
        for depth, part in enumerate(place):
            found = _inside(node, part)
            if found is None:
                break
            name, node = found
            last = depth == len(place) - 1
            line = (name if key and last else node).start_mark.line + 1
        return line

    def repeated_keys(self) -> Iterator[Problem]:
        """Find keys that stand twice in a mapping: YAML keeps the last and says nothing."""
        yield from _repeated(self._root, (), set())


def _read(text: str) -> tuple[yaml.Node | None, object]:
    try:
        return _read_by(loader_for(text), text)
    except yaml.YAMLError:
        # What the C parser refuses the other one explains.
        return _read_by(yaml.SafeLoader, text)


def _read_by(kind: type[yaml.SafeLoader], text: str) -> tuple[yaml.Node | None, object]:
    loader = kind(text)
    try:
        root = loader.get_single_node()
        return root, None if root is None else loader.construct_document(root)
    finally:
        loader.dispose()


def _inside(node: yaml.Node | None, part: Step) -> tuple[yaml.Node, yaml.Node] | None:
    """Return the key and the value nodes of ``part`` in ``node``."""
    if isinstance(node, yaml.MappingNode):
        # The last one, as the constructor does.
        for name, value in reversed(node.value):
            if name.value == part:
                return name, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def _repeated(node: yaml.Node | None, place: Place, seen: set[int]) -> Iterator[Problem]:
    if node is None or id(node) in seen:  # an alias may point anywhere, also at what it is in
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        first: dict[str, int] = {}
        for name, value in node.value:
            if not isinstance(name, yaml.ScalarNode):
                continue
            line = name.start_mark.line + 1
            if name.value in first:
                message = f"stands here a second time; first on line {first[name.value]}"
                yield Problem((*place, name.value), line, message)
            first.setdefault(name.value, line)
            yield from _repeated(value, (*place, name.value), seen)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _repeated(value, (*place, position), seen)


def _syntax(error: yaml.YAMLError) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        told = ", ".join(part for part in (error.context, error.problem) if part)
        return Problem((), mark.line + 1 if mark else None, f"is not YAML: {told}")
    return Problem((), None, f"is not YAML: {' '.join(str(error).split())}")
