"""A play: two reports, one shared and one turned down, between real encrypted clients.

::

    demo.py ──▶ stage ──▶ homeserver, `goudwacht run`, five people ──▶ scenes ──▶ transcript
                                                                         ▲
    a test's own service and people ─────────────────────────────────────┘

:mod:`~tests.play.cast` says who plays, :mod:`~tests.play.scenes` what they do and must see,
:mod:`~tests.play.transcript` how it is told. :mod:`~tests.play.stage` is the demo's alone: a test
brings its own homeserver and service. :mod:`~tests.play.recovery` lets a visitor's client in after
the play.
"""
