"""Goudwacht: jewellers warn each other, and the police, and a moderator checks every word first.

::

    private room           review room                     alert rooms, liaison rooms
    ┌──────────┐           ┌───────────┐                   ┌────────────────────┐
    │ !melding │─▶ reports ─▶ card      │─▶ moderation ────▶│ relay.alert        │
    │ !verstuur│           │ ✅ 👮 ❌  │        │          │ police.relay       │
    └──────────┘           └───────────┘        │          └────────────────────┘
         ▲                                      │
         └── published to whom / rejected and why

Each folder is a topic of the federation: :mod:`~bridge.members`, :mod:`~bridge.regions`,
:mod:`~bridge.reports`, :mod:`~bridge.moderation`, :mod:`~bridge.relay`, :mod:`~bridge.police`,
:mod:`~bridge.tips`. Rooms that people open with the bot beside their own are
:mod:`~bridge.strange_rooms`.
A report is asked for in :mod:`~bridge.dialogue`; what may leave is judged by :mod:`~bridge.gate`,
and what may be posted at all, pictures not, by :mod:`~bridge.posting`.
What was decided, by whom and under which rule is kept by :mod:`~bridge.audit`; how long anything
is, by :mod:`~bridge.privacy`.
Inside a topic, decisions are functions of state and event that return what is to be said
(:class:`~bridge.speech.Say`); :mod:`~bridge.hearing` takes each event to its topic, and
:mod:`~bridge.speech` is where a saying becomes a message. Every word a person reads is in
``templates/`` (:mod:`~bridge.wording`). Nothing in here sees HTTP or ciphertext.

Where a rejected report tells its reporter why: :func:`bridge.moderation.decisions.reject`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.configuration import Configuration, ConfigurationError, load
    from bridge.language import Language
    from bridge.network import Network
    from bridge.wording import Wording, templates_directory

__all__ = [
    "Configuration",
    "ConfigurationError",
    "Language",
    "Network",
    "Wording",
    "load",
    "templates_directory",
]

_WHERE = {
    "Configuration": "bridge.configuration",
    "ConfigurationError": "bridge.configuration",
    "Language": "bridge.language",
    "Network": "bridge.network",
    "Wording": "bridge.wording",
    "load": "bridge.configuration",
    "templates_directory": "bridge.wording",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is: who only screens a text needs no homeserver's client."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
