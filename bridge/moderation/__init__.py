"""The moderators' desk: every report is checked by a person before anyone else reads it.

::

    report sent ─▶ card ─▶ ✅ or !ok ─▶ approve ─▶ alerts, police, reporter told, card edited
                    └────▶ ❌ or !nee ─▶ reject ─▶ reporter told why, card edited

:mod:`~bridge.moderation.decisions` is pure; :mod:`~bridge.moderation.reviewing` answers the review
room; :mod:`~bridge.moderation.card` is what moderators see.
"""
