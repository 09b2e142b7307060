"""Where the files of a run go: in memory, where there is plenty of it.

Homeservers, database servers and clients write every commit through to the disk, and wait for it. A
process that is killed loses nothing by its files being in memory: they are the system's, as the
disk's cache is. ``TMPDIR`` decides where it is set.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import psutil

_MEMORY = Path("/dev/shm")
_NEEDED_BYTES = 3 * 1024**3


def use_memory() -> None:
    """Have temporary files of this process, and those it starts, made in memory if it has room."""
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return
    free = min(shutil.disk_usage(_MEMORY).free, psutil.virtual_memory().available // 2)
    if free >= _NEEDED_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
