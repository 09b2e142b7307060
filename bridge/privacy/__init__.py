"""What is kept about people and reports, for how long, and who can see and end it.

::

    every night ─▶ sweep ─▶ terms: is its time over? ─▶ clearing: database, keys, rooms
                                                           └─▶ remains: a figure without a text
    !inzage ─▶ own_data     !wis, members erase ─▶ erasing

PRIVACY.md tells the federation's officer the same in plain words, with the test of each claim.
"""
