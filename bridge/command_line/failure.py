"""How a command says that it cannot go on."""

from __future__ import annotations


class CommandError(Exception):
    """The text tells the operator why, and what to do; the exit status is 1."""
