"""The rooms the bot owns: what they should be, who is in them, and holding the two together.

::

    domain's records ─▶ plan ──┐
                               ├─▶ drift (pure) ─▶ keeper ─▶ createRoom, invite, kick, state
    homeserver's state ────────┘

:mod:`~appservice.rooms.plan` is pure; :mod:`~appservice.rooms.records` is the database;
:mod:`~appservice.rooms.keeper` speaks to the homeserver, by :mod:`~appservice.rooms.inviting` to
those of others, and by :mod:`~appservice.rooms.directory` keeps rooms out of where strangers look
for them. :mod:`~appservice.rooms.upgrades` follows a room that was replaced, and
:mod:`~appservice.rooms.errands` are small requests about rooms.
"""
