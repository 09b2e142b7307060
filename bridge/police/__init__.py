"""What the police take part in: a liaison room for each unit, and one for the national police.

::

    decision ─▶ relaying ─▶ who wants it? (subscriptions) ─▶ relayed alert (relay) + CAP file (cap)
                                 ▲                                     │
    liaison room ─▶ liaison ─────┘          👍, !ontvangen ─▶ liaison ◀┘─▶ thread of the card

:mod:`~bridge.police.subscriptions`, :mod:`~bridge.police.relay` and :mod:`~bridge.police.cap` are
pure; :mod:`~bridge.police.records` keeps the subscriptions. Which regions a unit serves is in
:mod:`bridge.regions.unit`; what officers hear when their homeserver was away is
:mod:`~bridge.police.returning`. Without a liaison nothing of this is to be seen.
"""
