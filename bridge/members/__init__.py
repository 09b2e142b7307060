"""Who takes part, and in which role.

::

    configuration (once), coordinators, members import ──▶ register ──▶ Roster

:mod:`~bridge.members.roster` says who is who; :mod:`~bridge.members.register` keeps that, and the
regions, in the database (:mod:`~bridge.members.records`); :mod:`~bridge.members.preferences` keeps
what a member chose for themselves.
"""
