"""The moderators' desk: every report is checked by a person before anyone else reads it.

::

    report sent ─▶ card ─▶ ✅ or !ok ─▶ approve ─▶ alerts, police, reporter told, card edited
                    ├────▶ ❌ or !nee ─▶ reject ─▶ reporter told why, card edited
                    ├────▶ ❓ or !vraag ─▶ questions ─▶ private room ─▶ answer in the thread
                    └────▶ !wijzig, !claim, !samen ─▶ changes, claims, merging
    shared ─▶ !update, !afloop ─▶ afterwards: alerts edited, threads, reporter told
        └───▶ !intrekken ─▶ withdrawal: alerts say so, and are later taken back out of the rooms

:mod:`~bridge.moderation.decisions` and :mod:`~bridge.moderation.choice` are pure, as are the
functions beside each class that answers a command; :mod:`~bridge.moderation.desk` carries out
what they return, and edits the :mod:`~bridge.moderation.card`.
"""
