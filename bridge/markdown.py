"""One Markdown source in, the two bodies of a Matrix message out.

::

    template ──Jinja──▶ Markdown with a mark where each value stands ──parser──▶ tokens
    values ───held aside, never parsed────────────────────────────────┐            │
                                                                      ▼            ▼
                                               plain body ◀── value put in place of its mark
                                               HTML body  ◀── the same, escaped and unlinked

What a person wrote never reaches the Markdown parser, so it cannot be markup: there is no list
of dangerous characters that could be incomplete.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from bridge.typed_text import legible, unlinked

# Private-use characters: to the parser they are letters of a word.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_MARK_IN_ADDRESS = "%EE%80%80"

# Client-server API, "m.room.message msgtypes": the tags and schemes clients are asked to allow.
_TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "li", "ol", "p", "pre", "s", "strong", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, "code": {"class"}}
_SCHEMES = {"https", "http", "ftp", "mailto", "magnet"}


class MarkdownError(ValueError):
    """A template made Markdown that cannot be shown; the text says how to put it right."""


@dataclass(frozen=True, slots=True)
class Text:
    """The two bodies of one message: ``body`` and ``formatted_body`` of an event."""

    plain: str
    html: str


@dataclass(slots=True)
class Held:
    """The values of one rendering, kept aside while its Markdown is parsed."""

    values: list[str] = field(default_factory=list)

    def put(self, value: str) -> str:
        """Keep ``value`` and return the mark that stands for it in the Markdown source."""
        self.values.append(legible(value))
        return f"{_OPEN}{len(self.values) - 1}{_CLOSE}"

    def restore(self, text: str, shown: Callable[[str], str]) -> str:
        """Return ``text`` with every mark replaced by its value, each passed through ``shown``."""
        return _MARK.sub(lambda mark: shown(self.values[int(mark[1])]), text)


_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image")


def render(source: str, held: Held) -> Text:
    """Render Markdown and the values held for it to both bodies.

    Raises :class:`MarkdownError` when a value stands in the address of a link: a value is text.
    """
    parsed = _parsed(source)
    plain = _plain(SyntaxTreeNode(_with_values(parsed, held, str)))
    tokens = _with_values(parsed, held, unlinked)
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None)
    return Text(plain=plain, html=clean.strip())


@lru_cache(maxsize=512)
def _parsed(source: str) -> tuple[Token, ...]:
    """Return what a source is made of; the next message of its template has the same one."""
    return tuple(_PARSER.parse(source))


def _with_values(tokens: Iterable[Token], held: Held, shown: Callable[[str], str]) -> list[Token]:
    """Return tokens with the held values for their marks; a newline in a value is a hard break."""
    filled = []
    for token in tokens:
        if any(_MARK_IN_ADDRESS in str(value) for value in token.attrs.values()):
            raise MarkdownError(
                "a value stands in the address of a link: write the address into the template, "
                "or let the value stand as text"
            )
        if token.children:
            children = list(_inline(_with_values(token.children, held, shown), held, shown))
            token = token.copy(children=children)
        elif token.type in ("fence", "code_block"):
            token = token.copy(content=held.restore(token.content, shown))
        elif token.type == "code_inline":
            content = held.restore(token.content, lambda value: _one_line(shown(value)))
            token = token.copy(content=content)
        filled.append(token)
    return filled


def _inline(tokens: list[Token], held: Held, shown: Callable[[str], str]) -> Iterator[Token]:
    for token in tokens:
        if token.type != "text":
            yield token
            continue
        for number, line in enumerate(held.restore(token.content, shown).split("\n")):
            if number:
                yield Token("hardbreak", "br", 0)
            yield Token("text", "", 0, content=line)


def _one_line(text: str) -> str:
    return text.replace("\n", " ")


def _plain(node: SyntaxTreeNode) -> str:
    """Return the readable plain text of a block or inline node and all below it."""
    match node.type:
        case "text" | "code_inline":
            return node.content
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "hr":
            return "---"
        case "fence" | "code_block":
            return node.content.rstrip("\n")
        case "link":
            return _plain_link(node)
        case "bullet_list" | "ordered_list":
            return _plain_list(node)
        case "blockquote":
            return "\n".join(f"> {line}".rstrip() for line in _blocks(node).split("\n"))
        case "root" | "list_item":
            return _blocks(node)
        case _:
            return "".join(_plain(child) for child in node.children)


def _blocks(node: SyntaxTreeNode) -> str:
    text = ""
    for child in node.children:
        # A tight list hides the paragraphs in its items: they follow one another directly.
        tight = node.type == "list_item" and node.children[0].hidden
        text += ("\n" if tight else "\n\n") * bool(text) + _plain(child)
    return text


def _plain_list(node: SyntaxTreeNode) -> str:
    number = int(node.attrs.get("start", 1))
    items = []
    for item in node.children:
        sign = "- " if node.type == "bullet_list" else f"{number}. "
        number += 1
        items.append(sign + _plain(item).replace("\n", "\n" + " " * len(sign)))
    tight = all(item.children[0].hidden for item in node.children if item.children)
    return ("\n" if tight else "\n\n").join(items)


def _plain_link(node: SyntaxTreeNode) -> str:
    text = "".join(_plain(child) for child in node.children)
    address = str(node.attrs["href"])
    return text if address.removeprefix("mailto:") == text else f"{text} ({address})"
