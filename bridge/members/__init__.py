"""Who takes part, and in which role.

::

    configuration (once), coordinators, members import ──▶ register ──▶ Roster

:mod:`~bridge.members.roster` says who is who; :mod:`~bridge.members.register` keeps that, and the
regions, in the database (:mod:`~bridge.members.records`). What coordinators do is put together in
:mod:`~bridge.members.coordinating`: :mod:`~bridge.members.inviting`,
:mod:`~bridge.members.leaving`, :mod:`~bridge.members.roles`, :mod:`~bridge.members.trusting`,
:mod:`~bridge.members.listing`, and :mod:`~bridge.members.guarding` for the rooms; what they may is
in :mod:`~bridge.members.decisions`. :mod:`~bridge.members.preferences` keeps
what a member chose for themselves.
"""
