"""Tips: what members saw of an alert, for the moderators and for nobody else.

::

    👀 on an alert ─▶ a question in one's private room ─▶ what is typed there ─┐
    !tip #n text, or a reply to the question ─────────────────────────────────┴─▶ card's thread
                                                   thanks, and a way to say "not me" ◀─┘
    !afloop ─▶ followers ─▶ who gave a tip hears how it ended

A tap is not encrypted and whoever runs the homeserver of its sender can make one up: it asks,
and tells nothing. The text stands in the thread of the card and nowhere else; what is kept here is
who gave a tip about what, until the case is erased. Nothing goes to the region's room.
"""

from bridge.tips.tipping import Tipping

__all__ = ["Tipping"]
