"""The bot's own device: made without a login, its keys published, its stock kept up.

::

    register bot ─▶ make device ─▶ publish device keys ─▶ cross-sign ─▶ one-time keys, for ever

Private keys are committed before their public halves are uploaded: a crash between the two
uploads the same keys again, which a homeserver takes. A homeserver without MSC4190 refuses the
second step; the device then comes from an appservice login whose token is kept sealed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import vodozemac
from sqlalchemy import Boolean, Column, LargeBinary, Table, Text, insert, select, update

from appservice.canonical_json import signable
from appservice.database import Database, Work, metadata
from appservice.encryption import cross_signing
from appservice.encryption.trust import identity_of, signature_is_good
from appservice.homeserver import Homeserver, MatrixError
from appservice.ids import DeviceID, UserID
from appservice.vault import Vault

log = logging.getLogger(__name__)

own_device = Table(
    "own_device",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("device_id", Text, nullable=False),
    # Its name in the configuration: after a back-up was put back the device has another.
    Column("configured", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("published", Boolean, nullable=False),
    Column("token", LargeBinary),
)

ALGORITHMS = ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"]
ONE_TIME_KEYS_WANTED = 50
"""One-time keys kept at the homeserver: as many new devices can write to the bot at once."""


class IdentityError(Exception):
    """The homeserver holds another identity for the bot than the database."""


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """The public half of the bot's device."""

    user: UserID
    device: DeviceID
    curve25519: str
    ed25519: str
    device_keys: Mapping[str, Any]
    """Signed device keys as published, cross-signature included (MSC4147 sends them along)."""


class OwnDevice:
    """Makes and keeps the bot's device.

    Args:
        database: where the account lies.
        vault: seals it.
        homeserver: the way out as the bot, without a device yet.
        device: the device's id, from the configuration; after a back-up was put back the bot has
            another, which the database knows.
    """

    def __init__(
        self, database: Database, vault: Vault, homeserver: Homeserver, device: DeviceID
    ) -> None:
        self._database = database
        self._vault = vault
        self._homeserver = homeserver
        self._device = device
        self._user = homeserver.user

    async def set_up(self) -> tuple[Homeserver, OwnKeys]:
        """Make or find the device and publish what is not yet published.

        Returns:
            The way out as that device, and its public keys.

        Raises:
            MatrixError: the homeserver refuses; most often the registration is not known to it.
            IdentityError: the homeserver holds another identity for the bot.
            HomeserverUnreachable: try again later; nothing is lost.
        """
        await self._register()
        async with self._database.begin() as work:
            await self._ensure_account(work)
            identity = await cross_signing.load_or_make(work, self._vault, self._user)
        homeserver = await self._on_device()
        try:
            keys = await self._publish(homeserver, identity)
        except BaseException:
            await homeserver.close()
            raise
        return homeserver, keys

    async def top_up(
        self, homeserver: Homeserver, counts: Mapping[str, Any], unused_fallback: object
    ) -> None:
        """Upload one-time keys, and a fallback key, where the homeserver runs low.

        Args:
            homeserver: the way out as the device.
            counts: ``device_one_time_keys_count`` of a sync.
            unused_fallback: ``device_unused_fallback_key_types`` of a sync; None leaves it alone.
        """
        have = counts.get("signed_curve25519", 0)
        have = have if isinstance(have, int) else 0
        fallback_used = isinstance(unused_fallback, list) and (
            "signed_curve25519" not in unused_fallback
        )
        if have >= ONE_TIME_KEYS_WANTED // 2 and not fallback_used:
            return
        async with self._database.begin() as work:
            account = await load_account(work, self._vault, self._user)
            missing = ONE_TIME_KEYS_WANTED - have - len(account.one_time_keys)
            if missing > 0:
                account.generate_one_time_keys(missing)
            if fallback_used and not _fallback_key(account):
                account.generate_fallback_key()  # type: ignore[attr-defined]
            await save_account(work, self._vault, self._user, account)
        body: dict[str, Any] = {"one_time_keys": self._signed(account.one_time_keys, account)}
        fallback = _fallback_key(account)
        if fallback:
            body["fallback_keys"] = self._signed(fallback, account, fallback=True)
        await homeserver.call("POST", "v3", "keys", "upload", body=body)
        async with self._database.begin() as work:
            # Read anew: meanwhile an incoming session may have used one of the keys.
            account = await load_account(work, self._vault, self._user)
            account.mark_keys_as_published()
            await save_account(work, self._vault, self._user, account)

    async def _register(self) -> None:
        localpart = self._user[1:].partition(":")[0]
        try:
            await self._homeserver.call(
                "POST",
                "v3",
                "register",
                body={
                    "type": "m.login.application_service",
                    "username": localpart,
                    "inhibit_login": True,
                },
            )
        except MatrixError as error:
            if error.errcode != "M_USER_IN_USE":
                raise

    async def _ensure_account(self, work: Work) -> None:
        row = (
            await work.execute(
                select(own_device.c.device_id, own_device.c.configured).where(
                    own_device.c.user_id == self._user
                )
            )
        ).first()
        if row is None:
            await add_device(work, self._vault, self._user, self._device, self._device)
        elif self._device in (row.device_id, row.configured):
            self._device = DeviceID(row.device_id)
        else:
            raise IdentityError(
                f"This database belongs to the bot's device {row.device_id}; bot.device in "
                f"goudwacht.yaml says {self._device}. Put {row.configured} there. If a back-up was "
                "put back, leave it and type: goudwacht db restored"
            )

    async def _on_device(self) -> Homeserver:
        async with self._database.read() as work:
            token = (await work.execute(select(own_device.c.token))).scalar_one_or_none()
        if token is not None:
            return self._homeserver.with_token(self._vault.open(token, "access token").decode())
        try:
            await self._homeserver.call(
                "PUT", "v3", "devices", self._device, body={"display_name": "Goudwacht"}
            )
        except MatrixError as error:
            if error.status not in (404, 405):
                raise
            return await self._log_in()
        return self._homeserver.on_device(self._device)

    async def _log_in(self) -> Homeserver:
        answer = await self._homeserver.call(
            "POST",
            "v3",
            "login",
            body={
                "type": "m.login.application_service",
                "identifier": {"type": "m.id.user", "user": self._user},
                "device_id": self._device,
            },
        )
        token = str(answer["access_token"])
        async with self._database.begin() as work:
            await work.execute(
                update(own_device).values(token=self._vault.seal(token.encode(), "access token"))
            )
        return self._homeserver.with_token(token)

    async def _publish(
        self, homeserver: Homeserver, identity: cross_signing.CrossSigningKeys
    ) -> OwnKeys:
        async with self._database.read() as work:
            account = await load_account(work, self._vault, self._user)
        keys = identity.sign_device(self._device_keys(account))
        known = await homeserver.call(
            "POST", "v3", "keys", "query", body={"device_keys": {self._user: [self._device]}}
        )
        theirs = known.get("device_keys", {}).get(self._user, {}).get(self._device)
        if theirs is not None and theirs.get("keys") != keys["keys"]:
            raise IdentityError(
                f"The homeserver has other keys for device {self._device} than this database: the "
                "database was lost or replaced. Put its back-up back. If there is none, set "
                "another bot.device in goudwacht.yaml and type: goudwacht db lost"
            )
        if theirs is None:
            await homeserver.call("POST", "v3", "keys", "upload", body={"device_keys": keys})
        if known.get("master_keys", {}).get(self._user) is None:
            await homeserver.call(
                "POST", "v3", "keys", "device_signing", "upload", body=identity.upload_body()
            )
        else:
            found = identity_of(self._user, known)
            if found is None or found.master != identity.master.public:
                raise IdentityError(
                    "The homeserver has another cross-signing identity for the bot than this "
                    "database. Put back the database it belongs to. If that is lost, type: "
                    "goudwacht db lost. Members are then warned that the bot's identity changed."
                )
        own = identity.self_signing.public
        if theirs is None or not signature_is_good(theirs, self._user, own, own):
            answer = await homeserver.call(
                "POST",
                "v3",
                "keys",
                "signatures",
                "upload",
                body={self._user: {self._device: keys}},
            )
            if answer.get("failures"):
                raise IdentityError(
                    "The homeserver refused the signature on the bot's device. Start again; if "
                    "it stays, somebody else changed the bot's account: see `goudwacht doctor`."
                )
        if theirs is None:
            await self._remove_former(homeserver)
        async with self._database.begin() as work:
            await work.execute(update(own_device).values(published=True))
        return OwnKeys(
            self._user,
            self._device,
            account.curve25519_key.to_base64(),
            account.ed25519_key.to_base64(),
            keys,
        )

    async def _remove_former(self, homeserver: Homeserver) -> None:
        """Remove the bot's other devices: left from a database that was lost or is older.

        Whoever shared keys with one of them starts anew with the one that is there.
        """
        answer = await homeserver.call("GET", "v3", "devices")
        for device in answer.get("devices", []):
            name = device.get("device_id")
            if name == self._device:
                continue
            try:
                await homeserver.call("DELETE", "v3", "devices", name, body={})
                log.info("the bot's former device %s is removed", name)
            except MatrixError as error:
                log.warning("the bot's former device %s cannot be removed (%s)", name, error)

    def _device_keys(self, account: vodozemac.Account) -> dict[str, Any]:
        keys = {
            "user_id": self._user,
            "device_id": self._device,
            "algorithms": ALGORITHMS,
            "keys": {
                f"curve25519:{self._device}": account.curve25519_key.to_base64(),
                f"ed25519:{self._device}": account.ed25519_key.to_base64(),
            },
        }
        return self._sign(keys, account)

    def _sign(self, value: dict[str, Any], account: vodozemac.Account) -> dict[str, Any]:
        signature = account.sign(signable(value)).to_base64()
        return {**value, "signatures": {self._user: {f"ed25519:{self._device}": signature}}}

    def _signed(
        self, keys: Mapping[str, Any], account: vodozemac.Account, *, fallback: bool = False
    ) -> dict[str, Any]:
        mark: dict[str, Any] = {"fallback": True} if fallback else {}
        return {
            f"signed_curve25519:{name}": self._sign({"key": key.to_base64(), **mark}, account)
            for name, key in keys.items()
        }


async def add_device(
    work: Work, vault: Vault, user: UserID, device: DeviceID, configured: DeviceID
) -> None:
    """Give the bot, which has none, a device with an Olm account of its own; nobody knows it yet.

    Args:
        configured: its name in the configuration.
    """
    await work.execute(
        insert(own_device).values(
            user_id=user,
            device_id=device,
            configured=configured,
            account=vodozemac.Account().pickle(vault.pickle_key),
            published=False,
        )
    )


async def load_account(work: Work, vault: Vault, user: UserID) -> vodozemac.Account:
    """Return the bot's Olm account."""
    pickle = (
        await work.execute(select(own_device.c.account).where(own_device.c.user_id == user))
    ).scalar_one()
    return vodozemac.Account.from_pickle(pickle, vault.pickle_key)


def _fallback_key(account: vodozemac.Account) -> Mapping[str, vodozemac.Curve25519PublicKey]:
    # The stubs of vodozemac 0.10 miss it.
    key: Mapping[str, vodozemac.Curve25519PublicKey] = account.fallback_key  # type: ignore[attr-defined]
    return key


async def save_account(work: Work, vault: Vault, user: UserID, account: vodozemac.Account) -> None:
    """Store the bot's Olm account."""
    await work.execute(
        update(own_device)
        .where(own_device.c.user_id == user)
        .values(account=account.pickle(vault.pickle_key))
    )
