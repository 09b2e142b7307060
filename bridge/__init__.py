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
:mod:`~bridge.tips`, :mod:`~bridge.audit` (what was decided, by whom and under which rule),
:mod:`~bridge.privacy` (how long anything is kept). A report is asked for in
:mod:`~bridge.dialogue`; what may leave is judged by :mod:`~bridge.gate`, and what may be posted at
all, pictures not, by :mod:`~bridge.posting`.

Each kind of room is put together in one place: :mod:`bridge.private_room`,
:mod:`bridge.moderation.room` with :mod:`bridge.members.coordinating`, :mod:`bridge.police.liaison`;
rooms that people open with the bot beside their own in :mod:`~bridge.strange_rooms`. Which rooms
there are and who belongs in them tells :mod:`~bridge.places`.

One way through: :mod:`~bridge.network` gets each event, :mod:`~bridge.hearing` takes it to its
topic, a command by :mod:`~bridge.commands`. Inside a topic, decisions are functions of state and
event that return what is to be said (:class:`~bridge.speech.Say`), and :mod:`~bridge.speech` is
where a saying becomes a message. Every word a person reads is in ``templates/``
(:mod:`~bridge.wording`, :mod:`~bridge.language`). Nothing in here sees HTTP or ciphertext.

For the operator: :mod:`~bridge.configuration`, :mod:`~bridge.command_line`, :mod:`~bridge.doctor`,
and the database's schema, :mod:`~bridge.migrations`.

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
