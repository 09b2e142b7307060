"""What a key sync tells the rest of the service."""

from __future__ import annotations

from typing import Any, cast

from appservice.database import Database
from appservice.encryption.account import OwnDevice, OwnKeys
from appservice.homeserver import Homeserver
from appservice.ids import DeviceID, UserID
from appservice.key_sync import KeySync
from appservice.vault import Vault
from tests.appservice.running import SECRET

BOT, ANNA = UserID("@goudwacht:example.org"), UserID("@anna:example.org")


class Telling:
    """A homeserver that names whose devices changed."""

    user = BOT

    def __init__(self, *changed: UserID) -> None:
        self._changed = changed

    async def call(self, *_: str, **__: object) -> dict[str, Any]:
        return {"next_batch": "s1", "device_lists": {"changed": list(self._changed)}}


class Supplied:
    """A device with keys enough."""

    async def top_up(self, *_: object) -> None:
        pass


async def changed_after(database: Database, *told: UserID) -> list[set[UserID]]:
    heard: list[set[UserID]] = []
    vault = Vault(SECRET)
    sync = KeySync(
        database,
        vault,
        cast(Homeserver, Telling(*told)),
        cast(OwnDevice, Supplied()),
        OwnKeys(BOT, DeviceID("BOT"), "curve", "ed", {}),
        lambda: None,
        heard.append,
        lambda: None,
    )
    await sync.once(0)
    return heard


async def test_whose_devices_changed_is_told(database: Database) -> None:
    assert await changed_after(database, ANNA, BOT) == [{ANNA}]


async def test_a_room_of_the_bots_own_making_has_no_other_room_looked_at(
    database: Database,
) -> None:
    assert await changed_after(database, BOT) == []
