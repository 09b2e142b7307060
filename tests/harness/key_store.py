"""Where a member's nio client keeps its keys: nio's own store, without the time it loses.

nio ties all of its models to the database of one client before every statement, and so asks peewee
each time which other models these name. It ties those too, by name: a twentieth of the time that
tests with clients take is in that question.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nio.store import DefaultStore
from peewee import Model, SqliteDatabase


class _Database(SqliteDatabase):  # type: ignore[misc]  # it has no types
    def bind_ctx(
        self, models: Iterable[type[Model]], bind_refs: bool = True, bind_backrefs: bool = True
    ) -> Any:
        return super().bind_ctx(models, bind_refs=False, bind_backrefs=False)


class KeptKeys(DefaultStore):
    """The store of one client."""

    def _create_database(self) -> _Database:
        return _Database(self.database_path, pragmas={"foreign_keys": 1, "synchronous": 0})
