"""The rooms the bot owns: what they should be, who is in them, and holding the two together.

::

    domain's records ─▶ plan ──┐
                               ├─▶ drift (pure) ─▶ keeper ─▶ createRoom, invite, kick, state
    homeserver's state ────────┘

:mod:`~appservice.rooms.plan` is pure; :mod:`~appservice.rooms.records` is the database;
:mod:`~appservice.rooms.keeper` speaks to the homeserver, and by
:mod:`~appservice.rooms.directory` keeps rooms out of where strangers look for them.
"""
