"""Where a member's nio client keeps its keys: nio's own store, without the time it loses.

nio ties all of its models to the database of one client before every statement, and so asks peewee
each time which other models these name: it ties those too, by name. With each it asks for the row
of the account, and with each sync it stores every encrypted room anew. A fifth of the time that a
client takes is in that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nio.crypto import OlmAccount
from nio.store import DefaultStore
from peewee import Model, SqliteDatabase


class _Database(SqliteDatabase):  # type: ignore[misc]  # it has no types
    def bind_ctx(
        self, models: Iterable[type[Model]], bind_refs: bool = True, bind_backrefs: bool = True
    ) -> Any:
        return super().bind_ctx(models, bind_refs=False, bind_backrefs=False)


class KeptKeys(DefaultStore):
    """The store of one client."""

    def __post_init__(self) -> None:
        self._account: Any = None
        self._rooms: set[str] = set()
        super().__post_init__()  # type: ignore[no-untyped-call]

    def _create_database(self) -> _Database:
        return _Database(self.database_path, pragmas={"foreign_keys": 1, "synchronous": 0})

    def _get_account(self) -> Any:
        if self._account is None:
            self._account = super()._get_account()
        return self._account

    def save_account(self, account: OlmAccount) -> None:
        super().save_account(account)
        self._account = None

    def save_encrypted_rooms(self, rooms: Iterable[str]) -> None:
        new = set(rooms) - self._rooms
        if new:
            super().save_encrypted_rooms(new)
            self._rooms |= new

    def delete_encrypted_room(self, room: str) -> None:
        super().delete_encrypted_room(room)
        self._rooms.discard(room)
