"""What the operator can set, and what each value must be by itself.

One model per section of ``goudwacht.yaml``; all are frozen and refuse keys they do not know.
Which values fit together is in :mod:`bridge.configuration.checks`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from appservice.encryption.trust import KeySharing
from appservice.ids import DeviceID, UserID, server_of
from bridge.configuration.nearest import suggestion
from bridge.configuration.police import PoliceSettings
from bridge.configuration.section import Section as _Section
from bridge.configuration.section import TypeOfReport as _Type
from bridge.regions import DEFAULT_REGIONS, NATIONWIDE, Region, RegionCode
from bridge.reports.fields import ReportType
from bridge.wording import Language

DRIVERS: Final = ("sqlite+aiosqlite", "postgresql+asyncpg")

# A transaction holds up to 100 events of 64 KiB (application service API; client-server API,
# "Size limits"). One that is refused is sent again for ever, and everything behind it waits.
_LARGEST_TRANSACTION: Final = 100 * 65_536

_SERVER_NAME: Final = re.compile(
    r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,255})(?::\d{1,5})?"
)
_USER_ID: Final = re.compile(r"@[\x21-\x39\x3b-\x7e]+:(?P<server>.+)")


def _server_name(value: str) -> str:
    if not _SERVER_NAME.fullmatch(value):
        raise ValueError("is not a server name such as example.org (no https://, no path)")
    return value


def user_id(value: str) -> str:
    """Return ``value`` when it is a user id; raise :exc:`ValueError` otherwise."""
    match = _USER_ID.fullmatch(value)
    if not match or not _SERVER_NAME.fullmatch(match["server"]) or len(value) > 255:
        raise ValueError("is not a user id such as @anna:example.org")
    return value


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment:
        raise ValueError("is not an address such as http://localhost:8008")
    return value.rstrip("/")


def _timezone(value: object) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        # To list them all reads six hundred files.
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = "is not a time zone" + suggestion(value, available_timezones())
        raise ValueError(message) from None


def _database_url(value: str) -> str:
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError(
            "is not a database address such as sqlite+aiosqlite:///goudwacht.db or "
            "postgresql+asyncpg://user@host/name"
        ) from None
    if url.drivername not in DRIVERS:
        raise ValueError(
            f"'{url.drivername}' is not a database driver" + suggestion(url.drivername, DRIVERS)
        )
    if url.drivername == DRIVERS[0] and url.database in (None, "", ":memory:"):
        raise ValueError("names no file: a database in memory loses every key at a restart")
    return value


def _names_a_file(path: Path) -> Path:
    if not path.name:
        raise ValueError("names no file")
    return path


_ServerName = Annotated[str, AfterValidator(_server_name)]
_User = Annotated[UserID, AfterValidator(user_id)]
_Address = Annotated[str, AfterValidator(_address)]
_Words = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class HomeserverSettings(_Section):
    """The homeserver that the service belongs to."""

    url: _Address
    """Where its client-server API answers."""

    name: _ServerName
    """Its server name, the end of every user id on it."""


class DoorSettings(_Section):
    """Where the homeserver comes in."""

    host: _Words = "127.0.0.1"
    """Interface to listen on."""

    port: Annotated[int, Field(ge=1, le=65535)] = 29350
    address: _Address = "http://localhost:29350"
    """The same place as the homeserver reaches it; goes into the registration."""

    max_body_bytes: Annotated[int, Field(ge=_LARGEST_TRANSACTION)] = 10_485_760
    """Larger requests are refused unread. At least the largest transaction there can be."""


class BotSettings(_Section):
    """The user through which the service speaks."""

    localpart: Annotated[str, StringConstraints(pattern=r"^[a-z0-9._=/+-]+$", max_length=100)] = (
        "goudwacht"
    )
    device: Annotated[
        DeviceID, StringConstraints(pattern=r"^[A-Za-z0-9._~-]+$", max_length=100)
    ] = DeviceID("GOUDWACHT")
    """Its only device; another name is another device, which nobody has shared keys with."""

    display_name: _Words = "Goudwacht"


class DatabaseSettings(_Section):
    """Where everything is kept, and the secret under which the keys in it are encrypted."""

    url: Annotated[str, AfterValidator(_database_url), Field(repr=False)] = (
        "sqlite+aiosqlite:///goudwacht.db"
    )
    """An SQLAlchemy address. In a loaded configuration a path in it is absolute."""

    secret: Annotated[str, StringConstraints(min_length=32), Field(repr=False)]
    """At least 32 characters, from ``goudwacht init``. Lost: the keys are lost."""

    secret_file: Path | None = None
    """Where the secret stands instead, in a file of its own. In a loaded configuration: absolute,
    and :attr:`secret` is what it holds."""


class EncryptionSettings(_Section):
    """With whom room keys are shared."""

    share_keys_with: KeySharing = KeySharing.CROSS_SIGNED


class ReactionSettings(_Section):
    """Whose reactions decide.

    A reaction is not encrypted: who runs the homeserver of the reacting user can make one up.
    """

    trusted_homeservers: tuple[_ServerName, ...] = ()
    """Server names. In a loaded configuration: our own where none was given."""


class FederationSettings(_Section):
    """Which other homeservers take part."""

    allowed_servers: tuple[_ServerName, ...] = ()
    """Server names beside our own. Nobody of another one is invited, joins or is listened to."""


class InvitationSettings(_Section):
    """Who lets somebody in."""

    second_coordinator: bool = False
    """Whether a second coordinator has to confirm each invitation."""


class NetworkSettings(_Section):
    """How the network presents itself."""

    name: _Words = "Goudwacht"
    language: Language = Language.NL
    """Of shared rooms, and of members for whom nothing else is said."""

    timezone: Annotated[ZoneInfo, BeforeValidator(_timezone)] = ZoneInfo("Europe/Amsterdam")

    late_after_minutes: Annotated[int, Field(ge=1)] = 30
    """An alert that could not go out for so long is marked as late, and makes no phone ring."""


NATIONAL: Final[str] = NATIONWIDE
POLICE: Final = "politie"
"""Beside the types of a report, what two moderators may be needed for."""


def _needs_two(value: str) -> str:
    known = [NATIONAL, POLICE, *(kind.value for kind in ReportType)]
    if value not in known:
        raise ValueError("is nothing two moderators can be asked for" + suggestion(value, known))
    return value


class ModerationSettings(_Section):
    """How moderators decide, and how long that may take."""

    two_moderators: tuple[Annotated[str, AfterValidator(_needs_two)], ...] = (NATIONAL, POLICE)
    """What two different moderators must approve: types of report, a nationwide alert
    (``landelijk``), an alert that goes to the police too (``politie``)."""

    to_neighbours: tuple[_Type, ...] = ()
    """Types that go to the neighbouring regions by themselves."""

    grace_seconds: Annotated[int, Field(ge=0, le=600)] = 0
    """For so long an approval by ✅ waits, and is undone when the ✅ is removed."""

    call_after_minutes: Annotated[int, Field(ge=1)] = 15
    """A report that waits for so long is called out once, with a mention."""

    call_coordinators_after_minutes: Annotated[int, Field(ge=1)] = 30
    """When it still waits, the coordinators are called."""

    ask_outcome_after_hours: Annotated[int, Field(ge=1)] = 72
    """How it ended is asked of who shared it, once, when nobody told by then."""

    redact_after_hours: Annotated[int, Field(ge=0, le=720)] = 24
    """A withdrawn alert says so for so long, and is then removed from every room."""


_Days = Annotated[int, Field(ge=0, le=3_650)]


class ReportSettings(_Section):
    """How members make reports."""

    remind_after_minutes: Annotated[int, Field(ge=1)] = 30
    """A report that was begun and not sent is pointed out after so long, once."""

    discard_after_hours: Annotated[int, Field(ge=1, le=168)] = 72
    """When nothing was added to it for so long, it is thrown away."""

    most_a_minute: Annotated[int, Field(ge=1)] = 5
    """Reports that one member can send within a minute."""


class RetentionSettings(_Section):
    """How many days each kind of thing is kept, before it is erased at night."""

    drafts_days: _Days = 7
    """What was never sent, from its beginning."""

    rejected_days: _Days = 7
    """A rejected report, from the rejection."""

    reports_days: _Days = 28
    """The whole report, from its outcome or withdrawal; then what others were told stays."""

    alerts_days: _Days = 365
    """What others were told, from the sharing; then a figure stays, for ever."""

    conversations_days: _Days = 28
    """What was said in private rooms, the review room and liaison rooms."""

    set_aside_days: _Days = 30
    """Messages that the service could not send."""

    room_keys_days: Annotated[int, Field(ge=14, le=3_650)] = 60
    """Keys of what others wrote. A client uses one for at most a week."""

    audit_days: _Days = 730
    """Who decided what."""


class MemberEntry(_Section):
    """A jeweller who takes part."""

    user: _User
    region: RegionCode
    shop: _Words | None = None
    """Seen by moderators, never published."""

    language: Language = Language.NL
    """In a loaded configuration: the network's language where none was given."""


class LiaisonEntry(_Section):
    """A police officer who receives relayed alerts of a region."""

    user: _User
    region: RegionCode
    """A region with police, a unit, or ``landelijk``: which liaison room is theirs."""


class Configuration(_Section):
    """Everything the operator decides."""

    homeserver: HomeserverSettings
    door: DoorSettings = DoorSettings()
    bot: BotSettings = BotSettings()
    registration: Annotated[Path, AfterValidator(_names_a_file)] = Path("registration.yaml")
    """In a loaded configuration: absolute."""

    database: DatabaseSettings
    encryption: EncryptionSettings = EncryptionSettings()
    reactions: ReactionSettings = ReactionSettings()
    federation: FederationSettings = FederationSettings()
    police: PoliceSettings = PoliceSettings()
    network: NetworkSettings = NetworkSettings()
    invitations: InvitationSettings = InvitationSettings()
    moderation: ModerationSettings = ModerationSettings()
    reports: ReportSettings = ReportSettings()
    retention: RetentionSettings = RetentionSettings()
    regions: Annotated[tuple[Region, ...], Field(min_length=1)] = DEFAULT_REGIONS
    coordinators: tuple[_User, ...] = ()
    """May also do what a moderator does."""

    moderators: tuple[_User, ...] = ()
    members: tuple[MemberEntry, ...] = ()
    liaisons: tuple[LiaisonEntry, ...] = ()

    @property
    def bot_user(self) -> UserID:
        """The bot's user id."""
        return UserID(f"@{self.bot.localpart}:{self.homeserver.name}")

    @property
    def servers(self) -> tuple[str, ...]:
        """The homeservers whose users may take part, our own first."""
        return tuple(dict.fromkeys((self.homeserver.name, *self.federation.allowed_servers)))

    def may_take_part(self, user: UserID) -> bool:
        """Tell whether somebody's homeserver is our own or an allowed one."""
        return server_of(user) in self.servers

    def completed(self, directory: Path) -> Configuration:
        """Return it with everything filled in that follows from something else.

        Relative paths start from ``directory``; members for whom no language was given have the
        network's; where no homeserver is trusted for reactions, our own is.
        """
        trusted = self.reactions.trusted_homeservers or (self.homeserver.name,)
        language = self.network.language
        return self.model_copy(
            update={
                "registration": directory / self.registration,
                "database": self.database.model_copy(
                    update={"url": _with_absolute_path(self.database.url, directory)}
                ),
                "reactions": self.reactions.model_copy(update={"trusted_homeservers": trusted}),
                "members": tuple(
                    member
                    if "language" in member.model_fields_set
                    else member.model_copy(update={"language": language})
                    for member in self.members
                ),
            }
        )


def _with_absolute_path(database: str, directory: Path) -> str:
    url = make_url(database)
    if url.drivername != DRIVERS[0] or url.database is None or url.database.startswith("file:"):
        return database
    path = str(directory / url.database)
    return url.set(database=path).render_as_string(hide_password=False)
