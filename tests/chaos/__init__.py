"""``make chaos``: the whole flow while its three processes are killed at random points.

::

    seed ─▶ plan.rounds ─▶ for each round:
                             acting ......... members report, moderators decide ──┐ moments
                             victims ........ Synapse, PostgreSQL, `goudwacht run`◀┘ kill -9, start
                           quiet: everything has drained
                             account ........ what every client saw, against what was decided
                                  ▼
                           a table; exit status 0 only without loss, double or unreadable message

The same seed makes the same plan: who reports, who decides how, what is killed at which moment
and for how long. When exactly a process dies is up to the machine, as it is in life.

A message that a client cannot send is the client's to repeat, under the same transaction id, as
every client does. What the network owes begins when the homeserver took it.
"""
