"""``goudwacht``: the way in.

Screening a text needs neither a database nor a homeserver's client; it starts in a moment and in
little memory because they are not imported for it.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command that the arguments name; never returns."""
    if sys.argv[1:2] == ["screen"]:
        from bridge.gate.lines import main as command
    else:
        from bridge.command_line import main as command
    command()


if __name__ == "__main__":
    main()
