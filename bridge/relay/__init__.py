"""From an approved report to what others read of it.

:mod:`~bridge.relay.alert` makes the members' alerts. The police's version is
:mod:`bridge.police`'s.
"""
