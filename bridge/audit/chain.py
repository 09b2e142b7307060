"""What makes tampering show: each link has a hash over the former one, and a MAC over that.

::

    link 7: content, hash = H(hash of 6, content), mac = MAC(secret, hash)
    link 8: content, hash = H(hash of 7, content), mac = MAC(secret, hash)
    head:   from which link to which, and the last hash; mac = MAC(secret, all of it)

Who edits the file of the database can compute a hash and not a MAC. Entries cut off the end show
at the head. Putting back the whole of an older database shows only to who noted an earlier head
elsewhere (``goudwacht audit verify --noted 7:…``). Pure functions of links and a MAC.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

Mac = Callable[[bytes, str], str]
"""``(value, purpose)`` to what only who has the secret can make (:meth:`Vault.mac`)."""

BEGINNING = "0" * 64
"""The hash before the first link there ever was."""

_LINK, _HEAD = "audit link", "audit head"


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as it is stored; the hash covers its content and the hash before it."""

    seq: int
    previous: str
    content: Mapping[str, Any]
    hash: str
    mac: str


@dataclass(frozen=True, slots=True)
class Head:
    """From which link to which the log goes.

    Attributes:
        base: the hash before ``first``, of a link that is kept no longer.
        last: number of the last link; ``first - 1`` when there is none.
        hash: of the last link.
    """

    first: int
    base: str
    last: int
    hash: str
    mac: str


class Fault(StrEnum):
    """How a log differs from what was written."""

    CHANGED = "its content is not what was recorded"
    FORGED = "it was not written by this service"
    UNLINKED = "it does not follow the entry before it"
    MISSING = "it is gone"
    HEAD = "the log does not end where it should"
    NOT_AS_NOTED = "it is not the entry that was noted"
    REASON = "its reason is not what was recorded"
    PERSON = "the name behind it was changed"


@dataclass(frozen=True, slots=True)
class Break:
    """Something that was tampered with, and the number of the entry where it shows."""

    seq: int
    fault: Fault


def hash_of(previous: str, seq: int, content: Mapping[str, Any]) -> str:
    """Return the hash of a link behind the one with hash ``previous``."""
    written = json.dumps([previous, seq, content], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def linked(previous: str, seq: int, content: Mapping[str, Any], mac: Mac) -> Link:
    """Return the next link."""
    own = hash_of(previous, seq, content)
    return Link(seq, previous, content, own, mac(own.encode(), _LINK))


def under(link: Link, mac: Mac) -> Link:
    """Return a link with the MAC it has under a secret; its content and hash stay."""
    return replace(link, mac=mac(link.hash.encode(), _LINK))


def fault_of(link: Link, previous: str, mac: Mac) -> Fault | None:
    """Return how a link differs from what was written; None when it does not.

    Args:
        previous: the hash before it.
        mac: of the service's secret.
    """
    if not _same(link.mac, under(link, mac).mac):
        return Fault.FORGED
    if link.hash != hash_of(link.previous, link.seq, link.content):
        return Fault.CHANGED
    return None if link.previous == previous else Fault.UNLINKED


def head(first: int, base: str, last: int, last_hash: str, mac: Mac) -> Head:
    """Return the head of a log."""
    written = f"{first} {base} {last} {last_hash}"
    return Head(first, base, last, last_hash, mac(written.encode(), _HEAD))


def breaks(found: Head | None, links: Iterable[Link], mac: Mac) -> Iterator[Break]:
    """Find every place where a log is not what was written, in its order.

    Args:
        found: the stored head; None when there is none.
        links: every stored link, by number.
        mac: of the service's secret.
    """
    wanted = None if found is None else head(found.first, found.base, found.last, found.hash, mac)
    whole = found is not None and wanted is not None and _same(found.mac, wanted.mac)
    if not whole:
        yield Break(found.last if found else 0, Fault.HEAD)
    expected = found.first if found else 1
    previous = found.base if found else BEGINNING
    for link in links:
        # Numbers are given one after another, and never twice.
        yield from (Break(gone, Fault.MISSING) for gone in range(expected, link.seq))
        fault = fault_of(link, previous if link.seq == expected else link.previous, mac)
        if fault is not None:
            yield Break(link.seq, fault)
        expected, previous = link.seq + 1, link.hash
    if found is not None and whole:
        missing = range(expected, found.last + 1)
        yield from (Break(gone, Fault.MISSING) for gone in missing)
        if not missing and (expected - 1, previous) != (found.last, found.hash):
            yield Break(expected - 1, Fault.HEAD)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
