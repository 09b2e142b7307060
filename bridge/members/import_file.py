"""A list of members as a spreadsheet saves it, and what becomes of each row.

::

    bytes ─▶ text (any of the encodings Excel writes) ─▶ rows ─▶ judged ─▶ Person, or a Fate

A Dutch Excel separates by semicolons and, saved as plain CSV, writes Windows-1252. Columns are
found by their headings, in any order: ``gebruiker`` (or ``user``), ``regio`` (``region``), and,
where wanted, ``winkel`` (``shop``) and ``taal`` (``language``). Others are passed over.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from appservice.ids import UserID
from bridge.configuration.settings import user_id
from bridge.gate import shops
from bridge.members.decisions import let_in
from bridge.members.naming import MAXIMUM_SHOP
from bridge.members.roster import Person, Role, Roster
from bridge.regions import Regions
from bridge.typed_text import legible
from bridge.wording import Language

MAXIMUM_BYTES: Final = 5_000_000
MAXIMUM_ROWS: Final = 20_000

_HEADINGS: Final = {
    "gebruiker": "user",
    "gebruikersnaam": "user",
    "user": "user",
    "matrix": "user",
    "matrix-id": "user",
    "regio": "region",
    "region": "region",
    "winkel": "shop",
    "shop": "shop",
    "taal": "language",
    "language": "language",
}


class FileError(Exception):
    """The file as a whole cannot be used; the text says what to do."""


class Fate(StrEnum):
    """What became of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    NO_USER = "no user"
    NO_REGION = "no region"
    NO_LANGUAGE = "no language"
    LONG_SHOP = "long shop"
    PERSONAL_SHOP = "personal shop"
    TWICE = "twice"
    IS_POLICE = "is police"
    IS_BOT = "is bot"
    SERVER = "server"
    NOBODY = "nobody"
    SILENT = "silent"

    @property
    def taken(self) -> bool:
        """Whether the row is as it was meant."""
        return self in (Fate.NEW, Fate.CHANGED, Fate.SAME)


@dataclass(frozen=True, slots=True)
class Row:
    """One row, as it was typed; ``line`` is where it begins in the file."""

    line: int
    user: str
    region: str
    shop: str
    language: str


def text_of(content: bytes) -> str:
    """Return the text of a file: UTF-16 or UTF-8 with or without a mark, else Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def rows_of(content: bytes) -> list[Row]:
    """Read a file.

    Raises:
        FileError: it is too large, or has no column for the user or the region.
    """
    if len(content) > MAXIMUM_BYTES:
        raise FileError(f"The file is larger than {MAXIMUM_BYTES // 1_000_000} MB.")
    lines = text_of(content).replace("\0", "").splitlines(keepends=True)
    skipped = 0
    # Excel's own word for the separator may stand above the headings, and blank lines too.
    while lines and (not lines[0].strip() or lines[0].strip().casefold().startswith("sep=")):
        lines, skipped = lines[1:], skipped + 1
    if not lines:
        raise FileError("The file is empty.")
    separator = max(";,\t", key=lines[0].count)
    reader = csv.reader(io.StringIO("".join(lines)), delimiter=separator)
    try:
        columns = [_HEADINGS.get(heading.strip().casefold(), "") for heading in next(reader)]
        for name, words in (("user", "gebruiker"), ("region", "regio")):
            if name not in columns:
                raise FileError(
                    f"No column is called '{words}' (or '{name}'). The first line names the "
                    "columns: gebruiker;regio;winkel;taal"
                )
        rows = []
        line = reader.line_num
        for cells in reader:
            values = {
                name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name
            }
            if any(values.values()):
                rows.append(
                    Row(
                        line + skipped + 1,
                        values.get("user", ""),
                        values.get("region", ""),
                        values.get("shop", ""),
                        values.get("language", ""),
                    )
                )
            line = reader.line_num
    except csv.Error as error:
        raise FileError(f"The file is no CSV: {error}. Save it as CSV and try again.") from error
    if len(rows) > MAXIMUM_ROWS:
        raise FileError(f"The file has more than {MAXIMUM_ROWS} rows.")
    return rows


def judged(
    row: Row,
    roster: Roster,
    regions: Regions,
    bot: UserID,
    allowed: Callable[[UserID], bool],
    language: Language,
) -> tuple[Person, Fate] | Fate:
    """Return who somebody is once their row is taken, or why it is not.

    Args:
        language: of members for whom the row names none.
    """
    try:
        user = UserID(user_id(row.user))
    except ValueError:
        return Fate.NO_USER
    if roster.entered(user) is None:
        user = UserID(user.lower())
    if user == bot:
        return Fate.IS_BOT
    if not allowed(user):
        return Fate.SERVER
    region = regions.named(row.region)
    if region is None:
        return Fate.NO_REGION
    spoken = Language.called(row.language)
    if row.language and spoken is None:
        return Fate.NO_LANGUAGE
    shop = " ".join(legible(row.shop).split())
    if len(shop) > MAXIMUM_SHOP:
        return Fate.LONG_SHOP
    if shops.unfit(shop):
        return Fate.PERSONAL_SHOP
    known = roster.entered(user)
    if known is not None and Role.LIAISON in known.roles:
        return Fate.IS_POLICE
    person = let_in(roster, user, Role.MEMBER, region, shop or None, language)
    if spoken is not None:
        person = replace(person, language=spoken)
    if known is None:
        return person, Fate.NEW
    return person, Fate.SAME if person == known else Fate.CHANGED


def repeated(rows: Sequence[Row]) -> set[int]:
    """Return the lines that name somebody whom an earlier one names too."""
    seen: set[str] = set()
    again: set[int] = set()
    for row in rows:
        user = row.user.casefold()
        if user in seen:
            again.add(row.line)
        seen.add(user)
    return again
