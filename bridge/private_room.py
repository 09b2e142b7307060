"""The private room: the words that are about the member and not about a report."""

from __future__ import annotations

from bridge.commands import Asked
from bridge.members.preferences import choose_language
from bridge.places import PrivateRoom
from bridge.speech import Refused, Say, Speaker
from bridge.wording import Language

_LANGUAGES = {
    "nl": Language.NL,
    "nederlands": Language.NL,
    "dutch": Language.NL,
    "en": Language.EN,
    "engels": Language.EN,
    "english": Language.EN,
}


class PrivateRooms:
    """Welcomes members and keeps their choices."""

    def __init__(self, speaker: Speaker, network: str) -> None:
        self._speaker = speaker
        self._network = network

    def welcome(self, place: PrivateRoom) -> Say:
        """Return the first words to a member; said once, however often they come back."""
        return Say(
            place, "member/welcome", {"network": self._network}, name=f"welcome/{place.user}"
        )

    async def language(self, asked: Asked) -> None:
        """``!taal en``."""
        language = _LANGUAGES.get(asked.argument.strip().casefold())
        if language is None:
            raise Refused("member/which_language")
        await choose_language(asked.work, asked.person.user, language)
        await self._speaker.say(asked.work, [Say(asked.place, "member/language_set")], asked.now)
