"""Files that hold secrets: readable by their owner alone, and never half written."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_private(path: Path, text: str, *, force: bool = False) -> None:
    """Write ``text`` to ``path`` as UTF-8 with mode 0600, wholly or not at all.

    A reader sees the former file or the new one, also when the machine stops in between.
    Without ``force`` an existing file (or a dangling link) is left as it is.

    Raises :exc:`FileExistsError` when there is one and ``force`` is not given, and any other
    :exc:`OSError` of the directory.
    """
    # The name is not to be guessed and opening is exclusive: nobody else's file is filled.
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)  # whatever the umask
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if force:
            fresh.replace(path)
        else:
            # Unlike a rename, a link never replaces.
            path.hardlink_to(fresh)
    finally:
        fresh.unlink(missing_ok=True)
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
