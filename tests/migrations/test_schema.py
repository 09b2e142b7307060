"""The database's schema: what migrations make is what the tables say, on both databases."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Table, inspect, text
from sqlalchemy.engine import Connection

from appservice.database import Database, metadata
from bridge import migrations
from bridge.migrations import DECLARED_BY, SchemaError, SchemaState


async def _execute(database: Database, *statements: str) -> None:
    async with database.begin() as work:
        for statement in statements:
            await work.execute(text(statement))


# What is known of revisions without Alembic


def test_the_files_in_the_order_of_their_numbers_are_the_revisions_of_alembic() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    newest_first = [script.revision for script in scripts.walk_revisions()]
    assert migrations.revisions() == newest_first[::-1]


# What an upgrade makes


async def test_an_upgraded_database_is_what_the_tables_say(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, metadata))

    await migrations.upgrade(database)
    async with database.read() as work:
        assert await work.run_sync(differences) == []


async def test_an_upgraded_database_has_the_same_keys_and_constraints(database: Database) -> None:
    def constraints(connection: Connection) -> set[object]:
        inspector = inspect(connection)
        found: set[object] = set()
        for table in inspector.get_table_names():
            if table == "alembic_version":
                continue
            found.add((table, "key", *inspector.get_pk_constraint(table)["constrained_columns"]))
            for unique in inspector.get_unique_constraints(table):
                found.add((table, "unique", *unique["column_names"]))
            for index in inspector.get_indexes(table):
                found.add((table, "index", bool(index["unique"]), *index["column_names"]))
            for column in inspector.get_columns(table):
                found.add((table, "column", column["name"], column["nullable"]))
        return found

    async with database.begin() as work:
        await work.run_sync(metadata.create_all)
        wanted = await work.run_sync(constraints)
        await work.run_sync(metadata.drop_all)
    await migrations.upgrade(database)
    async with database.read() as work:
        assert await work.run_sync(constraints) == wanted


async def test_an_upgrade_may_be_repeated(database: Database) -> None:
    await migrations.upgrade(database)
    await _execute(database, "INSERT INTO membership VALUES ('!a', '@b:c', 'join')")
    await migrations.upgrade(database)
    async with database.read() as work:
        assert (await work.execute(text("SELECT user_id FROM membership"))).scalar() == "@b:c"


async def test_an_upgrade_that_fails_leaves_nothing_behind(database: Database) -> None:
    # In the way of the migration, which makes it half-way.
    await _execute(database, "CREATE TABLE rooms (something TEXT)")
    with pytest.raises(Exception, match="rooms"):
        await migrations.upgrade(database)
    async with database.read() as work:
        tables = await work.run_sync(lambda connection: inspect(connection).get_table_names())
    assert tables == ["rooms"]


def test_every_module_that_declares_a_table_is_named(tmp_path: Path) -> None:
    """Counted in a process that has imported all of the product, and in one with the names."""
    everything = (
        "import pkgutil, importlib, appservice, bridge\n"
        "for package in (appservice, bridge):\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        if module.name != 'bridge.migrations.env':\n"
        "            importlib.import_module(module.name)\n"
    )
    count = "from appservice.database import metadata; print(sorted(metadata.tables))"
    named = f"import bridge.migrations; {count}"
    assert _printed(everything + count) == _printed(named)


def _printed(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    ).stdout


def test_a_module_that_is_named_declares_a_table() -> None:
    idle = [
        module.__name__
        for module in DECLARED_BY
        if not any(isinstance(value, Table) for value in vars(module).values())
    ]
    assert idle == []


# What the service accepts


async def test_the_service_makes_the_schema_of_an_empty_database(database: Database) -> None:
    await migrations.ensure_current(database)
    assert await migrations.state(database) is SchemaState.CURRENT


async def test_the_service_accepts_a_current_database(database: Database) -> None:
    await migrations.upgrade(database)
    await migrations.ensure_current(database)


async def test_a_newer_database_is_refused_with_what_to_install(database: Database) -> None:
    await _newer(database)
    with pytest.raises(SchemaError, match="pip install --upgrade goudwacht"):
        await migrations.ensure_current(database)


async def test_a_newer_database_is_not_upgraded(database: Database) -> None:
    await _newer(database)
    with pytest.raises(SchemaError, match="newer version"):
        await migrations.upgrade(database)


async def _newer(database: Database) -> None:
    await migrations.upgrade(database)
    await _execute(database, "UPDATE alembic_version SET version_num = '9999'")


async def test_an_unmigrated_database_with_tables_is_refused_with_the_command(
    database: Database,
) -> None:
    async with database.begin() as work:
        await work.run_sync(metadata.create_all)
    with pytest.raises(SchemaError, match="goudwacht db upgrade"):
        await migrations.ensure_current(database)


async def test_an_older_database_is_refused_with_the_command(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrations.upgrade(database)
    monkeypatch.setattr(migrations, "revisions", lambda: ["0001", "0002"])
    with pytest.raises(SchemaError, match="goudwacht db upgrade"):
        await migrations.ensure_current(database)


async def test_a_refused_database_is_left_as_it_was(database: Database) -> None:
    await _execute(database, "CREATE TABLE somebody_elses (something TEXT)")
    with pytest.raises(SchemaError):
        await migrations.ensure_current(database)
    async with database.read() as work:
        tables = await work.run_sync(lambda connection: inspect(connection).get_table_names())
    assert tables == ["somebody_elses"]
