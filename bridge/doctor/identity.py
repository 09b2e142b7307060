"""The bot's device and its cross-signing identity: is what the homeserver shows ours."""

from __future__ import annotations

from collections.abc import Sequence

from appservice.encryption.inspection import (
    DeviceFault,
    IdentityFault,
    Standing,
    inspect,
    load_stored,
)
from appservice.homeserver import MatrixError
from bridge.doctor.examination import Fault
from bridge.doctor.installation import Installation

_RESTART = "Restart the service: it publishes the same keys again."
_RESTORE = "Stop the service and restore the back-up of the database that belongs to this account. "

_DEVICE = {
    DeviceFault.RENAMED: Fault(
        "The database belongs to a device of another name than bot.device in the configuration.",
        "Put the former name back; a new one needs an empty database.",
    ),
    DeviceFault.GONE: Fault("The homeserver does not have the bot's device.", _RESTART),
    DeviceFault.REPLACED: Fault(
        "The homeserver has other keys for the bot's device than the database.",
        _RESTORE + "If it is lost, set another bot.device and type: goudwacht db lost",
    ),
}

_IDENTITY = {
    IdentityFault.NOT_PUBLISHED: Fault(
        "The homeserver has no cross-signing identity for the bot.", _RESTART
    ),
    IdentityFault.REPLACED: Fault(
        "The homeserver has another cross-signing identity for the bot than the database: members "
        "are warned, or get no keys from it.",
        _RESTORE + "If the database was not replaced, somebody with the as_token or an "
        "administrator of the homeserver did this: find out who before going on.",
    ),
    IdentityFault.DEVICE_NOT_SIGNED: Fault(
        "The bot's device is not signed by its identity: strict clients do not read it.", _RESTART
    ),
}


_NOT_MADE = Fault("The service never ran on this database.", "Start it: goudwacht run")


async def device(installation: Installation) -> Sequence[Fault]:
    """Look whether the homeserver has the bot's device with our keys."""
    standing = await _standing(installation)
    if isinstance(standing, Fault):
        return [standing]
    return () if standing.device is None else [_DEVICE[standing.device]]


async def identity(installation: Installation) -> Sequence[Fault]:
    """Look whether the bot's identity is ours, and its device signed by it."""
    standing = await _standing(installation)
    if isinstance(standing, Fault):
        return [standing]
    return () if standing.identity is None else [_IDENTITY[standing.identity]]


async def _standing(installation: Installation) -> Standing | Fault:
    configuration = installation.configuration
    bot = configuration.bot_user
    stored = await load_stored(installation.database, installation.vault, bot)
    if stored is None:
        return _NOT_MADE
    try:
        return await inspect(installation.bot, stored, configuration.bot.device)
    except MatrixError as error:
        return Fault(
            f"The homeserver does not let us speak for {bot} ({error.errcode}): it does not know "
            "the account, or its copy of the registration does not have it in a namespace.",
            "Copy the registration file to the homeserver again, restart that, then the service.",
        )
