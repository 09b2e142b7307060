"""``goudwacht``: the way in.

Screening a text needs neither a database nor a homeserver's client; it starts in a moment and in
little memory because they are not imported for it.

Nothing that is imported is ever garbage. Looking through it for some, again and again while it
grows, would be a seventh of the time a start takes; and afterwards it would be a pause in the
middle of an alert.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from functools import partial


def main() -> None:
    """Run the command that the arguments name; never returns."""
    gc.disable()
    command = _read()
    gc.freeze()
    gc.enable()
    command()


def _read() -> Callable[[], None]:
    if sys.argv[1:2] == ["screen"]:
        from bridge.gate.lines import main as screening

        return screening
    from bridge.command_line import app_for, run_app

    return partial(run_app, app_for(*sys.argv[1:2]))


if __name__ == "__main__":
    main()
