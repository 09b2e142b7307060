"""Who is meant by what a coordinator typed."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from appservice.ids import UserID
from bridge.configuration.settings import user_id
from bridge.members.roster import Roster
from bridge.speech import Refused

_LINK: Final = re.compile(r"^<?https://matrix\.to/#/(?P<user>[^?>\s]+).*$", re.IGNORECASE)

MAXIMUM_SHOP = 100
"""Characters of a shop's name."""


def split_user(text: str, roster: Roster) -> tuple[UserID, str]:
    """Return the user id with which a text begins, and what follows.

    A phone begins a word with a capital: an id that is nobody's as it stands is read in small
    letters, as homeservers give them out.

    Raises:
        Refused: it begins with no user id.
    """
    typed, _, rest = text.strip().partition(" ")
    link = _LINK.match(typed)
    word = (unquote(link["user"]) if link else typed).rstrip(":,")
    try:
        user = UserID(user_id(word))
    except ValueError:
        raise Refused("members/which_user", typed=typed[:60]) from None
    if roster.entered(user) is None:
        user = UserID(user.lower())
    return user, rest.strip()
