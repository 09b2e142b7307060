"""The configuration: what the operator decides, read once at the start.

    goudwacht.yaml ──source──▶ values with their lines ──settings, checks──▶ Configuration
                                                        └─▶ ConfigurationError: every fault

:mod:`~bridge.configuration.source` reads YAML and remembers where each value stands,
:mod:`~bridge.configuration.settings` says what each value must be by itself,
:mod:`~bridge.configuration.checks` which values fit together, and
:mod:`~bridge.configuration.loading` puts them after one another.
"""

from bridge.configuration.loading import ConfigurationError, load, parse
from bridge.configuration.settings import (
    BotSettings,
    Configuration,
    DatabaseSettings,
    DoorSettings,
    EncryptionSettings,
    HomeserverSettings,
    LiaisonEntry,
    MemberEntry,
    NetworkSettings,
    ReactionSettings,
)
from bridge.configuration.source import Problem

__all__ = [
    "BotSettings",
    "Configuration",
    "ConfigurationError",
    "DatabaseSettings",
    "DoorSettings",
    "EncryptionSettings",
    "HomeserverSettings",
    "LiaisonEntry",
    "MemberEntry",
    "NetworkSettings",
    "Problem",
    "ReactionSettings",
    "load",
    "parse",
]
