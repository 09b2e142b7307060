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

from sqlalchemy import Boolean, Column, Integer, Table, Text, delete, insert, select, update

from appservice.database import Database, Work, insert_missing, metadata
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
            *(self._ask(server, names) for server, names in by_server.items())
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
            for user in users:
                await _store(work, user, answer, changes[user])
        return set()


async def _store(work: Work, user: UserID, answer: Mapping[str, Any], changes: int) -> None:
    identity = identity_of(user, answer)
    changed = await _pin(work, user, identity)
    found = {device.device: device for device in devices_of(user, answer, identity)}
    rows = await work.execute(select(devices).where(devices.c.user_id == user))
    stored = {DeviceID(row.device_id): row for row in rows}
    for name in stored.keys() - found.keys():
        await work.execute(
            delete(devices).where(devices.c.user_id == user, devices.c.device_id == name)
        )
    for name, device in found.items():
        row = stored.get(name)
        if row is None:
            await work.execute(
                insert(devices).values(
                    user_id=user,
                    device_id=name,
                    curve25519=device.curve25519,
                    ed25519=device.ed25519,
                    signed=device.signed,
                )
            )
        elif row.ed25519 == device.ed25519:
            await work.execute(
                update(devices)
                .where(devices.c.user_id == user, devices.c.device_id == name)
                .values(curve25519=device.curve25519, signed=device.signed)
            )
        else:
            # A device keeps its Ed25519 key for life; another under the same name is a substitute.
            log.warning("a device of a member changed its key; the new key is not trusted")
    await work.execute(
        update(tracked_users)
        .where(tracked_users.c.user_id == user)
        .values(seen=changes, identity_changed=changed)
    )


async def _pin(work: Work, user: UserID, identity: Identity | None) -> bool:
    pinned: str | None = (
        await work.execute(
            select(tracked_users.c.master_key).where(tracked_users.c.user_id == user)
        )
    ).scalar_one()
    if pinned is None and identity is not None:
        await work.execute(
            update(tracked_users)
            .where(tracked_users.c.user_id == user)
            .values(master_key=identity.master)
        )
        return False
    if pinned is not None and (identity is None or identity.master != pinned):
        log.warning("a member's cross-signing identity changed; room keys are withheld from them")
        return True
    return False
