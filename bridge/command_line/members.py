"""``goudwacht members``: who takes part, as an operator sees and enters it.

::

    import FILE.csv  each row is checked, its user looked for, and its fate told; safe to repeat
    list             who takes part, and what is the matter with whom
    trust USER       accept a changed identity, where no coordinator can

All work while the service runs, which follows within seconds, and while it does not.
"""

from __future__ import annotations

import asyncio
import csv
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress

from appservice.database import Database, Work
from appservice.encryption.standing import standings
from appservice.homeserver import Homeserver, HomeserverUnreachable
from appservice.ids import UserID
from appservice.lookups import AT_ONCE, Existence, existence
from appservice.outbox import Outbox
from appservice.registration import Registration
from appservice.rooms import records
from appservice.vault import Vault
from bridge.audit import Audit, Deed, Entry, Office
from bridge.command_line.erase import erase
from bridge.command_line.failure import CommandError
from bridge.command_line.opened import opened
from bridge.command_line.options import DEFAULT_CONFIGURATION, ConfigurationOption
from bridge.configuration import Configuration, load
from bridge.members.import_file import Fate, FileError, Row, judged, repeated, rows_of
from bridge.members.listing import MemberState, state_of
from bridge.members.register import Register
from bridge.members.roster import Person
from bridge.members.trusting import Trusting
from bridge.speech import Refused, Speaker
from bridge.wording import Wording, templates_directory

app = typer.Typer(no_args_is_help=True, help="Who takes part.")
app.command()(erase)

FATES: Final = {
    Fate.NEW: "new: is being invited",
    Fate.CHANGED: "changed",
    Fate.SAME: "takes part already, nothing to change",
    Fate.NO_USER: "left out: is not a user id such as @anna:example.org",
    Fate.NO_REGION: "left out: there is no such region",
    Fate.NO_LANGUAGE: "left out: the language is nl or en",
    Fate.LONG_SHOP: "left out: the shop's name is too long",
    Fate.PERSONAL_SHOP: "left out: something else than a name stands in the shop's name, such as a "
    "telephone number or an address; name the shop alone",
    Fate.TWICE: "left out: stands in the file twice, the first counts",
    Fate.IS_POLICE: "left out: is police, and nobody is both",
    Fate.IS_BOT: "left out: is the bot",
    Fate.SERVER: "left out: that homeserver takes no part (federation.allowed_servers)",
    Fate.NOBODY: "left out: there is no such user",
    Fate.SILENT: "left out: that homeserver does not answer, try again later",
}

STATES: Final = {
    MemberState.IDENTITY_CHANGED: "identity changed, gets no keys",
    MemberState.UNVERIFIED: "no device verified, can read nothing",
    MemberState.NOT_JOINED: "not in all rooms yet",
    MemberState.GOOD: "",
}

_T = TypeVar("_T")
_Told = list[tuple[Row, Fate]]


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV: gebruiker;regio;winkel;taal", dir_okay=False)],
    check: Annotated[bool, typer.Option("--check", help="Change nothing.")] = False,
    config: ConfigurationOption = DEFAULT_CONFIGURATION,
) -> None:
    """Let in everyone in a file, and tell the fate of each row. Status 1: some were left out."""
    try:
        rows = rows_of(file.read_bytes())
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    except FileError as error:
        raise CommandError(f"{file}: {error}") from error
    told = asyncio.run(_import(load(config), rows, check=check))
    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    for row, fate in told:
        console.print(f"line {row.line}: {row.user or '(no user)'}: {FATES[fate]}")
    counts = {fate: sum(1 for _, one in told if one is fate) for fate in Fate}
    out = sum(count for fate, count in counts.items() if not fate.taken)
    console.print(
        f"{counts[Fate.NEW]} new, {counts[Fate.CHANGED]} changed, {counts[Fate.SAME]} as they "
        f"were, {out} left out.{' Nothing was changed: --check.' if check else ''}"
    )
    if out:
        raise typer.Exit(1)


@app.command(name="list")
def list_(
    as_csv: Annotated[bool, typer.Option("--csv", help="As `members import` reads it.")] = False,
    config: ConfigurationOption = DEFAULT_CONFIGURATION,
) -> None:
    """Show who takes part."""
    found = asyncio.run(_with(load(config), _listed))
    if as_csv:
        writer = csv.writer(sys.stdout, delimiter=";")
        writer.writerow(("gebruiker", "regio", "winkel", "taal"))
        for person, _ in found:
            if person.is_member:
                writer.writerow((person.user, person.region, person.shop or "", person.language))
        return
    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    for person, state in found:
        parts = [", ".join(sorted(person.roles)), person.region, person.shop, STATES[state]]
        regions = ", ".join(sorted(person.liaison_for))
        console.print("  ".join(part for part in (person.user, *parts, regions) if part))
    console.print(f"{len(found)} people.")


@app.command()
def trust(
    user: Annotated[str, typer.Argument(help="@anna:example.org")],
    config: ConfigurationOption = DEFAULT_CONFIGURATION,
) -> None:
    """Accept somebody's changed identity. Call them first: only they know whether it is theirs."""
    configuration = load(config)

    async def accept(work: Work, register: Register) -> None:
        person = register.roster.person(UserID(user))
        if person is None:
            raise CommandError(f"{user} does not take part: see `goudwacht members list`.")
        vault = Vault(configuration.database.secret)
        wording = Wording(templates_directory(), configuration.network.timezone)
        language = configuration.network.language
        speaker = Speaker(Outbox(vault), wording, register.roster, language)
        trusting = Trusting(register.roster, speaker, Audit(vault))
        try:
            await trusting.accept(work, person, Office.OPERATOR, datetime.now(UTC))
        except Refused as refused:
            reason = (
                "their identity did not change"
                if refused.template == "members/not_changed"
                else "they have no new identity yet: they have to set up encryption in their client"
            )
            raise CommandError(f"Nothing to accept of {user}: {reason}.") from None

    asyncio.run(_with(configuration, accept))
    typer.echo(f"The identity that {user} has now is accepted.")


async def _listed(work: Work, register: Register) -> list[tuple[Person, MemberState]]:
    people = register.roster.people
    stand = await standings(work, [person.user for person in people])
    absent = await records.absent(work)
    return [
        (person, state_of(stand[person.user], joined=person.user not in absent))
        for person in people
    ]


async def _import(configuration: Configuration, rows: Sequence[Row], *, check: bool) -> _Told:
    # As the service itself, not as the bot, which is not there before the first start.
    homeserver = Homeserver(
        configuration.homeserver.url,
        Registration.load(configuration.registration).as_token,
        configuration.bot_user,
        masquerade=False,
    )
    told: _Told = []
    console = Console(stderr=True)
    progress = Progress(console=console, transient=True, disable=not console.is_terminal)
    try:
        async with opened(configuration, made=True) as database:
            with progress as bar:
                task = bar.add_task("members", total=len(rows))
                again = repeated(rows)
                for start in range(0, len(rows), AT_ONCE):
                    some = rows[start : start + AT_ONCE]
                    told += await _import_some(
                        configuration, database, homeserver, some, again, check=check
                    )
                    bar.update(task, advance=len(some))
    except HomeserverUnreachable as error:
        done = sum(1 for _, fate in told if fate.taken)
        raise CommandError(
            f"{error}. {done} rows were taken before that; import the file again when the "
            "homeserver answers, nothing is done twice."
        ) from error
    finally:
        await homeserver.close()
    return told


async def _import_some(
    configuration: Configuration,
    database: Database,
    homeserver: Homeserver,
    rows: Sequence[Row],
    again: set[int],
    *,
    check: bool,
) -> _Told:
    """Take a few rows: all are looked for at once, and written in one transaction."""
    vault = Vault(configuration.database.secret)
    register = Register(vault, configuration.may_take_part, configuration.police.units)
    async with database.read() as work:
        await register.look(work)
    verdicts = [
        Fate.TWICE
        if row.line in again
        else judged(
            row,
            register.roster,
            register.regions,
            configuration.bot_user,
            configuration.may_take_part,
            configuration.network.language,
        )
        for row in rows
    ]
    new = [
        verdict[0].user
        for verdict in verdicts
        if isinstance(verdict, tuple) and verdict[1] is Fate.NEW
    ]
    there = dict(
        zip(new, await asyncio.gather(*(existence(homeserver, user) for user in new)), strict=True)
    )
    told: _Told = []
    taken: list[Person] = []
    for row, verdict in zip(rows, verdicts, strict=True):
        if isinstance(verdict, Fate):
            told.append((row, verdict))
            continue
        person, fate = verdict
        match there.get(person.user, Existence.THERE):
            case Existence.NOBODY:
                fate = Fate.NOBODY
            case Existence.SILENT:
                fate = Fate.SILENT
        told.append((row, fate))
        if fate in (Fate.NEW, Fate.CHANGED):
            taken.append(person)
    if taken and not check:
        await _write(database, register, vault, taken)
    return told


async def _write(
    database: Database, register: Register, vault: Vault, people: Sequence[Person]
) -> None:
    audit, now = Audit(vault), datetime.now(UTC)
    async with database.begin() as work:
        await register.put_all(work, people, now)
        for person in people:
            details = {"role": "member", "region": str(person.region)}
            entry = Entry(Deed.INVITED, by=Office.OPERATOR, about=person.user, details=details)
            await audit.record(work, entry, now)


async def _with(configuration: Configuration, do: Callable[[Work, Register], Awaitable[_T]]) -> _T:
    vault = Vault(configuration.database.secret)
    register = Register(vault, configuration.may_take_part, configuration.police.units)
    async with opened(configuration) as database, database.begin() as work:
        await register.look(work)
        return await do(work, register)
