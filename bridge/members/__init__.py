"""Who takes part, and in which role.

:mod:`~bridge.members.roster` says who is who; :mod:`~bridge.members.preferences` keeps what a
member chose for themselves.
"""
