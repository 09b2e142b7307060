"""What is examined: the files, the database and the ways to the homeserver, opened when asked for.

Each part is opened by the check that looks whether it can be; checks that need it come later.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from appservice.database import Database
from appservice.homeserver import Homeserver
from appservice.ids import UserID
from appservice.registration import Registration
from appservice.vault import Vault
from bridge.configuration import Configuration, load


class Installation:
    """One configuration file and all that belongs to it.

    Args:
        path: of the configuration file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def configuration(self) -> Configuration:
        """What the file says; raises :exc:`~bridge.configuration.ConfigurationError`."""
        return load(self.path)

    @cached_property
    def registration(self) -> Registration:
        """Raises :exc:`~appservice.registration.RegistrationError`."""
        return Registration.load(self.configuration.registration)

    @cached_property
    def database(self) -> Database:
        """The database, whether it answers or not."""
        return Database(self.configuration.database.url)

    @cached_property
    def vault(self) -> Vault:
        """The vault under the configured secret."""
        return Vault(self.configuration.database.secret)

    @cached_property
    def anybody(self) -> Homeserver:
        """A way to the homeserver that proves nothing."""
        return Homeserver(self.configuration.homeserver.url, "", self._sender, masquerade=False)

    @cached_property
    def sender(self) -> Homeserver:
        """A way to the homeserver as the application service itself."""
        return Homeserver(
            self.configuration.homeserver.url,
            self.registration.as_token,
            self._sender,
            masquerade=False,
        )

    @cached_property
    def bot(self) -> Homeserver:
        """A way to the homeserver as the bot, on no device."""
        return Homeserver(
            self.configuration.homeserver.url,
            self.registration.as_token,
            self.configuration.bot_user,
        )

    @property
    def _sender(self) -> UserID:
        # Not masquerading, it names nobody in its calls.
        return self.configuration.bot_user

    async def close(self) -> None:
        """Close what was opened."""
        opened = vars(self)
        for name in ("anybody", "sender", "bot", "database"):
            if name in opened:
                await opened[name].close()
