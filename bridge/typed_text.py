"""What people typed, made safe to keep and to show.

Text from a room arrives with anything in it. :func:`legible` takes out what no reader sees
and what databases or eyes stumble over; :func:`unlinked` keeps a client from making a link or
a mention of it by itself. Neither changes a word.
"""

from __future__ import annotations

import re

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters
    "\u202a-\u202e\u2066-\u2069"  # bidirectional overrides, embeddings and isolates
    "\ufeff\ufffe\uffff"  # byte order mark and non-characters
    "\ud800-\udfff]"  # half a surrogate pair: JSON may carry one, UTF-8 may not
)

_WORD_JOINER = "\u2060"
_LINKABLE = re.compile(
    r"(?:(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+.-]*:(?=\S))"  # scheme: of any URI
    r"|(?:@(?=\S))"  # @user:server, @room, mail@address
    r"|(?:#(?=[^\s:]+:\w))"  # #alias:server
    r"|(?:(?<=\w)[.。．｡](?=[^\W\d]))"  # www.example, example.org  # noqa: RUF001
)


def legible(text: str) -> str:
    """Return ``text`` without characters that nobody can see.

    Every kind of line end becomes a newline and a tab a space. Control characters, overrides
    of the writing direction (they let a text show other than it is), and halves of surrogate
    pairs are dropped. The result can be stored in any database and encoded as UTF-8.
    """
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text).replace("\t", " "))


def unlinked(text: str) -> str:
    """Return ``text`` such that no client turns a part of it into a link or a mention.

    Clients look for URLs, bare domains, user ids, aliases and ``@room`` in what they show. An
    invisible U+2060 WORD JOINER after the sign that gives such a thing away stops that and
    leaves the looks alone. For HTML bodies only: who copies from a plain body gets what was
    typed.
    """
    return _LINKABLE.sub(lambda found: found[0] + _WORD_JOINER, text)
