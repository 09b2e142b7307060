"""The devices of everyone we share a room with, and what we make of them.

A user is *outdated* when something said their devices changed (a sync's ``device_lists``, a
join) since we last looked. A look asks each homeserver separately, so that one that does not
answer holds up nobody else's. The master key seen first is pinned: another one later stops all
sharing with that user until a coordinator accepts it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Column, Integer, Table, Text, bindparam, delete, select, update

from appservice.database import Database, Work, insert_missing, metadata, upsert
from appservice.encryption.trust import DeviceKeys, Identity, KeySharing, devices_of, identity_of
from appservice.homeserver import Homeserver, HomeserverUnreachable, MatrixError
from appservice.ids import DeviceID, UserID, server_of

log = logging.getLogger(__name__)

tracked_users = Table(
    "tracked_users",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("changes", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("master_key", Text),
    Column("offered_key", Text),
    Column("identity_changed", Boolean, nullable=False),
)

devices = Table(
    "devices",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("device_id", Text, primary_key=True),
    Column("curve25519", Text, nullable=False, index=True),
    Column("ed25519", Text, nullable=False),
    Column("signed", Boolean, nullable=False),
)

REMOTE_TIMEOUT = 10.0
"""Seconds a remote homeserver gets to tell its users' devices."""

USERS_PER_LOOK = 100
"""Users asked for at once: checking the signatures of more would hold everything else up."""


async def mark_outdated(work: Work, users: Iterable[UserID]) -> None:
    """Note that the devices of ``users`` may have changed; starts tracking whoever is new."""
    names = sorted(set(users))
    if not names:
        return
    await insert_missing(
        work,
        tracked_users,
        [{"user_id": user, "changes": 0, "seen": -1, "identity_changed": False} for user in names],
    )
    await work.execute(
        update(tracked_users)
        .where(tracked_users.c.user_id.in_(names))
        .values(changes=tracked_users.c.changes + 1)
    )


async def mark_changed(work: Work, users: Iterable[UserID]) -> None:
    """Like :func:`mark_outdated`, for users we track already; others are none of our business."""
    names = sorted(set(users))
    if names:
        await work.execute(
            update(tracked_users)
            .where(tracked_users.c.user_id.in_(names))
            .values(changes=tracked_users.c.changes + 1)
        )


async def outdated(work: Work, users: Iterable[UserID]) -> set[UserID]:
    """Return those of ``users`` whose devices must be looked up again."""
    wanted = set(users)
    rows = await work.execute(
        select(tracked_users.c.user_id).where(
            tracked_users.c.user_id.in_(wanted), tracked_users.c.seen >= tracked_users.c.changes
        )
    )
    return wanted - {UserID(user) for user in rows.scalars()}


async def known(work: Work, users: Iterable[UserID]) -> list[DeviceKeys]:
    """Return the stored devices of ``users``; none counts as signed after an identity change."""
    rows = await work.execute(
        select(devices, tracked_users.c.identity_changed)
        .join(tracked_users, tracked_users.c.user_id == devices.c.user_id)
        .where(devices.c.user_id.in_(set(users)))
        .order_by(devices.c.user_id, devices.c.device_id)
    )
    return [
        DeviceKeys(
            UserID(row.user_id),
            DeviceID(row.device_id),
            row.curve25519,
            row.ed25519,
            bool(row.signed) and not row.identity_changed,
        )
        for row in rows
    ]


def entitled(device: DeviceKeys, policy: KeySharing) -> bool:
    """Tell whether a device may have our room keys under ``policy``."""
    return device.signed or policy is KeySharing.ALL


class DeviceLookup:
    """Asks homeservers for devices and stores the answers."""

    def __init__(self, database: Database, homeserver: Homeserver) -> None:
        self._database = database
        self._homeserver = homeserver

    async def refresh(self, users: Iterable[UserID]) -> set[UserID]:
        """Look up those of ``users`` that are outdated.

        Returns:
            Whoever could not be looked up: their homeserver did not answer.

        Raises:
            HomeserverUnreachable: our own homeserver did not answer.
        """
        async with self._database.begin() as work:
            await insert_missing(
                work,
                tracked_users,
                [
                    {"user_id": user, "changes": 0, "seen": -1, "identity_changed": False}
                    for user in set(users)
                ],
            )
            stale = await outdated(work, users)
        by_server: dict[str, list[UserID]] = {}
        for user in sorted(stale):
            by_server.setdefault(server_of(user), []).append(user)
        left: set[UserID] = set()
        for missing in await asyncio.gather(
            *(
                self._ask(server, names[start : start + USERS_PER_LOOK])
                for server, names in by_server.items()
                for start in range(0, len(names), USERS_PER_LOOK)
            )
        ):
            left |= missing
        return left

    async def _ask(self, server: str, users: Sequence[UserID]) -> set[UserID]:
        own = server == server_of(self._homeserver.user)
        async with self._database.read() as work:
            rows = await work.execute(
                select(tracked_users.c.user_id, tracked_users.c.changes).where(
                    tracked_users.c.user_id.in_(users)
                )
            )
            changes = {UserID(row.user_id): int(row.changes) for row in rows}
        try:
            answer = await self._homeserver.call(
                "POST",
                "v3",
                "keys",
                "query",
                body={
                    "device_keys": {user: [] for user in users},
                    "timeout": int(REMOTE_TIMEOUT * 1000),
                },
                timeout=REMOTE_TIMEOUT + 5,
            )
        except (HomeserverUnreachable, MatrixError):
            if own:
                raise
            return set(users)
        if server in answer.get("failures", {}):
            log.info("%s does not tell the devices of its users; asked again later", server)
            return set(users)
        async with self._database.begin() as work:
            await _store(work, answer, changes)
        return set()


async def _store(work: Work, answer: Mapping[str, Any], changes: Mapping[UserID, int]) -> None:
    """Store the devices of many users at once: a statement a kind of change, not one a device."""
    users = set(changes)
    pins = {
        UserID(row.user_id): row.master_key
        for row in await work.execute(
            select(tracked_users.c.user_id, tracked_users.c.master_key).where(
                tracked_users.c.user_id.in_(users)
            )
        )
    }
    stored: dict[tuple[UserID, DeviceID], Any] = {
        (UserID(row.user_id), DeviceID(row.device_id)): row
        for row in await work.execute(select(devices).where(devices.c.user_id.in_(users)))
    }
    found: dict[tuple[UserID, DeviceID], DeviceKeys] = {}
    looked_at = []
    for user, seen in sorted(changes.items()):
        identity = identity_of(user, answer)
        found |= {(user, d.device): d for d in devices_of(user, answer, identity)}
        looked_at.append(
            {
                "of": user,
                "seen": seen,
                # Pinned once; a user without an identity is not pinned.
                "master_key": pins.get(user) or (None if identity is None else identity.master),
                "offered_key": None if identity is None else identity.master,
                "identity_changed": _identity_changed(pins.get(user), identity),
            }
        )
    for user, name in sorted(stored.keys() - found.keys()):
        await work.execute(
            delete(devices).where(devices.c.user_id == user, devices.c.device_id == name)
        )
    await upsert(
        work, devices, [_row(d) for key, d in found.items() if _is_news(stored.get(key), d)]
    )
    await work.execute(
        update(tracked_users)
        .where(tracked_users.c.user_id == bindparam("of"))
        .values(
            seen=bindparam("seen"),
            master_key=bindparam("master_key"),
            offered_key=bindparam("offered_key"),
            identity_changed=bindparam("identity_changed"),
        ),
        looked_at,
    )


def _row(device: DeviceKeys) -> dict[str, Any]:
    return {
        "user_id": device.user,
        "device_id": device.device,
        "curve25519": device.curve25519,
        "ed25519": device.ed25519,
        "signed": device.signed,
    }


def _is_news(stored: Any, device: DeviceKeys) -> bool:
    """Tell whether a device is to be stored as it is now."""
    if stored is None:
        return True
    if stored.ed25519 != device.ed25519:
        # A device keeps its Ed25519 key for life; another under the same name is a substitute.
        log.warning("a device of a member changed its key; the new key is not trusted")
        return False
    return (stored.curve25519, bool(stored.signed)) != (device.curve25519, device.signed)


def _identity_changed(pinned: str | None, identity: Identity | None) -> bool:
    if pinned is None or (identity is not None and identity.master == pinned):
        return False
    log.warning("a member's cross-signing identity changed; room keys are withheld from them")
    return True
