"""An installation that is configured and has a past: for tests of what an operator types.

::

    furnish(an empty database) ─▶ migrated, with something of everything that is sealed
         └── copied for each test ─▶ House: goudwacht.yaml beside it, and words to type
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import vodozemac
import yaml
from sqlalchemy import insert, select
from typer.testing import CliRunner, Result

from appservice.database import Database, Work
from appservice.encryption import account, cross_signing, inbound
from appservice.ids import DeviceID, RoomID
from appservice.outbox import Outbox, Outgoing
from appservice.rooms.plan import RoomKey
from appservice.vault import Vault
from bridge import migrations
from bridge.audit import Audit, Deed, Entry
from bridge.command_line import app_for
from bridge.configuration import load
from bridge.reports.case import CaseNumber
from bridge.reports.records import CaseRecords
from tests.unit.example import ANNA, MIA, NOW, submitted

OLD = "the first secret of a database in the tests"
WORD = "zilvermeeuw"

T = TypeVar("T")


class House:
    """A configuration, and a database with something of everything that is sealed.

    Args:
        folder: for its files.
        url: of a database that was :func:`furnish`-ed under the secret :data:`OLD`.
        in_file: whether the secret is in a file of its own.
    """

    def __init__(self, folder: Path, url: str, *, in_file: bool = False) -> None:
        self.folder = folder
        self.path = folder / "goudwacht.yaml"
        database = {"secret": OLD}
        if in_file:
            (folder / "secret").write_text(OLD + "\n")
            database = {"secret_file": "secret"}
        written = {
            "homeserver": {"url": "http://localhost:1", "name": "example.org"},
            "database": {"url": url, **database},
        }
        self.path.write_text("# kept as it is\n" + yaml.safe_dump(written))

    def types(self, *words: str) -> Result:
        return CliRunner().invoke(app_for(), [*words, "--config", str(self.path)])

    def tamper(self, statement: str) -> None:
        """Do what nothing of ours does."""

        async def done(work: Work, _: Vault) -> None:
            await work.exec_driver_sql(statement)

        self.do(done)

    @property
    def secret(self) -> str:
        return load(self.path).database.secret

    def do(self, what: Callable[[Work, Vault], Awaitable[T]]) -> T:
        """Do something in the database, under the secret that the configuration has."""

        async def done() -> T:
            database = Database(load(self.path).database.url)
            try:
                async with database.begin() as work:
                    return await what(work, Vault(self.secret))
            finally:
                await database.close()

        return asyncio.run(done())

    def read(self) -> list[object]:
        """Everything that is sealed, opened."""

        async def everything(work: Work, vault: Vault) -> list[object]:
            case = await CaseRecords(vault).by_number(work, CaseNumber(42))
            message = await Outbox(vault).first(work, "review")
            await account.load_account(work, vault, ANNA)
            pickle = (await work.execute(select(inbound.inbound_group_sessions.c.pickle))).scalar()
            vodozemac.InboundGroupSession.from_pickle(str(pickle), vault.pickle_key)
            identity = await cross_signing.load(work, vault, ANNA)
            audit = Audit(vault)
            first, *_ = [entry async for entry in audit.entries(work)]
            assert case is not None
            assert message is not None
            assert identity is not None
            return [
                case.fields.mo,
                message.content["body"],
                identity.master.public,
                (first.by, first.reason),
                (await audit.check(work)).breaks,
                [entry.seq for entry in await audit.about(work, MIA)],
            ]

        return self.do(everything)


async def furnish(url: str) -> None:
    """Give an empty database its tables, and something of everything that is sealed."""
    vault, database = Vault(OLD), Database(url)
    await migrations.ensure_current(database)
    async with database.begin() as work:
        fields = replace(submitted().fields, mo=WORD)
        await CaseRecords(vault).save(work, replace(submitted(fields), id=0))
        await cross_signing.load_or_make(work, vault, ANNA)
        await account.add_device(work, vault, ANNA, DeviceID("D"), DeviceID("D"))
        session = vodozemac.InboundGroupSession(vodozemac.GroupSession().session_key)
        await work.execute(
            insert(inbound.inbound_group_sessions).values(
                room_id=RoomID("!r"),
                session_id=session.session_id,
                sender=ANNA,
                sender_key="",
                sender_ed25519="",
                pickle=session.pickle(vault.pickle_key),
                received_at=0,
            )
        )
        await Outbox(vault).put(work, Outgoing(RoomKey("review"), {"body": WORD}), NOW)
        await Audit(vault).record(work, Entry(Deed.CLAIMED, by=MIA, reason="nachtdienst"), NOW)
    await database.close()
