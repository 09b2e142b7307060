"""The registration: the one file that the homeserver and the service share.

    Registration.fresh ──write──▶ registration.yaml ──copied──▶ homeserver
                                        │
                                        └──load──▶ the service

It says where the homeserver reaches the service, with which token each proves itself to the
other, and which users and aliases are the service's own (application service API,
"Registration"). A homeserver reads it only when it starts.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from appservice.ids import RoomAlias, UserID
from appservice.private_file import write_private

_HEADER = "# Holds secrets. The homeserver gets a copy and reads it when it starts.\n"


class RegistrationError(Exception):
    """The registration cannot be used; the text names every fault and what to do."""


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from error
    return pattern


# Long enough that nobody guesses it, which also keeps the commented example from being used.
_Token = Annotated[str, StringConstraints(min_length=20), Field(repr=False)]


class Namespace(BaseModel):
    """Identifiers in which the service takes an interest."""

    model_config = ConfigDict(frozen=True)

    regex: Annotated[str, AfterValidator(_compiles)]
    """Matched from the start of the whole identifier, sigil and server name included."""

    exclusive: bool = True
    """Whether nobody else on the homeserver may take such an identifier."""


class Namespaces(BaseModel):
    """What belongs to the service on its homeserver."""

    model_config = ConfigDict(frozen=True)

    users: tuple[Namespace, ...] = ()
    aliases: tuple[Namespace, ...] = ()
    rooms: tuple[Namespace, ...] = ()


class Registration(BaseModel):
    """What is agreed with the homeserver. Keys that are not ours to know are passed over."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    id: Annotated[str, StringConstraints(min_length=1)]
    """Unique among the services of the homeserver, and never changed once it has run."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+")]
    """Where the homeserver reaches the door."""

    as_token: _Token
    """Proves the service to the homeserver."""

    hs_token: _Token
    """Proves the homeserver to the service."""

    sender_localpart: Annotated[str, StringConstraints(pattern=r"^[a-z0-9._=/+-]+$")]
    """The service's own user, which does nothing: Synapse refuses ``/sync`` to it, and the bot
    has to sync. So the bot is another user, in the namespace."""

    namespaces: Namespaces
    rate_limited: bool = False
    """False, or an alert to a thousand members waits for the limiter."""

    receive_ephemeral: bool = False
    """No typing notices and receipts: nothing is done with them."""

    msc4190: Annotated[bool, Field(alias="io.element.msc4190")] = True
    """Whether the service makes its device itself instead of logging in (MSC4190)."""

    @model_validator(mode="after")
    def _two_tokens(self) -> Self:
        if secrets.compare_digest(self.as_token.encode(), self.hs_token.encode()):
            raise ValueError("as_token and hs_token must differ")
        return self

    @classmethod
    def fresh(
        cls,
        *,
        server_name: str,
        url: str,
        bot_localpart: str = "goudwacht",
        id: str | None = None,  # noqa: A002 - the name that the specification gives it
        sender_localpart: str | None = None,
        msc4190: bool = True,
    ) -> Self:
        """Make a registration with tokens that nobody has seen.

        ``server_name`` is the homeserver's, ``url`` where it reaches the door. The bot's user id
        and the aliases ``#<bot>_…`` become exclusively ours. ``id`` defaults to the bot's
        localpart, ``sender_localpart`` to the same with ``_as`` behind it.

        Raises :exc:`RegistrationError` when these make no usable registration.
        """
        sender = sender_localpart or f"{bot_localpart}_as"
        if sender == bot_localpart:
            raise RegistrationError(
                f"sender_localpart must not be the bot's own ('{bot_localpart}'): the bot could "
                f"not sync. Use '{bot_localpart}_as'."
            )
        bot, server = re.escape(bot_localpart), re.escape(server_name)
        try:
            return cls(
                id=id or bot_localpart,
                url=url.rstrip("/"),
                as_token=secrets.token_hex(32),
                hs_token=secrets.token_hex(32),
                sender_localpart=sender,
                namespaces=Namespaces(
                    users=(Namespace(regex=rf"^@{bot}:{server}$"),),
                    aliases=(Namespace(regex=rf"^#{bot}_.*:{server}$"),),
                ),
                msc4190=msc4190,
            )
        except ValidationError as error:
            raise RegistrationError(
                f"No registration can be made of this:\n{_told(error)}"
            ) from None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a registration.

        Raises :exc:`RegistrationError`, naming every fault, when it is missing or unusable.
        """
        remedy = "`goudwacht init` makes a new one; the homeserver then needs its copy."
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise RegistrationError(f"There is no registration at {path}. {remedy}") from None
        except OSError as error:
            raise RegistrationError(f"{path} cannot be read: {error.strerror}.") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise RegistrationError(
                f"{path} is not YAML: {_in_one_line(error)}. {remedy}"
            ) from None
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise RegistrationError(
                f"{path} is no usable registration:\n{_told(error)}\n{remedy}"
            ) from None

    def write(self, path: Path, *, force: bool = False) -> None:
        """Write it to ``path``, mode 0600, wholly or not at all.

        Raises :exc:`RegistrationError` when there is a file already and ``force`` is not given:
        its tokens are the ones the homeserver knows.
        """
        try:
            write_private(path, self.to_yaml(), force=force)
        except FileExistsError:
            raise RegistrationError(
                f"{path} exists already, with the tokens that the homeserver knows. "
                "It is replaced only with --force."
            ) from None

    def to_yaml(self) -> str:
        """Return the text of the file, secrets included."""
        content: dict[str, Any] = self.model_dump(mode="json", by_alias=True)
        return _HEADER + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)

    def owns_user(self, user: UserID) -> bool:
        """Say whether a user is in the service's own namespace: the bot has to be."""
        return _match(self.namespaces.users, user)

    def owns_alias(self, alias: RoomAlias) -> bool:
        """Say whether a room alias is in the service's own namespace."""
        return _match(self.namespaces.aliases, alias)


def _match(namespaces: tuple[Namespace, ...], identifier: str) -> bool:
    return any(
        namespace.exclusive and re.match(namespace.regex, identifier) for namespace in namespaces
    )


def _told(error: ValidationError) -> str:
    """One line a fault, without the value: it may be a token."""
    return "\n".join(
        "  " + ": ".join(filter(None, (".".join(map(str, fault["loc"])), _reason(fault["msg"]))))
        for fault in error.errors(include_input=False, include_url=False)
    )


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())
