"""The two files: can they be used, do they agree, can others read them."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

from appservice.ids import RoomAlias
from appservice.registration import Registration
from bridge.configuration import Configuration
from bridge.doctor.examination import Fault
from bridge.doctor.installation import Installation

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


async def configuration(installation: Installation) -> Sequence[Fault]:
    """Look whether the configuration can be used."""
    _ = installation.configuration
    return ()


async def registration(installation: Installation) -> Sequence[Fault]:
    """Look whether the registration can be used."""
    _ = installation.registration
    return ()


async def files(installation: Installation) -> Sequence[Fault]:
    """Look whether only their owner can read the files with secrets in them."""
    paths = (installation.path, installation.configuration.registration)
    return [
        Fault(f"Others can read {path}, which holds secrets.", f"Type: chmod 600 {path}")
        for path in paths
        if path.exists() and _open_to_others(path)
    ]


def _open_to_others(path: Path) -> bool:
    return bool(path.stat().st_mode & _OTHERS)


async def agreement(installation: Installation) -> Sequence[Fault]:
    """Look whether the registration is of this configuration."""
    return disagreements(installation.configuration, installation.registration)


def disagreements(configuration: Configuration, registration: Registration) -> list[Fault]:
    """Return where the two do not fit together."""
    bot, path = configuration.bot_user, configuration.registration
    again = "Then give the homeserver its copy again and restart it."
    faults = []
    if not registration.owns_user(bot):
        faults.append(
            Fault(
                f"The bot {bot} is not in an exclusive user namespace of {path}.",
                "bot.localpart and homeserver.name in the configuration make the bot's user id: "
                f"put them right, or the regex under namespaces.users. {again}",
            )
        )
    if registration.sender_localpart == configuration.bot.localpart:
        faults.append(
            Fault(
                f"sender_localpart in {path} is the bot's own: a homeserver lets that user not "
                "sync, and the bot would get no keys.",
                f"Set sender_localpart: {configuration.bot.localpart}_as. {again}",
            )
        )
    alias = RoomAlias(f"#{configuration.bot.localpart}_review:{configuration.homeserver.name}")
    if not registration.owns_alias(alias):
        faults.append(
            Fault(
                f"Aliases such as {alias} are not in an exclusive alias namespace of {path}.",
                f"Put the regex under namespaces.aliases right. {again}",
            )
        )
    if registration.url.rstrip("/") != configuration.door.address:
        faults.append(
            Fault(
                f"url in {path} is {registration.url}; door.address in the configuration is "
                f"{configuration.door.address}.",
                f"Both are the address at which the homeserver reaches us. {again}",
            )
        )
    return faults
