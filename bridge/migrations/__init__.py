"""The database's schema: what it should be, whether it is, and how it gets there.

::

    tables (declared by their topics) ─▶ versions/ (one file a change) ─▶ upgrade

Importing this module makes every table known to :data:`appservice.database.metadata`. Alembic is
imported when there is something to change: a start on a database as it should be waits for none.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from appservice import active, catching_up, inbox, key_sync, landmark, lookups, outbox
from appservice.database import Database
from appservice.encryption import (
    account,
    cross_signing,
    devices,
    inbound,
    key_requests,
    olm,
    outbound,
    to_device,
    unwedging,
)
from appservice.rooms import errands
from appservice.rooms import records as room_records
from bridge import strange_rooms
from bridge.audit import records as audit_records
from bridge.dialogue import drafts
from bridge.members import departures, invitations, preferences, register, withdrawn
from bridge.members import records as people_records
from bridge.moderation import bulletins, notes, takebacks, ticks
from bridge.police import records as police_records
from bridge.police import words as police_words
from bridge.privacy import remains, sweep
from bridge.regions import records as region_records
from bridge.reports import case_keys
from bridge.reports import records as case_records
from bridge.tips import records as tip_records

_FOLDER = Path(__file__).parent

DECLARED_BY = (
    active,
    inbox,
    outbox,
    key_sync,
    lookups,
    account,
    cross_signing,
    devices,
    olm,
    inbound,
    outbound,
    to_device,
    key_requests,
    unwedging,
    room_records,
    errands,
    preferences,
    people_records,
    region_records,
    departures,
    invitations,
    police_records,
    police_words,
    register,
    withdrawn,
    case_records,
    case_keys,
    drafts,
    audit_records,
    remains,
    sweep,
    catching_up,
    landmark,
    bulletins,
    notes,
    ticks,
    strange_rooms,
    takebacks,
    tip_records,
)
"""Every module with a table; a table elsewhere would be in no migration."""


class SchemaState(StrEnum):
    """How a database's schema compares with this version's."""

    EMPTY = "empty"
    CURRENT = "current"
    OLDER = "older"
    NEWER = "newer"


class SchemaError(Exception):
    """The service cannot run on this database; the text says what to type."""


async def state(database: Database) -> SchemaState:
    """Return how a database compares.

    Raises:
        DatabaseError: it does not answer.
    """
    await database.check()
    async with database.read() as work:
        return await work.run_sync(_state)


def schema_fault(found: SchemaState) -> SchemaError | None:
    """Return why the service cannot run on a database in this state; None when it can."""
    match found:
        case SchemaState.OLDER:
            return SchemaError(
                "The database is of an older version. Make a back-up, then type: "
                "goudwacht db upgrade"
            )
        case SchemaState.NEWER:
            return SchemaError(
                "The database was written by a newer version of goudwacht. Install that version "
                "again (pip install --upgrade goudwacht), or restore a back-up from before the "
                "upgrade."
            )
        case SchemaState.EMPTY | SchemaState.CURRENT:
            return None


async def upgrade(database: Database) -> None:
    """Bring a database to this version's schema, in one transaction.

    Raises:
        SchemaError: it was written by a newer version.
    """
    found = await state(database)
    error = schema_fault(found)
    if error is not None and found is not SchemaState.OLDER:
        raise error
    async with database.begin() as work:
        await work.run_sync(_upgrade)


async def ensure_current(database: Database, found: SchemaState | None = None) -> None:
    """Make the schema of an empty database; refuse one that is not this version's.

    Args:
        found: how it compares, for who has asked already.

    Raises:
        SchemaError: it is older (upgrade it) or newer (run the newer version).
    """
    found = found or await state(database)
    error = schema_fault(found)
    if error is not None:
        raise error
    if found is SchemaState.EMPTY:
        await upgrade(database)


def revisions() -> list[str]:
    """Return the known revisions, oldest first, as the files in ``versions`` are numbered."""
    return sorted(path.stem.partition("_")[0] for path in _FOLDER.glob("versions/[0-9]*_*.py"))


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(_FOLDER))
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")


def _state(connection: Connection) -> SchemaState:
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" not in tables:
        return SchemaState.OLDER if tables else SchemaState.EMPTY
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision is None:
        return SchemaState.OLDER if tables != {"alembic_version"} else SchemaState.EMPTY
    *former, newest = revisions()
    if revision == newest:
        return SchemaState.CURRENT
    return SchemaState.OLDER if revision in former else SchemaState.NEWER
