"""Who moderates and who coordinates: ``!rol``."""

from __future__ import annotations

from typing import Final

from bridge.audit import Audit, Deed, Entry
from bridge.commands import Asked
from bridge.members.decisions import in_role
from bridge.members.inviting import Inviting
from bridge.members.naming import split_user
from bridge.members.register import Register
from bridge.members.roster import Role
from bridge.speech import Refused, Say, Speaker

_WORDS: Final = {
    "moderator": Role.MODERATOR,
    "coordinator": Role.COORDINATOR,
    "coördinator": Role.COORDINATOR,
    "lid": Role.MEMBER,
    "member": Role.MEMBER,
}


class Roles:
    """Answers ``!rol``.

    Args:
        register: who takes part.
        inviting: lets in who does not take part yet.
        speaker: tells the desk.
        audit: keeps who made whom what.
    """

    def __init__(
        self, register: Register, inviting: Inviting, speaker: Speaker, audit: Audit
    ) -> None:
        self._register = register
        self._roster = register.roster
        self._inviting = inviting
        self._speaker = speaker
        self._audit = audit

    async def change(self, asked: Asked) -> None:
        """``!rol @user:hs moderator|coordinator|lid``."""
        user, word = split_user(asked.argument, self._roster)
        role = _WORDS.get(word.casefold())
        if role is None:
            raise Refused("members/which_role", user=user)
        person = self._roster.person(user)
        if person is None:
            if role is Role.MEMBER:
                raise Refused("members/unknown", user=user)
            await self._inviting.ask(asked, user, role)
            return
        await self._register.put(asked.work, in_role(self._roster, person, role), asked.now)
        entry = Entry(
            Deed.ROLE_CHANGED, by=asked.person.user, about=user, details={"role": role.value}
        )
        await self._audit.record(asked.work, entry, asked.now)
        say = Say(
            asked.place,
            "members/role_changed",
            {"user": user, "role": role},
            reply_to=asked.message.event_id,
        )
        await self._speaker.say(asked.work, [say], asked.now)
