"""``goudwacht key``: another secret for the database, and the reports' own keys apart from it.

::

    rotate          new secret beside the old ─▶ everything sealed anew (one commit) ─▶ put in place
    export, import  the keys of reports, which copies of the database are kept without

Broken off at any point, ``rotate`` typed again finds which secret the database has and goes on.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from appservice import scrubbing
from appservice.active import active
from appservice.database import Database
from appservice.private_file import write_private
from appservice.rotation import ensure_opens, reseal
from appservice.vault import Vault, VaultError
from bridge import migrations
from bridge.audit import Audit, Deed, Entry, NotWhole, Office
from bridge.command_line.failure import CommandError
from bridge.command_line.options import DEFAULT_CONFIGURATION, ConfigurationOption
from bridge.configuration import load
from bridge.reports import key_copies

app = typer.Typer(no_args_is_help=True, help="The database's secret, and the keys of reports.")

FileArgument = Annotated[Path, typer.Argument(help="The file with the keys.", dir_okay=False)]


@app.command()
def rotate(config: ConfigurationOption = DEFAULT_CONFIGURATION) -> None:
    """Give the database another secret, while the service is stopped; safe to repeat."""
    configuration = load(config)
    config = config.resolve()
    holder = (configuration.database.secret_file or config).resolve()
    secret = configuration.database.secret
    done = asyncio.run(_rotate(config, holder, secret, holder.read_text(encoding="utf-8")))
    typer.echo(
        f"{done} values are sealed under another secret, which stands in {holder}. Copies of the "
        "database made before still need the former one."
        if done
        else f"The rotation that was broken off is finished; the secret in {holder} is the new one."
    )


@app.command(name="export")
def export_(file: FileArgument, config: ConfigurationOption = DEFAULT_CONFIGURATION) -> None:
    """Write the reports' keys, sealed, over those of an earlier copy."""
    typer.echo(f"{asyncio.run(_export(config, file))} keys of reports are in {file}.")


@app.command(name="import")
def import_(file: FileArgument, config: ConfigurationOption = DEFAULT_CONFIGURATION) -> None:
    """Put back the reports' keys, after a copy of the database was put back without them."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read.") from error
    back, others = asyncio.run(_import(config, file, text))
    typer.echo(f"{back} reports can be read again. {others} keys fit no report of this database.")


async def _rotate(config: Path, holder: Path, old: str, text: str) -> int:
    database = Database(load(config).database.url)
    staged = holder.with_name(f"{holder.name}.new")
    try:
        await database.check()
        async with active(database, wait=False) as turn:
            await migrations.ensure_current(database)
            await turn.begin()
            if staged.exists():
                if await _opens(database, _secret_in(staged, config, holder)):
                    _put_in_place(staged, holder)
                    await scrubbing.scrub(database)
                    return 0
                staged.unlink()
            if text.count(old) != 1:
                raise CommandError(
                    f"The secret does not stand in {holder} as one plain word, once. Put it there "
                    "between double quotes, or in a file of its own (database.secret_file)."
                )
            new = secrets.token_urlsafe(32)
            write_private(staged, text.replace(old, new), force=True)
            done = await _seal_anew(database, Vault(old), Vault(new))
            _put_in_place(staged, holder)
            await scrubbing.scrub(database)
            return done
    except NotWhole as error:
        staged.unlink(missing_ok=True)
        raise CommandError(str(error)) from error
    finally:
        await database.close()


async def _seal_anew(database: Database, old: Vault, new: Vault) -> int:
    async with database.begin() as work:
        await ensure_opens(work, old)
        await Audit(old).under(work, new)
        done = await reseal(work, old, new)
        await scrubbing.want(work)
        entry = Entry(Deed.KEY_ROTATED, by=Office.OPERATOR, details={"values": done})
        await Audit(new).record(work, entry, datetime.now(UTC))
        return done + 1


async def _opens(database: Database, secret: str) -> bool:
    try:
        async with database.read() as work:
            await ensure_opens(work, Vault(secret))
    except VaultError:
        return False
    return True


def _secret_in(staged: Path, config: Path, holder: Path) -> str:
    if holder != config:
        return staged.read_text(encoding="utf-8").strip()
    return load(staged).database.secret


def _put_in_place(staged: Path, holder: Path) -> None:
    staged.replace(holder)
    descriptor = os.open(holder.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _export(config: Path, file: Path) -> int:
    database = Database(load(config).database.url)
    try:
        await migrations.ensure_current(database)
        async with database.read() as work:
            text, number = await key_copies.written(work)
    finally:
        await database.close()
    write_private(file, text, force=True)
    return number


async def _import(config: Path, file: Path, text: str) -> tuple[int, int]:
    configuration = load(config)
    database = Database(configuration.database.url)
    try:
        await migrations.ensure_current(database)
        async with database.begin() as work:
            vault = Vault(configuration.database.secret)
            await ensure_opens(work, vault)
            return await key_copies.put_back(work, vault, text)
    except key_copies.NoKeys as error:
        raise CommandError(f"{file} is no file that `goudwacht key export` wrote.") from error
    finally:
        await database.close()
