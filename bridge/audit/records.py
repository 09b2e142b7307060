"""The audit log in the database: appended to, read, checked, and cut off at its old end.

Two things stand beside the chain, so that they can be erased without breaking it: who a token
stands for (``audit_people``), and the reason somebody typed (a column outside the hash, which
covers only its salted digest).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy import delete, insert, select, update

from appservice.database import Work, insert_missing
from appservice.ids import UserID
from appservice.times import from_milliseconds, milliseconds
from appservice.vault import Vault, VaultError
from bridge.audit import chain
from bridge.audit.chain import BEGINNING, Break, Fault, Head
from bridge.audit.entry import Entry, Office, Recorded
from bridge.audit.rows import (
    audit_head,
    audit_log,
    audit_people,
    content_of,
    is_found_by_its_own,
    is_readable,
    link_of,
)
from bridge.reports.case import CaseNumber

_ONLY = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """What a check of the log found; ``last`` and ``hash`` are what to note elsewhere."""

    entries: int
    last: int
    hash: str
    breaks: tuple[Break, ...]


class NotWhole(Exception):
    """The log is not what was written."""


class Audit:
    """Appends to the log and reads it.

    Args:
        vault: signs links, seals names and reasons.
        rules: version of the rules that are in force; the program's when not given.
    """

    def __init__(self, vault: Vault, rules: str | None = None) -> None:
        self._vault = vault
        self._rules = rules or version("goudwacht")

    async def record(self, work: Work, entry: Entry, now: datetime) -> int:
        """Append an entry, in the transaction of what it tells of; return its number."""
        found = await self._head(work)
        seq = found.last + 1
        reason, digest = self._reason(seq, entry.reason)
        content = {
            "at": milliseconds(now),
            "deed": entry.deed.value,
            "by": await self._token(work, entry.by),
            "case": entry.case,
            "about": None if entry.about is None else await self._token(work, entry.about),
            "rule": entry.under,
            "version": self._rules,
            "details": dict(entry.details),
            "reason": digest,
        }
        link = chain.linked(found.hash, seq, content, self._vault.mac)
        await work.execute(
            insert(audit_log).values(
                seq=seq,
                at=milliseconds(now),
                case_number=entry.case,
                content=json.dumps(content),
                reason=reason,
                previous=link.previous,
                hash=link.hash,
                mac=link.mac,
            )
        )
        await self._set_head(work, found.first, found.base, seq, link.hash)
        return seq

    async def entries(
        self, work: Work, *, case: CaseNumber | None = None
    ) -> AsyncIterator[Recorded]:
        """Yield what was recorded, oldest first; of one case when given.

        What was made unreadable is left out: :meth:`check` tells of it.
        """
        names = await self._names(work)
        query = select(audit_log).order_by(audit_log.c.seq)
        if case is not None:
            query = query.where(audit_log.c.case_number == case)
        for row in await work.execute(query):
            if is_readable(row):
                yield self._recorded(row, names)

    async def about(self, work: Work, user: UserID) -> list[Recorded]:
        """Return the entries that name somebody, as who did it or to whom it was done."""
        return [e async for e in self.entries(work) if user in (e.by, e.about)]

    async def check(self, work: Work, noted: Collection[tuple[int, str]] = ()) -> Standing:
        """Hold the log against what was written.

        Args:
            noted: numbers and hashes that somebody kept elsewhere.
        """
        row = (await work.execute(select(audit_head))).first()
        found = None if row is None else Head(row.first, row.base, row.last, row.hash, row.mac)
        rows = (await work.execute(select(audit_log).order_by(audit_log.c.seq))).all()
        if found is None and not rows:
            return Standing(0, 0, BEGINNING, ())
        breaks = list(chain.breaks(found, map(link_of, rows), self._vault.mac))
        breaks += [Break(row.seq, Fault.CHANGED) for row in rows if not is_found_by_its_own(row)]
        breaks += [Break(row.seq, Fault.REASON) for row in rows if self._is_changed_reason(row)]
        changed = await self._changed_people(work)
        breaks += [
            Break(row.seq, Fault.PERSON)
            for row in rows
            if changed & {content_of(row).get(who) for who in ("by", "about")}
        ]
        hashes = {row.seq: row.hash for row in rows}
        oldest = rows[0].seq if rows else 0
        breaks += [
            Break(seq, Fault.NOT_AS_NOTED)
            for seq, kept in noted
            # What was noted of an entry that is old enough to be gone can no longer be compared.
            if seq >= oldest and hashes.get(seq) != kept
        ]
        last = found.last if found else rows[-1].seq
        return Standing(
            len(rows),
            last,
            hashes.get(last, BEGINNING),
            tuple(sorted(dict.fromkeys(breaks), key=_by_number)),
        )

    async def under(self, work: Work, new: Vault) -> None:
        """Sign the log under another secret; its contents and hashes stay.

        What is sealed beside the chain is left to :func:`appservice.rotation.reseal`.

        Raises:
            NotWhole: the log was tampered with, which a new signature would hide.
        """
        if (await self.check(work)).breaks:
            raise NotWhole(
                "The audit log is not what was written: see `goudwacht audit verify`. Nothing was "
                "changed."
            )
        for row in (await work.execute(select(audit_log))).all():
            signed = chain.under(link_of(row), new.mac)
            await work.execute(
                update(audit_log).where(audit_log.c.seq == row.seq).values(mac=signed.mac)
            )
        other = Audit(new, self._rules)
        for token, user in (await self._names(work)).items():
            await work.execute(
                update(audit_people)
                .where(audit_people.c.token == token)
                .values(lookup=other._lookup(UserID(user)))
            )
        found = await self._head(work)
        await other._set_head(work, found.first, found.base, found.last, found.hash)

    async def ensure_opens(self, work: Work) -> None:
        """Try the secret on the names; one that was tampered with is for :meth:`check` to tell.

        Raises:
            VaultError: none of them opens.
        """
        known = (await work.execute(select(audit_people.c.token).limit(1))).first()
        if known is not None and not await self._names(work):
            raise VaultError(
                "No name in the audit log opens with database.secret. Put back the secret that "
                "this database was made with."
            )

    async def knows(self, work: Work, user: UserID) -> bool:
        """Tell whether a token stands for somebody."""
        known = select(audit_people.c.token).where(audit_people.c.lookup == self._lookup(user))
        return (await work.execute(known)).first() is not None

    async def forget_person(self, work: Work, user: UserID) -> bool:
        """Erase who a token stands for; what was done stays, by nobody. False: no token.

        The reasons for what was done to them are about them, and go too.
        """
        known = audit_people.c.lookup == self._lookup(user)
        token = (await work.execute(select(audit_people.c.token).where(known))).scalar()
        if token is None:
            return False
        about = audit_log.c.content.contains(f'"about": "{token}"', autoescape=True)
        await work.execute(update(audit_log).where(about).values(reason=None))
        await work.execute(delete(audit_people).where(known))
        return True

    async def forget_reasons(self, work: Work, case: CaseNumber) -> None:
        """Erase the reasons typed about a case; that there were reasons stays."""
        await work.execute(
            update(audit_log).where(audit_log.c.case_number == case).values(reason=None)
        )

    async def forget_other_reasons(self, work: Work, when: datetime) -> int:
        """Erase reasons typed before a time about no case: for a bulletin, for a removal.

        Returns:
            How many.
        """
        old = audit_log.c.case_number.is_(None) & (audit_log.c.at < milliseconds(when))
        gone = await work.execute(
            update(audit_log).where(old, audit_log.c.reason.is_not(None)).values(reason=None)
        )
        return gone.rowcount

    async def forget_before(self, work: Work, when: datetime) -> int:
        """Cut the log off before a time; return how many entries went.

        The head keeps the hash before the first entry that stays, so that the rest still links.
        What was tampered with stays, and what is behind it: nothing of that is hidden by its age.
        """
        found = await self._head(work)
        first, base = found.first, found.base
        old = audit_log.c.at < milliseconds(when)
        for row in await work.execute(select(audit_log).where(old).order_by(audit_log.c.seq)):
            link = link_of(row)
            whole = row.seq == first and is_found_by_its_own(row)
            if not whole or chain.fault_of(link, base, self._vault.mac) is not None:
                break
            first, base = row.seq + 1, row.hash
        if first == found.first:
            return 0
        gone = await work.execute(delete(audit_log).where(audit_log.c.seq < first))
        await self._set_head(work, first, base, found.last, found.hash)
        return gone.rowcount

    async def _head(self, work: Work) -> Head:
        fresh = chain.head(1, BEGINNING, 0, BEGINNING, self._vault.mac)
        values = {"first": fresh.first, "base": fresh.base, "last": fresh.last}
        values |= {"hash": fresh.hash, "mac": fresh.mac}
        await insert_missing(work, audit_head, [{"id": _ONLY, **values}])
        # Another process (a command that an operator types) must not append at the same time.
        row = (await work.execute(select(audit_head).with_for_update())).one()
        return Head(row.first, row.base, row.last, row.hash, row.mac)

    async def _set_head(self, work: Work, first: int, base: str, last: int, own: str) -> None:
        made = chain.head(first, base, last, own, self._vault.mac)
        await work.execute(
            update(audit_head).values(
                first=made.first, base=made.base, last=made.last, hash=made.hash, mac=made.mac
            )
        )

    async def _token(self, work: Work, who: UserID | Office) -> str:
        if isinstance(who, Office):
            return who.value
        lookup = self._lookup(who)
        token = f"p-{secrets.token_hex(8)}"
        sealed = self._vault.seal(who.encode(), _person(token))
        row = {"token": token, "lookup": lookup, "person": sealed}
        if await insert_missing(work, audit_people, [row]):
            return token
        known = select(audit_people.c.token).where(audit_people.c.lookup == lookup)
        return str((await work.execute(known)).scalar_one())

    def _lookup(self, user: UserID) -> str:
        return self._vault.pseudonym(f"audit {user}")

    async def _names(self, work: Work) -> dict[str, str]:
        names = {}
        for row in await work.execute(select(audit_people)):
            try:
                names[row.token] = self._vault.open(row.person, _person(row.token)).decode()
            except VaultError:
                # The check names it; the rest of the log can still be read.
                continue
        return names

    async def _changed_people(self, work: Work) -> set[str]:
        known = set((await work.execute(select(audit_people.c.token))).scalars())
        return known - (await self._names(work)).keys()

    def _reason(self, seq: int, reason: str | None) -> tuple[bytes | None, str | None]:
        if reason is None:
            return None, None
        salt = secrets.token_hex(16)
        sealed = self._vault.seal_json([salt, reason], _reason_of(seq))
        return sealed, _digest(salt, reason)

    def _is_changed_reason(self, row: Any) -> bool:
        digest = content_of(row).get("reason")
        if row.reason is None:
            return False
        try:
            salt, reason = self._vault.open_json(row.reason, _reason_of(row.seq))
        except VaultError:
            return True
        return bool(digest != _digest(salt, reason))

    def _recorded(self, row: Any, names: Mapping[str, str]) -> Recorded:
        content = content_of(row)
        reason = None
        if row.reason is not None and not self._is_changed_reason(row):
            _, reason = self._vault.open_json(row.reason, _reason_of(row.seq))
        about = content["about"]
        return Recorded(
            seq=row.seq,
            at=from_milliseconds(content["at"]),
            deed=content["deed"],
            by=names.get(content["by"], content["by"]),
            case=content["case"],
            about=None if about is None else names.get(about, about),
            rule=content["rule"],
            version=content["version"],
            details=content["details"],
            reason=reason,
            hash=row.hash,
        )


def _by_number(found: Break) -> int:
    return found.seq


def _person(token: str) -> str:
    return f"audit person {token}"


def _reason_of(seq: int) -> str:
    return f"audit reason {seq}"


def _digest(salt: str, reason: str) -> str:
    return hashlib.sha256(f"{salt} {reason}".encode()).hexdigest()
