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


def main() -> None:
    """Run the command that the arguments name; never returns."""
    gc.disable()
    if sys.argv[1:2] == ["screen"]:
        from bridge.gate.lines import main as command
    else:
        from bridge.command_line import main as command
    gc.freeze()
    gc.enable()
    command()


if __name__ == "__main__":
    main()
